"""The interface of every model: all that sampling, search, scoring and serving need.

Letters used for shapes throughout: B the batch, V the symbols of the vocabulary (END included), H hidden units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, ClassVar, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary

LARGE = 600.0
"""Of numbers up to this, and of those as far below 0, the exponentials are finite and not 0."""
State = tuple[NDArray[Any], ...]
"""Arrays whose first axis is the batch. Their content is private to the model."""


@runtime_checkable
class CharModel(Protocol):
    """A distribution over documents, one symbol at a time. Logarithms are natural."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The symbols, in the order of the columns of `log_probs`."""
        ...

    def start(self, batch: int) -> State:
        """The state of `batch` documents after the END before the first character."""
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


class AnyParameters(Protocol):
    """The parameters of a network: a dataclass of arrays, settings, and `layers`, which are such dataclasses too."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def cell(self) -> str:
        """The kind of network: a key of `models.networks.KINDS`."""
        ...


class Network(CharModel, Protocol):
    """A model that can be one of the networks of a mixture."""

    @property
    def parameters(self) -> AnyParameters:
        """The argument from which `models.networks.network_of` makes the same network."""
        ...

    def start_with(self, first: IntArray) -> State:
        """The state after rows of the embedding that replace END before a document; `first` has shape (B,)."""
        ...

    def logits(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read) up to a constant per row, shape (B, V), float32; the caller may overwrite
        it."""
        ...


def split_state(state: State, widths: Sequence[int]) -> list[State]:
    """Cuts one state into those of several models; `widths` are their numbers of arrays."""
    return [state[end - width : end] for end, width in zip(accumulate(widths), widths, strict=True)]


def select(state: State, rows: IntArray | BoolArray) -> State:
    """Some rows of a state, by index (repeats allowed) or by mask."""
    return tuple(array[rows] for array in state)


def concatenate(states: Sequence[State]) -> State:
    """One state with the rows of all `states`, in order."""
    return tuple(np.concatenate(arrays) for arrays in zip(*states, strict=True))


def log_softmax(logits: FloatArray) -> FloatArray:
    """log p of `logits`, (B, V), which are log p up to a constant per row. Overwrites `logits`."""
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits


def state_after(model: CharModel, symbols: IntArray) -> State:
    """The state of one document after `symbols`, of shape (length,)."""
    state = model.start(1)
    for place in range(len(symbols)):
        state = model.advance(state, symbols[place : place + 1])
    return state


def score_by_advancing(model: CharModel, documents: Sequence[IntArray]) -> list[FloatArray]:
    """`CharModel.score` by its definition: reads each document symbol by symbol and looks up the predictions."""
    scores: list[FloatArray] = [np.zeros(len(document) + 1) for document in documents]
    for t, rows, symbols, log_probs in walk(model, documents):
        for row, score in zip(rows, log_probs[np.arange(len(rows)), symbols], strict=True):
            scores[row][t] = score
    return scores


def predict(model: CharModel, documents: Sequence[IntArray], first: IntArray | None = None) -> list[FloatArray]:
    """log p of every symbol of the vocabulary before each symbol of each document: shapes (length + 1, V).

    `first`, (documents,), is what a model with `start_with` starts each document with, in place of END.
    """
    shapes = [(len(document) + 1, len(model.vocabulary)) for document in documents]
    predictions: list[FloatArray] = [np.zeros(shape) for shape in shapes]
    for t, rows, _, log_probs in walk(model, documents, first=first):
        for row, prediction in zip(rows, log_probs, strict=True):
            predictions[row][t] = prediction
    return predictions


def walk(
    model: CharModel, documents: Sequence[IntArray], batch: int = 256, first: IntArray | None = None
) -> Iterator[tuple[int, IntArray, IntArray, FloatArray]]:
    """Yields (t, documents, symbols, log p of all symbols) for each time t, of the documents that have a symbol t.

    Documents of similar length are read in batches of `batch`. END is the last symbol of each.
    """
    order = np.argsort([-len(document) for document in documents], kind="stable")
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        lengths = np.array([len(documents[i]) for i in rows])
        symbols = np.full((len(rows), int(lengths[0]) + 1), END)
        for row, i in enumerate(rows):
            symbols[row, : lengths[row]] = documents[i]
        state = model.start(len(rows)) if first is None else cast(Network, model).start_with(first[rows])
        alive = len(rows)
        for t in range(symbols.shape[1]):
            yield t, rows[:alive], symbols[:alive, t], model.log_probs(state)
            alive = int(np.count_nonzero(lengths > t))  # longest first, so the first `alive` continue
            if alive:
                state = model.advance(tuple(array[:alive] for array in state), symbols[:alive, t])
