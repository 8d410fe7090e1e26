"""The edit distance (Levenshtein 1966) from a name to the nearest of other names.

Edits are insertions, deletions and substitutions of one symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

APART = 3
"""Edits between any two names that are diverse: none is within two edits of another."""


def near(names: Sequence[str], edits: int, split: Callable[[str], Sequence[str]] = str) -> Callable[[str], bool]:
    """Whether a name is fewer than `edits` edits away from one of `names`; `split` cuts a name into its symbols."""
    choices = [split(name) for name in sorted(set(names))]
    return lambda name: _is_near(split(name), choices, edits)


def apart(split: Callable[[str], Sequence[str]] = str) -> Callable[[str], bool]:
    """Whether a name is APART edits or more from all those for which this was true before."""
    taken: list[Sequence[str]] = []

    def is_apart(name: str) -> bool:
        symbols = split(name)
        if _is_near(symbols, taken, APART):
            return False
        taken.append(symbols)
        return True

    return is_apart


def nearest(
    names: Iterable[str], known: Iterable[str], split: Callable[[str], Sequence[str]] = str
) -> list[tuple[str, int]]:
    """For each name the nearest known one, and the edits between the two; `known` has one name at least."""
    from rapidfuzz import process  # loading it takes time
    from rapidfuzz.distance import Levenshtein

    choices = sorted(set(known))
    cut = [split(choice) for choice in choices]
    found = []
    for name in names:
        _, edits, place = process.extractOne(split(name), cut, scorer=Levenshtein.distance)
        found.append((choices[place], int(edits)))
    return found


def _is_near(symbols: Sequence[str], choices: Sequence[Sequence[str]], edits: int) -> bool:
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    return process.extractOne(symbols, choices, scorer=Levenshtein.distance, score_cutoff=edits - 1) is not None
