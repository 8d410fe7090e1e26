"""Documents of an encoded corpus, as the recipe reads them: never all at once.

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
"""Symbols of the names of one epoch, and of the stretches in which they are drawn."""


class Mapped(Sequence[IntArray]):
    """Ranges of the stream of an encoded corpus; as a sequence, the symbols that each predicts, copied.

    `table`, if given, maps the ids in the file to those of the model.
    """

    def __init__(self, encoded: Encoded, first: IntArray, predicted: IntArray, table: IntArray | None = None) -> None:
        self.encoded: Encoded = encoded
        self.first: IntArray = first
        self.predicted: IntArray = predicted
        self.table: IntArray | None = table

    @classmethod
    def whole(cls, encoded: Encoded, vocabulary: Vocabulary) -> Mapped:
        """All documents, a range each text or one of all names, in the ids of a vocabulary that has all of them."""
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

    def release(self) -> None:
        """Frees the memory of what has been read."""
        self.encoded.release()

    def split(self, seed: int) -> list[Fold]:
        """The one part of a large corpus: stretches from all over it are held out, only whole names of names.

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
        # One stretch somewhere in each of as many equal pieces of the corpus.
        pieces = np.linspace(max(32, end // 100), end, count + 1).astype(np.int64)
        starts = [int(rng.integers(low, max(low + 1, high - length))) for low, high in pairwise(pieces)]
        held_out, first, predicted = [], [], []
        place = 0
        for start in starts:
            stop = min(start + length, end)
            if names:  # from the END before a name to that after another
                start, stop = self._end_at_or_after(start), self._end_at_or_after(stop)
            if stop <= start or start < place:
                continue
            inside = self.read(slice(start + 1, stop) if names else slice(start, stop))
            held_out += [document for document in np.split(inside, np.flatnonzero(inside == END)) if len(document)]
            kept_until = start if names else start - 1
            if kept_until > place:
                first.append(place)
                predicted.append(kept_until - place)
            place = stop if names else stop - 1  # which is read, and not predicted
        if end > place:
            first.append(place)
            predicted.append(end - place)
        self.release()
        held_out = [document[document != END] for document in held_out]
        order = rng.permutation(len(held_out))
        kept = Mapped(self.encoded, np.array(first), np.array(predicted), self.table)
        found = [held_out[i] for i in order if len(held_out[i])]
        return [Fold(kept, found)] if found and len(first) else []

    def _end_at_or_after(self, place: int) -> int:
        for first in range(place, len(self.encoded.stream), STRETCH):
            found = np.flatnonzero(self.encoded.stream[first : first + STRETCH] == END)
            if len(found):
                return first + int(found[0])
        return len(self.encoded.stream) - 1

    def slices(self, size: int) -> list[tuple[int, int, int]]:
        """All that is predicted, in slices of at most `size` symbols.

        Each is (first place that may be read, first predicted place, place after the last).
        """
        return [
            (first, place, min(place + size, first + predicted + 1))
            for first, predicted in zip(self.first.tolist(), self.predicted.tolist(), strict=True)
            for place in range(first + 1, first + predicted + 1, size)
        ]

    def draw_names(self, rng: np.random.Generator) -> list[IntArray]:
        """Names from places all over the corpus, about DRAWN symbols or all; of an endless name only a stretch."""
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
        self.release()
        return found or self.draw_names(rng)


def documents_of(symbols: IntArray) -> list[IntArray]:
    """The documents in symbols of which each ends with END."""
    ends = np.flatnonzero(symbols == END)
    return [part[:-1] for part in np.split(symbols, ends + 1)[:-1]]


def symbols_in(documents: Sequence[IntArray]) -> int:
    """How many symbols are predicted in documents, END included."""
    return documents.symbols if isinstance(documents, Mapped) else sum(len(document) + 1 for document in documents)


def documents_in(documents: Sequence[IntArray]) -> int:
    """How many documents there are."""
    return documents.documents if isinstance(documents, Mapped) else len(documents)
