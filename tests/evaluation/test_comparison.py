"""Differences of losses, and their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from examples import NAMES

import mangosaurus
from mangosaurus.evaluation import comparison
from mangosaurus.evaluation.loss import DocumentLosses, Evaluation

NORMAL = 1.96


def evaluation(documents: list[str], nats: list[float], symbols: int = 5) -> Evaluation:
    """An evaluation in which each document has so many symbols and nats."""
    count = len(documents) * symbols
    losses = DocumentLosses(documents, np.array(nats), np.full(len(documents), symbols))
    mean = sum(nats) / count
    return Evaluation(mean, mean / math.log(2), count, count - len(documents), len(documents), 0, losses=losses)


def drawn(count: int, seed: int, prefix: str, mean: float = 10.0) -> Evaluation:
    nats = np.random.default_rng(seed).normal(mean, 2.0, count)
    return evaluation([f"{prefix}{number}" for number in range(count)], nats.tolist())


def test_a_list_does_not_differ_from_itself() -> None:
    model = mangosaurus.load()
    (same,) = mangosaurus.compare(model.evaluate(NAMES), model.evaluate(NAMES)).differences
    assert (same.difference, same.low, same.high) == (0, 0, 0)


def test_the_losses_of_documents_sum_to_those_of_the_list() -> None:
    model = mangosaurus.load()
    windows = model.evaluate(["Bobasaurus", "An"], window=3)
    for measured in (model.evaluate(["Bob", "Zö", "Anna"]), windows):
        assert measured.losses is not None
        assert measured.losses.symbols.sum() == measured.symbols
        assert measured.losses.nats.sum() == pytest.approx(measured.nats_per_symbol * measured.symbols)
        assert "losses" not in measured.as_dict()
    assert windows.losses is not None
    assert windows.losses.symbols.tolist() == [7, 0]


def test_independent_lists_have_the_interval_of_independent_samples() -> None:
    first, other = drawn(200, 1, "a"), drawn(300, 2, "b", 11)
    (found,) = mangosaurus.compare(first, other).differences
    assert found.low is not None
    assert found.high is not None
    assert found.difference == other.nats_per_symbol - first.nats_per_symbol
    # Of means over documents with 5 symbols each, the standard error is known.
    assert first.losses is not None
    assert other.losses is not None
    error = math.hypot(first.losses.nats.std() / 200**0.5, other.losses.nats.std() / 300**0.5) / 5
    # The ends are quantiles of 2,000 draws: their own error is about 0.05 standard errors; four times that is allowed.
    assert found.low == pytest.approx(found.difference - NORMAL * error, abs=0.2 * error)
    assert found.high == pytest.approx(found.difference + NORMAL * error, abs=0.2 * error)


def test_two_models_on_one_list_are_compared_name_by_name() -> None:
    first = drawn(200, 1, "a")
    assert first.losses is not None
    other = evaluation(list(first.losses.documents), (first.losses.nats + 1 + 0.1 * np.sin(np.arange(200))).tolist())
    apart = evaluation([f"b{number}" for number in range(200)], other.losses.nats.tolist() if other.losses else [])
    paired, unpaired = mangosaurus.compare(first, other, apart).differences
    assert paired.difference == pytest.approx(unpaired.difference)
    assert paired.low is not None
    assert paired.high is not None
    assert unpaired.low is not None
    assert unpaired.high is not None
    assert paired.low < 0.2 < paired.high
    assert paired.high - paired.low < 0.1 * (unpaired.high - unpaired.low)


def test_a_repeated_name_is_drawn_as_one() -> None:
    once, other = drawn(50, 1, "a"), drawn(50, 2, "b")
    assert once.losses is not None
    thrice = evaluation(list(once.losses.documents) * 3, once.losses.nats.tolist() * 3)
    (of_once,), (of_thrice,) = (mangosaurus.compare(each, other).differences for each in (once, thrice))
    assert (of_thrice.low, of_thrice.high) == pytest.approx((of_once.low, of_once.high))


def test_the_same_seed_gives_the_same_interval() -> None:
    first, other, third = drawn(20, 1, "a"), drawn(20, 2, "b"), drawn(30, 3, "c")
    again = mangosaurus.compare(first, third, other).differences
    assert mangosaurus.compare(first, other).differences == again[1:]
    assert mangosaurus.compare(first, other, seed=1).differences != again[1:]


def test_many_documents_are_drawn_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = drawn(2_000, 1, "a"), drawn(2_000, 2, "b")
    (whole,) = mangosaurus.compare(first, other).differences
    monkeypatch.setattr(comparison, "MOST", 500)
    (grouped,) = mangosaurus.compare(first, other).differences
    assert whole.low is not None
    assert whole.high is not None
    assert grouped.low is not None
    assert grouped.high is not None
    assert grouped.high - grouped.low == pytest.approx(whole.high - whole.low, rel=0.15)


def test_too_few_documents_have_no_interval() -> None:
    (found,) = mangosaurus.compare(drawn(20, 1, "a"), drawn(1, 2, "b")).differences
    assert (found.low, found.high) == (None, None)


def test_what_is_no_comparison_is_refused() -> None:
    one = drawn(3, 1, "a")
    with pytest.raises(mangosaurus.OptionError, match="needs two evaluations or more, and 1 is given"):
        mangosaurus.compare(one)
    with pytest.raises(
        mangosaurus.OptionError, match=r"item number 2 of evaluations is 'b\.txt'; each must be an Eval"
    ):
        mangosaurus.compare(one, "b.txt")  # type: ignore[arg-type]
    with pytest.raises(mangosaurus.OptionError, match="seed is -1"):
        mangosaurus.compare(one, one, seed=-1)
    with pytest.raises(mangosaurus.OptionError, match="evaluation number 2 has no losses"):
        mangosaurus.compare(one, Evaluation(1.0, 1.0, 1, 1, 1, 0))
