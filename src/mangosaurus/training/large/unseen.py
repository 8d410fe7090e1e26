"""Of a large list of names in which some stand more than once: what it holds out is what is not learnt from, too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mangosaurus.core.arrays import BoolArray, Hashes, IntArray, splitmix64
from mangosaurus.core.vocabulary import END, join
from mangosaurus.training.folds import FEWEST, Fold
from mangosaurus.training.large.documents import LONGEST_WHOLE, Mapped

MOST_SEARCHED = 200_000_000
"""Symbols to look for held-out names in: some seconds. Of a larger list all that is held out is kept."""
SLICE = 16 * LONGEST_WHOLE
"""Symbols that are read at once: more than the longest name has that is held out."""


def unseen(fold: Fold) -> Fold:
    """The fold with the held-out names that stand nowhere in what it trains on, each once.

    If fewer than FEWEST are left, or in a list that is too large to search, it is as it was.
    """
    train = fold.train
    assert isinstance(train, Mapped)
    header = train.encoded.header
    unique = header.known == header.documents
    if header.kind != "names" or header.longest > LONGEST_WHOLE or unique or train.symbols > MOST_SEARCHED:
        return fold
    wanted = hashes_of(join(fold.held_out)[1:])
    first = np.unique(wanted, return_index=True)[1]
    new = np.flatnonzero(np.isin(np.arange(len(wanted)), first) & ~_seen(train, wanted))
    train.encoded.release()
    return fold if len(new) < FEWEST else replace(fold, held_out=[fold.held_out[place] for place in new])


def hashes_of(symbols: IntArray) -> Hashes:
    """A hash of each name in `symbols`, the last of which is END, as is the last of each name."""
    ends = np.flatnonzero(symbols == END)
    lengths = np.diff(ends, prepend=-1)
    starts = ends - lengths + 1
    place = np.arange(len(symbols)) - np.repeat(starts, lengths)
    mixed = splitmix64((place.astype(np.uint64) << np.uint64(32)) + symbols.astype(np.uint64))
    found: Hashes = np.add.reduceat(mixed, starts)
    return found


def _seen(train: Mapped, wanted: Hashes) -> BoolArray:
    """Which of the names with these hashes are in ranges of whole names."""
    seen = np.zeros(len(wanted), dtype=bool)
    for first, predicted in zip(train.first.tolist(), train.predicted.tolist(), strict=True):
        place, last = first + 1, first + predicted + 1
        while place < last:
            piece = train.read(slice(place, min(place + SLICE, last)))
            names = piece[: np.flatnonzero(piece == END)[-1] + 1]
            seen |= np.isin(wanted, hashes_of(names))
            place += len(names)
    return seen
