"""The surprisal of every symbol of names or texts, and the outliers of a list.

The surprisal of a symbol is -log p given the symbols before it, in nats; END is a symbol like any other. A name is
*marked* as an outlier if its *peak*, the sum of its two largest surprisals, exceeds

    median + max(3 x 1.4826 x MAD, 3 nats)

over the peaks of its list. MAD is the median distance from the median. Both are robust against a few outliers, and
1.4826 MAD is one standard deviation of a normal distribution. Two symbols count because an error surprises twice: the
wrong symbol is unlikely, and so is the next one. A name with a symbol of probability zero, such as one outside the
vocabulary, is marked too. On the bundled dinosaurs with one typing error each in 63 of 1,300 names, the bundled model
marked 51, and 48 of those rightly.

A model that was trained on the list itself has learnt its errors too, and finds few of them (in the same test, an
n-gram of the faulty list found 2 of 36). Judge a list by a model of another list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.segmentation import CHARACTERS, Segmentation
from mangosaurus.core.table import Table
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.units import Unit, nats_in
from mangosaurus.core.vocabulary import END
from mangosaurus.data.corpus import Kind
from mangosaurus.html.notebook import block, some
from mangosaurus.html.page import escape, page
from mangosaurus.html.shading import SHADING, articles, explanation, name_table
from mangosaurus.models.interface import CharModel
from mangosaurus.models.scoring import scores_of, without_impossible_end

if TYPE_CHECKING:
    from pandas import DataFrame

    from mangosaurus.core.document_hashes import DocumentHashes

FEWEST = 10
"""A shorter list is too short to find outliers: nothing is marked."""
DEVIATIONS, LEAST_NATS = 3.0, 3.0
DEVIATION_OF_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Scored:
    """One name or text, and the surprisal of its symbols."""

    text: str
    nats: FloatArray
    """(symbols + 1,): -log p of every symbol and of END; infinite for a probability of zero."""
    unknown: tuple[int, ...]
    """The positions, from 0, of symbols outside the vocabulary, which the model did not read."""
    known: bool
    """Whether it is a training document."""
    marked: bool = False
    """Whether it is an outlier of its list."""
    segmentation: Segmentation = CHARACTERS
    """How the text is cut into symbols."""

    @property
    def parts(self) -> Sequence[str]:
        """The text of each symbol, one for each of `nats` but the last."""
        return self.text if self.segmentation.plain else self.segmentation.split(self.text)

    @property
    def written(self) -> str:
        """The text as samples are written."""
        return self.segmentation.shown(self.text)

    @property
    def nats_per_symbol(self) -> float:
        """The mean, END included unless the model never ends a text; infinite with a symbol of probability zero."""
        return -float(without_impossible_end(-self.nats).mean()) if len(self.counted) else float("inf")

    @property
    def total_nats(self) -> float:
        """-log p of the whole, END included unless the model never ends a text; may be infinite."""
        return -float(without_impossible_end(-self.nats).sum())

    def symbols(self) -> Iterator[tuple[str, float]]:
        """Each symbol with its surprisal in nats. The last is END, an empty string."""
        return zip([*self.parts, ""], self.nats.tolist(), strict=True)

    @property
    def counted(self) -> FloatArray:
        """The finite surprisals."""
        return self.nats[np.isfinite(self.nats)]

    @property
    def peak(self) -> float:
        """The sum of the two largest finite surprisals."""
        return float(np.sort(self.counted)[-2:].sum())

    @property
    def outlier(self) -> int:
        """The position of the largest surprisal; the number of symbols for END."""
        return int((-without_impossible_end(-self.nats)).argmax())

    def remark(self, unit: Unit = "nats") -> str:
        """A remark, such as `unlikely: 'q', number 3, 9.21 nats`; empty for an ordinary name."""
        remarks, symbols, nats = [], self.parts, nats_in(unit)
        impossible = sorted(set(np.flatnonzero(np.isinf(self.nats[:-1])).tolist()) - set(self.unknown))
        for what, places in (("unknown", self.unknown), ("impossible after the others", impossible)):
            if places:
                shown = ", ".join(f"{symbols[place]!r}, number {place + 1:,}" for place in places[:5])
                remarks.append(f"{what}: {shown}" + (f" and {len(places) - 5:,} more" if len(places) > 5 else ""))
        if remarks:
            remarks.append(
                f"{self.counted.mean() / nats:.3f} {unit} per symbol without" if len(self.counted) else "nothing else"
            )
        elif self.marked:
            place = self.outlier
            symbol = "its end" if place == len(symbols) else f"{symbols[place]!r}, number {place + 1:,}"
            remarks.append(f"unlikely: {symbol}, {self.nats[place] / nats:.2f} {unit}")
        return "; ".join(remarks)

    def as_dict(self, unit: Unit = "nats") -> dict[str, Any]:
        """JSON, with None for what is infinite. With "bits", the keys `nats...` are `bits...`."""
        nats = nats_in(unit)
        return {
            "text": self.written,
            **({} if self.segmentation.plain else {"symbols": list(self.parts)}),
            f"{unit}_per_symbol": _finite(self.nats_per_symbol / nats),
            f"total_{unit}": _finite(self.total_nats / nats),
            unit: [_finite(each) for each in self.nats / nats],
            "unknown": list(self.unknown),
            "known": self.known,
            "marked": self.marked,
            "outlier": self.outlier if self.marked else None,
        }


@dataclass(frozen=True, eq=False)
class Surprisal(Sequence[Scored]):
    """A list of names or texts with their surprisal. A notebook shows every character shaded."""

    entries: tuple[Scored, ...]
    kind: Kind
    threshold: float | None
    """The peak, in nats, above which names are marked; None for texts and for lists that are too short."""

    @overload
    def __getitem__(self, place: int) -> Scored: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Scored]: ...
    def __getitem__(self, place: int | slice) -> Scored | Sequence[Scored]:
        return self.entries[place]

    def __len__(self) -> int:
        return len(self.entries)

    def sorted(self) -> Surprisal:
        """The same, highest nats per symbol first. The sort is stable."""
        ordered = sorted(self.entries, key=lambda entry: -entry.nats_per_symbol)
        return Surprisal(tuple(ordered), self.kind, self.threshold)

    def lines(self) -> Surprisal:
        """The non-blank lines of texts as entries, none marked. The symbol after a line is its line break, or END."""
        entries = []
        for entry in self:
            first = 0
            for line in entry.text.split("\n"):
                last = first + len(entry.segmentation.split(line))
                unknown = tuple(place - first for place in entry.unknown if first <= place < last)
                if line.strip():
                    nats, segmentation = entry.nats[first : last + 1], entry.segmentation
                    entries.append(Scored(line, nats, unknown, entry.known, segmentation=segmentation))
                first = last + 1
        return Surprisal(tuple(entries), "names", None)

    def summary(self, unit: Unit = "nats") -> str:
        """The number of marked names and the rule, in one line."""
        if self.threshold is None:
            return f"nothing is marked: only a list of {FEWEST} {self._things} or more tells what is usual"
        marked = sum(entry.marked for entry in self)
        impossible = any(not math.isfinite(entry.nats_per_symbol) for entry in self)
        return (
            f"{marked:,} of {len(self):,} {self._things} {'is' if marked == 1 else 'are'} marked: their two most "
            f"surprising symbols cost more than {self.threshold / nats_in(unit):.2f} {unit} together, far beyond the "
            "list's median" + (", or have no probability" if impossible else "")
        )

    @property
    def _things(self) -> str:
        """The word for the names: those of phonemes are words."""
        units = (entry.segmentation.unit(entry.parts) for entry in self)
        return "words" if "phoneme" in units else "names"

    def as_dict(self, unit: Unit = "nats") -> dict[str, Any]:
        """JSON, with None for what is infinite; the threshold and the entries are in `unit`."""
        threshold = None if self.threshold is None else self.threshold / nats_in(unit)
        return {"unit": unit, "threshold": threshold, "entries": [entry.as_dict(unit) for entry in self]}

    def table(self, unit: Unit = "nats", *, symbols: bool = False) -> Table:
        """A row for each name or text, or with `symbols` for each symbol, END included.

        The columns are text, nats_per_symbol, total_nats, known, marked and remark; or number, which counts the names
        from 1, text, position, which counts its symbols from 1, symbol, which is empty for END, and nats. With "bits",
        `nats` is `bits` in these names. Infinite is the number `inf`. Raises OptionError for an unknown unit.
        """
        nats = nats_in(unit)
        if symbols:
            return Table(
                ("number", "text", "position", "symbol", unit),
                [
                    (number, entry.written, position, symbol, surprisal / nats)
                    for number, entry in enumerate(self, 1)
                    for position, (symbol, surprisal) in enumerate(entry.symbols(), 1)
                ],
            )
        return Table(
            ("text", f"{unit}_per_symbol", f"total_{unit}", "known", "marked", "remark"),
            [
                (
                    entry.written,
                    entry.nats_per_symbol / nats,
                    entry.total_nats / nats,
                    entry.known,
                    entry.marked,
                    entry.remark(unit),
                )
                for entry in self
            ],
        )

    def to_frame(self, unit: Unit = "nats", *, symbols: bool = False) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(unit, symbols=symbols).to_frame()

    def html(self, title: str = "How surprising each character is") -> str:
        """A page that is one file: every character shaded by its surprisal, with a legend."""
        return page(title, f"<h1>{escape(title)}</h1>\n{self._introduction()}\n{self._shaded(self.entries)}", SHADING)

    def _repr_html_(self) -> str:
        first, more = some(self.entries)
        return block([self._introduction(), self._shaded(first), *more], SHADING)

    def _introduction(self) -> str:
        summary = self.summary()
        return explanation() + (f"<p>{escape(summary[0].upper() + summary[1:])}.</p>" if self.kind == "names" else "")

    def _shaded(self, entries: Sequence[Scored]) -> str:
        return name_table(entries) if self.kind == "names" else articles(entries)


def surprisal(model: CharModel, documents: Iterable[str], kind: Kind, known: DocumentHashes) -> Surprisal:
    """The surprisal of documents in NFC. The model skips unknown symbols.

    Long texts are read in pieces: see `models.scoring.in_pieces`.
    """
    documents = list(documents)
    ids = [model.vocabulary.find(document) for document in documents]
    read = [each[each > END] for each in ids]
    with threads_of_products(1):  # products are small: two threads would wait for each other
        scores = scores_of(model, read)
    entries = []
    for document, each, score in zip(documents, ids, scores, strict=True):
        nats = np.full(len(each) + 1, np.inf)
        nats[np.append(each > END, True)] = -score
        unknown = tuple(int(place) for place in np.flatnonzero(each < 0))
        segmentation = model.vocabulary.segmentation
        entries.append(Scored(document, nats, unknown, document in known, segmentation=segmentation))
    threshold = _threshold(entries) if kind == "names" else None
    if threshold is not None:
        entries = [replace(e, marked=not math.isfinite(e.nats_per_symbol) or e.peak > threshold) for e in entries]
    return Surprisal(tuple(entries), kind, threshold)


def _threshold(entries: Sequence[Scored]) -> float | None:
    """The threshold of the module's rule, over the names with finite surprisal."""
    peaks = np.array([entry.peak for entry in entries if np.isfinite(entry.nats_per_symbol)])
    if len(peaks) < FEWEST:
        return None
    median = float(np.median(peaks))
    deviation = DEVIATION_OF_MAD * float(np.median(np.abs(peaks - median)))
    return median + max(DEVIATIONS * deviation, LEAST_NATS)


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
