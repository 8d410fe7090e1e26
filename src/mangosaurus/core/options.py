"""Records of options: frozen dataclasses whose fields describe each option once.

The command line, the HTTP requests and the checks of values are made from such a record. It imports nothing heavy, so
that the command line can read it for `--help`.
"""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from mangosaurus.core.errors import Option, OptionError

Record = TypeVar("Record")
_KEY = "option"


@dataclass(frozen=True)
class About:
    """The description of an option, in addition to its name, type and default."""

    help: str
    """One sentence: of `--help` and of the OpenAPI description."""
    more: str = ""
    """More text for `--help` only."""
    metavar: str | None = None
    """The placeholder for the value in `--help`, such as its unit."""
    typed: Any = None
    """The type on the command line, if it differs from the field's."""
    sent: Any = None
    """The type in JSON, if it differs from the field's."""
    least: float | None = None
    most: float | None = None
    """The limits of a number, both included."""
    commas: bool = False
    """Whether several texts may be typed with commas between."""


def option(default: Any, help: str, **about: Any) -> Any:
    """A field of a record of options; `about` are the fields of `About`."""
    return field(default=default, metadata={_KEY: About(help, **about)})


def about(each: Field[Any]) -> About:
    """The description of a record's option."""
    found: About = each.metadata[_KEY]
    return found


def made(record: type[Record], given: Mapping[str, Any]) -> Record:
    """The record made of its own options among those `given`."""
    return record(**{each.name: given[each.name] for each in fields(record) if each.name in given})  # type: ignore[arg-type]


def typed_texts(value: str) -> list[str]:
    """The texts that are typed with commas between; white space after a comma is left out, and `\\,` is a comma."""
    parts = re.split(r"(?<!\\),\s*", value)
    return [part.replace("\\,", ",") for part in parts]


def is_file(typed: str) -> bool:
    """Whether what was typed is a file or, as "-", standard input, and no names."""
    return typed == "-" or os.path.exists(typed)  # noqa: PTH110 (Path.exists raises an error for a long list)


def several(texts: str | Iterable[str]) -> list[str]:
    """One text, or a list of them, as a list."""
    return [texts] if isinstance(texts, str) else [*texts]


def check_limits(record: Any) -> None:
    """Raises OptionError if a number of a record is outside its limits, or not a number."""
    for each in fields(record):
        value, least, most = getattr(record, each.name), about(each).least, about(each).most
        if value is None or (least is None and most is None):
            continue
        if (least is None or value >= least) and (most is None or value <= most):
            continue
        allowed = f"{least:,} or more" if most is None else f"from {least:,} to {most:,}"
        shown = f"{value:g}" if isinstance(value, float) else reprlib.repr(value)
        raise OptionError(Option(each.name), f" is {shown}; it must be {allowed}")
