"""Coursera's "Building your Recurrent Neural Network -- Step by Step" (Andrew Ng, Sequence Models): RNN and LSTM.

The cells and layers work on batches, forward and backward. Functions, arguments, returns and caches are those of the
exercise. Shapes: a batch of `m` sequences is `x` (n_x, m, T_x), hidden states `a` are (n_a, m, T_x), predictions `y`
(n_y, m, T_x); a step has two axes.

    RNN parameters    Wax (n_a, n_x), Waa (n_a, n_a), Wya (n_y, n_a), ba (n_a, 1), by (n_y, 1)
    LSTM parameters   Wf, Wi, Wc, Wo (n_a, n_a + n_x), bf, bi, bc, bo (n_a, 1), Wy (n_y, n_a), by (n_y, 1)

The gates read the state and the input as one column, [a<t-1>, x<t>]. Backward functions start from the gradients by the
hidden states, `da`; as in the exercise, the predictions contribute nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mangosaurus.classic.parameters import (
    FloatArray,
    Gradients,
    Parameters,
    bias_key,
    check_least,
    check_parameters,
    check_shapes,
)
from mangosaurus.classic.rnn import softmax

GATES = ("f", "i", "c", "o")


class RnnCache(NamedTuple):
    """The cache of one step of the RNN: states (n_a, m), input (n_x, m), parameters."""

    a_next: FloatArray
    a_prev: FloatArray
    xt: FloatArray
    parameters: Parameters


class LstmCache(NamedTuple):
    """The cache of one step of the LSTM: states and gates (n_a, m), input (n_x, m), parameters."""

    a_next: FloatArray
    c_next: FloatArray
    a_prev: FloatArray
    c_prev: FloatArray
    ft: FloatArray
    it: FloatArray
    cct: FloatArray
    ot: FloatArray
    xt: FloatArray
    parameters: Parameters


def sigmoid(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), computed with tanh, which does not overflow."""
    s: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * x)
    return s


def initialize_gates(gates: Sequence[str], n_a: int, n_x: int, n_y: int) -> Parameters:
    """Return W. (n_a, n_a + n_x) and b. (n_a, 1) for every gate, and Wy (n_y, n_a), by (n_y, 1).

    Weights are normal with deviation 0.01, biases are zeros. Seeds NumPy's global generator with 1.

    Raises:
        ValueError: a size is below 1.
    """
    check_least(n_a=(n_a, 1), n_x=(n_x, 1), n_y=(n_y, 1))
    np.random.seed(1)
    parameters = {"W" + gate: np.random.randn(n_a, n_a + n_x) * 0.01 for gate in gates}
    parameters |= {"b" + gate: np.zeros((n_a, 1)) for gate in gates}
    return parameters | {"Wy": np.random.randn(n_y, n_a) * 0.01, "by": np.zeros((n_y, 1))}


def check_gates(parameters: Parameters, gates: Sequence[str]) -> tuple[int, int, int]:
    """Return `(n_a, n_x, n_y)` of the parameters of a cell with these gates, with Wy (n_y, n_a), by (n_y, 1).

    Raises:
        ValueError: an array is missing, or its shape disagrees with those of the others.
    """
    axes = {"Wy": ("n_y", "n_a"), "by": ("n_y", "1")} | {"W" + gate: ("n_a", "n_a + n_x") for gate in gates}
    sizes = check_shapes(parameters, axes | {"b" + gate: ("n_a", "1") for gate in gates})
    n_a, both = sizes["n_a"], sizes["n_a + n_x"]
    if both <= n_a:
        raise ValueError(f"W{gates[0]} has shape {(n_a, both)}; it must be (n_a, n_a + n_x)")
    return n_a, both - n_a, sizes["n_y"]


def _check_batch(x: FloatArray, a0: FloatArray, n_x: int, n_a: int) -> None:
    if x.shape[0] != n_x or a0.shape != (n_a, *x.shape[1:2]):
        raise ValueError(
            f"the input has shape {x.shape} and the state {a0.shape}, but the parameters have n_x={n_x} and "
            f"n_a={n_a}; needed are ({n_x}, m, …) and ({n_a}, m)"
        )


def rnn_cell_forward(
    xt: FloatArray, a_prev: FloatArray, parameters: Parameters
) -> tuple[FloatArray, FloatArray, RnnCache]:
    """Return a<t> = tanh(Wax x<t> + Waa a<t-1> + ba), y<t> = softmax(Wya a<t> + by) and the cache.

    Raises:
        ValueError: the shapes of the parameters, `xt` (n_x, m) and `a_prev` (n_a, m) disagree.
    """
    n_a, n_x, _ = check_parameters(parameters)
    _check_batch(xt, a_prev, n_x, n_a)
    ba = parameters[bias_key(parameters)]
    a_next: FloatArray = np.tanh(np.dot(parameters["Wax"], xt) + np.dot(parameters["Waa"], a_prev) + ba)
    yt_pred = softmax(np.dot(parameters["Wya"], a_next) + parameters["by"])
    return a_next, yt_pred, RnnCache(a_next, a_prev, xt, parameters)


def rnn_forward(
    x: FloatArray, a0: FloatArray, parameters: Parameters
) -> tuple[FloatArray, FloatArray, tuple[list[RnnCache], FloatArray]]:
    """Return all hidden states `a`, all predictions `y_pred`, and `(caches of the steps, x)`."""
    caches = []
    a, y_pred = [], []
    a_next = a0
    for t in range(x.shape[2]):
        a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, parameters)
        a.append(a_next)
        y_pred.append(yt_pred)
        caches.append(cache)
    return np.stack(a, axis=2), np.stack(y_pred, axis=2), (caches, x)


def rnn_cell_backward(da_next: FloatArray, cache: RnnCache) -> Gradients:
    """Return dxt, da_prev, dWax, dWaa and dba (or db) from the gradient by a<t>, `da_next` (n_a, m)."""
    a_next, a_prev, xt, parameters = cache
    dtanh = (1 - a_next**2) * da_next
    return {
        "dxt": np.dot(parameters["Wax"].T, dtanh),
        "da_prev": np.dot(parameters["Waa"].T, dtanh),
        "dWax": np.dot(dtanh, xt.T),
        "dWaa": np.dot(dtanh, a_prev.T),
        "d" + bias_key(parameters): dtanh.sum(axis=1, keepdims=True),
    }


def rnn_backward(da: FloatArray, caches: tuple[list[RnnCache], FloatArray]) -> Gradients:
    """Return dx, da0, dWax, dWaa, dba (or db) from the gradients by the hidden states, `da` (n_a, m, T_x).

    `da` may have fewer steps than `x`: later steps then contribute nothing, and `dx` is as short as `da`.
    """
    cells, x = caches
    gradients: Gradients = {"dx": np.zeros((*x.shape[:2], da.shape[2]))}
    da_prev = np.zeros(da.shape[:2])
    for t in reversed(range(da.shape[2])):
        step = rnn_cell_backward(da[:, :, t] + da_prev, cells[t])
        gradients["dx"][:, :, t] = step.pop("dxt")
        da_prev = step.pop("da_prev")
        _add(step, gradients)
    gradients["da0"] = da_prev
    return gradients


def _add(step: Gradients, gradients: Gradients) -> None:
    for name, gradient in step.items():
        gradients[name] = gradients[name] + gradient if name in gradients else gradient


def lstm_cell_forward(
    xt: FloatArray, a_prev: FloatArray, c_prev: FloatArray, parameters: Parameters
) -> tuple[FloatArray, FloatArray, FloatArray, LstmCache]:
    """Take one step of an LSTM (Hochreiter and Schmidhuber 1997, forget gate of Gers and others 2000).

        ft, it, ot = sigmoid(W. [a_prev, xt] + b.)      cct = tanh(Wc [a_prev, xt] + bc)
        c_next = ft c_prev + it cct                     a_next = ot tanh(c_next)

    Returns:
        a_next, c_next (n_a, m), softmax(Wy a_next + by) (n_y, m), and the cache
        (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters).

    Raises:
        ValueError: the shapes of the parameters, `xt` (n_x, m) and the states (n_a, m) disagree.
    """
    n_a, n_x, _ = check_gates(parameters, GATES)
    _check_batch(xt, a_prev, n_x, n_a)
    _check_batch(xt, c_prev, n_x, n_a)
    concat = np.concatenate([a_prev, xt])
    z = {gate: np.dot(parameters["W" + gate], concat) + parameters["b" + gate] for gate in GATES}
    ft, it, ot = sigmoid(z["f"]), sigmoid(z["i"]), sigmoid(z["o"])
    cct = np.tanh(z["c"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    yt_pred = softmax(np.dot(parameters["Wy"], a_next) + parameters["by"])
    cache = LstmCache(a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, yt_pred, cache


def lstm_forward(
    x: FloatArray, a0: FloatArray, parameters: Parameters
) -> tuple[FloatArray, FloatArray, FloatArray, tuple[list[LstmCache], FloatArray]]:
    """Return `a`, `y`, `c` of all steps, c<0> being zeros, and `(caches of the steps, x)`."""
    caches = []
    a, y, c = [], [], []
    a_next, c_next = a0, np.zeros(a0.shape)
    for t in range(x.shape[2]):
        a_next, c_next, yt, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a.append(a_next)
        y.append(yt)
        c.append(c_next)
        caches.append(cache)
    return np.stack(a, axis=2), np.stack(y, axis=2), np.stack(c, axis=2), (caches, x)


def lstm_cell_backward(da_next: FloatArray, dc_next: FloatArray, cache: LstmCache) -> Gradients:
    """Take one step backward from the gradients by a_next and c_next, both (n_a, m).

    Returns:
        dxt (n_x, m), da_prev, dc_prev (n_a, m), and dWf, dWi, dWc, dWo, dbf, dbi, dbc, dbo.
    """
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters = cache
    tanh_c = np.tanh(c_next)
    dc = dc_next + da_next * ot * (1 - tanh_c**2)
    dz = {  # by the arguments of the gates' sigmoids and tanh
        "f": dc * c_prev * ft * (1 - ft),
        "i": dc * cct * it * (1 - it),
        "c": dc * it * (1 - cct**2),
        "o": da_next * tanh_c * ot * (1 - ot),
    }
    concat = np.concatenate([a_prev, xt])
    dconcat = sum(np.dot(parameters["W" + gate].T, dz[gate]) for gate in GATES)
    n_a = len(a_prev)
    gradients: dict[str, Any] = {"dxt": dconcat[n_a:], "da_prev": dconcat[:n_a], "dc_prev": dc * ft}
    for gate in GATES:
        gradients["dW" + gate] = np.dot(dz[gate], concat.T)
        gradients["db" + gate] = dz[gate].sum(axis=1, keepdims=True)
    return gradients


def lstm_backward(da: FloatArray, caches: tuple[list[LstmCache], FloatArray]) -> Gradients:
    """Return dx, da0 and the parameters' gradients from those by the hidden states, `da` (n_a, m, T_x).

    `da` may have fewer steps than `x`, as in `rnn_backward`. An early edition of the exercise did not pass
    da_prev and dc_prev from step to step, so that it printed wrong gradients.
    """
    cells, x = caches
    gradients: Gradients = {"dx": np.zeros((*x.shape[:2], da.shape[2]))}
    da_prev, dc_prev = np.zeros(da.shape[:2]), np.zeros(da.shape[:2])
    for t in reversed(range(da.shape[2])):
        step = lstm_cell_backward(da[:, :, t] + da_prev, dc_prev, cells[t])
        gradients["dx"][:, :, t] = step.pop("dxt")
        da_prev, dc_prev = step.pop("da_prev"), step.pop("dc_prev")
        _add(step, gradients)
    gradients["da0"] = da_prev
    return gradients
