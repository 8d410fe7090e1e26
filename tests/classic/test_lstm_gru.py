"""RNN, LSTM and GRU by hand: gradients against finite differences and against torch's automatic ones."""

from typing import Any

import numpy as np
import pytest

from mangosaurus.classic import gru, lstm, rnn
from mangosaurus.classic.parameters import Gradients, Parameters

X: list[int | None] = [None, 1, 2, 1, 0]
Y = [1, 2, 1, 0, 2]
N_A, V = 4, 3
MODULES: dict[str, Any] = {"rnn": rnn, "lstm": lstm, "gru": gru}


def random_parameters(kind: str) -> Parameters:
    random = np.random.RandomState(5)
    initial = MODULES[kind].initialize_parameters(N_A, V, V)
    return {name: random.randn(*array.shape) for name, array in initial.items()}


def initial_states(kind: str) -> list[Any]:
    random = np.random.RandomState(6)
    return [random.randn(N_A, 1) for _ in range(2 if kind == "lstm" else 1)]


def forward(kind: str, parameters: Parameters, states: list[Any]) -> tuple[float, Any]:
    loss, cache = getattr(MODULES[kind], f"{kind}_forward")(X, Y, *states, parameters, vocab_size=V)
    return loss, cache


def loss_of(kind: str, parameters: Parameters, states: list[Any]) -> float:
    return forward(kind, parameters, states)[0]


def gradients_of(kind: str, parameters: Parameters, states: list[Any]) -> Gradients:
    _, cache = forward(kind, parameters, states)
    gradients, *_ = getattr(MODULES[kind], f"{kind}_backward")(X, Y, parameters, cache)
    return dict(gradients)


@pytest.mark.parametrize(("kind", "bias"), [("rnn", "b"), ("rnn", "ba"), ("lstm", ""), ("gru", "")])
def test_gradients_against_finite_differences(kind: str, bias: str) -> None:
    parameters, states = random_parameters(kind), initial_states(kind)
    if bias:
        parameters[bias] = parameters.pop("b")
    gradients = gradients_of(kind, parameters, states)
    named = {**parameters, **dict(zip(["a_next", "c_next"], states, strict=False))}
    assert set(gradients) == {"d" + name for name in named}
    for name, array in named.items():
        for place in np.ndindex(array.shape):
            value = array[place]
            array[place] = value + 1e-6
            above = loss_of(kind, parameters, states)
            array[place] = value - 1e-6
            below = loss_of(kind, parameters, states)
            array[place] = value
            difference = (above - below) / 2e-6
            assert gradients["d" + name][place] == pytest.approx(difference, rel=1e-6, abs=1e-8), name


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_loss_and_gradients_against_torch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    parameters, states = random_parameters(kind), initial_states(kind)
    gradients = gradients_of(kind, parameters, states)
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
    a_first = a = torch.tensor(states[0], requires_grad=True)
    c_first = c = torch.tensor(states[-1], requires_grad=True)

    def gate(name: str, read: Any) -> Any:
        return tensors["W" + name] @ read + tensors["b" + name]

    logits = []
    for index in X:
        x = torch.zeros(V, 1, dtype=torch.float64)
        if index is not None:
            x[index] = 1
        both = torch.cat([a, x])
        if kind == "lstm":
            c = torch.sigmoid(gate("f", both)) * c + torch.sigmoid(gate("i", both)) * torch.tanh(gate("c", both))
            a = torch.sigmoid(gate("o", both)) * torch.tanh(c)
        else:
            u, r = torch.sigmoid(gate("u", both)), torch.sigmoid(gate("r", both))
            a = u * torch.tanh(gate("c", torch.cat([r * a, x]))) + (1 - u) * a
        logits.append((tensors["Wy"] @ a + tensors["by"])[:, 0])
    loss = torch.nn.functional.cross_entropy(torch.stack(logits), torch.tensor(Y), reduction="sum")
    loss.backward()
    assert loss_of(kind, parameters, states) == pytest.approx(loss.item(), abs=1e-12)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(gradients["d" + name], tensor.grad, rtol=0, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(gradients["da_next"], a_first.grad, rtol=0, atol=1e-6)
    if kind == "lstm":
        np.testing.assert_allclose(gradients["dc_next"], c_first.grad, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", MODULES)
def test_optimize_descends_in_place_and_clips(kind: str) -> None:
    parameters, states = random_parameters(kind), initial_states(kind)
    parameters["Wya" if kind == "rnn" else "Wy"] *= 30  # so that some gradients are beyond ±5
    before = {name: array.copy() for name, array in parameters.items()}
    raw = gradients_of(kind, parameters, states)
    assert max(np.abs(raw["d" + name]).max() for name in parameters) > 5
    loss, gradients, *last = MODULES[kind].optimize(X, Y, *states, parameters, learning_rate=0.02)
    assert loss == loss_of(kind, before, states)
    assert [state.shape for state in last] == [(N_A, 1)] * len(states)
    assert set(gradients) == {"d" + name for name in parameters}
    for name, array in parameters.items():
        step = 0.02 * np.clip(raw["d" + name], -5, 5)
        np.testing.assert_allclose(array, before[name] - step, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", MODULES)
def test_learns_a_pattern(kind: str) -> None:
    """Five hundred steps on one word bring its loss from near n ln V to near nothing."""
    parameters = MODULES[kind].initialize_parameters(8, V, V)
    zeros = [np.zeros((8, 1)) for _ in initial_states(kind)]
    losses = [MODULES[kind].optimize(X, Y, *zeros, parameters, learning_rate=0.3)[0] for _ in range(500)]
    assert losses[0] == pytest.approx(len(Y) * np.log(V), abs=0.01)
    assert losses[-1] < 0.1


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_bad_input(kind: str) -> None:
    module = MODULES[kind]
    run = getattr(module, kind + "_forward")
    parameters, states = random_parameters(kind), initial_states(kind)
    first = "Wf" if kind == "lstm" else "Wu"
    with pytest.raises(ValueError, match=r"vocab_size.*27"):
        run(X, Y, *states, parameters)
    with pytest.raises(ValueError, match="hold the id 3; allowed is 0 to 2"):
        run([None], [3], *states, parameters, vocab_size=V)
    with pytest.raises(ValueError, match="X has 1 symbols and Y has 0"):
        run([None], [], *states, parameters, vocab_size=V)
    with pytest.raises(ValueError, match=r"\(5, 1\)"):
        run(X, Y, *(np.zeros((5, 1)) for _ in states), parameters, vocab_size=V)
    with pytest.raises(ValueError, match=rf"they are .*{first} \(4, 4\)"):
        run(X, Y, *states, parameters | {first: np.zeros((4, 4))}, vocab_size=V)
    with pytest.raises(ValueError, match=r"bc \(3, 1\)"):
        run(X, Y, *states, parameters | {"bc": np.zeros((3, 1))}, vocab_size=V)
    with pytest.raises(ValueError, match="n_a is 0; it must be 1 or more"):
        module.initialize_parameters(0, V, V)
    parameters["Wy"][0, 0] = np.nan
    with pytest.raises(ValueError, match=r"the gradient dW. holds NaN"):
        module.optimize(X, Y, *states, parameters)
