"""The n-gram of a large corpus: counted once, without what is held out, and fitted on that."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np

from mangosaurus.arrays import IntArray
from mangosaurus.models.ngram import NGram
from mangosaurus.training.counting import count_mapped
from mangosaurus.training.kneser_ney import USUAL, fit_discounts
from mangosaurus.training.mapped import Mapped
from mangosaurus.training.split import Part
from mangosaurus.vocabulary import Vocabulary

SHARE_OF_BUDGET = 0.35
"""The share of the time that goes into the n-gram, if there is a network to be trained too."""
MOST_FITTED = 20_000
"""Held-out symbols that the discounts are fitted on: three numbers a level need no more."""


def fit_large_ngram(
    documents: Mapped,
    held_out: Sequence[IntArray] | None,
    vocabulary: Vocabulary,
    order: int,
    memory: int,
    seconds: float,
    seed: int,
    stop: threading.Event | None = None,
) -> tuple[list[Part], NGram, str]:
    """The one part of the corpus, or none if it is too small; the n-gram of what that keeps; and a note on it.

    What is held out is so little that the model handed back does without it. `held_out` takes its place; `memory` is
    in bytes, and `seconds` are for counting, which ends once `stop` is set.
    """
    parts = documents.split(seed) if held_out is None else [Part(documents, list(held_out))]
    kept = parts[0].kept if parts else documents
    assert isinstance(kept, Mapped)
    counted = count_mapped(kept, documents.occurring(len(vocabulary)), order, memory, seconds, stop=stop)
    ngram = NGram(vocabulary, counted.counts, np.tile(USUAL, (counted.counts.order, 1)))
    if parts:
        fitted_on = _first(parts[0].held_out, MOST_FITTED)
        discounts = fit_discounts([ngram.evidence(fitted_on)], len(vocabulary))
        del ngram  # before the other is made: they are large
        ngram = NGram(vocabulary, counted.counts, discounts)
    notes = []
    if counted.share < 1:
        notes.append(f"the n-gram has counted {counted.share:.0%} of the corpus, as much as the time allows")
    if counted.threshold > 1:
        notes.append(
            f"its contexts seen less than {counted.threshold:,} times are left out, which leaves "
            f"{len(counted.counts.symbol):,} entries"
        )
    return parts, ngram, "; ".join(notes)


def seconds_for(budget: float, network: bool) -> float:
    """The seconds for counting, out of a budget; without end where no network follows."""
    return SHARE_OF_BUDGET * budget if network else math.inf


def _first(documents: Sequence[IntArray], most: int) -> Sequence[IntArray]:
    """As many of the first documents as have about `most` symbols."""
    return documents[: max(1, int(np.searchsorted(np.cumsum([len(document) for document in documents]), most)))]
