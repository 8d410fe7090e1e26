"""A recurrent network in NumPy: RNN (tanh), GRU or LSTM, one layer or more. `training/` trains it in torch.

The parameters are those of torch's modules, transposed so that a row vector multiplies them from the left:

    x  = embedding[symbol]                                                 (B, E)
    z  = x @ input + input_bias,   u = h @ recurrent + recurrent_bias      (B, gates x H), the next layer's x is h
    RNN   h' = tanh(z + u)
    GRU   r, q, n in this order:  r = s(z_r + u_r)   q = s(z_q + u_q)   n = tanh(z_n + r u_n)
          h' = (1 - q) n + q h                     (Cho et al. 2014, with the reset gate after the product)
    LSTM  i, f, g, o in this order:  c' = s(z_f + u_f) c + s(z_i + u_i) tanh(z_g + u_g)
          h' = s(z_o + u_o) tanh(c')               (Gers, Schmidhuber and Cummins 2000)
    log p = log_softmax(h' @ output + output_bias)                         (B, V)

with s the logistic function, which is computed as s(z) = (1 + tanh(z / 2)) / 2: NumPy's tanh is vectorised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import State, log_softmax, score_by_advancing

Cell = Literal["rnn", "gru", "lstm"]
ROWS_IN_CACHE = 256
"""The gates of so many rows are put together at once, in the cache."""
MANY_ROWS = 32
"""From this many rows on, an LSTM's gates are computed one by one: each then fits the cache. Few rows are faster all at
once."""
GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class Layer:
    """The parameters of one layer, float32; D is the embedding's width, or H above the first layer."""

    input: FloatArray
    """(D, gates x H)"""
    recurrent: FloatArray
    """(H, gates x H)"""
    input_bias: FloatArray
    """(gates x H,)"""
    recurrent_bias: FloatArray
    """(gates x H,)"""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a network."""

    cell: Cell
    embedding: FloatArray
    """(V + L, E): a row per symbol, then a row per label. A label's row replaces END's before a document."""
    layers: tuple[Layer, ...]
    output: FloatArray
    """(H, V)"""
    output_bias: FloatArray
    """(V,)"""


class Recurrent:
    """A network that reads symbols one by one. A state is h of every layer, then for LSTMs c of every layer."""

    def __init__(self, vocabulary: Vocabulary, parameters: Parameters) -> None:
        self._vocabulary = vocabulary
        self.parameters = parameters
        self.hidden: int = parameters.layers[0].recurrent.shape[0]
        self._step = {"rnn": _rnn, "gru": _gru, "lstm": lstm_step}[parameters.cell]
        self.layers: list[Prepared] = [prepare(parameters.cell, layer, self.hidden) for layer in parameters.layers]
        # The first layer's input is one of V + L vectors, so that its product is looked up, not computed.
        first = self.layers[0]
        self.table: FloatArray = parameters.embedding @ first.input + first.bias

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def start(self, batch: int) -> State:
        """The state after END, from zeros: h of every layer, then for LSTMs c of every layer; shapes (B, H)."""
        return self.start_with(np.full(batch, END))

    def start_with(self, first: IntArray) -> State:
        """The same after other rows of the embedding than END's, such as labels; `first` has shape (B,)."""
        arrays = len(self.layers) * (2 if self.parameters.cell == "lstm" else 1)
        zeros = tuple(np.zeros((len(first), self.hidden), dtype=np.float32) for _ in range(arrays))
        return self.advance(zeros, first)

    def logits(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read) up to a constant per row, shape (B, V), float32."""
        logits: FloatArray = state[len(self.layers) - 1] @ self.parameters.output
        logits += self.parameters.output_bias
        return logits

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read), shape (B, V), float32."""
        return log_softmax(self.logits(state))

    def advance(self, state: State, symbols: IntArray) -> State:
        """The state after each row has read its symbol; `symbols` has shape (B,)."""
        depth = len(self.layers)
        hidden, cells = list(state[:depth]), list(state[depth:])
        by_gate = self.parameters.cell == "lstm" and len(symbols) >= MANY_ROWS
        for level, layer in enumerate(self.layers):
            if by_gate and level == 0:
                lstm_by_gate(layer, gates_of(self.table, symbols), hidden, cells, level)
                continue
            z = self.table.take(symbols, axis=0) if level == 0 else hidden[level - 1] @ layer.input + layer.bias
            if by_gate:
                lstm_by_gate(layer, np.split(z, 4, axis=1), hidden, cells, level)
            else:
                self._step(layer, z, hidden, cells, level)
        return (*hidden, *cells)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        return score_by_advancing(self, documents)


@dataclass(frozen=True)
class Prepared:
    """A layer with its biases summed and its logistic gates' columns halved, for s(z) = (1 + tanh(z / 2)) / 2."""

    input: FloatArray
    recurrent: FloatArray
    bias: FloatArray
    candidate_bias: FloatArray
    """(H,): the bias that a GRU's reset gate multiplies along with the product; unused by others."""
    gates: list[FloatArray]
    """`recurrent` cut into its gates, each (H, H)."""


def scale_of(cell: Cell, hidden: int) -> FloatArray:
    """What each column of a layer is multiplied by, (gates x H,): see `Prepared`."""
    scale = np.full(GATES[cell] * hidden, 0.5, dtype=np.float32)
    candidate = {"rnn": 0, "gru": 2, "lstm": 2}[cell]
    scale[candidate * hidden : (candidate + 1) * hidden] = 1.0
    return scale


def prepare(cell: Cell, layer: Layer, hidden: int) -> Prepared:
    scale = scale_of(cell, hidden)
    bias = layer.input_bias + layer.recurrent_bias
    if cell == "gru":
        bias[2 * hidden :] = layer.input_bias[2 * hidden :]
    recurrent = np.ascontiguousarray(layer.recurrent * scale)
    return Prepared(
        input=layer.input * scale,
        recurrent=recurrent,
        gates=[np.ascontiguousarray(gate) for gate in np.split(recurrent, GATES[cell], axis=1)],
        bias=bias * scale,
        candidate_bias=layer.recurrent_bias[-hidden:],
    )


def _rnn(layer: Prepared, z: FloatArray, hidden: list[FloatArray], cells: list[FloatArray], level: int) -> None:
    z += hidden[level] @ layer.recurrent
    hidden[level] = np.tanh(z)


def _gru(layer: Prepared, z: FloatArray, hidden: list[FloatArray], cells: list[FloatArray], level: int) -> None:
    h, u, size = hidden[level], hidden[level] @ layer.recurrent, hidden[level].shape[1]
    gates = np.tanh(z[:, : 2 * size] + u[:, : 2 * size])
    gates += 1
    gates *= 0.5
    reset, keep = np.split(gates, 2, axis=1)
    candidate = np.tanh(z[:, 2 * size :] + reset * (u[:, 2 * size :] + layer.candidate_bias))
    hidden[level] = candidate + keep * (h - candidate)


def lstm_step(layer: Prepared, z: FloatArray, hidden: list[FloatArray], cells: list[FloatArray], level: int) -> None:
    """One step of a layer: z, (B, 4H), updates h = hidden[level] and c = cells[level], (B, H) each."""
    size = z.shape[1] // 4
    z += hidden[level] @ layer.recurrent
    np.tanh(z, out=z)
    i, f, g, o = (z[:, first : first + size].copy() for first in range(0, 4 * size, size))
    gated(i, f, g, o, cells[level])
    hidden[level], cells[level] = o, f


def gates_of(table: FloatArray, rows: IntArray) -> Iterator[FloatArray]:
    """What each gate has of some rows of a table, (n, 4H): (B, H) each."""
    flat = table.reshape(4 * len(table), -1)
    return (flat.take(4 * rows + gate, axis=0) for gate in range(4))


def lstm_by_gate(
    layer: Prepared, z: Iterable[FloatArray], hidden: list[FloatArray], cells: list[FloatArray], level: int
) -> None:
    """The same of MANY_ROWS or more; `z` has what each gate adds to its product, (B, H), made as it is asked for."""
    h, c, gates = hidden[level], cells[level], []
    for recurrent, part in zip(layer.gates, z, strict=True):
        gate = h @ recurrent
        gate += part
        gates.append(np.tanh(gate, out=gate))
    for first in range(0, len(h), ROWS_IN_CACHE):
        rows = slice(first, first + ROWS_IN_CACHE)
        i, f, g, o = (gate[rows] for gate in gates)
        gated(i, f, g, o, c[rows])
    hidden[level], cells[level] = gates[3], gates[1]


def gated(i: FloatArray, f: FloatArray, g: FloatArray, o: FloatArray, c: FloatArray) -> None:
    """Makes h of o, and the next c of f. 1 + tanh(z / 2) is twice the gate s(z), so the results are halved."""
    i += 1
    i *= g
    f += 1
    f *= c
    f += i
    f *= 0.5
    np.tanh(f, out=g)
    o += 1
    o *= g
    o *= 0.5
