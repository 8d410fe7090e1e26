"""Scores of long documents and of documents with unknown characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import CharModel
from mangosaurus.models.window import WindowModel

LONGEST_PIECE = 2048
LEAD_IN = 256
"""A piece of a long document is read from this many symbols earlier, for context."""


def known_characters(
    vocabulary: Vocabulary, documents: Sequence[str], weights: Sequence[int] | None = None
) -> tuple[list[IntArray], Counter[str]]:
    """The ids of each document's known symbols, and the count of each unknown symbol: those of a document count
    as often as it does, once without `weights`."""
    unknown: Counter[str] = Counter()
    known = []
    for document, weight in zip(documents, weights or (1,) * len(documents), strict=True):
        ids = vocabulary.find(document)
        missing = np.flatnonzero(ids < 0).tolist()
        symbols = vocabulary.split(document) if missing else ""
        for place in missing:
            unknown[symbols[place]] += weight
        known.append(ids[ids >= 0])
    return known, unknown


def scores_of(model: CharModel, documents: Sequence[IntArray]) -> list[FloatArray]:
    """`model.score`, with long documents read in pieces.

    A WindowModel has no state to carry: it needs no lead-in and batches by itself.
    """
    return model.score(documents) if isinstance(model, WindowModel) else in_pieces(model.score, documents)


def without_impossible_end(score: FloatArray) -> FloatArray:
    """log p of a document's symbols, (length + 1,), without the last, END, if the model gives it no probability."""
    return score if np.isfinite(score[-1]) else score[:-1]


def in_pieces(
    score: Callable[[Sequence[IntArray]], list[FloatArray]],
    documents: Sequence[IntArray],
    longest: int = LONGEST_PIECE,
    lead_in: int = LEAD_IN,
) -> list[FloatArray]:
    """`score`, such as `CharModel.score`, on long documents that are cut into pieces and batched.

    A document of up to `longest` symbols is scored exactly. Every later piece of a longer document is read with
    `lead_in` symbols instead of everything before it: much faster, and nearly the same.
    """
    starts = [range(0, max(1, len(document)), longest) for document in documents]
    scored = iter(
        score(
            [
                document[max(0, first - lead_in) : first + longest]
                for document, firsts in zip(documents, starts, strict=True)
                for first in firsts
            ]
        )
    )
    return [
        np.concatenate([next(scored)[min(first, lead_in) : None if first == firsts[-1] else -1] for first in firsts])
        for firsts in starts
    ]
