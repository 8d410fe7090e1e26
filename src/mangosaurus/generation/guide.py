"""The probability, under the n-gram, that a prefix ends in an accepted name. It guides the search for rare names.

A *pair* is a state of the automaton and a context of the n-gram that are reached by reading the same characters. With
P(w | u) of the n-gram, the probability of being accepted within l more characters is, by the number of characters,

    h(0, s, u) = P(END | u) where s accepts, else 0
    h(l, s, u) = h(0, s, u) + sum over characters w of P(w | u) h(l - 1, step(s, w), advance(u, w))

Contexts are cut to the longest length for which the pairs are few enough. That makes h less
precise and nothing else: weights correct its errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.dfa import DEAD, TooLargeError, explore
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.steered import Steered

LONGEST_CONTEXT = 5
"""Symbols. On the bundled dinosaurs, of proposals that end in raptor, 28 % count with 3, 47 % with 4, 72 % with 5."""
MOST_CELLS = 2_000_000
"""Pairs times symbols."""
MOST_PLACES = 50_000_000
"""States of the automaton times contexts, of which few are pairs."""
CONVERGED = 1e-3
"""Where one more character changes no h by this fraction, none is added any more."""
MOST_AHEAD = 200
"""Characters: with more of them left than this, or than twice what the shortest name needs, h is taken for constant."""
LEAST = 1e-37
"""The h of a pair that can be accepted, but not within the characters that h looks ahead."""


@dataclass(frozen=True)
class Contexts:
    """An n-gram with contexts of limited length as a dense table. M = contexts, V = symbols."""

    start: int
    following: IntArray
    """(M, V): the context after each symbol."""
    probability: FloatArray
    """(M, V): rows sum to one."""


class Guide:
    """h of every pair that can be reached. A row is carried along as the number of its pair. K = pairs, V = symbols."""

    start: int
    """The pair before the first character, or after the prefix."""

    def __init__(self, start: int, following: IntArray, ahead: FloatArray) -> None:
        self.start = start
        self._following = following  # (K, V); K where dead
        self._ahead = ahead  # (layers, K)

    def __len__(self) -> int:
        """K, the number of pairs."""
        return len(self._following)

    def value(self, pairs: IntArray, left: int) -> FloatArray:
        """h of `pairs`, of any shape, with at most `left` more characters: the same shape."""
        found: FloatArray = np.take(self._ahead[min(left, len(self._ahead) - 1)], pairs, mode="clip")
        return found

    def after(self, pairs: IntArray, left: int) -> FloatArray:
        """h after each symbol read in `pairs` (B,), when `left` characters are left before it: (B, V).

        That of END is 1. What is not allowed has any value: `Automaton.allowed` knows.
        """
        found = self.value(self._following[pairs], max(left - 1, 0))
        found[:, END] = 1.0
        return found

    def step(self, pairs: IntArray, symbols: IntArray) -> IntArray:
        """The pairs after one character each: both (B,), and the result."""
        following: IntArray = self._following[pairs, symbols]
        return following


def build_guide(
    model: CharModel, automaton: Automaton, prefix: IntArray, longest: int, temperature: float = 1.0
) -> Guide:
    """The guide of a model to what `automaton` accepts, after `prefix`, in `longest` characters after it.

    `temperature` is that of the sampling; the guide's own is kept within [0.3, 3]. A model without an n-gram is guided
    as if all symbols were equally probable.
    """
    ngram = ngram_of(model)
    symbols = len(model.vocabulary)
    first = int(automaton.within_table(np.array([automaton.after(prefix)]))[0])
    for depth in range(LONGEST_CONTEXT, -1, -1):
        if ngram is None:
            contexts = Contexts(0, np.zeros((1, symbols), np.int64), np.full((1, symbols), 1 / symbols))
        elif depth >= ngram.order or int(ngram.counts.levels[depth + 1]) * symbols > MOST_CELLS:
            continue
        else:
            contexts = cut_contexts(ngram, depth)
        try:
            return _look_ahead(automaton, first, contexts, prefix, longest, min(max(temperature, 0.3), 3.0))
        except TooLargeError:
            continue
    # Not even states alone are few enough: the fewest characters to acceptance are all that is known of a state.
    ahead = np.maximum(float(symbols) ** -automaton.needed[: automaton.table_states].astype(np.float64), LEAST)
    return _ByDistance(first, automaton, ahead[None])


class _ByDistance(Guide):
    """A guide whose pairs are the automaton's states."""

    def __init__(self, start: int, automaton: Automaton, ahead: FloatArray) -> None:
        super().__init__(start, np.zeros((0, automaton.symbols), np.int32), ahead)
        self._automaton = automaton

    def after(self, pairs: IntArray, left: int) -> FloatArray:
        batch, symbols = len(pairs), self._automaton.symbols
        following = self._automaton.step(np.repeat(pairs, symbols), np.tile(np.arange(symbols), batch))
        found = self.value(following.reshape(batch, symbols), left)
        found[:, END] = 1.0
        return found

    def step(self, pairs: IntArray, symbols: IntArray) -> IntArray:
        return self._automaton.step(pairs, symbols)


def no_guide(symbols: int) -> Guide:
    """A guide that says 1 of everything."""
    return Guide(0, np.zeros((1, symbols), np.int64), np.ones((1, 1)))


def ngram_of(model: CharModel) -> NGram | None:
    """The n-gram that a model is or has in it: of one label, the label's own; None of a model without any."""
    match model:
        case NGram():
            return model
        case Mixture():
            return model.ngram
        case Labelled():
            return model.common
        case Steered():
            return ngram_of(model.model)
        case LabelBlend():
            return model.whole.common if len(model.labels) > 1 else model.whole.own[int(model.labels[0])]
    return None


def cut_contexts(ngram: NGram, depth: int) -> Contexts:
    """The contexts of up to `depth` symbols; what is read leads to the longest of them that is a suffix of it.

    What follows a cut context is the mean of what follows the whole ones, by how often these were seen: Kneser-Ney's
    own shorter contexts are made for what the longer ones have not seen, and would call a usual ending rare.
    """
    symbols, levels = len(ngram.vocabulary), ngram.counts.levels.astype(np.int64)
    whole = max(depth, int(np.searchsorted(levels[1:], MOST_CELLS // symbols, side="right")) - 1)
    target, probability = ngram.table(whole)
    nodes, count = np.arange(len(target)), int(levels[depth + 1])

    def cut(nodes: IntArray) -> IntArray:
        while (long := nodes >= count).any():
            nodes = np.where(long, ngram.counts.suffix[nodes], nodes)
        return nodes.astype(np.int64)

    short = cut(nodes)
    length, total, _ = ngram.seen(nodes)
    # Texts are in contexts of full length, and at first in those that begin with END.
    weight = np.where((length == whole) | (ngram.counts.oldest[: len(nodes)] == END) & (length > 0), total, 0)
    weight[:count] += np.bincount(short, weights=weight, minlength=count) == 0
    order = np.argsort(short, kind="stable")
    mean = np.add.reduceat((probability * weight[:, None])[order], np.searchsorted(short[order], np.arange(count)))
    mean /= mean.sum(axis=1, keepdims=True)
    return Contexts(int(cut(ngram.start(1)[0])[0]), cut(target[:count]), mean)


def _look_ahead(
    automaton: Automaton, first: int, contexts: Contexts, prefix: IntArray, longest: int, temperature: float
) -> Guide:
    """h(l) of every pair for l from 0 to `longest`, or until it stays as it is. `first` is the state after the prefix.

    Raises TooLargeError if there are too many pairs.
    """
    width, symbols, table = len(contexts.following), automaton.symbols, automaton.table_states
    if table * width > MOST_PLACES or table * symbols > MOST_CELLS:
        raise TooLargeError
    # A state of the table leads to states of the table: only the beginnings of excluded names do not.
    moves = automaton.step(np.repeat(np.arange(table), symbols), np.tile(np.arange(symbols), table))
    moves = moves.reshape(table, symbols)

    def follow(pairs: IntArray) -> IntArray:
        states, nodes = np.divmod(pairs, width)
        return np.where(moves[states] >= 0, moves[states] * width + contexts.following[nodes], DEAD)

    context = contexts.start
    for symbol in prefix:
        context = int(contexts.following[context, symbol])
    pairs, following = explore(first * width + context, table * width, follow, MOST_CELLS // symbols)
    following = np.where(following >= 0, following, len(pairs)).astype(np.int64)
    states, nodes = np.divmod(pairs, width)
    rows = contexts.probability
    if temperature != 1:
        rows = rows ** (1 / temperature)
        rows /= rows.sum(axis=1, keepdims=True)
    at_once = np.where(automaton.accepting(states), rows[nodes, END], 0)
    weight = rows[nodes]
    last = np.zeros(len(nodes) + 1)  # the last one is for DEAD, for which END stands as well
    found = np.empty(weight.shape)
    ahead = [at_once]
    for _ in range(min(longest, max(MOST_AHEAD, 2 * int(automaton.needed[states[0]])))):
        last[:-1] = ahead[-1]
        np.take(last, following, out=found, mode="clip")
        further = at_once + np.einsum("kv,kv->k", weight, found)
        change = further - ahead[-1]
        ahead.append(further)
        if (change <= CONVERGED * further).all() and (further > 0).all():
            break
    return Guide(0, following, np.maximum(np.stack(ahead), LEAST))
