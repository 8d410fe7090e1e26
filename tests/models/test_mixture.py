"""The mixture against its formula, expert by expert."""

from __future__ import annotations

import numpy as np
from examples import random_network, small_mixture, small_ngram
from rounding import rounding

from mangosaurus.models.interface import CharModel
from mangosaurus.models.mixture import Mixture, equal_weights, exponents, features

WITHIN = rounding(np.float32, 10 * (7 + 5), size=4)
"""Sums of as many products in networks that read ten symbols, on logarithms of such a size."""


def test_is_the_product_of_its_models() -> None:
    model = small_mixture()
    models: list[CharModel] = [model.ngram, *model.networks]
    state = model.start(1)
    parts = [each.start(1) for each in models]
    for symbol in model.vocabulary.encode("johanna"):
        length, total, types = (float(array[0]) for array in model.ngram.seen(parts[0][0]))
        row = np.array([*(np.arange(4) == length), np.log(total), np.log(types), float(total == 1)])
        a, b = (row @ model.weights).clip(0, 2)
        ngram, *networks = (each.log_probs(part)[0].astype(float) for each, part in zip(models, parts, strict=True))
        product = np.exp(ngram) ** a * np.exp(sum(networks) / len(networks)) ** b
        np.testing.assert_allclose(np.exp(model.log_probs(state)[0]), product / product.sum(), rtol=WITHIN)
        np.testing.assert_allclose(np.exp(model.log_probs(state)[0]).sum(), 1, rtol=1e-12)
        read = np.array([symbol])
        state = model.advance(state, read)
        parts = [each.advance(part, read) for each, part in zip(models, parts, strict=True)]


def test_exponents_stay_in_range() -> None:
    ngram = small_ngram()
    weights = np.zeros((7, 2))
    weights[:, 0], weights[:, 1] = 9.0, -9.0
    model = Mixture(ngram, [random_network(ngram.vocabulary)], weights)
    squared = np.exp(ngram.log_probs(ngram.start(1))[0]) ** 2
    np.testing.assert_allclose(np.exp(model.log_probs(model.start(1))[0]), squared / squared.sum())


def test_equal_weights_are_halves_at_every_node() -> None:
    ngram = small_ngram()
    every = features(ngram, np.arange(len(ngram.counts.suffix)))
    np.testing.assert_array_equal(exponents(every, equal_weights(4)), np.full((len(every), 2), 0.5))
