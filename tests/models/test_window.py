"""The network that reads windows: a stream says what every window says by itself, and one unit comes out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from examples import random_window

from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import CharModel, select
from mangosaurus.models.recurrent import Cell
from mangosaurus.models.window import WindowLayer, WindowModel, WindowParameters

KINDS: list[tuple[Cell, bool]] = [("rnn", False), ("lstm", False), ("gru", False), ("gru", True)]


@pytest.mark.parametrize(("cell", "reset_after"), KINDS)
def test_a_stream_predicts_what_each_window_does_when_read_afresh(cell: Cell, reset_after: bool) -> None:
    model = random_window(cell, reset_after=reset_after)
    assert isinstance(model, CharModel)
    state = model.start(2)
    rows = np.array([model.vocabulary.encode("johanna"), model.vocabulary.encode("raphael")])
    for symbols in rows.T:
        np.testing.assert_allclose(model.log_probs(state)[:, 1:], model.log_probs(state[:1])[:, 1:], atol=1e-12)
        state = model.advance(state, symbols)
    np.testing.assert_allclose(model.log_probs(state)[:, 1:], model.log_probs((rows[:, -5:],))[:, 1:], atol=1e-12)
    one = select(state, np.array([1]))
    np.testing.assert_allclose(model.log_probs(one)[0, 1:], model.log_probs(state)[1, 1:], atol=1e-12)


def test_only_the_window_counts_and_its_probabilities_sum_to_one() -> None:
    model = random_window("lstm")
    long, short = (model.log_probs((model.vocabulary.encode(text)[None, -5:],)) for text in ("annabel", "nabel"))
    np.testing.assert_array_equal(long, short)
    assert np.exp(long).sum() == pytest.approx(1)
    assert long[0, END] == -np.inf


def test_one_unit_by_hand() -> None:
    """An RNN of one unit and weights of one: h = tanh(1 + tanh(1)) after "aa", and the logits are h and 0."""
    one = np.ones((1, 1))
    kernel = np.array([[1.0], [0.0]])
    layer = WindowLayer("rnn", kernel, one, np.zeros(1), np.zeros(1))
    model = WindowModel(Vocabulary("ab"), WindowParameters(2, (layer,), np.array([[1.0, 0.0]]), np.zeros(2)))
    h = math.tanh(1 + math.tanh(1))
    probabilities = np.exp(model.log_probs((np.array([[1, 1]]),)))[0]
    np.testing.assert_allclose(probabilities, [0, math.exp(h) / (math.exp(h) + 1), 1 / (math.exp(h) + 1)])


def test_many_windows_at_once_are_each_read_alike() -> None:
    model = random_window("gru")
    windows = np.random.default_rng(0).integers(0, len(model.vocabulary), (600, 5))
    together = model.log_probs((windows,))
    np.testing.assert_allclose(model.log_probs((windows[300:301],))[0, 1:], together[300, 1:], atol=1e-12)
    assert model.log_probs((windows[:0],)).shape == (0, len(model.vocabulary))


def test_reading_windows_as_a_whole_equals_advancing() -> None:
    model = random_window()
    ids = np.stack([model.vocabulary.encode(name) for name in ("johanna", "susanna")])
    for length in (0, 2, 5, 7):
        state = model.start(2)
        for symbols in ids[:, :length].T:
            state = model.advance(state, symbols)
        np.testing.assert_allclose(model.read(ids[:, :length]), model.log_probs(state), atol=1e-12)
