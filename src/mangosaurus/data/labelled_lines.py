"""Names and their labels from files: lines of `name<TAB>label`, or two columns of a table (CSV)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field

from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.core.vocabulary import shorten

TAB = "\t"
NAME_COLUMN = "name"


@dataclass
class LabelledNames:
    """Names in the order read, and the label of each."""

    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    blank: int = 0
    """Empty lines that were dropped."""


def looks_labelled(texts: Sequence[str], any_tab: bool = False) -> bool:
    """Whether the lines of `texts` are names with labels.

    They are if more than half of the lines that are not empty have exactly one TAB, with something on both sides, and
    if each label comes twice or more on average, unlike counts or translations. With `any_tab`, a single TAB is enough:
    for files that a model with labels reads.
    """
    if not any(TAB in text for text in texts):
        return False
    lines = [line for text in texts for line in map(str.strip, text.split("\n")) if line]
    if any_tab:
        return any(TAB in line for line in lines)
    labels = [line.split(TAB)[1].strip() for line in lines if line.count(TAB) == 1]
    return 2 * len(labels) > len(lines) and 2 * len(set(labels)) <= len(labels)


def read_lines(texts: Sequence[str], sources: Sequence[str]) -> LabelledNames:
    """The names and labels of lines `name<TAB>label`, both stripped; empty lines are dropped.

    Raises CorpusError, with the line's number, for a line without exactly one TAB.
    """
    read = LabelledNames()
    for text, source in zip(texts, sources, strict=True):
        for number, line in enumerate(map(str.strip, text.removesuffix("\n").split("\n")), start=1):
            if not line:
                read.blank += bool(text)
                continue
            tabs = line.count(TAB)
            if tabs != 1:
                raise CorpusError(
                    f"{source}, line {number:,}: {shorten(line)!r} has {f'{tabs} TABs' if tabs else 'no label'}; in a "
                    "list with labels, every line is a name, a TAB and a label (",
                    Option("labels", False),
                    " takes TABs for characters)",
                )
            name, label = line.split(TAB)
            read.names.append(name.strip())
            read.labels.append(label.strip())
    return read


def read_columns(texts: Sequence[str], sources: Sequence[str], label_column: str, name_column: str) -> LabelledNames:
    """The names and labels in two columns of tables whose first line names the columns.

    The delimiter is the most frequent one in that line: comma, semicolon or TAB. Fields may be quoted with ".
    Raises CorpusError, with the line's number, for a missing column or a row without a name or a label.
    """
    read = LabelledNames()
    for text, source in zip(texts, sources, strict=True):
        lines = text.split("\n")
        delimiter = max(",", ";", TAB, key=lines[0].count)
        rows = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
        try:
            columns = [column.strip() for column in next(rows)]
            for column in (label_column, name_column):
                if columns.count(column) != 1:
                    has = "no column" if column not in columns else f"{columns.count(column)} columns"
                    known = plain(", ".join(columns))
                    raise CorpusError(f"{source} has {has} {column!r} in its first line; it has {known}")
            places = columns.index(name_column), columns.index(label_column)
            for row in rows:
                if not any(map(str.strip, row)):
                    read.blank += 1
                    continue
                name, label = (row[place].strip() if place < len(row) else "" for place in places)
                for column, value in ((name_column, name), (label_column, label)):
                    if not value or "\n" in value:
                        wrong = "a line break in its" if value else "no"
                        raise CorpusError(f"{source}, line {rows.line_num:,}: this row has {wrong} {column}")
                read.names.append(name)
                read.labels.append(label)
        except csv.Error as error:
            raise CorpusError(f"{source}, line {rows.line_num:,}: this is no table of columns: {error}") from None
        read.blank -= 1  # after the last line feed there is no line
    read.blank = max(read.blank, 0)
    return read
