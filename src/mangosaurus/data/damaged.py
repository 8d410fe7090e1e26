"""Damaged text: characters that were lost, UTF-8 that was read in another encoding and saved again, and HTML's names
of characters.

The first are U+FFFD, which programs write for what they cannot read. The second has "FranÃ§ois" for "François"; where
all characters beyond ASCII are such, they are put right. Other text is left alone: a run of characters that has a
meaning of its own is hardly ever UTF-8 in bytes of an older encoding. HTML's `&amp;` and `&#39;` are replaced, too.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from functools import cache
from itertools import islice

from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.core.units import counted
from mangosaurus.data.decoding import LOST

RUN = re.compile("[^\x00-\x7f]+")
REFERENCE = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
"""A character as HTML writes it."""
TAG = re.compile(r"<[A-Za-z/!]")
ENCODINGS = ("cp1252", "latin-1", "cp1251", "mac-roman", "cp437", "cp850")
"""In which UTF-8 is read by mistake."""
RUNS = 2000
"""Runs of characters beyond ASCII that are looked at."""
SOME = 0.2
"""A text is damaged if at least this share of them are UTF-8 in another encoding."""
RARE = range(0x180, 0x386)
"""Letters, such as those of phonetics, that a run of two ordinary characters may seem to stand for."""
ROUNDS = 3
"""How often a text may have been read wrongly."""


def mended(text: str, source: str) -> tuple[str, str | None]:
    """The text with its UTF-8 put right, and a note if some was. Raises CorpusError if only a part of it is wrong."""
    note = None
    for _ in range(ROUNDS):
        found = None if text.isascii() else _misread(text)
        if found is None:
            break
        encoding, run, share = found
        left = 0

        def put_right(match: re.Match[str], encoding: str = encoding) -> str:
            nonlocal left
            meant = _meant(match[0], encoding)
            left += meant is None
            return match[0] if meant is None else meant

        whole = RUN.sub(put_right, text)
        if share < 1 or left:
            raise _mixed(text, source, encoding, run)
        note = note or f"{_such_as(text, encoding, run)}; it was put right (`format` can say to take it as it is)"
        text = whole
    return text, note


def has_references(text: str) -> bool:
    """Whether a text that is no markup has characters as HTML writes them."""
    return "&" in text and any(map(_meant_by, REFERENCE.findall(text))) and TAG.search(text) is None


def without_references(text: str) -> tuple[str, str | None]:
    """The text with the characters that HTML's references stand for, and a note if there are some."""
    if not has_references(text):
        return text, None
    found: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        meant = _meant_by(match[0])
        found.extend([match[0]] if meant else [])
        return meant or match[0]

    text = REFERENCE.sub(replaced, text)
    such = f"{found[0]} for {_meant_by(found[0])!r}"
    count = counted(len(found), "character")
    return text, f"{count} written as in HTML, such as {such}, replaced (`format` to take them as they are)"


def _meant_by(reference: str) -> str | None:
    """The character that a reference stands for; None if there is none."""
    meant = html.unescape(reference)
    return None if meant == reference or meant.endswith(";") or LOST in meant else meant


def check_whole(text: str, source: str) -> None:
    """Raises CorpusError if characters of the text were lost."""
    if LOST in text:
        raise _lost(text, source)


def check_undamaged(text: str, source: str) -> None:
    """Raises CorpusError if characters of the text were lost or are UTF-8 read in another encoding."""
    check_whole(text, source)
    found = None if text.isascii() else _misread(text)
    if found is not None:
        raise _mixed(text, source, found[0], found[1])


def _misread(text: str) -> tuple[str, str, float] | None:
    """In which encoding UTF-8 was read, a run that shows it, and the share of such runs; None for undamaged text."""
    runs = {match[0]: None for match in islice(RUN.finditer(text), RUNS)}  # in their order
    best: tuple[str, str, float] | None = None
    for encoding in ENCODINGS:
        wrong = [run for run in runs if _meant(run, encoding) is not None]
        share = len(wrong) / len(runs)
        if share >= SOME and (best is None or share > best[2]):
            best = encoding, wrong[0], share
    return best


def _meant(run: str, encoding: str) -> str | None:
    """What a run of characters stands for as UTF-8; None if it is no UTF-8, or none of usual characters."""
    try:
        meant = codecs.charmap_encode(run, "strict", _bytes_of(encoding))[0].decode("utf-8")
    except UnicodeError:
        return None
    usual = all(ord(c) not in RARE and (c.isprintable() or unicodedata.category(c) in ("Zs", "Cf")) for c in meant)
    return meant if usual else None


@cache
def _bytes_of(encoding: str) -> dict[int, int]:
    """The byte of each character; for a byte that has none, the control character of its number."""
    return {ord(bytes([byte]).decode(encoding, "ignore") or chr(byte)): byte for byte in range(256)}


def _such_as(text: str, encoding: str, run: str) -> str:
    line = _line_with(text, run)
    shown = RUN.sub(lambda match: _meant(match[0], encoding) or match[0], line)
    return f"UTF-8 that was read as {encoding} and saved again, such as {line!r} for {shown!r}"


def _line_with(text: str, part: str) -> str:
    place = text.index(part)
    line = text[text.rfind("\n", 0, place) + 1 : place + 60].split("\n")[0].strip()
    return plain(line if part in line else part, 40)


def _mixed(text: str, source: str, encoding: str, run: str) -> CorpusError:
    return CorpusError(f"{source} has {_such_as(text, encoding, run)}: mend it", *_as_it_is())


def _lost(text: str, source: str) -> CorpusError:
    return CorpusError(
        f"{source} has {counted(text.count(LOST), 'sign')} U+FFFD, as in {_line_with(text, LOST)!r}, where characters "
        "were lost: give the file from which it was made, or leave such lines out by ",
        Option("skip_bad_lines"),
        *_as_it_is(),
    )


def _as_it_is() -> tuple[str | Option, ...]:
    return ", or learn it as it is by ", Option("format", "names"), " or ", Option("format", "text")
