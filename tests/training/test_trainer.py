"""Training one network: gradients, and the learning rate's course."""

from __future__ import annotations

import math
import threading
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from examples import NAMES
from hypothesis import given
from hypothesis import strategies as st

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.recurrent import Parameters
from mangosaurus.training.batches import Batch, names, validation_batches
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.status import Progress
from mangosaurus.training.torch_recurrent import Network, restart
from mangosaurus.training.trainer import (
    LOOKS,
    Learner,
    Limit,
    Replicas,
    fall_of,
    rate_at,
    steps_of,
    total_loss,
    train,
)

VOCABULARY = Vocabulary.of(NAMES)
DOCUMENTS = [VOCABULARY.encode(name) for name in NAMES]


def network(seed: int = 0, dropout: float = 0.0) -> Network:
    hyper = Hyperparameters(hidden=16, embedding=8, dropout=dropout, embedding_dropout=dropout, batch=8)
    return Network(len(VOCABULARY), hyper, torch.Generator().manual_seed(seed))


def batches(seed: int = 0) -> list[Batch]:
    return list(islice(names(DOCUMENTS, 8, np.random.default_rng(seed)), 4))


def test_a_row_that_begins_a_text_starts_from_zero_and_the_others_go_on() -> None:
    """Of two windows of three rows, the second row's second window begins another text."""
    net = network().eval()
    first, second = torch.randint(1, 9, (5, 3)), torch.randint(1, 9, (4, 3))
    with torch.no_grad():
        _, after = net(first)
        goes_on, _ = net(second, after)
        begins, _ = net(second)
        found, _ = net(second, restart(after, torch.tensor([False, True, False])))
    torch.testing.assert_close(found[:, [0, 2]], goes_on[:, [0, 2]])
    torch.testing.assert_close(found[:, 1], begins[:, 1])
    assert not torch.allclose(goes_on[:, 1], begins[:, 1])


def test_replicas_carry_each_row_s_state_unless_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    rows = torch.randint(1, 9, (7, 4))
    windows = [
        (rows[:3], rows[1:4], torch.zeros(4, dtype=torch.bool)),
        (rows[3:6], rows[4:7], torch.tensor([1, 1, 0, 1]) > 0),
    ]
    replicas = Replicas(network(), [torch.Generator().manual_seed(1)])
    losses = [replicas.backward(Batch(*window)) for window in windows]
    replicas.close()
    net = network()
    with torch.no_grad():
        _, state = net(rows[:3])
        expected = total_loss(net(rows[3:6], restart(state, ~windows[1][2]))[0], rows[4:7]) / 12
        never = total_loss(net(rows[3:6])[0], rows[4:7]) / 12
    assert losses[1] == pytest.approx(float(expected), rel=1e-5)
    assert losses[1] != pytest.approx(float(never), rel=1e-5)


def test_replicas_sum_up_to_the_gradient_of_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # no bfloat16: exact enough to compare
    whole, shared = network(), network()
    replicas = Replicas(shared, [torch.Generator().manual_seed(1)])
    for batch in batches():
        logits, _ = whole(batch.inputs)
        loss = total_loss(logits, batch.targets) / int((batch.targets >= 0).sum())
        whole.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        assert replicas.backward(batch) == pytest.approx(loss.item(), rel=1e-5)
        for expected, found in zip(whole.parameters(), shared.parameters(), strict=True):
            assert expected.grad is not None
            assert found.grad is not None
            torch.testing.assert_close(found.grad, expected.grad, rtol=1e-4, atol=1e-6)
    replicas.close()


@pytest.mark.parametrize("steps", [1, 2, 3, 6, 8, 31])
def test_as_many_steps_as_asked_for(steps: int) -> None:
    assert trained(Limit(steps=steps)).step == steps


@given(held=st.integers(1, 10**7))
def test_a_run_by_seconds_can_be_repeated_by_its_steps(held: int) -> None:
    """If the fall began after `held` steps, then asking for that run's total begins it there again."""
    assert fall_of(steps_of(held)) == held


def test_the_rate_rises_is_held_and_falls() -> None:
    rates = [rate_at(step, warmup=10, fall=60, steps=100) for step in range(100)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10:60] == [1.0] * 50
    assert all(a > b for a, b in pairwise(rates[60:]))
    assert rates[-1] == pytest.approx(1 / 41)


def learner(seed: int = 0) -> Learner:
    fed = names(DOCUMENTS[4:], 8, np.random.default_rng(seed))
    return Learner(Replicas(network(seed, dropout=0.2), []), fed, validation_batches(DOCUMENTS[:4], 1000))


def trained(limit: Limit, stop: threading.Event | None = None, epochs: int = 10**9) -> Progress:
    one = learner()
    steps = len(DOCUMENTS[4:]) / 8 * epochs
    finished = train([one], steps, limit, 5, lambda: None, stop or threading.Event())
    assert finished == (stop is None)
    return one.progress


def test_training_lowers_the_held_out_loss_and_keeps_the_best() -> None:
    progress = trained(Limit(steps=120))
    assert progress.step == progress.steps == 120
    losses = [seen for _, _, seen in progress.curve]
    assert progress.held_out == min(losses) < losses[0] - 0.3
    assert progress.best is not None


def test_side_by_side_each_learns_what_it_learns_alone() -> None:
    alone = [learner(0), learner(1)]
    for one in alone:
        train([one], 10**9, Limit(steps=12), 5, lambda: None, threading.Event())
    together = [learner(0), learner(1)]
    train(together, 10**9, Limit(steps=12), 5, lambda: None, threading.Event())
    for one, other in zip(alone, together, strict=True):
        assert one.progress.curve == other.progress.curve


def test_seconds_end_in_a_whole_fall() -> None:
    progress = trained(Limit(seconds=0.5))
    assert progress.steps is not None
    assert progress.step == progress.steps == steps_of(fall_of(progress.steps))


def test_it_falls_when_nothing_is_learnt_any_more() -> None:
    progress = trained(Limit(seconds=60.0), epochs=1)
    assert progress.steps is not None


def test_a_small_list_is_learnt_for_some_looks_however_short_an_epoch_is() -> None:
    one = learner()
    train([one], 0.1, Limit(seconds=60.0), 2, lambda: None, threading.Event())
    assert one.progress.steps is not None
    fall = fall_of(one.progress.steps)
    held = [(seen, step) for step, _, seen in one.progress.curve if step <= fall]
    assert fall == max(min(held)[1], one.network.hyper.warmup) + LOOKS * 2


def test_learners_keep_the_step_at_which_their_mean_was_lowest() -> None:
    both = [learner(0), learner(1)]
    train(both, 10**9, Limit(steps=30), 5, lambda: None, threading.Event())
    means = {
        step: (one + other) / 2
        for (step, _, one), (_, _, other) in zip(*(each.progress.curve for each in both), strict=True)
    }
    lowest = min(means, key=lambda step: means[step])
    for each in both:
        assert each.progress.held_out == {step: seen for step, _, seen in each.progress.curve}[lowest]


def test_stopping_keeps_what_there_is() -> None:
    stop = threading.Event()
    stop.set()
    assert trained(Limit(steps=100), stop).step == 0


@pytest.mark.parametrize("of_the_loss", [True, False])
def test_a_step_that_is_not_finite_changes_nothing(of_the_loss: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    backward, calls = Replicas.backward, [0]

    def sometimes_nan(self: Replicas, batch: Batch) -> float:
        loss, calls[0] = backward(self, batch), calls[0] + 1
        if calls[0] % 2 == 0:
            if of_the_loss:
                return math.nan
            for parameter in self.networks[0].parameters():
                parameter.grad = torch.full_like(parameter, math.inf)
        return loss

    monkeypatch.setattr(Replicas, "backward", sometimes_nan)
    progress = trained(Limit(steps=60))
    assert (progress.step, progress.skipped) == (60, 30)
    assert isinstance(progress.best, Parameters)
    assert np.isfinite(progress.best.output).all()
    losses = [loss for _, *both in progress.curve for loss in both]
    assert np.isfinite(losses).all()
    assert progress.held_out < progress.curve[0][2] - 0.1


@pytest.mark.parametrize("good", [0, 3])
def test_a_run_with_nan_ends_in_a_model_that_can_be_read(good: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From step `good` on, every loss is NaN: the weights before that are kept, or the network is left out."""
    backward, calls = Replicas.backward, [0]

    def nan_at_last(self: Replicas, batch: Batch) -> float:
        loss, calls[0] = backward(self, batch), calls[0] + 1
        return loss if calls[0] <= good else math.nan

    monkeypatch.setattr(Replicas, "backward", nan_at_last)
    model = mangosaurus.fit(NAMES * 2, steps=8, hidden=8, order=3, members=1)
    again = mangosaurus.Model.from_bytes(model.to_bytes())
    assert "finite" in again.training["note"]
    assert math.isfinite(again.training["held_out"])
