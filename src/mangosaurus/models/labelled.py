"""A model of names with labels: p(name | label) for each of L labels, and p(label).

It learns what a label's names have in common with all names from all of them, and the rest from the label's own:

    log p(w | label, context) = a log p_own(w | context) + b log p_all(w | context)
                                + c log p_prior(w | context) + d log p_network(w | context) - z

as in models/mixture.py, where p_own is the n-gram of the label's own names; p_all that of all names; p_prior the prior
given the list vector of the label's names; log p_network the mean of log p of networks that read the label instead of
END before the first character; z makes the row sum to one; and (a, b, c, d) = [features(own node), features(common
node)] @ weights, clipped to [0, 2]. The prior, the networks or both may be missing.

p(label) is the label's share of the training names. Without a label, p(name) = sum over labels of p(label)
p(name | label), and by Bayes' rule p(label | name) = p(label) p(name | label) / p(name).

A blend of labels with weights v, which sum to one, weighs them at every symbol: log p(w | context) = sum of v log
p(w | label, context) - z. All labels shape each name of a blend. Each name of the model without a label has one label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.experts import Experts
from mangosaurus.models.interface import Network, State, score_by_advancing
from mangosaurus.models.mixture import LARGEST_EXPONENT, features, multiply
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior_network import PriorNetwork


def equal_labelled_weights(order: int, models: int) -> FloatArray:
    """Weights, (2 x (order + 3), models), that give each model the same exponent everywhere."""
    weights = np.zeros((2 * (order + 3), models))
    weights[:order] = 1 / models  # the first features are one-hot: one of them is always 1
    return weights


def labelled_features(own: NGram, own_node: IntArray, common: NGram, common_node: IntArray) -> FloatArray:
    """The features of the exponents for nodes of shape (n,): shape (n, 2 x (order + 3))."""
    return np.column_stack([features(own, own_node), features(common, common_node)])


class Labelled:
    """The model without a label: the sum over all labels. `given` is the model of one label, `blend` of several.

    A state has, for every row and label, log p(label, symbols read), (B, L); log p(next symbol), (B, L, V); the nodes
    of the label's n-gram and of the common one, (B, L) each; and the arrays of the prior and the networks.
    """

    def __init__(
        self,
        labels: Sequence[str],
        counts: IntArray,
        own: Sequence[NGram],
        common: NGram,
        networks: Sequence[Network],
        weights: FloatArray,
        prior: PriorNetwork | None = None,
    ) -> None:
        """`counts` are names per label, `own` has an n-gram per label, `prior` a list vector per label, and `weights`
        the shape (2 x (order + 3), models)."""
        self.labels: tuple[str, ...] = tuple(labels)
        self.counts: IntArray = np.asarray(counts, dtype=np.int64)
        self.own: tuple[NGram, ...] = tuple(own)
        self.common = common
        self.networks: tuple[Network, ...] = tuple(networks)
        self.weights: FloatArray = np.asarray(weights, dtype=np.float64)
        self.log_prior: FloatArray = np.log(self.counts / self.counts.sum())
        """(L,): log p(label)."""
        upper, lower = np.split(self.weights, 2)
        self._own_exponents = [features(each) @ upper for each in self.own]
        self._common_exponents = features(common) @ lower
        self.prior: PriorNetwork | None = prior
        self._experts = Experts(prior, networks)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.common.vocabulary

    def mixed_with(
        self, prior: PriorNetwork | None, networks: Sequence[Network], weights: FloatArray | None = None
    ) -> Labelled:
        """The same n-grams with the prior and these networks, and with these weights or equal ones."""
        if weights is None:
            weights = equal_labelled_weights(self.common.order, 2 + (prior is not None) + bool(networks))
        return Labelled(self.labels, self.counts, self.own, self.common, networks, weights, prior)

    def given(self, label: int) -> LabelBlend:
        """The model of one label's names; `label` is its number."""
        return LabelBlend(self, np.array([label]), np.ones(1))

    def blend(self, weights: FloatArray) -> LabelBlend:
        """The model of several labels at once: `weights` has shape (L,), none of them negative and not all zero."""
        labels = np.flatnonzero(weights)
        return LabelBlend(self, labels, weights[labels] / weights.sum())

    def start(self, batch: int) -> State:
        """The start: each label has its share of the training names."""
        rows = folded(self.start_rows(np.tile(np.arange(len(self.labels)), batch)), batch)
        return self._state(np.tile(self.log_prior, (batch, 1)), rows)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read), shape (B, V): each label's, weighted by the label's probability so far."""
        joint, predicted = state[:2]
        return _log_sum(joint[:, :, None] + predicted, axis=1) - _log_sum(joint, axis=1)[:, None]

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every label reads the symbols, of shape (B,); its probability follows from how probable it found them."""
        joint, predicted, *rows = state
        joint = joint + predicted[np.arange(len(symbols)), :, symbols]
        return self._state(joint, tuple(rows), symbols)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        scores = []
        for each in zip(*(self.given(label).score(documents) for label in range(len(self.labels))), strict=True):
            joint = self.log_prior[:, None] + np.cumsum(each, axis=1)
            scores.append(np.diff(_log_sum(joint, axis=0), prepend=0.0))
        return scores

    def score_with(self, documents: Sequence[IntArray], labels: IntArray) -> list[FloatArray]:
        """The same given each document's label; `labels` are their numbers, (documents,)."""
        scores: dict[int, FloatArray] = {}
        for label in np.unique(labels):
            chosen = np.flatnonzero(labels == label).tolist()
            found = self.given(int(label)).score([documents[i] for i in chosen])
            scores.update(zip(chosen, found, strict=True))
        return [scores[i] for i in range(len(documents))]

    def posterior(self, documents: Sequence[IntArray]) -> FloatArray:
        """p(label | document) by Bayes' rule: shape (documents, L); the rows sum to one."""
        given = [self.given(label).score(documents) for label in range(len(self.labels))]
        joint: FloatArray = self.log_prior + np.column_stack([[score.sum() for score in scores] for scores in given])
        posterior: FloatArray = np.exp(joint - _log_sum(joint, axis=1)[:, None])
        return posterior

    def _state(self, joint: FloatArray, rows: State, symbols: IntArray | None = None) -> State:
        """The state of these rows, (B, L, ...), once they have read `symbols`, (B,), if any."""
        batch, labels = joint.shape
        flat, numbers = unfolded(rows), np.tile(np.arange(labels), batch)
        if symbols is not None:
            flat = self.advance_rows(numbers, flat, np.repeat(symbols, labels))
        predicted = self.predict_rows(numbers, flat).reshape(batch, labels, -1)
        return (joint, predicted, *folded(flat, batch))

    # The methods below work on rows, each with the number of its label, not on batches of documents.

    def start_rows(self, labels: IntArray) -> State:
        """Rows that have read only their label, (R,): own node, common node, the experts' arrays, each (R, ...)."""
        starts = np.array([each.start(1)[0][0] for each in self.own])
        experts = self._experts.start_with(labels, len(self.vocabulary))
        return (starts[labels], *self.common.start(len(labels)), *experts)

    def predict_rows(self, labels: IntArray, state: State) -> FloatArray:
        """log p(next symbol | label, symbols read), shape (R, V), float64."""
        own_node, common_node = state[:2]
        own = np.empty((len(labels), len(self.vocabulary)))
        exponents = self._common_exponents[common_node]
        for label in np.unique(labels):
            rows = labels == label
            own[rows] = self.own[label].log_probs((own_node[rows],))
            exponents[rows] += self._own_exponents[label][own_node[rows]]
        models = [own, self.common.log_probs((common_node,)), *self._experts.logits(state[2:])]
        return multiply(exponents.clip(0, LARGEST_EXPONENT), *models)

    def advance_rows(self, labels: IntArray, state: State, symbols: IntArray) -> State:
        """Every model reads the symbols, which have shape (R,)."""
        own_node = np.empty_like(state[0])
        for label in np.unique(labels):
            rows = labels == label
            (own_node[rows],) = self.own[label].advance((state[0][rows],), symbols[rows])
        experts = self._experts.advance(state[2:], symbols)
        return (own_node, *self.common.advance(state[1:2], symbols), *experts)


class LabelBlend:
    """The model of K labels of a labelled model, weighed at every symbol. A state has arrays of shape (B, K, ...)."""

    def __init__(self, whole: Labelled, labels: IntArray, weights: FloatArray) -> None:
        self.whole = whole
        self.labels = labels
        """(K,): their numbers."""
        self.weights = weights
        """(K,): above zero; they sum to one."""

    @property
    def vocabulary(self) -> Vocabulary:
        return self.whole.vocabulary

    def start(self, batch: int) -> State:
        """The state after the labels."""
        return folded(self.whole.start_rows(np.tile(self.labels, batch)), batch)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | labels, symbols read), shape (B, V), float64."""
        batch = len(state[0])
        rows = self.whole.predict_rows(np.tile(self.labels, batch), unfolded(state))
        if len(self.labels) == 1:
            return rows
        blended: FloatArray = np.einsum("bkv,k->bv", rows.reshape(batch, len(self.labels), -1), self.weights)
        return blended - _log_sum(blended, axis=1)[:, None]

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every label reads the symbols, which have shape (B,)."""
        batch = len(state[0])
        every = np.repeat(symbols, len(self.labels))
        return folded(self.whole.advance_rows(np.tile(self.labels, batch), unfolded(state), every), batch)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        return score_by_advancing(self, documents)


def folded(state: State, batch: int) -> State:
    """Rows (B x K, ...) as (B, K, ...), so that the batch is the first axis."""
    return tuple(array.reshape(batch, -1, *array.shape[1:]) for array in state)


def unfolded(state: State) -> State:
    """And back."""
    return tuple(array.reshape(-1, *array.shape[2:]) for array in state)


def _log_sum(values: NDArray[Any], axis: int) -> FloatArray:
    """log of the sum of the exponentials along an axis."""
    top = values.max(axis=axis, keepdims=True)
    total: FloatArray = np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)
    return total
