"""Checks of every command: an option must not be repeated, nor be given where it has no effect.

The library makes the checks that Python users need too.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from mangosaurus.cli.help import GROUPED, OUT, RARE, arrange, name_values, print_examples
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import MangosaurusError, Option
from mangosaurus.training.settings import Settings

if TYPE_CHECKING:
    from mangosaurus.data.corpus import Corpus

FURTHER = ("seed", "format", "lowercase", "column", "sheet", "records", "encoding", "skip_bad_lines")
"""The settings of a model that is trained further."""
GOES_WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "train": {"force": ("out",), "epochs": ("start",)},
    "sample": {"force": ("out",), "column": ("like", "unlike")},
    "top": {"force": ("out",)},
    "write": {"force": ("out",)},
    "score": {"force": ("html", "out")},
    "classify": {"force": ("out",)},
    "info": {"force": ("out",)},
    "corpora": {"force": ("out",)},
    "classic": {"force": ("out",)},
    "evaluate": {"force": ("out",), "training": ("samples",)},
}
"""Options of a command that have no effect without one of others, by the names of their parameters."""
REPLACES: dict[str, dict[str, tuple[str, ...]]] = {
    "sample": {"best": ("scores",)},
    "train": {
        "start": (
            *(each.name for each in fields(Settings) if each.name not in FURTHER),
            *("holdout", "checkpoint", "every", "resume"),
        ),
    },
}
"""Options of a command, and the options that have no effect with each."""

WITH_METAVAR = {"training"}
"""Options that messages show with their metavar, because few users know them."""


class Commands(TyperGroup):
    """All of them."""

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _switch(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As usual, with the examples at its end."""
        name_values(self)
        super().format_help(ctx, formatter)
        print_examples(None)


class Command(TyperCommand):
    """A command of `mangosaurus`."""

    epilog: str | None

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        arrange(self)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As usual, with the examples at its end as they are typed."""
        in_documentation, self.epilog = self.epilog, None
        super().format_help(ctx, formatter)
        self.epilog = in_documentation
        print_examples(self.name)

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, which is the last of the last group."""
        found = _switch(super().get_help_option(ctx))
        if found is not None:
            last = RARE if any(getattr(each, "rich_help_panel", None) == RARE for each in self.params) else OUT
            found.rich_help_panel = last if self.name in GROUPED else None
        return found

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses as usual. Raises UsageError for options that would be ignored."""
        _, _, order = self.make_parser(ctx).parse_args([*args])
        self._check(ctx, Counter(each for each in order if each in self.params))
        return super().parse_args(ctx, args)

    def _check(self, ctx: Any, counts: Counter[Any]) -> None:
        """Raises UsageError for options that would be ignored; `counts` has the number of times each was given."""
        given = {parameter.name: "/".join(parameter.opts + parameter.secondary_opts) for parameter in counts}
        called = {each.name: each.opts[-1] for each in self.params}
        for parameter, count in counts.items():
            switch = getattr(parameter, "is_flag", False) and not parameter.secondary_opts
            if count > 1 and not parameter.multiple and not switch:
                ctx.fail(f"{given[parameter.name]} is given {count} times; give it once")
        for option, needed in GOES_WITH.get(self.name or "", {}).items():
            if option in given and not given.keys() & {*needed}:
                ctx.fail(f"{called[option]} needs {' or '.join(called[each] for each in needed)}")
        for option, replaced in REPLACES.get(self.name or "", {}).items():
            for other in replaced:
                if option in given and other in given:
                    ctx.fail(f"{given[other]} has no effect with {called[option]}: leave one of them out")

    def invoke(self, ctx: Any) -> Any:
        """Runs the command. The message of a MangosaurusError names options as the command line writes them."""
        _running[:] = [self, *ctx.parent.command.commands.values()]
        try:
            return super().invoke(ctx)
        except MangosaurusError as error:
            if error.option is None:
                raise
            raise MangosaurusError(error.spelled(spelled)) from error


def _switch(option: Any) -> Any:
    """An option that takes no value, and says so in the help."""
    if option is not None:
        option.metavar = ""
    return option


def tell(corpus: Corpus) -> None:
    """Says what the files of a corpus were taken for, and what was left out: a line each."""
    for note in corpus.notes:
        say(told(note))


def told(note: str) -> str:
    """A note as the command line writes options."""
    return re.sub("`([a-z_]+)`", lambda match: spelled(Option(match[1])), note)


_running: list[Any] = []
"""The running command, followed by all others."""


def spelled(option: Option) -> str:
    """How the command that runs writes an option: `--max-length`, `--no-labels`, `--training FILE`.

    An option of another command is written as that command does, and any other as in Python.
    """
    name = {"overwrite": "force"}.get(option.name, option.name)
    found: Any = next((each for command in _running for each in command.params if each.name == name), None)
    if found is None:
        return str(option)
    if found.param_type_name == "argument":
        return str(found.metavar or found.name).strip("[].").upper()
    if option.value is False and found.secondary_opts:
        return str(found.secondary_opts[-1])
    metavar = f" {found.metavar}" if name in WITH_METAVAR and found.metavar else ""
    value = "" if option.value is None or isinstance(option.value, bool) else f" {option.value}"
    return f"{found.opts[-1]}{value or metavar}"
