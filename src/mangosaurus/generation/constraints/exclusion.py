"""Excluding whole strings from an automaton, a hundred thousand of them in about a second.

Only prefixes of excluded strings need states of their own; they form a trie. Input that leaves the trie continues in
the automaton.
"""

from __future__ import annotations

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.automaton import Automaton, Exceptions
from mangosaurus.generation.constraints.dfa import DEAD, DFA, FAR, minimized, trimmed
from mangosaurus.generation.constraints.strings import Strings, Trie, build_trie

SMALL_CELLS = 1_000_000
"""An automaton of at most this many cells is written out as one DFA and minimized."""


def exclude(dfa: DFA, strings: Strings) -> tuple[Automaton, int]:
    """The automaton of what `dfa` accepts except `strings`, and how many of these `dfa` accepts.

    Its `start` is DEAD if that leaves nothing. Strings that it does not accept take no room.
    """
    strings = strings.select(_accepted(dfa, strings))
    if not len(strings):
        return Automaton(dfa), 0
    automaton = Automaton(dfa, _exceptions(dfa, build_trie(strings)))
    letters = np.unique(strings.symbols)
    if automaton.start == DEAD:
        return automaton, len(strings)
    if automaton.states * (len(letters) + dfa.moves.shape[1]) <= SMALL_CELLS:
        automaton = Automaton(minimized(_written_out(automaton, dfa, letters)))
    return automaton, len(strings)


def _accepted(dfa: DFA, strings: Strings) -> BoolArray:
    """Which of `strings` the DFA accepts, (strings,)."""
    starts = strings.starts
    accepted = np.zeros(len(strings), bool)
    active, here = np.arange(len(strings)), np.full(len(strings), dfa.start)
    for depth in range(int(strings.lengths.max(initial=0))):
        here = dfa.moves[here, dfa.columns[strings.symbols[starts[active] + depth]]]
        over = strings.lengths[active] == depth + 1
        accepted[active[over]] = (here[over] >= 0) & dfa.accepting[here[over]]
        go_on = ~over & (here >= 0)
        active, here = active[go_on], here[go_on]
    return accepted


def _exceptions(dfa: DFA, trie: Trie) -> Exceptions:
    """The beginnings in `trie`, whose strings the DFA all accepts, as states after those of the DFA."""
    rows = np.full(len(trie.parents), dfa.start)
    for first, last in zip(trie.levels[1:-1], trie.levels[2:], strict=True):
        rows[first:last] = dfa.moves[rows[trie.parents[first:last]], dfa.columns[trie.symbols[first:last]]]
    needed = _distances(dfa, trie, rows)
    # Beginnings that cannot come to an end any more go, but the exceptions that lead to them stay.
    keep = needed < FAR
    ids = np.where(keep, len(dfa.moves) + np.cumsum(keep) - 1, DEAD)
    kept = keep[trie.parents[1:]]
    keys = ids[trie.parents[1:][kept]] * len(dfa.columns) + trie.symbols[1:][kept]
    return Exceptions(int(ids[0]), rows[keep], needed[keep].astype(np.int32), keys, ids[1:][kept])


def _distances(dfa: DFA, trie: Trie, rows: IntArray) -> IntArray:
    """Fewest characters to acceptance from each beginning, (nodes,); `rows` are their rows in the DFA."""
    needed = np.minimum(_leaving(dfa, trie, rows), FAR - 1) + 1
    accepting = dfa.accepting[rows]
    accepting[trie.ends] = False
    for first, last in reversed(list(zip(trie.levels[:-1], trie.levels[1:], strict=True))):
        needed[first:last][accepting[first:last]] = 0
        if first:
            parents = trie.parents[first:last]
            groups = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
            nearest = np.minimum(np.minimum.reduceat(needed[first:last], groups), FAR - 1) + 1
            needed[parents[groups]] = np.minimum(needed[parents[groups]], nearest)
    return needed


def _leaving(dfa: DFA, trie: Trie, rows: IntArray) -> IntArray:
    """Fewest characters to acceptance after the best character that leads out of the trie, (nodes,)."""
    columns = dfa.moves.shape[1]
    # Such a character is in a column that has more characters than the node has children in it.
    taken, counts = np.unique(trie.parents[1:] * columns + dfa.columns[trie.symbols[1:]], return_counts=True)
    sizes = np.bincount(dfa.columns[END + 1 :], minlength=columns)
    taken = taken[counts == sizes[taken % columns]]
    after = np.append(dfa.needed, FAR)[dfa.moves]
    order = np.argsort(after, axis=1)
    best = np.full(len(rows), FAR)
    waiting = np.arange(len(rows))
    for rank in range(columns):
        column = order[rows[waiting], rank]
        keys = waiting * columns + column
        free = np.append(taken, -1)[np.searchsorted(taken, keys)] != keys
        best[waiting[free]] = after[rows[waiting[free]], column[free]]
        waiting = waiting[~free]
    return best


def _written_out(automaton: Automaton, dfa: DFA, letters: IntArray) -> DFA:
    """The automaton as a DFA; `letters` are the characters that its exceptions read."""
    kinds = dfa.columns.copy()
    kinds[letters] = dfa.moves.shape[1] + np.arange(len(letters))
    _, members, columns = np.unique(kinds[END + 1 :], return_index=True, return_inverse=True)
    states = np.arange(automaton.states)
    moves = automaton.step(np.repeat(states, len(members)), np.tile(members + 1, len(states)))
    moves = moves.reshape(len(states), len(members)).astype(np.int32)
    return trimmed(np.append(0, columns), moves, automaton.accepting(states), automaton.start)
