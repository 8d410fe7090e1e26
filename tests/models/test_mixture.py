"""The mixture against its formula, expert by expert."""

from __future__ import annotations

import numpy as np
from examples import NAMES, small_mixture

from mangosaurus.models.interface import CharModel, concatenate, score_by_advancing, select


def test_is_the_weighted_sum_of_its_experts() -> None:
    model = small_mixture()
    state = model.start(1)
    parts = [expert.start(1) for expert in (model.ngram, *model.others)]
    for symbol in model.vocabulary.encode("johanna"):
        node = parts[0][0]
        length, total, types = (float(array[0]) for array in model.ngram.seen(node))
        row = [*(np.arange(4) == length), np.log(total), np.log(types), float(total == 1)]
        exponentials = np.exp(np.array(row, dtype=float) @ model.weights)
        weights = exponentials / exponentials.sum()
        experts = (model.ngram, *model.others)
        expected = sum(w * np.exp(e.log_probs(s)[0]) for w, e, s in zip(weights, experts, parts, strict=True))
        np.testing.assert_allclose(np.exp(model.log_probs(state)[0]), expected, rtol=1e-6)
        np.testing.assert_allclose(np.exp(model.log_probs(state)[0]).sum(), 1, rtol=1e-6)
        read = np.array([symbol])
        state = model.advance(state, read)
        parts = [e.advance(s, read) for e, s in zip(experts, parts, strict=True)]


def test_score_equals_advancing() -> None:
    model = small_mixture()
    documents = [model.vocabulary.encode(name) for name in NAMES]
    for fast, slow in zip(model.score(documents), score_by_advancing(model, documents), strict=True):
        np.testing.assert_allclose(fast, slow, atol=1e-5)


def test_rows_can_be_selected_repeated_and_joined() -> None:
    model: CharModel = small_mixture()
    state = model.advance(model.start(3), np.array([1, 2, 3]))
    rows = model.log_probs(state)
    again = concatenate([select(state, np.array([2, 0, 0])), select(state, np.array([False, True, False]))])
    np.testing.assert_allclose(model.log_probs(again), rows[[2, 0, 0, 1]], atol=1e-6)


def test_models_keep_to_the_interface() -> None:
    mixture = small_mixture()
    for model in (mixture, mixture.ngram, *mixture.others):
        assert isinstance(model, CharModel)
