"""Excluding whole strings from an automaton, a hundred thousand of them in about a second.

Only the beginnings of excluded strings need states of their own: each is a node of the trie of these strings and the
state of the automaton that is reached with it. Several strings of symbols may be the same letters (see `spelling`) and
lead to one node. Input that leaves the trie continues in the automaton.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.automaton import Automaton, Exceptions
from mangosaurus.generation.constraints.dfa import DEAD, DFA, FAR, minimized, ranges, trimmed
from mangosaurus.generation.constraints.spelling import Spelling
from mangosaurus.generation.constraints.strings import Strings, Trie, build_trie

SMALL_CELLS = 1_000_000
"""An automaton of at most this many cells is written out as one DFA and minimized."""


def exclude(dfa: DFA, strings: Strings, spelling: Spelling) -> tuple[Automaton, int]:
    """The automaton of what `dfa` accepts except `strings` of letters, and how many of these `dfa` accepts.

    Its `start` is DEAD if that leaves nothing.
    """
    if not len(strings):
        return Automaton(dfa), 0
    trie = build_trie(strings)
    ends = np.zeros(len(trie.parents), bool)
    ends[trie.ends] = True
    walked = _walk(dfa, trie, spelling)
    accepted = ends[walked.nodes] & dfa.accepting[walked.rows]
    if not accepted.any():
        return Automaton(dfa), 0
    walked, accepted = _useful(walked, accepted)
    automaton = Automaton(dfa, _exceptions(dfa, walked, accepted))
    count = len(np.unique(walked.nodes[accepted]))
    if automaton.start == DEAD:
        return automaton, count
    letters = np.unique(walked.symbols)
    if automaton.states * (len(letters) + dfa.moves.shape[1]) <= SMALL_CELLS:
        automaton = Automaton(minimized(_written_out(automaton, dfa, letters)))
    return automaton, count


@dataclass(frozen=True, eq=False)
class _Walked:
    """The pairs of a node and a state that can be reached, P of them, the first before all symbols; and the moves
    between them, in the order of their source and then of their symbol."""

    nodes: IntArray
    rows: IntArray
    """(P,): the node and the state of the automaton of each pair."""
    sources: IntArray
    symbols: IntArray
    targets: IntArray
    """(moves,): pairs and symbols."""


def _walk(dfa: DFA, trie: Trie, spelling: Spelling) -> _Walked:
    states, size = len(dfa.moves), spelling.size
    edges = trie.parents[1:] * size + trie.symbols[1:]  # in ascending order; edge n leads to node n + 1
    lengths = np.diff(spelling.starts)
    first_letter = np.full(len(lengths), -1)
    some = np.flatnonzero(lengths > 0)
    first_letter[some] = spelling.letters[spelling.starts[some]]
    by_letter = some[np.argsort(first_letter[some], kind="stable")]
    places = np.searchsorted(first_letter[by_letter], np.arange(size + 1))
    silent = np.flatnonzero(lengths[END + 1 :] == 0) + END + 1
    children = np.searchsorted(trie.parents[1:], np.arange(len(trie.parents) + 1)) + 1

    known = np.array([dfa.start])  # the keys of all pairs so far, sorted
    fresh, moves = known, []
    while len(fresh):
        nodes, rows = np.divmod(fresh, states)
        # Every child, and of each every symbol that begins with its letter.
        counts = children[nodes + 1] - children[nodes]
        child = ranges(children[nodes], children[nodes + 1])
        letter, source = trie.symbols[child], np.repeat(fresh, counts)
        counts = places[letter + 1] - places[letter]
        symbol = by_letter[ranges(places[letter], places[letter + 1])]
        child, source = np.repeat(child, counts), np.repeat(source, counts)
        read = np.ones(len(symbol), np.int64)
        while (longer := np.flatnonzero((lengths[symbol] > read) & (child >= 0))).size:
            keys = child[longer] * size + spelling.letters[spelling.starts[symbol[longer]] + read[longer]]
            place = np.minimum(np.searchsorted(edges, keys), len(edges) - 1)
            child[longer] = np.where(edges[place] == keys, place + 1, -1)
            read[longer] += 1
        source = np.concatenate([source, np.repeat(fresh, len(silent))])
        child = np.concatenate([child, np.repeat(nodes, len(silent))])
        symbol = np.concatenate([symbol, np.tile(silent, len(fresh))])
        after = dfa.moves[source % states, dfa.columns[symbol]]
        stays = (child >= 0) & (after >= 0)
        target = child[stays] * states + after[stays]
        moves.append((source[stays], symbol[stays], target))
        fresh = np.setdiff1d(target, known)
        known = np.union1d(known, fresh)
    source, symbol, target = (np.concatenate(part) for part in zip(*moves, strict=True))
    # The pair before all symbols has the smallest node, but perhaps not the smallest state.
    begin = int(np.searchsorted(known, dfa.start))
    number = np.arange(len(known))
    number[: begin + 1] = np.roll(number[: begin + 1], -1)
    order = np.argsort(number, kind="stable")
    nodes, rows = np.divmod(known[order], states)
    sources, targets = (number[np.searchsorted(known, keys)] for keys in (source, target))
    order = np.lexsort((symbol, sources))
    return _Walked(nodes, rows, sources[order], symbol[order], targets[order])


def _useful(walked: _Walked, accepted: BoolArray) -> tuple[_Walked, BoolArray]:
    """The pairs from which an excluded string can still come, and the moves to them."""
    useful, groups = accepted.copy(), _groups(walked)
    sources = walked.sources[groups]
    while len(groups):
        more = np.logical_or.reduceat(useful[walked.targets], groups) & ~useful[sources]
        if not more.any():
            break
        useful[sources[more]] = True
    ids, kept = np.cumsum(useful) - 1, useful[walked.targets]  # so are the pairs that lead to them
    sources, targets = ids[walked.sources[kept]], ids[walked.targets[kept]]
    return (
        _Walked(walked.nodes[useful], walked.rows[useful], sources, walked.symbols[kept], targets),
        accepted[useful],
    )


def _groups(walked: _Walked) -> IntArray:
    """Where the moves of each source begin."""
    return np.flatnonzero(np.append(True, walked.sources[1:] != walked.sources[:-1])[: len(walked.sources)])


def _exceptions(dfa: DFA, walked: _Walked, accepted: BoolArray) -> Exceptions:
    """The pairs as states after those of the DFA; `accepted` (P,) marks those at which an excluded string ends."""
    needed = _distances(dfa, walked, accepted)
    # Pairs that cannot come to an end any more go, but the exceptions that lead to them stay.
    keep = needed < FAR
    ids = np.where(keep, len(dfa.moves) + np.cumsum(keep) - 1, DEAD)
    kept = keep[walked.sources]
    keys = ids[walked.sources[kept]] * len(dfa.columns) + walked.symbols[kept]
    return Exceptions(int(ids[0]), walked.rows[keep], needed[keep].astype(np.int32), keys, ids[walked.targets[kept]])


def _distances(dfa: DFA, walked: _Walked, accepted: BoolArray) -> IntArray:
    """Fewest symbols to acceptance from each pair, (P,)."""
    needed = np.minimum(_leaving(dfa, walked), FAR - 1) + 1
    needed[dfa.accepting[walked.rows] & ~accepted] = 0
    groups = _groups(walked)
    sources = walked.sources[groups]
    while len(groups):  # once for every symbol of the longest way out
        nearest = np.minimum(np.minimum.reduceat(needed[walked.targets], groups), FAR - 1) + 1
        shorter = nearest < needed[sources]
        if not shorter.any():
            break
        needed[sources[shorter]] = nearest[shorter]
    return needed


def _leaving(dfa: DFA, walked: _Walked) -> IntArray:
    """Fewest symbols to acceptance after the best symbol that leads out of the trie, (P,)."""
    columns = dfa.moves.shape[1]
    # Such a symbol is in a column that has more symbols than the pair has moves in it.
    taken, counts = np.unique(walked.sources * columns + dfa.columns[walked.symbols], return_counts=True)
    sizes = np.bincount(dfa.columns[END + 1 :], minlength=columns)
    taken = taken[counts == sizes[taken % columns]]
    after = np.append(dfa.needed, FAR)[dfa.moves]
    order = np.argsort(after, axis=1)
    best = np.full(len(walked.rows), FAR)
    waiting = np.arange(len(walked.rows))
    for rank in range(columns):
        column = order[walked.rows[waiting], rank]
        keys = waiting * columns + column
        free = np.append(taken, -1)[np.searchsorted(taken, keys)] != keys
        best[waiting[free]] = after[walked.rows[waiting[free]], column[free]]
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
