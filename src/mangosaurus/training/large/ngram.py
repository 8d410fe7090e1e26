"""The n-gram of a large corpus: counted once without the held-out part, on which its discounts are fitted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.ngram import NGram
from mangosaurus.training.folds import Fold
from mangosaurus.training.large.counts import count_mapped
from mangosaurus.training.large.documents import Mapped
from mangosaurus.training.ngram_counts import USUAL, fit_discounts

MOST_FITTED = 20_000
"""Held-out symbols that the discounts are fitted on: three numbers a level need no more."""


@dataclass(frozen=True)
class LargeNGram:
    """The n-gram of a large corpus, and how it was counted."""

    folds: list[Fold]
    """The one part of the corpus, or none if it is too small."""
    ngram: NGram
    """Of the corpus without the held-out part."""
    groups: int
    """How much was counted: see `Counted`."""
    note: str


def fit_large_ngram(
    documents: Mapped,
    held_out: Sequence[IntArray] | None,
    vocabulary: Vocabulary,
    order: int,
    memory: int,
    seconds: float,
    seed: int,
    stop: threading.Event | None = None,
    groups: int | None = None,
) -> LargeNGram:
    """Holds a part of a corpus out, and counts and fits the n-gram of the rest.

    The held-out part is so small that the final model goes without it. `held_out` replaces it. `memory` is in bytes.
    Counting takes at most `seconds`, and ends once `stop` is set; `groups` counts as much as an earlier result did
    instead.
    """
    folds = documents.split(seed) if held_out is None else [Fold(documents, list(held_out))]
    kept = folds[0].train if folds else documents
    assert isinstance(kept, Mapped)
    counted = count_mapped(kept, documents.occurring(len(vocabulary)), order, memory, seconds, stop=stop, groups=groups)
    ngram = NGram(vocabulary, counted.counts, np.tile(USUAL, (counted.counts.order, 1)))
    if folds:
        fitted_on = _first(folds[0].held_out, MOST_FITTED)
        discounts = fit_discounts([ngram.evidence(fitted_on)], len(vocabulary))
        del ngram  # before the other is made: they are large
        ngram = NGram(vocabulary, counted.counts, discounts)
    notes = []
    if counted.share < 1:
        notes.append(f"the n-gram has counted {counted.share:.0%} of the corpus, as much as the time allows")
    if counted.threshold > 1:
        notes.append(
            f"its contexts seen fewer than {counted.threshold:,} times are left out, which leaves "
            f"{len(counted.counts.symbol):,} entries"
        )
    return LargeNGram(folds, ngram, counted.groups, "; ".join(notes))


def _first(documents: Sequence[IntArray], most: int) -> Sequence[IntArray]:
    """As many of the first documents as have about `most` symbols."""
    return documents[: max(1, int(np.searchsorted(np.cumsum([len(document) for document in documents]), most)))]
