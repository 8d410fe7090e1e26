"""The prior of a training: for all names, and for each fold without the names that it holds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.prior import MOST_READ, Prior, load_prior, names_read
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import Parameters
from mangosaurus.training.folds import Fold
from mangosaurus.training.label_ngrams import by_label


@dataclass(frozen=True)
class Priors:
    """The prior with a list vector for each label, or with one."""

    folds: list[PriorNetwork]
    """Their list vectors are those of the names that each fold trains on."""
    whole: PriorNetwork
    """Its list vectors are those of all names."""

    def starts(self) -> list[Parameters]:
        """For each fold, the prior as a plain LSTM, from which a network of the fold can start."""
        return [
            load_prior().recurrent(network.vocabulary, network.parameters.vectors.mean(axis=0))
            for network in self.folds
        ]

    @staticmethod
    def usual_weights(order: int) -> FloatArray:
        """The weights of n-gram and prior that suited other lists, (order + 3, 2)."""
        return load_prior().usual_weights(order)


def priors_of(documents: Sequence[IntArray], folds: Sequence[Fold], vocabulary: Vocabulary, labels: int) -> Priors:
    """The prior for a list of names, each of which begins with its label if there are `labels`."""
    prior = load_prior()

    def lists(names: Sequence[IntArray]) -> list[list[IntArray]]:
        return by_label(names, len(vocabulary), labels) if labels else [list(names)]

    read = _Read(prior, lists(documents), vocabulary)

    def network(names: Sequence[IntArray]) -> PriorNetwork:
        return prior.network(vocabulary, np.stack([read.vector(place, own) for place, own in enumerate(lists(names))]))

    return Priors([network(fold.train) for fold in folds], network(documents))


class _Read:
    """What the distinct names of some lists contribute to list vectors, each read once."""

    def __init__(self, prior: Prior, lists: Sequence[Sequence[IntArray]], vocabulary: Vocabulary) -> None:
        self._prior = prior
        most = max(1, MOST_READ // len(lists))
        chosen = [names_read(names, most) for names in lists]
        distinct = dict(sorted({key: name for names in chosen for key, name in names.items()}.items()))
        self._contributions = prior.contributions(list(distinct.values()), vocabulary)
        number = {key: place for place, key in enumerate(distinct)}
        self._rows = [{key: number[key] for key in names} for names in chosen]

    def vector(self, place: int, names: Sequence[IntArray]) -> FloatArray:
        """The list vector of those `names` of list number `place` that were read, or of the whole list."""
        known = self._rows[place]
        rows = sorted({known[key] for key in {name.tobytes() for name in names} if key in known}) or [*known.values()]
        return self._prior.vector(self._contributions[rows].sum(axis=0, dtype=np.float64), len(rows))
