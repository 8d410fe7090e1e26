"""Distinct names: in the order and with the frequencies of drawing without replacement, by enumeration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from chi_square import chi_square
from examples import TINY, every_name, small_mixture, small_ngram, tiny_mixture
from wishes import meets

from mangosaurus.generation import beam, conditional
from mangosaurus.generation.beam import collect_distinct
from mangosaurus.generation.collect import Unwanted
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.samples import Samples
from mangosaurus.models.interface import CharModel

LONGEST, SEEDS = 4, 200
ANYTHING = Constraints()
ENDING = Constraints(suffix=("b",), without="c")


def draw(model: CharModel, n: int, wishes: Constraints = ANYTHING, seed: int = 0, **options: Any) -> Samples:
    return collect_distinct(model, n, wishes, SamplingParameters(seed=seed), **{"default_length": LONGEST} | options)


@pytest.mark.parametrize(
    ("kind", "wishes", "mostly"),
    [
        ("n-gram", Constraints(), 0.5),
        ("n-gram and prior", Constraints(), 0.5),
        ("n-gram and network", ENDING, 0.0),
        ("n-gram", ENDING, 2.0),
        ("n-gram, prior and network", ENDING, 2.0),
    ],
    ids=["anything", "anything of a mixture", "plain", "guided", "guided by the n-gram of a mixture"],
)
def test_names_are_drawn_without_replacement(
    wishes: Constraints, mostly: float, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first name has the distribution of one draw, the second that of one among the rest; and with the inclusion
    probabilities, sums over the names drawn are unbiased."""
    monkeypatch.setattr(beam, "MOSTLY", mostly)
    monkeypatch.setattr(beam, "TRIAL", 16)
    monkeypatch.setattr(conditional, "PILOT", 256)
    monkeypatch.setattr(beam, "SPARE", 4)
    model = TINY[kind](5)
    p = {name: p for name, p in every_name(model, LONGEST).items() if meets(name, wishes)}
    mass = sum(p.values())
    firsts, seconds, masses, ends = [], [], [], []
    for seed in range(SEEDS):
        drawn = draw(model, 3, wishes, seed)
        assert len(set(drawn)) == 3
        firsts.append(drawn[0])
        seconds.append(drawn[1])
        share = np.array([p[name] for name in drawn]) / np.array(drawn.inclusion)
        masses.append(share.sum())
        ends.append(share @ [name.startswith("a") for name in drawn])
    second = {
        name: sum(q / mass * each / (mass - q) for other, q in p.items() if other != name) for name, each in p.items()
    }
    assert chi_square(firsts, p) < 3.1
    assert chi_square(seconds, second) < 3.1
    expected = sum(each for name, each in p.items() if name.startswith("a"))
    for found, truth in ((masses, mass), (ends, expected)):
        assert abs(np.mean(found) - truth) < 4 * np.std(found) / np.sqrt(SEEDS)
        assert np.std(found) / np.sqrt(SEEDS) < 0.1 * truth


@pytest.mark.parametrize("wishes", [Constraints(), Constraints(contains=("cc", "b"), prefix=("a",))])
def test_more_names_begin_with_the_same_ones(wishes: Constraints) -> None:
    model = tiny_mixture(3)
    many = draw(model, 150, wishes, default_length=12)
    assert len(set(many.documents)) == 150
    assert all(meets(name, wishes) and len(name) <= 12 for name in many.documents)
    assert draw(model, 20, wishes, default_length=12).documents == many.documents[:20]
    assert draw(model, 20, wishes, seed=1, default_length=12).documents != many.documents[:20]
    assert many.exact == (wishes == Constraints())
    assert (draw(model, 20, wishes, default_length=12).inclusion or ()) < (many.inclusion or ())[:20]


def test_a_wider_beam_finds_nothing_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a narrow beam is sure of is what a beam finds that keeps everything."""
    model = small_mixture()
    monkeypatch.setattr(beam, "SPARE", 2)
    narrow = draw(model, 30, default_length=10)
    monkeypatch.setattr(beam, "SPARE", 3000)
    wide = draw(model, 30, default_length=10)
    assert wide.documents == narrow.documents
    np.testing.assert_allclose(np.array(wide.inclusion), np.array(narrow.inclusion), rtol=1e-4)


def test_all_names_that_there_are_come_for_certain() -> None:
    found = draw(tiny_mixture(3), 9, Constraints(pattern=("a|bb|cab?",)))
    assert set(found.documents) == {"a", "bb", "ca", "cab"}
    assert found.inclusion == (1.0,) * 4


def test_unwanted_names_are_passed_over() -> None:
    model = tiny_mixture(3)
    everything = draw(model, 60)
    found = draw(model, 20, unwanted=Unwanted(near=lambda name: "b" in name))
    assert found.near > 0
    without = [name for name in everything.documents if "b" not in name]
    assert len(without) > 10
    assert list(found.documents)[: len(without)] == without[:20]
    assert not any("b" in name for name in found.documents)


def test_a_beam_that_may_not_widen_says_what_it_is_sure_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam, "WIDEST", 60)
    monkeypatch.setattr(beam, "MOSTLY", 2.0)
    model, wishes = tiny_mixture(3), Constraints(contains=("cb",))
    few = draw(model, 60, wishes, default_length=12)
    assert 0 < len(few.documents) < 60
    monkeypatch.undo()
    monkeypatch.setattr(beam, "MOSTLY", 2.0)
    assert draw(model, 60, wishes, default_length=12).documents[: len(few.documents)] == few.documents


def test_of_few_symbols_fewer_names_are_sure_and_they_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_ngram(2)
    whole = draw(model, 200, default_length=12)
    monkeypatch.setattr(beam, "most_symbols", lambda n, shortest: 1000)
    some = draw(model, 200, default_length=12)
    assert some.given_up
    assert not whole.given_up
    assert 0 < len(some.documents) < 200
    assert some.documents == whole.documents[: len(some.documents)]
