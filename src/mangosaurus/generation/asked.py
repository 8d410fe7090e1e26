"""Wishes as users write them: the options that `sample` and `top` have in common."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Set
from pathlib import Path
from typing import TypedDict

from mangosaurus.arguments import several
from mangosaurus.errors import OptionError
from mangosaurus.generation.constraint import Wishes, read_avoid
from mangosaurus.vocabulary import shorten


class Asked(TypedDict, total=False):
    """The options, all of which may be left out; what each means stands at Wishes."""

    prefix: str
    suffix: str
    contains: str | Iterable[str]
    """One text, or a list of them."""
    pattern: str | Iterable[str]
    """One regular expression, or a list of them."""
    min_length: int | None
    max_length: int | None
    length: str | int | tuple[int | None, int | None] | None
    """Both at once: "6..12", "6..", "..12", "8", 8 or (6, 12)."""
    without: str
    avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None
    """A list or a set of names, or the path of a file of them: one string is a path."""
    avoid_parts: bool


def wishes_of(asked: Asked) -> Wishes:
    """What is asked for, in NFC.

    Raises OptionError if `length` cannot be read or comes together with another limit, or for `avoid_parts` without
    `avoid`; CorpusError if the file of names to avoid cannot be read.
    """
    least, most = asked.get("min_length"), asked.get("max_length")
    length = asked.get("length")
    if length is not None:
        if least is not None or most is not None:
            raise OptionError("length says both ends; leave out min-length and max-length")
        least, most = _ends(length)
    avoid = asked.get("avoid")
    if avoid is None and asked.get("avoid_parts"):
        raise OptionError("avoid-parts needs avoid, the names to look for")
    if isinstance(avoid, str | os.PathLike):
        avoid = read_avoid(Path(avoid) if os.fspath(avoid) not in ("-", "") else os.fspath(avoid))
    return Wishes(
        prefix=asked.get("prefix", ""),
        suffix=asked.get("suffix", ""),
        contains=tuple(several(asked.get("contains", ()))),
        patterns=tuple(several(asked.get("pattern", ()))),
        min_length=least,
        max_length=most,
        without=asked.get("without", ""),
        avoid=() if avoid is None else tuple(avoid),
        avoid_parts=asked.get("avoid_parts", False),
    ).normalized()


def _ends(length: str | int | tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    if isinstance(length, int):
        return length, length
    if isinstance(length, str):
        found = re.fullmatch(r"\s*(?:([0-9]{1,9})|([0-9]{0,9})\s*\.\.\s*([0-9]{0,9}))\s*", length)
        if not found or not any(found.groups()):
            raise OptionError(
                f"length is {shorten(length)!r}; write 6..12, or 6.. or ..12 for one end, or one number for both"
            )
        exact, least, most = (int(part) if part else None for part in found.groups())
        return (exact, exact) if exact is not None else (least, most)
    return length
