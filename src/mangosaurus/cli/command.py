"""Checks of every command: an option must not be repeated, nor be given where it has no effect.

The library makes the checks that Python users need too.
"""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from mangosaurus.cli.help import COMMANDS, GROUPED, OUT, RARE, arrange, place
from mangosaurus.cli.parameters import parameters_of
from mangosaurus.cli.signals import Ended
from mangosaurus.cli.streams import results_shown, say
from mangosaurus.core.errors import MangosaurusError, Option

if TYPE_CHECKING:
    from mangosaurus.cli.pages import Row
    from mangosaurus.data.corpus import Corpus

FURTHER = ("seed", "format", "lowercase", "column", "sheet", "records", "encoding", "skip_bad_lines")
"""The settings of a model that is trained further."""
GOES_WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "train": {"force": ("out",), "epochs": ("start",)},
    "sample": {"force": ("out",), "column": ("like", "unlike", "training", "avoid")},
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
    "train": {"start": ("holdout", "checkpoint", "every", "resume")},
}
"""Options of a command, and the options that have no effect with each. `--from` replaces most settings too."""
LEAST_LIKE = 0.7
"""How like a known option or command a misspelt one is: the ratio of difflib."""
INSTEAD = {
    "--not-prefix": "--not-pattern 'Ab.*'",
    "--not-suffix": "--not-pattern '.*ab'",
    "--not-contains": "--not-pattern '.*ab.*'",
    "--begins": "--prefix Ab",
    "--begins-with": "--prefix Ab",
    "--starts-with": "--prefix Ab",
    "--ends": "--suffix ab",
    "--ends-with": "--suffix ab",
    "--new": "nothing, for only --allow-known lets names of the training list in",
}
"""What has the meaning of an option that there is not."""
WITH_METAVAR = {"training"}
"""Options that messages show with their metavar, because few users know them."""


class Commands(click.Group):
    """All of them. `load` gives the function of a command by its name, which imports its file."""

    def __init__(self, load: Callable[[str], Callable[..., None]], **options: Any) -> None:
        super().__init__(**options)
        self.commands: MutableMapping[str, click.Command] = cast(Any, OnDemand(load))

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that is named. Ctrl-C ends it: click would first write an empty line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Ended(signal.SIGINT) from error

    def get_help(self, ctx: Any) -> str:
        """The options, and the commands in their groups."""
        from mangosaurus.cli.pages import page, row

        panels = {"Options": [row(each) for each in self.get_params(ctx)]}
        for group, commands in COMMANDS.items():
            panels[group] = [("", name, "", "", "", about) for name, about in commands.items()]
        return page(self, ctx, panels)


class OnDemand(Mapping[str, click.Command]):
    """The commands by their names. A command is made, and its file imported, when it is looked up."""

    def __init__(self, load: Callable[[str], Callable[..., None]]) -> None:
        self._load = load
        self._names = [name for group in COMMANDS.values() for name in group]
        self._made: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            function = self._load(name)
            made = Command(
                name, callback=results_shown()(function), params=parameters_of(function), help=function.__doc__
            )
            self._made[name] = made
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Command(click.Command):
    """A command of `mangosaurus`."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        arrange(self)

    def get_help(self, ctx: Any) -> str:
        """The arguments, and the options in their groups."""
        from mangosaurus.cli.pages import page, row

        panels: dict[str, list[Row]] = {}
        for each in self.get_params(ctx):
            title = "Arguments" if each.param_type_name == "argument" else getattr(each, "group", None) or "Options"
            panels.setdefault(title, []).append(row(each))
        return page(self, ctx, panels)

    def get_params(self, ctx: Any) -> list[click.Parameter]:
        """The parameters, with `--help` as the last of the last group that is not of how files are read."""
        *own, asks = super().get_params(ctx)
        last = RARE if any(getattr(each, "group", None) == RARE for each in own) else OUT
        cast(Any, asks).group = last if self.name in GROUPED else None
        return sorted([*own, asks], key=place)

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
            for other in (*replaced, *(_settings() if option == "start" else ())):
                if option in given and other in given:
                    ctx.fail(f"{given[other]} has no effect with {called[option]}: leave one of them out")

    def invoke(self, ctx: Any) -> Any:
        """Runs the command. The message of a MangosaurusError names options as the command line writes them."""
        _running[:] = [self, ctx.parent.command]
        try:
            return super().invoke(ctx)
        except MangosaurusError as error:
            if error.option is None:
                raise
            raise MangosaurusError(error.spelled(spelled)) from error


def plainly(error: click.UsageError) -> str:
    """The message of a UsageError without the words of click."""
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error.option_name, error.possibilities or ())
    said = " ".join(error.format_message().split()).rstrip(".")
    command = re.match("No such command '(.*?)'", said)
    if command and error.ctx is not None and isinstance(error.ctx.command, click.Group):
        return f"there is no command {command[1]}{_meant(command[1], error.ctx.command.commands)}"
    if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", said):
        return f"nothing is expected in the place of {extra[1]}; text with spaces needs quotes"
    return said


def _no_such_option(name: str, known: Sequence[str]) -> str:
    if name in INSTEAD:
        return f"there is no option {name}: write {INSTEAD[name]}"
    return f"there is no option {name}{_meant(name, known)}"


def _meant(name: str, known: Iterable[str]) -> str:
    """The known words that `name` is like, for the end of a message; nothing if there are none."""
    from difflib import get_close_matches

    bare = {each.strip("-"): each for each in known}
    near = [bare[each] for each in get_close_matches(name.strip("-"), bare, 3, LEAST_LIKE)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _settings() -> list[str]:
    """The settings of a training that one of more epochs ignores."""
    from dataclasses import fields

    from mangosaurus.training.settings import Settings

    return [each.name for each in fields(Settings) if each.name not in FURTHER]


def tell(corpus: Corpus) -> None:
    """Says what the files of a corpus were taken for, and what was left out: a line each."""
    for note in corpus.notes:
        say(told(note))


def told(note: str) -> str:
    """A note as the command line writes options, without what it says of one that the running command lacks."""
    given = {each.name for each in _running[0].params} if _running else set()
    note = re.sub("; `([a-z_]+)`[^;)]*", lambda match: match[0] if match[1] in given else "", note)
    return re.sub("`([a-z_]+)`", lambda match: spelled(Option(match[1])), note)


_running: list[Any] = []
"""The running command, followed by the group of all."""


def spelled(option: Option) -> str:
    """How the command that runs writes an option: `--max-length`, `--no-labels`, `--training FILE`.

    An option of another command is written as that command does, and any other as in Python.
    """
    name = {"overwrite": "force"}.get(option.name, option.name)
    commands = (command for each in _running for command in ([each] if each is _running[0] else each.commands.values()))
    found: Any = next((each for command in commands for each in command.params if each.name == name), None)
    if found is None:
        return str(option)
    if found.param_type_name == "argument":
        return str(found.metavar or found.name).strip("[].").upper()
    if option.value is False and found.secondary_opts:
        return str(found.secondary_opts[-1])
    metavar = f" {found.metavar}" if name in WITH_METAVAR and found.metavar else ""
    value = "" if option.value is None or isinstance(option.value, bool) else f" {option.value}"
    return f"{found.opts[-1]}{value or metavar}"
