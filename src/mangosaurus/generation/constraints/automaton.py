"""What names may look like, as one deterministic automaton that is read character by character along with the model.

Letters used for shapes: B the batch, S states, V symbols of the vocabulary (END included), C columns (see `dfa`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.dfa import DEAD, DFA, FAR, ranges


@dataclass(frozen=True, eq=False)
class Exceptions:
    """States that follow those of a table and share its rows, except for some moves. Letter N: how many states."""

    start: int
    """Which of them comes before the first character, numbered after those of the table; DEAD if none does."""
    rows: IntArray
    """(N,): the row of the table that holds for each."""
    needed: IntArray
    """(N,), int32: fewest characters to acceptance."""
    keys: IntArray
    """(exceptions,): state times V plus the character read, in ascending order."""
    target: IntArray
    """(exceptions,): the state after it instead of what the row says, or DEAD."""


class Automaton:
    """A deterministic automaton over a vocabulary's ids. All its states can still reach acceptance.

    Most of it is a table with one row for each state. Where many names are excluded, their beginnings are states too.
    These share the rows of the table, except for the characters with which the beginning of a name goes on.
    """

    start: int
    """The state before the first character; DEAD if nothing at all is accepted."""
    states: int
    """S, the number of states."""
    symbols: int
    """V, the number of symbols, END included."""
    table_states: int
    """How many of the states, the first ones, are those of the table: all except beginnings of excluded names."""
    needed: IntArray
    """(S,): the fewest characters still needed to acceptance, 0 in accepting states."""

    def __init__(self, table: DFA, exceptions: Exceptions | None = None) -> None:
        if exceptions is None:
            none = np.zeros(0, np.int32)
            exceptions = Exceptions(DEAD if table.empty else table.start, none, none, none, none)
        self.start, self.symbols, self.table_states = exceptions.start, len(table.columns), len(table.moves)
        self._columns = table.columns + 1
        self._columns[END] = 0  # a column of its own: END leads nowhere
        # The last entry of each array stands for DEAD, which has the index -1, and for keys that are not found.
        self._moves = np.pad(table.moves, ((0, 1), (1, 0)), constant_values=DEAD)
        self._needed = np.concatenate([table.needed, exceptions.needed, np.array([FAR], np.int32)])
        self._rows = np.concatenate([np.arange(self.table_states), exceptions.rows, [self.table_states]])
        self._keys = np.append(exceptions.keys, np.iinfo(np.int64).max)
        self._target = np.append(exceptions.target, DEAD)
        self.needed = self._needed[:-1]
        self.states = len(self.needed)
        self._after = self._needed[self._moves]

    def step(self, states: IntArray, symbols: IntArray) -> IntArray:
        """The states after one symbol each: both (B,), and the result; DEAD after END, after DEAD and where no
        acceptance can be reached any more."""
        states, symbols = np.asarray(states), np.asarray(symbols)
        following: IntArray = self._moves[self._rows[states], self._columns[symbols]].astype(np.int64)
        if len(self._keys) > 1:
            keys = states * self.symbols + symbols
            places = np.searchsorted(self._keys, keys)
            following = np.where(self._keys[places] == keys, self._target[places], following)
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
        if len(self._keys) > 1:
            first, last = np.searchsorted(self._keys, [states * self.symbols, (states + 1) * self.symbols])
            batch, places = np.repeat(np.arange(len(states)), last - first), ranges(first, last)
            allowed[batch, self._keys[places] % self.symbols] = self._needed[self._target[places]] < most[batch]
        allowed[:, END] = self.accepting(states)
        return allowed

    def within_table(self, states: IntArray) -> IntArray:
        """The states of the table whose rows `states` share, as if no names were excluded. None of `states` is DEAD."""
        rows: IntArray = self._rows[states]
        return rows

    def accepting(self, states: IntArray) -> BoolArray:
        """Whether a name may end in each of `states`: the same shape. DEAD does not accept."""
        ends: BoolArray = self._needed[states] == 0
        return ends

    def distance(self, states: IntArray) -> IntArray:
        """The fewest characters from `states` to acceptance, the same shape; of DEAD it is FAR."""
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
