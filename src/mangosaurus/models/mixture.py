"""A mixture of an n-gram and other models, with weights that depend on how much the n-gram has seen.

    p(w | context) = sum over experts e of  a_e(node) p_e(w | context)
    a(node) = softmax(features(node) @ weights)

where node is the n-gram's state. The features are what is known of its context: how long it is (one of `order`), and
how often, and with how many different continuations, it was seen. Since they belong to nodes, the weights a are a
table of the automaton, made once. (Interpolation by buckets of context counts: Jelinek and Mercer 1980.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.models.interface import CharModel, State
from mangosaurus.models.ngram import NGram
from mangosaurus.vocabulary import Vocabulary


def features(ngram: NGram, node: IntArray) -> FloatArray:
    """What the weights depend on, for nodes of shape (n,): shape (n, order + 3).

    The length of the context, one-hot; log N(u); log of the number of distinct continuations; and whether N(u) is 1.
    """
    length, total, types = ngram.seen(node)
    one_hot = length[:, None] == np.arange(ngram.order)
    return np.column_stack([one_hot, np.log(total), np.log(types), total == 1]).astype(np.float64)


class Mixture:
    """`experts`, the first of them an NGram, all over one vocabulary; `weights` has shape (features, experts)."""

    def __init__(self, ngram: NGram, others: Sequence[CharModel], weights: FloatArray) -> None:
        self.ngram = ngram
        self.others = tuple(others)
        self.weights = np.asarray(weights, dtype=np.float64)
        every_node = np.arange(len(ngram.counts.suffix))
        self._log_weight = log_softmax(features(ngram, every_node) @ self.weights)
        self._weight = np.exp(self._log_weight)
        self._widths = [len(expert.start(1)) for expert in self.others]

    @property
    def vocabulary(self) -> Vocabulary:
        return self.ngram.vocabulary

    def start(self, batch: int) -> State:
        """The experts' states, one after the other, the n-gram's first."""
        return tuple(array for expert in (self.ngram, *self.others) for array in expert.start(batch))

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V), float64."""
        node = state[0]
        weight = self._weight[node]
        probability = self.ngram.probabilities(node)
        probability *= weight[:, :1]
        for place, (expert, part) in enumerate(zip(self.others, self._split(state), strict=True), start=1):
            probability += weight[:, place : place + 1] * np.exp(expert.log_probs(part))
        return np.log(probability)

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every expert reads the symbols, which have shape (B,)."""
        after = list(self.ngram.advance(state[:1], symbols))
        for expert, part in zip(self.others, self._split(state), strict=True):
            after.extend(expert.advance(part, symbols))
        return tuple(after)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        if not documents:
            return []
        by_expert = [np.concatenate(expert.score(documents)) for expert in (self.ngram, *self.others)]
        ends = np.cumsum([len(document) + 1 for document in documents])
        return np.split(self.score_from(self.ngram.nodes(documents), by_expert), ends[:-1])

    def score_from(self, node: IntArray, by_expert: Sequence[FloatArray]) -> FloatArray:
        """log p of n symbols, (n,), from the n-gram's node before each, (n,), and what each expert says of it, (n,)."""
        joint = self._log_weight[node] + np.column_stack(by_expert)
        return np.asarray(np.logaddexp.reduce(joint, axis=1))

    def _split(self, state: State) -> list[State]:
        parts, first = [], 1
        for width in self._widths:
            parts.append(state[first : first + width])
            first += width
        return parts


def log_softmax(logits: FloatArray) -> FloatArray:
    """`logits` of shape (n, experts), each row shifted so that its exponentials sum to one."""
    shifted: FloatArray = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted
