"""Several names in one short line, for `repr` and messages."""

from __future__ import annotations

from collections.abc import Sequence

from mangosaurus.core.errors import plain

ROOM = 60
"""Characters for the first names of a result."""
LONGEST = 30
"""Characters of a name, and of the name of a file."""


def few(names: Sequence[str], most: int = 6, length: int = LONGEST) -> str:
    """The first `most` names, each of at most `length` characters, and … for the rest: `Saco, Voner, …`."""
    return ", ".join(plain(name, length) for name in names[:most]) + (", …" if len(names) > most else "")


def first_of(names: Sequence[str]) -> str:
    """The first of some names, as many as fit, and … for the rest: `'Saco', 'Voner', …`."""
    shown: list[str] = []
    left = ROOM
    for name in names:
        text = f"'{plain(name, LONGEST)}'"
        left -= len(text) + 2
        if left < 0 and shown:
            break
        shown.append(text)
    return ", ".join([*shown, *(["…"] if len(shown) < len(names) else [])])
