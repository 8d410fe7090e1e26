"""Distinct names: in the order and with the frequencies of drawing without replacement, by enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from chi_square import chi_square
from examples import every_name, small_mixture, small_ngram, tiny_mixture, tiny_ngram
from wishes import meets

from mangosaurus.generation import beam
from mangosaurus.generation.beam import Drawn, draw_distinct
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.models.interface import CharModel

LONGEST, SEEDS = 4, 300
ANYTHING = Constraints()
ENDING = Constraints(suffix="b", without="c")


def draw(model: CharModel, n: int, wishes: Constraints = ANYTHING, seed: int = 0, longest: int = LONGEST) -> Drawn:
    return draw_distinct(
        model,
        n,
        compile_constraints(wishes, model.vocabulary),
        SamplingParameters(seed=seed),
        prefix=model.vocabulary.encode(wishes.prefix),
        max_length=longest,
    )


@pytest.mark.parametrize(
    ("wishes", "mostly"), [(Constraints(), 0.5), (ENDING, 0.0), (ENDING, 2.0)], ids=["anything", "plain", "guided"]
)
def test_names_are_drawn_without_replacement(
    wishes: Constraints, mostly: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first name has the distribution of one draw, the second that of one among the rest; and with the inclusion
    probabilities, sums over the names drawn are unbiased."""
    monkeypatch.setattr(beam, "MOSTLY", mostly)
    monkeypatch.setattr(beam, "TRIAL", 16)
    monkeypatch.setattr(beam, "PILOT", 256)
    monkeypatch.setattr(beam, "SPARE", 4)
    model = tiny_ngram(5)
    p = {name: p for name, p in every_name(model, LONGEST).items() if meets(name, wishes)}
    mass = sum(p.values())
    firsts, seconds, masses, ends = [], [], [], []
    for seed in range(SEEDS):
        drawn = draw(model, 3, wishes, seed)
        assert len(set(drawn.names)) == 3
        firsts.append(drawn.names[0])
        seconds.append(drawn.names[1])
        np.testing.assert_allclose(np.exp(drawn.log_probs), [p[name] for name in drawn.names], rtol=1e-6)
        share = np.exp(drawn.log_probs) / drawn.inclusion
        masses.append(share.sum())
        ends.append(share @ [name.startswith("a") for name in drawn.names])
    second = {
        name: sum(q / mass * each / (mass - q) for other, q in p.items() if other != name) for name, each in p.items()
    }
    assert chi_square(firsts, p) < 3.1
    assert chi_square(seconds, second) < 3.1
    expected = sum(each for name, each in p.items() if name.startswith("a"))
    for found, truth in ((masses, mass), (ends, expected)):
        assert abs(np.mean(found) - truth) < 4 * np.std(found) / np.sqrt(SEEDS)
        assert np.std(found) / np.sqrt(SEEDS) < 0.1 * truth


@pytest.mark.parametrize("wishes", [Constraints(), Constraints(contains=("cc", "b"), prefix="a")])
def test_more_names_begin_with_the_same_ones(wishes: Constraints) -> None:
    model = tiny_mixture(3)
    many = draw(model, 150, wishes, longest=12)
    assert len(set(many.names)) == 150
    assert all(meets(name, wishes) and len(name) <= 12 for name in many.names)
    assert draw(model, 20, wishes, longest=12).names == many.names[:20]
    assert draw(model, 20, wishes, seed=1, longest=12).names != many.names[:20]
    assert many.exact == (wishes == Constraints())
    assert draw(model, 20, wishes, longest=12).inclusion < many.inclusion[:20]


def test_a_wider_beam_finds_nothing_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a narrow beam is sure of is what a beam finds that keeps everything."""
    model = small_mixture()
    monkeypatch.setattr(beam, "SPARE", 2)
    narrow = draw(model, 30, longest=10)
    monkeypatch.setattr(beam, "SPARE", 3000)
    wide = draw(model, 30, longest=10)
    assert wide.names == narrow.names
    np.testing.assert_allclose(wide.inclusion, narrow.inclusion, rtol=1e-4)


def test_all_names_that_there_are_come_for_certain() -> None:
    found = draw(tiny_mixture(3), 9, Constraints(pattern=("a|bb|cab?",)))
    assert set(found.names) == {"a", "bb", "ca", "cab"}
    assert found.inclusion == (1.0,) * 4
    assert found.log_probs == pytest.approx(
        [np.log(every_name(tiny_mixture(3), 3)[name]) for name in found.names], rel=1e-5
    )


def test_unwanted_names_are_passed_over() -> None:
    model = tiny_mixture(3)
    everything = draw(model, 60)
    found = draw_distinct(
        model,
        20,
        compile_constraints(Constraints(), model.vocabulary),
        SamplingParameters(seed=0),
        prefix=np.zeros(0, np.int64),
        max_length=LONGEST,
        wanted=lambda name: "b" not in name,
    )
    without = [name for name in everything.names if "b" not in name]
    assert len(without) > 10
    assert list(found.names)[: len(without)] == without[:20]
    assert not any("b" in name for name in found.names)


def test_a_beam_that_may_not_widen_says_what_it_is_sure_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam, "WIDEST", 60)
    monkeypatch.setattr(beam, "MOSTLY", 2.0)
    model, wishes = tiny_mixture(3), Constraints(contains=("cb",))
    few = draw(model, 60, wishes, longest=12)
    assert 0 < len(few.names) < 60
    monkeypatch.undo()
    monkeypatch.setattr(beam, "MOSTLY", 2.0)
    assert draw(model, 60, wishes, longest=12).names[: len(few.names)] == few.names


def test_of_few_symbols_fewer_names_are_sure_and_they_are_the_same() -> None:
    model = small_ngram(2)
    whole = draw(model, 200, longest=12)
    automaton, nothing = compile_constraints(ANYTHING, model.vocabulary), model.vocabulary.encode("")
    some = draw_distinct(model, 200, automaton, SamplingParameters(seed=0), prefix=nothing, max_length=12, most=1000)
    assert some.given_up
    assert not whole.given_up
    assert 0 < len(some.names) < 200
    assert some.names == whole.names[: len(some.names)]
