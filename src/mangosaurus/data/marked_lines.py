"""Lists whose lines have marks: comments, bullets, numbers, quotes, commas at the end. The names are what is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from mangosaurus.core.errors import plain
from mangosaurus.data.rows import COMMENT_WITH_SPACE
from mangosaurus.data.tables import numbered

COMMENTS = ("#", "//")
BULLET = re.compile(r"(?:[-*+•‣⁃◦▪●○·–—]\s+(?:\[[ xX]\]\s+)?|[•‣⁃◦▪●○]\s*)(?=\S)")
NUMBER = re.compile(r"\(?(\d{1,6})\s?[.)\]:]\s*(?=\S)|\[(\d{1,6})\]\s*(?=\S)|(\d{1,6})(?:\s+-\s+|\s+)(?=\S)")
QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "`": "`", "「": "」", "‘": "’"}
HEADING = re.compile(r"\[[^\[\]]+\]|.*:")
NAMED = 3
"""Lines that a note shows."""


def without_comments(lines: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Stripped lines, with nothing in place of comments; notes, and how many lines were comments.

    Comments at the end of lines are cut off. Lines that all begin with a mark are names, as are hashtags: lines of
    which most begin with # and a letter.
    """
    lines, notes, total = [*lines], [], 0
    for mark in COMMENTS:
        marked = {place for place, line in enumerate(lines) if line.startswith(mark)}
        filled = sum(map(bool, lines))
        if not marked or len(marked) == filled:
            continue
        hashtags = {place for place in marked if mark == "#" and COMMENT_WITH_SPACE.match(lines[place]) is None}
        if 2 * len(hashtags) > filled:
            marked -= hashtags
        if not marked:
            continue
        tail = re.compile(rf"\s+{mark}(\s.*)?$")
        cut = ["" if place in marked else tail.sub("", line) for place, line in enumerate(lines)]
        at_ends = sum(a != b for a, b in zip(lines, cut, strict=True)) - len(marked)
        one = len(marked) == 1
        note = f"{len(marked):,} comment line{'' if one else 's'} that begin{'s' if one else ''} with {mark} left out"
        notes.append(note + (f", and {at_ends:,} comment{'' if at_ends == 1 else 's'} after names" if at_ends else ""))
        total += len(marked)
        lines = cut
    return lines, notes, total


def without_marks(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of stripped lines that have bullets, numbers, quotes or commas; and notes of what was taken off.

    Where most lines have a bullet or number, other lines are headings, and left out.
    """
    notes: list[str] = []
    names = [line for line in lines if line]
    for what, pattern in (("bullet", BULLET), ("number", NUMBER)):
        marked = [pattern.match(line) for line in names]
        count = sum(found is not None for found in marked)
        if count < 2 or 2 * count < len(names):
            continue
        if what == "number" and not _counts_up([found for found in marked if found is not None]):
            continue
        others = [name for name, found in zip(names, marked, strict=True) if found is None]
        names = [name[found.end() :] for name, found in zip(names, marked, strict=True) if found is not None]
        notes.append(f"a {what}ed list" if what == "bullet" else "a numbered list")
        if others:
            notes.append(f"left out {_named(others)}, which {'has' if len(others) == 1 else 'have'} no {what}")
    headings = [name for name in names if HEADING.fullmatch(name) and name.startswith("[")]
    if headings and 3 * len(headings) < len(names):
        names = [name for name in names if name not in headings]
        notes.append(f"left out {_named(headings)}, as headings")
    for ends in (",", ";"):
        count = sum(name.endswith(ends) for name in names)
        if len(names) > 2 and count >= len(names) - 1:
            names = [name.removesuffix(ends).strip() for name in names]
            notes.append(f"{'commas' if ends == ',' else 'semicolons'} at the end of lines left out")
    for quote, closing in QUOTES.items():
        if names and all(len(name) > 2 and name[0] == quote and name[-1] == closing for name in names):
            names = [name[1:-1].strip() for name in names]
            notes.append("quotes around names left out")
    return [name for name in names if name], notes


def _counts_up(found: Sequence[re.Match[str]]) -> bool:
    """Whether the numbers count lines, perhaps from 1 anew after a heading. Bare numbers must do so exactly."""
    numbers = [next(group for group in each.groups() if group is not None) for each in found]
    if found[0][3] is not None:
        return len(numbers) > 2 and numbered(numbers)
    values = [int(number) for number in numbers]
    steps = sum(later in (earlier, earlier + 1, 1) for earlier, later in pairwise(values))
    return values[0] <= 1 and 10 * steps >= 9 * (len(values) - 1)


def _named(lines: Sequence[str]) -> str:
    shown = ", ".join(repr(plain(line, 30)) for line in lines[:NAMED])
    count = f"{len(lines):,} line{'' if len(lines) == 1 else 's'}"
    return f"{count} ({shown}{', …' if len(lines) > NAMED else ''})"
