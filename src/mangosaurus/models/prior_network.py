"""The prior of names for one vocabulary and L lists: an LSTM whose gates and output depend on the list.

z     = table[symbol] + gates[list] + h @ recurrent,    h and c as in models/recurrent.py
log p = log_softmax((h * scale[list]) @ output + output_bias[list])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import State, log_softmax, score_by_advancing
from mangosaurus.models.recurrent import MANY_ROWS, Layer, Prepared, gated, gates_of, lstm_by_gate, prepare, scale_of

PIECE = 64
"""Columns of a product of few rows. OpenBLAS copies a matrix before it multiplies, except one of a small product."""


@dataclass(frozen=True)
class PriorParameters:
    """float32. V symbols, H units, L lists (the labels of a list, or 1), D numbers of a list vector."""

    table: FloatArray
    """(V, 4H): what each symbol adds to the gates, the bias included."""
    recurrent: FloatArray
    """(H, 4H)"""
    output: FloatArray
    """(H, V)"""
    vectors: FloatArray
    """(L, D): the list vectors, from which the rest of what depends on a list was made."""
    gates: FloatArray
    """(L, 4H)"""
    scale: FloatArray
    """(L, H)"""
    output_bias: FloatArray
    """(L, V)"""


class PriorNetwork:
    """The prior for a vocabulary. A state is h and c, of shape (B, H), and the number of each row's list, (B,)."""

    def __init__(self, vocabulary: Vocabulary, parameters: PriorParameters) -> None:
        self._vocabulary = vocabulary
        self.parameters: PriorParameters = parameters
        self.hidden: int = len(parameters.recurrent)
        scale, size = scale_of("lstm", self.hidden), self.hidden
        pieces = 1 if size % PIECE else size // PIECE
        by_piece = (parameters.recurrent * scale).reshape(size, 4, pieces, size // pieces)
        self._pieces: FloatArray = np.ascontiguousarray(by_piece.transpose(1, 2, 0, 3))
        """(4, pieces, H, H / pieces): `recurrent`, by gate."""
        self._table, self._gates = parameters.table * scale, parameters.gates * scale
        self._alone = len(parameters.gates) == 1
        if self._alone:  # what all rows have in common is added once
            self._table = self._table + self._gates

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def start(self, batch: int) -> State:
        """The state after END, for the first list."""
        return self.start_with(np.zeros(batch, dtype=np.int64))

    def start_with(self, lists: IntArray) -> State:
        """The state after END for the lists of these numbers, (B,)."""
        if self._alone:
            hidden, cells, _ = self._first
            return hidden.repeat(len(lists), axis=0), cells.repeat(len(lists), axis=0), lists
        return self._started(lists)

    @cached_property
    def _first(self) -> State:
        """The state after END of one document of the first list."""
        return self._started(np.zeros(1, dtype=np.int64))

    def _started(self, lists: IntArray) -> State:
        zeros = np.zeros((len(lists), self.hidden), dtype=np.float32)
        return self.advance((zeros, zeros, lists), np.full(len(lists), END))

    def logits(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read) up to a constant per row, shape (B, V), float32."""
        hidden, _, lists = state
        rows = slice(1) if self._alone else lists
        logits: FloatArray = (hidden * self.parameters.scale[rows]) @ self.parameters.output
        logits += self.parameters.output_bias[rows]
        return logits

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read), shape (B, V), float32."""
        return log_softmax(self.logits(state))

    def advance(self, state: State, symbols: IntArray) -> State:
        """The state after each row has read its symbol; `symbols` has shape (B,)."""
        h, c, lists = state
        if len(symbols) < MANY_ROWS:
            h, c = self._step_of_few(h, c, lists, symbols)
            return (h, c, lists)
        by_gate = gates_of(self._table, symbols)
        if not self._alone:
            by_gate = map(np.add, by_gate, gates_of(self._gates, lists))
        hidden, cells = [h], [c]
        lstm_by_gate(self._prepared, by_gate, hidden, cells, 0)
        return (hidden[0], cells[0], lists)

    @cached_property
    def _prepared(self) -> Prepared:
        """What `lstm_by_gate` needs, for many rows."""
        zeros = np.zeros(4 * self.hidden, dtype=np.float32)
        return prepare("lstm", Layer(self.parameters.table, self.parameters.recurrent, zeros, zeros), self.hidden)

    def _step_of_few(self, h: FloatArray, c: FloatArray, lists: IntArray, symbols: IntArray) -> tuple[FloatArray, ...]:
        """h and c after the symbols."""
        added = self._table.take(symbols, axis=0)
        if not self._alone:
            added += self._gates.take(lists, axis=0)
        z = np.empty((4, *h.shape), dtype=np.float32)
        _, pieces, _, width = self._pieces.shape
        np.matmul(h, self._pieces, out=z.reshape(4, len(h), pieces, width).swapaxes(1, 2))
        z += added.reshape(len(h), 4, self.hidden).swapaxes(0, 1)
        np.tanh(z, out=z)
        i, f, g, o = z
        gated(i, f, g, o, c)
        return o, f

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        return score_by_advancing(self, documents)
