"""Automata of given strings: what begins or ends with one, has one inside, or has none of many inside; and tries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.generation.constraints.dfa import DEAD, DFA, MOST_CELLS, TooLargeError, trimmed


@dataclass(frozen=True, eq=False)
class Strings:
    """Strings one after the other in one array, sorted by their ids and each but once."""

    symbols: IntArray
    """The ids of all of them; the length of `symbols` is the sum of the lengths."""
    lengths: IntArray
    """(strings,): none is 0."""

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> IntArray:
        """(strings,): where each begins in `symbols`."""
        return np.cumsum(self.lengths) - self.lengths

    def select(self, keep: BoolArray) -> Strings:
        """Those strings that `keep` (strings,) marks."""
        return Strings(self.symbols[np.repeat(keep, self.lengths)], self.lengths[keep])


@dataclass(frozen=True, eq=False)
class Trie:
    """The tree of the beginnings of strings, numbered by length and then in the order of the strings; 0 is the root.

    The children of a node follow each other, and those of later nodes come later.
    """

    parents: IntArray
    """(nodes,): the root's is -1."""
    symbols: IntArray
    """(nodes,): the last symbol of each beginning; the root's is -1."""
    levels: list[int]
    """levels[d] is the first node of length d; the last entry is the number of nodes."""
    ends: IntArray
    """(strings,): the node of each whole string."""


def build_trie(strings: Strings) -> Trie:
    """The trie of `strings`, one length after the other."""
    starts = strings.starts
    parents, symbols, levels = [np.array([-1])], [np.array([-1])], [0, 1]
    ends = np.zeros(len(strings), np.int64)
    active, here = np.arange(len(strings)), np.zeros(len(strings), np.int64)
    for depth in range(int(strings.lengths.max(initial=0))):
        longer = strings.lengths[active] > depth
        active, here = active[longer], here[longer]
        symbol = strings.symbols[starts[active] + depth]
        # Sorted strings that begin alike stand together.
        fresh = np.ones(len(active), bool)
        fresh[1:] = (here[1:] != here[:-1]) | (symbol[1:] != symbol[:-1])
        parents.append(here[fresh])
        symbols.append(symbol[fresh])
        here = levels[-1] + np.cumsum(fresh) - 1
        levels.append(levels[-1] + int(fresh.sum()))
        over = strings.lengths[active] == depth + 1
        ends[active[over]] = here[over]
    return Trie(np.concatenate(parents), np.concatenate(symbols), levels, ends)


def strings_of(words: Iterable[IntArray]) -> Strings:
    """The words, each an array of ids; an empty one is left out."""
    found = sorted({tuple(word.tolist()) for word in words} - {()})
    lengths = np.array([len(ids) for ids in found], dtype=np.int64)
    return Strings(np.array([id for ids in found for id in ids], dtype=np.int64), lengths)


def beginning_with(words: Strings, symbols: int) -> DFA:
    """Every string over a vocabulary of `symbols` that begins with one of `words`."""
    trie = build_trie(words)
    letters, columns = _letters(words.symbols, symbols)
    moves = np.full((len(trie.parents), len(letters) + 1), DEAD, np.int32)
    moves[trie.parents[1:], columns[trie.symbols[1:]]] = np.arange(1, len(trie.parents))
    moves[trie.ends] = trie.ends[:, None]
    accepting = np.zeros(len(trie.parents), bool)
    accepting[trie.ends] = True
    return trimmed(columns, moves, accepting)


def ending_with(words: Strings, symbols: int) -> DFA:
    """Every string that ends with one of `words`: Aho and Corasick's automaton (1975)."""
    return trimmed(*_aho_corasick(words, symbols))


def containing(words: Strings, symbols: int) -> DFA:
    """Every string that has one of `words` inside."""
    columns, moves, ends = _aho_corasick(words, symbols)
    moves[ends] = np.flatnonzero(ends)[:, None]
    return trimmed(columns, moves, ends)


def free_of(strings: Strings, symbols: int) -> DFA:
    """Every string that has none of `strings` inside. Raises TooLargeError for too many strings."""
    columns, moves, ends = _aho_corasick(strings, symbols)
    moves[ends[moves]] = DEAD
    return trimmed(columns, moves, ~ends)


def without(letters: IntArray, symbols: int) -> DFA:
    """Every string that has none of `letters`, ids (n,)."""
    columns = np.zeros(symbols, np.int64)
    columns[letters] = 1
    return trimmed(columns, np.array([[0, DEAD]], np.int32), np.ones(1, bool))


def _letters(word: IntArray, symbols: int) -> tuple[IntArray, IntArray]:
    """The different symbols of `word`, and a column for each of them, all others sharing the last one: (V,)."""
    letters = np.unique(word)
    columns = np.full(symbols, len(letters))
    columns[letters] = np.arange(len(letters))
    return letters, columns


def _aho_corasick(strings: Strings, symbols: int) -> tuple[IntArray, IntArray, BoolArray]:
    """Aho and Corasick's automaton (1975): columns, moves, and the states in which one of `strings` has just ended."""
    trie = build_trie(strings)
    letters, columns = _letters(strings.symbols, symbols)
    if len(trie.parents) * (len(letters) + 1) > MOST_CELLS:
        raise TooLargeError(f"{len(trie.parents):,} states with {len(letters):,} different characters would be needed")
    moves = np.zeros((len(trie.parents), len(letters) + 1), np.int32)
    ends = np.zeros(len(trie.parents), bool)
    ends[trie.ends] = True
    # The longest proper ending of a node that is a node too. What it lacks children for, a node does as that one does.
    shorter = np.zeros(len(trie.parents), np.int64)
    for first, last in zip(trie.levels[1:-1], trie.levels[2:], strict=True):
        nodes = np.arange(first, last)
        parents, letter = trie.parents[nodes], columns[trie.symbols[nodes]]
        if first > 1:
            shorter[nodes] = moves[shorter[parents], letter]
        moves[parents, letter] = nodes
        moves[nodes] = moves[shorter[nodes]]
        ends[nodes] |= ends[shorter[nodes]]
    return columns, moves, ends
