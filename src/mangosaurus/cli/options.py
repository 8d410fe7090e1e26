"""Options that several commands have, and options that are made from records."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, get_origin

import click

from mangosaurus.cli.help import group_of
from mangosaurus.core.options import about, made, typed_texts
from mangosaurus.core.typed import argument, option

ModelArgument = Annotated[
    Path | None,
    argument("MODEL", "A model file, or a bundled model: dinosaurs or sonnets. Default: dinosaurs."),
]
Label = Annotated[
    str | None,
    option(help="For a model with labels: one of them, or a blend of several, such as elf:0.6,dwarf:0.4."),
]
Training = Annotated[
    str | None,
    option(
        metavar="FILE",
        help="The training list, which some options need. Not needed for the bundled dinosaurs.",
    ),
]
Column = Annotated[
    str | None,
    option(metavar="COLUMN", help="The column of the names, in files that are tables that have it."),
]
Force = Annotated[bool, option("--force", help="Replace the output file if it exists.")]
Quiet = Annotated[bool, option("--quiet", help="Print no progress and no notes.")]
AsJson = Annotated[bool, option("--json", help="Print one JSON object instead.")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of a record in place of each parameter that is one (see `mangosaurus.core.options`).

    The command is called with the records made. In place of `Annotated[dict[str, Any], Record]` it gets those of the
    record's options that are on the command line.
    """
    own: list[inspect.Parameter] = []
    records: dict[str, tuple[type[Any], Callable[..., Any]]] = {}
    signature = inspect.signature(command, eval_str=True)
    for parameter in signature.parameters.values():
        record = getattr(parameter.annotation, "__metadata__", [parameter.annotation])[0]
        if is_dataclass(record) and isinstance(record, type):
            records[parameter.name] = record, partial(made, record) if parameter.annotation is record else dict
            own += [_parameter_of(record, each) for each in fields(record)]
        else:
            own.append(parameter)

    @wraps(command)
    def call(**values: Any) -> None:
        context = click.get_current_context()
        sources = {name: context.get_parameter_source(name) for name in values}
        typed = {name: values[name] for name, source in sources.items() if source and source.name == "COMMANDLINE"}
        for name, (record, make) in records.items():
            names = [each.name for each in fields(record)]
            values = {key: value for key, value in values.items() if key not in names}
            parted = {each.name for each in fields(record) if about(each).commas}
            values[name] = make(
                {
                    key: [text for part in value for text in typed_texts(part)] if key in parted else value
                    for key, value in typed.items()
                    if key in names
                }
            )
        command(**values)

    call.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in own}
    return call


def _parameter_of(record: type[Any], each: Field[Any]) -> inspect.Parameter:
    """The parameter of a command that is an option of a record."""
    known = about(each)
    default = None if each.default is MISSING or each.default == () else each.default
    if isinstance(default, float) and default.is_integer():
        default = int(default)  # for the help; only what is typed becomes part of the record
    words = f"{known.help} {known.more}".rstrip()
    hint = known.typed or eval(str(each.type), vars(sys.modules[record.__module__]))
    flag = each.name.replace("_", "-")
    flags = [f"--{flag}/--no-{flag}" if each.default else f"--{flag}"] if hint is bool else []
    kind = known.typed or (list[str] | None if get_origin(hint) is tuple else hint | None if default is None else hint)
    words += " Can be repeated." if kind == list[str] | None else ""
    words += " A comma itself is \\,." if known.commas else ""
    group = group_of(record, each.name)
    kind = Annotated[kind, option(*flags, metavar=known.metavar, help=words, group=group)]
    return inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
