"""Data loaders: names in batches of similar length, or texts as parallel streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END, join
from mangosaurus.training.large.documents import Mapped

IGNORED = -100
"""The target of padding: cross-entropy leaves it out."""
STEPS_KEPT = 1000
"""Updates after which the memory of what has been read from a file is freed."""
EVEN = 2
"""Batches of names have a multiple of so many symbols: oneDNN compiles for every new number of them."""
LONGEST_PIECE = 256
"""Longer documents are read in pieces of this many symbols, so that one line cannot fill the memory."""


@dataclass(frozen=True)
class Batch:
    """T steps of B sequences."""

    inputs: Tensor
    """(T, B): the symbol read at each step."""
    targets: Tensor
    """(T, B): the symbol that follows, or IGNORED."""
    carried: Tensor
    """(B,), bool: whether the row continues the same row of the previous batch; if not, it starts from zero."""


Epoch = tuple[int, Callable[[int], Batch]]
"""How many batches there are, and the one of a given number."""


class DataLoader(Iterator[Batch]):
    """Batches of endless epochs. `state` says where it is, and `restore` goes there."""

    def __init__(
        self, begin: Callable[[np.random.Generator], Epoch], rng: np.random.Generator, carries: bool = False
    ) -> None:
        self._begin, self._rng = begin, rng
        self.carries = carries
        """Whether rows may continue those of the previous batch."""
        self._before = rng.bit_generator.state
        """The generator's state before the epoch was drawn. Nothing is drawn later in the epoch."""
        self._epoch: Epoch | None = None
        self._place = 0

    def __next__(self) -> Batch:
        if self._epoch is None or self._place == self._epoch[0]:
            self._draw()
        assert self._epoch is not None
        self._place += 1
        return self._epoch[1](self._place - 1)

    def state(self) -> dict[str, Any]:
        """Where it is, as JSON: the generator at the epoch's beginning, and how many batches of it have been given."""
        return {"generator": self._before, "place": self._place}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes where `state` says. Raises ValueError, KeyError or TypeError if it is not such a state."""
        self._rng.bit_generator.state = state["generator"]
        self._draw()
        place = state["place"]
        if not isinstance(place, int) or self._epoch is None or not 0 <= place <= self._epoch[0]:
            raise ValueError(f"there is no batch {place!r} in the epoch")
        self._place = place

    def last(self) -> Batch | None:
        """The batch that was given last in this epoch."""
        return None if self._epoch is None or not self._place else self._epoch[1](self._place - 1)

    def _draw(self) -> None:
        self._before = self._rng.bit_generator.state
        self._epoch, self._place = self._begin(self._rng), 0


def names(
    documents: Sequence[IntArray],
    batch: int,
    rng: np.random.Generator,
    labelled: bool = False,
    counts: IntArray | None = None,
) -> DataLoader:
    """Endless epochs: every document once an epoch, or as often as `counts`, (documents,), says; in a new order, next
    to others of about its length.

    If the corpus is in a file, every epoch draws other names from all over it.
    """
    repeated = (
        documents if counts is None else [documents[i] for i in np.repeat(np.arange(len(counts)), counts).tolist()]
    )
    whole = [] if isinstance(documents, Mapped) else list(pieces(repeated, labelled))

    def epoch(rng: np.random.Generator) -> Epoch:
        read = list(pieces(documents.draw_names(rng), labelled)) if isinstance(documents, Mapped) else whole
        lengths = np.array([len(piece) for piece in read])
        order = rng.permutation(len(read))
        # The jitter puts each document next to different ones in each epoch.
        order = order[np.argsort(lengths[order] + rng.uniform(0, 2, len(order)), kind="stable")]
        batches = [order[first : first + batch] for first in range(0, len(order), batch)]
        places = rng.permutation(len(batches))
        return len(batches), lambda number: pad([read[i] for i in batches[places[number]]])

    return DataLoader(epoch, rng)


def pieces(documents: Sequence[IntArray], labelled: bool) -> Iterator[IntArray]:
    """Names in pieces of LONGEST_PIECE symbols; each piece begins with the last symbol of the one before.

    END is before and after each name; a labelled name begins with its label instead.
    """
    for document in documents:
        whole = np.concatenate([document, [END]] if labelled else [[END], document, [END]])
        for first in range(0, len(whole) - 1, LONGEST_PIECE):
            yield whole[first : first + LONGEST_PIECE + 1]


def validation_batches(documents: Sequence[IntArray], most: int, labelled: bool = False) -> list[Batch]:
    """The first `most` symbols of `documents`, in batches, to measure the held-out loss on."""
    chosen: list[IntArray] = []
    for piece in pieces(documents, labelled):
        chosen.append(piece)
        most -= len(piece) - 1
        if most <= 0:
            break
    chosen.sort(key=len)
    return [pad(chosen[first : first + 64]) for first in range(0, len(chosen), 64)]


def pad(pieces: Sequence[IntArray]) -> Batch:
    """Pieces as the rows of a batch: all symbols except the last are read, and all except the first are predicted."""
    longest = max(len(piece) for piece in pieces) - 1
    shape = -(-longest // EVEN) * EVEN, len(pieces)
    inputs, targets = np.full(shape, END), np.full(shape, IGNORED)
    for row, piece in enumerate(pieces):
        inputs[: len(piece) - 1, row] = piece[:-1]
        targets[: len(piece) - 1, row] = piece[1:]
    return Batch(torch.from_numpy(inputs), torch.from_numpy(targets), torch.zeros(len(pieces), dtype=torch.bool))


def streams(documents: Sequence[IntArray], batch: int, window: int, rng: np.random.Generator) -> DataLoader:
    """Endless epochs over texts, read in up to `batch` streams at once, about `window` symbols at a time.

    Every document is cut into windows, from the END before it to the END after it. Windows follow each other in a
    stream as they do in the text, and a stream that reaches the end of a document starts another one from zero. Every
    epoch takes the documents in a new order, cuts windows of another length, up to an eighth more or less, and starts
    its streams elsewhere, so that no symbol always stands at the start of a window or of a stream.
    """
    if isinstance(documents, Mapped):
        read: Callable[[IntArray], IntArray] = documents.read
        offsets, lengths = documents.first, documents.predicted
    else:
        read = join(documents).__getitem__
        lengths = np.array([len(document) + 1 for document in documents])  # predicted symbols, END included
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def epoch(rng: np.random.Generator) -> Epoch:
        size = window + int(rng.integers(-(window // 8), window // 8 + 1))
        order = rng.permutation(len(documents))
        counts = -(-lengths[order] // size)
        ends = np.cumsum(counts)  # how many windows there are, up to each document's last
        count = int(ends[-1])
        turn = int(rng.integers(count))
        rows = min(batch, max(1, count // 4))
        steps = count // rows

        def windows(step: int) -> Batch:
            chosen = (np.arange(rows) * steps + step + turn) % count
            number = np.searchsorted(ends, chosen, side="right")
            place = chosen - ends[number] + counts[number]  # the window's, in its document
            document = order[number]
            first = offsets[document] + place * size
            last = np.minimum(first + size, offsets[document] + lengths[document])
            if isinstance(documents, Mapped) and step % STEPS_KEPT == 0:
                documents.encoded.release()
            at = np.arange(int((last - first).max()))[:, None]
            inside = at < last - first
            here = np.where(inside, first + at, 0)
            inputs, targets = read(here).astype(np.int64), read(here + 1).astype(np.int64)
            targets[~inside] = IGNORED
            carried = torch.from_numpy((place > 0) & (step > 0))
            return Batch(torch.from_numpy(inputs), torch.from_numpy(targets), carried)

        return steps, windows

    return DataLoader(epoch, rng, carries=True)
