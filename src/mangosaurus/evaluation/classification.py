"""Classifying names by label: probabilities, accuracy, calibration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.core.table import Table

if TYPE_CHECKING:
    from pandas import DataFrame

BINS = 10
"""The number of equal intervals of probability for the calibration error."""


@dataclass(frozen=True)
class Classification:
    """p(label | name), by Bayes' rule, for every name and label."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: FloatArray
    """(names, labels); the rows sum to one."""

    @property
    def best(self) -> tuple[str, ...]:
        """The most probable label of each name."""
        return tuple(self.labels[place] for place in self.probabilities.argmax(axis=1))

    def ranked(self, name: int) -> list[tuple[str, float]]:
        """The labels of name number `name` with their probabilities, most probable first."""
        row = self.probabilities[name]
        return [(self.labels[place], float(row[place])) for place in np.argsort(-row, kind="stable")]

    def table(self, most: int | None = None) -> Table:
        """A row for each name and label: number, which counts the names from 1, text, label and probability.

        The most probable label of a name comes first; only the `most` most probable if that is given.
        """
        return Table(
            ("number", "text", "label", "probability"),
            [
                (number, name, label, probability)
                for number, name in enumerate(self.names, 1)
                for label, probability in self.ranked(number - 1)[:most]
            ],
        )

    def to_frame(self, most: int | None = None) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(most).to_frame()


@dataclass(frozen=True)
class Agreement:
    """How well a classification agrees with the names' own labels."""

    names: int
    labels: tuple[str, ...]
    accuracy: float
    """The share of names whose own label is the most probable."""
    nats_per_name: float
    """The mean of -log p(own label | name), natural logarithm, over the names."""
    calibration_error: float
    """The expected calibration error: see `agreement`."""
    confusion: IntArray
    """(labels, labels): the number of names of the row's label that were classified as the column's."""

    def as_dict(self) -> dict[str, Any]:
        """JSON; the confusion matrix as {own label: {predicted label: names}}."""
        return {
            "names_measured": self.names,
            "accuracy": self.accuracy,
            "nats_per_name": self.nats_per_name,
            "calibration_error": self.calibration_error,
            "confusion": {
                own: dict(zip(self.labels, row, strict=True))
                for own, row in zip(self.labels, self.confusion.tolist(), strict=True)
            },
        }


@checked
def agreement(classification: Classification, own: Iterable[int]) -> Agreement:
    """Compares a classification with the numbers of the names' own labels, `own`, of shape (names,).

    The expected calibration error (Naeini, Cooper and Hauskrecht 2015) sorts names by the probability of their most
    probable label into BINS equal intervals. In each interval it takes the difference between the mean of that
    probability and the accuracy. The error is the mean of these differences over the names. Raises CorpusError without
    names, OptionError unless `own` has a valid number for each name.
    """
    p = classification.probabilities
    if not len(p):
        raise CorpusError("there are no names to classify")
    own = np.array([*own])
    if len(own) != len(p) or not ((own >= 0) & (own < p.shape[1])).all():
        raise OptionError(
            f"own has {len(own):,} numbers; it must have one for each of {len(p):,} names, from 0 to {p.shape[1] - 1}"
        )
    best, sure = p.argmax(axis=1), p.max(axis=1)
    right = best == own
    place = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(place, weights=sure - right, minlength=BINS))
    confusion = np.zeros((len(classification.labels),) * 2, dtype=np.int64)
    np.add.at(confusion, (own, best), 1)
    # The smallest number replaces a probability of zero, so that the mean stays finite.
    found = np.maximum(p[np.arange(len(own)), own], np.finfo(np.float64).tiny)
    return Agreement(
        names=len(p),
        labels=classification.labels,
        accuracy=float(right.mean()),
        nats_per_name=float(-np.log(found).mean()),
        calibration_error=float(gaps.sum() / len(p)),
        confusion=confusion,
    )


def confusion_lines(measured: Agreement) -> list[str]:
    """The confusion matrix as lines separated by TABs: a heading, then a line per own label."""
    rows = zip(measured.labels, measured.confusion.tolist(), strict=True)
    return ["\t".join(["own label", *measured.labels]), *("\t".join([label, *map(str, row)]) for label, row in rows)]
