"""The compiled loops against the NumPy ones: within 1e-9 for the first 2,000 iterations of both editions."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mangosaurus.classic import compiled, rnn
from mangosaurus.classic.cells import CharacterLanguageModel
from mangosaurus.classic.examples import Example
from mangosaurus.classic.parameters import FloatArray, Parameters

ITERATIONS = 2000
TOLERANCE = 1e-9


def invented_names(count: int, longest: int, vocab_size: int, seed: int) -> list[Example]:
    """Names without a meaning, so that these tests need no file: ids 1 … vocab_size - 1, then END."""
    random = np.random.RandomState(seed)
    names = [[*random.randint(1, vocab_size, random.randint(1, longest + 1)).tolist(), 0] for _ in range(count)]
    return [([None, *name[:-1]], name) for name in names]


def initial_parameters(n_a: int, vocab_size: int, bias: str = "b") -> Parameters:
    drawn = rnn.initialize_parameters(n_a, vocab_size, vocab_size)
    return {bias if name == "b" else name: array for name, array in drawn.items()}


def numpy_losses(examples: list[Example], parameters: Parameters, iterations: int, a_prev: FloatArray) -> list[float]:
    """What `compiled.losses` does with gradients clipped to ±5, by the functions of `rnn`."""
    losses = []
    for iteration in range(iterations):
        loss, _, a_prev[:] = rnn.optimize(*examples[iteration % len(examples)], a_prev, parameters)
        losses.append(loss)
    return losses


@pytest.mark.parametrize("bias", ["b", "ba"])
@pytest.mark.parametrize(
    ("n_a", "vocab_size", "longest", "iterations"),
    [(50, 27, 15, ITERATIONS), (1, 2, 3, 50), (8, 9, 40, 50), (67, 70, 20, 50), (6, 5, 3000, 3)],
)
def test_equal_losses_and_parameters(bias: str, n_a: int, vocab_size: int, longest: int, iterations: int) -> None:
    examples = invented_names(97, longest, vocab_size, seed=n_a)
    slow, fast = (initial_parameters(n_a, vocab_size, bias) for _ in range(2))
    fast["Waa"] = np.asfortranarray(fast["Waa"])
    a_slow, a_fast = np.full((n_a, 1), 0.1), np.full((n_a, 1), 0.1)
    expected = numpy_losses(examples, slow, iterations, a_slow)
    found = list(compiled.losses(examples, fast, iterations, maxValue=5, learning_rate=0.01, a_prev=a_fast))
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(a_fast, a_slow, rtol=0, atol=TOLERANCE)
    assert set(fast) == set(slow)
    for name, array in slow.items():
        np.testing.assert_allclose(fast[name], array, rtol=0, atol=TOLERANCE, err_msg=name)


Trained = tuple[list[rnn.Report], Parameters]


def functions(data: str, compiled: bool) -> Trained:
    characters = sorted(set(data))
    ids = {character: index for index, character in enumerate(characters)}
    reports: list[rnn.Report] = []
    settings: dict[str, Any] = {"vocab_size": len(ids), "compiled": compiled, "every": 500, "report": reports.append}
    parameters = rnn.model(data, dict(enumerate(ids)), ids, ITERATIONS + 1, **settings)
    return reports, parameters


def objects(data: str, compiled: bool) -> Trained:
    characters = sorted(set(data))
    ids = {character: index for index, character in enumerate(characters)}
    reports: list[rnn.Report] = []
    model = CharacterLanguageModel(vocab_size=len(ids))
    model.train(data, dict(enumerate(ids)), ids, ITERATIONS + 1, compiled=compiled, every=500, report=reports.append)
    return reports, {**model.parameters, "a_prev": model.a_prev}


@pytest.mark.parametrize(("edition", "last"), [(functions, "27.884160"), (objects, "27.950466")])
def test_both_editions_on_the_course_list(
    reference: Callable[[str], Path], edition: Callable[[str, bool], Trained], last: str
) -> None:
    data = reference("dinos.txt").read_text().lower()
    slow, expected = edition(data, False)
    fast, found = edition(data, True)
    assert [report.names for report in fast] == [report.names for report in slow]
    losses = [report.loss for report in fast]
    np.testing.assert_allclose(losses, [report.loss for report in slow], rtol=0, atol=TOLERANCE)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=TOLERANCE, err_msg=name)
    assert [f"{loss:.6f}" for loss in losses][::4] == ["23.087336", last]


@pytest.mark.parametrize(("name", "value"), [("Waa", np.nan), ("Wya", np.nan), ("by", np.inf)])
def test_nan_is_named_with_the_iteration(name: str, value: float) -> None:
    examples = invented_names(5, 6, 4, seed=1)
    parameters = initial_parameters(3, 4)
    parameters[name][1, 0] = value
    slow = {key: array.copy() for key, array in parameters.items()}
    with pytest.raises(ValueError, match="iteration 0: the gradient dWax holds NaN"):
        list(compiled.losses(examples, parameters, 20, maxValue=5, learning_rate=0.01))
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="the gradient dWax holds NaN"):
        rnn.optimize(*examples[0], np.zeros((3, 1)), slow)


def test_nan_that_comes_up_later_is_named_with_its_iteration() -> None:
    steps = compiled.losses(
        invented_names(5, 6, 4, 1), initial_parameters(3, 4), 9, maxValue=1e300, learning_rate=1e308
    )
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="iteration 1: the gradient dWax holds NaN"):
        list(steps)


def test_without_numba_one_line_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from mangosaurus.classic import model\n"
        "ids = {'\\n': 0, 'a': 1, 'b': 2}\n"
        "try: model('ab\\nba', dict(enumerate(ids)), ids, vocab_size=3, compiled=True)\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("the compiled loop needs Numba")
    assert 'pip install "mangosaurus[train]"' in done.stdout
    assert done.stderr == ""


def test_it_is_faster() -> None:
    """At least 3 times, in processor time, without compiling; benchmarks/classic.py measures how much faster it is."""
    examples = invented_names(97, 15, 27, seed=0)

    def seconds(iterations: int, loop: Callable[[int], object]) -> float:
        loop(1)
        start = time.process_time()
        loop(iterations)
        return (time.process_time() - start) / iterations

    def fast(iterations: int) -> object:
        return list(compiled.losses(examples, initial_parameters(50, 27), iterations, maxValue=5, learning_rate=0.01))

    slow = seconds(500, lambda count: numpy_losses(examples, initial_parameters(50, 27), count, np.zeros((50, 1))))
    assert slow > 3 * seconds(5000, fast)
