"""Fitting the discounts: derivatives against differences, and held-out likelihood that can only rise."""

from __future__ import annotations

import numpy as np
from examples import NAMES

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, Evidence
from mangosaurus.training.ngram_counts import USUAL, _differentiate, build_ngram, fit_discounts

VOCABULARY = Vocabulary.of(NAMES)
DOCUMENTS = [VOCABULARY.encode(name) for name in NAMES]
UNIFORM = 1 / len(VOCABULARY)


def test_the_derivatives_are_those_of_the_interpolation() -> None:
    evidence = build_ngram(DOCUMENTS[::2], VOCABULARY, 4).evidence(DOCUMENTS[1::2])
    rng = np.random.default_rng(0)
    logits = rng.standard_normal(12)

    def probability(logits: FloatArray) -> FloatArray:
        return evidence.interpolate((LARGEST_DISCOUNTS / (1 + np.exp(-logits.reshape(-1, 3)))), UNIFORM)

    value, gradient = _differentiate(evidence, LARGEST_DISCOUNTS / (1 + np.exp(-logits.reshape(-1, 3))), UNIFORM)
    np.testing.assert_allclose(value, probability(logits), rtol=1e-12)
    for place in range(12):
        step = np.zeros(12)
        step[place] = 1e-6
        difference = (probability(logits + step) - probability(logits - step)) / 2e-6
        np.testing.assert_allclose(gradient[place], difference, atol=1e-8)


def test_fitted_discounts_are_better_than_the_usual_ones_and_stay_in_range() -> None:
    folds = [
        build_ngram([d for i, d in enumerate(DOCUMENTS) if i % 4 != fold], VOCABULARY, 5).evidence(DOCUMENTS[fold::4])
        for fold in range(4)
    ]
    fitted = fit_discounts(Evidence.of(folds), len(VOCABULARY))

    def loss(discounts: FloatArray) -> float:
        return -float(np.concatenate([np.log(fold.interpolate(discounts, UNIFORM)) for fold in folds]).mean())

    assert loss(fitted) < loss(np.tile(USUAL, (5, 1))) - 0.005
    assert (fitted > 0).all()
    assert (fitted < LARGEST_DISCOUNTS).all()
