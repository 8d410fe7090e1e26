"""The mixture so far, while its networks learn: its held-out loss and the model itself, for displays.

The loss begins as that of the mixture without networks, on all that is held out. What the networks gain is measured on
SYMBOLS of what their folds hold out, where both mixtures are fitted on one half and measured on the other. So the loss
is an estimate of what the record of the model will say (recipe.py), and the same as it where no more than SYMBOLS are
held out. It never rises: a run that stops returns the best so far. Nothing here changes what is learnt.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.models.interface import AnyParameters, CharModel, State
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture, exponents, features
from mangosaurus.models.networks import mean_of, network_of, rounded
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Parameters
from mangosaurus.training.held_out import Counted, center_for, cut_of, predictions_of, said_by
from mangosaurus.training.mixing import Predictions, cross_fitted, mixed
from mangosaurus.training.priors import Priors

SYMBOLS, CELLS = 1_000, 50_000
"""The most held-out symbols to measure on, and these times V."""
PIECE, LEAD_IN = 128, 64
"""A stretch of a text is read in pieces of so many symbols, each with so many before it, all at once."""
SHARE = 0.025
"""The most of a run's time that measuring may take."""
OPERATIONS_A_SECOND = 2e10
"""Multiplications of a network in NumPy, one row at a time, to guess what the first measurement takes."""
MOST_NODES = 1_000_000
"""Contexts of an n-gram up to which the exponents of all are computed at once."""


@dataclass(frozen=True)
class _Sample:
    """What a fold holds out, or the first of it."""

    documents: list[IntArray]
    said: Predictions
    """Those of the n-grams, the words and the prior."""


@dataclass(frozen=True)
class _Best:
    """The best mixture so far, as what it is made of."""

    held_out: float | None
    weights: FloatArray | None
    """Those of the mixture with networks; None without networks."""
    networks: Sequence[AnyParameters] = ()


class SoFar:
    """The best mixture so far. One thread measures, any may read."""

    def __init__(
        self,
        counted: Counted,
        priors: Priors | None,
        without: CharModel,
        said: Sequence[Predictions],
        held_out: float | None,
        text: bool,
    ) -> None:
        """`without` is the mixture without networks, `said` what n-grams and prior predict for what each fold holds
        out, empty if there is no prior, and `held_out` the loss in nats per symbol, None if nothing is held out."""
        self._counted, self._priors, self._without, self._said, self._text = counted, priors, without, said, text
        self.fine_tuned: bool = False
        """Whether the networks start from the prior: their mean is what the model has."""
        self._best = _Best(held_out, None)
        self._start = held_out
        self._samples: dict[int, _Sample] = {}
        self._alone = math.nan
        """The loss of the mixture without networks on the samples."""
        self._spent = self._longest = 0.0
        self._made: tuple[_Best, CharModel] | None = None

    @property
    def held_out(self) -> float | None:
        """Its held-out loss, nats per symbol; None if nothing is held out."""
        return self._best.held_out

    def whole(self) -> CharModel:
        """The model that a run returns which stops now."""
        return self._mixture()

    def model(self) -> CharModel:
        """The same, for a few names: of a large n-gram, exponents are computed only where they are needed."""
        best = self._best
        if self._made is None or self._made[0] is not best:
            ngram = self._counted.ngram
            large = isinstance(ngram, NGram) and len(ngram.counts.suffix) > MOST_NODES
            self._made = best, self._mixture(large)
        return self._made[1]

    def has_time(self, seconds: float, network: AnyParameters, count: int) -> bool:
        """Whether measuring `count` networks like this one takes little of the `seconds` of the run so far."""
        longest = self._longest
        if not longest:
            rows = min(count * SYMBOLS, sum(len(each) + 1 for fold in self._counted.folds for each in fold.held_out))
            longest = rows * _weights_in(network) / OPERATIONS_A_SECOND
        return self._start is not None and self._spent + longest <= SHARE * seconds

    def measure(self, networks: Sequence[tuple[int, AnyParameters]]) -> None:
        """Measures networks that are trained at once, each with the number of its fold."""
        begun = time.monotonic()
        if not self._samples:
            self._sample([fold for fold, _ in networks])
        samples = [self._samples[fold] for fold, _ in networks]
        apart = []
        for (_, parameters), sample in zip(networks, samples, strict=True):
            network = network_of(self._counted.ngram.vocabulary, parameters)
            labelled = isinstance(self._counted.ngram, Labelled)
            said = said_by(network, sample.documents, labelled, PIECE, LEAD_IN)
            rows = np.concatenate([each[:-1] if self._text else each for each in said])
            apart.append(replace(sample.said, models=(*sample.said.models, rows)))
        losses, weights = cross_fitted(apart, center_for(self._counted, self._priors, networks=True))
        assert self._start is not None
        held_out = self._start - (self._alone - losses.mean)
        if self._best.held_out is None or held_out < self._best.held_out:
            self._best = _Best(held_out, weights, [parameters for _, parameters in networks])
        self._longest = time.monotonic() - begun
        self._spent += self._longest

    def add(self, networks: Sequence[AnyParameters]) -> None:
        """All networks that are trained. Whether more of them are better is not measured."""
        if self._best.networks:
            self._best = replace(self._best, networks=[*networks])

    def end(self, model: CharModel, held_out: float) -> None:
        """The model that is returned, and the loss in its record."""
        lowest = held_out if self._best.held_out is None else min(held_out, self._best.held_out)
        self._best = _Best(lowest, None)
        self._without = model

    def _mixture(self, large: bool = False) -> CharModel:
        best, ngram = self._best, self._counted.ngram
        if best.weights is None:
            return self._without
        vocabulary, prior = ngram.vocabulary, None if self._priors is None else self._priors.whole
        networks = best.networks
        if self.fine_tuned:
            networks = [rounded(mean_of([each for each in networks if isinstance(each, Parameters)]))]
        words = None if self._counted.words is None else self._counted.words.whole
        running = [network_of(vocabulary, each) for each in networks]
        if large and isinstance(ngram, NGram):
            return _Passing(ngram, running, best.weights, prior, words)
        return mixed(ngram, prior, running, best.weights, words)

    def _sample(self, folds: Sequence[int]) -> None:
        """Chooses what to measure networks of these folds on, and measures the mixture without networks."""
        counted, text = self._counted, self._text
        most = min(SYMBOLS, CELLS // len(counted.ngram.vocabulary)) // len(folds)
        for fold in folds:
            documents = cut_of(counted, counted.folds[fold].held_out, most, text)
            if self._said:  # of the same documents and more
                labels = len(documents) if isinstance(counted.ngram, Labelled) else 0
                said = self._said[fold].part(slice(sum(len(each) + 1 for each in documents) - labels))
            else:
                said = predictions_of(counted, fold, documents, [], text)
            self._samples[fold] = _Sample(documents, said)
        without = [self._samples[fold].said for fold in folds]
        self._alone = cross_fitted(without, center_for(counted, self._priors, networks=False))[0].mean


class _Passing(Mixture):
    """A mixture that computes the exponents of the contexts that it meets, and not of all that its n-gram knows."""

    def _tabulate(self) -> list[FloatArray]:
        return []

    def exponents(self, state: State) -> FloatArray:
        described = features(self.ngram, state[0])
        if self.words is not None:
            described = np.column_stack([described, self.words.features[state[1]]])
        return exponents(described, self.weights)


def _weights_in(parameters: Any) -> int:
    """The number of a network's weights: the entries of all arrays in its parameters."""
    if isinstance(parameters, np.ndarray):
        return parameters.size
    inner: Iterable[Any] = parameters if isinstance(parameters, tuple) else ()
    if is_dataclass(parameters):
        inner = [getattr(parameters, each.name) for each in fields(parameters)]
    return sum(map(_weights_in, inner))
