"""The documents of an encoded corpus, never read all at once.

Their symbols are one stream, with END before, between and after the documents (data/symbol_file.py). Training reads
*ranges* of it. A range has a first symbol, which is only read, and a number of symbols after it, each predicted from
those before it. A range of names goes from one END to another; a range of text may begin and end inside a text, next to
a held-out stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.data.symbol_file import Encoded
from mangosaurus.training.folds import Fold, held_out_share

MOST_HELD_OUT = 200_000
"""Held-out symbols: enough to measure differences of 0.005 nats, and to fit the discounts and the weights."""
LONGEST_WHOLE = 1 << 16
"""Longer names are not held out whole."""
STRETCH = 4096
"""Symbols of a held-out stretch: many short ones represent a large corpus better than a long one."""
DRAWN, DRAWN_AT_ONCE = 1_000_000, 2048
"""Symbols of names in one epoch, and in one stretch that is drawn."""


class Mapped(Sequence[IntArray]):
    """Ranges of the stream of an encoded corpus; as a sequence, copies of the symbols that each predicts.

    `table`, if given, maps the ids in the file to those of the model.
    """

    def __init__(self, encoded: Encoded, first: IntArray, predicted: IntArray, table: IntArray | None = None) -> None:
        self.encoded: Encoded = encoded
        self.first: IntArray = first
        self.predicted: IntArray = predicted
        self.table: IntArray | None = table

    @classmethod
    def whole(cls, encoded: Encoded, vocabulary: Vocabulary) -> Mapped:
        """All documents, a range for each text or one for all names, in the ids of `vocabulary`, which has them all."""
        table = None
        if vocabulary != encoded.vocabulary:
            table = np.append(END, vocabulary.encode(encoded.header.characters))
        ends = np.array([0, len(encoded.stream) - 1]) if encoded.header.kind == "names" else encoded.ends()
        return cls(encoded, ends[:-1], np.diff(ends), table)

    @property
    def symbols(self) -> int:
        """How many symbols are predicted, END included."""
        return int(self.predicted.sum())

    @property
    def documents(self) -> int:
        """How many documents the file has."""
        return self.encoded.header.documents

    def occurring(self, symbols: int) -> IntArray:
        """How often each symbol is in the file, (symbols,); END once a document."""
        counts = np.zeros(symbols, dtype=np.int64)
        counts[slice(None) if self.table is None else self.table] = self.encoded.header.counts
        return counts

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Mapped(self.encoded, self.first[place], self.predicted[place], self.table)
        first = int(self.first[place]) + 1
        return self.read(slice(first, first + int(self.predicted[place])))

    def read(self, places: slice | IntArray) -> IntArray:
        """The symbols at some places of the stream, copied."""
        found = np.array(self.encoded.stream[places])
        return found if self.table is None else self.table[found]

    def split(self, seed: int) -> list[Fold]:
        """The single fold of a large corpus. It holds out stretches from all over it, of names only whole ones.

        A corpus of fewer than two names or 200 symbols has none.
        """
        # Lines as long as texts are treated as texts.
        names = self.encoded.header.kind == "names" and self.encoded.header.longest <= LONGEST_WHOLE
        end = len(self.encoded.stream) - 1
        if end < 200 or (names and self.documents < 3):
            return []
        size = min(MOST_HELD_OUT, max(1, round(held_out_share(end) * end)))
        length = min(STRETCH, max(1, size // 8))
        count = max(1, size // length)
        rng = np.random.default_rng([seed, 1])
        # The corpus is cut into equal pieces, and each holds out one stretch.
        pieces = np.linspace(max(32, end // 100), end, count + 1).astype(np.int64)
        held_out, kept = [], []
        place = 0
        for low, high in pairwise(pieces):
            start = int(rng.integers(low, max(low + 1, high - length)))
            stop = min(start + length, end)
            if names:  # from the END before a name to that after another
                start, stop = self._end_at_or_after(start), self._end_at_or_after(stop)
            if stop <= start or start < place:
                continue
            inside = self.read(slice(start + 1, stop) if names else slice(start, stop))
            held_out += [document for document in np.split(inside, np.flatnonzero(inside == END)) if len(document)]
            kept_until = start if names else start - 1
            if kept_until > place:
                kept.append((place, kept_until - place))
            place = stop if names else stop - 1  # this symbol is read, not predicted
        if end > place:
            kept.append((place, end - place))
        self.encoded.release()
        shuffled = [held_out[i][held_out[i] != END] for i in rng.permutation(len(held_out))]
        found = [document for document in shuffled if len(document)]
        first, predicted = np.array(kept, dtype=np.int64).reshape(-1, 2).T
        return [Fold(Mapped(self.encoded, first, predicted, self.table), found)] if found and kept else []

    def _end_at_or_after(self, place: int) -> int:
        for first in range(place, len(self.encoded.stream), STRETCH):
            found = np.flatnonzero(self.encoded.stream[first : first + STRETCH] == END)
            if len(found):
                return first + int(found[0])
        return len(self.encoded.stream) - 1

    def slices(self, size: int) -> list[tuple[int, int, int]]:
        """All predicted symbols, in slices of at most `size`.

        Each is (first place that may be read, first predicted place, place after the last).
        """
        return [
            (first, place, min(place + size, first + predicted + 1))
            for first, predicted in zip(self.first.tolist(), self.predicted.tolist(), strict=True)
            for place in range(first + 1, first + predicted + 1, size)
        ]

    def draw_names(self, rng: np.random.Generator) -> list[IntArray]:
        """Names from places all over the corpus, about DRAWN symbols or all; of a very long name only a stretch."""
        if self.symbols <= 2 * DRAWN:
            return [name for piece in self for name in documents_of(piece) or [piece]]
        ends = np.cumsum(self.predicted)
        found: list[IntArray] = []
        for place in rng.integers(0, ends[-1], DRAWN // DRAWN_AT_ONCE).tolist():
            number = int(np.searchsorted(ends, place, side="right"))
            last = int(self.first[number] + self.predicted[number])
            first = last - int(ends[number] - place)
            piece = self.read(slice(first, min(first + DRAWN_AT_ONCE, last + 1)))
            inside = np.flatnonzero(piece == END)
            if len(inside) > 1:
                found += documents_of(piece[inside[0] + 1 : inside[-1] + 1])
            elif not len(inside):
                found.append(piece)
        self.encoded.release()
        return found or self.draw_names(rng)


def documents_of(symbols: IntArray) -> list[IntArray]:
    """The documents in `symbols`, each of which ends with END."""
    ends = np.flatnonzero(symbols == END)
    return [part[:-1] for part in np.split(symbols, ends + 1)[:-1]]


def symbols_in(documents: Sequence[IntArray], counts: IntArray | None = None) -> int:
    """How many symbols are predicted in documents, END included; `counts` says how often each is counted."""
    if isinstance(documents, Mapped):
        return documents.symbols
    times = [1] * len(documents) if counts is None else counts.tolist()
    return sum(count * (len(document) + 1) for count, document in zip(times, documents, strict=True))


def documents_in(documents: Sequence[IntArray]) -> int:
    """How many documents there are."""
    return documents.documents if isinstance(documents, Mapped) else len(documents)
