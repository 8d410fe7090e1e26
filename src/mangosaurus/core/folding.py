"""Folding: known characters in place of characters that a model does not know."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

ALIKE = ("'’‘‚ʼ‛`´", "\"“”„‟«»'", "-–—‐‑‒−", " \u00a0\u2009\u202f\t")
"""Characters that can replace each other: quotation marks, dashes and spaces, plain ones first."""


def fold(character: str, known: Sequence[str]) -> str | None:
    """The text of characters in `known` that can replace `character`; None if nothing is near enough.

    It tries, in this order: the other case, such as `ss` for `ß`; another quotation mark, dash or space; the letters
    without accents and ligatures (Unicode's NFKD), such as `...` for `…`, in either case.
    """
    groups = "".join(group for group in ALIKE if character in group)
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    cased = (character.lower(), character.casefold(), character.upper())
    candidates: tuple[str, ...] = (*cased, *groups, plain, plain.lower(), plain.upper())
    for candidate in candidates:
        if candidate and all(c in known for c in candidate):
            return candidate
    return None


def fold_text(text: str, known: Sequence[str]) -> str:
    """`text` with every character outside `known` folded, if it can be."""
    return text.translate({ord(c): fold(c, known) or c for c in set(text) - set(known)})


def nearest(character: str, known: Sequence[str]) -> str:
    """The known character or characters nearest to `character`: what `fold` finds, or else by code point.

    By code point, characters of the same Unicode category come first: letters for letters, digits for digits.
    """
    category = unicodedata.category(character)

    def distance(other: str) -> tuple[bool, bool, int]:
        theirs = unicodedata.category(other)
        return theirs[0] != category[0], theirs != category, abs(ord(other) - ord(character))

    return fold(character, known) or min(known, key=distance)
