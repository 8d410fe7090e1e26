"""Rows: the lines of a table become fields. Quotes, the lines that a table is drawn with, and comments between rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

TAB = "\t"
SPACES = "  "
"""The delimiter of columns that are aligned: two spaces or more."""
DELIMITERS = (TAB, ",", ";", "|")
UNUSUAL = ("=", "^", "~", ":")
"""Delimiters that names have too: they count only where every line has as many."""
WORDS = {TAB: "TABs", ",": "commas", ";": "semicolons", "|": "bars", SPACES: "spaces"}
COMMENT_WITH_SPACE = re.compile(r"#+(\s|$|!)|//")
HASH = "#"
MAYBE_COMMENT = frozenset("#/ \t")
DRAWN = re.compile(r"[-=+|:\s]*[-=]{2}[-=+|:\s]*")
"""A line between rows, in Markdown, reStructuredText and the tables of psql and MySQL."""
FOOTER = re.compile(r"\(\d+ \w+\)")
"""As psql writes below a table: (26 rows)."""

COUNTED = re.compile(
    r"\s*(?:(\d[\d.,]*)\s+(\S.*)|(\S.*?)(?:(?<!\d) ?[:=~^] ?|\s+[-–—(]\s*|\s+[x×]\s?|\s+)(\d[\d.,]*)\)?)\s*"
)
"""A name and a number before or after it."""

Row = list[str]
LINE: Row = []
"""Stands for a line that is drawn, or a footer; the same object each time."""
COMMENT: Row = []
"""Stands for a comment."""


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, Row]]:
    """The rows of lines, each with the number of its last line; LINE or COMMENT in place of what is none.

    Raises csv.Error if quotes do not fit.
    """
    if delimiter in (SPACES, " "):
        for number, line in enumerate(map(str.strip, lines), start=1):
            if delimiter == " ":
                yield number, _words(line)
            elif line and (DRAWN.fullmatch(line) or COMMENT_WITH_SPACE.match(line)):
                yield number, COMMENT if line[0] in "#/" else LINE
            else:
                yield number, re.split(r"\s{2,}|\t", line)
        return
    bars, begins = delimiter == "|", True

    def ended() -> Iterator[str]:
        nonlocal begins
        for line in lines:
            if begins and line[:1] in MAYBE_COMMENT and COMMENT_WITH_SPACE.match(line.lstrip()):
                line = HASH  # whatever quotes are in it
            begins = False
            yield line.replace("\\|", "\0") + "\n" if bars else f"{line}\n"  # of Markdown; no text has a NUL

    reader = csv.reader(
        ended(),
        delimiter=delimiter,
        strict=True,
        skipinitialspace=delimiter != TAB,
        quoting=csv.QUOTE_NONE if delimiter in UNUSUAL else csv.QUOTE_MINIMAL,
    )
    while True:
        begins = True
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(f"line {reader.line_num:,}: this is no table of columns: {error}") from None
        fields = [each.strip() for each in row]
        if fields == [HASH]:
            fields = COMMENT
        elif bars:
            fields = _between_bars(fields)
        yield reader.line_num, fields


def _between_bars(fields: Row) -> Row:
    if DRAWN.fullmatch("|".join(fields)) or (len(fields) == 1 and FOOTER.fullmatch(fields[0])):
        return LINE
    fields = [each.replace("\0", "|") for each in fields]
    return fields[1:-1] if len(fields) > 1 and not fields[0] and not fields[-1] else fields


def _words(line: str) -> Row:
    """A name and the number before or after it."""
    found = COUNTED.fullmatch(line)
    return [each for each in found.groups() if each is not None] if found else [line]
