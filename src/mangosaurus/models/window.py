"""A network that reads the whole window of the latest symbols before every prediction, like the course's poem model.

The window's symbols are one-hot rows; END, and what would stand before the document, is a row of zeros. The network
is Keras's: recurrent layers, each of which hands on what it says at every step, and a dense softmax on what the last
layer says at the last step. It gives END no probability: such a model never ends a text. For every step

    z = x @ kernel + bias,   u = h @ recurrent                              (B, gates x H), the next layer's x is h'
    RNN   h' = a(z + u)
    LSTM  i, f, g, o in this order:  c' = s(z_f + u_f) c + s(z_i + u_i) a(z_g + u_g)
          h' = s(z_o + u_o) a(c')
    GRU   q, r, n in this order:     q = s(z_q + u_q)   r = s(z_r + u_r)    h' = q h + (1 - q) n
          n = a(z_n + (r h) @ recurrent_n), or with `reset_after`
          n = a(z_n + r u_n), where u = h @ recurrent + recurrent_bias in all three
    p = softmax(h' @ output + output_bias)                                  (B, V - 1)

with a the layer's activation and s its recurrent activation. Every window is read from zeros: h = c = 0.

In a stream of text each symbol stands in T windows, which are read as a batch: once the symbol is known, all T take
their step, the one that is T symbols long predicts the next symbol, and another begins. The arithmetic is that of
reading each window when it is full, but T rows of one product replace T products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import State, log_softmax
from mangosaurus.models.recurrent import GATES, Cell

ROWS = 256
"""Windows in a batch: what they need stays near the processor."""

STATES = {"rnn": 1, "gru": 1, "lstm": 2}
"""The arrays that a layer hands from step to step: h, and for LSTMs c."""

LARGEST = 1e12
"""Activations without a bound, and what their gates let through, are cut off here: products of them stay finite."""

Activation = Callable[[FloatArray], FloatArray]
ACTIVATIONS: dict[str, Activation] = {
    "linear": lambda x: np.clip(x, -LARGEST, LARGEST),
    "relu": lambda x: np.clip(x, 0, LARGEST),
    "tanh": np.tanh,
    "sigmoid": lambda x: (1 + np.tanh(x / 2)) / 2,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),  # of Keras 1 and 2
    "hard_sigmoid_sixth": lambda x: np.clip(x / 6 + 0.5, 0, 1),  # what Keras 3 calls hard_sigmoid
}
UNBOUNDED = ("linear", "relu")


@dataclass(frozen=True)
class WindowLayer:
    """One recurrent layer; D is V - 1, or H of the layer below."""

    cell: Cell
    kernel: FloatArray
    """(D, gates x H)"""
    recurrent: FloatArray
    """(H, gates x H)"""
    bias: FloatArray
    """(gates x H,)"""
    recurrent_bias: FloatArray
    """(gates x H,): zeros, but in a GRU with `reset_after`."""
    activation: str = "tanh"
    """A key of ACTIVATIONS."""
    recurrent_activation: str = "sigmoid"
    """Another, of the gates; unused in an RNN."""
    reset_after: bool = False
    """Whether a GRU's reset gate multiplies the product, and not what is multiplied."""
    dropout: float = 0.0
    """The share of the layer's outputs that training sets to zero."""


@dataclass(frozen=True)
class WindowParameters:
    """All that such a network has learnt."""

    window: int
    """How many symbols it reads."""
    layers: tuple[WindowLayer, ...]
    output: FloatArray
    """(H, V - 1)"""
    output_bias: FloatArray
    """(V - 1,)"""


class WindowNetwork:
    """The network without names for its symbols; T is its window. It computes in `dtype`."""

    def __init__(self, parameters: WindowParameters, dtype: DTypeLike = np.float64) -> None:
        self.parameters = parameters
        names = ("kernel", "recurrent", "bias", "recurrent_bias")
        self._layers = [
            replace(layer, **{name: getattr(layer, name).astype(dtype) for name in names})
            for layer in parameters.layers
        ]
        first = self._layers[0]
        # Row 0, END's, has no one-hot entry: it adds the bias alone.
        self._table = np.vstack([np.zeros_like(first.kernel[:1]), first.kernel]) + first.bias
        self._output = parameters.output.astype(dtype)
        self._output_bias = parameters.output_bias.astype(dtype)

    def log_probs(self, windows: IntArray) -> FloatArray:
        """log p(next symbol | window), (B, V), of windows of ids, (B, T); END's is minus infinity."""
        found = np.empty((len(windows), 1 + len(self._output_bias)), dtype=self._output.dtype)
        for first in range(0, len(windows), ROWS):
            found[first : first + ROWS] = self._predict(self._last(windows[first : first + ROWS]))
        return found

    def log_probs_of_full(self, state: State) -> FloatArray:
        """The same of the full window of each row of a state, (B, V)."""
        return self._predict(state[-STATES[self._layers[-1].cell]][:, -1])

    @cached_property
    def start(self) -> State:
        """The state of one row that has read END alone."""
        state: list[FloatArray] = []
        z = np.repeat(self._table[END : END + 1], self.parameters.window, axis=0)
        for place, layer in enumerate(self._layers):
            # Window k has read k + 1 times END: one row that reads it again and again goes through all of them.
            row = tuple(np.zeros((1, len(layer.recurrent)), z.dtype) for _ in range(STATES[layer.cell]))
            kept = tuple(np.empty((1, len(z), len(layer.recurrent)), z.dtype) for _ in row)
            for t in range(len(z)):
                row = _STEPS[layer.cell](layer, z[t : t + 1], *row)
                for array, said in zip(kept, row, strict=True):
                    array[:, t] = said
            state += kept
            if place + 1 < len(self._layers):
                z = kept[0][0] @ self._layers[place + 1].kernel + self._layers[place + 1].bias
        return tuple(state)

    def advance(self, state: State, symbols: IntArray) -> State:
        """The windows of every row one symbol further; `symbols` has shape (B,).

        A state is h, and for LSTMs c, of every layer from the lowest, each (B, T, H): window k of a row has read k + 1
        symbols. The last one, which is full, is let go, and a new one begins.
        """
        shape = (*state[0].shape[:2], -1)
        found: list[FloatArray] = []
        z = np.repeat(self._table[symbols], shape[1], axis=0)
        for place, layer in enumerate(self._layers):
            before = (_moved_on(array) for array in state[len(found) : len(found) + STATES[layer.cell]])
            after = _STEPS[layer.cell](layer, z, *before)
            found += [array.reshape(shape) for array in after]
            if place + 1 < len(self._layers):
                z = after[0] @ self._layers[place + 1].kernel + self._layers[place + 1].bias
        return tuple(found)

    def _last(self, windows: IntArray) -> FloatArray:
        """What the last layer says at the last step: (B, H)."""
        said = _run(self._layers[0], self._table[windows.T])  # (T, B, H)
        for layer in self._layers[1:]:
            z = said.reshape(-1, said.shape[2]) @ layer.kernel + layer.bias
            said = _run(layer, z.reshape(*said.shape[:2], -1))
        last: FloatArray = said[-1]
        return last

    def _predict(self, said: FloatArray) -> FloatArray:
        """log p of every symbol, (B, V), from what the last layer says, (B, H)."""
        logits = log_softmax(said @ self._output + self._output_bias)
        return np.concatenate([np.full((len(logits), 1), -np.inf, logits.dtype), logits], axis=1)


class WindowModel:
    """The network over a vocabulary; it computes in `dtype`.

    A state is the window, ids of shape (B, T), and then the state of the network: see `WindowNetwork.advance`. The
    window alone is a state too: none of it has been read yet.
    """

    def __init__(self, vocabulary: Vocabulary, parameters: WindowParameters, dtype: DTypeLike = np.float64) -> None:
        self._vocabulary = vocabulary
        self._network = WindowNetwork(parameters, dtype)
        self.parameters = parameters

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def start(self, batch: int) -> State:
        """Windows of END alone, which reads as nothing, and the windows begun by then."""
        begun = (np.repeat(array, batch, axis=0) for array in self._network.start)
        return (np.full((batch, self.parameters.window), END), *begun)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | the window), shape (B, V); END's is minus infinity."""
        return self._network.log_probs(state[0]) if len(state) == 1 else self._network.log_probs_of_full(state[1:])

    def read(self, symbols: IntArray) -> FloatArray:
        """log p(next symbol | the row's symbols), (B, V), of ids (B, n): their last T, or END before fewer."""
        size = self.parameters.window
        short = max(0, size - symbols.shape[1])
        return self._network.log_probs(np.pad(symbols[:, -size:], ((0, 0), (short, 0)), constant_values=END))

    def advance(self, state: State, symbols: IntArray) -> State:
        """The windows one symbol further; `symbols` has shape (B,)."""
        window = np.concatenate([state[0][:, 1:], symbols[:, None]], axis=1)
        return (window,) if len(state) == 1 else (window, *self._network.advance(state[1:], symbols))

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol: shapes (length + 1,); that of END is minus infinity."""
        scores = []
        for document in documents:
            padded = np.concatenate([np.full(self.parameters.window, END), document])
            windows = sliding_window_view(padded, self.parameters.window)[:-1]
            score = np.full(len(document) + 1, -np.inf)
            for first in range(0, len(windows), ROWS):
                rows = self._network.log_probs(windows[first : first + ROWS])
                score[first : first + len(rows)] = rows[np.arange(len(rows)), document[first : first + len(rows)]]
            scores.append(score)
        return scores


def _moved_on(state: FloatArray) -> FloatArray:
    """The windows of all rows, (B x T, H), each in the place of the one that began before it; the first is new."""
    moved = np.zeros_like(state)
    moved[:, 1:] = state[:, :-1]
    return moved.reshape(-1, state.shape[2])


def _run(layer: WindowLayer, z: FloatArray) -> FloatArray:
    """h after every step, (T, B, H), from z of every step, (T, B, gates x H)."""
    steps, batch, width = z.shape
    hidden = np.empty((steps, batch, width // GATES[layer.cell]), dtype=z.dtype)
    state: tuple[FloatArray, ...] = (np.zeros_like(hidden[0]),) * STATES[layer.cell]
    for t in range(steps):
        state = _STEPS[layer.cell](layer, z[t], *state)
        hidden[t] = state[0]
    return hidden


def _rnn(layer: WindowLayer, z: FloatArray, h: FloatArray) -> tuple[FloatArray]:
    return (ACTIVATIONS[layer.activation](z + h @ layer.recurrent),)


def _lstm(layer: WindowLayer, z: FloatArray, h: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    a, s, size = ACTIVATIONS[layer.activation], ACTIVATIONS[layer.recurrent_activation], h.shape[1]
    z = z + h @ layer.recurrent
    entered, kept = np.split(s(z[:, : 2 * size]), 2, axis=1)
    c = kept * c + entered * a(z[:, 2 * size : 3 * size])
    if layer.recurrent_activation in UNBOUNDED:
        c = np.clip(c, -LARGEST, LARGEST)
    return s(z[:, 3 * size :]) * a(c), c


def _gru(layer: WindowLayer, z: FloatArray, h: FloatArray) -> tuple[FloatArray]:
    a, s, size = ACTIVATIONS[layer.activation], ACTIVATIONS[layer.recurrent_activation], h.shape[1]
    if layer.reset_after:
        u = h @ layer.recurrent + layer.recurrent_bias
        kept, reset = np.split(s(z[:, : 2 * size] + u[:, : 2 * size]), 2, axis=1)
        candidate = a(z[:, 2 * size :] + reset * u[:, 2 * size :])
    else:
        kept, reset = np.split(s(z[:, : 2 * size] + h @ layer.recurrent[:, : 2 * size]), 2, axis=1)
        candidate = a(z[:, 2 * size :] + (reset * h) @ layer.recurrent[:, 2 * size :])
    h = kept * h + (1 - kept) * candidate
    return (np.clip(h, -LARGEST, LARGEST) if layer.recurrent_activation in UNBOUNDED else h,)


_STEPS: dict[str, Callable[..., tuple[FloatArray, ...]]] = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}
