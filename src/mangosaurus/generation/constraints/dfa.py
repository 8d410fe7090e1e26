"""Deterministic finite automata (DFA) as tables: trimming, products, lengths, minimizing.

A state has one row. Symbols that no state tells apart share a column, so that a rule about two letters has three
columns in any alphabet. Letters used for shapes: S states, C columns, V symbols of the vocabulary (END included).
"""

from __future__ import annotations

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
MOST_WORK = 30_000_000
"""Cells that minimizing looks at; this takes about half a second."""
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
    columns, moves = np.append(0, numbers), moves if len(used) == moves.shape[1] else moves[:, used]
    needed = _needed(moves, accepting)
    keep = _reached(moves, np.array([start])) & (needed[:-1] < FAR)
    if not keep.any():
        return DFA(columns, np.zeros((0, moves.shape[1]), np.int32), np.zeros(0, np.int32))
    if keep.all():
        return DFA(columns, moves.astype(np.int32, copy=False), needed[:-1], start)
    ids = np.full(len(keep) + 1, DEAD, np.int32)  # the last one is for DEAD
    ids[np.flatnonzero(keep)] = np.arange(keep.sum())
    return DFA(columns, ids[moves[keep]], needed[:-1][keep], int(ids[start]))


def _needed(moves: IntArray, accepting: BoolArray) -> IntArray:
    """Fewest characters to acceptance, (S + 1,), the last for DEAD."""
    needed = np.full(len(moves) + 1, FAR, np.int32)
    needed[:-1][accepting] = 0
    waiting = np.flatnonzero(~accepting)
    distance = 0
    while len(waiting):
        near = (needed[moves[waiting]] == distance).any(axis=1)
        if not near.any():
            break
        distance += 1
        needed[waiting[near]] = distance
        waiting = waiting[~near]
    return needed


def _reached(moves: IntArray, starts: IntArray) -> BoolArray:
    """Which states can be reached from any of `starts`, (S,)."""
    reached = np.zeros(len(moves) + 1, bool)
    reached[starts] = True
    reached[DEAD] = True
    place = np.zeros(len(moves), np.int32)
    while len(starts):
        found = moves[starts].ravel()
        found = found[~reached[found]]
        place[found] = np.arange(len(found))
        starts = found[place[found] == np.arange(len(found))]  # each state once, without sorting
        reached[starts] = True
    return reached[:-1]


def product(a: DFA, b: DFA) -> DFA:
    """The automaton that accepts what both accept. Raises TooLargeError if it has more than MOST_STATES states."""
    if a.empty or b.empty:
        return a if a.empty else b
    width = b.moves.shape[1]
    joint, columns = np.unique((a.columns * width + b.columns)[END + 1 :], return_inverse=True)
    if len(a.moves) * len(b.moves) > MOST_PAIRS:
        raise TooLargeError(f"more than {MOST_STATES:,} states would be needed")
    a_columns, b_columns = np.divmod(joint, width)
    numbers = np.zeros(len(a.moves) * len(b.moves), np.int32)  # 0: not met; n + 1: the pair is state n
    frontier = np.array([a.start * len(b.moves) + b.start])
    numbers[frontier] = 1
    pairs, rows, count = [frontier], [], 1
    waiting = [frontier]
    while waiting:
        block = waiting.pop(0)
        first, second = np.divmod(block, len(b.moves))
        to_first = a.moves[first[:, None], a_columns].astype(np.int64)
        to_second = b.moves[second[:, None], b_columns]
        target = to_first * len(b.moves) + to_second
        target[(to_first < 0) | (to_second < 0)] = DEAD
        met = target[target >= 0]
        met = met[numbers[met] == 0]
        numbers[met] = np.arange(1, len(met) + 1)
        fresh = met[numbers[met] == np.arange(1, len(met) + 1)]  # each pair once, without sorting
        numbers[fresh] = np.arange(count + 1, count + len(fresh) + 1)
        count += len(fresh)
        if count > MOST_STATES or count * len(joint) > MOST_CELLS:
            raise TooLargeError(f"more than {min(MOST_STATES, MOST_CELLS // len(joint)):,} states would be needed")
        # All targets of the block are numbered by now.
        rows.append(np.where(target >= 0, numbers[target] - 1, DEAD).astype(np.int32))
        pairs.append(fresh)
        size = max(1, _CHUNK // len(joint))
        waiting += [fresh[place : place + size] for place in range(0, len(fresh), size)]
    first, second = np.divmod(np.concatenate(pairs), len(b.moves))
    return trimmed(np.append(0, columns), np.concatenate(rows), a.accepting[first] & b.accepting[second])


def with_lengths(dfa: DFA, least: int, most: int | None) -> DFA:
    """What `dfa` accepts that has from `least` to `most` characters; None sets no limit.

    The states are those of `dfa` times the number of characters read. Raises TooLargeError if there would be more
    than MOST_STATES of them.
    """
    if dfa.empty or (most is None and int(dfa.needed[dfa.start]) >= least):
        return dfa
    states, last = len(dfa.moves), least if most is None else most
    if states * (last + 1) > MOST_PAIRS:
        raise TooLargeError(f"more than {MOST_STATES:,} states would be needed")
    alive = np.zeros((last + 1, states + 1), bool)  # the last column is for DEAD
    alive[0, dfa.start] = True
    for length in range(last):
        alive[length + 1, dfa.moves[alive[length, :-1]].ravel()] = True
        alive[length + 1, DEAD] = False
    if most is None:  # from `least` on, lengths are not counted
        alive[last, :-1] = _reached(dfa.moves, np.flatnonzero(alive[last, :-1]))
    # Backwards, so that each length knows the states and distances of the next; states are numbered in that order.
    count, rows, kept = 0, [], []
    for length in reversed(range(last + 1)):
        if length == last:
            needed = dfa.needed if most is None else np.where(dfa.accepting, 0, FAR)
        else:
            after = np.append(needed, FAR)[dfa.moves].min(axis=1, initial=FAR)
            needed = np.where(dfa.accepting & (length >= least), 0, np.minimum(after, FAR - 1) + 1)
        states_here = np.flatnonzero(alive[length, :-1] & (needed < FAR))
        ids = np.full(states + 1, DEAD, np.int32)
        ids[states_here] = np.arange(count, count + len(states_here))
        if length == last:
            ids_after = ids if most is None else np.full(states + 1, DEAD, np.int32)
        rows.append(ids_after[dfa.moves[states_here]])
        kept.append(needed[states_here].astype(np.int32))
        ids_after = ids
        count += len(states_here)
        if count > MOST_STATES or count * dfa.moves.shape[1] > MOST_CELLS:
            raise TooLargeError(f"more than {count:,} states would be needed")
    if ids_after[dfa.start] < 0:
        return DFA(dfa.columns, dfa.moves[:0], dfa.needed[:0])
    return DFA(dfa.columns, np.concatenate(rows), np.concatenate(kept), int(ids_after[dfa.start]))


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
    """The automaton with the fewest states that accepts the same: its columns too are as few as can be.

    States with finitely many continuations are merged from the ends backwards, the others by refining a partition
    (Moore 1956). A DFA that is too large comes back as it is, or less merged: see LARGEST_TO_MINIMIZE and MOST_WORK.
    """
    if dfa.empty or dfa.moves.size > LARGEST_TO_MINIMIZE:
        return dfa
    moves = dfa.moves
    blocks = np.full(len(moves) + 1, -1, np.int64)  # the last one is for DEAD
    count, work = 0, 0
    waiting = np.arange(len(moves))
    done = np.zeros(len(moves) + 1, bool)
    done[DEAD] = True
    while len(waiting):
        work += len(waiting) * moves.shape[1]
        if work > MOST_WORK:
            return dfa
        ready = done[moves[waiting]].all(axis=1)
        if not ready.any():
            break
        level = waiting[ready]
        blocks[level], more = _classes(blocks[moves[level]], dfa.needed[level])
        blocks[level] += count
        count += more
        done[level] = True
        waiting = waiting[~ready]
    if len(waiting):
        blocks[waiting], more = _classes(np.zeros((len(waiting), 0), np.int64), dfa.needed[waiting])
        blocks[waiting] += count
        while True:
            work += len(waiting) * moves.shape[1]
            if work > MOST_WORK:
                blocks[waiting], more = count + np.arange(len(waiting)), len(waiting)
                break
            refined, parts = _classes(blocks[moves[waiting]], blocks[waiting])
            if parts == more:
                break
            blocks[waiting], more = refined + count, parts
        count += more
    members = np.zeros(count, np.int64)
    members[blocks[:-1][::-1]] = np.arange(len(moves))[::-1]
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
