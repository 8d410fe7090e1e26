"""An n-gram model as a back-off automaton: a state is a node, and reading a symbol follows one arrow.

A node is a context, the last k symbols read (k < order), END included; node 0 is the empty context. The *suffix* of a
node is its context without the oldest symbol. An arc leaves a node for each symbol that followed its context in the
corpus, and leads to the longest context in the automaton that is then a suffix of what was read.

The probabilities are those of interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, "An empirical study
of smoothing techniques for language modeling", section 4.3). With c(u, w) the count of arc w at node u, raw at the
highest order and after END, and below that the number of distinct symbols before (u, w); N(u) the sum of c(u, .);
and D(c) the discount for a count of c, one each for 1, 2, and 3 or more, per order:

    p(w | u) = max(c(u, w) - D(c(u, w)), 0) / N(u)  +  backoff(u) p(w | suffix(u))
    backoff(u) = sum over w of D(c(u, w)) / N(u)

and below the empty context stands the uniform distribution over all symbols.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray, ranges, smallest_unsigned
from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import END, Vocabulary, join
from mangosaurus.models.interface import State

LARGEST_DISCOUNTS = np.array([1.0, 2.0, 3.0])
"""Discounts stay below these, the smallest counts they are subtracted from."""

LARGEST_ORDER = 32
LARGEST_SUM = 2**53
"""Sums of counts below this are exact in float64."""

SHORT, MOST_REMEMBERED = 3, 4_000_000
"""Rows of contexts of up to SHORT symbols are cached, up to MOST_REMEMBERED numbers (32 MB). Where many rows are asked
for, those of all contexts are, if they are no more, and so are their targets (16 MB)."""
SEARCHED = 1000
"""The targets of the first rows are searched: a few names would not be worth a table."""


@dataclass(frozen=True)
class NGramCounts:
    """The automaton and its counts, before any discount. Nodes are numbered level by level, arcs node by node.

    A = arcs, M = nodes. Within a node the arcs are sorted by symbol.
    """

    levels: IntArray
    """(order + 1,): the nodes of level k, whose contexts have k symbols, are levels[k] to levels[k + 1] - 1."""
    suffix: IntArray
    """(M,): the node of the context without its oldest symbol; of node 0 it is node 0."""
    oldest: IntArray
    """(M,): the oldest symbol of the context; of node 0 it is 0."""
    degree: IntArray
    """(M,): how many arcs leave the node."""
    symbol: IntArray
    """(A,): what the arc reads."""
    target: IntArray
    """(A,): the node that it leads to."""
    count: IntArray
    """(A,): c(u, w) above."""

    @property
    def order(self) -> int:
        return len(self.levels) - 1

    def check(self, symbols: int) -> None:
        """Raises ModelFileError unless the arrays, which may come from a file, fit together for `symbols` symbols."""
        nodes, arcs = len(self.suffix), len(self.symbol)
        levels = self.levels.astype(np.int64)
        if self.order < 1 or levels[-1] != nodes or (levels[1:] < levels[:-1]).any() or list(levels[:2]) != [0, 1]:
            raise ModelFileError("the n-gram's levels do not fit its nodes")
        if self.order > LARGEST_ORDER:
            raise ModelFileError(f"the n-gram has the order {self.order:,}; {LARGEST_ORDER} at most are read")
        depth = np.repeat(np.arange(self.order), np.diff(levels))
        fine = (
            nodes == len(self.oldest) == len(self.degree)
            and arcs == len(self.target) == len(self.count)
            and int(self.degree.max(initial=0)) <= arcs  # or their sum could wrap around
            and arcs == int(self.degree.sum(dtype=np.int64))
            and all(int(array.min(initial=0)) >= 0 for array in (self.suffix, self.oldest, self.symbol, self.target))
            and int(self.suffix.max(initial=0)) < nodes > int(self.target.max(initial=0))
            and int(self.symbol.max(initial=0)) < symbols > int(self.oldest.max(initial=0))
            and int(self.degree.min(initial=1)) >= 1 <= int(self.count.min(initial=1))
            and bool((depth[self.suffix[1:]] == depth[1:] - 1).all())
        )
        if not fine:
            raise ModelFileError("the n-gram's arrays do not fit together")
        if self.count.sum(dtype=np.float64) >= LARGEST_SUM:
            raise ModelFileError("the n-gram's counts are larger than those of any corpus")
        node_of_arc = np.repeat(np.arange(nodes), self.degree.astype(np.int64))
        keys = node_of_arc * symbols + self.symbol.astype(np.int64)
        if not (np.diff(keys) > 0).all() or keys[0] != END:
            raise ModelFileError("the n-gram's arcs are not sorted, or none of them ends a document")
        if not self._leads_right(symbols, depth, node_of_arc, keys):
            raise ModelFileError("the n-gram's arcs do not lead where their contexts say")

    def _leads_right(self, symbols: int, depth: IntArray, node_of_arc: IntArray, keys: IntArray) -> bool:
        """Whether contexts are sorted, each once, and every arc leads to the longest one that is a suffix of what was
        read; only then do `score` and `advance` say the same.

        An arc leads where that of its context's suffix does, or to the context that is longer than that one by the
        oldest symbol of its own context, wherever the automaton has such a context.
        """
        suffix, oldest, symbol, target = (
            array.astype(np.int64) for array in (self.suffix, self.oldest, self.symbol, self.target)
        )
        contexts = suffix[1:] * symbols + oldest[1:]
        first = int(self.degree[0])  # after the arcs of the empty context, which has no suffix
        shortened = suffix[node_of_arc[first:]] * symbols + symbol[first:]
        place = np.minimum(np.searchsorted(keys, shortened), len(keys) - 1)
        if not (np.diff(contexts) > 0).all() or not (keys[place] == shortened).all():
            return False
        shorter = np.append(np.zeros(first, dtype=np.int64), target[place])
        longer = shorter * symbols + np.append(symbol[:first], oldest[node_of_arc[first:]])
        grown = target > 0
        grown[grown] = (contexts[target[grown] - 1] == longer[grown]) & (depth[target] > depth[node_of_arc])[grown]
        left = np.flatnonzero(~grown & (depth[shorter] == depth[node_of_arc]) & (depth[node_of_arc] < self.order - 1))
        missed = np.append(contexts, -1)[np.searchsorted(contexts, longer[left])] == longer[left]
        return bool((grown | (target == shorter)).all()) and not missed.any()


@dataclass(frozen=True)
class Evidence:
    """The counts for each of n predicted symbols at each level; zeros where the context is new.

    Smoothing needs nothing else, so discounts are fitted without walking the automaton again.
    """

    count: IntArray
    """(order, n): c(u, w)."""
    total: IntArray
    """(order, n): N(u)."""
    types: IntArray
    """(order, 3, n): how many arcs of u have a count of 1, of 2, and of 3 or more."""

    @classmethod
    def of(cls, parts: Iterable[Evidence]) -> Evidence:
        """That of the symbols of all parts, one after the other."""
        fields = zip(*((each.count, each.total, each.types) for each in parts), strict=True)
        return cls(*(np.concatenate(arrays, axis=-1) for arrays in fields))

    def interpolate(self, discounts: FloatArray, uniform: float) -> FloatArray:
        """p of the n symbols, shape (n,), for `discounts` (order, 3); `uniform` is the probability below level 0."""
        probability = np.full(self.count.shape[1], uniform)
        for count, total, types, discount in zip(self.count, self.total, self.types, discounts, strict=True):
            seen = np.flatnonzero(total)
            kept = count[seen] - np.concatenate([[0.0], discount])[np.minimum(count[seen], 3)]
            probability[seen] = (kept + discount @ types[:, seen] * probability[seen]) / total[seen]
        return probability


class NGram:
    """The smoothed n-gram. `discounts` has shape (order, 3): D(1), D(2), D(3 or more) of each level."""

    def __init__(self, vocabulary: Vocabulary, counts: NGramCounts, discounts: FloatArray) -> None:
        self._vocabulary = vocabulary
        self.counts = counts
        self.discounts: FloatArray = np.asarray(discounts, dtype=np.float64)
        size, nodes = len(vocabulary), len(counts.suffix)
        self._degree = degree = counts.degree.astype(np.int64)
        node_of_arc = np.repeat(np.arange(nodes), degree)
        self._first = np.concatenate([[0], np.cumsum(degree)[:-1]])
        self._suffix = counts.suffix.astype(np.int64)
        self._target = counts.target.astype(np.int64)
        self._symbol = counts.symbol.astype(np.int64)
        self._keys = node_of_arc * size + self._symbol

        levels = counts.levels.astype(np.int64)
        self._depth = depth = np.repeat(np.arange(counts.order, dtype=np.uint8), np.diff(levels))
        count = counts.count.astype(np.int64)
        kinds = np.minimum(count, 3) - 1
        discount = self.discounts[depth[node_of_arc], kinds]
        self._total = smallest_unsigned(np.bincount(node_of_arc, weights=count, minlength=nodes).astype(np.int64))
        types = np.bincount(kinds * nodes + node_of_arc, minlength=3 * nodes)
        self._types = smallest_unsigned(types.reshape(3, nodes))
        self._kept = (count - discount) / self._total[node_of_arc]
        self._backoff = np.bincount(node_of_arc, weights=discount, minlength=nodes) / self._total

        # The empty context ends every chain of suffixes: its distribution is dense, and it has no arcs in the chains.
        self._backoff_of_none = float(self._backoff[0])
        self._unigram = np.full(size, self._backoff[0] / size)
        self._unigram[self._symbol[: degree[0]]] += self._kept[: degree[0]]
        self._chained_degree = degree.copy()
        self._chained_degree[0] = 0
        self._backoff[0] = 1.0
        self._remembered = {0: self._unigram}
        self._rows: tuple[FloatArray, BoolArray] | None = None
        self._searched = 0
        self._known_targets: IntArray | None = None  # one more than the target of each node and symbol; 0 if not known
        self.short: int = int(levels[min(SHORT + 1, counts.order)])
        self._start = int(self._target[np.searchsorted(self._keys, END)])

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    @property
    def order(self) -> int:
        return self.counts.order

    @property
    def columns(self) -> tuple[IntArray | FloatArray, ...]:
        """Of each node its suffix, first arc, number of arcs and back-off weight; of each arc its symbol, what it kept
        and its target."""
        return self._suffix, self._first, self._degree, self._backoff, self._symbol, self._kept, self._target

    @property
    def remembered(self) -> dict[int, FloatArray]:
        """The rows of short contexts that were asked for, by their nodes: see `probabilities`."""
        return self._remembered

    @property
    def backoff(self) -> FloatArray:
        """(M,): backoff(u) of the formula; 1 of the empty context."""
        return self._backoff

    def start(self, batch: int) -> State:
        """The node of the context END, for every row: one array of shape (B,)."""
        return (np.full(batch, self._start),)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | the node's context), shape (B, V), float64."""
        node = state[0]
        if len(node) == 1 or len(self._suffix) * len(self._unigram) > MOST_REMEMBERED:
            return np.log(self.probabilities(node))
        return self._rows_of(node)

    def _rows_of(self, node: IntArray) -> FloatArray:
        """`log_probs` from a table of all nodes, a row of which is made when it is first asked for."""
        if self._rows is None:
            self._rows = np.empty((len(self._suffix), len(self._unigram))), np.zeros(len(self._suffix), dtype=bool)
        table, made = self._rows
        missing = np.flatnonzero(np.bincount(node[~made[node]], minlength=1))
        if len(missing):
            table[missing] = np.log(self._probabilities_of_many(missing))
            made[missing] = True  # last: other threads may read the table
        return table.take(node, axis=0)

    def probabilities(self, node: IntArray) -> FloatArray:
        """p(next symbol | context of `node`), for nodes of shape (B,): shape (B, V), float64.

        Unrolled, the recursion of the module's formula is a sum: each node of the chain of suffixes adds what its
        arcs kept, times the back-off weights of the longer contexts above it.
        """
        if len(node) == 1:
            return self._probabilities_of_one(int(node[0]))[None]
        return self._probabilities_of_many(node)

    def _probabilities_of_many(self, node: IntArray) -> FloatArray:
        batch, size = len(node), len(self._unigram)
        nodes = np.empty((self.order - 1, batch), dtype=np.int64)
        weights = np.empty((self.order - 1, batch))
        weight = np.ones(batch)
        for level in range(self.order - 1):
            nodes[level] = node
            weights[level] = weight
            weight = weight * self._backoff[node]
            node = self._suffix[node]
        rows = np.broadcast_to(np.arange(0, batch * size, size), nodes.shape).ravel()
        flat = nodes.ravel()
        degree = self._chained_degree[flat]
        arcs = ranges(self._first[flat], degree)
        cells = self._symbol[arcs] + np.repeat(rows, degree)
        added = self._kept[arcs] * np.repeat(weights.ravel(), degree)
        probability = np.bincount(cells, weights=added, minlength=batch * size).astype(np.float64, copy=False)
        probability = probability.reshape(batch, size)
        probability += weight[:, None] * self._unigram
        return probability

    def _probabilities_of_one(self, node: int) -> FloatArray:
        """The same for one node, (V,), by the recursion itself, which is faster there. Short contexts are cached."""
        longer = []
        while node and node not in self._remembered:
            longer.append(node)
            node = self._suffix.item(node)
        row = self._remembered[node]
        for node in reversed(longer):
            first = self._first.item(node)
            arcs = slice(first, first + self._degree.item(node))
            row = self._backoff.item(node) * row
            row[self._symbol[arcs]] += self._kept[arcs]
            if node < self.short and len(self._remembered) * len(row) < MOST_REMEMBERED:
                self._remembered[node] = row
        return row

    def _advance_one(self, node: int, symbol: int) -> int:
        """The target of the arc of `symbol`, from the longest suffix of the node's context that has one."""
        while True:
            first = self._first.item(node)
            last = first + self._degree.item(node)
            arc = first + int(self._symbol[first:last].searchsorted(symbol))
            if arc < last and self._symbol.item(arc) == symbol:
                return self._target.item(arc)
            if not node:
                return 0
            node = self._suffix.item(node)

    def advance(self, state: State, symbols: IntArray) -> State:
        """Follows the arc of each row's symbol, from the longest suffix of its context that has one."""
        node = state[0]
        if len(node) == 1:
            return (np.array([self._advance_one(int(node[0]), int(symbols[0]))]),)
        if self._searched < SEARCHED or len(self._suffix) * len(self._unigram) > MOST_REMEMBERED:
            self._searched += len(node)
            return (self._targets(node, symbols),)
        if self._known_targets is None:
            self._known_targets = np.zeros(len(self._suffix) * len(self._unigram), dtype=np.int32)
        cell = node * len(self._unigram) + symbols
        target = self._known_targets.take(cell).astype(np.int64)
        missing = np.flatnonzero(target == 0)
        if len(missing):
            target[missing] = self._targets(node[missing], symbols[missing]) + 1
            self._known_targets[cell[missing]] = target[missing]
        target -= 1
        return (target,)

    def _targets(self, node: IntArray, symbols: IntArray) -> IntArray:
        """The targets of many rows, (B,)."""
        target = np.zeros(len(node), dtype=np.int64)
        pending = np.arange(len(node))
        while len(pending):
            key = node * len(self._unigram) + symbols[pending]
            arc = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            found = self._keys[arc] == key
            target[pending[found]] = self._target[arc[found]]
            lost = ~found & (node > 0)  # a symbol that even the empty context never saw leads to the empty context
            pending = pending[lost]
            node = self._suffix[node[lost]]
        return target

    def table(self, length: int) -> tuple[IntArray, FloatArray]:
        """The dense tables of all contexts of up to `length` symbols, below the order: the first M nodes.

        Returns the node after each symbol, which may have a longer context, and p(next symbol | context): both (M, V).
        """
        levels = self.counts.levels.astype(np.int64)[: length + 2]
        size = len(self._unigram)
        target, probability = np.zeros((levels[-1], size), dtype=np.int64), np.empty((levels[-1], size))
        probability[0] = self._unigram
        target[0, self._symbol[: self._degree[0]]] = self._target[: self._degree[0]]
        ends = np.append(self._first, len(self._symbol))
        for first, last in pairwise(levels[1:]):
            # A context continues like its suffix, except for its own arcs.
            target[first:last] = target[self._suffix[first:last]]
            probability[first:last] = self._backoff[first:last, None] * probability[self._suffix[first:last]]
            arcs = slice(ends[first], ends[last])
            nodes = np.repeat(np.arange(first, last), self._degree[first:last])
            target[nodes, self._symbol[arcs]] = self._target[arcs]
            probability[nodes, self._symbol[arcs]] += self._kept[arcs]
        return target, probability

    def least(self) -> float:
        """A lower bound on the probability of any symbol in any context: its share by back-off weights alone."""
        levels = self.counts.levels.astype(np.int64)
        weight = np.ones(len(self._suffix))
        for first, last in pairwise(levels[1:]):
            weight[first:last] = self._backoff[first:last] * weight[self._suffix[first:last]]
        return float(weight.min() * self._backoff_of_none / len(self._unigram))

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,). All positions of all documents in one pass."""
        if not documents:
            return []
        lengths = [len(document) + 1 for document in documents]
        probability = self.evidence(documents).interpolate(self.discounts, 1 / len(self._unigram))
        return np.split(np.log(probability), np.cumsum(lengths)[:-1])

    def seen(self, node: IntArray | slice) -> tuple[IntArray, IntArray, IntArray]:
        """For each node: the length of its context, N(u), and the number of its arcs, each (B,)."""
        return self._depth[node], self._total[node], self._degree[node]

    def nodes(self, documents: Sequence[IntArray]) -> IntArray:
        """The node before each predicted symbol of each document, one after the other: shape (n,)."""
        node = np.zeros(sum(len(document) + 1 for document in documents), dtype=np.int64)
        for _, live, found in self._contexts(documents):
            node[live] = found
        return node

    def evidence(self, documents: Sequence[IntArray]) -> Evidence:
        """The counts for each symbol of `documents`, END included, one document after the other."""
        following = join(documents)[1:]
        shape = (self.order, len(following))
        count, total = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        types = np.zeros((self.order, 3, len(following)), dtype=np.int64)
        for level, live, node in self._contexts(documents):
            key = node * len(self._unigram) + following[live]
            arc = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            count[level, live] = np.where(self._keys[arc] == key, self.counts.count[arc], 0)
            total[level, live] = self._total[node]
            types[level][:, live] = self._types[:, node]
        return Evidence(count, total, types)

    def _contexts(self, documents: Sequence[IntArray]) -> list[tuple[int, IntArray, IntArray]]:
        """For each level, the positions whose context of that length is in the automaton, and the context's node."""
        preceding = join(documents)[:-1]
        place = np.arange(len(preceding))
        available = place - np.maximum.accumulate(np.where(preceding == END, place, 0)) + 1
        live = np.arange(len(preceding))
        node = np.zeros(len(preceding), dtype=np.int64)
        contexts: list[tuple[int, IntArray, IntArray]] = [(0, live, node)]
        for level in range(1, self.order):
            low, high = int(self.counts.levels[level]), int(self.counts.levels[level + 1])
            children = self._suffix[low:high] * len(self._unigram) + self.counts.oldest[low:high]
            inside = available[live] >= level
            live, node = live[inside], node[inside]
            key = node * len(self._unigram) + preceding[live - level + 1]
            place = np.minimum(np.searchsorted(children, key), len(children) - 1)
            found = children[place] == key if len(children) else np.zeros(len(key), dtype=bool)
            live, node = live[found], place[found] + low
            contexts.append((level, live, node))
        return contexts
