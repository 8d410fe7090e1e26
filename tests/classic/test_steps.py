"""The companion exercise: its published values, and its gradients against torch's automatic ones."""

from collections.abc import Callable

import numpy as np
import pytest

from mangosaurus.classic import steps
from mangosaurus.classic.parameters import FloatArray, Parameters


def rnn_parameters(*names: str) -> Parameters:
    """Draw normal numbers in the order of `names`: n_x = 3, n_a = 5, n_y = 2."""
    shapes = {"Wax": (5, 3), "Waa": (5, 5), "Wya": (2, 5), "ba": (5, 1), "by": (2, 1)}
    return {name: np.random.randn(*shapes[name]) for name in names}


def lstm_parameters(with_output: bool = True) -> Parameters:
    parameters = {}
    for gate in "fioc":  # the order in which the exercise draws them
        parameters["W" + gate] = np.random.randn(5, 8)
        parameters["b" + gate] = np.random.randn(5, 1)
    if with_output:
        return parameters | {"Wy": np.random.randn(2, 5), "by": np.random.randn(2, 1)}
    return parameters | {"Wy": np.zeros((2, 5)), "by": np.zeros((2, 1))}


def assert_published(found: FloatArray, published: str) -> None:
    """Compare with values as printed: half a unit of their last digit."""
    for value, text in zip(np.ravel(found), published.split(), strict=True):
        digits = len(text.split(".")[1])
        assert value == pytest.approx(float(text), abs=0.5001 * 10**-digits)


def test_rnn_cell_forward() -> None:
    np.random.seed(1)
    xt, a_prev = np.random.randn(3, 10), np.random.randn(5, 10)
    parameters = rnn_parameters("Waa", "Wax", "Wya", "ba", "by")
    a_next, yt_pred, cache = steps.rnn_cell_forward(xt, a_prev, parameters)
    assert_published(
        a_next[4],
        "0.59584544 0.18141802 0.61311866 0.99808218 0.85016201 0.99980978 -0.18887155 0.99815551 0.6531151 0.82872037",
    )
    assert_published(yt_pred[1][:4], "0.9888161 0.01682021 0.21140899 0.36817467")
    assert cache[0] is a_next
    assert cache[1] is a_prev
    assert cache[2] is xt
    assert cache[3] is parameters


def test_rnn_forward() -> None:
    np.random.seed(1)
    x, a0 = np.random.randn(3, 10, 4), np.random.randn(5, 10)
    a, y_pred, caches = steps.rnn_forward(x, a0, rnn_parameters("Waa", "Wax", "Wya", "ba", "by"))
    assert a.shape == (5, 10, 4)
    assert y_pred.shape == (2, 10, 4)
    assert_published(a[4][1], "-0.99999375 0.77911235 -0.99861469 -0.99833267")
    assert_published(y_pred[1][3], "0.79560373 0.86224861 0.11118257 0.81515947")
    assert_published(caches[1][1][3], "-1.1425182 -0.34934272 -0.20889423 0.58662319")
    assert len(caches) == 2


def test_rnn_cell_backward() -> None:
    np.random.seed(1)
    xt, a_prev = np.random.randn(3, 10), np.random.randn(5, 10)
    _, _, cache = steps.rnn_cell_forward(xt, a_prev, rnn_parameters("Wax", "Waa", "Wya", "ba", "by"))
    gradients = steps.rnn_cell_backward(np.random.randn(5, 10), cache)
    assert_published(gradients["dxt"][1][2], "-1.3872130506")
    assert_published(gradients["da_prev"][2][3], "-0.152399493774")
    assert_published(gradients["dWax"][3][1], "0.410772824935")
    assert_published(gradients["dWaa"][1][2], "1.150345066850")
    assert_published(gradients["dba"][4], "0.20023491")


def test_rnn_backward() -> None:
    np.random.seed(1)
    x, a0 = np.random.randn(3, 10, 4), np.random.randn(5, 10)
    _, _, caches = steps.rnn_forward(x, a0, rnn_parameters("Wax", "Waa", "Wya", "ba", "by"))
    gradients = steps.rnn_backward(np.random.randn(5, 10, 4), caches)
    assert_published(gradients["dx"][1][2], "-2.07101689 -0.59255627 0.02466855 0.01483317")
    assert_published(gradients["da0"][2][3], "-0.314942375127")
    assert_published(gradients["dWax"][3][1], "11.264104496528")
    assert_published(gradients["dWaa"][1][2], "2.303333126580")
    assert_published(gradients["dba"][4], "-0.74747722")
    assert gradients["dx"].shape == x.shape


def test_lstm_cell_forward() -> None:
    np.random.seed(1)
    xt, a_prev, c_prev = np.random.randn(3, 10), np.random.randn(5, 10), np.random.randn(5, 10)
    a_next, c_next, yt, cache = steps.lstm_cell_forward(xt, a_prev, c_prev, lstm_parameters())
    assert_published(a_next[4][:4], "-0.66408471 0.0036921 0.02088357 0.22834167")
    assert_published(c_next[2][:4], "0.63267805 1.00570849 0.35504474 0.20690913")
    assert_published(yt[1][:4], "0.79913913 0.15986619 0.22412122 0.15606108")
    assert_published(cache[1][3][:4], "-0.16263996 1.03729328 0.72938082 -0.54101719")
    assert len(cache) == 10


def test_lstm_forward() -> None:
    np.random.seed(1)
    x, a0 = np.random.randn(3, 10, 7), np.random.randn(5, 10)
    a, y, c, caches = steps.lstm_forward(x, a0, lstm_parameters())
    assert_published(a[4][3][6], "0.172117767533")
    assert_published(y[1][4][3], "0.95087346185")
    assert_published(c[1][2][1], "-0.855544916718")
    assert [len(caches), len(caches[0])] == [2, 7]
    assert caches[1] is x


def test_lstm_cell_backward() -> None:
    np.random.seed(1)
    xt, a_prev, c_prev = np.random.randn(3, 10), np.random.randn(5, 10), np.random.randn(5, 10)
    _, _, _, cache = steps.lstm_cell_forward(xt, a_prev, c_prev, lstm_parameters())
    gradients = steps.lstm_cell_backward(np.random.randn(5, 10), np.random.randn(5, 10), cache)
    assert_published(gradients["dxt"][1][2], "3.23055911511")
    assert_published(gradients["da_prev"][2][3], "-0.0639621419711")
    assert_published(gradients["dc_prev"][2][3], "0.797522038797")
    assert_published(gradients["dWf"][3][1], "-0.147954838164")
    assert_published(gradients["dWi"][1][2], "1.05749805523")
    assert_published(gradients["dWc"][3][1], "2.30456216369")
    assert_published(gradients["dWo"][1][2], "0.331311595289")
    biases = [gradients["db" + gate][4, 0] for gate in "fico"]
    assert_published(np.array(biases), "0.18864637 -0.40142491 0.25587763 0.13893342")


def test_lstm_backward() -> None:
    np.random.seed(1)
    x, a0 = np.random.randn(3, 10, 7), np.random.randn(5, 10)
    _, _, _, caches = steps.lstm_forward(x, a0, lstm_parameters(with_output=False))
    gradients = steps.lstm_backward(np.random.randn(5, 10, 4), caches)  # as in the exercise: 4 steps of 7
    assert gradients["dx"].shape == (3, 10, 4)
    assert_published(gradients["dx"][1][2], "0.00218254 0.28205375 -0.48292508 -0.43281115")
    assert_published(gradients["da0"][2][3], "0.312770310257")
    assert_published(gradients["dWf"][3][1], "-0.0809802310938")
    assert_published(gradients["dWi"][1][2], "0.40512433093")
    assert_published(gradients["dWc"][3][1], "-0.0793746735512")
    assert_published(gradients["dWo"][1][2], "0.038948775763")
    biases = [gradients["db" + gate][4, 0] for gate in "fico"]
    assert_published(np.array(biases), "-0.15745657 -0.50848333 -0.42510818 -0.17958196")


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_gradients_against_torch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    np.random.seed(4)
    x, a0, da = np.random.randn(3, 2, 6), np.random.randn(5, 2), np.random.randn(5, 2, 6)
    if kind == "rnn":
        parameters = rnn_parameters("Wax", "Waa", "Wya", "ba", "by")
        gradients = steps.rnn_backward(da, steps.rnn_forward(x, a0, parameters)[-1])
    else:
        parameters = lstm_parameters()
        gradients = steps.lstm_backward(da, steps.lstm_forward(x, a0, parameters)[-1])

    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
    tensors |= {"x": torch.tensor(x, requires_grad=True), "a0": torch.tensor(a0, requires_grad=True)}
    a, c = tensors["a0"], torch.zeros(5, 2, dtype=torch.float64)
    total = 0.0
    for t in range(6):
        xt = tensors["x"][:, :, t]
        if kind == "rnn":
            a = torch.tanh(tensors["Wax"] @ xt + tensors["Waa"] @ a + tensors["ba"])
        else:
            both = torch.cat([a, xt])
            z = {gate: tensors["W" + gate] @ both + tensors["b" + gate] for gate in "fico"}
            c = torch.sigmoid(z["f"]) * c + torch.sigmoid(z["i"]) * torch.tanh(z["c"])
            a = torch.sigmoid(z["o"]) * torch.tanh(c)
        total = total + (a * torch.tensor(da[:, :, t])).sum()
    total.backward()  # type: ignore[attr-defined]
    assert set(gradients) == {"d" + name for name in tensors} - {"dWya", "dWy", "dby"}
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, tensors[name[1:]].grad, rtol=0, atol=1e-6, err_msg=name)


def test_values_against_torch_lstm() -> None:
    torch = pytest.importorskip("torch")
    np.random.seed(5)
    x, a0 = np.random.randn(3, 2, 6), np.random.randn(5, 2)
    parameters = lstm_parameters()
    a, _, c, _ = steps.lstm_forward(x, a0, parameters)
    layer = torch.nn.LSTM(3, 5, dtype=torch.float64)
    order = "ifco"  # torch's
    with torch.no_grad():
        weights = np.concatenate([parameters["W" + gate] for gate in order])
        layer.weight_hh_l0.copy_(torch.tensor(weights[:, :5]))
        layer.weight_ih_l0.copy_(torch.tensor(weights[:, 5:]))
        layer.bias_ih_l0.copy_(torch.tensor(np.concatenate([parameters["b" + gate] for gate in order])[:, 0]))
        layer.bias_hh_l0.zero_()
        states = (torch.tensor(a0.T[None]), torch.zeros(1, 2, 5, dtype=torch.float64))
        out, (_, last) = layer(torch.tensor(x.transpose(2, 1, 0)), states)
    np.testing.assert_allclose(a, out.numpy().transpose(2, 1, 0), atol=1e-12)
    np.testing.assert_allclose(c[:, :, -1], last[0].numpy().T, atol=1e-12)


def test_sigmoid() -> None:
    np.testing.assert_allclose(steps.sigmoid(np.array([0.0, np.log(3), -1e4, 1e4])), [0.5, 0.75, 0, 1])


Bad = Callable[[], object]


def test_bad_shapes() -> None:
    np.random.seed(1)
    rnn, lstm = rnn_parameters("Wax", "Waa", "Wya", "ba", "by"), lstm_parameters()
    x, a = np.zeros((3, 2)), np.zeros((5, 2))
    cases: list[tuple[Bad, str]] = [
        (lambda: steps.rnn_cell_forward(np.zeros((4, 2)), a, rnn), r"input has shape \(4, 2\).*n_x=3"),
        (lambda: steps.rnn_cell_forward(x, np.zeros((5, 3)), rnn), r"state \(5, 3\).*needed are"),
        (lambda: steps.lstm_cell_forward(x, a, np.zeros((6, 2)), lstm), r"state \(6, 2\)"),
        (lambda: steps.lstm_cell_forward(x, a, a, lstm | {"Wo": np.zeros((5, 7))}), r"they are .*Wo \(5, 7\)"),
        (lambda: steps.lstm_cell_forward(x, a, a, lstm | {"Wf": np.zeros((5, 5))}), r"they are .*Wf \(5, 5\)"),
        (lambda: steps.lstm_cell_forward(x, a, a, lstm | {"bi": np.zeros((5,))}), r"they are .*bi \(5,\)"),
        (lambda: steps.lstm_cell_forward(x, a, a, {"Wf": lstm["Wf"]}), r"missing are \['Wy', 'by', 'Wi'"),
        (lambda: steps.rnn_cell_forward(x, a, rnn | {"ba": np.zeros((4, 1))}), r"they are .*ba \(4, 1\)"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
