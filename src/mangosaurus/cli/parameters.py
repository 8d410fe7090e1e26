"""What a command takes: the annotations of its function become the options and arguments of click."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import click

from mangosaurus.core.typed import Typed

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NUMBERS = {int: "a whole number", float: "a number"}
"""What an option must be, by its type."""
FILES = ("FILE", "MODEL", "CORPUS", "FOLDER", "DIR")
"""Values that shells complete to the names of files."""


class Option(click.Option):
    """An option in a group of the help."""

    group: str | None = None


class Argument(click.Argument):
    """An argument with help."""

    help: str | None = None


class Number(click.ParamType[Any]):
    """A number. What is none is refused in words that also Python's callers read."""

    name = "number"

    def __init__(self, kind: type[int] | type[float], limits: tuple[int, int] | None) -> None:
        self.kind: type[int] | type[float] = kind
        self.limits: tuple[int, int] | None = limits

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            number = self.kind(value)
        except ValueError:
            raise click.UsageError(f"{param.opts[0]} is {value!r}; it must be {NUMBERS[self.kind]}", ctx) from None
        if self.limits is not None and not self.limits[0] <= number <= self.limits[1]:
            least, most = self.limits
            raise click.UsageError(f"{param.opts[0]} is {number}; it must be from {least} to {most}", ctx)
        return number


class FileName(click.ParamType[Any]):
    """A file or a folder, or the name of a model or a corpus. The command looks whether it exists."""

    name = "file"

    def __init__(self, kind: type[str] | type[Path]) -> None:
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return self.kind(value)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


def parameters_of(command: Callable[..., None]) -> list[click.Parameter]:
    """The parameters of a command, in the order of its function's."""
    return [*_parameters_of(inspect.signature(command, eval_str=True))]


def _parameters_of(signature: inspect.Signature) -> Iterator[click.Parameter]:
    for parameter in signature.parameters.values():
        hint, typed = get_args(parameter.annotation)
        if get_origin(hint) in (Union, UnionType):
            (hint,) = (each for each in get_args(hint) if each is not type(None))
        many = get_origin(hint) is list
        hint = get_args(hint)[0] if many else hint
        required = parameter.default is parameter.empty
        how: dict[str, Any] = {"type": _type_of(hint, typed), "required": required}
        if many:  # a command gets a list, or None if nothing was typed
            how["callback"] = lambda context, parameter, value: [*value] or None
        elif not required:
            how["default"] = parameter.default
        if typed.argument:
            yield _argument(parameter.name, typed, how, many)
            continue
        name = parameter.name.replace("_", "-")
        flags = typed.flags or (f"--{name}/--no-{name}" if hint is bool else f"--{name}",)
        how |= {"help": typed.help, "multiple": many, "is_flag": hint is bool, "metavar": typed.metavar}
        made = Option([parameter.name, *flags], **how)
        made.group = typed.group
        yield made


def _argument(name: str, typed: Typed, how: dict[str, Any], many: bool) -> Argument:
    word = typed.metavar if how["required"] else f"[{typed.metavar}]"
    made = Argument([name], metavar=f"{word}..." if many else word, nargs=-1 if many else 1, **how)
    made.help = typed.help
    return made


def _type_of(hint: Any, typed: Typed) -> Any:
    if hint in NUMBERS:
        return Number(hint, typed.limits)
    if get_origin(hint) is Literal:
        return click.Choice(get_args(hint))
    return FileName(hint) if hint is Path or typed.metavar in FILES else hint
