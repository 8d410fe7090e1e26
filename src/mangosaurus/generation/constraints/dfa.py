"""Deterministic finite automata (DFA) as tables: trimming, products, lengths, minimizing.

A state has one row. Symbols that no state tells apart share a column, so that a rule about two letters has three
columns in any alphabet. Letters used for shapes: S states, C columns, V symbols of the vocabulary (END included).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mangosaurus.core.arrays import BoolArray, IntArray, splitmix64
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import END

DEAD = -1
"""The state from which no acceptance can be reached."""
FAR = int(np.iinfo(np.int32).max)
"""How many characters a dead state needs to acceptance."""
MOST_STATES = 1_000_000
MOST_CELLS = 40_000_000
"""Tables grow no larger than this: 160 MB."""
MOST_PAIRS = 100_000_000
"""Products of automata with more pairs of states are refused; the array of them is touched only where reached."""
LARGEST_TO_MINIMIZE = 4_000_000
"""Cells. Larger tables are not minimized."""
MOST_WORK = 60_000_000
"""Cells that minimizing looks at, with eight more for each state; this takes a few seconds at most."""
_CHUNK = 1 << 20


class TooLargeError(OptionError):
    """An automaton has more states than are allowed."""


@dataclass(frozen=True, eq=False)
class DFA:
    """An automaton whose every state can be reached and can reach acceptance; with no rows, it accepts nothing."""

    columns: IntArray
    """(V,): the column of each symbol; that of END, 0, is never looked at. Every column belongs to some character."""
    moves: IntArray
    """(S, C), int32: the next state, or DEAD."""
    needed: IntArray
    """(S,), int32: fewest characters to acceptance, 0 in accepting states."""
    start: int = 0

    @property
    def empty(self) -> bool:
        """Whether no string at all is accepted."""
        return len(self.moves) == 0

    @property
    def accepting(self) -> BoolArray:
        """(S,): whether the string may end here."""
        ends: BoolArray = self.needed == 0
        return ends


def everything(symbols: int) -> DFA:
    """The automaton that accepts every string over a vocabulary of `symbols`, END included."""
    return trimmed(np.zeros(symbols, np.int64), np.zeros((1, 1), np.int32), np.ones(1, bool))


def trimmed(columns: IntArray, moves: IntArray, accepting: BoolArray, start: int = 0) -> DFA:
    """The automaton without the states that cannot be reached or cannot reach acceptance.

    `columns` is (V,), `moves` (S, C) with DEAD where there is no next state, `accepting` (S,).
    """
    # A column that belongs to END alone, or to nothing, would count as a move.
    used, numbers = np.unique(columns[END + 1 :], return_inverse=True)
    states, reached = explore(start, len(moves), lambda some: moves[some[:, None], used], len(moves))
    return _alive(np.append(0, numbers), reached, accepting[states])


def explore(start: int, keys: int, follow: Callable[[IntArray], IntArray], most: int) -> tuple[IntArray, IntArray]:
    """The states that can be reached from `start`. Each has a key, a number below `keys`.

    `follow` takes keys (N,) and returns the keys that follow, (N, C), with DEAD where there is none. Returns the keys
    in the order in which they are met, (S,), and the moves between them, (S, C), int32. Raises TooLargeError if there
    are more than `most`.
    """
    numbers = np.zeros(keys + 1, np.int32)  # n + 1 of the state n, 0 where not met; the last one is for DEAD
    numbers[start] = count = 1
    waiting = [np.array([start])]
    met, rows = [waiting[0]], []
    while waiting:
        target = follow(waiting.pop(0))
        fresh = target[(target >= 0) & (numbers[target] == 0)]
        order = np.arange(1, len(fresh) + 1)
        numbers[fresh] = order
        fresh = fresh[numbers[fresh] == order]  # each key once, without sorting
        numbers[fresh] = np.arange(count + 1, count + len(fresh) + 1)
        count += len(fresh)
        if count > most:
            raise TooLargeError(f"more than {most:,} states would be needed")
        rows.append(numbers[target] - 1)
        met.append(fresh)
        size = max(1, _CHUNK // max(1, target.shape[1]))
        waiting += [fresh[place : place + size] for place in range(0, len(fresh), size)]
    return np.concatenate(met), np.concatenate(rows)


def _alive(columns: IntArray, moves: IntArray, accepting: BoolArray) -> DFA:
    """The automaton, which starts in state 0, without the states that cannot reach acceptance."""
    if accepting.all():
        return DFA(columns, moves, np.zeros(len(moves), np.int32))
    edges = np.argsort(moves, axis=None)  # by the state to which they lead
    first = np.searchsorted(moves.ravel()[edges], np.arange(len(moves) + 1))
    needed = np.full(len(moves), FAR, np.int32)
    nearest, distance = np.flatnonzero(accepting), 0
    while len(nearest):
        needed[nearest] = distance
        sources = edges[ranges(first[nearest], first[nearest + 1])] // moves.shape[1]
        nearest, distance = np.unique(sources[needed[sources] == FAR]), distance + 1
    keep = needed < FAR
    if not keep[0]:
        return DFA(columns, moves[:0], needed[:0])
    ids = np.append(np.where(keep, np.cumsum(keep) - 1, DEAD), DEAD).astype(np.int32)
    return DFA(columns, ids[moves[keep]], needed[keep])


def ranges(first: IntArray, last: IntArray) -> IntArray:
    """The numbers from each of `first` to below each of `last`, both (N,), one range after the other."""
    counts = last - first
    numbers: IntArray = np.arange(counts.sum()) + np.repeat(first - np.cumsum(counts) + counts, counts)
    return numbers


def product(a: DFA, b: DFA) -> DFA:
    """The automaton that accepts what both accept. Raises TooLargeError if it has more than MOST_STATES states."""
    if a.empty or b.empty:
        return a if a.empty else b
    width, pairs = b.moves.shape[1], len(a.moves) * len(b.moves)
    if pairs > MOST_PAIRS:
        raise TooLargeError(f"more than {MOST_STATES:,} states would be needed")
    joint, columns = np.unique((a.columns * width + b.columns)[END + 1 :], return_inverse=True)
    a_columns, b_columns = np.divmod(joint, width)

    def follow(pairs: IntArray) -> IntArray:
        first, second = np.divmod(pairs, len(b.moves))
        to_first = a.moves[first[:, None], a_columns].astype(np.int64)
        to_second = b.moves[second[:, None], b_columns]
        return np.where((to_first < 0) | (to_second < 0), DEAD, to_first * len(b.moves) + to_second)

    most = min(MOST_STATES, MOST_CELLS // max(1, len(joint)))
    reached, moves = explore(a.start * len(b.moves) + b.start, pairs, follow, most)
    first, second = np.divmod(reached, len(b.moves))
    return _alive(np.append(0, columns), moves, a.accepting[first] & b.accepting[second])


def complement(dfa: DFA) -> DFA:
    """Every string that `dfa` does not accept."""
    if dfa.empty:
        return everything(len(dfa.columns))
    sink = len(dfa.moves)
    moves = np.pad(dfa.moves, ((0, 1), (0, 0)), constant_values=DEAD)
    return trimmed(dfa.columns, np.where(moves < 0, sink, moves), ~np.append(dfa.accepting, False), dfa.start)


def with_lengths(dfa: DFA, least: int, most: int | None) -> DFA:
    """What `dfa` accepts that has from `least` to `most` characters; None sets no limit. Raises as `product` does."""
    if most is None and not dfa.empty and int(dfa.needed[dfa.start]) >= least:
        return dfa
    last = least if most is None else most
    counts = np.arange(last + 1)
    following = np.append(counts[1:], last if most is None else DEAD)
    return product(dfa, trimmed(np.zeros(len(dfa.columns), np.int64), following[:, None], counts >= least))


def longest(dfa: DFA) -> int | None:
    """The number of characters of the longest string accepted; None if there is none that is longest."""
    found = np.array([dfa.start])
    for length in range(len(dfa.moves) + 1):
        found = np.unique(dfa.moves[found])
        found = found[found >= 0]
        if not len(found):
            return length
    return None


def distinct_columns(array: NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Of an array (N, C), one column of each kind, and the kind of every column: (kinds,) and (C,)."""
    kinds: dict[bytes, int] = {}
    numbers = np.array([kinds.setdefault(column.tobytes(), len(kinds)) for column in array.T], dtype=np.int64)
    return np.unique(numbers, return_index=True)[1], numbers


def minimized(dfa: DFA) -> DFA:
    """The automaton with the fewest states and columns that accepts the same: Moore's refined partition (1956).

    A DFA that is too large comes back as it is: see LARGEST_TO_MINIMIZE and MOST_WORK.
    """
    if dfa.empty or dfa.moves.size > LARGEST_TO_MINIMIZE:
        return dfa
    moves, work = dfa.moves, 0
    distances, blocks = np.unique(dfa.needed, return_inverse=True)
    blocks, count = np.append(blocks, -1), len(distances)  # the last one is for DEAD
    while True:
        work += moves.size + 8 * len(moves)
        if work > MOST_WORK:
            return dfa
        refined, parts = _classes(blocks[moves], blocks[:-1])
        if parts == count:
            break
        blocks[:-1], count = refined, parts
    members = np.unique(blocks[:-1], return_index=True)[1]
    # Hashes decided which states are alike; if two different rows ever shared one, nothing is merged.
    if not (blocks[moves] == blocks[moves[members]][blocks[:-1]]).all():
        return dfa
    merged = blocks[moves[members]].astype(np.int32)
    keep, columns = distinct_columns(merged)
    return DFA(columns[dfa.columns], merged[:, keep], dfa.needed[members], int(blocks[dfa.start]))


def _classes(rows: IntArray, extra: IntArray) -> tuple[IntArray, int]:
    """Numbers for the different rows of `rows` (N, C) with `extra` (N,), by a 64-bit hash, and how many there are."""
    sums = splitmix64(extra.astype(np.uint64))
    for column in range(rows.shape[1]):
        sums = splitmix64(sums + rows[:, column].astype(np.uint64))
    found, numbers = np.unique(sums, return_inverse=True)
    return numbers, len(found)
