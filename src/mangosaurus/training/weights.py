"""Fitting the weights of a mixture on symbols that none of its models was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.models.mixture import LARGEST_EXPONENT, exponents, multiply
from mangosaurus.training.newton import maximize

SPREAD = 0.1
"""How far the weights may stray from equal exponents before a few hundred symbols ask for it."""


@dataclass(frozen=True)
class Predictions:
    """What an n-gram and a network say of n held-out symbols, before each is read."""

    symbols: IntArray
    """(n,): what the symbols turned out to be."""
    features: FloatArray
    """(n, F): see models/mixture.py."""
    ngram: FloatArray
    """(n, V): log p of every symbol."""
    network: FloatArray
    """(n, V)"""

    def losses(self, log_probs: FloatArray) -> FloatArray:
        """-log p of the symbols, in nats, from (n, V)."""
        return -log_probs[np.arange(len(self.symbols)), self.symbols]

    def mixed(self, weights: FloatArray) -> FloatArray:
        """log p of every symbol, (n, V), by the mixture with these weights, (F, 2)."""
        return multiply(exponents(self.features, weights), self.ngram, self.network)

    def part(self, rows: slice) -> Predictions:
        """The symbols that `rows` names."""
        return Predictions(self.symbols[rows], self.features[rows], self.ngram[rows], self.network[rows])


def join(predictions: Sequence[Predictions]) -> Predictions:
    """All of them, one after the other."""
    return Predictions(
        np.concatenate([each.symbols for each in predictions]),
        np.concatenate([each.features for each in predictions]),
        np.concatenate([each.ngram for each in predictions]),
        np.concatenate([each.network for each in predictions]),
    )


def fit_weights(held_out: Predictions, order: int) -> FloatArray:
    """The weights of models/mixture.py, shape (F, 2), under which the held-out symbols are most probable.

    The prior, of standard deviation SPREAD for features scaled to at most 1, is around exponents of one half for both.
    """
    largest = np.abs(held_out.features).max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)[:, None]  # a feature that never occurs keeps its prior weight
    scale /= SPREAD
    prior = np.zeros((len(scale), 2))
    prior[:order] = 0.5 / SPREAD  # the first features are one-hot: one of them is always 1
    scaled, rows = (held_out.features / scale.T).T, np.arange(len(held_out.symbols))

    def likelihood(flat: FloatArray) -> tuple[float, FloatArray]:
        weights = flat.reshape(prior.shape) / scale
        log_p = held_out.mixed(weights)
        p = np.exp(log_p)
        raw = held_out.features @ weights
        moves = (raw >= 0) & (raw <= LARGEST_EXPONENT)  # clipped exponents do not move with their weights
        # d log p(w) / d exponent = log p_model(w) less its expectation under the mixture
        slopes = [
            model[rows, held_out.symbols] - np.einsum("nv,nv->n", p, model)
            for model in (held_out.ngram, held_out.network)
        ]
        gradient = np.stack([scaled * (s * m) for s, m in zip(slopes, moves.T, strict=True)], axis=1)
        return float(log_p[rows, held_out.symbols].sum()), gradient.reshape(flat.size, -1)

    fitted: FloatArray = maximize(likelihood, prior.ravel()).reshape(prior.shape) / scale
    return fitted


def cross_fitted_loss(held_out: Sequence[Predictions], order: int) -> float:
    """The mixture's mean loss in nats per symbol, each half of the symbols under weights fitted on the other half.

    Every one of `held_out` is halved by itself: several may be of the same symbols.
    """
    first = join([each.part(slice(None, len(each.symbols) // 2)) for each in held_out])
    second = join([each.part(slice(len(each.symbols) // 2, None)) for each in held_out])
    losses = [
        measured.losses(measured.mixed(fit_weights(fitted, order)))
        for fitted, measured in ((first, second), (second, first))
        if len(fitted.symbols)
    ]
    return float(np.concatenate(losses).mean())
