"""One text, symbol by symbol: the same numbers as the models' own, in a third of the time.

A model of many rows makes new arrays at every step. Here there is one row: the arrays are made once and written again,
and the nodes of an n-gram are Python's numbers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.models.interface import LARGE, CharModel, Network, State, split_state
from mangosaurus.models.mixture import LARGEST_EXPONENT, Mixture
from mangosaurus.models.ngram import MOST_REMEMBERED, NGram
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import Recurrent

HALF = np.float32(0.5)
FEW = 6
"""So many arcs of a node, or fewer, are added one by one."""


class Stream(Protocol):
    """What reads one text and says what follows."""

    largest: float
    """The absolute values of its logits are at most this."""

    def logits(self) -> FloatArray:
        """log p(next symbol | symbols read) up to a constant, (V,). The caller may write to it until the next call."""
        ...

    def read(self, symbol: int) -> None:
        """Reads one symbol."""
        ...


def stream_of(model: CharModel, state: State) -> Stream:
    """The stream that goes on from a model's state of one row."""
    return _OfMixture(model, state) if type(model) is Mixture else _Stepping(model, model.log_probs, state)


def _expert_of(network: Network | PriorNetwork, state: State) -> Stream:
    """The same of an expert of a mixture."""
    if isinstance(network, Recurrent) and network.parameters.cell == "lstm":
        return _OfLSTM(network, state)
    return _Stepping(network, network.logits, state)


class _Stepping:
    """Any model."""

    largest = math.inf

    def __init__(
        self, model: CharModel | Network | PriorNetwork, predict: Callable[[State], FloatArray], state: State
    ) -> None:
        self._model, self._predict, self._state = model, predict, state

    def logits(self) -> FloatArray:
        row: FloatArray = self._predict(self._state)[0]
        return row

    def read(self, symbol: int) -> None:
        self._state = self._model.advance(self._state, np.array([symbol]))


class _OfMixture:
    """An n-gram with words, a prior or networks: see `mixture.multiply` and `Experts`."""

    largest = math.inf

    def __init__(self, model: Mixture, state: State) -> None:
        self._ngram = _OfNGram(model.ngram, int(state[0][0]))
        self._words, self._word = model.words, 0 if model.words is None else int(state[1][0])
        self._tables = model.tables
        prior = [] if model.prior is None else [model.prior]
        networks: list[Network | PriorNetwork] = [*prior, *model.networks]
        parts = split_state(state[len(self._tables) :], [len(network.start(1)) for network in networks])
        self._all = [_expert_of(network, part) for network, part in zip(networks, parts, strict=True)]
        own = self._all[len(prior) :]
        self._experts = [[each] for each in self._all[: len(prior)]] + ([own] if own else [])
        self._large = LARGEST_EXPONENT * sum(each.largest for each in self._all) > LARGE
        self._row, self._part = np.empty(len(model.vocabulary)), np.empty(len(model.vocabulary))

    def logits(self) -> FloatArray:
        row, part, exponents, probabilities = self._row, self._part, self._exponents(), self._ngram.probabilities()
        np.log(probabilities, out=row)
        row *= exponents[0]
        if self._words is not None:
            self._words.one_row(self._word, probabilities, out=part)
            np.log(part, out=part)
            part *= exponents[1]
            row += part
        for place, streams in enumerate(self._experts, start=len(self._tables)):
            logits = streams[0].logits()
            for stream in streams[1:]:
                logits += stream.logits()
            if len(streams) > 1:
                logits /= len(streams)
            np.multiply(logits, exponents[place], out=part)
            row += part
        if self._large:
            row -= np.maximum.reduce(row)
        return row

    def _exponents(self) -> FloatArray:
        exponents: FloatArray = self._tables[0][self._ngram.node]
        if self._words is not None:
            exponents = exponents + self._tables[1][self._word]
            np.maximum(exponents, 0, out=exponents)
            np.minimum(exponents, LARGEST_EXPONENT, out=exponents)
        return exponents

    def read(self, symbol: int) -> None:
        self._ngram.read(symbol)
        if self._words is not None:
            self._word = self._words.follow(self._word, symbol)
        for stream in self._all:
            stream.read(symbol)


class _OfNGram:
    """An n-gram."""

    def __init__(self, model: NGram, node: int) -> None:
        self.node = node
        self._remembered = model.remembered
        self._short = model.short
        self._symbols, self._added = model.columns[4:6]
        self._suffix, self._first, self._degree, self._backoff, self._symbol, self._kept, self._target = (
            memoryview(cast(Any, column)) for column in model.columns
        )

    def probabilities(self) -> FloatArray:
        """p(next symbol), (V,), by the recursion of `ngram`. Must not be written to."""
        node, longer, remembered = self.node, [], self._remembered
        while node not in remembered:
            longer.append(node)
            node = self._suffix[node]
        row, kept = remembered[node], True
        while longer:
            node = longer.pop()
            row = np.multiply(row, self._backoff[node], out=None if kept else row)
            first, kept = self._first[node], False
            last = first + self._degree[node]
            if last - first <= FEW:
                for arc in range(first, last):
                    row[self._symbol[arc]] += self._kept[arc]
            else:
                row[self._symbols[first:last]] += self._added[first:last]
            if node < self._short and len(remembered) * len(row) < MOST_REMEMBERED:
                remembered[node], kept = row, True
        return row

    def read(self, symbol: int) -> None:
        node = self.node
        while True:
            first = self._first[node]
            last = first + self._degree[node]
            arc = bisect_left(self._symbol, symbol, first, last)
            if arc < last and self._symbol[arc] == symbol:
                self.node = self._target[arc]
                return
            if not node:
                return
            node = self._suffix[node]


class _OfLSTM:
    """An LSTM: `recurrent.lstm_step` in place.

    What is kept of h is twice as large, and the matrices that read it are half as large: halving is exact, so that the
    results are the same. Arrays of ones and halves are added and multiplied faster than numbers.
    """

    def __init__(self, model: Recurrent, state: State) -> None:
        depth, size = len(model.layers), model.hidden
        self._table = model.table
        self._hidden = [array[0] * 2 for array in state[:depth]]
        self._cells = [array[0].copy() for array in state[depth:]]
        halved = [(layer.recurrent * HALF, layer.input * HALF, layer.bias) for layer in model.layers]
        self._levels = [(h, c, *each) for h, c, each in zip(self._hidden, self._cells, halved, strict=True)]
        self._output, self._output_bias = model.parameters.output * HALF, model.parameters.output_bias
        most = np.abs(model.parameters.output).sum(axis=0) + np.abs(self._output_bias)  # no |h| is above 1
        self.largest = float(most.max())
        self._logits = np.empty(len(self._output_bias), dtype=np.float32)
        self._gates, self._from_below = gates, _ = np.empty((2, 4 * size), dtype=np.float32)
        self._parts = gates[: 2 * size], *np.split(gates, 4)
        self._ones, self._halves = np.ones(2 * size, dtype=np.float32), np.full(size, HALF)
        self._one = self._ones[:size]
        self._squashed = np.empty(size, dtype=np.float32)

    def logits(self) -> FloatArray:
        np.dot(self._hidden[-1], self._output, out=self._logits)
        self._logits += self._output_bias
        return self._logits

    def read(self, symbol: int) -> None:
        gates, squashed, ones = self._gates, self._squashed, self._ones
        both, i, f, g, o = self._parts
        below = None
        for h, c, recurrent, weights, bias in self._levels:
            np.dot(h, recurrent, out=gates)
            if below is None:
                gates += self._table[symbol]
            else:
                np.dot(below, weights, out=self._from_below)
                self._from_below += bias
                gates += self._from_below
            np.tanh(gates, out=gates)
            both += ones
            i *= g
            f *= c
            f += i
            np.multiply(f, self._halves, out=c)
            np.tanh(c, out=squashed)
            o += self._one
            np.multiply(o, squashed, out=h)
            below = h
