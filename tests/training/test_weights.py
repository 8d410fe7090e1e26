"""Fitting the mixture's weights, and the maximizer on problems whose answer is known."""

from __future__ import annotations

import numpy as np
from examples import random_network

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.mixture import equal_weights, multiply
from mangosaurus.training.held_out import said_by, said_together
from mangosaurus.training.mixing import (
    Likelihood,
    Predictions,
    center_of,
    cross_fitted_loss,
    fit_weights,
    join,
    likelihood_of,
    maximize,
)

HALVES = np.full((2, 2), 0.5)


def predictions(symbols: int = 30_000) -> Predictions:
    """Symbols that a mixture with known exponents drew, which differ between two kinds of contexts."""
    rng = np.random.default_rng(0)
    ngram, network = (np.log(rng.dirichlet(np.ones(6), symbols)) for _ in range(2))
    kinds = rng.integers(0, 2, symbols)
    exponents = np.array([[0.9, 0.2], [0.3, 1.2]])[kinds]
    drawn = (rng.random((symbols, 1)) > np.exp(multiply(exponents, ngram, network)).cumsum(axis=1)).sum(axis=1)
    return Predictions(drawn, np.eye(2)[kinds], (ngram, network))


def test_finds_the_exponents_that_made_the_data() -> None:
    np.testing.assert_allclose(fit_weights(predictions(), HALVES), [[0.9, 0.2], [0.3, 1.2]], atol=0.05)


def test_parts_count_together() -> None:
    whole = predictions(3000)
    halves = [whole.part(slice(None, 1000)), whole.part(slice(1000, None))]
    np.testing.assert_allclose(fit_weights(join(halves), HALVES), fit_weights(whole, HALVES))


def test_the_mixture_is_better_than_either_alone() -> None:
    held = predictions(3000)
    weights = fit_weights(held, HALVES)
    mixed = held.losses(held.mixed(weights)).mean()
    assert mixed < min(held.losses(model).mean() for model in held.models) - 0.02


def test_networks_of_one_fold_have_the_geometric_mean_of_their_probabilities() -> None:
    vocabulary = Vocabulary("abcd")
    networks, document = [random_network(vocabulary, seed=seed) for seed in range(2)], np.array([1, 2, 3, 2, 1])
    first, second = (np.exp(said_by(network, [document], labelled=False)[0]) for network in networks)
    expected = np.sqrt(first * second)
    (found,) = said_together(networks, [document], labelled=False)
    np.testing.assert_allclose(np.exp(found), expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)


def test_the_cross_fitted_loss_is_honest() -> None:
    """On few symbols with many features, weights fitted on all of them flatter themselves; halves do not."""
    whole = predictions(20_000)
    rng = np.random.default_rng(1)
    few = Predictions(whole.symbols[:200], rng.random((200, 30)), whole.part(slice(200)).models)
    flattering = few.losses(few.mixed(fit_weights(few, np.zeros((30, 2))))).mean()
    assert cross_fitted_loss([few], np.zeros((30, 2))) > flattering + 0.02
    plain = whole.losses(whole.mixed(fit_weights(whole, HALVES))).mean()
    assert abs(cross_fitted_loss([whole], HALVES) - plain) < 0.001
    # Two networks that were measured on the same symbols do not make the halves each other's.
    assert abs(cross_fitted_loss([few, few], np.zeros((30, 2))) - cross_fitted_loss([few], np.zeros((30, 2)))) < 0.03


def test_a_feature_that_never_occurs_keeps_the_prior_weight() -> None:
    held = predictions(500)
    padded = Predictions(held.symbols, np.column_stack([np.zeros(500), held.features]), held.models)
    np.testing.assert_allclose(fit_weights(padded, np.full((3, 2), 0.5))[0], [0.5, 0.5])


def test_finds_the_penalised_maximum_of_a_coin() -> None:
    """70 heads in 100 throws, logit x, prior N(0, 1): 100 (0.7 - s(x)) - x = 0."""
    heads = np.arange(100) < 70

    def likelihood(x: FloatArray) -> Likelihood:
        p = 1 / (1 + np.exp(-x[0]))
        value = float(np.log(np.where(heads, p, 1 - p)).sum())
        return value, np.array([(heads - p).sum()]), np.array([[100 * p * (1 - p)]])

    (x,) = maximize(likelihood, np.zeros(1))
    assert abs(100 * (0.7 - 1 / (1 + np.exp(-x))) - x) < 0.05


def test_the_slope_and_the_curvature_are_those_of_the_likelihood() -> None:
    held, rng = predictions(300), np.random.default_rng(2)
    held = Predictions(held.symbols, rng.random((300, 3)), (*held.models, np.log(rng.dirichlet(np.ones(6), 300))))
    weights = rng.random((3, 3)) / 3
    _, slope, curvature = likelihood_of(held, weights)
    for place, step in enumerate(1e-5 * np.eye(9)):
        above, below = (likelihood_of(held, weights + sign * step.reshape(3, 3)) for sign in (1, -1))
        np.testing.assert_allclose(slope[place], (above[0] - below[0]) / 2e-5, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(curvature[place], (below[1] - above[1]) / 2e-5, rtol=1e-6, atol=1e-4)


def test_starts_from_anywhere() -> None:
    target = np.array([3.0, -5.0])

    def likelihood(x: FloatArray) -> Likelihood:
        # 50 observations of each coordinate's logistic likelihood with the maximum at the target
        difference = x - target
        value = -50 * float(np.logaddexp(difference, -difference).sum())
        slope = -np.tanh(difference)
        return value, 50 * slope, 50 * np.diag(slope**2)

    np.testing.assert_allclose(maximize(likelihood, np.array([-8.0, 8.0])), target, atol=0.3)


def test_the_center_without_a_prior_is_equal_and_with_it_that_of_other_lists() -> None:
    np.testing.assert_array_equal(center_of(3, 1, 1), equal_weights(3))
    labelled = center_of(3, 2, 1)
    assert labelled.shape == (12, 3)
    np.testing.assert_allclose(labelled[:3], 1 / 3)
    assert not labelled[6:].any()
    usual = np.random.default_rng(0).random((6, 2))
    np.testing.assert_array_equal(center_of(3, 1, 0, usual), usual)
    shared = center_of(3, 2, 1, usual)
    np.testing.assert_allclose(shared[:6, :2].sum(axis=1), usual[:, 0])
    np.testing.assert_allclose(shared[:6, 2:].sum(axis=1), usual[:, 1])
