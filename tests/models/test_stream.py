"""A stream says the same as the model that it goes on from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples import NAMES, small_worded
from rounding import rounding

import mangosaurus
from mangosaurus.models import stream as module
from mangosaurus.models.interface import LARGE, CharModel, log_softmax, state_after
from mangosaurus.models.stream import stream_of

TEXTS = ["sonnets", "dinosaurs"]


def model_of(name: str) -> CharModel:
    if name == "of a list":  # with the prior, which is no LSTM of its own
        return mangosaurus.fit(NAMES, budget=0).distribution
    if name == "with words":
        return small_worded(2)
    return mangosaurus.load(name).distribution


@pytest.mark.parametrize("large", [0.0, LARGE])
@pytest.mark.parametrize("name", [*TEXTS, "of a list", "with words"])
def test_a_stream_says_what_the_model_says(name: str, large: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", large)
    model = model_of(name)
    random = np.random.default_rng(1)
    state = state_after(model, np.array([1]))
    stream = stream_of(model, state)
    for _ in range(60):
        expected = model.log_probs(state)[0]
        found = log_softmax(stream.logits()[None])[0]
        np.testing.assert_allclose(found, expected, rtol=0, atol=float(rounding(np.float32, 1000, 10.0)))
        symbol = int(random.integers(len(model.vocabulary)))
        state = model.advance(state, np.array([symbol]))
        stream.read(symbol)


def test_two_layers_of_an_lstm() -> None:
    model: Any = mangosaurus.fit(NAMES * 3, steps=3, hidden=8, layers=2, prior=False).distribution
    state = state_after(model, np.array([1, 2]))
    stream = stream_of(model, state)
    for symbol in (3, 1, 2, 2):
        stream.read(symbol)
        state = model.advance(state, np.array([symbol]))
        expected = model.log_probs(state)[0]
        found = log_softmax(stream.logits()[None])[0]
        np.testing.assert_allclose(found, expected, rtol=0, atol=float(rounding(np.float32, 1000, 10.0)))


def test_the_text_of_a_seed_is_that_of_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    sonnets = mangosaurus.load("sonnets")
    options: list[dict[str, Any]] = [{}, {"temperature": 0.7}, {"top_p": 0.8}, {"top_k": 3, "min_p": 0.1}]
    quick = ["".join(sonnets.write("Shall I", length=300, seed=5, **each)) for each in options]
    monkeypatch.setattr(
        "mangosaurus.generation.writer.stream_of",
        lambda model, state: module._Stepping(model, model.log_probs, state),
    )
    assert ["".join(sonnets.write("Shall I", length=300, seed=5, **each)) for each in options] == quick
