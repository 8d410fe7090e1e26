"""A network that reads the latest symbols afresh before every prediction, as the course's poem model does.

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

with a the layer's activation and s its recurrent activation. State is carried by nothing but the window itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.models.interface import State
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.vocabulary import END, Vocabulary

ROWS = 256
"""Windows that are read side by side: what they need stays near the processor."""

Activation = Callable[[FloatArray], FloatArray]
ACTIVATIONS: dict[str, Activation] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: (1 + np.tanh(x / 2)) / 2,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),  # of Keras 1 and 2
    "hard_sigmoid_sixth": lambda x: np.clip(x / 6 + 0.5, 0, 1),  # what Keras 3 calls hard_sigmoid
}


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


class WindowModel:
    """The network over a vocabulary; it computes in `dtype`. A state is the window: ids of shape (B, window)."""

    def __init__(self, vocabulary: Vocabulary, parameters: WindowParameters, dtype: DTypeLike = np.float64) -> None:
        self._vocabulary = vocabulary
        self.parameters = parameters
        self._layers = [_cast(layer, dtype) for layer in parameters.layers]
        first = self._layers[0]
        # Row 0, END's, has no one-hot entry: it adds the bias alone.
        self._table = np.vstack([np.zeros_like(first.kernel[:1]), first.kernel]) + first.bias
        self._output = parameters.output.astype(dtype)
        self._output_bias = parameters.output_bias.astype(dtype)

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def start(self, batch: int) -> State:
        """Windows of END alone, which reads as nothing: one array of shape (B, window)."""
        return (np.full((batch, self.parameters.window), END),)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | the window), shape (B, V); END's is minus infinity."""
        windows = state[0]
        found = np.full((len(windows), len(self._vocabulary)), -np.inf, dtype=self._output.dtype)
        for first in range(0, len(windows), ROWS):
            logits = self._last(windows[first : first + ROWS]) @ self._output + self._output_bias
            logits -= logits.max(axis=1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
            found[first : first + ROWS, END + 1 :] = logits
        return found

    def advance(self, state: State, symbols: IntArray) -> State:
        """The windows one symbol further; `symbols` has shape (B,)."""
        return (np.concatenate([state[0][:, 1:], symbols[:, None]], axis=1),)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol: shapes (length + 1,); that of END is minus infinity."""
        scores = []
        for document in documents:
            padded = np.concatenate([np.full(self.parameters.window, END), document])
            windows = sliding_window_view(padded, self.parameters.window)[:-1]
            score = np.full(len(document) + 1, -np.inf)
            for first in range(0, len(windows), ROWS):
                rows = self.log_probs((windows[first : first + ROWS],))
                score[first : first + len(rows)] = rows[np.arange(len(rows)), document[first : first + len(rows)]]
            scores.append(score)
        return scores

    def _last(self, windows: IntArray) -> FloatArray:
        """What the last layer says at the last step: (B, H)."""
        said = _run(self._layers[0], self._table[windows.T])  # (T, B, H)
        for layer in self._layers[1:]:
            said = _run(layer, said @ layer.kernel + layer.bias)
        last: FloatArray = said[-1]
        return last


def _cast(layer: WindowLayer, dtype: DTypeLike) -> WindowLayer:
    arrays = {name: getattr(layer, name).astype(dtype) for name in ("kernel", "recurrent", "bias", "recurrent_bias")}
    return replace(layer, **arrays)


def _run(layer: WindowLayer, z: FloatArray) -> FloatArray:
    """h after every step, (T, B, H), from z of every step, (T, B, gates x H)."""
    steps, batch, width = z.shape
    hidden = np.empty((steps, batch, width // GATES[layer.cell]), dtype=z.dtype)
    h = np.zeros_like(hidden[0])
    step = _STEPS[layer.cell](layer, h)
    for t in range(steps):
        h = hidden[t] = step(z[t], h)
    return hidden


def _rnn(layer: WindowLayer, h: FloatArray) -> Callable[[FloatArray, FloatArray], FloatArray]:
    a = ACTIVATIONS[layer.activation]
    return lambda z, h: a(z + h @ layer.recurrent)


def _lstm(layer: WindowLayer, h: FloatArray) -> Callable[[FloatArray, FloatArray], FloatArray]:
    a, s, size = ACTIVATIONS[layer.activation], ACTIVATIONS[layer.recurrent_activation], h.shape[1]
    c = np.zeros_like(h)

    def step(z: FloatArray, h: FloatArray) -> FloatArray:
        nonlocal c
        z = z + h @ layer.recurrent
        entered_and_kept = s(z[:, : 2 * size])
        c = entered_and_kept[:, size:] * c + entered_and_kept[:, :size] * a(z[:, 2 * size : 3 * size])
        return s(z[:, 3 * size :]) * a(c)

    return step


def _gru(layer: WindowLayer, h: FloatArray) -> Callable[[FloatArray, FloatArray], FloatArray]:
    a, s, size = ACTIVATIONS[layer.activation], ACTIVATIONS[layer.recurrent_activation], h.shape[1]
    gates, candidate = layer.recurrent[:, : 2 * size], layer.recurrent[:, 2 * size :]

    def before(z: FloatArray, h: FloatArray) -> FloatArray:
        kept_and_reset = s(z[:, : 2 * size] + h @ gates)
        kept, reset = kept_and_reset[:, :size], kept_and_reset[:, size:]
        return kept * h + (1 - kept) * a(z[:, 2 * size :] + (reset * h) @ candidate)

    def after(z: FloatArray, h: FloatArray) -> FloatArray:
        u = h @ layer.recurrent + layer.recurrent_bias
        kept_and_reset = s(z[:, : 2 * size] + u[:, : 2 * size])
        kept, reset = kept_and_reset[:, :size], kept_and_reset[:, size:]
        return kept * h + (1 - kept) * a(z[:, 2 * size :] + reset * u[:, 2 * size :])

    return after if layer.reset_after else before


_STEPS = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}
