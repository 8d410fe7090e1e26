"""How a source is read, as one record of options: the command line, Python and HTTP are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mangosaurus.core.casing import Lowering
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.options import option, several

if TYPE_CHECKING:  # the command line reads this module for `--help`, and starts sooner without NumPy
    from mangosaurus.data.corpus import Format, Labels

BLANK = "blank"
"""The value of `records` that stands for a blank line."""


@dataclass(frozen=True)
class Reading:
    """How a source is read. By default, a look at it decides: see data/recognise.py."""

    format: Format = option(
        "auto", "names (lines as they are), text (one per file), or auto: a look at the file decides.", typed=str
    )
    lowercase: Lowering = option(False, "Lower-case the corpus.", typed=bool)
    labels: Labels = option(
        None,
        "Whether each line is a name, a TAB and a label. Detected automatically by default.",
        typed=bool | None,
    )
    column: str | None = option(
        None, "The column of the names in a table, by its name or number. Default: a look at it decides."
    )
    label_column: tuple[str, ...] = option((), "A column of labels in a table; several combine, as in elf/female.")
    weight_column: str | None = option(None, "A column of whole numbers in a table: how often each name counts.")
    sheet: str | None = option(
        None, "The sheet of a workbook, by its name or number. Default: the first that is not empty.", metavar="NAME"
    )
    records: str | None = option(
        None,
        "What parts the names or texts of a file: a token, such as %, or blank for blank lines.",
        metavar="TOKEN",
    )
    encoding: str | None = option(
        None, "The encoding, such as cp1252. Default: UTF-8, or what the bytes look like.", metavar="NAME"
    )
    skip_bad_lines: bool = option(False, "Leave out lines that cannot be read, and count them.")

    @property
    def columns(self) -> bool:
        """Whether a column is asked for, so that the source must be a table."""
        return self.column is not None or bool(self.label_column) or self.weight_column is not None


READING = tuple(each.name for each in fields(Reading))
"""The names of these options."""


def reading_of(given: Mapping[str, Any]) -> Reading:
    """The record of those `given` that are options of reading and not None. Raises OptionError as `check_reading`."""
    stated = {name: given[name] for name in READING if given.get(name) is not None}
    if "label_column" in stated:
        stated["label_column"] = tuple(several(stated["label_column"]))
    for name in ("column", "weight_column", "sheet"):
        if isinstance(stated.get(name), int):
            stated[name] = str(stated[name])
    reading = Reading(**stated)
    check_reading(reading)
    return reading


def check_reading(reading: Reading) -> None:
    """Raises OptionError for an unknown format or encoding, and for options that contradict each other."""
    from mangosaurus.data.corpus import FORMATS
    from mangosaurus.data.encodings import check_encoding

    if reading.format not in FORMATS:
        raise OptionError(Option("format"), f" is {reading.format!r}; it must be one of {', '.join(FORMATS)}")
    asked = next((name for name in ("column", "label_column", "weight_column") if getattr(reading, name)), None)
    if reading.label_column and reading.labels is False:
        given = ", ".join(reading.label_column), Option("labels", False)
        raise OptionError.of("{label_column} is {!r}, and {}: leave one of them out", *given)
    if reading.format == "text" and (reading.labels is True or reading.label_column):
        raise OptionError.of("labels belong to names, one a line, and {format} is 'text'")
    if reading.format == "text" and asked:
        raise OptionError.of("{} is of tables of names, and {format} is 'text': leave one of them out", Option(asked))
    if reading.records is not None and (asked or reading.labels):
        other = Option(asked or "labels")
        raise OptionError.of("{records} is {!r}, and {}: leave one of them out", reading.records, other)
    if reading.records == "":
        raise OptionError.of("{records} is empty; give the token between them, or {!r} for blank lines", BLANK)
    check_encoding(reading.encoding)
