"""Dinosaur Island with an LSTM instead of the plain RNN: forward pass, loss and backward pass by hand.

    ft, it, ot = sigmoid(W. [a<t-1>, x<t>] + b.)       cct = tanh(Wc [a<t-1>, x<t>] + bc)
    c<t> = ft c<t-1> + it cct        a<t> = ot tanh(c<t>)        p<t> = softmax(Wy a<t> + by)

(Hochreiter and Schmidhuber 1997; the forget gate is that of Gers, Schmidhuber and Cummins 2000.) X, Y, losses
and gradients are those of `rnn`; one step of the cell, forward and backward, is in `steps`.
"""

from collections.abc import Sequence

import numpy as np

from mangosaurus.classic.examples import check_indices, one_hot
from mangosaurus.classic.parameters import FloatArray, Gradients, Parameters, check_fit
from mangosaurus.classic.rnn import clip, update_parameters
from mangosaurus.classic.steps import (
    GATES,
    LstmCache,
    check_gates,
    initialize_gates,
    lstm_cell_backward,
    lstm_cell_forward,
)

Cache = tuple[dict[int, FloatArray], list[LstmCache]]


def initialize_parameters(n_a: int, n_x: int, n_y: int) -> Parameters:
    """Return Wf, Wi, Wc, Wo (n_a, n_a + n_x), bf, bi, bc, bo (n_a, 1), Wy (n_y, n_a), by (n_y, 1).

    Weights are normal with deviation 0.01, biases are zeros. Seeds NumPy's global generator with 1.
    """
    return initialize_gates(GATES, n_a, n_x, n_y)


def lstm_forward(
    X: Sequence[int | None],
    Y: Sequence[int],
    a0: FloatArray,
    c0: FloatArray,
    parameters: Parameters,
    vocab_size: int = 27,
) -> tuple[float, Cache]:
    """Read the ids `X` from the states `a0`, `c0` (n_a, 1), and compute the loss of predicting the ids `Y`.

    Returns:
        The loss, -sum over t of ln p<t>[Y[t]] in nats, and the cache `(y_hat, steps)`.

    Raises:
        ValueError: shapes disagree, `X` and `Y` differ in length or are empty, or an id is out of range.
    """
    check_fit(check_gates(parameters, GATES), vocab_size, a0, c0)
    check_indices(X, Y, vocab_size)
    a, c = a0, c0
    y_hat: dict[int, FloatArray] = {}
    steps = []
    loss = 0.0
    for t, index in enumerate(X):
        a, c, y_hat[t], step = lstm_cell_forward(one_hot(index, vocab_size), a, c, parameters)
        steps.append(step)
        loss -= np.log(y_hat[t][Y[t], 0])
    return float(loss), (y_hat, steps)


def lstm_backward(
    X: Sequence[int | None], Y: Sequence[int], parameters: Parameters, cache: Cache
) -> tuple[Gradients, FloatArray, FloatArray]:
    """Backpropagate through time over the cache of `lstm_forward`.

    Returns:
        The gradients of the loss by every parameter, "d" before its name, with `da_next` and `dc_next`, those
        by a0 and c0; and the last states a and c; all of these (n_a, 1).
    """
    y_hat, steps = cache
    gradients = {"d" + name: np.zeros(array.shape) for name, array in parameters.items()}
    a_last, c_last = steps[-1].a_next, steps[-1].c_next
    da_next, dc_next = np.zeros(a_last.shape), np.zeros(c_last.shape)
    for t in reversed(range(len(X))):
        dy = y_hat[t].copy()
        dy[Y[t]] -= 1  # the derivative of -ln softmax(z)[y] by z
        gradients["dWy"] += np.dot(dy, steps[t].a_next.T)
        gradients["dby"] += dy
        step = lstm_cell_backward(np.dot(parameters["Wy"].T, dy) + da_next, dc_next, steps[t])
        da_next, dc_next = step["da_prev"], step["dc_prev"]
        for gate in GATES:
            gradients["dW" + gate] += step["dW" + gate]
            gradients["db" + gate] += step["db" + gate]
    return gradients | {"da_next": da_next, "dc_next": dc_next}, a_last, c_last


def optimize(
    X: Sequence[int | None],
    Y: Sequence[int],
    a_prev: FloatArray,
    c_prev: FloatArray,
    parameters: Parameters,
    learning_rate: float = 0.01,
) -> tuple[float, Gradients, FloatArray, FloatArray]:
    """Take one step of gradient descent on one name: forward, backward, clip to ±5, update in place.

    Returns:
        The loss before the step in nats, the clipped gradients, and the last states a and c (n_a, 1).

    Raises:
        ValueError: as `lstm_forward`; or a gradient holds NaN.
    """
    loss, cache = lstm_forward(X, Y, a_prev, c_prev, parameters, vocab_size=len(parameters["by"]))
    gradients, a, c = lstm_backward(X, Y, parameters, cache)
    del gradients["da_next"], gradients["dc_next"]  # belong to no parameter
    update_parameters(parameters, clip(gradients, 5), learning_rate)
    return loss, gradients, a, c
