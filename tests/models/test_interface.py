"""What every model promises, whatever it is made of."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from examples import (
    NAMES,
    every_cell,
    random_network,
    random_transformer,
    random_window,
    small_blend,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
)
from rounding import rounding

from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.formats.native.network import READERS
from mangosaurus.models.blend import DocumentMixture
from mangosaurus.models.interface import CharModel, concatenate, predict, select
from mangosaurus.models.networks import KINDS, AnyCell
from mangosaurus.training.ensemble import NETWORKS

VOCABULARY = Vocabulary.of(NAMES)
WITHIN = rounding(np.float32, 10 * 3 * 12, size=4)
"""Sums of as many products, in networks of three layers that read ten symbols, on logarithms of such a size."""
MODELS: dict[str, CharModel] = {
    "n-gram": small_ngram(),
    **{f"{cell} {n}": random_network(VOCABULARY, cell, layers=n) for cell in ("rnn", "gru", "lstm") for n in (1, 3)},
    "transformer": random_transformer(VOCABULARY, context=4),
    "window": small_window_model(),
    **{f"window of {cell}": random_window(cell, reset_after=cell == "gru") for cell in ("rnn", "gru", "lstm")},
    "mixture": small_mixture(),
    "every cell": every_cell(),
    "labels": small_labelled(),
    "labels, n-grams": small_labelled(networks=0),
    "a label": small_labelled().given(1),
    "labels blended": small_labelled().blend(np.array([0.4, 0.6])),
    "blend": small_blend(),
    "mixture of documents": DocumentMixture([small_ngram(3), small_ngram(2, ["abel"])], [0.5, 0.5]),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_document_is_scored_as_it_is_read_symbol_by_symbol(model: CharModel) -> None:
    assert isinstance(model, CharModel)
    documents = [model.vocabulary.encode(name) for name in ("johanna", "", "raphael", "a", "abel")]
    for document, score, rows in zip(documents, model.score(documents), predict(model, documents), strict=True):
        state = model.start(1)
        for place, symbol in enumerate([*document, END]):
            row = model.log_probs(state)[0]
            assert np.exp(row.astype(np.float64)).sum() == pytest.approx(1, abs=WITHIN)
            np.testing.assert_allclose(rows[place], row, rtol=0, atol=WITHIN)
            np.testing.assert_allclose(score[place], row[symbol], rtol=0, atol=WITHIN)
            if symbol != END:
                state = model.advance(state, np.array([symbol]))
        assert len(score) == len(rows) == len(document) + 1


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_rows_of_a_state_are_independent_and_advancing_leaves_it_as_it_was(model: CharModel) -> None:
    state = model.start(3)
    for _ in range(6):
        before = [array.copy() for array in state]
        after = model.advance(state, np.array([1, 2, 3]))
        for array, copy in zip(state, before, strict=True):
            np.testing.assert_array_equal(array, copy)
        state = after
    rows = model.log_probs(state)
    again = concatenate([select(state, np.array([2, 0, 0])), select(state, np.array([False, True, False]))])
    np.testing.assert_allclose(model.log_probs(again), rows[[2, 0, 0, 1]], rtol=0, atol=WITHIN)


def test_all_tables_have_the_same_kinds() -> None:
    assert list(KINDS) == list(READERS) == list(NETWORKS) == list(get_args(AnyCell))
