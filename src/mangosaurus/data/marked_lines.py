"""Lists whose lines have marks: comments, bullets, numbers, quotes, commas at the end. The names are what is left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from mangosaurus.core.errors import plain
from mangosaurus.core.units import counted
from mangosaurus.data.rows import COMMENT_WITH_SPACE

COMMENTS = ("#", "//")
RARE_COMMENTS = (";", "--", "%", "/*")
"""Of other programs; only with a space after them, and where the first line and few others have one."""
BULLET = re.compile(r"([^\w\s]{1,4})(\s+|(?=\w))(?:\[[ xX]\]\s+)?(?=\S)")
STICKING = re.compile(r"[-*+]|o ")
"""Bullets where all lines have the same one and a capital after it; `o` is that of word processors."""
PLAIN_BULLETS = frozenset("-*+•‣⁃◦▪●○·–—")
NO_BULLETS = frozenset("\"#%&',./:;?!@\\|¡¿‘’“”…")
"""Punctuation that a name may begin with."""
KINDS_OF_BULLETS = 3
"""Different signs, beside the plain ones, that are bullets of one list."""
NUMBER = re.compile(
    r"(?:[(\[#№]|N[or]\.\s?)?(?P<number>\d{1,6}|[①-⓿❶-➓㈠-㉃㊀-㊿Ⅰ-ↈ]|[^\W\d_]{1,7})"
    r"(?P<end>\ufe0f?\u20e3\s*|\s?[.)\]:．）：、](?!\d)\s*|\s+-\s+|\s+|)(?=\S)"
)
"""What may number a line: digits of any script, a Roman numeral, a letter, or one sign such as ①."""
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
FIRST_LETTERS = "aаα"
"""Of the alphabets whose letters number lines."""
QUOTES = dict(zip("\"'`“„”‘‚«»‹「『《〈＂", ('"', "'", "`", "”", "“”", "”", "’", "‘", *"»«›」』》〉＂"), strict=True))
"""Quotes, and which may close them."""
SIDE_BY_SIDE = re.compile(r'"\s*[^\w"\s]\s*"')
"""What stands between two strings in quotes."""
EMPHASIS = re.compile(
    r"(\*\*\*|\*\*|\*|__|_)(?P<name>[^*_]*[^*_\s:])(?:\1\s*(?P<rest>(?:[:(–—-].*)?)|:\1\s*(?P<said>.*))"
)
"""A name in bold or italic type, as Markdown marks it, and what is said of it."""
SIGNS = frozenset(("Pd", "Po", "Pc", "Ps", "Pe", "Sm", "Sk", "Zs"))
ENDS = {",": "commas", ";": "semicolons", "、": "commas", "，": "commas", "،": "commas", "；": "semicolons"}
HEADING = re.compile(r"\[[^\[\]]+\]|.*:")
DRAWN_HEADING = re.compile(r"([=*~#-]{2,})\s*[^\W_].*?\s*\1")
"""Such as === Boys ===."""
SEPARATOR = re.compile(r"[^\w\s]{3,}(?:\s+[^\w\s]+)*")
"""A line such as --- or ```."""
FOOTNOTES = re.compile(r"(?<=[^\W_])(?:\[(?:\d{1,3}|[a-z]|(?:note|nb|n) \d{1,3})\])+$")
NAMED = 3
"""Lines that a note shows."""


def without_comments(lines: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Stripped lines, with nothing in place of comments; notes, and how many lines were comments.

    Comments at the end of lines are cut off. Lines that all begin with a mark are names, as are hashtags: lines of
    which most begin with # and a letter.
    """
    lines, notes, total = [*lines], [], 0
    first = next(filter(None, lines), "")
    for mark in (*COMMENTS, *(mark for mark in RARE_COMMENTS if first.startswith(f"{mark} "))):
        marked = {place for place, line in enumerate(lines) if line.startswith(mark)}
        filled = sum(map(bool, lines))
        if mark in RARE_COMMENTS:
            marked = {place for place in marked if lines[place].startswith(f"{mark} ")}
            if mark == "/*":
                marked = {place for place in marked if lines[place].endswith("*/")}
            if 2 * len(marked) >= filled:
                continue
        if not marked or len(marked) == filled:
            continue
        hashtags = {place for place in marked if mark == "#" and COMMENT_WITH_SPACE.match(lines[place]) is None}
        if 2 * len(hashtags) > filled:
            marked -= hashtags
        if not marked:
            continue
        tail = re.compile(rf"\s+{re.escape(mark)}(\s.*)?$")
        cut = ["" if place in marked else tail.sub("", line) for place, line in enumerate(lines)]
        at_ends = sum(a != b for a, b in zip(lines, cut, strict=True)) - len(marked)
        begin = "begins" if len(marked) == 1 else "begin"
        note = f"{counted(len(marked), 'comment line')} that {begin} with {mark} left out"
        notes.append(note + (f", and {counted(at_ends, 'comment')} after names" if at_ends else ""))
        total += len(marked)
        lines = cut
    return lines, notes, total


def without_marks(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of stripped lines that have bullets, numbers, quotes or commas; and notes of what was taken off.

    Where most lines have a bullet or number, other lines are headings, and left out.
    """
    notes: list[str] = []
    names = [line for line in lines if line]
    drawn = [name for name in names if _is_separator(name)]
    if drawn and 2 * len(drawn) < len(names):
        names = [name for name in names if not _is_separator(name)]
        notes.append(f"left out {named(drawn)}, which {'has' if len(drawn) == 1 else 'have'} no letter or digit")
    for what, ends_of in (("bullet", _bullets), ("number", _numbers)):
        ends = ends_of(names)
        if ends is None:
            continue
        others = [name for name, end in zip(names, ends, strict=True) if end is None]
        names = [name[end:] for name, end in zip(names, ends, strict=True) if end is not None]
        notes.append(f"a {what}ed list" if what == "bullet" else "a numbered list")
        if others:
            notes.append(f"left out {named(others)}, which {'has' if len(others) == 1 else 'have'} no {what}")
    headings = [
        name for name in names if (name.startswith("[") and HEADING.fullmatch(name)) or DRAWN_HEADING.fullmatch(name)
    ]
    if headings and 3 * len(headings) < len(names):
        names = [name for name in names if name not in headings]
        notes.append(f"left out {named(headings)}, as headings")
    bare = [FOOTNOTES.sub("", name) for name in names]
    cited = sum(a != b for a, b in zip(names, bare, strict=True))
    if cited:
        names = bare
        notes.append(f"marks of footnotes at the end of {cited:,} line{'' if cited == 1 else 's'} left out")
    for sign, word in ENDS.items():
        if len(names) > 2 and sum(name.endswith(sign) for name in names) >= len(names) - 1:
            names = [name.removesuffix(sign).strip() for name in names]
            notes.append(f"{word} at the end of lines left out")
    marked = [EMPHASIS.fullmatch(name) for name in names]
    if names and all(marked):
        rest = [found["rest"] or found["said"] for found in marked if found and (found["rest"] or found["said"])]
        names = [found["name"] for found in marked if found]
        notes.append("marks of bold or italic type left out")
        if rest:
            notes.append(f"left out what follows such names ({plain(rest[0], 30)!r}{', …' if rest[1:] else ''})")
    inside = unquoted(names)
    if inside is not None:
        names = inside
        notes.append("quotes around names left out")
    return [name for name in names if name], notes


def _is_separator(line: str) -> bool:
    """Whether a line has only punctuation, and no letter, digit, emoji or the like."""
    return SEPARATOR.fullmatch(line) is not None and all(unicodedata.category(each) in SIGNS for each in line)


def unquoted(names: Sequence[str]) -> list[str] | None:
    """The names without quotes, if all stand in quotes of the same kind; None if they do not."""
    opening = names[0][:1] if names else ""
    closing = QUOTES.get(opening)
    if closing is None or not all(len(name) > 2 and name[0] == opening and name[-1] in closing for name in names):
        return None
    if any(SIDE_BY_SIDE.search(name[1:-1]) for name in names):
        return None
    if opening not in closing and any(opening in name[1:] or name[-1] in name[:-1] for name in names):
        return None  # several, side by side
    return [name[1:-1].strip() for name in names]


Ends = list[int | None]
"""Where the mark of each line ends; None for a line without one."""


def _bullets(lines: Sequence[str]) -> Ends | None:
    """The bullets of lines, if they have some: signs of any kind before a space, or before letters if beyond ASCII."""
    sticking = STICKING.match(lines[0]) if len(lines) > 2 else None
    if sticking and all(line.startswith(sticking[0]) and line[sticking.end() :][:1].isupper() for line in lines):
        return [sticking.end()] * len(lines)
    ends: Ends = []
    signs: set[str] = set()
    for line in lines:
        found = BULLET.match(line)
        sign = found[1] if found else ""
        spaced = found is not None and found[2] != ""
        good = unicodedata.category(sign[:1] or "a")[0] in "PS" and all(_may_be_bullet(each, spaced) for each in sign)
        ends.append(found.end() if found and good else None)
        signs |= {sign} - PLAIN_BULLETS if good else set()
    count = len(lines) - ends.count(None)
    alike = not signs or len(signs) < min(count, KINDS_OF_BULLETS + 1)
    return ends if count > 1 and 2 * count >= len(lines) and alike else None


def _may_be_bullet(character: str, spaced: bool) -> bool:
    kind = unicodedata.category(character)
    if not spaced and (character.isascii() or kind in ("Pd", "Sk")):
        return False
    return kind in ("Pd", "Po", "So", "Sm", "Sk", "Mn", "Cf") and character not in NO_BULLETS


def _numbers(lines: Sequence[str]) -> Ends | None:
    """The numbers of lines, if they count them: 1, 2; ①, ②; i, ii; a, b."""
    found = [NUMBER.match(line) for line in lines]
    if 2 * (len(lines) - found.count(None)) < len(lines):
        return None
    for value_of in (_figure, _roman, _letter):
        values = [None if each is None else value_of(each["number"], each["end"]) for each in found]
        marked = [(value, each) for value, each in zip(values, found, strict=True) if value is not None and each]
        if len(marked) < 2 or 2 * len(marked) < len(lines):
            continue
        bare = value_of is _figure and not (marked[0][1]["end"].strip() or not marked[0][1]["number"].isdecimal())
        if _counts_up([value for value, _ in marked], bare, len(marked) == len(lines), value_of is _figure):
            return [
                None if value is None or each is None else each.end() for value, each in zip(values, found, strict=True)
            ]
    return None


def _figure(text: str, end: str) -> int | None:
    """The value of digits, or of a sign such as ①."""
    if text.isdecimal():
        return int(text) if end else None
    value = unicodedata.numeric(text, None) if len(text) == 1 else None
    return None if value is None or value != int(value) else int(value)


def _roman(text: str, end: str) -> int | None:
    """The value of a Roman numeral."""
    if not end.strip() or not (text.islower() or text.isupper()) or not set(text.lower()) <= set(ROMAN):
        return None
    values = [ROMAN[character] for character in text.lower()]
    return sum(-value if value < later else value for value, later in pairwise([*values, 0]))


def _letter(text: str, end: str) -> int | None:
    """The place of a letter in its alphabet."""
    if not end.strip() or len(text) > 1:
        return None
    first = max((ord(each) for each in FIRST_LETTERS if each <= text.lower()), default=0)
    return ord(text.lower()) - first + 1


def _counts_up(values: Sequence[int], bare: bool, all_marked: bool, figures: bool) -> bool:
    """Whether the numbers count lines, perhaps from 1 anew after a heading.

    Bare numbers, letters and numerals must do so exactly. `1.` alone is a number only if all lines have it.
    """
    steps = [later - earlier for earlier, later in pairwise(values)]
    if len(values) > 2 and (set(steps) == {1} or (set(steps) == {-1} and values[-1] == 1)):
        return values[0] <= 1 if bare or not figures else True
    if bare:
        return False
    if not figures:
        return (
            len(values) > 2 and values[0] == 1 and all(s == 1 or v == 1 for s, v in zip(steps, values[1:], strict=True))
        )
    good = sum(step in (0, 1) or later == 1 for step, later in zip(steps, values[1:], strict=True))
    return values[0] <= 1 and 10 * good >= 9 * len(steps) and (all_marked or max(values) > 1)


def without_frame(lines: Sequence[str]) -> tuple[list[str], list[str], bool]:
    """Stripped lines without an introduction, a closing sentence and headings; what was left out; whether all began so.

    An introduction is one of the first lines that ends in a colon, with what stands above it. A closing sentence is the
    last line, below an empty one or below an introduction.
    """
    places = [place for place, line in enumerate(lines) if line]
    first = next((number for number, place in enumerate(places[:3]) if lines[place].endswith((":", "："))), None)
    begin = 0 if first is None else first + 1
    end, last = len(places), lines[places[-1]]
    if end - begin > 1 and last[-1] in ".!?:)" and len(last.split()) > 2:
        end -= first is not None or not lines[places[-1] - 1]
    inner, left_out = places[begin:end], [*places[:begin], *places[end:]]
    headings = [place for place in inner if lines[place].endswith((":", "："))] if first is not None else []
    if 3 * len(headings) <= len(inner):
        inner = [place for place in inner if not lines[place].endswith((":", "："))] if headings else inner
        left_out = sorted([*left_out, *headings])
    return [lines[place] for place in inner], [lines[place] for place in left_out], first is not None


def named(lines: Sequence[str]) -> str:
    shown = ", ".join(repr(plain(line, 30)) for line in lines[:NAMED])
    return f"{counted(len(lines), 'line')} ({shown}{', …' if len(lines) > NAMED else ''})"
