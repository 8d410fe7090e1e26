"""Fitting the weights of a mixture on symbols that none of its experts was trained on."""

from __future__ import annotations

import numpy as np

from mangosaurus.arrays import FloatArray
from mangosaurus.models.mixture import log_softmax
from mangosaurus.training.newton import maximize

SPREAD = 3.0
"""The standard deviation of the prior of each weight, a logit, for features of at most 1."""


def fit_weights(features: FloatArray, ngram: FloatArray, network: FloatArray) -> FloatArray:
    """The weights of models/mixture.py, shape (F, 2), under which the held-out symbols are most probable.

    `features` is (n, F); `ngram` and `network`, both (n,), are each expert's log p of each symbol. The first column is
    zero, since only differences matter.
    """
    scale = np.maximum(np.abs(features).max(axis=0, initial=0), 1e-9)  # so that one prior suits all features
    scaled = SPREAD * features / scale

    def likelihood(weights: FloatArray) -> tuple[float, FloatArray]:
        logit = scaled @ weights
        prior = log_softmax(np.column_stack([np.zeros(len(logit)), logit]))
        joint = prior + np.column_stack([ngram, network])
        total = np.logaddexp.reduce(joint, axis=1)
        # d log p / d logit = the network's posterior share less its prior share
        slope = np.exp(joint[:, 1] - total) - np.exp(prior[:, 1])
        return float(total.sum()), slope * scaled.T

    weights = maximize(likelihood, np.zeros(features.shape[1])) * SPREAD / scale
    return np.column_stack([np.zeros(len(weights)), weights])


def share_out(weights: FloatArray, order: int, networks: int) -> FloatArray:
    """The weights for an n-gram and `networks` networks that share one network's weight equally: (F, 1 + networks)."""
    shared = np.repeat(weights[:, 1:], networks, axis=1)
    shared[:order] -= np.log(networks)  # the first features are one-hot, so that this takes it from every logit
    return np.column_stack([weights[:, 0], shared])
