"""Tables: rows of fields, from CSV, JSON or a workbook; what their columns hold, and which is learnt."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Literal

from mangosaurus.core.briefly import few
from mangosaurus.core.casing import Lowering, Shape, lower, shape_of
from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.core.units import counted
from mangosaurus.core.vocabulary import normalize
from mangosaurus.data.reading import Reading
from mangosaurus.data.rows import COMMENT, LINE, SPACES, TAB, WORDS, Row, rows_of

NAME_COLUMNS = ("name", "names", "word", "words")
"""Headers of the column that is learnt where none is asked for."""
COUNT_COLUMNS = ("count", "counts", "freq", "freq.", "frequency", "frequencies", "weight", "weights", "occurrences")
"""Headers of a column of counts."""
HEADERS = frozenset(
    (
        *(*NAME_COLUMNS, *COUNT_COLUMNS, "first name", "last name", "first_name", "last_name", "firstname", "lastname"),
        *("given name", "given_name", "surname", "vorname", "nachname", "nom", "prénom", "prenom", "nombre", "nome"),
        *("apellido", "imię", "имя", "фамилия", "wort", "mot", "palabra", "parola", "слово"),
    )
)
"""Words that name a column and are hardly names themselves."""
YEARS = range(1500, 2100)
"""Numbers that may be years as well as counts."""
TITLES = 5
"""Lines above the header that are left out at most."""
ROWS = 500
"""Rows at the beginning that tell what the columns hold."""
HAS_LETTER = re.compile(r"[^\W\d_]")
EXPONENT = re.compile(r"[-+]?\d[\d.,]*[eE][-+]?\d+")
DIGITS = 15
LARGEST_COUNT = 10**DIGITS - 1
"""Of a count."""
JOINT = "/"
"""Joins the labels of several columns."""
SHOWN = 40
"""Characters of a column's name in a message."""

Holds = Literal["names", "labels", "numbers", "nothing"]


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
    unfolded: bool = False
    """Whether invisible characters may be in them, as JSON's escapes and the cells of a workbook have."""
    streamed: Streamed | None = None
    """How a large source of this kind is read line by line; None if it is read as a whole."""
    plain_text: str | None = None
    """The text of a source that is no table and no list of another kind: names one a line, or one text."""
    case: Shape | None = None
    """The case in which they were written, if they are lower-cased."""

    def lowercased(self, rule: Lowering) -> Names:
        """The same with names in small letters; labels stay as they are."""
        case = shape_of(self.names, rule)
        return replace(self, names=[normalize(lower(name, rule)) for name in self.names], case=case)


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
    above: int = 0
    """Rows above the header that are left out."""
    notes: list[str] = field(default_factory=list)
    """What else there is to say about it."""


def is_number(text: str) -> bool:
    """Whether a field has digits and no letters, as numbers, dates and sums of money have."""
    return any(map(str.isdigit, text)) and (HAS_LETTER.search(text) is None or EXPONENT.fullmatch(text) is not None)


def whole_number(text: str) -> int | None:
    """A whole number, such as 5000, 5,000 or a workbook's 5000.0; None for anything else."""
    text = text.strip().removesuffix(".0")
    if re.fullmatch(r"[0-9]{1,3}([,\u202f ][0-9]{3})+", text):
        text = re.sub(r"[^0-9]", "", text)
    return int(text) if re.fullmatch(f"[0-9]{{1,{DIGITS}}}", text) else None


def numbered(numbers: Sequence[str]) -> bool:
    """Whether these fields count lines: 1, 2, 3 or 0, 1, 2."""
    values = [whole_number(number.strip().rstrip(".)")) for number in numbers]
    return values[:1] in ([0], [1]) and values == [*range(values[0] or 0, (values[0] or 0) + len(values))]


def table_of(source: str, rows: Iterable[tuple[int, Row]], header: bool | None = None, delimiter: str = "") -> Table:
    """The table of rows; `header` says whether the first is one, None looks at it. Titles above it are left out."""
    rows = iter(rows)
    try:
        head = list(islice(rows, ROWS))
    except csv.Error as error:
        raise broken(source, error) from None
    filled = [row for _, row in head if any(row)]
    above = _above_a_line(head)
    if above is None:
        above = titles(filled) if header is None or delimiter else 0
        if header is None:
            header = bool(filled) and _has_header(filled[above:])
    else:
        header = True
    names = filled[above] if header and filled else []
    below = filled[above + header :]
    if delimiter and below:
        width = len(names) or max(Counter(map(len, below)).items(), key=lambda each: each[::-1])[0]
    else:
        width = max(map(len, filled), default=0)
    columns = []
    for place in range(width):
        name = names[place].removeprefix("#").strip() if place < len(names) else ""
        fields = [row[place] for row in below if place < len(row) and row[place]]
        columns.append(Column(name or str(place + 1), _holds(fields), tuple(dict.fromkeys(fields))[:3]))
    places = [place for place, (_, row) in enumerate(head) if any(row)][: above + header]
    left = [each for place, each in enumerate(head) if place not in places]
    table = Table(source, tuple(columns), chain(left, rows), bool(header), delimiter, above)
    if above:
        shown = ", ".join(repr(plain(" ".join(filter(None, row)), SHOWN)) for row in filled[:above])
        table.notes.append(f"left out {shown}, above the {'header' if header else 'rows'}")
    if any(row is COMMENT for _, row in head):
        table.notes.append("comment lines left out")
    return table


def broken(source: str, error: csv.Error) -> CorpusError:
    """The error for a table whose quotes do not fit."""
    return CorpusError(f"{source}, {error}; mend its quotes, or learn whole lines by ", Option("format", "names"))


def _above_a_line(head: Sequence[tuple[int, Row]]) -> int | None:
    """How many rows are above the header of a table that is drawn with a line below its header; None if it is not."""
    rows = [row for _, row in head[: 2 * TITLES] if row is LINE or any(row)]
    lines = [place for place, row in enumerate(rows) if row is LINE][:2]
    if len(lines) == 2 and lines[1] == lines[0] + 2:
        return lines[0]
    return lines[0] - 1 if lines and lines[0] and len(rows) > lines[0] + 1 else None


def is_table_by_name(source: str) -> bool:
    """Whether the name of a file says that it is a table."""
    return source.lower().endswith((".csv", ".tsv", ".tab"))


def is_header(row: Row) -> bool:
    """Whether a row has a field that names columns."""
    return any(each.removeprefix("#").strip().casefold() in HEADERS for each in row)


def titles(rows: Sequence[Row]) -> int:
    """How many rows that are not empty have one field, above a row that names the columns; 1 for Excel's `sep=;`."""
    if rows and rows[0][0].casefold() == "sep=" and not any(rows[0][1:]):
        return 1
    count = 0
    while count < min(TITLES, len(rows) - 1) and sum(map(bool, rows[count])) == 1:
        count += 1
    wide = count and sum(map(bool, rows[count])) > 1
    return count if wide and _has_header(rows[count:]) else 0


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
        return is_header(first)
    if is_header(first):
        return True
    for place, name in enumerate(first):
        fields = [row[place] for row in below if place < len(row) and row[place]]
        holds = _holds(fields)
        if holds == "numbers" or (holds == "labels" and name not in fields):
            return True
    return False


def choose(table: Table, reading: Reading) -> tuple[Choice, list[str]]:
    """The columns to read, and what there is to say about it.

    Raises CorpusError for a column that is not there or has two roles, and where it is not clear which holds the names.
    """
    columns = table.columns
    labels = tuple(_place(table, name) for name in reading.label_column)
    weight = None if reading.weight_column is None else _place(table, reading.weight_column)
    name = None if reading.column is None else _place(table, reading.column)
    twice = next((place for place in labels if labels.count(place) > 1), None)
    twice = name if name is not None and name in (*labels, weight) else twice
    if twice is not None:
        raise CorpusError(f"the column {_shown(columns[twice].name)} of {table.source} is asked for twice")
    if name is not None:
        return Choice(name, labels, weight), [_taken_for(table)]
    left = [place for place in range(len(columns)) if place not in (*labels, weight)]
    place = _names_column(table, left)
    said = f"{_taken_for(table)}; learning the column {_shown(columns[place].name)}"
    alone = " (`column` alone leaves them out)"
    doubt = ""
    if weight is None and not labels:
        weight, doubt = _counts(table, place)
        if weight is None and place == 0 and _labels_beside(table, reading):
            labels = (1,)
            said += f", with the labels in {_shown(columns[1].name)}{alone}"
    if weight is not None and reading.weight_column is None:
        said += f", with the counts in {_shown(columns[weight].name)}{alone}"
    elif len(left) > 1 and (not labels or reading.label_column):
        said += " (`column` to choose"
        beside = next((p for p in left if p != place and columns[p].holds == "labels"), None)
        if beside is not None and not labels:
            said += f"; `label_column` {_shown(columns[beside].name)} for labels"
        said += ")"
    elif len(columns) == 1 and not table.header and is_table_by_name(table.source):
        said += f"; it has no header, and its first line, {next(iter(columns[0].examples), '')!r}, is learnt"
    return Choice(place, labels, weight), [said + doubt]


def _names_column(table: Table, left: Sequence[int]) -> int:
    """The column of the names, among those that have no other role. Raises CorpusError if that is not clear."""
    columns = table.columns
    if len(columns) == 1 and left and columns[0].holds in ("names", "labels"):
        return 0
    for word in NAME_COLUMNS if table.header else ():
        called = [p for p in left if columns[p].name.casefold() == word]
        called = called or [p for p in left if columns[p].name.casefold().endswith(f".{word}")]
        if len(called) == 1:
            return called[0]
        if called:
            raise unclear(table)
    names = [p for p in left if columns[p].holds == "names"] or [p for p in left if columns[p].holds == "labels"]
    if len(names) != 1:
        raise unclear(table)
    return names[0]


def _labels_beside(table: Table, reading: Reading) -> bool:
    """Whether a table under a header is otherwise lines of a name, a TAB and a label."""
    two = table.header and table.delimiter == TAB and len(table.columns) == 2 and reading.labels is not False
    return two and (reading.labels == "any" or table.columns[1].holds == "labels")


def _counts(table: Table, name: int) -> tuple[int | None, str]:
    """The column of counts, and what there is to say of one that has none.

    It is one whose header says so, or the other column of a table of names and numbers without a header.
    """
    columns = table.columns
    places = [place for place in range(len(columns)) if place != name]
    if table.header:
        place = next((p for p in places if columns[p].name.casefold() in COUNT_COLUMNS), None)
        if place is None:
            return None, ""
        fields = [row[place] for row in _peek(table) if len(row) > place and row[place]]
        other = [each for each in fields if whole_number(each) is None]
        if 20 * len(other) <= len(fields):
            return place, ""
        return None, (
            f"; its {_shown(columns[place].name)}, such as {plain(other[0], SHOWN)}, is left out: counts are whole "
            f"numbers, of at most {DIGITS} digits"
        )
    if len(places) != 1 or table.delimiter not in (TAB, SPACES, " ") or columns[places[0]].holds != "numbers":
        return None, ""
    numbers = [row[places[0]] for row in _peek(table) if len(row) > places[0]]
    values = [whole_number(number) for number in numbers]
    if len({*values}) > 1 and all(value in YEARS for value in values):
        error = CorpusError(
            f"{table.source} has a number beside each name, such as {plain(numbers[0], SHOWN)}, and it is not clear "
            "whether it is a year: learn the names without it by ",
            Option("column", name + 1),
            ", or take it for a count by ",
            Option("weight_column", places[0] + 1),
        )
        raise with_columns(error, columns)
    return None if numbered(numbers) or not all(values) else places[0], ""


def _peek(table: Table) -> list[Row]:
    """Its first rows, which stay to be read."""
    head = list(islice(table.rows, ROWS))
    table.rows = chain(head, table.rows)
    return [row for _, row in head if any(row)]


def place_of(asked: str, names: Sequence[str]) -> int | None:
    """The place of one of some names: as it is written, in any case if no other is alike, or by its number, from 1."""
    if names.count(asked) == 1:
        return names.index(asked)
    alike = [place for place, name in enumerate(names) if name.casefold() == asked.casefold()]
    if len(alike) == 1:
        return alike[0]
    number = whole_number(asked)
    return number - 1 if asked not in names and number is not None and 1 <= number <= len(names) else None


def _place(table: Table, asked: str) -> int:
    """The place of the column that is asked for. Raises CorpusError if there is no such column, or more than one."""
    from difflib import get_close_matches  # it takes time

    names = [column.name for column in table.columns]
    place = place_of(asked, names)
    if place is not None:
        return place
    has = f"{names.count(asked)} columns" if asked in names else "no column"
    where = "in its first line" if table.header else "and no line that names columns"
    numbers = "; ask for one by its number, from 1" if asked in names else ""
    nearest = [] if asked in names else get_close_matches(asked, names, 1)
    numbers += f"; did you mean {plain(nearest[0], SHOWN)!r}?" if nearest else ""
    raise CorpusError(f"{table.source} has {has} {plain(asked)!r} {where}; it has {plain(', '.join(names))}{numbers}")


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
    shown = [
        f"{_shown(column.name)} ({plain(column.examples[0], SHOWN)})" if column.examples else _shown(column.name)
        for column in table.columns
    ]
    parts: list[str | Option] = [
        f"{table.source} is a table of {few(shown, 8, 300)}, and it is not clear which column has the names: choose it "
        "by ",
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
    named = [column.name + ("" if table.header else f" ({kinds[column.holds]})") for column in table.columns]
    return f"{table.source}: a table of {few(named, 8, SHOWN)}"


def _shown(name: str) -> str:
    return plain(name, SHOWN)


def names_in(table: Table, place: int, skip_bad_lines: bool = False) -> Iterator[str]:
    """The names of one column, one by one. Raises CorpusError as `read_table`."""
    width = len(table.columns)
    try:
        for number, row in table.rows:
            if not any(row):
                continue
            name = row[place] if place < len(row) else ""
            if name and "\n" not in name and len(row) <= width:
                yield name
                continue
            problem = _problem(table, row, place)
            if problem is None:
                yield name
            elif not skip_bad_lines:
                raise _bad_row(table, number, problem)
    except csv.Error as error:
        raise broken(table.source, error) from None


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
                read.blank += row is not LINE and row is not COMMENT
                continue
            if len(row) <= needed:
                row = row + [""] * (needed + 1 - len(row))
            name = row[name_place]
            problem = None
            if not name or "\n" in name or choice.labels or len(row) > len(table.columns):
                found = (_problem(table, row, place) for place in (name_place, *choice.labels))
                problem = next(filter(None, found), None)
            if problem is None and read.weights is not None and choice.weight is not None:
                weight = whole_number(row[choice.weight])
                if weight:
                    read.weights.append(weight)
                else:
                    what = plain(row[choice.weight], SHOWN) or "nothing"
                    counts = _shown(table.columns[choice.weight].name)
                    problem = f"the count in {counts} is {what}, and must be a whole number from 1 to {LARGEST_COUNT:,}"
            if problem is not None:
                if not skip_bad_lines:
                    raise _bad_row(table, number, problem)
                left_out += 1
                continue
            read.names.append(name)
            if read.labels is not None:
                read.labels.append(JOINT.join(row[place] for place in choice.labels))
    except csv.Error as error:
        raise broken(table.source, error) from None
    if left_out:
        read.notes.append(f"{left_out:,} row{' was' if left_out == 1 else 's were'} left out")
    return read


def _problem(table: Table, row: Row, place: int) -> str | None:
    """What is wrong with the field of a name or label in a row, if anything."""
    width = len(table.columns)
    if len(row) > width and table.delimiter and any(row[width:]):
        has = f"this row has {len(row)} fields, and the table {counted(width, 'column')}"
        return f"{has} (quotes around a field keep {WORDS.get(table.delimiter, 'signs')} in it)"
    value = row[place] if place < len(row) else ""
    if value and "\n" not in value:
        return None
    return f"this row has {'a line break in its' if value else 'no'} {_shown(table.columns[place].name)}"


@dataclass(frozen=True)
class Streamed:
    """How the names of a large source are read line by line."""

    delimiter: str
    header: bool
    above: int
    """Rows above the header, or above the first row."""
    column: int
    columns: tuple[Column, ...]

    def names(self, lines: Iterable[str], source: str, skip_bad_lines: bool) -> Iterator[str]:
        """The names in the lines of a table. Raises CorpusError for a row that has none."""
        rows = rows_of(lines, self.delimiter)
        skipped = self.above + self.header
        while skipped:
            skipped -= any(next(rows, (0, ["end"]))[1])
        table = Table(source, self.columns, rows, self.header, self.delimiter)
        return names_in(table, self.column, skip_bad_lines)
