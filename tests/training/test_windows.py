"""Networks that read windows, in torch: the values are NumPy's, and training is Keras's and repeatable."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from examples import NAMES, random_window
from numpy.lib.stride_tricks import sliding_window_view
from rounding import rounding

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.recurrent import Cell
from mangosaurus.models.window import ACTIVATIONS, WindowModel, WindowParameters
from mangosaurus.training import torch_window as training
from mangosaurus.training.torch_window import Epoch, Fused, Stepwise, WindowNet, has_kernel, train_windows
from mangosaurus.training.windows import new_parameters

VOCABULARY = Vocabulary.of(NAMES)
KINDS: list[tuple[Cell, bool]] = [("rnn", False), ("lstm", False), ("gru", False), ("gru", True)]


@pytest.fixture(autouse=True)
def single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bfloat16: exact enough to compare."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)


def examples(window: int = 5) -> tuple[IntArray, IntArray]:
    """The windows of all names in a row, and what follows them."""
    whole = VOCABULARY.encode("".join(NAMES))
    windows = sliding_window_view(whole, window)[:-1].copy()
    windows[:3, :2] = 0  # the beginning of a text, where nothing stands
    return windows, whole[window:]


def loss(model: WindowModel, windows: IntArray, targets: IntArray) -> float:
    return -float(model.log_probs((windows,))[np.arange(len(targets)), targets].mean())


@pytest.mark.parametrize(("cell", "reset_after"), KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("recurrent_activation", ACTIVATIONS)
def test_torch_says_what_numpy_says(cell: Cell, reset_after: bool, activation: str, recurrent_activation: str) -> None:
    # Gates without bounds let numbers grow, and with them their rounding: the weights are small.
    model = random_window(cell, activation, recurrent_activation, reset_after, scale=0.2)
    windows, _ = examples()
    network = WindowNet(model.parameters, torch.Generator()).eval()
    with torch.no_grad():
        found = torch.log_softmax(network(torch.from_numpy(windows.T.copy())).double(), 1).numpy()
    expected = model.log_probs((windows,))[:, 1:]
    np.testing.assert_allclose(found, expected, rtol=0, atol=rounding(np.float32, windows.shape[1] * 2 * 12, size=4))


@pytest.mark.parametrize(("cell", "reset_after"), KINDS)
def test_gradients_are_differences_of_losses(cell: Cell, reset_after: bool) -> None:
    model = random_window(cell, "tanh", "sigmoid", reset_after)
    windows, targets = examples()
    network = WindowNet(model.parameters, torch.Generator())
    for place, name in ((0, "kernel"), (0, "recurrent"), (1, "bias"), (1, "recurrent_bias")):
        if name == "recurrent_bias" and not reset_after:
            continue
        direction = np.random.default_rng(1).standard_normal(getattr(model.parameters.layers[place], name).shape)
        up, down = (loss(_moved(model, place, name, sign * 1e-5 * direction), windows, targets) for sign in (1, -1))
        network.backward(windows, targets, len(windows))
        learnt = _moved(model, place, name, 0).parameters
        gradient = _gradient(network, learnt, place, name)
        assert float((gradient * direction).sum()) == pytest.approx((up - down) / 2e-5, rel=1e-3, abs=1e-5)


def _moved(model: WindowModel, place: int, name: str, by: FloatArray | float) -> WindowModel:
    layers = list(model.parameters.layers)
    layers[place] = replace(layers[place], **{name: getattr(layers[place], name) + by})
    return WindowModel(model.vocabulary, replace(model.parameters, layers=tuple(layers)))


def _gradient(network: WindowNet, parameters: WindowParameters, place: int, name: str) -> FloatArray:
    """The gradient by an array of a layer: what one step of length one against it takes away."""
    copy = WindowNet(parameters, torch.Generator())
    with torch.no_grad():
        for mine, theirs in zip(network.parameters(), copy.parameters(), strict=True):
            theirs.copy_(torch.zeros_like(theirs) if mine.grad is None else mine.grad)
    gradient: FloatArray = getattr(copy.export().layers[place], name)
    return gradient


@pytest.mark.parametrize(("cell", "reset_after"), [("rnn", False), ("lstm", False), ("gru", True)])
def test_a_kernel_and_the_steps_learn_alike(cell: Cell, reset_after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_window(cell, "tanh", "sigmoid", reset_after)
    windows, targets = examples()
    assert isinstance(WindowNet(model.parameters, torch.Generator()).layers[0], Fused)
    by_kernel = train_windows(model.parameters, windows, targets, batch_size=32)
    monkeypatch.setattr(training, "has_kernel", lambda layer: False)
    assert isinstance(WindowNet(model.parameters, torch.Generator()).layers[0], Stepwise)
    by_steps = train_windows(model.parameters, windows, targets, batch_size=32)
    for one, other in zip(by_kernel.layers, by_steps.layers, strict=True):
        for name in ("kernel", "recurrent", "bias", "recurrent_bias"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-4)


def test_the_courses_gates_have_no_kernel() -> None:
    assert not has_kernel(random_window("lstm", "tanh", "hard_sigmoid").parameters.layers[0])
    assert not has_kernel(random_window("gru", reset_after=False).parameters.layers[0])


def test_the_first_step_of_adam_moves_every_weight_by_the_rate_against_its_gradient() -> None:
    """m / sqrt(v) is then the gradient's sign; the one bias of an LSTM must not move twice."""
    model = random_window("lstm")
    windows, targets = examples()
    told: list[Epoch] = []
    after = train_windows(model.parameters, windows, targets, batch_size=len(windows), on_epoch=told.append)
    assert told[0].loss == pytest.approx(loss(model, windows, targets), rel=1e-5)  # that before the step
    moved = after.layers[1].bias - model.parameters.layers[1].bias
    np.testing.assert_allclose(np.abs(moved), 1e-3, rtol=0.02)
    np.testing.assert_array_equal(after.layers[1].recurrent_bias, 0)
    assert loss(WindowModel(VOCABULARY, after), windows, targets) < loss(model, windows, targets)


def test_training_learns_and_tells_of_its_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.training.torch_window.RATE", 5e-3)
    windows, targets = examples()
    fresh = new_parameters(len(VOCABULARY) - 1, 5, (16, 16), dropout=0.1, seed=1)
    told: list[Epoch] = []
    after = train_windows(fresh, windows, targets, epochs=12, batch_size=16, on_epoch=told.append)
    assert [epoch.number for epoch in told] == list(range(1, 13))
    assert told[0].loss > told[-1].loss + 0.4
    assert told[-1].parameters is after
    model = WindowModel(VOCABULARY, after)
    assert loss(model, windows, targets) == pytest.approx(told[-1].loss, abs=0.4)
    assert loss(model, windows, targets) < told[-1].loss  # no dropout, and a whole epoch wiser


def test_the_same_seed_learns_the_same_and_leaves_torchs_generator_alone() -> None:
    model = random_window("lstm", "tanh", "hard_sigmoid", dropout=0.5)
    windows, targets = examples()
    before = torch.random.get_rng_state()
    outputs = [
        train_windows(model.parameters, windows, targets, epochs=2, batch_size=33, seed=seed).output
        for seed in (3, 3, 4)
    ]
    assert torch.equal(torch.random.get_rng_state(), before)
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


def test_dropout_takes_single_outputs_and_keeps_the_mean() -> None:
    parameters = random_window("rnn", dropout=0.25).parameters
    network = WindowNet(parameters, torch.Generator().manual_seed(0))
    dropped = network._drop(torch.ones(50, 40, 30), 0.25)
    np.testing.assert_allclose(np.unique(dropped.numpy()), [0, 4 / 3], rtol=1e-6)
    for axes in ((0, 1), (0, 2), (1, 2)):
        assert 0 < float(dropped.mean(axes).std()) < 0.1
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)


def test_stopping_keeps_the_last_whole_epoch() -> None:
    model = random_window("rnn")
    windows, targets = examples()
    stop = threading.Event()
    told: list[Epoch] = []

    def on_epoch(epoch: Epoch) -> None:
        told.append(epoch)
        stop.set()

    after = train_windows(model.parameters, windows, targets, epochs=5, on_epoch=on_epoch, stop=stop)
    assert len(told) == 1
    assert after is told[0].parameters
    assert train_windows(model.parameters, windows, targets, stop=stop) is model.parameters


def test_new_parameters_are_keras_s() -> None:
    parameters = new_parameters(38, 40, (128, 128), dropout=0.5, seed=3)
    first, second = parameters.layers
    assert (first.kernel.shape, second.kernel.shape, parameters.output.shape) == ((38, 512), (128, 512), (128, 38))
    np.testing.assert_allclose(second.recurrent @ second.recurrent.T, np.eye(128), atol=1e-5)
    assert np.abs(first.kernel).max() == pytest.approx((6 / 550) ** 0.5, rel=1e-3)
    np.testing.assert_array_equal(first.bias, np.repeat([0, 1, 0, 0], 128))
    assert not parameters.output_bias.any()
    assert new_parameters(9, 5, (4,), cell="gru").layers[0].reset_after


def test_an_epoch_without_a_finite_loss_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = random_window("lstm").parameters
    windows = np.ones((4, parameters.window), np.int64)
    monkeypatch.setattr("mangosaurus.training.torch_window._backward", lambda *given: math.nan)
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: None)
    with pytest.raises(MangosaurusError, match="the loss of epoch 1 is infinite or NaN: training cannot go on"):
        train_windows(parameters, windows, np.ones(4, np.int64))
    losses, told = iter([2.0, 1.0, math.inf]), list[Epoch]()
    monkeypatch.setattr("mangosaurus.training.torch_window._backward", lambda *given: next(losses))
    after = train_windows(parameters, windows, np.ones(4, np.int64), epochs=5, on_epoch=told.append)
    assert [epoch.loss for epoch in told] == [2.0, 1.0]
    assert after is told[-1].parameters
