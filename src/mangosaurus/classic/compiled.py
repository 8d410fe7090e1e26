"""The training loops of `rnn` and `cells` with Numba: the same numbers up to rounding, many times faster.

Read `rnn.py` first: the formulas are the same. Time steps are rows here, so that NumPy takes the products that need no
order for all steps at once. What is left are loops: over time, over a softmax, over the entries of a gradient. Numba
compiles them when they are first called, which takes about a second.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mangosaurus.classic.examples import Example
from mangosaurus.classic.parameters import FloatArray, Parameters, bias_key, check_parameters, nan_found

try:
    from numba import njit
except ImportError as _missing:
    raise ModuleNotFoundError(
        f'the compiled loop needs Numba, which cannot be imported ({_missing}): run pip install "mangosaurus[train]", '
        "or use the NumPy loop",
        name="numba",
    ) from None

IntArray = npt.NDArray[np.int64]

# A multiplication and an addition may become one instruction. The rest is IEEE arithmetic: NaN stays NaN.
_compiled = njit(fastmath={"contract"}, error_model="numpy")


@_compiled
def add_product(out: FloatArray, c: FloatArray, rows: FloatArray) -> None:
    """Add c[0] rows[0] + c[1] rows[1] + … to `out`: four rows at a time, to load and store `out` less often."""
    in_fours = len(rows) - len(rows) % 4
    for k in range(0, in_fours, 4):
        c0, c1, c2, c3 = c[k], c[k + 1], c[k + 2], c[k + 3]
        for j in range(len(out)):
            out[j] += c0 * rows[k, j] + c1 * rows[k + 1, j] + c2 * rows[k + 2, j] + c3 * rows[k + 3, j]
    for k in range(in_fours, len(rows)):
        for j in range(len(out)):
            out[j] += c[k] * rows[k, j]


@_compiled
def forward(Y: IntArray, a: FloatArray, Wax: FloatArray, WaaT: FloatArray, b: FloatArray) -> None:
    """Fill `a[1:]` with the hidden states of one name, from the state before it, `a[0]`."""
    for t in range(len(Y)):
        for i in range(a.shape[1]):
            a[t + 1, i] = b[0, i] + (Wax[i, Y[t - 1]] if t > 0 else 0.0)
        add_product(a[t + 1], a[t], WaaT)
        for i in range(a.shape[1]):
            a[t + 1, i] = 1.0 - 2.0 / (math.exp(2.0 * a[t + 1, i]) + 1.0)  # tanh, for half the price of math.tanh


@_compiled
def softmax(Y: IntArray, z: FloatArray, dby: FloatArray) -> float:
    """Turn logits into the gradients by them, softmax(z) - one_hot(Y), in place; sum them in `dby`; return the loss."""
    loss = 0.0
    for t in range(len(Y)):
        largest, total = z[t, 0], 0.0
        for k in range(z.shape[1]):
            largest = z[t, k] if z[t, k] > largest else largest
        for k in range(z.shape[1]):
            z[t, k] = math.exp(z[t, k] - largest)
            total += z[t, k]
        for k in range(z.shape[1]):
            z[t, k] /= total
        loss -= math.log(z[t, Y[t]])
        z[t, Y[t]] -= 1.0
        for k in range(z.shape[1]):
            dby[0, k] += z[t, k]
    return loss


@_compiled
def backward(Y: IntArray, a: FloatArray, da: FloatArray, Waa: FloatArray, dWax: FloatArray, db: FloatArray) -> None:
    """Turn `da`, the share of the outputs, into `draw` of `rnn`, in place, and sum it in dWax and db."""
    for t in range(len(Y) - 1, -1, -1):
        if t + 1 < len(Y):
            add_product(da[t], da[t + 1], Waa)
        for i in range(a.shape[1]):
            da[t, i] *= 1.0 - a[t + 1, i] * a[t + 1, i]
            db[0, i] += da[t, i]
            if t > 0:
                dWax[i, Y[t - 1]] += da[t, i]


@_compiled
def descend(W: FloatArray, dW: FloatArray, bound: float, learning_rate: float) -> bool:
    """Clip `dW`, take learning_rate times it off `W`, set it to zero, and return whether it held NaN."""
    bad = False
    for i in range(len(W)):
        for j in range(W.shape[1]):
            g = dW[i, j]
            g = bound if g > bound else -bound if g < -bound else g
            bad |= g != g
            W[i, j] -= learning_rate * g
            dW[i, j] = 0.0
    return bad


def losses(
    examples: Sequence[Example],
    parameters: Parameters,
    num_iterations: int,
    *,
    maxValue: float,
    learning_rate: float,
    a_prev: FloatArray | None = None,
) -> Iterator[float]:
    """Train on one example after the other, and yield the loss of each iteration, in nats.

    Args:
        examples: X and Y of every name. X must be `[None, *Y[:-1]]`; only Y is used.
        parameters: changed in place.
        a_prev: the hidden state (n_a, 1) to begin with, changed in place; zeros by default.

    Raises:
        ValueError: a gradient holds NaN; the message names it and the iteration.
    """
    n_a, _, _ = check_parameters(parameters)
    state = np.zeros((n_a, 1)) if a_prev is None else a_prev
    for name, array in parameters.items():
        parameters[name] = np.ascontiguousarray(array, dtype=np.float64)  # the same array, unless it is an unusual one
    Wax, Waa, Wya = (parameters[name] for name in ("Wax", "Waa", "Wya"))
    b, by = parameters[bias_key(parameters)].T, parameters["by"].T
    db, dWax, dWaa, dWya, dby = (np.zeros_like(W) for W in (b, Wax, Waa, Wya, by))
    # NaN in db is NaN in dWax too, which `rnn` checks first: NumPy multiplies it by zeros.
    pairs = (("dWax", b, db), ("dWax", Wax, dWax), ("dWaa", Waa, dWaa), ("dWya", Wya, dWya), ("dby", by, dby))
    bound, rate = float(maxValue), float(learning_rate)
    names = [np.array(Y, dtype=np.int64) for _, Y in examples]
    for iteration in range(num_iterations):
        Y = names[iteration % len(names)]
        a = np.empty((len(Y) + 1, n_a))
        a[0] = state[:, 0]
        forward(Y, a, Wax, Waa.T.copy(), b)
        dy = np.dot(a[1:], Wya.T) + by
        loss = softmax(Y, dy, dby)
        draw = np.dot(dy, Wya)
        backward(Y, a, draw, Waa, dWax, db)
        np.dot(draw.T, a[:-1], out=dWaa)
        np.dot(dy.T, a[1:], out=dWya)
        for name, W, dW in pairs:
            if descend(W, dW, bound, rate):
                raise ValueError(f"iteration {iteration}: {nan_found(name)}")
        state[:, 0] = a[-1]
        yield loss
