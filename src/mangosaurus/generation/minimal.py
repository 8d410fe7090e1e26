"""Minimising automata: states after which the same strings are accepted become one."""

from __future__ import annotations

import numpy as np

from mangosaurus.arrays import IntArray
from mangosaurus.generation.table import DEAD, Table, distinct_columns

LARGEST = 4_000_000
"""Tables of more cells are left as they are."""
MOST_WORK = 30_000_000
"""Minimising looks at no more cells than this, which takes about half a second."""


def minimised(table: Table) -> Table:
    """The automaton with the fewest states that accepts the same: its columns too are as few as can be.

    States with finitely many continuations are merged from the ends backwards, the others by refining a partition
    (Moore 1956). Too large a table comes back as it is, or with less merged: see LARGEST and MOST_WORK.
    """
    if table.empty or table.moves.size > LARGEST:
        return table
    moves = table.moves
    blocks = np.full(len(moves) + 1, -1, np.int64)  # the last one is for DEAD
    count, work = 0, 0
    waiting = np.arange(len(moves))
    done = np.zeros(len(moves) + 1, bool)
    done[DEAD] = True
    while len(waiting):
        work += len(waiting) * moves.shape[1]
        if work > MOST_WORK:
            return table
        ready = done[moves[waiting]].all(axis=1)
        if not ready.any():
            break
        level = waiting[ready]
        blocks[level], more = _classes(blocks[moves[level]], table.needed[level])
        blocks[level] += count
        count += more
        done[level] = True
        waiting = waiting[~ready]
    if len(waiting):
        blocks[waiting], more = _classes(np.zeros((len(waiting), 0), np.int64), table.needed[waiting])
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
        return table
    merged = blocks[moves[members]].astype(np.int32)
    keep, columns = distinct_columns(merged)
    return Table(columns[table.columns], merged[:, keep], table.needed[members], int(blocks[table.start]))


def _classes(rows: IntArray, extra: IntArray) -> tuple[IntArray, int]:
    """Numbers for the different rows of `rows` (N, C) with `extra` (N,), by a 64-bit hash, and how many there are."""
    sums = _mixed(extra.astype(np.uint64))
    for column in range(rows.shape[1]):
        sums = _mixed(sums + rows[:, column].astype(np.uint64))
    found, numbers = np.unique(sums, return_inverse=True)
    return numbers, len(found)


def _mixed(values: IntArray) -> IntArray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014) on each of `values`, uint64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: IntArray = values ^ (values >> np.uint64(31))
    return mixed
