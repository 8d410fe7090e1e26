"""The training loops of `rnn` and `cells`, compiled with Numba: the same numbers but for rounding, faster.

Read `rnn.py` first. What differs here is the order in which memory is walked through, not the mathematics:

* Arrays are stored so that every product is a weighted sum of rows, base + sum over k of c[k] rows[k], which
  `sum_rows` takes with the sums held in vector registers. So Waa and Wya are kept with their transposes.
* Rows are padded with zeros (`layout.py`). Padded units compute tanh(0) = 0 and change nothing.
* exp and tanh are written out, so that they work on whole vectors too; their error is below 1e-15.
* A row of a gradient is clipped and taken off its parameter as soon as it is known.

Everything is in this one file because Numba's on-disk cache notices changes to the file of a function only.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from mangosaurus.classic.examples import Example
from mangosaurus.classic.layout import LANES, rows_of, store, zeros
from mangosaurus.classic.parameters import FloatArray, Parameters, check_parameters, nan_found

try:
    from llvmlite import ir
    from numba import njit, types
    from numba.core import cgutils
    from numba.extending import intrinsic
except ImportError as _missing:
    raise ModuleNotFoundError(
        f'the compiled loop needs Numba ({_missing}); pip install "mangosaurus[train]", or do without compiled',
        name="numba",
    ) from None

IntArray = npt.NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., Any])

MOST_VECTORS = 8  # vectors whose sums are held in registers at a time
GRADIENTS = ("dWax", "dWaa", "dWya", "db", "dby")


# Products and sums may be contracted to one instruction; nothing else of IEEE arithmetic is given up, so that
# NaN stays NaN. Division follows NumPy: Python's check for zero would keep loops from working on vectors.
OPTIONS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}


def inlined(function: Function) -> Function:
    """Make `function` a part of what is compiled: written where it is called, it is compiled once."""
    return cast(Function, njit(inline="always", **OPTIONS)(function))


def compiled(function: Function) -> Function:
    """Compile `function` when it is first called, and keep the result on disk."""
    try:
        return cast(Function, njit(cache=True, **OPTIONS)(function))
    except RuntimeError:  # no folder to keep it in, neither beside this file nor in the user's cache
        return cast(Function, njit(**OPTIONS)(function))


def _sum_block(
    builder: Any, vectors: int, out: Any, base: Any, c: Any, step: Any, rows: Any, width: Any, count: Any
) -> None:
    """Emit out[:n] = base[:n] + sum over k < count of c[k step] rows[k width :][:n], n = vectors LANES."""
    index, vector = ir.IntType(64), ir.VectorType(ir.DoubleType(), LANES)

    def pointers(base: Any) -> list[Any]:
        places = (builder.gep(base, [index(LANES * number)]) for number in range(vectors))
        return [builder.bitcast(place, vector.as_pointer()) for place in places]

    def load(pointer: Any) -> Any:
        value = builder.load(pointer)
        value.align = 8  # a double's: correct wherever the rows begin
        return value

    before = builder.block
    starts = [load(pointer) for pointer in pointers(base)]
    head, body, end = (builder.append_basic_block(name) for name in ("sum", "term", "summed"))
    builder.branch(head)

    builder.position_at_end(head)
    k = builder.phi(index)
    sums = [builder.phi(vector) for _ in starts]
    builder.cbranch(builder.icmp_signed("<", k, count), body, end)

    builder.position_at_end(body)
    first = builder.load(builder.gep(c, [builder.mul(k, step)]))
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), first, ir.IntType(32)(0))
    same = builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))
    row = pointers(builder.gep(rows, [builder.mul(k, width)]))
    terms = [builder.fmul(same, load(pointer), flags=("contract",)) for pointer in row]
    totals = [builder.fadd(sum_, term, flags=("contract",)) for sum_, term in zip(sums, terms, strict=True)]
    for phi, at_first, later in zip([k, *sums], [index(0), *starts], [builder.add(k, index(1)), *totals], strict=True):
        phi.add_incoming(at_first, before)
        phi.add_incoming(later, body)
    builder.branch(head)

    builder.position_at_end(end)
    for pointer, sum_ in zip(pointers(out), sums, strict=True):
        builder.store(sum_, pointer).align = 8


def _sum_function(module: Any) -> Any:
    """Return the module's function (out, base, c, step, rows, width, count), made when first asked for.

    It is never inlined: a copy at every call would double the time to compile.
    """
    index, pointer = ir.IntType(64), ir.DoubleType().as_pointer()
    name = "mangosaurus_sum_rows"
    if name in module.globals:
        return module.globals[name]
    kind = ir.FunctionType(ir.VoidType(), [pointer, pointer, pointer, index, pointer, index, index])
    function = ir.Function(module, kind, name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    out, base, c, step, rows, width, count = function.args
    builder = ir.IRBuilder(function.append_basic_block("begin"))
    block = index(MOST_VECTORS * LANES)
    in_blocks = builder.and_(width, index(-MOST_VECTORS * LANES))
    with cgutils.for_range_slice(builder, index(0), in_blocks, block, intp=index) as (column, _):
        at = [builder.gep(array, [column]) for array in (out, base, rows)]
        _sum_block(builder, MOST_VECTORS, at[0], at[1], c, step, at[2], width, count)
    at = [builder.gep(array, [in_blocks]) for array in (out, base, rows)]
    done = builder.append_basic_block("done")
    rest = builder.switch(builder.sub(width, in_blocks), done)
    for vectors in range(1, MOST_VECTORS):
        case = builder.append_basic_block("rest")
        rest.add_case(index(vectors * LANES), case)
        builder.position_at_end(case)
        _sum_block(builder, vectors, at[0], at[1], c, step, at[2], width, count)
        builder.branch(done)
    builder.position_at_end(done)
    builder.ret_void()
    return function


def _sum_rows(
    _: Any, out: Any, i: Any, base: Any, j: Any, c: Any, start: Any, step: Any,
    rows: Any, first: Any, count: Any
) -> Any:  # fmt: skip
    """Do out[i] = base[j] + sum over k < count of c.flat[start + k step] rows[first + k].

    `out`, `base` and `rows` are as wide as each other, a multiple of LANES. Indices are not checked.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, i, base, j, c, start, step, rows, first, count = arguments
        out, base, c, rows = (
            context.make_array(signature.args[place])(context, builder, array)
            for place, array in ((0, out), (2, base), (4, c), (7, rows))
        )
        width = builder.extract_value(out.shape, 1)
        places = (
            builder.gep(array.data, [builder.mul(row, width)]) for array, row in ((out, i), (base, j), (rows, first))
        )
        c_start = builder.gep(c.data, [start])
        sum_function = _sum_function(builder.module)
        builder.call(sum_function, [next(places), next(places), c_start, step, next(places), width, count])
        return context.get_dummy_value()

    intp = types.intp
    return types.void(out, intp, base, intp, c, intp, intp, rows, intp, intp), generate


sum_rows: Any = intrinsic(_sum_rows)


def _prefer_wide_vectors(_: Any) -> Any:
    """Let the loops of the function that calls this use the widest vectors that the machine has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # LLVM's attribute; llvmlite's own `add` knows only those without a value.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


prefer_wide_vectors: Any = intrinsic(_prefer_wide_vectors)


@inlined
def exp(x: float) -> float:
    """Return e^x for |x| ≤ 708, NaN for NaN: x = k ln 2 + r, e^x = 2^k e^r, e^r by its series to r^13."""
    magic = 6755399441055744.0  # 1.5 · 2^52: adding it rounds to a whole number, held in the lowest bits
    shifted = np.float64(x * 1.4426950408889634 + magic)
    k = shifted - magic
    r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10  # ln 2 in two parts
    e = 1.0 / 6227020800.0
    e = e * r + 1.0 / 479001600.0
    e = e * r + 1.0 / 39916800.0
    e = e * r + 1.0 / 3628800.0
    e = e * r + 1.0 / 362880.0
    e = e * r + 1.0 / 40320.0
    e = e * r + 1.0 / 5040.0
    e = e * r + 1.0 / 720.0
    e = e * r + 1.0 / 120.0
    e = e * r + 1.0 / 24.0
    e = e * r + 1.0 / 6.0
    e = e * r + 0.5
    e = e * r + 1.0
    e = e * r + 1.0
    bits = (shifted.view(np.int64) << 52) + (1023 << 52)  # of 2^k
    return e * np.int64(bits).view(np.float64)


@inlined
def tanh(x: float) -> float:
    """Return tanh x = 1 - 2 / (e^2x + 1), which is ±1 beyond ±20."""
    x = 20.0 if x > 20.0 else x
    x = -20.0 if x < -20.0 else x
    return 1.0 - 2.0 / (exp(2.0 * x) + 1.0)


@inlined
def softmax_rows(Y: FloatArray, n: int, n_y: int) -> None:
    """Replace the first `n_y` entries of the first `n` rows by their softmax."""
    for t in range(n):
        most = Y[t, 0]
        for v in range(1, n_y):
            most = Y[t, v] if Y[t, v] > most else most
        for v in range(n_y):
            z = Y[t, v] - most
            Y[t, v] = exp(-708.0 if z < -708.0 else z)
        total = 0.0
        for v in range(n_y):
            total += Y[t, v]
        share = 1.0 / total
        for v in range(n_y):
            Y[t, v] *= share


@inlined
def descend(W: FloatArray, i: int, gradient: FloatArray, bound: float, learning_rate: float) -> bool:
    """Clip `gradient` (1, width), take learning_rate times it off W[i], and tell whether it held NaN."""
    bad = 0
    for j in range(W.shape[1]):
        g = gradient[0, j]
        g = bound if g > bound else g
        g = -bound if g < -bound else g
        bad |= g != g
        W[i, j] -= learning_rate * g
    return bad != 0


@inlined
def forward(
    Y_t: IntArray, WaxT: FloatArray, WaaT: FloatArray, WyaT: FloatArray, b: FloatArray, by: FloatArray,
    A: FloatArray, dZ: FloatArray, zero: FloatArray, n_a: int, n_y: int
) -> float:  # fmt: skip
    """Read one name; `A[0]` is the state before it.

    Leaves the states in `A[1:]` and the loss's gradients by the logits in `dZ`; returns the loss in nats.
    """
    n = len(Y_t)
    for t in range(n):
        if t == 0:
            sum_rows(A, 1, zero, 0, A, 0, 1, WaaT, 0, n_a)
        else:
            sum_rows(A, t + 1, WaxT, Y_t[t - 1], A, t * A.shape[1], 1, WaaT, 0, n_a)
        for i in range(A.shape[1]):
            A[t + 1, i] = tanh(A[t + 1, i] + b[0, i])
    for t in range(n):
        sum_rows(dZ, t, by, 0, A, (t + 1) * A.shape[1], 1, WyaT, 0, n_a)
    softmax_rows(dZ, n, n_y)
    loss = 0.0
    for t in range(n):
        loss -= math.log(dZ[t, Y_t[t]])
        dZ[t, Y_t[t]] -= 1.0
    return loss


@inlined
def backward(
    n: int, Waa: FloatArray, Wya: FloatArray, A: FloatArray, dZ: FloatArray, D: FloatArray, zero: FloatArray
) -> None:
    """Leave in `D[t]` the loss's gradient by what tanh was taken of at step t (`draw` in `rnn`)."""
    for t in range(n - 1, -1, -1):
        sum_rows(D, t, zero, 0, dZ, t * dZ.shape[1], 1, Wya, 0, len(Wya))
        if t < n - 1:
            sum_rows(D, t, D, t, D, (t + 1) * D.shape[1], 1, Waa, 0, len(Waa))
        for i in range(D.shape[1]):
            D[t, i] *= 1.0 - A[t + 1, i] * A[t + 1, i]


@inlined
def update_product(
    W: FloatArray, WT: FloatArray, E: FloatArray, A: FloatArray, first: int, n: int, g: FloatArray,
    zero: FloatArray, bound: float, learning_rate: float, n_a: int
) -> bool:  # fmt: skip
    """Descend by dW = E[:n]' A[first : first + n], row after row, and keep the transpose in step."""
    bad = False
    for i in range(len(W)):
        sum_rows(g, 0, zero, 0, E, i, E.shape[1], A, first, n)
        bad |= descend(W, i, g, bound, learning_rate)
        for j in range(n_a):
            WT[j, i] = W[i, j]
    return bad


@inlined
def update_bias(
    b: FloatArray, E: FloatArray, n: int, one: FloatArray, g: FloatArray, zero: FloatArray,
    bound: float, learning_rate: float
) -> bool:  # fmt: skip
    """Descend by db = the sum of E[:n]."""
    sum_rows(g, 0, zero, 0, one, 0, 0, E, 0, n)
    return descend(b, 0, g, bound, learning_rate)


@inlined
def update_embedding(
    WaxT: FloatArray, Y_t: IntArray, D: FloatArray, g: FloatArray, seen: IntArray,
    bound: float, learning_rate: float
) -> bool:  # fmt: skip
    """Descend by dWax: its column of a symbol is the sum of D over the steps that read the symbol."""
    bad = False
    for t in range(1, len(Y_t)):
        symbol = Y_t[t - 1]
        if seen[symbol]:
            continue
        seen[symbol] = 1
        for j in range(g.shape[1]):
            g[0, j] = D[t, j]
        for later in range(t + 1, len(Y_t)):
            if Y_t[later - 1] == symbol:
                for j in range(g.shape[1]):
                    g[0, j] += D[later, j]
        bad |= descend(WaxT, symbol, g, bound, learning_rate)
    for t in range(1, len(Y_t)):
        seen[Y_t[t - 1]] = 0
    return bad


@compiled
def train(
    symbols: IntArray, ends: IntArray, start: int, losses: FloatArray, weights: Sequence[FloatArray],
    work: Sequence[FloatArray], seen: IntArray, bound: float, learning_rate: float
) -> tuple[int, int]:  # fmt: skip
    """Take the iterations from `start` on, one for every entry of `losses`.

    Returns:
        -1 and 0, or the iteration that found NaN in its gradients and the gradient's place in GRADIENTS.
    """
    prefer_wide_vectors()
    WaxT, Waa, WaaT, Wya, WyaT, b, by = weights
    A, D, dZ, g, g_y, zero, zero_y, one = work
    n_a, n_y = len(Waa), len(Wya)
    for step in range(len(losses)):
        name = (start + step) % len(ends)
        Y_t = symbols[ends[name - 1] if name > 0 else 0 : ends[name]]
        n = len(Y_t)
        losses[step] = forward(Y_t, WaxT, WaaT, WyaT, b, by, A, dZ, zero, n_a, n_y)
        backward(n, Waa, Wya, A, dZ, D, zero)
        bad_Wax = update_embedding(WaxT, Y_t, D, g, seen, bound, learning_rate)
        bad_Waa = update_product(Waa, WaaT, D, A, 0, n, g, zero, bound, learning_rate, n_a)
        bad_Wya = update_product(Wya, WyaT, dZ, A, 1, n, g, zero, bound, learning_rate, n_a)
        bad_b = update_bias(b, D, n, one, g, zero, bound, learning_rate)
        bad_by = update_bias(by, dZ, n, one, g_y, zero_y, bound, learning_rate)
        if bad_Wax or bad_b:  # NaN in D is NaN in all of dWax, even where no symbol was read: NaN times 0
            return start + step, 0
        if bad_Waa or bad_Wya or bad_by:
            return start + step, 1 if bad_Waa else 2 if bad_Wya else 4
        for i in range(A.shape[1]):
            A[0, i] = A[n, i]
    return -1, 0


def losses(
    examples: Sequence[Example],
    parameters: Parameters,
    num_iterations: int,
    *,
    every: int,
    maxValue: float,
    learning_rate: float,
    a_prev: FloatArray | None = None,
) -> Iterator[float]:
    """Train on one example after the other, and give the loss of each iteration, in nats.

    Args:
        examples: X and Y of every name. X must be `[None, *Y[:-1]]`; only Y is looked at.
        parameters: changed in place, and up to date after every iteration that is a multiple of `every` and
            after the last one; in between they run ahead of the losses given.
        maxValue: where gradients are clipped.
        a_prev: the hidden state (n_a, 1) to begin with, changed in place like the parameters; or zeros.

    Raises:
        ValueError: a gradient holds NaN; names it and the iteration.
    """
    n_a, _, n_y = check_parameters(parameters)
    state = np.zeros((n_a, 1)) if a_prev is None else a_prev
    symbols = np.concatenate([np.asarray(Y, dtype=np.int64) for _, Y in examples])
    ends = np.cumsum([len(Y) for _, Y in examples], dtype=np.int64)
    longest = max(len(Y) for _, Y in examples)

    weights = rows_of(parameters)
    A, D, dZ = (zeros(longest + 1, size) for size in (n_a, n_a, n_y))
    g, g_y, one = zeros(1, n_a), zeros(1, n_y), np.ones((1, 1))
    work = (A, D, dZ, g, g_y, zeros(1, n_a), zeros(1, n_y), one)
    A[0, :n_a] = state[:, 0]
    seen = np.zeros(n_y, dtype=np.int64)
    start = 0
    while start < num_iterations:
        stop = min(num_iterations, start + 1 + -start % every)  # just past the next multiple of `every`
        found = np.zeros(stop - start)
        bad, gradient = train(symbols, ends, start, found, weights, work, seen, float(maxValue), float(learning_rate))
        if bad >= 0:
            raise ValueError(f"iteration {bad}: {nan_found(GRADIENTS[gradient])}")
        start = stop
        store(weights, parameters)
        state[:, 0] = A[0, :n_a]
        yield from found.tolist()
