"""The n-grams of a large corpus, counted in bounded memory and pruned to a given number of arcs.

1. Every window of `order` symbols becomes one 64-bit number: the context, its latest symbol first, then the symbol that
   follows; and below them a count. Slices of the corpus are sorted, equal windows added up, and written as runs.
2. The runs are merged on the disk. Block by block, windows are shortened by their oldest symbol and added up again,
   level by level. The result is exact: c(u, w), how often w followed the context u, for contexts of all lengths.
3. Contexts seen less often than a threshold are pruned, each with all that follows it. So the
   probabilities after every remaining context sum to one. Its suffix was seen as often or more, so it remains too. The
   threshold is raised until the arcs fit. (Variable-length contexts: Rissanen 1983, "A universal data compression
   system"; Ron, Singer and Tishby 1996, "The power of amnesia".)
4. The counts of Kneser and Ney say in how many contexts one symbol longer w followed. A remaining context counts
   once. A pruned context counts as often as it was seen, since nothing else holds its counts (Siivola,
   Hirsimäki and Virpioja 2007, "On growing and pruning Kneser-Ney smoothed n-gram models"):

       c'(u, w) = c(u, w) - sum over remaining contexts xu of (c(xu, w) - 1)

   If nothing is pruned, these are the counts of training/ngram_counts.py, number for number.

If time is short, only a share of the slices is counted, spread evenly over the corpus. If the alphabet is too large for
a window in 64 bits, only its frequent symbols have numbers, and contexts with other symbols are pruned.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.data.external_sort import Keys, Runs, firsts
from mangosaurus.models.ngram import NGramCounts
from mangosaurus.training.distributed import broadcast
from mangosaurus.training.large.documents import Mapped
from mangosaurus.training.ngram_counts import joined

THREADS = 2
SLICE = 1_000_000
"""Symbols of a slice of the corpus; a run is made of many slices, from all over."""
BYTES_A_SYMBOL = 26
"""Memory for a symbol of a run while it is sorted and added up."""
BYTES_AN_ARC, BYTES_OF_THE_REST = 120, 600_000_000
"""Memory that an arc takes in the model, and that everything else takes, torch above all."""
FEWEST_ARCS = 100_000
MOST_ARCS = 6_000_000
"""About 60 MB of model file, and half a gigabyte of memory in use."""
MOST_KEY_BITS = 56
COVERED = 0.999
"""The share of the corpus whose symbols have their own numbers, if not all have."""
SECONDS_AN_ENTRY = 1.2e-7
"""About the time to merge an entry of a run and add it up level by level."""
SHARE_OF_COUNTING = 0.8
"""The share of the time for counting; the rest builds the automaton."""


@dataclass(frozen=True)
class LargeCounts:
    """The automaton of a large corpus, and how it came about."""

    counts: NGramCounts
    share: float
    """The share of the corpus that was counted."""
    groups: int
    """The number of groups of slices that were counted; the same number counts the same slices again."""
    threshold: int
    """Contexts seen less often are pruned; 1 prunes nothing."""


@dataclass(frozen=True)
class Packing:
    """How a window becomes a number."""

    order: int
    bits: int
    """Bits a symbol."""
    codes: IntArray
    """(V,): the number of each symbol, in the order of their ids; END has 0; symbols without their own have `rare`."""
    ids: IntArray
    """The symbol of each number."""
    rare: int
    """The number of all others, or -1 if every symbol has its own."""

    @property
    def count_bits(self) -> int:
        return 64 - self.order * self.bits

    def contexts(self, keys: Keys) -> Keys:
        """The contexts of windows without their counts; of contexts, those without their oldest symbol."""
        return keys >> np.uint64(self.bits)

    def symbols(self, keys: Keys) -> Keys:
        """The symbols that follow the contexts; of contexts, their oldest symbols."""
        return keys & np.uint64((1 << self.bits) - 1)

    def shortened(self, keys: Keys) -> Keys:
        """Windows without their oldest symbol, which stands just above the one that follows."""
        return (keys >> np.uint64(2 * self.bits) << np.uint64(self.bits)) | self.symbols(keys)


def packing_of(occurring: IntArray, order: int) -> Packing:
    """The packing for symbols with these counts, END first; a large alphabet lowers the order."""
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
    stop: threading.Event | None = None,
    groups: int | None = None,
) -> LargeCounts:
    """The automaton of all contexts of up to `order` - 1 symbols that are not pruned; see above.

    Args:
        occurring: how often each symbol occurs in the whole corpus, END first.
        memory: bytes.
        seconds: counting ends after this time, or once `stop` is set. Of several processes, the first decides.
        groups: the number of groups to count, from an earlier result; it replaces `seconds`.

    Writes sorted runs to the folder of the encoded corpus. Raises OutputError if it cannot.
    """
    packing = packing_of(occurring, order)
    runs, started = Runs(documents.encoded.path.parent), time.monotonic()
    if groups is not None:
        seconds = math.inf

    def ended() -> bool:
        """Whether there is no time to count and merge more; the same in all processes that train together."""
        late = time.monotonic() - started + runs.entries * SECONDS_AN_ENTRY > SHARE_OF_COUNTING * seconds
        return any(broadcast(late or (stop is not None and stop.is_set()), patient=True))

    try:
        share, groups = _write_runs(documents, packing, runs, memory, ended, groups)
        affordable = (memory - BYTES_OF_THE_REST) // BYTES_AN_ARC
        levels = _Levels(packing, min(most_arcs, max(FEWEST_ARCS, affordable)))
        for block in runs.merged(max(1 << 16, min(1 << 23, memory // 200))):
            levels.add(block)
    finally:
        runs.close()
    documents.encoded.release()
    arcs, threshold = levels.finish()
    return LargeCounts(_automaton(arcs, packing, occurring, share), share, groups, threshold)


def _write_runs(
    documents: Mapped, packing: Packing, runs: Runs, memory: int, ended: Callable[[], bool], most: int | None
) -> tuple[float, int]:
    """Counts groups of slices until all or `most` of them are done, or until `ended()`.

    Returns the share of the corpus that was counted, and the number of groups.
    """
    size = int(min(16 * SLICE, max(SLICE // 8, memory // BYTES_A_SYMBOL // THREADS)))
    slices = documents.slices(min(SLICE, max(1, size // 4)))
    total = sum(last - first for _, first, last in slices)
    count = max(1, -(-total // size))
    # Every run has slices from all over the corpus: whenever counting ends, its slices are spread evenly. The first run
    # has the very first slice, with the beginning of a document.
    groups = [slices[number::count] for number in range(count)]
    groups = groups[:1] + [groups[i] for i in np.random.default_rng(0).permutation(np.arange(1, count))]
    table = packing.codes.astype(np.uint64)
    if documents.table is not None:
        table = table[documents.table]

    def run(group: list[tuple[int, int, int]]) -> int:
        windows = np.concatenate([_windows(documents, packing, table, *part) for part in group])
        windows.sort()
        places = firsts(windows)
        runs.append(_packed(windows[places], np.diff(places, append=len(windows)), packing.count_bits))
        return sum(last - first for _, first, last in group)

    done = number = 0
    with ThreadPoolExecutor(THREADS) as threads:
        while number < min(most or count, count) and not (number and ended()):
            together = groups[number : min(number + THREADS, most or count)]
            done += sum(threads.map(run, together))
            number += len(together)
            documents.encoded.release()
    return done / total, number


def _windows(documents: Mapped, packing: Packing, table: Keys, begin: int, first: int, last: int) -> Keys:
    """The windows whose last symbols are at `first` to `last` - 1 of the stream; none starts before `begin`."""
    order, bits = packing.order, np.uint64(packing.bits)
    stream = documents.encoded.stream
    if stream[begin] != END:  # the range begins inside a text: its first windows are not whole
        first = max(first, begin + order - 1)
    if first >= last:
        return np.zeros(0, dtype=np.uint64)
    before = min(order - 1, first)
    symbols = np.array(stream[first - before : last])
    codes = table[symbols]
    if before < order - 1:
        codes = np.concatenate([np.zeros(order - 1 - before, dtype=np.uint64), codes])
    length = last - first
    windows = np.zeros(length, dtype=np.uint64)
    # Symbols before an END belong to another document: zeros stand in their places, as for END itself.
    alive = None if codes[:-1].all() else np.ones(length, dtype=bool)
    for back in range(1, order):
        older = codes[order - 1 - back : order - 1 - back + length]
        windows <<= bits
        windows |= older if alive is None else older * alive
        if alive is not None:
            alive &= older != 0
    windows <<= bits
    windows |= codes[order - 1 :]
    return windows


def _packed(keys: Keys, counts: IntArray, count_bits: int) -> Keys:
    """Keys with their counts below them, ascending. A count that does not fit is split over entries of the same key."""
    most = (1 << count_bits) - 1
    keys = keys << np.uint64(count_bits)
    if counts.max(initial=0) <= most:
        return keys | counts.astype(np.uint64)
    times = -(-counts // most)
    packed = np.repeat(keys, times) | np.uint64(most)
    packed[np.cumsum(times) - times] = keys | (counts - (times - 1) * most).astype(np.uint64)
    return packed


def _unpacked(packed: Keys, count_bits: int) -> tuple[Keys, IntArray]:
    """The different keys of packed entries, and the sums of their counts."""
    counts = (packed & np.uint64((1 << count_bits) - 1)).astype(np.int64)
    return _added(packed >> np.uint64(count_bits), counts)


def _added(keys: Keys, counts: IntArray) -> tuple[Keys, IntArray]:
    """The different ones of ascending keys, and the sums of their counts."""
    places = firsts(keys)
    return keys[places], np.add.reduceat(counts, places)


class _Levels:
    """Keeps the arcs of frequent contexts from the merged windows, block by block."""

    def __init__(self, packing: Packing, most: int) -> None:
        self._packing, self._most = packing, most
        # For each length of context, blocks of keys (context and symbol) and counts.
        self._levels: list[list[tuple[Keys, IntArray]]] = [[] for _ in range(packing.order)]
        self._threshold = 1

    def add(self, block: Keys) -> None:
        """Adds a block of packed windows, ascending; each is greater than those of the previous block."""
        if not len(block):
            return
        packing = self._packing
        keys, counts = _unpacked(block, packing.count_bits)
        for level in range(packing.order - 1, -1, -1):
            self._keep(level, keys, counts)
            if level:
                room = 64 - level * packing.bits
                packed = _packed(packing.shortened(keys), counts, room)
                packed.sort()
                keys, counts = _unpacked(packed, room)
        if sum(len(keys) for blocks in self._levels for keys, _ in blocks) > 2 * self._most:
            self._compact(final=False)

    def _keep(self, level: int, keys: Keys, counts: IntArray) -> None:
        packing = self._packing
        fine = np.ones(len(keys), dtype=bool)
        context = packing.contexts(keys)
        if level > 1:  # zeros before an END are no context
            fine &= packing.symbols(packing.contexts(context)) != 0
        if packing.rare >= 0:
            for place in range(level + 1):
                fine &= packing.symbols(keys >> np.uint64(place * packing.bits)) != packing.rare
        if level > 1 and self._threshold > 1:
            places = firsts(context)
            often = np.add.reduceat(counts, places) >= self._threshold
            often[[0, -1]] = True  # other blocks may continue them
            fine &= np.repeat(often, np.diff(places, append=len(context)))
        self._levels[level].append((keys[fine], counts[fine]))

    def _compact(self, final: bool) -> None:
        """Joins the blocks, and raises the threshold until few enough arcs are left.

        Before the end, the last context of each level is kept: the next block may continue it.
        """
        totals, sizes, degrees = [], [], []
        for level, blocks in enumerate(self._levels):
            keys = np.concatenate([keys for keys, _ in blocks])
            order = np.argsort(keys, kind="stable")  # nearly sorted: only the ends of blocks overlap
            keys, counts = _added(keys[order], np.concatenate([counts for _, counts in blocks])[order])
            places = firsts(self._packing.contexts(keys))
            total = np.add.reduceat(counts, places)
            degree = np.diff(places, append=len(keys))
            size = degree.copy()
            if level <= 1:
                total[:] = np.iinfo(np.int64).max
            elif not final and len(total):
                # It may continue, so it does not count: the threshold must not depend on where blocks end.
                total[-1], size[-1] = np.iinfo(np.int64).max, 0
            self._levels[level] = [(keys, counts)]
            totals.append(total)
            sizes.append(size)
            degrees.append(degree)
        self._threshold = max(self._threshold, _threshold(np.concatenate(totals), np.concatenate(sizes), self._most))
        for level, (total, degree) in enumerate(zip(totals, degrees, strict=True)):
            left = np.repeat(total >= self._threshold, degree)
            ((keys, counts),) = self._levels[level]
            self._levels[level] = [(keys[left], counts[left])]

    def finish(self) -> tuple[list[tuple[Keys, IntArray]], int]:
        """The arcs of every level, ascending by context and symbol, with their counts; and the threshold."""
        self._compact(final=True)
        return [blocks[0] for blocks in self._levels], self._threshold


def _threshold(totals: IntArray, sizes: IntArray, most: int) -> int:
    """The lowest threshold at which the contexts seen at least as often have at most `most` arcs."""
    if sizes.sum() <= most:
        return 1
    order = np.argsort(-totals, kind="stable")
    fits = int(np.searchsorted(np.cumsum(sizes[order]), most, side="right"))
    some = totals[totals < np.iinfo(np.int64).max]
    return 1 + min(int(totals[order[fits]]), int(some.max(initial=0)))


def _automaton(levels: list[tuple[Keys, IntArray]], packing: Packing, occurring: IntArray, share: float) -> NGramCounts:
    """The arrays of models/ngram.py from the arcs of each level; see the head of this module for their counts."""
    if levels[0][0][0] != END:  # no document's end was counted: add one
        levels[0] = (np.append(np.uint64(END), levels[0][0]), np.append(1, levels[0][1]))
    places = [firsts(packing.contexts(keys)) for keys, _ in levels]
    contexts = [packing.contexts(keys)[first] for (keys, _), first in zip(levels, places, strict=True)]
    degrees = [np.diff(first, append=len(keys)) for (keys, _), first in zip(levels, places, strict=True)]
    order = max(level for level, context in enumerate(contexts) if len(context)) + 1
    low = np.concatenate([[0], np.cumsum([len(context) for context in contexts])])
    start = int(low[1]) if order > 1 and contexts[1][0] == END else 0
    revised = [counts.copy() for _, counts in levels]
    suffix: list[IntArray] = [np.zeros(1, np.int64)]
    oldest, targets, symbols = suffix[:], list[IntArray](), list[IntArray]()
    for level, (keys, counts) in enumerate(levels[:order]):
        # The target is the longest context left that ends with the arc's symbol: the arc's own context with the symbol,
        # or the target of the same symbol after the context's suffix.
        target: IntArray = np.zeros(len(keys), np.int64)
        if level:
            suffix.append(low[level - 1] + np.searchsorted(contexts[level - 1], packing.contexts(contexts[level])))
            oldest.append(packing.ids[packing.symbols(contexts[level]).astype(np.int64)])
            shorter = np.searchsorted(levels[level - 1][0], packing.shortened(keys))
            fewer = np.bincount(shorter, weights=counts - 1, minlength=len(revised[level - 1]))
            revised[level - 1] -= fewer.astype(np.int64)
            target = targets[-1][shorter]
        if level + 1 < order:
            longer = (packing.symbols(keys) << np.uint64(level * packing.bits)) | packing.contexts(keys)
            place = np.minimum(np.searchsorted(contexts[level + 1], longer), len(contexts[level + 1]) - 1)
            target = np.where(contexts[level + 1][place] == longer, low[level + 1] + place, target)
        symbol = packing.symbols(keys).astype(np.int64)
        targets.append(np.where(symbol == END, start, target))
        symbols.append(packing.ids[symbol])
    if packing.rare >= 0:
        # Symbols without a number of their own have the counts with which they occur. Kneser and Ney would count the
        # symbols before them: that is as much for symbols that are seen once or twice, and at most V for the others.
        rare = np.flatnonzero((packing.codes == packing.rare) & (occurring > 0))
        raw = np.minimum(np.ceil(occurring[rare] * share).astype(np.int64), max(1, int(np.median(revised[0]))))
        by_symbol = np.argsort(np.concatenate([symbols[0], rare]))
        for arcs, more in ((revised, raw), (symbols, rare), (targets, np.zeros(len(rare), np.int64))):
            arcs[0] = np.concatenate([arcs[0], more])[by_symbol]
        degrees[0] = np.array([len(symbols[0])])
    return joined(low[: order + 1], suffix, oldest, degrees[:order], symbols, targets, revised[:order])
