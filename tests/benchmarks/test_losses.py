"""The losses of all contenders are of the same symbols, divided by the same number."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import tiny_mixture

import mangosaurus
from benchmarks import keras_lstm, torch_lstm
from benchmarks.held_out import Split, nats, read, split
from benchmarks.loss import networks_alone
from mangosaurus.data.read import corpus_of
from mangosaurus.models.mixture import Mixture

pytestmark = pytest.mark.slow

NAMES = Split("names", ("abba", "baab", "a"), ("ab", "baz", "b"))
"""The z of the test part is not in the training part: 2 + 2 + 1 characters and three ENDs count."""
TEXT = Split("text", ("abba baab " * 9,), ("abab az",))


def test_what_is_held_out() -> None:
    names = [f"name{number}" for number in range(40)]
    parts = split(corpus_of(names))
    assert len(parts.test) == 4
    assert sorted(parts.train + parts.test) == sorted(names)
    assert split(corpus_of(names)) == parts
    text = "".join(chr(97 + number % 26) for number in range(100))
    assert split(corpus_of([text], "text")) == Split("text", (text[:90],), (text[90:],))


def test_the_number_of_symbols(tmp_path: Path) -> None:
    assert NAMES.symbols() == 5 + 3
    assert TEXT.symbols() == 6
    NAMES.write(tmp_path / "split.json")
    assert read(tmp_path / "split.json") == NAMES


@pytest.mark.parametrize("parts", [NAMES, TEXT], ids=["names", "text"])
def test_the_loss_of_the_torch_lstm(parts: Split) -> None:
    """Against one symbol after the other, each with the probability that the softmax's formula gives."""
    torch.manual_seed(1)
    model = torch_lstm.PlainNetwork(len(parts.vocabulary))
    total, count = 0.0, 0
    for document in ("ab", "ba", "b") if parts.kind == "names" else ("abab a",):
        symbols = [0, *parts.vocabulary.encode(document)]
        targets = symbols[1:] + ([0] if parts.kind == "names" else [])
        for place, target in enumerate(targets):
            logits = model(torch.tensor([symbols[: place + 1]]))[0, -1].tolist()
            total -= logits[target] - math.log(sum(map(math.exp, logits)))
            count += 1
    assert nats(lambda documents: torch_lstm.score(model, documents), parts) == pytest.approx(total / count, abs=1e-6)


class Bigrams:
    """In place of Keras's network: what follows depends on the last symbol of the window alone."""

    def __init__(self, symbols: int) -> None:
        self.p = np.random.default_rng(0).dirichlet(np.ones(symbols), symbols)

    def predict_on_batch(self, windows: Any) -> Any:
        assert windows.shape[1:] == (keras_lstm.WINDOW, len(self.p))
        return self.p[windows[:, -1].argmax(axis=1)]


@pytest.mark.parametrize("parts", [NAMES, TEXT], ids=["names", "text"])
def test_the_loss_of_keras(parts: Split) -> None:
    vocabulary = parts.vocabulary
    before = keras_lstm.stream(parts, vocabulary.encode_all(parts.train * 20))
    held_out = keras_lstm.stream(parts, parts.documents())
    windows = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([before[-keras_lstm.WINDOW :], held_out]), keras_lstm.WINDOW + 1
    )
    assert len(windows) == parts.symbols()
    model = Bigrams(len(vocabulary))
    text = "\na\nab\nba\nb\n"[2:] if parts.kind == "names" else " abab a"
    ids = [0 if character == "\n" else int(vocabulary.encode(character)[0]) for character in text]
    expected = -np.mean([math.log(model.p[first, then]) for first, then in pairwise(ids)])
    assert keras_lstm.nats(model, windows, len(vocabulary)) == pytest.approx(expected, abs=1e-12)


def test_own_loss_is_that_of_evaluate() -> None:
    model = mangosaurus.fit(corpus_of(NAMES.train), budget=0)
    expected = model.evaluate(corpus_of(NAMES.test))
    assert expected.symbols == NAMES.symbols()
    assert nats(model.distribution.score, NAMES) == pytest.approx(expected.nats_per_symbol, abs=1e-12)


def test_the_networks_alone() -> None:
    """Their logits' mean, normalised; the n-gram has no say."""
    one, other = tiny_mixture(0), tiny_mixture(1)
    model = Mixture(one.ngram, [*one.networks, *other.networks], one.weights)
    alone = networks_alone(model)
    symbols = np.array([3])
    logits = np.mean([n.logits(n.advance(n.start(1), symbols))[0] for n in model.networks], axis=0)
    expected = logits - np.log(np.exp(logits).sum())
    assert alone.log_probs(alone.advance(alone.start(1), symbols))[0] == pytest.approx(expected, abs=1e-6)
