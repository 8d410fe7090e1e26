"""Dinosaur Island, function by function: a character-level RNN that names dinosaurs, in NumPy alone.

    a<t> = tanh(Wax x<t> + Waa a<t-1> + b)        p<t> = softmax(Wya a<t> + by)

The exercise is "Dinosaurus Island -- Character-level language model" of Andrew Ng's course Sequence Models on Coursera.
Names, arguments, returns and dictionaries are the exercise's: change the import in its notebook, and it runs against
this module and prints the published values. `parameters.py` has the shapes. Losses are in nats, summed over the symbols
of one name, its END included.

`model(..., compiled=True)` runs the same loop compiled; it needs Numba (`pip install "mangosaurus[train]"`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mangosaurus.classic.examples import (
    END,
    Example,
    check_indices,
    check_vocabulary,
    names_of,
    one_hot,
    shuffled_indices,
)
from mangosaurus.classic.parameters import (
    FloatArray,
    Gradients,
    Parameters,
    bias_key,
    check_fit,
    check_least,
    check_parameters,
    nan_found,
)

Cache = tuple[dict[int, FloatArray], dict[int, FloatArray], dict[int, FloatArray]]


class Report(NamedTuple):
    """The smoothed loss, in nats per name, after an iteration (counted from 0), and the names drawn then."""

    iteration: int
    loss: float
    names: list[str]


def print_report(report: Report) -> None:
    """Print a report as the exercise does: the loss, a blank line, the names, two blank lines."""
    print(f"Iteration: {report.iteration}, Loss: {report.loss:f}\n")
    for name in report.names:
        print(name)
    print("\n")


def softmax(x: FloatArray) -> FloatArray:
    """Return exp(x) / sum(exp(x)) over the first axis, for each column. It subtracts the maximum, to avoid overflow."""
    e_x: FloatArray = np.exp(x - x.max(axis=0))
    shares: FloatArray = e_x / e_x.sum(axis=0)
    return shares


def initialize_parameters(n_a: int, n_x: int, n_y: int) -> Parameters:
    """Return Wax, Waa, Wya drawn from a normal distribution with deviation 0.01, and b, by of zeros.

    Seeds NumPy's global generator with 1, as the exercise does.

    Raises:
        ValueError: a size is below 1.
    """
    check_least(n_a=(n_a, 1), n_x=(n_x, 1), n_y=(n_y, 1))
    np.random.seed(1)
    return {
        "Wax": np.random.randn(n_a, n_x) * 0.01,
        "Waa": np.random.randn(n_a, n_a) * 0.01,
        "Wya": np.random.randn(n_y, n_a) * 0.01,
        "b": np.zeros((n_a, 1)),
        "by": np.zeros((n_y, 1)),
    }


def rnn_step_forward(parameters: Parameters, a_prev: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Read a symbol `x` (n_x, 1) in state `a_prev` (n_a, 1); return `a_next` (n_a, 1), `p_t` (n_y, 1)."""
    Wax, Waa, b = parameters["Wax"], parameters["Waa"], parameters[bias_key(parameters)]
    a_next: FloatArray = np.tanh(np.dot(Wax, x) + np.dot(Waa, a_prev) + b)
    p_t = softmax(np.dot(parameters["Wya"], a_next) + parameters["by"])
    return a_next, p_t


def rnn_forward(
    X: Sequence[int | None],
    Y: Sequence[int],
    a0: FloatArray,
    parameters: Parameters,
    vocab_size: int = 27,
) -> tuple[float, Cache]:
    """Read the ids `X` from state `a0` (n_a, 1), and compute the loss of predicting the ids `Y`.

    `None` in `X` stands for a vector of zeros, which precedes the first character.

    Returns:
        The loss, -sum over t of ln p<t>[Y[t]] in nats, and the cache `(y_hat, a, x)`: dictionaries from t to
        a column vector. `a[-1]` is a copy of `a0`.

    Raises:
        ValueError: the parameters' shapes disagree with each other, with `a0` or with `vocab_size`; `X` and
            `Y` are empty or differ in length; an id lies outside 0 … vocab_size - 1.
    """
    check_fit(check_parameters(parameters), vocab_size, a0)
    check_indices(X, Y, vocab_size)
    x: dict[int, FloatArray] = {}
    a: dict[int, FloatArray] = {-1: a0.copy()}
    y_hat: dict[int, FloatArray] = {}
    loss = 0.0
    for t, index in enumerate(X):
        x[t] = one_hot(index, vocab_size)
        a[t], y_hat[t] = rnn_step_forward(parameters, a[t - 1], x[t])
        loss -= np.log(y_hat[t][Y[t], 0])
    return float(loss), (y_hat, a, x)


def rnn_step_backward(
    dy: FloatArray,
    gradients: Gradients,
    parameters: Parameters,
    x: FloatArray,
    a: FloatArray,
    a_prev: FloatArray,
) -> Gradients:
    """Add one step's part to `gradients`, in place, and return them.

    dy (n_y, 1) is the derivative of the loss by Wya a + by; gradients["da_next"] is that by a from later steps:

        da = Wya' dy + da_next       draw = (1 - a²) da       da_next = Waa' draw
    """
    gradients["dWya"] += np.dot(dy, a.T)
    gradients["dby"] += dy
    da = np.dot(parameters["Wya"].T, dy) + gradients["da_next"]
    draw = (1 - a * a) * da  # tanh' = 1 - tanh²
    gradients["d" + bias_key(parameters)] += draw
    gradients["dWax"] += np.dot(draw, x.T)
    gradients["dWaa"] += np.dot(draw, a_prev.T)
    gradients["da_next"] = np.dot(parameters["Waa"].T, draw)
    return gradients


def rnn_backward(
    X: Sequence[int | None], Y: Sequence[int], parameters: Parameters, cache: Cache
) -> tuple[Gradients, dict[int, FloatArray]]:
    """Backpropagate through time over the cache of `rnn_forward`.

    Returns:
        The gradients of the loss, dWax, dWaa, dWya, db (or dba) and dby, each of its parameter's shape, with
        `da_next` (n_a, 1), the gradient by a0; and the hidden states `a`, a dictionary from t to (n_a, 1).
    """
    y_hat, a, x = cache
    gradients = {"d" + name: np.zeros(array.shape) for name, array in parameters.items()}
    gradients["da_next"] = np.zeros(a[-1].shape)
    for t in reversed(range(len(X))):
        dy = y_hat[t].copy()
        dy[Y[t]] -= 1  # the derivative of -ln softmax(z)[y] by z
        gradients = rnn_step_backward(dy, gradients, parameters, x[t], a[t], a[t - 1])
    return gradients, a


def update_parameters(parameters: Parameters, gradients: Gradients, learning_rate: float) -> Parameters:
    """Subtract learning_rate times its gradient from every parameter, in place; return the parameters."""
    for name, array in parameters.items():
        array += -learning_rate * gradients["d" + name]
    return parameters


def clip(gradients: Gradients, maxValue: float) -> Gradients:
    """Clip every entry of every array to -maxValue … maxValue, in place, and return the same dictionary.

    Raises:
        ValueError: `maxValue` is not above 0, or an array holds NaN.
    """
    if not maxValue > 0:
        raise ValueError(f"maxValue is {maxValue}; it must be above 0")
    for name, gradient in gradients.items():
        gradient.clip(-maxValue, maxValue, out=gradient)
        # Clipped entries have a finite sum of squares unless one is NaN: one product is cheaper than a search.
        if not np.isfinite(np.vdot(gradient, gradient)) and np.isnan(gradient).any():
            raise ValueError(nan_found(name))
    return gradients


def optimize(
    X: Sequence[int | None],
    Y: Sequence[int],
    a_prev: FloatArray,
    parameters: Parameters,
    learning_rate: float = 0.01,
) -> tuple[float, Gradients, FloatArray]:
    """Take one step of gradient descent on one name: forward, backward, clip to ±5, update in place.

    Returns:
        The loss before the step, the clipped gradients, and the last hidden state (n_a, 1).

    Raises:
        ValueError: as `rnn_forward` and `clip` do.
    """
    loss, cache = rnn_forward(X, Y, a_prev, parameters, vocab_size=len(parameters["by"]))
    gradients, a = rnn_backward(X, Y, parameters, cache)
    del gradients["da_next"]  # belongs to no parameter
    update_parameters(parameters, clip(gradients, 5), learning_rate)
    return loss, gradients, a[len(X) - 1]


def optimize_returning_parameters(
    X: Sequence[int | None],
    Y: Sequence[int],
    a_prev: FloatArray,
    parameters: Parameters,
    learning_rate: float = 0.01,
) -> tuple[float, Parameters, FloatArray]:
    """Do what `optimize` does, and return the parameters instead of the gradients, as some editions do."""
    loss, _, a_last = optimize(X, Y, a_prev, parameters, learning_rate)
    return loss, parameters, a_last


def sample(parameters: Parameters, char_to_ix: Mapping[str, int], seed: int) -> list[int]:
    """Draw one name: ids that end with END. END is added after 50 characters without one.

    Each step seeds NumPy's global generator with counter + seed; both grow by one per step.

    Raises:
        ValueError: the parameters' shapes disagree, or `char_to_ix` has no line break.
    """
    if END not in char_to_ix:
        raise ValueError(f"char_to_ix has no {END!r}, which ends every name; add it")
    return draw(parameters, char_to_ix[END], 50, seed)


def draw(parameters: Parameters, end: int, max_len: int, seed: int) -> list[int]:
    """Do what `sample` does for any `end` and length.

    As in the exercise, `end` is added after `max_len` symbols even if the last of them is `end` itself.
    """
    n_a, n_x, n_y = check_parameters(parameters)
    x = one_hot(None, n_x)
    a = np.zeros((n_a, 1))
    indices: list[int] = []
    while len(indices) < max_len and end not in indices[-1:]:
        a, y = rnn_step_forward(parameters, a, x)
        counter = len(indices)
        np.random.seed(counter + (seed + counter))
        indices.append(int(np.random.choice(n_y, p=y.ravel())))
        x = one_hot(indices[-1], n_x)
    if len(indices) == max_len:
        indices.append(end)
    return indices


def get_initial_loss(vocab_size: int, seq_length: int) -> float:
    """Return the loss in nats of `seq_length` symbols under uniform probabilities: ln(vocab_size) seq_length."""
    return float(-np.log(1.0 / vocab_size) * seq_length)


def smooth(loss: float, cur_loss: float) -> float:
    """Return the running mean 0.999 loss + 0.001 cur_loss."""
    return loss * 0.999 + cur_loss * 0.001


def get_sample(sample_ix: Sequence[int], ix_to_char: Mapping[int, str]) -> str:
    """Return the characters of `sample_ix` as one string, the first in upper case, END as a line break."""
    text = "".join(ix_to_char[index] for index in sample_ix)
    return text[:1].upper() + text[1:]


def print_sample(sample_ix: Sequence[int], ix_to_char: Mapping[int, str]) -> None:
    """Print what `get_sample` returns, without a further line break."""
    print(get_sample(sample_ix, ix_to_char), end="")


def model(
    data: str | Sequence[str],
    ix_to_char: Mapping[int, str],
    char_to_ix: Mapping[str, int],
    num_iterations: int = 35000,
    n_a: int = 50,
    dino_names: int = 7,
    vocab_size: int = 27,
    verbose: bool = False,
    *,
    compiled: bool = False,
    every: int = 2000,
    report: Callable[[Report], None] = print_report,
) -> Parameters:
    """Train on one name after the other, carrying the hidden state over; return the learned parameters.

    Args:
        data: the corpus, as one string with a name a line or as a list of names.
        ix_to_char: the vocabulary, which includes `"\\n"`.
        char_to_ix: its inverse.
        num_iterations: training steps, one name each; after the last name the first comes again.
        n_a: hidden units.
        dino_names: names to draw for every report, with seeds 0, 1, …; the smoothed loss starts from that of
            this many symbols, as in the exercise.
        vocab_size: size of the vocabulary.
        verbose: print the first example's characters and ids, and where the list starts again.
        compiled: use the loop compiled with Numba: equal except for rounding, and about nine times faster.
        every: iterations between reports; the first report is after iteration 0.
        report: called with each report; prints it as the exercise does by default.

    Raises:
        ValueError: an empty name, fewer than two names, a character that `char_to_ix` lacks, dictionaries
            that do not fit `vocab_size`, a number below its least, or NaN in a gradient (named, with the
            iteration).
        ModuleNotFoundError: `compiled` without Numba; the message says how to install it.
    """
    check_least(num_iterations=(num_iterations, 0), dino_names=(dino_names, 0), every=(every, 1))
    check_vocabulary(char_to_ix, ix_to_char, vocab_size)
    names = names_of(data)
    parameters = initialize_parameters(n_a, vocab_size, vocab_size)
    loss = get_initial_loss(vocab_size, dino_names)
    indices = shuffled_indices(names, char_to_ix)
    examples: list[Example] = [([None, *ids], [*ids, char_to_ix[END]]) for ids in indices]
    a_prev = np.zeros((n_a, 1))

    def step(X: Sequence[int | None], Y: Sequence[int]) -> float:
        nonlocal a_prev
        cur_loss, _, a_prev = optimize(X, Y, a_prev, parameters, learning_rate=0.01)
        return cur_loss

    if compiled:
        from mangosaurus.classic.compiled import losses  # only those who ask for it need Numba

        steps = losses(examples, parameters, num_iterations, maxValue=5, learning_rate=0.01)
    else:
        steps = numpy_losses(examples, num_iterations, step)
    if verbose:
        steps = _printing_places(steps, examples, ix_to_char)

    def draw_names() -> list[str]:
        return [shown(sample(parameters, char_to_ix, seed), ix_to_char) for seed in range(dino_names)]

    follow(steps, loss, every, draw_names, report)
    return parameters


def model_returning_last_name(*arguments: Any, **settings: Any) -> tuple[Parameters, str]:
    """Do what `model` does, and return the parameters and the last name drawn, as some editions do.

    The name has its line break. Without a name drawn (`num_iterations=0` or `dino_names=0`) the last name is empty.
    """
    last_name = ""
    report = settings.pop("report", print_report)

    def keep_last_and_report(given: Report) -> None:
        nonlocal last_name
        last_name = given.names[-1] + END if given.names else ""
        report(given)

    parameters = model(*arguments, report=keep_last_and_report, **settings)
    return parameters, last_name


def numpy_losses(
    examples: Sequence[Example], num_iterations: int, step: Callable[[Sequence[int | None], Sequence[int]], float]
) -> Iterator[float]:
    """Take one step after the other, on one example after the other, and yield each step's loss.

    Raises:
        ValueError: a step failed; the message begins with the iteration.
    """
    for iteration in range(num_iterations):
        X, Y = examples[iteration % len(examples)]
        try:
            yield step(X, Y)
        except ValueError as error:
            raise ValueError(f"iteration {iteration}: {error}") from error


def follow(
    losses: Iterable[float],
    loss: float,
    every: int,
    draw_names: Callable[[], list[str]],
    report: Callable[[Report], None],
) -> float:
    """Smooth the losses of the iterations, starting from `loss`; report one iteration in `every`, the first included.

    Returns:
        The last smoothed loss.
    """
    for iteration, cur_loss in enumerate(losses):
        loss = smooth(loss, cur_loss)
        if iteration % every == 0:
            report(Report(iteration, loss, draw_names()))
    return loss


def shown(sample_ix: Sequence[int], ix_to_char: Mapping[int, str]) -> str:
    """Return a drawn name as reports show it: capitalised, without its END."""
    return get_sample(sample_ix, ix_to_char).replace(END, "")


def _printing_places(
    losses: Iterable[float], examples: Sequence[Example], ix_to_char: Mapping[int, str]
) -> Iterator[float]:
    """Pass losses on. Print where the list begins and begins anew, and the first example, to check the data by eye."""
    for iteration, loss in enumerate(losses):
        if iteration in (0, len(examples) - 1, len(examples)):
            print("j = ", iteration, "idx = ", iteration % len(examples))
        if iteration == 0:
            X, Y = examples[0]
            characters = [ix_to_char[index] for index in Y[:-1]]
            print("single_example =", "".join(characters))
            print("single_example_chars", characters)
            print("single_example_ix", Y[:-1])
            print(" X = ", X, "\n", "Y =       ", Y, "\n")
        yield loss
