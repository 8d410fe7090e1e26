"""Training a given network of windows further: its windows, its record, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from examples import NAMES, random_window, small_ngram

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, MissingExtraError, OptionError, UnknownCharacterError
from mangosaurus.data.read import corpus_of
from mangosaurus.training.windows import windows_of

TEXT = "".join(NAMES)


def given(lowercased: bool = False) -> Model:
    network = random_window("lstm", "tanh", "hard_sigmoid", dropout=0.2)
    return Model(network, "text", DocumentHashes.of(["before"]), {"lowercased": lowercased})


def test_windows_begin_three_characters_apart_and_stay_within_a_document() -> None:
    windows, targets = windows_of([np.arange(1, 12), np.arange(20, 24), np.arange(30, 36)], 5)
    np.testing.assert_array_equal(windows, [[1, 2, 3, 4, 5], [4, 5, 6, 7, 8], [30, 31, 32, 33, 34]])
    np.testing.assert_array_equal(targets, [6, 9, 35])
    with pytest.raises(CorpusError, match="reads 5 characters"):
        windows_of([np.arange(5)], 5)


def test_a_model_is_trained_further() -> None:
    model = given()
    losses: list[float] = []
    corpus = corpus_of([TEXT], "text")
    further = mangosaurus.train_further(
        model, corpus, epochs=30, batch_size=8, seed=1, watch=lambda epoch: losses.append(epoch.loss)
    )
    assert len(losses) == 30
    assert further.evaluate(corpus).nats_per_symbol < model.evaluate(corpus).nats_per_symbol
    before, after = (-m.score([TEXT])[0][:-1].mean() for m in (model, further))
    assert after < before - 0.5
    assert TEXT in further.known
    assert "before" in further.known
    (entry,) = further.training["further"]
    assert (entry["epochs"], entry["seed"], entry["losses"]) == (30, 1, losses)
    assert "further" not in model.training
    again = mangosaurus.train_further(further, corpus)
    assert [entry["epochs"] for entry in again.training["further"]] == [30, 1]


def test_the_corpus_is_lower_cased_as_the_model_s_was() -> None:
    corpus = [TEXT.title()]
    with pytest.raises(UnknownCharacterError, match="'A'"):
        mangosaurus.train_further(given(), corpus)
    assert mangosaurus.train_further(given(lowercased=True), corpus).training["further"]


def test_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Model(small_ngram(), "names", DocumentHashes.of(NAMES), {})
    with pytest.raises(OptionError, match="this model is 4-gram"):
        mangosaurus.train_further(other, [TEXT])
    with pytest.raises(OptionError, match="epochs is 0; it must be 1 or more"):
        mangosaurus.train_further(given(), [TEXT], epochs=0)
    with pytest.raises(CorpusError, match="no document of the corpus is that long"):
        mangosaurus.train_further(given(), ["anna"])
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"mangosaurus\[train\]"):
        mangosaurus.train_further(given(), [TEXT])
