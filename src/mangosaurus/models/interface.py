"""What every model offers, and all that sampling, searching, scoring and serving know of a model.

Letters used for shapes throughout: B the batch, V the symbols of the vocabulary (END included), H hidden units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mangosaurus.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.vocabulary import END, Vocabulary

State = tuple[NDArray[Any], ...]
"""Arrays whose first axis is the batch. What they hold is the model's own business."""


@runtime_checkable
class CharModel(Protocol):
    """A distribution over documents, one symbol at a time. Logarithms are natural."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The symbols, in the order of the columns of `log_probs`."""
        ...

    def start(self, batch: int) -> State:
        """The state of `batch` documents of which nothing but the END before the first character has been read."""
        ...

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V); the exponentials of each row sum to one."""
        ...

    def advance(self, state: State, symbols: IntArray) -> State:
        """The state after each row has read one symbol; `symbols` has shape (B,)."""
        ...

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol of every document given those before it: shapes (length + 1,), the last of END."""
        ...


def select(state: State, rows: IntArray | BoolArray) -> State:
    """The rows of a state that `rows` names, by index (repeats allowed) or by mask."""
    return tuple(array[rows] for array in state)


def concatenate(states: Sequence[State]) -> State:
    """One state with the rows of all `states`, in order."""
    return tuple(np.concatenate(arrays) for arrays in zip(*states, strict=True))


def score_by_advancing(model: CharModel, documents: Sequence[IntArray], batch: int = 256) -> list[FloatArray]:
    """`CharModel.score` by the definition: read each document symbol by symbol and look up what was predicted.

    Documents of like length are read side by side, `batch` at a time.
    """
    scores: list[FloatArray] = [np.zeros(0)] * len(documents)
    for rows in like_length(documents, batch):
        lengths = np.array([len(documents[i]) for i in rows])
        symbols = np.full((len(rows), int(lengths[0]) + 1), END)
        for row, i in enumerate(rows):
            symbols[row, : lengths[row]] = documents[i]
        predicted = np.zeros(symbols.shape)
        state = model.start(len(rows))
        for t in range(symbols.shape[1]):
            alive = int(np.count_nonzero(lengths >= t))  # longest first, so those that go on are the first `alive`
            if alive < len(state[0]):
                state = tuple(array[:alive] for array in state)
            predicted[:alive, t] = model.log_probs(state)[np.arange(alive), symbols[:alive, t]]
            state = model.advance(state, symbols[:alive, t])
        for row, i in enumerate(rows):
            scores[i] = predicted[row, : lengths[row] + 1]
    return scores


def like_length(documents: Sequence[IntArray], batch: int) -> Iterator[list[int]]:
    """Indices of the documents in batches of like length, each batch sorted longest first."""
    order = sorted(range(len(documents)), key=lambda i: -len(documents[i]))
    for first in range(0, len(order), batch):
        yield order[first : first + batch]
