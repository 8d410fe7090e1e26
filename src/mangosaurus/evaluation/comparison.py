"""Evaluations side by side: each loss minus the first one, with an interval by the bootstrap.

The difference is between means, nats per symbol of the other minus nats per symbol of the first. Its interval says how
much it would vary with other documents of the same kind: the documents are drawn again and again, with replacement,
and the middle 95% of the differences are kept (the percentile interval of Efron and Tibshirani 1993, "An introduction
to the bootstrap", chapter 13). What is drawn is a distinct document with all its symbols, since the symbols of one name
depend on each other.

Documents that stand in only one of the two lists are drawn independently of the others. A document that both have is
drawn for both at once, so that what makes it hard for both cancels out: the paired bootstrap (Koehn 2004, "Statistical
significance tests for machine translation evaluation"). So two lists without common names are compared as independent
samples, and two models on one list are compared name by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.table import Table
from mangosaurus.core.units import Unit, nats_in
from mangosaurus.evaluation.loss import Evaluation, columns

if TYPE_CHECKING:
    from pandas import DataFrame

RESAMPLES = 2000
"""How often the documents are drawn again."""
INSIDE = 0.95
"""The share of the differences within the interval."""
FEWEST = 2
"""With fewer distinct documents in a list, nothing tells how much they vary: there is no interval."""
MOST = 20_000
"""More documents are first put at random into this many groups of equal size, which are then drawn."""
CELLS = 1_000_000
"""Drawn at once."""


@dataclass(frozen=True)
class Difference:
    """A loss minus the first one, in nats per symbol."""

    difference: float
    low: float | None
    high: float | None
    """The ends of the interval; None with fewer than FEWEST distinct documents."""


@dataclass(frozen=True)
class Comparison(Sequence[Evaluation]):
    """Evaluations in the order given, and how they differ from the first."""

    evaluations: tuple[Evaluation, ...]
    differences: tuple[Difference, ...]
    """Of each evaluation but the first."""
    seed: int

    @overload
    def __getitem__(self, place: int) -> Evaluation: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Evaluation]: ...
    def __getitem__(self, place: int | slice) -> Evaluation | Sequence[Evaluation]:
        return self.evaluations[place]

    def __len__(self) -> int:
        return len(self.evaluations)

    def as_dict(self, unit: Unit = "nats") -> dict[str, Any]:
        """JSON: what each evaluation's `as_dict` has, with the difference and its interval, in `unit` per symbol."""
        names, nats, rows = ("difference", "low", "high"), nats_in(unit), []
        for each, found in zip(self, (None, *self.differences), strict=True):
            values = [None if found is None else getattr(found, name) for name in names]
            of_unit = [None if value is None else value / nats for value in values]
            rows.append(each.as_dict(unit) | dict(zip(names, of_unit, strict=True)))
        return {"unit": unit, "evaluations": rows, "resamples": RESAMPLES, "inside": INSIDE, "seed": self.seed}

    def table(self, unit: Unit = "nats") -> Table:
        """A row for each evaluation: the columns of `Evaluation.table`, then difference, low and high.

        The difference is in `unit` per symbol; the first row has none.
        """
        return Table.of((*columns(unit), "difference", "low", "high"), self.as_dict(unit)["evaluations"])

    def to_frame(self, unit: Unit = "nats") -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(unit).to_frame()


@checked
def compare(*evaluations: Evaluation, seed: int = 0) -> Comparison:
    """The differences of losses from the first, each with a 95% interval: see `evaluation.comparison`.

    The evaluations are of several lists by one model, or of one list by several models. The same `seed` gives the same
    intervals. Raises OptionError for fewer than two evaluations, for what is none, and for a negative seed.
    """
    if len(evaluations) < 2:
        raise OptionError(f"a comparison needs two evaluations or more, and {len(evaluations)} is given")
    for number, each in enumerate(evaluations, 1):
        if each.losses is None:
            raise OptionError(f"evaluation number {number:,} has no losses of documents; give what evaluate returned")
    if seed < 0:
        raise OptionError.of("{seed} is {}; it must be 0 or more", seed)
    first = evaluations[0]
    return Comparison(evaluations, tuple(_difference(first, each, seed) for each in evaluations[1:]), seed)


def _difference(first: Evaluation, other: Evaluation, seed: int) -> Difference:
    places: dict[str, int] = {}
    columns = [_by_document(each, places) for each in (first, other)]
    sums = np.zeros((len(places), 4))  # of each distinct document: nats and symbols in the first, and in the other
    for column, (place, counted) in zip((0, 2), columns, strict=True):
        np.add.at(sums[:, column : column + 2], place, counted)
    within = sums[:, 1::2] > 0
    difference = other.nats_per_symbol - first.nats_per_symbol
    if within.sum(axis=0).min() < FEWEST:
        return Difference(difference, None, None)
    random = np.random.default_rng(seed)
    total = sum(
        _resampled(sums[(within == pattern).all(axis=1)], random)
        for pattern in ((True, False), (False, True), (True, True))
    )
    assert not isinstance(total, int)
    low, high = np.quantile(total[:, 2] / total[:, 3] - total[:, 0] / total[:, 1], [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
    return Difference(difference, float(low), float(high))


def _by_document(evaluation: Evaluation, places: dict[str, int]) -> tuple[list[int], FloatArray]:
    """The place of each document among the distinct ones, which `places` gathers; and (documents, 2) nats, symbols."""
    losses = evaluation.losses
    assert losses is not None
    place = [places.setdefault(document, len(places)) for document in losses.documents]
    return place, np.stack([losses.nats, losses.symbols.astype(np.float64)], axis=1)


def _resampled(rows: FloatArray, random: np.random.Generator) -> FloatArray:
    """The sums of as many rows as there are, drawn with replacement: (RESAMPLES, columns)."""
    if len(rows) > MOST:
        group = random.permutation(len(rows)) % MOST
        rows = np.stack([np.bincount(group, column, MOST) for column in rows.T], axis=1)
    total = np.zeros((RESAMPLES, rows.shape[1]))
    if len(rows):
        for some in np.array_split(total, -(-RESAMPLES * len(rows) // CELLS)):
            some[:] = rows[random.integers(len(rows), size=(len(some), len(rows)))].sum(axis=1)
    return total
