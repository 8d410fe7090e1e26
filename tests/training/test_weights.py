"""Fitting the mixture's weights."""

from __future__ import annotations

import numpy as np

from mangosaurus.models.mixture import log_softmax
from mangosaurus.training.weights import fit_weights, share_out


def test_finds_the_weights_that_made_the_data() -> None:
    """Each symbol comes from the expert that a known weight chose; the fit has to find that weight again."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 2, 20_000)
    features = np.eye(2)[kinds]
    network_share = np.array([0.2, 0.8])[kinds]
    from_network = rng.random(20_000) < network_share
    # Each expert gives its own symbols probability 0.9, and the other's 0.1, so that with the weight w the mixture
    # gives the network's symbols 0.1 + 0.8 w, which is most likely where it is their share.
    ngram = np.log(np.where(from_network, 0.1, 0.9))
    network = np.log(np.where(from_network, 0.9, 0.1))
    weights = fit_weights(features, ngram, network)
    found = np.exp(log_softmax(np.eye(2) @ weights))[:, 1]
    np.testing.assert_allclose(found, [0.125, 0.875], atol=0.02)


def test_networks_share_one_weight() -> None:
    rng = np.random.default_rng(0)
    order = 3
    weights = np.column_stack([np.zeros(6), rng.standard_normal(6)])
    rows = np.column_stack([np.eye(3)[rng.integers(0, 3, 50)], rng.standard_normal((50, 3))])
    one = np.exp(log_softmax(rows @ weights))
    four = np.exp(log_softmax(rows @ share_out(weights, order, 4)))
    np.testing.assert_allclose(four[:, 0], one[:, 0])
    np.testing.assert_allclose(four[:, 1:], np.repeat(one[:, 1:] / 4, 4, axis=1))
