"""The delimiter of a table, from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from mangosaurus.data.corpus import guess_kind
from mangosaurus.data.rows import COMMENT_WITH_SPACE, DELIMITERS, DRAWN, LINE, SPACES, TAB, UNUSUAL, Row, rows_of
from mangosaurus.data.tables import HAS_LETTER, ROWS, broken, is_header, is_table_by_name, table_of, titles

WITH_COMMAS = re.compile(r"(?<!\w)(?:\d+(?:,\d+)+|[A-Z](?:,[A-Z])+(?=-))")
"""What has commas in it that part nothing, as in 3,5 or 2,4-xylenol or N,N-dimethylaniline."""


def most_frequent(lines: Sequence[str]) -> str:
    """The delimiter that the first line has most often, for a table that is asked for."""
    first = next((line for line in lines if line.strip() and not COMMENT_WITH_SPACE.match(line.strip())), "")
    best = max(DELIMITERS, key=first.count)
    if best in first:
        return best
    return SPACES if re.search(r"\S\s{2,}\S", first) else " "


def delimiter_of(lines: Sequence[str], source: str) -> str | None:
    """The delimiter of lines that look like a table, or None if they do not. A .csv of one column has commas.

    Raises CorpusError for a table whose quotes do not fit.
    """
    asked = is_table_by_name(source)
    bare = [line for line in lines if not (COMMENT_WITH_SPACE.match(line) or DRAWN.fullmatch(line))]
    if not asked and len(bare) < 2:
        return None
    unfit: csv.Error | None = None
    drawn = [place for place, line in enumerate(lines) if DRAWN.fullmatch(line)]
    joined = "\n".join(bare)
    for delimiter in (*DELIMITERS, SPACES, *UNUSUAL):
        if 2 * sum(delimiter in line for line in bare) < len(bare):
            continue
        if delimiter == "," and "," not in WITH_COMMAS.sub("", joined):
            continue
        rows, error = _rows(lines, delimiter)
        if error is None and _fits(rows, delimiter, asked):
            return delimiter
        if error is not None and unfit is None and _fits([line.split(delimiter) for line in bare], delimiter, asked):
            unfit = error
    if unfit is not None:
        raise broken(source, unfit)
    underlined = drawn == [1] and len(bare) > 2 and guess_kind([joined]) == "names"
    if (underlined or (drawn and "|" in lines[0])) and _fits(_rows(lines, "|")[0], "|", asked):
        return "|"
    quoted = "," in joined and all(len(line) > 2 and line[0] == line[-1] == '"' for line in bare)
    if asked or (quoted and guess_kind(["\n".join(line[1:-1] for line in bare)]) == "names"):
        delimiter = TAB if source.lower().endswith((".tsv", ".tab")) else ","
        rows = [row for row in _rows(lines, delimiter)[0] if any(row)]
        widths = Counter(map(len, _trimmed(rows) if asked else rows))
        if widths and (widths.most_common(1)[0][0] == 1 or not HAS_LETTER.search(joined)):
            return delimiter
    return None


def _rows(lines: Sequence[str], delimiter: str) -> tuple[list[Row], csv.Error | None]:
    """The rows of lines, up to an error among the first. A later one matters only when the table is read."""
    rows: list[Row] = []
    try:
        rows.extend(row for _, row in rows_of(lines, delimiter))
    except csv.Error as error:
        return rows, error if len(rows) < ROWS else None
    return rows, None


def _trimmed(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows without columns at the end that are empty, as a delimiter at the end of each line makes them."""
    while rows and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    return rows


def _fits(rows: Sequence[Row], delimiter: str, asked: bool) -> bool:
    """Whether rows are those of a table: as many fields in most, and no sentences."""
    drawn = delimiter in ("|", SPACES) and any(row is LINE for row in rows[1:3])
    filled = _trimmed([row for row in rows if any(row)])
    widths = Counter(map(len, filled[titles(filled) :]))
    if not widths:
        return False
    width, most = widths.most_common(1)[0]
    known = is_header(filled[titles(filled)])
    if delimiter in UNUSUAL:
        alike = most == len(filled) >= 3 and (delimiter != ":" or width > 3)
        if not alike or (delimiter == "=" and not all(map(all, filled))):
            return False
    least_width = 1 if drawn and delimiter == "|" else 2
    if width < least_width or most < (0.5 if asked or known else 0.95) * sum(widths.values()):
        return False
    table = table_of("", enumerate(rows), delimiter=delimiter)
    wordy = any(column.holds in ("names", "labels") for column in table.columns)
    numbers = any(column.holds == "numbers" for column in table.columns)
    if asked or numbers or table.header or delimiter == TAB:
        return wordy
    fields = [each for row in filled for each in row if each]
    long = sum(len(each.split()) for each in fields) / len(fields) > (2 if delimiter == SPACES else 3)
    sentences = sum(row[-1].endswith((".", "!", "?", ":", ";", '"', "”", ",")) for row in filled if row[-1])
    alike = delimiter != SPACES or most == len(filled)
    return alike and not long and 4 * sentences <= len(filled) and len(filled) >= 3
