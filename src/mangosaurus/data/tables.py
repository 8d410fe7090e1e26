"""Tables: rows of fields, from CSV, JSON or a workbook; what their columns hold, and which is learnt."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Literal

from mangosaurus.core.casing import Lowering, lower
from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.core.vocabulary import normalize
from mangosaurus.data.reading import Reading

TAB = "\t"
SPACES = "  "
"""The delimiter of columns that are aligned: two spaces or more."""
DELIMITERS = (TAB, ",", ";", "|")
WORDS = {TAB: "TABs", ",": "commas", ";": "semicolons", "|": "bars", SPACES: "spaces"}
NAME_COLUMNS = ("name", "names", "word", "words")
"""Headers of the column that is learnt where none is asked for."""
COUNT_COLUMNS = ("count", "counts", "freq", "freq.", "frequency", "frequencies", "weight", "weights", "occurrences")
"""Headers of a column of counts."""
ROWS = 500
"""Rows at the beginning that tell what the columns hold."""
HAS_LETTER = re.compile(r"[^\W\d_]")
EXPONENT = re.compile(r"[-+]?\d[\d.,]*[eE][-+]?\d+")
JOINT = "/"
"""Joins the labels of several columns."""
SHOWN = 40
"""Characters of a column's name in a message."""

Holds = Literal["names", "labels", "numbers", "nothing"]
Row = list[str]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    """As its header says; without a header, its number from 1."""
    holds: Holds
    """"labels" are words that repeat; numbers are fields without letters."""
    examples: tuple[str, ...]
    """Its first fields, three at most."""


@dataclass
class Names:
    """What was read from a source: names in their order, with what belongs to each."""

    names: list[str] = field(default_factory=list)
    labels: list[str] | None = None
    weights: list[int] | None = None
    blank: int = 0
    """Empty lines that were dropped."""
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What there is to say if plain lines turn out to be names."""
    columns: tuple[Column, ...] = ()
    choice: Choice | None = None
    """Which of them were read."""
    streamed: Streamed | None = None
    """How a large source of this kind is read line by line; None if it is read as a whole."""
    plain_text: str | None = None
    """The text of a source that is no table and no list of another kind: names one a line, or one text."""

    def lowercased(self, rule: Lowering) -> Names:
        """The same with names in small letters; labels stay as they are."""
        return replace(self, names=[normalize(lower(name, rule)) for name in self.names])


@dataclass(frozen=True)
class Choice:
    """The places of the columns that are read."""

    name: int
    labels: tuple[int, ...] = ()
    weight: int | None = None


@dataclass
class Table:
    """A table, read as far as is needed to know its columns."""

    source: str
    columns: tuple[Column, ...]
    rows: Iterator[tuple[int, Row]]
    """Each with the number of its line, from 1; without the header."""
    header: bool
    delimiter: str = ""
    """Empty where the rows are not from lines."""
    left_out: str = ""
    """What of the source is not in the table."""


def is_number(text: str) -> bool:
    """Whether a field has digits and no letters, as numbers, dates and sums of money have."""
    return any(map(str.isdigit, text)) and (HAS_LETTER.search(text) is None or EXPONENT.fullmatch(text) is not None)


def whole_number(text: str) -> int | None:
    """A whole number, such as 5000, 5,000 or a workbook's 5000.0; None for anything else."""
    text = text.strip().removesuffix(".0")
    if re.fullmatch(r"[0-9]{1,3}([,\u202f ][0-9]{3})+", text):
        text = re.sub(r"[^0-9]", "", text)
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def numbered(numbers: Sequence[str]) -> bool:
    """Whether these fields count lines: 1, 2, 3 or 0, 1, 2."""
    values = [whole_number(number.strip().rstrip(".)")) for number in numbers]
    return values[:1] in ([0], [1]) and values == [*range(values[0] or 0, (values[0] or 0) + len(values))]


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, Row]]:
    """The rows of lines, each with the number of its last line. Raises csv.Error if quotes do not fit."""
    if delimiter in (SPACES, " "):
        for number, line in enumerate(lines, start=1):
            yield number, re.split(r"\s{2,}|\t", line.strip()) if delimiter == SPACES else _words(line)
        return
    spaced = delimiter != TAB
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True, skipinitialspace=spaced)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(f"line {reader.line_num:,}: this is no table of columns: {error}") from None
        fields = [each.strip() for each in row]
        if delimiter == "|" and len(fields) > 1 and not fields[0] and not fields[-1]:  # Markdown
            fields = fields[1:-1]
            if fields and all(re.fullmatch(":?-+:?", each) for each in fields):
                continue
        yield reader.line_num, fields


def _words(line: str) -> Row:
    """A name and the number before or after it."""
    found = re.fullmatch(r"\s*(?:(\d[\d.,]*)\s+(\S.*)|(\S.*?)\s+(\d[\d.,]*))\s*", line)
    return [each for each in found.groups() if each is not None] if found else [line.strip()]


def table_of(source: str, rows: Iterable[tuple[int, Row]], header: bool | None = None, delimiter: str = "") -> Table:
    """The table of rows; `header` says whether the first is one, None looks at it."""
    rows = iter(rows)
    head = list(islice(rows, ROWS))
    filled = [row for _, row in head if any(row)]
    width = max(map(len, filled), default=0)
    if filled and header is None:
        header = _has_header(filled)
    names = filled[0] if header and filled else []
    below = filled[1:] if header else filled
    columns = []
    for place in range(width):
        name = names[place] if place < len(names) and names[place] else str(place + 1)
        fields = [row[place] for row in below if place < len(row) and row[place]]
        columns.append(Column(name, _holds(fields), tuple(dict.fromkeys(fields))[:3]))
    if header and filled:
        first = next(number for number, (_, row) in enumerate(head) if any(row))
        del head[first]
    return Table(source, tuple(columns), chain(head, rows), bool(header), delimiter)


def _holds(fields: Sequence[str]) -> Holds:
    if not fields:
        return "nothing"
    if 20 * sum(map(is_number, fields)) >= 19 * len(fields):
        return "numbers"
    return "labels" if len(fields) >= 4 and 2 * len(set(fields)) <= len(fields) else "names"


def _has_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: a known header, or words above numbers or above labels."""
    first, below = rows[0], rows[1:]
    if not all(first) or any(map(is_number, first)) or len(set(first)) < len(first):
        return any(each.casefold() in NAME_COLUMNS for each in first)
    if any(each.casefold() in (*NAME_COLUMNS, *COUNT_COLUMNS) for each in first):
        return True
    for place, name in enumerate(first):
        fields = [row[place] for row in below if place < len(row) and row[place]]
        holds = _holds(fields)
        if holds == "numbers" or (holds == "labels" and name not in fields):
            return True
    return False


def choose(table: Table, reading: Reading) -> tuple[Choice, list[str]]:
    """The columns to read, and what there is to say about it.

    Raises CorpusError for a column that is not there, and where it is not clear which holds the names.
    """
    columns = table.columns
    labels = tuple(_place(table, name) for name in reading.label_column)
    weight = None if reading.weight_column is None else _place(table, reading.weight_column)
    taken = {*labels, weight}
    if reading.column is not None:
        return Choice(_place(table, reading.column), labels, weight), [_taken_for(table)]
    left = [place for place in range(len(columns)) if place not in taken]
    place = next(
        (p for word in NAME_COLUMNS for p in left if table.header and columns[p].name.casefold() == word), None
    )
    if place is None:
        names = [p for p in left if columns[p].holds == "names"] or [p for p in left if columns[p].holds == "labels"]
        if len(names) != 1:
            raise unclear(table)
        (place,) = names
    if weight is None and not labels:
        weight = _counts(table, place)
    said = f"{_taken_for(table)}; learning the column {_shown(columns[place].name)}"
    if weight is not None and reading.weight_column is None:
        said += f", with the counts in {_shown(columns[weight].name)} (`column` alone leaves them out)"
    elif len(left) > 1:
        said += " (`column` to choose)"
    return Choice(place, labels, weight), [said]


def _counts(table: Table, name: int) -> int | None:
    """The column of counts, if the header says so, or if there is no header and the table is of names and counts."""
    places = [place for place in range(len(table.columns)) if place != name]
    if table.header:
        return next((p for p in places if table.columns[p].name.casefold() in COUNT_COLUMNS), None)
    if len(places) != 1 or table.delimiter not in (TAB, SPACES, " ") or table.columns[places[0]].holds != "numbers":
        return None
    numbers = [row[places[0]] for row in _peek(table) if len(row) > places[0]]
    values = [whole_number(number) for number in numbers]
    return None if numbered(numbers) or not all(values) else places[0]


def _peek(table: Table) -> list[Row]:
    """Its first rows, which stay to be read."""
    head = list(islice(table.rows, ROWS))
    table.rows = chain(head, table.rows)
    return [row for _, row in head if any(row)]


def _place(table: Table, asked: str) -> int:
    """The place of the column that is asked for: by its name, or by its number from 1."""
    names = [column.name for column in table.columns]
    if names.count(asked) == 1:
        return names.index(asked)
    has = f"{names.count(asked)} columns" if asked in names else "no column"
    number = whole_number(asked)
    if not names.count(asked) and number is not None and 1 <= number <= len(names):
        return number - 1
    where = "in its first line" if table.header else "and no line that names columns"
    raise CorpusError(f"{table.source} has {has} {plain(asked)!r} {where}; it has {plain(', '.join(names))}")


class TableError(CorpusError):
    """A table cannot be read as it is asked for, or it is not clear which column has the names."""

    columns: tuple[Column, ...] = ()


def with_columns(error: CorpusError, columns: tuple[Column, ...]) -> TableError:
    """The error, with the columns to choose from."""
    told = TableError(*error.parts)
    told.columns = columns
    return told


def unclear(table: Table) -> CorpusError:
    """The error where several columns may hold the names, or none."""
    shown = ", ".join(
        f"{_shown(column.name)} ({plain(column.examples[0], SHOWN)})" if column.examples else _shown(column.name)
        for column in table.columns[:8]
    )
    more = ", …" if len(table.columns) > 8 else ""
    parts: list[str | Option] = [
        f"{table.source} is a table of {shown}{more}, and it is not clear which column has the names: choose it by ",
        Option("column"),
    ]
    if table.delimiter:
        parts += [
            ", or learn whole lines by ",
            Option("format", "names"),
            ", or one text by ",
            Option("format", "text"),
        ]
    return CorpusError(*parts)


def _taken_for(table: Table) -> str:
    """What a table was taken for."""
    kinds = {"names": "words", "labels": "labels", "numbers": "numbers", "nothing": "nothing"}
    if table.header:
        named = ", ".join(_shown(column.name) for column in table.columns[:8])
    else:
        named = ", ".join(f"{column.name} ({kinds[column.holds]})" for column in table.columns[:8])
    more = ", …" if len(table.columns) > 8 else ""
    return f"{table.source}: a table of {named}{more}"


def _shown(name: str) -> str:
    return plain(name, SHOWN)


def names_in(table: Table, place: int, skip_bad_lines: bool = False) -> Iterator[str]:
    """The names of one column, one by one. Raises CorpusError as `read_table`."""
    try:
        for number, row in table.rows:
            if not any(row):
                continue
            name = row[place] if place < len(row) else ""
            if name and "\n" not in name:
                yield name
            elif not skip_bad_lines:
                raise _bad_row(table, number, _problem(table.columns[place].name, name))
    except csv.Error as error:
        raise CorpusError(f"{table.source}, {error}") from None


def _bad_row(table: Table, number: int, problem: str) -> CorpusError:
    return CorpusError(
        f"{table.source}, line {number:,}: {problem}; ", Option("skip_bad_lines"), " leaves such rows out"
    )


def read_table(table: Table, choice: Choice, skip_bad_lines: bool = False) -> Names:
    """The names of a table. Raises CorpusError, with its line, for a row that lacks a field or has a bad weight."""
    read = Names(labels=[] if choice.labels else None, weights=None if choice.weight is None else [])
    read.columns, read.choice = table.columns, choice
    name_place, left_out = choice.name, 0
    needed = max((choice.name, *choice.labels, choice.weight or 0))
    try:
        for number, row in table.rows:
            if not any(row):
                read.blank += 1
                continue
            if len(row) <= needed:
                row = row + [""] * (needed + 1 - len(row))
            name = row[name_place]
            problem = None if name and "\n" not in name else _problem(table.columns[name_place].name, name)
            for place in choice.labels:
                if problem is None and (not row[place] or "\n" in row[place]):
                    problem = _problem(table.columns[place].name, row[place])
            if problem is None and read.weights is not None and choice.weight is not None:
                weight = whole_number(row[choice.weight])
                if weight:
                    read.weights.append(weight)
                else:
                    what = plain(row[choice.weight], SHOWN) or "nothing"
                    problem = (
                        f"the count in {_shown(table.columns[choice.weight].name)} is {what}, and must be 1 or more"
                    )
            if problem is not None:
                if not skip_bad_lines:
                    raise _bad_row(table, number, problem)
                left_out += 1
                continue
            read.names.append(name)
            if read.labels is not None:
                read.labels.append(JOINT.join(row[place] for place in choice.labels))
    except csv.Error as error:
        raise CorpusError(f"{table.source}, {error}") from None
    if left_out:
        read.notes.append(f"{left_out:,} row{' was' if left_out == 1 else 's were'} left out")
    return read


def _problem(column: str, value: str) -> str:
    return f"this row has {'a line break in its' if value else 'no'} {_shown(column)}"


def most_frequent(lines: Sequence[str]) -> str:
    """The delimiter that the first line has most often, for a table that is asked for."""
    first = next((line for line in lines if line.strip()), "")
    best = max(DELIMITERS, key=first.count)
    if best in first:
        return best
    return SPACES if re.search(r"\S\s{2,}\S", first) else " "


def delimiter_of(lines: Sequence[str], source: str) -> str | None:
    """The delimiter of lines that look like a table, or None if they do not."""
    asked = source.lower().endswith((".csv", ".tsv", ".tab"))
    for delimiter in (*DELIMITERS, SPACES):
        if not asked and len(lines) < 2:
            return None
        if 2 * sum(delimiter in line for line in lines) < len(lines):
            continue
        try:
            rows = [row for _, row in rows_of(lines, delimiter)]
        except csv.Error:
            continue
        if _fits(rows, delimiter, asked):
            return delimiter
    return None


def _fits(rows: Sequence[Row], delimiter: str, asked: bool) -> bool:
    """Whether rows are those of a table: as many fields in each, and no sentences."""
    rows = [[*row] for row in rows if any(row)]
    while rows and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]  # a delimiter at the end of each line
    widths = Counter(map(len, rows))
    if not widths:
        return False
    width, most = widths.most_common(1)[0]
    if width < 2 or most < (0.8 if asked else 0.95) * len(rows):
        return False
    table = table_of("", enumerate(rows))
    numbers = any(column.holds == "numbers" for column in table.columns)
    if delimiter == SPACES:
        return numbers and any(column.holds in ("names", "labels") for column in table.columns)
    if asked or numbers or table.header or delimiter == TAB:
        return any(column.holds in ("names", "labels") for column in table.columns)
    fields = [each for row in rows for each in row if each]
    wordy = sum(len(each.split()) for each in fields) / len(fields) > 3
    sentences = sum(row[-1].endswith((".", "!", "?", ":", ";", '"', "”", ",")) for row in rows if row[-1])
    return not wordy and 4 * sentences <= len(rows) and len(rows) >= 3


@dataclass(frozen=True)
class Streamed:
    """How the names of a large source are read line by line."""

    delimiter: str
    header: bool
    column: int
    columns: tuple[Column, ...]

    def names(self, lines: Iterable[str], source: str, skip_bad_lines: bool) -> Iterator[str]:
        """The names in the lines of a table. Raises CorpusError for a row that has none."""
        rows = rows_of(lines, self.delimiter)
        for _, row in rows if self.header else ():
            if any(row):
                break
        table = Table(source, self.columns, rows, self.header, self.delimiter)
        return names_in(table, self.column, skip_bad_lines)
