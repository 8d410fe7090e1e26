"""The marks in README and docs, as comments of HTML: what they are is told in `documents.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"<!-- *(figure|table|quoted|end)\b(.*?)-->", re.DOTALL)
FENCE = re.compile(r"^( *)(```+|~~~+)[^\n]*\n.*?(?:^ *\2[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
INDENTS = re.compile(r"[-*+>] |\d+[.)] |!!!|\?\?\?|===")
"""Beginnings of lines under which indented text is no code: lists, quotations, admonitions and tabs."""


def without_code(text: str) -> str:
    """The text with blocks of code and code in lines as so many backticks, so that all else stays in its place."""
    text = FENCE.sub(covered, text)
    lines, code, before = text.split("\n"), False, ""
    for place, line in enumerate(lines):
        indented = line.startswith(("    ", "\t"))
        if not line.strip():
            continue
        blank = place == 0 or not lines[place - 1].strip()
        code = indented and (code or blank) and not INDENTS.match(before)
        if code:
            lines[place] = "`" * len(line)
        if not line.startswith(" ") or INDENTS.match(line.strip()):
            before = line.strip()
    return INLINE.sub(covered, "\n".join(lines))


def covered(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "`", match[0])


class MarkError(Exception):
    """One line: where, what is wrong with a mark, and what to do."""


@dataclass(frozen=True)
class Mark:
    """A pair of marks, and what stands between them."""

    kind: str
    """figure, table or quoted."""
    about: str
    """What the first mark says behind its kind."""
    start: int
    end: int
    """Between which characters of the page the shown text stands."""
    shown: str
    place: str
    """File and line."""


def marks(text: str, page: str) -> Iterator[Mark]:
    """The marks of a page, from its beginning to its end.

    Raises:
        MarkError: one has no end, stands in another one, or is where Markdown does not take it.
    """
    opened: tuple[str, str, int, str] | None = None
    for found in COMMENT.finditer(without_code(text)):
        place = f"{page}:{text.count(chr(10), 0, found.start()) + 1}"
        kind, about = found[1], found[2].removeprefix(":").strip()
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        if kind == "end":
            if opened is None:
                raise MarkError(f"{place}: <!-- end --> where no mark is open: remove it")
            yield Mark(*opened[:2], opened[2], found.start(), text[opened[2] : found.start()], opened[3])
            opened = None
            continue
        if opened is not None:
            raise MarkError(f"{opened[3]}: the mark of {opened[0]} {opened[1]} has no <!-- end --> before the next one")
        if kind == "figure" and line in ("", "-", "*", ">"):
            raise MarkError(f"{place}: a line begins with the mark of {about}: put a word before it")
        if kind == "table" and (line or text[found.end() : found.end() + 1] != "\n"):
            raise MarkError(f"{place}: the mark of table {about} needs a line of its own")
        opened = kind, about, found.end(), place
    if opened is not None:
        raise MarkError(f"{opened[3]}: the mark of {opened[0]} {opened[1]} has no <!-- end -->")
