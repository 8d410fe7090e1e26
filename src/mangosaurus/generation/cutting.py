"""Cutting whole words out of an automaton, a hundred thousand of them in about a second.

A word matters only as long as all that was read is the beginning of one. So the beginnings become states, a trie, each
of which goes on as the automaton would except where the trie goes on; whatever leaves the trie is in the automaton.
"""

from __future__ import annotations

import numpy as np

from mangosaurus.arrays import BoolArray, IntArray
from mangosaurus.generation.automaton import Automaton, Exceptions
from mangosaurus.generation.table import DEAD, DFA, FAR, minimized, trimmed
from mangosaurus.generation.words import Strings, Trie, build_trie
from mangosaurus.vocabulary import END

SMALL_CELLS = 1_000_000
"""Up to so many cells, the automaton is written out as one table and minimized."""


def exclude(table: DFA, words: Strings) -> tuple[Automaton, int]:
    """The automaton of what `table` accepts except `words`, and how many of these `table` accepts.

    Its `start` is DEAD if that leaves nothing. Strings that the table does not accept take no room.
    """
    words = words.select(_accepted(table, words))
    if not len(words):
        return Automaton(table), 0
    automaton = Automaton(table, _exceptions(table, build_trie(words)))
    letters = np.unique(words.symbols)
    if automaton.start == DEAD:
        return automaton, len(words)
    if automaton.states * (len(letters) + table.moves.shape[1]) <= SMALL_CELLS:
        automaton = Automaton(minimized(_written_out(automaton, table, letters)))
    return automaton, len(words)


def _accepted(table: DFA, words: Strings) -> BoolArray:
    """Which of `words` the table accepts, (words,)."""
    starts = words.starts
    accepted = np.zeros(len(words), bool)
    active, here = np.arange(len(words)), np.full(len(words), table.start)
    for depth in range(int(words.lengths.max(initial=0))):
        here = table.moves[here, table.columns[words.symbols[starts[active] + depth]]]
        over = words.lengths[active] == depth + 1
        accepted[active[over]] = (here[over] >= 0) & table.accepting[here[over]]
        go_on = ~over & (here >= 0)
        active, here = active[go_on], here[go_on]
    return accepted


def _exceptions(table: DFA, trie: Trie) -> Exceptions:
    """The beginnings in `trie`, whose words the table all accepts, as states behind those of the table."""
    rows = np.full(len(trie.parents), table.start)
    for first, last in zip(trie.levels[1:-1], trie.levels[2:], strict=True):
        rows[first:last] = table.moves[rows[trie.parents[first:last]], table.columns[trie.symbols[first:last]]]
    needed = _distances(table, trie, rows)
    # Beginnings that cannot come to an end any more go, but the exceptions that lead to them stay.
    keep = needed < FAR
    ids = np.where(keep, len(table.moves) + np.cumsum(keep) - 1, DEAD)
    kept = keep[trie.parents[1:]]
    counts = np.bincount(trie.parents[1:][kept], minlength=len(keep))[keep]
    return Exceptions(
        start=int(ids[0]),
        rows=rows[keep],
        needed=needed[keep].astype(np.int32),
        first=np.append(0, np.cumsum(counts)),
        read=trie.symbols[1:][kept],
        target=ids[1:][kept],
    )


def _distances(table: DFA, trie: Trie, rows: IntArray) -> IntArray:
    """Fewest characters to acceptance from each beginning, (nodes,); `rows` are their rows in the table."""
    needed = np.minimum(_leaving(table, trie, rows), FAR - 1) + 1
    accepting = table.accepting[rows]
    accepting[trie.ends] = False
    for first, last in reversed(list(zip(trie.levels[:-1], trie.levels[1:], strict=True))):
        needed[first:last][accepting[first:last]] = 0
        if first:
            parents = trie.parents[first:last]
            groups = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
            nearest = np.minimum(np.minimum.reduceat(needed[first:last], groups), FAR - 1) + 1
            needed[parents[groups]] = np.minimum(needed[parents[groups]], nearest)
    return needed


def _leaving(table: DFA, trie: Trie, rows: IntArray) -> IntArray:
    """Fewest characters to acceptance after the best character that leads out of the trie, (nodes,)."""
    columns = table.moves.shape[1]
    # Such a character is in a column that has more characters than the node has children in it.
    taken, counts = np.unique(trie.parents[1:] * columns + table.columns[trie.symbols[1:]], return_counts=True)
    sizes = np.bincount(table.columns[END + 1 :], minlength=columns)
    taken = taken[counts == sizes[taken % columns]]
    after = np.append(table.needed, FAR)[table.moves]
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


def _written_out(automaton: Automaton, table: DFA, letters: IntArray) -> DFA:
    """The automaton as a table; `letters` are the characters that its exceptions read."""
    kinds = table.columns.copy()
    kinds[letters] = table.moves.shape[1] + np.arange(len(letters))
    _, members, columns = np.unique(kinds[END + 1 :], return_index=True, return_inverse=True)
    states = np.arange(automaton.states)
    moves = automaton.step(np.repeat(states, len(members)), np.tile(members + 1, len(states)))
    moves = moves.reshape(len(states), len(members)).astype(np.int32)
    return trimmed(np.append(0, columns), moves, automaton.accepting(states), automaton.start)
