"""Folds: ways to divide the corpus into documents to train on and documents to hold out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from mangosaurus.core.arrays import IntArray

FEWEST = 3
"""Names that are held out one by one; of one or two, the other tells too little."""
MOST_FOLDS = 10
SYMBOLS_OF_ALL_FOLDS = 500_000
"""A corpus with more symbols has one fold: it is already large, and counting n-grams for each fold takes time."""


@dataclass(frozen=True)
class Fold:
    """One division of the corpus."""

    train: Sequence[IntArray]
    """The documents to learn from."""
    held_out: list[IntArray]
    """The documents to measure on."""
    counts: IntArray | None = None
    """How often each document to learn from is counted: see training/name_weights.py. None: once each."""
    weights: IntArray | None = None
    """The weights of those to measure on; None: all are 1."""


def held_out_share(symbols: int) -> float:
    """The share of a corpus that a fold holds out: a tenth, or less of a large corpus."""
    return min(0.1, 20 / math.sqrt(symbols))


def split(
    documents: Sequence[IntArray],
    text: bool,
    seed: int,
    counts: IntArray | None = None,
    weights: IntArray | None = None,
) -> list[Fold]:
    """The folds of a corpus, up to MOST_FOLDS, whose held-out documents do not overlap.

    Names are dealt out at random, whatever their `counts` and `weights`. Every fold of texts holds out one stretch of
    the longest, and trains on what is before and after it as separate documents; many short texts are dealt out like
    names. A corpus of fewer than FEWEST names, or of texts with fewer than 200 symbols, has no fold.
    """
    symbols = sum(len(document) + 1 for document in documents)
    share = held_out_share(symbols)
    count = int(np.clip(SYMBOLS_OF_ALL_FOLDS // symbols, 1, MOST_FOLDS))
    rng = np.random.default_rng([seed, 1])
    if text and symbols < 200:
        return []
    longest = max(len(document) for document in documents)
    if text and longest >= 2 * share * symbols:
        return _split_text(documents, share, count, rng)
    if len(documents) < FEWEST:
        return []
    order = rng.permutation(len(documents))
    size = max(1, round(share * len(documents)))
    folds = []
    for first in range(0, min(count * size, len(order) - size + 1), size):
        chosen = np.isin(np.arange(len(documents)), order[first : first + size])
        beside = None if counts is None else counts[~chosen], None if weights is None else weights[chosen]
        folds.append(Fold(list(compress(documents, ~chosen)), list(compress(documents, chosen)), *beside))
    return folds


def _split_text(documents: Sequence[IntArray], share: float, count: int, rng: np.random.Generator) -> list[Fold]:
    lengths = np.array([len(document) for document in documents])
    longest = int(lengths.argmax())
    text = documents[longest]
    size = max(1, round(share * int(lengths.sum())))
    slots = min(count, len(text) // size)
    folds = []
    for slot in rng.permutation(slots):
        # The stretches are spread over the text; a single one lies anywhere.
        low = int(slot) * (len(text) - size) // (slots - 1) if slots > 1 else int(rng.integers(len(text) - size))
        kept = [*documents[:longest], text[:low], text[low + size :], *documents[longest + 1 :]]
        folds.append(Fold([document for document in kept if len(document)], [text[low : low + size]]))
    return folds
