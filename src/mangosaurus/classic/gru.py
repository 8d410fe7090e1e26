"""Dinosaur Island with a GRU instead of the plain RNN: forward pass, loss and backward pass by hand.

    u, r = sigmoid(W. [a<t-1>, x<t>] + b.)             c = tanh(Wc [r a<t-1>, x<t>] + bc)
    a<t> = u c + (1 - u) a<t-1>                         p<t> = softmax(Wy a<t> + by)

(Cho and others 2014, in the course's notation: the update gate u is the share of the new state. The reset gate r is
applied before Wc; torch.nn.GRU applies it after.) X, Y, losses and gradients are those of `rnn`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mangosaurus.classic.examples import check_indices, one_hot
from mangosaurus.classic.parameters import FloatArray, Gradients, Parameters, check_fit
from mangosaurus.classic.rnn import clip, softmax, update_parameters
from mangosaurus.classic.steps import check_gates, initialize_gates, sigmoid

GATES = ("u", "r", "c")


class Step(NamedTuple):
    """The cache of one step: columns (n_a, 1), except x (n_x, 1) and p (n_y, 1)."""

    x: FloatArray
    a_prev: FloatArray
    u: FloatArray
    r: FloatArray
    c: FloatArray
    a: FloatArray
    p: FloatArray


def initialize_parameters(n_a: int, n_x: int, n_y: int) -> Parameters:
    """Return Wu, Wr, Wc (n_a, n_a + n_x), bu, br, bc (n_a, 1), Wy (n_y, n_a), by (n_y, 1).

    Weights are normal with deviation 0.01, biases are zeros. Seeds NumPy's global generator with 1.
    """
    return initialize_gates(GATES, n_a, n_x, n_y)


def gru_step_forward(parameters: Parameters, a_prev: FloatArray, x: FloatArray) -> Step:
    """Read a symbol `x` (n_x, 1) in state `a_prev` (n_a, 1); the step has the next state `a` and probabilities `p`."""
    before = np.concatenate([a_prev, x])
    u = sigmoid(np.dot(parameters["Wu"], before) + parameters["bu"])
    r = sigmoid(np.dot(parameters["Wr"], before) + parameters["br"])
    c = np.tanh(np.dot(parameters["Wc"], np.concatenate([r * a_prev, x])) + parameters["bc"])
    a = u * c + (1 - u) * a_prev
    p = softmax(np.dot(parameters["Wy"], a) + parameters["by"])
    return Step(x, a_prev, u, r, c, a, p)


def gru_step_backward(dy: FloatArray, gradients: Gradients, parameters: Parameters, step: Step) -> Gradients:
    """Add one step's part to `gradients`, in place. `gradients["da_next"]` is the gradient by a from later steps."""
    x, a_prev, u, r, c, a, _ = step
    n_a = len(a)
    gradients["dWy"] += np.dot(dy, a.T)
    gradients["dby"] += dy
    da = np.dot(parameters["Wy"].T, dy) + gradients["da_next"]
    du = da * (c - a_prev) * u * (1 - u)
    dc = da * u * (1 - c * c)
    dreset = np.dot(parameters["Wc"][:, :n_a].T, dc)  # by r a<t-1>
    dr = dreset * a_prev * r * (1 - r)
    before, reset = np.concatenate([a_prev, x]), np.concatenate([r * a_prev, x])
    for gate, dz, read in (("u", du, before), ("r", dr, before), ("c", dc, reset)):
        gradients["dW" + gate] += np.dot(dz, read.T)
        gradients["db" + gate] += dz
    gradients["da_next"] = (
        da * (1 - u) + dreset * r + np.dot(parameters["Wu"][:, :n_a].T, du) + np.dot(parameters["Wr"][:, :n_a].T, dr)
    )
    return gradients


def gru_forward(
    X: Sequence[int | None],
    Y: Sequence[int],
    a0: FloatArray,
    parameters: Parameters,
    vocab_size: int = 27,
) -> tuple[float, list[Step]]:
    """Read the ids `X` from state `a0` (n_a, 1), and compute the loss of predicting the ids `Y`.

    Returns:
        The loss, -sum over t of ln p<t>[Y[t]] in nats, and the steps, which `gru_backward` needs.

    Raises:
        ValueError: shapes disagree, `X` and `Y` differ in length or are empty, or an id is out of range.
    """
    check_fit(check_gates(parameters, GATES), vocab_size, a0)
    check_indices(X, Y, vocab_size)
    a = a0
    steps = []
    loss = 0.0
    for t, index in enumerate(X):
        steps.append(gru_step_forward(parameters, a, one_hot(index, vocab_size)))
        a = steps[t].a
        loss -= np.log(steps[t].p[Y[t], 0])
    return float(loss), steps


def gru_backward(
    X: Sequence[int | None], Y: Sequence[int], parameters: Parameters, steps: Sequence[Step]
) -> tuple[Gradients, FloatArray]:
    """Backpropagate through time over the steps of `gru_forward`.

    Returns:
        The gradients of the loss by every parameter, with keys such as "dWu", and `da_next` (n_a, 1), that by
        a0; and the last hidden state (n_a, 1).
    """
    gradients = {"d" + name: np.zeros(array.shape) for name, array in parameters.items()}
    gradients["da_next"] = np.zeros(steps[-1].a.shape)
    for t in reversed(range(len(X))):
        dy = steps[t].p.copy()
        dy[Y[t]] -= 1  # the derivative of -ln softmax(z)[y] by z
        gradients = gru_step_backward(dy, gradients, parameters, steps[t])
    return gradients, steps[-1].a


def optimize(
    X: Sequence[int | None],
    Y: Sequence[int],
    a_prev: FloatArray,
    parameters: Parameters,
    learning_rate: float = 0.01,
) -> tuple[float, Gradients, FloatArray]:
    """Take one step of gradient descent on one name: forward, backward, clip to ±5, update in place.

    Returns:
        The loss before the step in nats, the clipped gradients, and the last hidden state (n_a, 1).

    Raises:
        ValueError: as `gru_forward`; or a gradient holds NaN.
    """
    loss, steps = gru_forward(X, Y, a_prev, parameters, vocab_size=len(parameters["by"]))
    gradients, a = gru_backward(X, Y, parameters, steps)
    del gradients["da_next"]  # belongs to no parameter
    update_parameters(parameters, clip(gradients, 5), learning_rate)
    return loss, gradients, a
