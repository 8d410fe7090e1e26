"""The pages of `--help`: the usage, what the command does, its options in panels, and examples."""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any

import click

from mangosaurus.cli.help import EXAMPLES

LEAST = 24
"""In columns. Where less is left for the help of an option, it is below the option."""
COLOURS: tuple[Mapping[str, Any], ...] = (
    {"fg": "red"},
    {"fg": "cyan", "bold": True},
    {"fg": "green", "bold": True},
    {"fg": "magenta", "bold": True},
    {"fg": "yellow", "bold": True},
    {},
)
"""Of the columns of a panel."""
Row = tuple[str, str, str, str, str, str]
"""Of an option: a star if it is required, its long names, its short names, those of its opposite, the word for its
value, and its help."""


def page(command: Any, context: Any, panels: Mapping[str, Sequence[Row]]) -> str:
    """The help of a command; `panels` has the rows of each panel by its title."""
    width = max(shutil.get_terminal_size().columns, 2 * LEAST)
    usage = textwrap.wrap(" ".join(command.get_usage(context).split()), width - 2, subsequent_indent=" " * 7)
    usage[0] = usage[0].replace("Usage:", click.style("Usage:", fg="yellow"))
    lines = ["", *(f" {line}" for line in usage), ""]
    for paragraph in paragraphs(command):
        lines += [f" {line}" for line in textwrap.wrap(paragraph, width - 2)] + [""]
    for title, rows in panels.items():
        lines += _panel(title, rows, width)
    if examples := EXAMPLES.get(command.name if context.parent else "", ()):
        lines += [" Examples:", "", *(f"   {line}" for line in examples)]
    text = "\n".join([*lines, ""])
    return click.unstyle(text) if os.environ.get("NO_COLOR") else text


def paragraphs(command: Any) -> list[str]:
    """What a command does."""
    return [" ".join(each.split()) for each in cleandoc(command.help or "").split("\n\n")]


def row(parameter: Any) -> Row:
    """The row of an option or an argument."""
    star = "*" if parameter.required else ""
    about = parameter.help + (" [required]" if parameter.required else "")
    if parameter.param_type_name == "argument":
        return star, parameter.metavar.strip("[]."), "", "", "", about
    long = ",".join(name for name in parameter.opts if name.startswith("--"))
    short = ",".join(name for name in parameter.opts if not name.startswith("--"))
    default = None if parameter.is_flag or parameter.multiple else parameter.default
    if isinstance(default, (int, float, os.PathLike)) or (isinstance(default, str) and default.strip()):
        about += f" [default: {default}]"
    return star, long, short, ",".join(parameter.secondary_opts), parameter.metavar or "", about


def _panel(title: str, rows: Iterable[Row], width: int) -> Iterator[str]:
    """The lines of a panel."""
    table = [*rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)][:-1]
    room = width - 4 - sum(each + 2 for each in widths if each)
    below = room < LEAST
    top = f"─ {title} "
    yield click.style(f"╭{top}{'─' * (width - 2 - len(top))}╮", dim=True)
    for *names, about in table:
        sizes = [len(name) for name in names] if below else widths
        cells = [
            click.style(name.ljust(size), **colour) + "  "
            for name, size, colour in zip(names, sizes, COLOURS, strict=False)
            if size
        ]
        used = sum(size + 2 for size in sizes if size)
        first, *more = ["", *_wrapped(about, width - 8)] if below else _wrapped(about, room)
        yield _line("".join(cells), used, first, width)
        indent = 4 if below else used
        for line in more:
            yield _line(" " * indent, indent, line, width)
    yield click.style(f"╰{'─' * (width - 2)}╯", dim=True)


def _line(head: str, used: int, text: str, width: int) -> str:
    edge = click.style("│", dim=True)
    return f"{edge} {head}{text}{' ' * (width - 4 - used - len(text))} {edge}"


def _wrapped(about: str, width: int) -> list[str]:
    """The help of an option in lines; a default is not broken."""
    whole = re.sub(r"\[default: .*\]$", lambda found: found[0].replace(" ", "\xa0"), about)
    return [line.replace("\xa0", " ") for line in textwrap.wrap(whole, width)] or [""]
