"""What a network is fed: names in batches of like length, or a text as parallel streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mangosaurus.arrays import IntArray
from mangosaurus.vocabulary import END, join

IGNORED = -100
"""The target of padding: cross-entropy leaves it out."""
LONGEST_PIECE = 256
"""Longer documents among names are read in pieces of this many symbols, so that one line cannot fill the memory."""


@dataclass(frozen=True)
class Batch:
    """T steps of B sequences."""

    inputs: Tensor
    """(T, B): the symbol read at each step."""
    targets: Tensor
    """(T, B): the symbol that follows, or IGNORED."""
    carried: bool
    """Whether each row goes on where the same row of the batch before ended."""


def names(documents: Sequence[IntArray], batch: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Epochs without end: every document once an epoch, in a new order, next to others of about its length."""
    pieces = [piece for document in documents for piece in _pieces(document)]
    lengths = np.array([len(piece) for piece in pieces])
    while True:
        order = rng.permutation(len(pieces))
        # The jitter gives each epoch other companions for every document.
        order = order[np.argsort(lengths[order] + rng.uniform(0, 2, len(order)), kind="stable")]
        batches = [order[first : first + batch] for first in range(0, len(order), batch)]
        for place in rng.permutation(len(batches)):
            yield pad([pieces[i] for i in batches[place]])


def _pieces(document: IntArray) -> list[IntArray]:
    """The symbols read and predicted, END before and after, cut so that each piece begins with the last one's end."""
    whole = np.concatenate([[END], document, [END]])
    return [whole[first : first + LONGEST_PIECE + 1] for first in range(0, len(whole) - 1, LONGEST_PIECE)]


def pad(pieces: Sequence[IntArray]) -> Batch:
    """Pieces side by side: of each, all symbols but the last are read and all but the first predicted."""
    longest = max(len(piece) for piece in pieces)
    inputs = np.full((longest - 1, len(pieces)), END)
    targets = np.full((longest - 1, len(pieces)), IGNORED)
    for row, piece in enumerate(pieces):
        inputs[: len(piece) - 1, row] = piece[:-1]
        targets[: len(piece) - 1, row] = piece[1:]
    return Batch(torch.from_numpy(inputs), torch.from_numpy(targets), carried=False)


def streams(documents: Sequence[IntArray], batch: int, window: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Epochs without end over the documents joined by END, cut into `batch` streams and read `window` symbols a time.

    Every epoch cuts at other places, so that no symbol stands forever at the start of a stream or of a window.
    """
    joined = join(documents)
    batch = min(batch, max(1, len(joined) // 4))
    length = len(joined) // batch
    while True:
        turned = torch.from_numpy(np.roll(joined, -int(rng.integers(len(joined)))))
        rows = turned[: length * batch].view(batch, length).t().contiguous()
        for first in range(0, length - 1, window):
            inputs = rows[first : min(first + window, length - 1)]
            yield Batch(inputs, rows[first + 1 : first + 1 + len(inputs)], carried=first > 0)
