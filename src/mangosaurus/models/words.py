"""The words of a text: which symbol follows the letters of this word, after any word and after the word before it.

A word is a run of letters, combining marks and apostrophes, read in lower case; what is between two words is not part
of a context. So "The sun; th" has the letters "th" after the word "sun". A state is a node: the longest context that
was counted, with the word before it or without. With c(u, w) the count of the symbol w in the context u, N(u) the sum
of c(u, .) and T(u) the number of different symbols that followed,

    p(w | u) = (c(u, w) + a T(u) p(w | u without the word before)) / (N(u) + a T(u))

and in place of the probability without the letters, and in words that were not counted, stands another model's: here
that of an n-gram. With a = 1 this is method C of Witten and Bell 1991, "The zero-frequency problem", interpolated as in
Chen and Goodman 1998, "An empirical study of smoothing techniques for language modeling", section 2.5. Here a is
SHARE_OF_TYPES: the rows are sharper, and the exponents of the mixture say how far they are to be trusted.

The nodes are a forest. Node 0 is the empty context; nodes 1 to W are the words that something other than END followed,
each as the word before a new one, in the order of the nodes that are reached by their letters from node 0. All further
nodes come level by level, those of a level by their parents and then by their letters. So the symbols that followed
each node tell the whole forest.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray, ranges
from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import State
from mangosaurus.models.ngram import LARGEST_SUM

LONGEST_WORD = 32
"""Letters. Longer words are not counted."""
SHARE_OF_TYPES = 0.3
"""a above: chosen among 0.1, 0.3, 0.5 and 1 on held-out parts of two texts; see docs/how-it-works/words.md."""
FEATURES = 4
"""Columns of `Words.features`."""
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"


@dataclass(frozen=True)
class WordCounts:
    """What followed each of M contexts, A symbols in all. The symbols that followed one context are sorted."""

    letters: IntArray
    """(V,): the lower case of each symbol that belongs to words; 0 for all others."""
    degree: IntArray
    """(M,): how many different symbols followed each node."""
    symbol: IntArray
    """(A,): the symbols, node by node."""
    count: IntArray
    """(A,): c(u, w) above."""

    def check(self, symbols: int) -> None:
        """Raises ModelFileError unless the arrays, which may come from a file, fit together for `symbols` symbols;
        `Forest.of` checks the rest."""
        arcs = len(self.symbol)
        fine = (
            len(self.letters) == symbols
            and all(int(array.min(initial=0)) >= 0 for array in (self.letters, self.degree, self.symbol))
            and int(self.letters.max(initial=0)) < symbols > int(self.symbol.max(initial=0))
            and self.letters[END] == 0
            and len(self.degree) > 0
            and int(self.degree.max()) <= symbols
            and arcs == len(self.count) == int(self.degree.sum(dtype=np.int64))
            and int(self.count.min(initial=1)) >= 1
            and self.count.sum(dtype=np.float64) < LARGEST_SUM
        )
        if not fine:
            raise ModelFileError("the arrays of the words do not fit together")
        node = np.repeat(np.arange(len(self.degree)), self.degree.astype(np.int64))
        if not (np.diff(node * symbols + self.symbol.astype(np.int64)) > 0).all():
            raise ModelFileError("the symbols of the words are not sorted")


def letters_of(vocabulary: Vocabulary) -> IntArray:
    """The lower case of each symbol that belongs to words, and 0 for all others: (V,)."""
    number = {symbol: place for place, symbol in enumerate(vocabulary.characters, start=1)}
    found = np.zeros(len(vocabulary), dtype=np.int64)
    for symbol, place in number.items():
        if all(each in APOSTROPHES or unicodedata.category(each)[0] in "LM" for each in symbol):
            found[place] = number.get(symbol.lower(), place)
    return found


@dataclass(frozen=True)
class Forest:
    """Where symbols lead from each node of some counts."""

    keys: IntArray
    """Sorted: parent * V + letter of each node that has a parent. The first of them is node `roots`."""
    roots: int
    """The number of nodes without a parent: 1 + W."""
    suffix: IntArray
    """(M + 1,): the node without the word before; M of a node that has none, and of node M, which is any other word."""
    ended: IntArray
    """(M + 1,): the node after a symbol that is no letter."""

    @classmethod
    def of(cls, counts: WordCounts) -> Forest:
        """Raises ModelFileError if the counts, which may come from a file, are not those of a forest."""
        size, nodes = len(counts.letters), len(counts.degree)
        node = np.repeat(np.arange(nodes), counts.degree.astype(np.int64))
        letter = counts.letters.astype(np.int64)[counts.symbol]
        keys = np.unique((node * size + letter)[letter > 0])
        parent, roots = keys // size, nodes - len(keys)
        if roots < 1 or (parent >= np.arange(roots, nodes)).any():
            raise ModelFileError("the words' nodes are not those that their letters lead to")
        # Level by level, as a suffix is found by that of the parent; `alone` are contexts without a word before.
        suffix, alone = np.full(nodes + 1, nodes), np.zeros(nodes + 1, dtype=bool)
        suffix[1:roots], alone[0] = 0, True
        levels = [0, roots]
        while levels[-1] < nodes:
            first, last = roots + np.searchsorted(parent, levels[-2:])
            if len(levels) > LONGEST_WORD + 1 or first < levels[-1]:
                raise ModelFileError("the words are longer than they may be")
            levels.append(int(last))
            above = parent[first - roots : last - roots]
            alone[first:last] = alone[above]
            short = np.flatnonzero(~alone[first:last])
            wanted = suffix[above[short]] * size + keys[first - roots : last - roots][short] % size
            place = np.searchsorted(keys, wanted)
            if not (np.append(keys, -1)[place] == wanted).all():
                raise ModelFileError("the words have letters after another word that they have not without it")
            suffix[first + short] = roots + place
        # A word is known as the word before if something else than END followed its letters.
        ends = np.flatnonzero(np.bincount(node[(letter == 0) & (counts.symbol != END)], minlength=nodes)[:nodes])
        words = ends[(ends >= roots) & alone[ends]]
        if len(words) != roots - 1:
            raise ModelFileError(f"the words are {len(words):,}, and {roots - 1:,} nodes are there for them")
        ended = np.zeros(nodes + 1, dtype=np.int64)
        ended[:roots] = np.arange(roots)
        ended[words] = np.arange(1, roots)
        inside = np.flatnonzero(suffix[roots:nodes] < nodes) + roots
        ended[inside] = ended[suffix[inside]]
        return cls(keys, roots, suffix, ended)


class Words:
    """The model of words, over the vocabulary of a text. Its state is a node, (B,)."""

    def __init__(self, counts: WordCounts) -> None:
        self.counts = counts
        size, nodes = len(counts.letters), len(counts.degree)
        forest = Forest.of(counts)
        self._searched = memoryview(cast(Any, forest.keys))
        self._keys = np.append(forest.keys, np.iinfo(np.int64).max)  # no search ends beyond the last
        self._roots, self._suffix, self._ended = forest.roots, forest.suffix, forest.ended
        self._letters = counts.letters.astype(np.int64)
        degree = counts.degree.astype(np.int64)
        node = np.repeat(np.arange(nodes), degree)
        self._symbol = counts.symbol.astype(np.int64)
        self._degree = np.append(degree, 0)
        self._first = np.cumsum(self._degree) - self._degree
        total, types = np.bincount(node, weights=counts.count, minlength=nodes), SHARE_OF_TYPES * degree
        self._kept = counts.count / (total + types)[node]
        self._backoff = np.ones(nodes + 1)
        np.divide(types, total + types, out=self._backoff[:-1], where=degree > 0)
        self._size = size
        after = self._suffix < nodes
        known = np.arange(nodes + 1) < nodes
        seen = np.log(np.maximum(np.column_stack([np.append(total, 0), self._degree]), 1))
        self.features: FloatArray = np.column_stack([known & ~after, after, seen]).astype(np.float64)
        """(M + 1, FEATURES): whether the context has no word before, or one; log N(u); log T(u)."""

    def start(self, batch: int) -> State:
        """The empty context, for every row: one array of shape (B,)."""
        return (np.zeros(batch, dtype=np.int64),)

    def advance(self, state: State, symbols: IntArray) -> State:
        """The nodes after each row has read its symbol."""
        node = state[0]
        if len(node) == 1:
            return (np.array([self.follow(int(node[0]), int(symbols[0]))]),)
        letter = self._letters[symbols]
        found = np.where(symbols == END, 0, self._ended[node])
        pending = np.flatnonzero(letter)
        node = node[pending]
        while len(pending):
            wanted = node * self._size + letter[pending]
            place = self._keys.searchsorted(wanted)
            there = self._keys[place] == wanted
            found[pending] = np.where(there, self._roots + place, len(self._suffix) - 1)
            lost = ~there & (node < len(self._suffix) - 1)
            pending, node = pending[lost], self._suffix[node[lost]]
        return (found,)

    def follow(self, node: int, symbol: int) -> int:
        """The node after one symbol."""
        letter = self._letters.item(symbol)
        if not letter:
            return 0 if symbol == END else self._ended.item(node)
        none = len(self._suffix) - 1
        while node < none:
            wanted = node * self._size + letter
            place = bisect_left(self._searched, wanted)
            if place < len(self._searched) and self._searched[place] == wanted:
                return self._roots + place
            node = self._suffix.item(node)
        return none

    def nodes(self, documents: Sequence[IntArray]) -> IntArray:
        """The node before each symbol of each document, END included, one document after the other: (n,)."""
        found = []
        for document in documents:
            node = 0
            found.append(node)
            for symbol in document.tolist():
                node = self.follow(node, symbol)
                found.append(node)
        return np.array(found, dtype=np.int64)

    def probabilities(self, node: IntArray, others: FloatArray) -> FloatArray:
        """p(next symbol | context of `node`), for nodes of shape (B,): (B, V). `others` is what stands in place of the
        probability without any context, (B, V)."""
        if len(node) == 1:
            row = np.empty(self._size)
            self.one_row(int(node[0]), others[0], row)
            return row[None]
        shorter, own = self._suffix[node], self._backoff[node]
        nodes, weights = np.concatenate([shorter, node]), np.concatenate([own, np.ones(len(node))])
        degree = self._degree[nodes]
        arcs = ranges(self._first[nodes], degree)
        cells = self._symbol[arcs] + np.repeat(np.tile(np.arange(0, others.size, self._size), 2), degree)
        added = self._kept[arcs] * np.repeat(weights, degree)
        probability = np.bincount(cells, weights=added, minlength=others.size).astype(np.float64, copy=False)
        return probability.reshape(others.shape) + (own * self._backoff[shorter])[:, None] * others

    def one_row(self, node: int, others: FloatArray, out: FloatArray) -> None:
        """Writes the row of `probabilities` of one node to `out`, (V,), with `others`, (V,)."""
        out[:] = others
        for each in (self._suffix.item(node), node):
            out *= self._backoff[each]
            first = self._first.item(each)
            arcs = slice(first, first + self._degree.item(each))
            out[self._symbol[arcs]] += self._kept[arcs]
