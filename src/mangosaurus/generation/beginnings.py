"""How names begin where several beginnings are asked for: one of them is drawn, and the name goes on after it.

What all of them begin with is read first, and nothing is drawn of it. After that they are the leaves of a tree, whose
nodes are what they have in common. A beginning is drawn with the probability that the model gives it at the sampler's
temperature, the others left out, so that names follow the model's distribution given that they begin with one of them.
The cuts, such as top-k, hold after the beginning: of what was asked for, nothing is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import exp, inf, prod
from typing import TYPE_CHECKING

import numpy as np

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.errors import UnknownCharacterError
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.dfa import DEAD
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.models.interface import CharModel, select, state_after

if TYPE_CHECKING:  # most names are drawn without beginnings
    from mangosaurus.generation.constraints.strings import Trie
    from mangosaurus.generation.guide import Guide

MOST_WORDS = 4096
"""With more beginnings than this, as of long ones in both cases, names are drawn as under other constraints."""
MOST_COMPARED = 64
"""Spellings of beginnings whose probabilities are compared."""
MOST_CELLS = 2_000_000
"""The same for nodes times symbols."""
OUTSIDE = -1
"""The node of a name whose beginning is complete."""
Word = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Tree:
    """Beginnings after what they have in common. N = nodes, V = symbols; node 0 is the root."""

    trie: Trie
    following: IntArray
    """(N, V): the node after each symbol, or OUTSIDE."""
    chance: FloatArray
    """(N, V): the probability of each symbol; 0 in every row of a leaf."""

    def begins(self, nodes: IntArray) -> BoolArray:
        """Whether the beginning is not complete yet at each of `nodes`."""
        begins: BoolArray = nodes != OUTSIDE
        return begins

    def step(self, nodes: IntArray, symbols: IntArray) -> IntArray:
        """The nodes after one symbol each: both (B,), and the result."""
        return np.where(nodes == OUTSIDE, OUTSIDE, self.following[nodes, symbols])

    def ahead(self, automaton: Automaton, guide: Guide, state: int, longest: int) -> tuple[FloatArray, FloatArray]:
        """The guide's h of every node, (N,), and after every symbol of it, (N, V).

        `state` is that of the automaton after what is in common, and `longest` the number of characters that may follow
        that. The h of a node is the mean of those of its children.
        """
        trie, count = self.trie, len(self.trie.parents)
        states, pairs, h = np.full(count, state), np.full(count, guide.start), np.zeros(count)
        levels = list(zip(trie.levels[1:-1], trie.levels[2:], strict=True))
        for first, last in levels:
            parents, symbols = trie.parents[first:last], trie.symbols[first:last]
            states[first:last] = automaton.step(states[parents], symbols)
            alive = states[first:last] != DEAD
            pairs[first:last][alive] = guide.step(pairs[parents[alive]], symbols[alive])
        for depth, (first, last) in reversed(list(enumerate(levels, start=1))):
            left = longest - depth
            leaf = ~self.chance[first:last].any(axis=1)
            can = (states[first:last] != DEAD) & (automaton.distance(states[first:last]) <= left)
            here = np.where(can, guide.value(pairs[first:last], max(left, 0)), 0.0)
            h[first:last] = np.where(leaf, here, h[first:last])
            parents, symbols = trie.parents[first:last], trie.symbols[first:last]
            np.add.at(h, parents, self.chance[parents, symbols] * h[first:last])
        after = np.zeros(self.chance.shape)
        after[trie.parents[1:], trie.symbols[1:]] = h[1:]
        return h, after


def words_of(constraints: Constraints, vocabulary: Vocabulary) -> list[Word] | None:
    """The ids of every beginning that a name may have, sorted, none of which begins with another one.

    If nothing is asked for, that is the empty one; None if they are too many. Raises UnknownCharacterError.
    """
    if not constraints.prefix:
        return [()]
    if not constraints.ignore_case:
        found = [tuple(_encode(text, vocabulary).tolist()) for text in constraints.prefix]
    else:
        from mangosaurus.generation.constraints.spelling import ignoring_case

        alike = ignoring_case(vocabulary)
        members: dict[int, list[int]] = {}
        for symbol, letter in enumerate(alike.letters.tolist(), start=END + 1):
            members.setdefault(letter, []).append(symbol)
        found = []
        for text in constraints.prefix:
            letters = alike.find(text)
            if (letters <= END).any():
                _encode(text, vocabulary)  # says which
            choices = [members[letter] for letter in letters.tolist()]
            if len(found) + prod(map(len, choices)) > MOST_WORDS:
                return None
            found += product(*choices)
    words: list[Word] = []
    for word in sorted(set(found)):
        if not words or word[: len(words[-1])] != words[-1]:
            words.append(word)
    letters_in_all = sum(map(len, words))
    return words if len(words) == 1 or letters_in_all * len(vocabulary) <= MOST_CELLS else None


def usual_beginning(model: CharModel, constraints: Constraints, least: float) -> tuple[str, float] | None:
    """A beginning that differs from those asked for in case alone and is `least` times as likely or more.

    And how many times.
    """
    if not constraints.prefix or constraints.ignore_case:
        return None
    asked, words = (words_of(replace(constraints, ignore_case=each), model.vocabulary) for each in (False, True))
    if asked is None or words is None or not 1 < len(words) <= MOST_COMPARED:
        return None
    scores = {word: float(score[:-1].sum()) for word, score in zip(words, _scores(model, words), strict=True)}
    usual = max(words, key=lambda word: scores[word])
    times = exp(min(scores[usual] - max(scores.get(word, -inf) for word in asked), 700.0))
    return (model.vocabulary.decode(np.array(usual)), times) if times >= least else None


def _scores(model: CharModel, words: Sequence[Word]) -> list[FloatArray]:
    return list(model.score([np.array(word, dtype=np.int64) for word in words]))


def _encode(text: str, vocabulary: Vocabulary) -> IntArray:
    try:
        return vocabulary.encode(text)
    except UnknownCharacterError as error:
        from mangosaurus.generation.constraints.compile import beside_comma

        raise UnknownCharacterError(str(error), *beside_comma("prefix", text)) from None


def common_beginning(words: Sequence[Word] | None) -> IntArray:
    """What all of them begin with; nothing of None."""
    if not words:
        return np.zeros(0, np.int64)
    first, last = words[0], words[-1]
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return np.array(first[:length], dtype=np.int64)


def tree_of(model: CharModel, words: Sequence[Word], temperature: float) -> Tree | None:
    """The tree of the words, with the model's probabilities at a temperature; None of a single word."""
    if len(words) == 1:
        return None
    common = common_beginning(words)
    from mangosaurus.generation.constraints.strings import build_trie, strings_of

    trie = build_trie(strings_of(np.array(word[len(common) :], dtype=np.int64) for word in words))
    log_p = np.zeros(len(trie.parents))
    state = state_after(model, common)
    for before, first, last in zip(trie.levels[:-2], trie.levels[1:-1], trie.levels[2:], strict=True):
        parents, symbols = trie.parents[first:last] - before, trie.symbols[first:last]
        found = model.log_probs(state).astype(np.float64)
        if temperature not in (0, 1):
            with np.errstate(over="ignore"):
                found = (found - found.max(axis=1, keepdims=True)) / temperature
            found -= np.log(np.exp(found).sum(axis=1, keepdims=True))
        log_p[first:last] = log_p[trie.parents[first:last]] + found[parents, symbols]
        if last < len(trie.parents):
            state = model.advance(select(state, parents), symbols)
    mass = np.zeros(len(trie.parents))
    mass[trie.ends] = _shares(log_p[trie.ends], temperature)
    for first, last in reversed(list(zip(trie.levels[1:-1], trie.levels[2:], strict=True))):
        np.add.at(mass, trie.parents[first:last], mass[first:last])
    chance = np.zeros((len(mass), len(model.vocabulary)))
    following = np.full(chance.shape, OUTSIDE)
    nodes, parents, symbols = np.arange(1, len(mass)), trie.parents[1:], trie.symbols[1:]
    chance[parents, symbols] = mass[nodes] / np.where(mass[parents] > 0, mass[parents], 1)
    following[parents, symbols] = np.where(np.isin(nodes, trie.ends), OUTSIDE, nodes)
    return Tree(trie, following, chance)


def _shares(log_p: FloatArray, temperature: float) -> FloatArray:
    """Of log-probabilities (n,), the probabilities, the greatest scaled to 1; at temperature 0, the others are 0."""
    top = log_p.max()
    if top == -np.inf:  # the model gives none of them: all are alike
        return np.ones(len(log_p))
    if temperature == 0:
        return np.arange(len(log_p)) == log_p.argmax()  # type: ignore[no-any-return]
    shares: FloatArray = np.exp(log_p - top)
    return shares
