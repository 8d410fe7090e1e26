"""Fitting the weights of a mixture on symbols that none of its models was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.models.mixture import multiply
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
        return multiply(self.features @ weights, self.ngram, self.network)


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
        log_p = held_out.mixed(flat.reshape(prior.shape) / scale)
        p = np.exp(log_p)
        # d log p(w) / d exponent = log p_model(w) less its expectation under the mixture
        slopes = [
            model[rows, held_out.symbols] - np.einsum("nv,nv->n", p, model)
            for model in (held_out.ngram, held_out.network)
        ]
        gradient = np.stack([scaled * slope for slope in slopes], axis=1).reshape(flat.size, -1)
        return float(log_p[rows, held_out.symbols].sum()), gradient

    fitted: FloatArray = maximize(likelihood, prior.ravel()).reshape(prior.shape) / scale
    return fitted


def cross_fitted_loss(held_out: Predictions, order: int) -> float:
    """The mixture's mean loss in nats per symbol, each half of the symbols under weights fitted on the other half."""
    middle = len(held_out.symbols) // 2
    halves = [
        Predictions(held_out.symbols[h], held_out.features[h], held_out.ngram[h], held_out.network[h])
        for h in (slice(None, middle), slice(middle, None))
    ]
    losses = [
        measured.losses(measured.mixed(fit_weights(fitted, order)))
        for fitted, measured in (halves, halves[::-1])
        if len(fitted.symbols)
    ]
    return float(np.concatenate(losses).mean())
