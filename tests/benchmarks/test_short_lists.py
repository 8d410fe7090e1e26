"""What is measured of short lists: chains by hand, shapes, draws, means."""

from __future__ import annotations

import itertools
import random
from importlib.resources import files
from math import sqrt

import numpy as np
import prior_lists
import pytest
import torch
from torch import nn

from benchmarks import torch_gru
from benchmarks.likeness import fresh, told_apart, well_formed
from benchmarks.markov import EDGE, PRIOR, Chain
from benchmarks.record import figure
from benchmarks.short_lists import Task, drawn, summary
from benchmarks.torch_lstm import PlainNetwork
from mangosaurus.core.vocabulary import END, Vocabulary

pytestmark = pytest.mark.slow


def test_a_chain_counts() -> None:
    chain = Chain(["aab", "ab"], 2, back_off=False)
    assert chain.alphabet == [EDGE, "a", "b"]
    assert chain.weights(EDGE * 2) == [0, 2, 0]
    assert chain.weights(EDGE + "a") == [0, 1, 1]
    assert {chain.draw(random.Random(seed)) for seed in range(50)} == {"aab", "ab"}


def test_a_chain_backs_off() -> None:
    chain = Chain(["aab", "ab"], 2, back_off=True)
    assert chain.weights("bb") == [2 + PRIOR, PRIOR, PRIOR]  # bb was never seen; b twice, at the end
    assert chain.weights("aa") == [PRIOR, PRIOR, 1 + PRIOR]


@pytest.mark.parametrize("name", ["Anna", "Los Angeles", "Élodie", "Ýr"])
def test_well_formed(name: str) -> None:
    assert well_formed(name)


@pytest.mark.parametrize("name", ["anna", "AnnA", "A", "Anna ", "Anna maria", "Anna-Maria", "-Anna", "Ann4", ""])
def test_not_well_formed(name: str) -> None:
    assert not well_formed(name)


def test_fresh_samples() -> None:
    names = itertools.cycle(["a", "b", "", "c", "b"])
    assert fresh(lambda: next(names), ["a"], 2) == ["b", "c"]
    assert fresh(lambda: next(names), ["a"], 5) == ["b", "c"]


def test_told_apart() -> None:
    pytest.importorskip("sklearn")
    rng = random.Random(0)
    names = ["".join(rng.choices("abcd", k=6)) for _ in range(120)]
    assert told_apart([name.upper() for name in names[:60]], names[60:], 0) == 1
    like = told_apart(names[:60], names[60:], 0)
    assert like is not None
    assert 0.3 < like < 0.7
    assert told_apart(names[:19], names[60:], 0) is None


def test_a_longer_draw_begins_with_the_shorter() -> None:
    names = [f"{letter}{other}" for letter in "abcdefgh" for other in "xyz"]
    few, _ = drawn(names, Task("list", 4, "0s", 0))
    many, others = drawn(names, Task("list", 20, "gru", 0))
    assert many[:4] == few
    assert not set(many) & set(others)
    assert set("".join(others)) <= set("".join(many))
    assert drawn(names, Task("list", 4, "0s", 1))[0] != few


def test_means_over_the_lists() -> None:
    found: dict[Task, dict[str, float | None]] = {
        Task("a", 15, "0s", 0): {"nats": 1.0, "apart": None},
        Task("b", 15, "0s", 0): {"nats": 3.0, "apart": None},
        Task("c", 15, "0s", 0): {"nats": 5.0, "apart": 0.5},
    }
    assert summary(found) == {
        "15.lists": figure([3]),
        "15.0s.nats": figure([3.0], "nats per symbol"),
        "15.0s.nats.error": figure([2 / sqrt(3)], "nats per symbol"),  # sqrt((4 + 0 + 4) / 2) is 2
    }


def test_no_list_was_trained_on() -> None:
    assert len(set(prior_lists.BENCHMARKED)) == len(prior_lists.BENCHMARKED) == 24
    assert all(map(prior_lists.held_out, prior_lists.BENCHMARKED))


def test_the_loss_and_the_names_of_the_gru() -> None:
    vocabulary = Vocabulary("ab")
    torch.manual_seed(0)
    model = PlainNetwork(len(vocabulary), nn.GRU, torch_gru.HIDDEN)
    documents = vocabulary.encode_all(["ab", "b"])
    total = 0.0
    for document in documents:
        ids = [END, *document.tolist(), END]
        log_p = model(torch.tensor([ids[:-1]]))[0].double().log_softmax(-1)
        total -= sum(log_p[place, target].item() for place, target in enumerate(ids[1:]))
    assert torch_gru.nats(model, documents) == pytest.approx(total / 5, abs=1e-6)
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.copy_(torch.tensor([0.0, 0.0, -np.inf]))  # a, or END: even odds
    names = list(itertools.islice(torch_gru.drawn(model, vocabulary, 0), torch_gru.DRAWN))
    assert set("".join(names)) == {"a"}
    assert 0.35 < names.count("") / len(names) < 0.65


def test_the_notice_names_every_source() -> None:
    notice = files("mangosaurus.bundled").joinpath("NOTICE").read_text("utf-8").casefold()
    named = [source.package.partition(":")[2].lstrip("@") or "The Corpora Project" for source in prior_lists.SOURCES]
    assert not [name for name in named if name.casefold() not in notice]
    assert "unicode license v3" in notice
    assert "wordnet 3.0 copyright 2006 by princeton university" in notice
