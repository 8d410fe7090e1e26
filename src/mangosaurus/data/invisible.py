"""Characters that nobody sees: they are folded or dropped, and counted.

No-break and other unusual spaces become spaces; line and page breaks become line feeds. Control characters, zero-width
spaces, soft hyphens, byte order marks, changes of direction and the colours of terminals are dropped. The zero-width
joiner and non-joiner matter in Indic scripts, in Persian and between emoji; they are dropped between Latin letters
only.
"""

from __future__ import annotations

import re
from collections import Counter

SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
BREAKS = "\x0b\x0c\x85\u2028\u2029"
DROPPED = {
    "control character": "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f",
    "soft hyphen": "\u00ad",
    "zero-width space": "\u180e\u200b\u2060",
    "byte order mark": "\ufeff",
    "mark of direction": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
}
INVISIBLE = re.compile(f"[{SPACES}{BREAKS}{''.join(DROPPED.values())}]")
SEQUENCE = re.compile(r"\x1b\[[0-9;:?]{0,16}[@-~]")
"""What a program writes to a terminal, such as \x1b[31m for red."""
LONGEST_SEQUENCE = 19
JOINERS = "\u200c\u200d"
NEEDLESS = re.compile(f"(?<=[\\x20-\u024f])[{JOINERS}]+(?=[\\x20-\u024f])")
_KINDS = {
    "colour or other command of a terminal": SEQUENCE,
    "no-break space": re.compile(f"[{SPACES}]"),
    "line break of another kind": re.compile(f"[{BREAKS}]"),
    **{kind: re.compile(f"[{characters}]") for kind, characters in DROPPED.items()},
}
_INTO = {"no-break space": " ", "line break of another kind": "\n"}


def fold(text: str, tally: Counter[str]) -> str:
    """`text` with its invisible characters folded or dropped; `tally` counts each kind of them."""
    if INVISIBLE.search(text):
        for kind, found in _KINDS.items():
            text, count = found.subn(_INTO.get(kind, ""), text)
            tally[kind] += count
    if not text.isascii() and (JOINERS[0] in text or JOINERS[1] in text):
        text, count = NEEDLESS.subn("", text)
        tally["zero-width joiner"] += count
    return text


def unfinished(text: str) -> int:
    """Where the end of a folded text begins that may change with what follows: its last letter and joiners after it."""
    end = len(text.rstrip(JOINERS))
    return max(0, end - 1) if end < len(text) or end else 0


def note(tally: Counter[str]) -> str | None:
    """What was folded or dropped, in a line."""
    counts = [f"{count:,} {kind if count == 1 else _several(kind)}" for kind, count in tally.items() if count]
    return f"invisible characters were folded or left out: {', '.join(counts)}" if counts else None


def _several(kind: str) -> str:
    """The plural: of "mark of direction", "marks of direction"."""
    if kind.startswith("colour"):
        return "colours or other commands of a terminal"
    first, of, rest = kind.partition(" of ")
    return f"{first}s{of}{rest}"
