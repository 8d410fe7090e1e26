"""The edit distance (Levenshtein 1966) from a name to the nearest name of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ranked:
    """A name with its score and what that is made of."""

    text: str
    score: float
    """See `rank`."""
    nats_per_symbol: float
    """The loss of the name, END counted."""
    nearest: str
    """The name of the list to which it is closest."""
    edits: int
    """How many edits lead from one to the other."""


def near(names: Sequence[str], edits: int, split: Callable[[str], Sequence[str]] = str) -> Callable[[str], bool]:
    """Whether a name is fewer than `edits` edits away from one of `names`; `split` cuts a name into its symbols."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    choices = [split(name) for name in sorted(set(names))]

    def is_near(name: str) -> bool:
        return process.extractOne(split(name), choices, scorer=Levenshtein.distance, score_cutoff=edits - 1) is not None

    return is_near


def rank(
    names: Sequence[str],
    losses: Sequence[float],
    known: Sequence[str],
    split: Callable[[str], Sequence[str]] = str,
) -> list[Ranked]:
    """The names from the best to the worst; `losses` are their nats per symbol, `known` the list to be unlike.

    `split` cuts a name into its symbols, by default characters.

        score = edits / length - nats per symbol

    with the edits to the nearest known name, and the length of the longer of these two. So a name that has nothing in
    common with any known one is worth as much as one nat per symbol of likelihood.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    choices = sorted(set(known))
    cut = [split(choice) for choice in choices]
    ranked = []
    for name, loss in zip(names, losses, strict=True):
        symbols = split(name)
        nearest, edits, place = process.extractOne(symbols, cut, scorer=Levenshtein.distance)
        score = edits / max(len(symbols), len(nearest)) - loss
        ranked.append(Ranked(name, score, loss, choices[place], int(edits)))
    return sorted(ranked, key=lambda each: (-each.score, each.text))
