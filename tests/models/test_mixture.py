"""The mixture against its formula, expert by expert."""

from __future__ import annotations

import numpy as np
from examples import NAMES, random_network, small_mixture, small_ngram
from rounding import rounding

from mangosaurus.models.interface import CharModel, concatenate, predict, select
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


def test_score_equals_advancing() -> None:
    model = small_mixture()
    documents = [model.vocabulary.encode(name) for name in NAMES]
    for document, score in zip(documents, model.score(documents), strict=True):
        state, expected = model.start(1), []
        for symbol in [*document, 0]:
            expected.append(model.log_probs(state)[0, symbol])
            state = model.advance(state, np.array([symbol]))
        np.testing.assert_allclose(score, expected, rtol=0, atol=WITHIN)


def test_predictions_are_those_of_every_step() -> None:
    model = small_mixture()
    documents = [model.vocabulary.encode(name) for name in ("anna", "", "johanna")]
    for document, rows, score in zip(documents, predict(model, documents), model.score(documents), strict=True):
        assert rows.shape == (len(document) + 1, len(model.vocabulary))
        np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1)
        np.testing.assert_allclose(rows[np.arange(len(rows)), [*document, 0]], score, rtol=0, atol=WITHIN)


def test_rows_can_be_selected_repeated_and_joined() -> None:
    model: CharModel = small_mixture()
    state = model.advance(model.start(3), np.array([1, 2, 3]))
    rows = model.log_probs(state)
    again = concatenate([select(state, np.array([2, 0, 0])), select(state, np.array([False, True, False]))])
    np.testing.assert_allclose(model.log_probs(again), rows[[2, 0, 0, 1]], rtol=0, atol=WITHIN)


def test_models_keep_to_the_interface() -> None:
    mixture = small_mixture()
    for model in (mixture, mixture.ngram, *mixture.networks):
        assert isinstance(model, CharModel)


def test_equal_weights_are_halves_at_every_node() -> None:
    ngram = small_ngram()
    every = features(ngram, np.arange(len(ngram.counts.suffix)))
    np.testing.assert_array_equal(exponents(every, equal_weights(4)), np.full((len(every), 2), 0.5))
