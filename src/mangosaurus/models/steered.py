"""A model steered towards some names and away from others, by what they have more of than the model's own names.

    m(w)     = sum over lists of a_l log p_prior(w | context, list l)  +  g(w | node)
    f(w)     ~ p_model(w | context) exp(m(w)),    scaled to the sum one
    log p(w) = log p_model(w | context) + s log((f(w) + FLOOR) / (p_model(w | context) + FLOOR))
               + [w is END] e(symbols read) - z

where z makes the row sum to one. The lists are the names to resemble, those to differ from, and names that the model
wrote itself; their a_l are a positive number, a negative one and what makes the sum zero, so that what all lists have
in common cancels: the product of experts of Liu et al. 2021, "DExperts", with one network and three list vectors. g is
a table over an n-gram automaton of the names: `training/steering.py` fits it, so that f is what the names are most
like. Steering multiplies the way there by s. FLOOR keeps out what is improbable under both: the ratio of two small
numbers says little, and s would make much of it. e sees to the lengths of names, of which s would make too much as
well: `generation/name_lengths.py` fits it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import CharModel, State, log_softmax, score_by_advancing
from mangosaurus.models.labelled import folded, unfolded
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior_network import PriorNetwork

FLOOR = 0.01


class Steered:
    """`model`, steered. A state has the arrays of the model; those of the prior for each list, (B, L, ...); the
    automaton's node, (B,); and the number of symbols read, (B,)."""

    def __init__(
        self,
        model: CharModel,
        prior: PriorNetwork,
        weights: FloatArray,
        ngram: NGram,
        table: FloatArray,
        scale: float = 1.0,
        names: Sequence[str] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        """`prior` has L list vectors, `weights` the shape (L,) and the sum zero, and `table` (nodes, V). `scale` is s,
        `names` are those that steer the model, and `remarks` what to know of them."""
        self.model = model
        self.prior = prior
        self.weights: FloatArray = weights
        self.ngram = ngram
        self.table: FloatArray = table
        self.ending: FloatArray = np.zeros(1)
        """e of 0, 1, ... symbols read, (T,), the last of which is that of more too."""
        self.names: tuple[str, ...] = tuple(names)
        self.remarks: tuple[str, ...] = tuple(remarks)
        self.scale = scale
        self._width = len(model.start(1))

    @property
    def vocabulary(self) -> Vocabulary:
        return self.model.vocabulary

    def start(self, batch: int) -> State:
        """The state of `batch` names of which nothing is read."""
        lists = self.prior.start_with(np.tile(np.arange(len(self.weights)), batch))
        read = np.zeros(batch, dtype=np.int64)
        return (*self.model.start(batch), *folded(lists, batch), *self.ngram.start(batch), read)

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | symbols read), shape (B, V), float64."""
        *lists, node, read = state[self._width :]
        log_p = self.model.log_probs(state[: self._width])
        by_list = self.prior.log_probs(unfolded(tuple(lists))).reshape(len(node), len(self.weights), -1)
        more = self.table[node] + np.einsum("blv,l->bv", by_list, self.weights)
        p = np.exp(log_p)
        fitted = p * np.exp(more - more.max(axis=1, keepdims=True))
        fitted /= fitted.sum(axis=1, keepdims=True)
        steered = log_p + self.scale * np.log((fitted + FLOOR) / (p + FLOOR))
        steered[:, END] += self.ending[np.minimum(read, len(self.ending) - 1)]
        return log_softmax(steered)

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every part reads the symbols, which have shape (B,)."""
        *lists, node, read = state[self._width :]
        every = np.repeat(symbols, len(self.weights))
        after = folded(self.prior.advance(unfolded(tuple(lists)), every), len(symbols))
        own = self.model.advance(state[: self._width], symbols)
        return (*own, *after, *self.ngram.advance((node,), symbols), read + 1)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        return score_by_advancing(self, documents)
