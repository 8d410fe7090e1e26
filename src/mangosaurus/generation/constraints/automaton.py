"""What names may look like, as one deterministic automaton that is read character by character along with the model.

Letters used for shapes: B the batch, S states, V symbols of the vocabulary (END included), C columns (see `table`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.dfa import DEAD, DFA, FAR


@dataclass(frozen=True, eq=False)
class Exceptions:
    """States that follow those of a table and share its rows, but for exceptions. Letter N: how many states."""

    start: int
    """Which of them comes before the first character, numbered after those of the table; DEAD if none does."""
    rows: IntArray
    """(N,): the row of the table that holds for each."""
    needed: IntArray
    """(N,), int32: fewest characters to acceptance."""
    first: IntArray
    """(N + 1,): of each, its first exception; they are sorted by state and then by character."""
    read: IntArray
    """(exceptions,): the character read."""
    target: IntArray
    """(exceptions,): the state after it instead of what the row says, or DEAD."""


class Automaton:
    """A deterministic automaton over a vocabulary's ids. All its states can still reach acceptance.

    Most of it is a table with a row a state. Where many names were cut out, the beginnings of these are states as
    well, which share the rows of the table but for their exceptions: one for each character with which the beginning
    of a name goes on.
    """

    start: int
    """The state before the first character; DEAD if nothing at all is accepted."""
    states: int
    """S, the number of states."""
    symbols: int
    """V, the number of symbols, END included."""
    table_states: int
    """How many of the states, the first ones, are those of the table: all but beginnings of names that were cut out."""
    needed: IntArray
    """(S,): the fewest characters still needed to acceptance, 0 in accepting states."""

    _rows: IntArray
    _first: IntArray
    _read: IntArray
    _target: IntArray

    def __init__(self, table: DFA, exceptions: Exceptions | None = None) -> None:
        self.symbols = len(table.columns)
        self._columns = table.columns + 1
        self._columns[END] = 0  # a column of its own: END leads nowhere
        self._moves = np.pad(table.moves, ((0, 0), (1, 0)), constant_values=DEAD)
        if exceptions is None:
            self.start, self.needed = (table.start if not table.empty else DEAD), table.needed
            self._rows = np.arange(len(table.moves))
            self._first = np.zeros(len(table.moves) + 1, np.int64)
            self._read = self._target = np.zeros(0, np.int64)
        else:
            self.start, self.needed = exceptions.start, np.concatenate([table.needed, exceptions.needed])
            self._rows = np.concatenate([np.arange(len(table.moves)), exceptions.rows])
            self._first = np.concatenate([np.zeros(len(table.moves), np.int64), exceptions.first])
            self._read, self._target = exceptions.read, exceptions.target
        self.states = len(self.needed)
        self.table_states = len(table.moves)
        # From here on the last entry of each array stands for DEAD, which has the index -1.
        self._needed = np.append(self.needed, FAR)
        self._rows = np.append(self._rows, len(table.moves))
        self._first = np.append(self._first, self._first[-1])
        self._moves = np.pad(self._moves, ((0, 1), (0, 0)), constant_values=DEAD)
        self._after = self._needed[self._moves]

    def step(self, states: IntArray, symbols: IntArray) -> IntArray:
        """The states after one symbol each: both (B,), and the result; DEAD after END, after DEAD and where no
        acceptance can be reached any more."""
        states, symbols = np.asarray(states), np.asarray(symbols)
        following: IntArray = self._moves[self._rows[states], self._columns[symbols]].astype(np.int64)
        if len(self._read):
            # A binary search for each row at once, among the exceptions of its state; DEAD has none.
            low, high = self._first[states], self._first[states + 1]
            high = np.where(states < 0, low, high)
            end = high
            while (searching := low < high).any():
                middle = (low + high) // 2
                smaller = searching & (self._read[np.minimum(middle, len(self._read) - 1)] < symbols)
                low, high = np.where(smaller, middle + 1, low), np.where(smaller, high, np.minimum(middle, high))
            places = np.minimum(low, len(self._read) - 1)
            found = (low < end) & (self._read[places] == symbols)
            following = np.where(found, self._target[places], following)
        return following

    def allowed(self, states: IntArray, left: IntArray | int | None = None) -> BoolArray:
        """Which symbols may come next in `states` (B,): (B, V).

        END may where the state accepts. A character may if after it acceptance can be reached, and with `left`, an
        int or (B,), if that takes at most `left` - 1 further characters. A row whose state needs no more than `left`
        is never without a symbol, so a name that follows `allowed` always comes to its end. Nothing may follow DEAD.
        """
        states = np.asarray(states)
        most = np.full(len(states), FAR) if left is None else np.broadcast_to(np.asarray(left), states.shape)
        allowed: BoolArray = (self._after[self._rows[states]] < most[:, None])[:, self._columns]
        if len(self._read):
            first, counts = self._first[states], self._first[states + 1] - self._first[states]
            counts[states < 0] = 0
            batch = np.repeat(np.arange(len(states)), counts)
            places = np.arange(len(batch)) + np.repeat(first - np.cumsum(counts) + counts, counts)
            allowed[batch, self._read[places]] = self._needed[self._target[places]] < most[batch]
        allowed[:, END] = self.accepting(states)
        return allowed

    def within_table(self, states: IntArray) -> IntArray:
        """The states of the table, below `table_states`, whose rows `states` share: what they would be had no names
        been cut out. None of `states` is DEAD."""
        rows: IntArray = self._rows[states]
        return rows

    def accepting(self, states: IntArray) -> BoolArray:
        """Whether a name may end in each of `states`: the same shape. DEAD does not accept."""
        ends: BoolArray = self._needed[states] == 0
        return ends

    def distance(self, states: IntArray) -> IntArray:
        """The fewest characters from `states` to acceptance, the same shape; of DEAD it is `table.FAR`."""
        distance: IntArray = self._needed[states]
        return distance

    def after(self, ids: IntArray) -> int:
        """The state after all characters of `ids`, (length,), have been read."""
        state = np.array([self.start])
        for symbol in ids:
            state = self.step(state, np.array([symbol]))
        return int(state[0])

    def accepts(self, ids: IntArray) -> bool:
        """Whether the name of these ids, (length,), without END, is accepted."""
        return bool(self.accepting(np.array([self.after(ids)]))[0])

    def edges(self) -> tuple[IntArray, IntArray, IntArray]:
        """Every move between states, as three arrays of one length: state, character and next state.

        They are sorted by state and then by character. There can be up to S * V of them: look at `states` first.
        """
        found = []
        for first in range(0, self.states, 4096):
            states = np.arange(first, min(first + 4096, self.states))
            rows, symbols = np.nonzero(self.allowed(states)[:, 1:])
            found.append((states[rows], symbols + 1, self.step(states[rows], symbols + 1)))
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        sources, symbols, targets = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return sources, symbols, targets
