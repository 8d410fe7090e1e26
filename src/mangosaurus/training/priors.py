"""The prior of a training: for all names, and for each fold without the names that it holds out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import predict
from mangosaurus.models.prior import MOST_READ, Prior, bundled_prior, names_read
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import Parameters
from mangosaurus.training.folds import Fold
from mangosaurus.training.label_ngrams import by_label

LEAST_READ = 16
"""Names of each label that are read, at least."""


@dataclass(frozen=True)
class Priors:
    """The prior of L lists, the labels of a list of names, or 1."""

    folds: PriorNetwork
    """List number fold x L + label has the list vector of what the fold trains on of the label."""
    whole: PriorNetwork
    """Its list vectors are those of all names."""

    @property
    def lists(self) -> int:
        """L"""
        return len(self.whole.parameters.vectors)

    def starts(self) -> list[Parameters]:
        """For each fold, the prior as a plain LSTM, from which a network of the fold can start."""
        vectors = self.folds.parameters.vectors
        means = vectors.reshape(-1, self.lists, vectors.shape[1]).mean(axis=1)
        return [bundled_prior().recurrent(self.whole.vocabulary, vector) for vector in means]

    def predict(self, held_out: Mapping[int, Sequence[IntArray]]) -> dict[int, list[FloatArray]]:
        """log p of every symbol before each symbol of documents that folds hold out, by the number of the fold.

        Documents begin with their label if there is more than one list, and the predictions are of the symbols after
        it: shapes (symbols + 1, V).
        """
        documents, first = [], []
        for fold, own in held_out.items():
            for document in own:
                label = int(document[0]) - len(self.whole.vocabulary) if self._labelled(document) else 0
                first.append(fold * self.lists + label)
                documents.append(document[1:] if self._labelled(document) else document)
        said = iter(predict(self.folds, documents, np.array(first)))
        return {fold: [next(said) for _ in own] for fold, own in held_out.items()}

    def _labelled(self, document: IntArray) -> bool:
        return len(document) > 0 and int(document[0]) >= len(self.whole.vocabulary)


def priors_of(documents: Sequence[IntArray], folds: Sequence[Fold], vocabulary: Vocabulary, labels: int) -> Priors:
    """The prior for a list of names, each of which begins with its label if there are `labels`."""
    prior = bundled_prior()

    def lists(names: Sequence[IntArray]) -> list[list[IntArray]]:
        return by_label(names, len(vocabulary), labels) if labels else [list(names)]

    whole = lists(documents)
    read = _Read(prior, whole, vocabulary)

    def network(parts: Sequence[Sequence[Sequence[IntArray]]]) -> PriorNetwork:
        vectors = [read.vector(place, names) for part in parts for place, names in enumerate(part)]
        return prior.network(vocabulary, np.stack(vectors))

    return Priors(network([lists(fold.train) for fold in folds] or [whole]), network([whole]))


class _Read:
    """What the distinct names of some lists contribute to list vectors, each read once."""

    def __init__(self, prior: Prior, lists: Sequence[Sequence[IntArray]], vocabulary: Vocabulary) -> None:
        self._prior, self._vocabulary = prior, vocabulary
        most = max(LEAST_READ, MOST_READ // len(lists))
        chosen = [names_read(names, most) for names in lists]
        distinct = dict(sorted({key: name for names in chosen for key, name in names.items()}.items()))
        self._contributions = prior.contributions(list(distinct.values()), vocabulary)
        number = {key: place for place, key in enumerate(distinct)}
        self._rows = [{key: number[key] for key in names} for names in chosen]

    def vector(self, place: int, names: Sequence[IntArray]) -> FloatArray:
        """The list vector of those `names` of list number `place` that were read, or of themselves if none was."""
        known = self._rows[place]
        rows = sorted({known[key] for key in {name.tobytes() for name in names} if key in known})
        if not rows:
            return self._prior.vector_of(names[:LEAST_READ], self._vocabulary)
        return self._prior.vector(self._contributions[rows].sum(axis=0, dtype=np.float64), len(rows))
