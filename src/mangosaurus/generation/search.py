"""The most probable names, and the proof that none was left out: best-first search over prefixes.

A name is at most as probable as each of its prefixes, since log p only falls as a name grows. So once the n-th best
name found is at least as probable as every prefix still open, no better name is left. Prefixes are expanded in
batches of the most probable open ones (within BUCKET nats), and those less probable than n names already known of
are dropped: they can lead to none of the n best.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.briefly import first_of
from mangosaurus.core.errors import OptionError
from mangosaurus.core.segmentation import CHARACTERS, Segmentation
from mangosaurus.core.table import Table
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.collect import whole
from mangosaurus.generation.conditional import PILOT, PILOTS, Proposer
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.guide import build_guide
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.models.interface import CharModel, State, select, state_after

if TYPE_CHECKING:
    from pandas import DataFrame

BATCH = 1024
BUCKET = 0.25
"""Nats: how finely open prefixes are sorted."""
SLACK = 1e-3
"""Nats by which the same name may differ when it is scored in another batch; it is far more than it does."""
DIVE_TEMPERATURE, DIVE_LENGTH = 0.5, 100
"""The temperature and the maximum length of the names drawn for a first lower bound."""
FEWEST_PREFIXES, PREFIXES_A_NAME = 1_000_000, 1_000
"""A search ends after FEWEST_PREFIXES + PREFIXES_A_NAME times the names asked for; a good model takes 50 a name. Of one
whose names hardly ever end, every string of characters would have to be looked at."""
FEWEST_A_BATCH = 64
"""A batch of fewer prefixes counts as this many: one prefix at a time, each takes far longer."""
OPEN = np.dtype([("log_p", float)] + [(name, np.int64) for name in ("parent", "row", "symbol", "state", "length")])
"""An open prefix: its log p, the number of the expanded prefix that it follows, the row in which the state of the model
after that one is stored, its last character, the state of the automaton after it, and the number of characters."""
OPEN_BYTES = 40
"""Memory of an open prefix, without the state of the model after its parent."""


@dataclass(frozen=True)
class Top(Sequence[str]):
    """The most probable names, from the best on, as a sequence of strings, and how far the proof went."""

    names: tuple[str, ...]
    """Only names that are proved to be the best."""
    log_probs: tuple[float, ...]
    """Of each, the natural logarithm of its probability by the model, END included."""
    asked: int
    """How many were asked for."""
    prefixes: int
    """How many prefixes were looked at."""
    ended_early: bool
    """Whether the limit of memory, or of prefixes, ended the search."""
    too_many: bool
    """Whether it was the limit of prefixes."""
    segmentation: Segmentation = CHARACTERS
    """How the names are cut into symbols. As items of the sequence, they are written as its `join` says."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if self.segmentation.join is None:
            return self.names[place]
        if isinstance(place, slice):
            return tuple(map(self.segmentation.shown, self.names[place]))
        return self.segmentation.shown(self.names[place])

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        few = f" of {self.asked:,} asked for" if len(self) < self.asked else ""
        return f"<Top: the {len(self):,}{few} most probable names: {first_of(self)}>"

    def _repr_html_(self) -> str:
        from mangosaurus.html.notebook import block, remark, some
        from mangosaurus.html.tables import grid

        first, more = some(self.table().rows)
        rows = [(text, f"{p:.3g}", f"{log_p:.3f}", f"{nats:.3f}") for text, p, log_p, nats in first]
        head = "name", "probability", "log probability", "nats per symbol"
        return block([grid(head, rows, (1, 2, 3)), *more, remark(self.summary())])

    def table(self) -> Table:
        """A row for each name: text, probability, log_probability (natural logarithm) and nats_per_symbol."""
        return Table(
            ("text", "probability", "log_probability", "nats_per_symbol"),
            [
                (self.segmentation.shown(name), math.exp(p), p, -p / (len(self.segmentation.split(name)) + 1))
                for name, p in zip(self.names, self.log_probs, strict=True)
            ],
        )

    def to_frame(self) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table().to_frame()

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        table = self.table()
        names = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        return {"names": names, "asked": self.asked, "prefixes": self.prefixes, "ended_early": self.ended_early}

    def summary(self) -> str:
        """How the search went, in one line."""
        if self.ended_early and self.too_many:
            return (
                f"stopped after {self.prefixes:,} prefixes, the limit for {self.asked:,} names; {len(self):,} are "
                "proved to be the most probable; add constraints to narrow the search"
            )
        why = "no other name is as probable"
        if self.ended_early:
            why = (
                f"the memory allowed is used up, and {len(self):,} of {self.asked:,} names are proved to be the most "
                "probable; more memory or narrower constraints let the search go on"
            )
        elif len(self) < self.asked:
            why = f"there are only {len(self):,} such names"
        return f"looked at {self.prefixes:,} prefixes; {why}"


def most_prefixes(n: int) -> int:
    """How many prefixes are looked at when `n` names are asked for, a batch counted as FEWEST_A_BATCH or more."""
    return FEWEST_PREFIXES + n * PREFIXES_A_NAME


def search(
    model: CharModel,
    n: int,
    automaton: Automaton,
    *,
    prefix: IntArray,
    max_length: int | None = None,
    wanted: Callable[[str], bool] = lambda name: True,
    memory: int = 1_000_000_000,
) -> Top:
    """The `n` most probable names that `automaton` accepts and that are `wanted`, of at most `max_length` characters.

    All of them begin with `prefix`, ids (length,). `memory`, in bytes, is what open prefixes may take.
    Raises OptionError if n or memory is below 1.
    """
    if n < 1:
        raise OptionError.of("{n} is {}; ask for 1 or more", n)
    if memory < 1:
        raise OptionError.of("{memory} is {}; it must be above 0", memory)
    with threads_of_products(1):
        return _Search(model, n, automaton, prefix, max_length, wanted, memory).run()


class _Search:
    """One search; `run` does it."""

    def __init__(
        self,
        model: CharModel,
        n: int,
        automaton: Automaton,
        prefix: IntArray,
        max_length: int | None,
        wanted: Callable[[str], bool],
        memory: int,
    ) -> None:
        self.model, self.n, self.automaton, self.prefix = model, n, automaton, prefix
        self.longest = int(np.iinfo(np.int32).max) - 1 if max_length is None else max_length
        self.memory = memory
        self.wanted: Callable[[str], bool] = lambda name: whole(name) and wanted(name)
        self.found: list[tuple[float, str]] = []  # the best first, at most n
        self.buckets: dict[int, deque[NDArray[np.void]]] = defaultdict(deque)
        self.open = 0
        # Of every expanded prefix, batch by batch: what it follows, and its last character.
        self.parents: list[IntArray] = []
        self.symbols: list[IntArray] = []
        self.firsts: list[int] = []
        self.expanded = 0
        self.stored: State = tuple(np.empty((0, *array.shape[1:]), array.dtype) for array in model.start(1))
        self.used = 0
        self.row_bytes = sum(array.nbytes for array in model.start(1))

    def run(self) -> Top:
        self.floor = self._dive()
        log_p = float(self.model.score([self.prefix])[0][:-1].sum())
        root = (log_p, -1, 0, END, self.automaton.after(self.prefix), len(self.prefix))
        self._expand(state_after(self.model, self.prefix), np.array([root], OPEN))
        early, left = False, most_prefixes(self.n)
        while self.buckets and -min(self.buckets) * BUCKET >= self._least():
            batch = self._take()
            if len(batch):
                self._expand(self.model.advance(select(self.stored, batch["row"]), batch["symbol"]), batch)
            if self._bytes() > self.memory:
                self._tidy()
                early = self._bytes() > 0.9 * self.memory  # or it would be tidied again and again
            left -= max(len(batch), FEWEST_A_BATCH)
            early = early or (self.open > 0 and left <= 0)
            if early:
                break
        best_open = self.buckets[min(self.buckets)] if early and self.buckets else ()
        bound = max((float(part["log_p"].max()) for part in best_open), default=0 if early else -math.inf)
        proved = [(log_p, name) for log_p, name in self.found if log_p >= bound]
        names, log_probs = tuple(name for _, name in proved), tuple(log_p for log_p, _ in proved)
        ended_early, segmentation = early and len(proved) < self.n, self.model.vocabulary.segmentation
        return Top(names, log_probs, self.n, self.expanded, ended_early, left <= 0, segmentation)

    def _dive(self) -> float:
        """A lower bound of the n-th best log p, from names drawn at a low temperature: it saves memory."""
        longest = min(self.longest, max(DIVE_LENGTH, 2 * int(self.automaton.needed[self.automaton.start])))
        guide = build_guide(self.model, self.automaton, self.prefix, longest - len(self.prefix), DIVE_TEMPERATURE)
        parameters = SamplingParameters(DIVE_TEMPERATURE, seed=0)
        proposer = Proposer(self.model, self.automaton, guide, self.prefix, longest, parameters)
        symbols, lengths, log_weights = proposer.propose(0, PILOT, PILOTS)
        ended = log_weights > -np.inf
        drawn = sorted(set(self.model.vocabulary.decode_rows(symbols[ended], lengths[ended])))
        names = [name for name in drawn if self.wanted(name)]
        if len(names) < self.n:
            return -np.inf
        scores = self.model.score([self.model.vocabulary.encode(name) for name in names])
        return sorted((float(score.sum()) for score in scores), reverse=True)[self.n - 1] - SLACK

    def _least(self) -> float:
        """What is less probable is of no use."""
        return max(self.floor, self.found[-1][0] if len(self.found) == self.n else -np.inf)

    def _expand(self, state: State, batch: NDArray[np.void]) -> None:
        """Reads what may follow each prefix: names that end go to those found, all else to the open prefixes."""
        first = self.expanded
        self.firsts.append(first)
        self.parents.append(batch["parent"].copy())
        self.symbols.append(batch["symbol"].copy())
        self.expanded += len(batch)
        following = batch["log_p"][:, None] + self.model.log_probs(state)
        useful = self.automaton.allowed(batch["state"], self.longest - batch["length"])
        useful &= (following >= self._least()) & (following > -np.inf)
        ends = np.flatnonzero(useful[:, END])
        useful[:, END] = False
        for row in ends[np.argsort(-following[ends, END], kind="stable")]:
            self._end(first + int(row), float(following[row, END]))
        rows, symbols = np.nonzero(useful & (following >= self._least()))
        kept, places = np.unique(rows, return_inverse=True)
        stored = self._store(select(state, kept))[places]
        states = self.automaton.step(batch["state"][rows], symbols)
        parts = (following[rows, symbols], first + rows, stored, symbols, states, batch["length"][rows] + 1)
        self._put(np.rec.fromarrays(parts, OPEN))

    def _end(self, expanded: int, log_p: float) -> None:
        """Takes in a name if it is among the best so far."""
        if log_p < self._least():
            return
        name = self._text(expanded)
        if self.wanted(name):
            self.found.append((log_p, name))
            self.found.sort(key=lambda each: (-each[0], each[1]))
            del self.found[self.n :]

    def _text(self, expanded: int) -> str:
        """The expanded prefix of this number."""
        ids = []
        while expanded > 0:  # number 0 is the prefix that was given
            batch = bisect_right(self.firsts, expanded) - 1
            place = expanded - self.firsts[batch]
            ids.append(int(self.symbols[batch][place]))
            expanded = int(self.parents[batch][place])
        return self.model.vocabulary.decode(np.concatenate([self.prefix, np.array(ids[::-1], dtype=np.int64)]))

    def _put(self, fresh: NDArray[np.void]) -> None:
        if not len(fresh):
            return
        keys = np.floor(-fresh["log_p"] / BUCKET).astype(np.int64)
        order = np.argsort(keys, kind="stable")
        fresh, keys = fresh[order], keys[order]
        groups = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        for start, end in zip(groups, np.append(groups[1:], len(keys)), strict=True):
            self.buckets[int(keys[start])].append(fresh[start:end])
        self.open += len(fresh)

    def _take(self) -> NDArray[np.void]:
        """The next batch: the best open prefixes, in any order within a bucket."""
        taken: list[NDArray[np.void]] = []
        count, least = 0, self._least()
        while self.buckets and count < BATCH:
            # Part by part: where all are as probable, a bucket has millions.
            best = min(self.buckets)
            part = self.buckets[best].popleft()
            self.open -= len(part)
            part = part[part["log_p"] >= least]
            if len(part) > BATCH - count:
                rest = part[BATCH - count :]
                self.buckets[best].appendleft(rest)
                self.open += len(rest)
                part = part[: BATCH - count]
            if not self.buckets[best]:
                del self.buckets[best]
            taken.append(part)
            count += len(part)
        return np.concatenate(taken)

    def _store(self, state: State) -> IntArray:
        """Keeps the rows of a state, and says where."""
        count = len(state[0])
        if self.used + count > len(self.stored[0]):
            room = max(2 * len(self.stored[0]), self.used + count, BATCH)
            grown = tuple(np.empty((room, *array.shape[1:]), array.dtype) for array in self.stored)
            for new, old in zip(grown, self.stored, strict=True):
                new[: self.used] = old[: self.used]
            self.stored = grown
        for stored, array in zip(self.stored, state, strict=True):
            stored[self.used : self.used + count] = array
        self.used += count
        return np.arange(self.used - count, self.used)

    def _bytes(self) -> int:
        return self.used * self.row_bytes + self.open * OPEN_BYTES

    def _tidy(self) -> None:
        """Drops the prefixes that have become useless, and the states that nothing follows any more."""
        if not self.open:
            return
        everything = np.concatenate([part for parts in self.buckets.values() for part in parts])
        everything = everything[everything["log_p"] >= self._least()]
        self.buckets.clear()
        self.open = 0
        rows, places = np.unique(everything["row"], return_inverse=True)
        self.stored, self.used = select(self.stored, rows), len(rows)
        everything["row"] = places
        self._put(everything)
