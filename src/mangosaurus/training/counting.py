"""The n-grams of a large corpus, counted in bounded memory and pruned to so many arcs.

1. Every window of `order` symbols becomes one 64-bit number: the context, its latest symbol first, then the symbol that
   follows; and below them a count. Slices of the corpus are sorted, equal windows added up, and written as runs.
2. The runs are merged on the disk. Block by block, windows are shortened by their oldest symbol and added up again,
   level by level: that gives c(u, w), how often w followed the context u, exactly, for contexts of all lengths.
3. Contexts seen less often than a threshold are pruned, all of a context or nothing: so what follows a context that is
   left is known in full, probabilities sum to one, and the suffix of a context that is left is left too, since it was
   seen as often or more. The threshold is raised until the arcs fit. (Variable-length contexts: Rissanen 1983, "A
   universal data compression system"; Ron, Singer and Tishby 1996, "The power of amnesia".)
4. The counts of Kneser and Ney say in how many contexts one symbol longer w followed. Of those contexts only the ones
   that are left count once; those that are pruned count as often as they were seen, since nothing else has kept what
   was seen there (Siivola, Hirsimäki and Virpioja 2007, "On growing and pruning Kneser-Ney smoothed n-gram models"):

       c'(u, w) = c(u, w) - sum over contexts xu that are left of (c(xu, w) - 1)

   With nothing pruned, these are the counts of kneser_ney.py, number for number.

Where time is short, as many slices are counted as there is time for, spread evenly over the corpus. An alphabet too
large for a window in 64 bits has numbers for its frequent symbols only, and shorter windows: contexts with other
symbols are pruned.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.arrays import IntArray, smallest_unsigned
from mangosaurus.corpora.runs import Keys, Runs
from mangosaurus.models.ngram import NGramCounts
from mangosaurus.training.distributed import broadcast
from mangosaurus.training.mapped import Mapped
from mangosaurus.vocabulary import END

THREADS = 2
SLICE = 1_000_000
"""Symbols that are cut out of the corpus at once; a run is made of many, from all over."""
BYTES_A_SYMBOL = 26
"""Memory that a symbol of a run takes while it is sorted and added up."""
BYTES_AN_ARC, BYTES_OF_THE_REST = 120, 600_000_000
"""Memory that an arc takes in the model that is made of it, and what everything else takes, torch above all."""
FEWEST_ARCS = 100_000
MOST_ARCS = 6_000_000
"""Some 60 MB of model file, and half a gigabyte of memory while it is used."""
FEWEST_COUNT_BITS, MOST_KEY_BITS = 8, 56
COVERED = 0.999
"""The share of all symbols that have numbers of their own, where not all have."""
SECONDS_AN_ENTRY = 1.2e-7
"""About what it takes to merge a number of a run and add it up level by level."""
SHARE_OF_COUNTING = 0.8
"""The share of the time that counting may take before the automaton is put together."""


@dataclass(frozen=True)
class Counted:
    """The automaton of a large corpus, and how it came about."""

    counts: NGramCounts
    share: float
    """The share of the corpus that was counted."""
    groups: int
    """How many groups of slices that are: the same number, asked for, counts the same."""
    threshold: int
    """Contexts seen less often are pruned; 1 is nothing pruned."""


@dataclass(frozen=True)
class Packing:
    """How a window becomes a number."""

    order: int
    bits: int
    """Bits a symbol."""
    codes: IntArray
    """(V,): the number of each symbol, in the order of their ids; END has 0, and those without their own `rare`."""
    ids: IntArray
    """The symbol of each number."""
    rare: int
    """The number of all others, or -1 if every symbol has its own."""

    @property
    def count_bits(self) -> int:
        return 64 - self.order * self.bits


def packing_of(occurring: IntArray, order: int) -> Packing:
    """The packing for symbols that occur so often, END first; the order is lowered as far as the alphabet asks."""
    symbols = len(occurring)
    bits = max(1, (symbols - 1).bit_length())
    if bits * order > MOST_KEY_BITS:
        # Frequent symbols first; END always has a number.
        ranked = np.concatenate([[END], 1 + np.argsort(-occurring[1:], kind="stable")])
        covered = np.cumsum(occurring[ranked]) / occurring.sum()
        needed = int(np.searchsorted(covered, COVERED)) + 2
        bits = min(bits, max(needed.bit_length(), MOST_KEY_BITS // order))
    order = min(order, MOST_KEY_BITS // bits)
    if symbols <= 1 << bits:
        return Packing(order, bits, np.arange(symbols), np.arange(symbols), -1)
    ids = np.sort(ranked[: (1 << bits) - 1])
    rare = len(ids)
    codes = np.full(symbols, rare)
    codes[ids] = np.arange(rare)
    return Packing(order, bits, codes, ids, rare)


def count_mapped(
    documents: Mapped,
    occurring: IntArray,
    order: int,
    memory: int,
    seconds: float = math.inf,
    most_arcs: int = MOST_ARCS,
    folder: Path | None = None,
    stop: threading.Event | None = None,
    groups: int | None = None,
) -> Counted:
    """The automaton of all contexts of up to `order` - 1 symbols that are worth their place; see above.

    `occurring` says how often each symbol occurs in the whole corpus, END first. `memory` is in bytes, `seconds` bound
    how much of the corpus is counted, as `stop` does once it is set; `groups` says how much in place of `seconds`, as
    an earlier result had it. Of several processes, the first decides. Sorted runs go to `folder`, by default that of
    the encoded file.
    Raises OutputError if that cannot be written.
    """
    packing = packing_of(occurring, order)
    runs = Runs(folder or documents.encoded.path.parent)
    try:
        ended = partial(_used_up, runs, math.inf if groups is not None else seconds, time.monotonic(), stop)
        share, groups = _write_runs(documents, packing, runs, memory, ended, groups)
        affordable = (memory - BYTES_OF_THE_REST) // BYTES_AN_ARC
        levels = _Levels(packing, min(most_arcs, max(FEWEST_ARCS, affordable)))
        for block in runs.merged(max(1 << 16, min(1 << 23, memory // 200))):
            levels.add(block)
    finally:
        runs.close()
    documents.release()
    arcs, threshold = levels.finish()
    return Counted(_automaton(arcs, packing, occurring, share), share, groups, threshold)


def _used_up(runs: Runs, seconds: float, started: float, stop: threading.Event | None) -> bool:
    """Whether there is no time to count more, and to merge it; all processes that train together say the same."""
    spent = time.monotonic() - started
    late = spent + runs.entries * SECONDS_AN_ENTRY > SHARE_OF_COUNTING * seconds
    return any(broadcast(late or (stop is not None and stop.is_set()), patient=True))


def _write_runs(
    documents: Mapped, packing: Packing, runs: Runs, memory: int, ended: Callable[[], bool], most: int | None
) -> tuple[float, int]:
    """Counts groups of slices until all are done, or `most` of them, or `ended` says so.

    Returns the share of the corpus that was counted, and the number of groups.
    """
    size = int(min(16 * SLICE, max(SLICE // 8, memory // BYTES_A_SYMBOL // THREADS)))
    slices = documents.slices(min(SLICE, max(1, size // 4)))
    total = sum(last - first for _, first, last in slices)
    count = max(1, -(-total // size))
    # Every run has slices from all over the corpus: after any number of them, what is counted is spread evenly. The
    # very first slice, with the beginning of a document, is in the first run.
    groups = [slices[number::count] for number in range(count)]
    groups = groups[:1] + [groups[i] for i in np.random.default_rng(0).permutation(np.arange(1, count))]
    table = packing.codes.astype(np.uint64)
    if documents.table is not None:
        table = table[documents.table]

    def run(group: list[tuple[int, int, int]]) -> int:
        windows = np.concatenate([_windows(documents, packing, table, *part) for part in group])
        windows.sort()
        runs.append(_added(windows, None, packing.count_bits))
        return sum(last - first for _, first, last in group)

    done = number = 0
    with ThreadPoolExecutor(THREADS) as threads:
        while number < min(most or count, count) and not (number and ended()):
            together = groups[number : min(number + THREADS, most or count)]
            done += sum(threads.map(run, together))
            number += len(together)
            documents.release()
    return done / total, number


def _windows(documents: Mapped, packing: Packing, table: Keys, begin: int, first: int, last: int) -> Keys:
    """The windows whose last symbols are at `first` to `last` - 1 of the stream; none looks before `begin`."""
    order, bits = packing.order, np.uint64(packing.bits)
    stream = documents.encoded.stream
    if stream[begin] != END:  # a range that begins inside a text: its first windows would not be whole
        first = max(first, begin + order - 1)
    if first >= last:
        return np.zeros(0, dtype=np.uint64)
    before = min(order - 1, first)
    symbols = np.array(stream[first - before : last])
    codes = table[symbols]
    if before < order - 1:
        codes = np.concatenate([np.zeros(order - 1 - before, dtype=np.uint64), codes])
    length = last - first
    windows = codes[order - 2 : order - 2 + length].copy() if order > 1 else np.zeros(length, dtype=np.uint64)
    # Behind an END, what was before it is no context: zeros stand there, as END itself does.
    ended = not codes[:-1].all()
    alive = windows != 0 if ended else None
    for back in range(2, order):
        older = codes[order - 1 - back : order - 1 - back + length]
        windows <<= bits
        if alive is None:
            windows |= older
        else:
            windows |= older * alive
            alive &= older != 0
    windows <<= bits
    windows |= codes[order - 1 :]
    return windows


def _added(keys: Keys, counts: IntArray | None, count_bits: int) -> Keys:
    """Sorted keys with their counts added up (1 each, if none are given), packed as key and count, ascending.

    A count that does not fit is parted among several entries of the same key.
    """
    if not len(keys):
        return keys
    places = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    sums = np.diff(places, append=len(keys)) if counts is None else np.add.reduceat(counts, places)
    return _packed(keys[places], sums, count_bits)


def _packed(keys: Keys, counts: IntArray, count_bits: int) -> Keys:
    most = (1 << count_bits) - 1
    large = np.flatnonzero(counts > most)
    packed = (keys << np.uint64(count_bits)) | np.minimum(counts, most).astype(np.uint64)
    if len(large):
        rest = counts[large] - most
        times = -(-rest // most)
        more = np.repeat(keys[large] << np.uint64(count_bits), times) | np.uint64(most)
        ends = np.cumsum(times) - 1
        more[ends] = (keys[large] << np.uint64(count_bits)) | (rest - (times - 1) * most).astype(np.uint64)
        packed = np.sort(np.concatenate([packed, more]))
    return packed


@dataclass
class _Level:
    """The arcs of the contexts of one length: blocks of (context and symbol as one key, count)."""

    keys: list[Keys] = field(default_factory=list)
    counts: list[IntArray] = field(default_factory=list)


class _Levels:
    """Takes the merged windows, block by block, and keeps the arcs of contexts that are frequent enough."""

    def __init__(self, packing: Packing, most: int) -> None:
        self._packing, self._most = packing, most
        self._levels = [_Level() for _ in range(packing.order)]
        self._kept = 0
        self._threshold = 1

    def add(self, block: Keys) -> None:
        """Takes a block of packed windows, ascending, all of them behind those of the block before."""
        if not len(block):
            return
        packing = self._packing
        bits = np.uint64(packing.bits)
        mask = np.uint64((1 << packing.bits) - 1)
        count_bits = packing.count_bits
        keys, counts = _unpacked(block, count_bits)
        for level in range(packing.order - 1, -1, -1):
            self._keep(level, keys, counts)
            if level:
                # Without the oldest symbol, which stands just above the one that follows.
                shorter = (keys >> (bits + bits) << bits) | (keys & mask)
                room = 64 - level * packing.bits
                packed = _packed(shorter, counts, room)
                packed.sort()
                keys, counts = _unpacked(packed, room)
        if self._kept > 2 * self._most:
            self._compact(final=False)

    def _keep(self, level: int, keys: Keys, counts: IntArray) -> None:
        packing = self._packing
        fine = np.ones(len(keys), dtype=bool)
        mask = np.uint64((1 << packing.bits) - 1)
        context = keys >> np.uint64(packing.bits)
        if level > 1:
            # What is before END is no context, and zeros stand there.
            fine &= (context >> np.uint64(packing.bits)) & mask != 0
        if packing.rare >= 0:
            fine &= keys & mask != packing.rare
            for place in range(level):
                fine &= (context >> np.uint64(place * packing.bits)) & mask != packing.rare
        if level > 1 and self._threshold > 1:
            places = np.flatnonzero(np.append(True, context[1:] != context[:-1]))
            totals = np.add.reduceat(counts, places)
            often = totals >= self._threshold
            often[[0, -1]] = True  # they may go on in other blocks
            fine &= np.repeat(often, np.diff(places, append=len(context)))
        if not fine.all():
            keys, counts = keys[fine], counts[fine]
        self._levels[level].keys.append(keys)
        self._levels[level].counts.append(counts)
        self._kept += len(keys)

    def _compact(self, final: bool) -> None:
        """Joins the blocks, and raises the threshold until few enough arcs are left.

        Before the end, what was met last may go on: it stays.
        """
        totals, degrees, tables = [], [], []
        for level, kept in enumerate(self._levels):
            keys = np.concatenate(kept.keys)
            order = np.argsort(keys, kind="stable")  # nearly sorted: only the ends of blocks overlap
            keys, counts = keys[order], np.concatenate(kept.counts)[order]
            if len(keys):
                places = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
                keys, counts = keys[places], np.add.reduceat(counts, places)
            context = keys >> np.uint64(self._packing.bits)
            places = np.flatnonzero(np.append(True, context[1:] != context[:-1])) if len(keys) else np.zeros(0, int)
            total = np.add.reduceat(counts, places) if len(keys) else counts
            degree = np.diff(places, append=len(keys))
            size = degree.copy()
            if level <= 1:
                total = np.full(len(total), np.iinfo(np.int64).max)
            elif not final and len(total):
                # It is not known yet whether this one stays: the threshold does not depend on where blocks end.
                total[-1], size[-1] = np.iinfo(np.int64).max, 0
            tables.append((keys, counts, degree))
            totals.append(total)
            degrees.append(size)
        every, sizes = np.concatenate(totals), np.concatenate(degrees)
        if sizes.sum() > self._most:
            order = np.argsort(-every, kind="stable")
            fits = int(np.searchsorted(np.cumsum(sizes[order]), self._most, side="right"))
            some = every[every < np.iinfo(np.int64).max]
            least = min(int(every[order[fits]]), int(some.max(initial=0)))
            self._threshold = max(self._threshold, least + 1)
        self._kept = 0
        for kept, (keys, counts, degree), total in zip(self._levels, tables, totals, strict=True):
            left = np.repeat(total >= self._threshold, degree)
            kept.keys, kept.counts = [keys[left]], [counts[left]]
            self._kept += int(left.sum())

    def finish(self) -> tuple[list[tuple[Keys, IntArray]], int]:
        """The arcs of every level, ascending by context and symbol, with their counts; and the threshold."""
        self._compact(final=True)
        return [(kept.keys[0], kept.counts[0]) for kept in self._levels], self._threshold


def _unpacked(packed: Keys, count_bits: int) -> tuple[Keys, IntArray]:
    """The different keys of packed entries, and the sums of their counts."""
    keys = packed >> np.uint64(count_bits)
    counts = (packed & np.uint64((1 << count_bits) - 1)).astype(np.int64)
    places = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[places], np.add.reduceat(counts, places)


def _automaton(levels: list[tuple[Keys, IntArray]], packing: Packing, occurring: IntArray, share: float) -> NGramCounts:
    """The arrays of models/ngram.py out of the arcs of each level; see the head of this module for their counts."""
    bits = np.uint64(packing.bits)
    mask = np.uint64((1 << packing.bits) - 1)
    ids = packing.ids
    if levels[0][0][0] != END:  # no document's end was counted: as if one were
        levels[0] = (np.append(np.uint64(END), levels[0][0]), np.append(1, levels[0][1]))
    contexts: list[Keys] = []
    node_of_arc: list[IntArray] = []
    for keys, _ in levels:
        context, inverse = _ranked(keys >> bits)
        contexts.append(context)
        node_of_arc.append(inverse)
    order = max(level for level, context in enumerate(contexts) if len(context)) + 1
    low = np.concatenate([[0], np.cumsum([len(context) for context in contexts])])
    revised = [counts.copy() for _, counts in levels]
    suffix: list[IntArray] = [np.zeros(1, np.int64)]
    oldest: list[IntArray] = [np.zeros(1, np.int64)]
    targets: list[IntArray] = []
    arc_symbols: list[IntArray] = []
    behind: IntArray = np.zeros(0, np.int64)
    start = int(low[1]) if order > 1 and contexts[1][0] == END else 0
    for level in range(order):
        keys, counts = levels[level]
        symbol = (keys & mask).astype(np.int64)
        if level:
            parents = np.searchsorted(contexts[level - 1], contexts[level] >> bits)
            suffix.append(low[level - 1] + parents)
            oldest.append(ids[(contexts[level] & mask).astype(np.int64)])
            shorter = (keys >> (bits + bits) << bits) | (keys & mask)
            behind = np.searchsorted(levels[level - 1][0], shorter)
            revised[level - 1] -= np.bincount(behind, weights=counts - 1, minlength=len(revised[level - 1])).astype(
                np.int64
            )
        # The longest context that is left and ends with the arc's: its own with the symbol, or that of its suffix.
        target = targets[-1][behind] if level else np.zeros(len(keys), np.int64)
        if level + 1 < order:
            longer = ((keys & mask) << np.uint64(level * packing.bits)) | (keys >> bits)
            place = np.minimum(np.searchsorted(contexts[level + 1], longer), len(contexts[level + 1]) - 1)
            target = np.where(contexts[level + 1][place] == longer, low[level + 1] + place, target)
        targets.append(np.where(symbol == END, start, target))
        arc_symbols.append(ids[symbol])
    if packing.rare >= 0:
        revised[0], arc_symbols[0], targets[0], node_of_arc[0] = _with_rare(
            revised[0], arc_symbols[0], targets[0], packing, occurring, share
        )
    degrees = [np.bincount(nodes, minlength=len(context)) for nodes, context in zip(node_of_arc, contexts, strict=True)]
    return NGramCounts(
        levels=low[: order + 1],
        suffix=smallest_unsigned(np.concatenate(suffix)),
        oldest=smallest_unsigned(np.concatenate(oldest)),
        degree=smallest_unsigned(np.concatenate(degrees[:order])),
        symbol=smallest_unsigned(np.concatenate(arc_symbols)),
        target=smallest_unsigned(np.concatenate(targets)),
        count=smallest_unsigned(np.concatenate(revised[:order])),
    )


def _ranked(ordered: Keys) -> tuple[Keys, IntArray]:
    """The different ones of ascending numbers, and of each number its place among them."""
    if not len(ordered):
        return ordered, np.zeros(0, dtype=np.int64)
    new = np.append(True, ordered[1:] != ordered[:-1])
    return ordered[new], np.cumsum(new) - 1


def _with_rare(
    counts: IntArray, symbols: IntArray, targets: IntArray, packing: Packing, occurring: IntArray, share: float
) -> Any:
    """The arcs of the empty context with those of symbols that have no number: they are counted as they occur.

    Kneser and Ney would count what stands before them, which is as much for symbols that are seen once or twice, and
    no more than there are symbols for the others.
    """
    rare = np.flatnonzero(packing.codes == packing.rare)
    often = occurring[rare]
    rare, often = rare[often > 0], often[often > 0]
    raw = np.ceil(often * share).astype(np.int64)
    raw = np.minimum(raw, max(1, int(np.median(counts))))
    order = np.argsort(np.concatenate([symbols, rare]))
    return (
        np.concatenate([counts, raw])[order],
        np.concatenate([symbols, rare])[order],
        np.concatenate([targets, np.zeros(len(rare), np.int64)])[order],
        np.zeros(len(order), np.int64),
    )
