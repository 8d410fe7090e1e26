"""Options that several commands have, and options that are made from records."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_origin, get_type_hints

import typer

from mangosaurus.core.options import about, made

ModelArgument = Annotated[
    Path | None, typer.Argument(metavar="[MODEL]", help="A model file. Without one, the bundled dinosaurs.")
]
Label = Annotated[
    str | None,
    typer.Option(help="For a model with labels: one of them, or a blend of several, such as elf:0.6,dwarf:0.4."),
]
Training = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The training list, for --not-like and --best; the bundled dinosaurs need none."),
]
LabelsOption = Annotated[
    bool | None,
    typer.Option(
        "--labels/--no-labels",
        help="Lines are a name, a TAB and a label; or TABs are characters. Detected automatically by default.",
        show_default=False,
    ),
]
LabelColumnOption = Annotated[
    str | None, typer.Option(help="The file is a table (CSV): the column of the labels, as its first line names it.")
]
NameColumnOption = Annotated[
    str | None, typer.Option(help="With --label-column: the column of the names; name if not given.")
]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of a record in place of each parameter that is one (see `mangosaurus.core.options`).

    The command is called with the records made.
    """
    signature = inspect.signature(command, eval_str=True)
    own: list[inspect.Parameter] = []
    records: dict[str, type[Any]] = {}
    for parameter in signature.parameters.values():
        record = parameter.annotation
        if is_dataclass(record) and isinstance(record, type):
            records[parameter.name] = record
            hints = get_type_hints(record)
            own += [parameter_of(each, hints[each.name]) for each in fields(record)]
        else:
            own.append(parameter)

    @wraps(command)
    def call(**given: Any) -> None:
        typed = {name: value for name, value in given.items() if value is not None}
        built = {name: made(record, typed) for name, record in records.items()}
        command(**{name: given[name] for name in signature.parameters if name not in built}, **built)

    call.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in own}
    return call


def parameter_of(each: Field[Any], hint: Any) -> inspect.Parameter:
    """The parameter of a command that is an option of a record."""
    known = about(each)
    default = None if each.default is MISSING or each.default == () else each.default
    words = f"{known.help} {known.more}".rstrip()
    flags = [f"--{each.name.replace('_', '-')}"] if hint is bool else []
    kind = known.typed or (list[str] | None if get_origin(hint) is tuple else hint | None if default is None else hint)
    words += " Can be repeated." if kind == list[str] | None else ""
    kind = Annotated[kind, typer.Option(*flags, metavar=known.metavar, help=words)]
    return inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
