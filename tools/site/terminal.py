"""The command line's reference, from the application itself: every command, option and default as --help has them.

typer's own `utils docs` writes one long list without anchors, and the plugins that exist for this are made for click,
which recent versions of typer do not use any more. So this asks what typer's own writer asks.
"""

from __future__ import annotations

import re
from typing import Any

import typer
from markup import definitions, plain

from mangosaurus.cli.app import app

NOTES = re.compile(r"\s*\[((?:default: |required|\d[^\[\]]*<=?x).*)\]$", re.DOTALL)
OPTION = re.compile(r"(?<![\w/-])(--?[a-z][a-z-]*)(?![\w/])")


def commands() -> str:
    """An overview, and a section for each command, in the order of --help."""
    group: Any = typer.main.get_command(app)
    root = typer.Context(group, info_name="mangosaurus", **group.context_settings)
    overview = []
    sections = [f"## `mangosaurus` {{ #general }}\n\n{_parameters(group, root, 'general')}"]
    for name in group.list_commands(root):
        command = group.get_command(root, name)
        first = command.help.split("\n\n")[0].replace("\n", " ")
        overview.append(f"- [`{name}`](#{name}): {_prose(first)}")
        sections.append(_section(command, root, name))
    return "\n\n".join(["\n".join(overview), *sections])


def _section(command: Any, root: typer.Context, name: str) -> str:
    context = typer.Context(command, info_name=name, parent=root)
    arguments = [_shown(each, context) for each in command.get_params(context) if _is_argument(each)]
    usage = " ".join(["mangosaurus", name, "[OPTIONS]", *(shown.split(" ")[0] for shown in arguments)])
    heading = f"## `mangosaurus {name}` {{ #{name} data-toc-label='{name}' }}"
    return "\n\n".join([heading, _prose(command.help), f"```text\n{usage}\n```", _parameters(command, context, name)])


def _parameters(command: Any, context: typer.Context, name: str) -> str:
    """A definition list with an anchor for each, arguments first."""
    found = []
    for parameter in sorted(command.get_params(context), key=_is_argument, reverse=True):
        help = parameter.get_help_record(context)[1]
        notes = NOTES.search(help)
        meaning = _prose(NOTES.sub("", help)) + (f" {_note(notes[1])}" if notes else "")
        anchor = f"{name}-{parameter.name.replace('_', '-')}"
        found.append((f"`{_shown(parameter, context)}` {{ #{anchor} }}", meaning))
    return definitions(found)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _shown(parameter: Any, context: typer.Context) -> str:
    """`--budget <str>` or `[CORPUS]... <list[str]>`."""
    words: str = parameter.get_help_record(context)[0]
    name, space, kind = words.partition(" ")
    return name.upper() + space + kind if _is_argument(parameter) else words


def _note(note: str) -> str:
    """Of "default: 8000; 0<=x<=65535" the Markdown."""
    said = []
    for part in re.split(r"; (?![^()]*\))", note):
        word, _, value = part.partition(": ")
        code = value.removeprefix("(").removesuffix(")") or word
        said.append(f"{word} `{code}`" if value else "required" if word == "required" else f"`{word}`")
    return f"*({', '.join(said)})*"


def _prose(text: str) -> str:
    """Plain text as Markdown, options as code."""
    parts = re.split(r"(`[^`]*`)", plain(text))
    parts[::2] = [OPTION.sub(r"`\1`", part) for part in parts[::2]]
    return "".join(parts)
