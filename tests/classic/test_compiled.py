"""The compiled loops against the NumPy ones: within 1e-9 for the first 2,000 iterations of both editions."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mangosaurus.classic import compiled, rnn
from mangosaurus.classic.cells import CharacterLanguageModel
from mangosaurus.classic.examples import Example
from mangosaurus.classic.parameters import Parameters
from mangosaurus.classic.report import Report

ITERATIONS = 2000
TOLERANCE = 1e-9


def invented_names(count: int, longest: int, vocab_size: int, seed: int) -> list[list[int]]:
    """Names without a meaning, so that these tests need no file: ids 1 … vocab_size - 1, then END."""
    random = np.random.RandomState(seed)
    return [[*random.randint(1, vocab_size, random.randint(1, longest + 1)).tolist(), 0] for _ in range(count)]


def examples_of(names: list[list[int]]) -> list[Example]:
    return [([None, *name[:-1]], name) for name in names]


def losses_in_numpy(
    examples: list[Example], parameters: Parameters, iterations: int, bound: float, a_prev: Any
) -> Iterator[float]:
    for iteration in range(iterations):
        X, Y = examples[iteration % len(examples)]
        loss, cache = rnn.rnn_forward(X, Y, a_prev, parameters, vocab_size=len(parameters["by"]))
        gradients, a = rnn.rnn_backward(X, Y, parameters, cache)
        rnn.update_parameters(parameters, rnn.clip(gradients, bound), 0.01)
        a_prev[:] = a[len(X) - 1]
        yield loss


@pytest.mark.parametrize("bias", ["b", "ba"])
@pytest.mark.parametrize(
    ("n_a", "vocab_size", "longest", "iterations"),
    [
        (50, 27, 15, ITERATIONS),
        (1, 2, 3, 50),
        (8, 9, 40, 50),
        (67, 70, 20, 50),
        (128, 16, 5, 50),
        (6, 5, 3000, 3),
    ],
)
def test_equal_losses_and_parameters(bias: str, n_a: int, vocab_size: int, longest: int, iterations: int) -> None:
    examples = examples_of(invented_names(97, longest, vocab_size, seed=n_a))
    slow, fast = (
        {
            name if name != "b" else bias: array
            for name, array in rnn.initialize_parameters(n_a, vocab_size, vocab_size).items()
        }
        for _ in range(2)
    )
    a_slow, a_fast = np.full((n_a, 1), 0.1), np.full((n_a, 1), 0.1)
    expected = list(losses_in_numpy(examples, slow, iterations, 5, a_slow))
    found = list(compiled.losses(examples, fast, iterations, every=700, maxValue=5, learning_rate=0.01, a_prev=a_fast))
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(a_fast, a_slow, rtol=0, atol=TOLERANCE)
    assert set(fast) == set(slow)
    for name, array in slow.items():
        np.testing.assert_allclose(fast[name], array, rtol=0, atol=TOLERANCE, err_msg=name)


def test_parameters_are_up_to_date_when_a_report_is_due() -> None:
    examples = examples_of(invented_names(5, 6, 4, seed=1))
    slow, fast = (rnn.initialize_parameters(3, 4, 4) for _ in range(2))
    steps = compiled.losses(examples, fast, 8, every=3, maxValue=5, learning_rate=0.01)
    for iteration, _ in enumerate(losses_in_numpy(examples, slow, 8, 5, np.zeros((3, 1)))):
        next(steps)
        if iteration in (0, 3, 6, 7):
            np.testing.assert_allclose(fast["Wya"], slow["Wya"], rtol=0, atol=1e-12)
    assert next(steps, None) is None


def test_both_editions_on_the_course_list(reference: Callable[[str], Path]) -> None:
    data = reference("dinos.txt").read_text().lower()
    characters = sorted(set(data))
    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))

    def of_functions(use_numba: bool) -> tuple[list[Report], Parameters]:
        reports: list[Report] = []
        parameters = rnn.model(
            data, ix_to_char, char_to_ix, ITERATIONS + 1, compiled=use_numba, every=500, report=reports.append
        )
        return reports, parameters

    def of_objects(use_numba: bool) -> tuple[list[Report], Parameters]:
        reports: list[Report] = []
        model = CharacterLanguageModel()
        model.train(data, ix_to_char, char_to_ix, ITERATIONS + 1, compiled=use_numba, every=500, report=reports.append)
        return reports, {**model.parameters, "a_prev": model.a_prev}

    for edition in (of_functions, of_objects):
        slow, expected = edition(False)
        fast, found = edition(True)
        assert [report.names for report in fast] == [report.names for report in slow]
        np.testing.assert_allclose(
            [report.loss for report in fast], [report.loss for report in slow], rtol=0, atol=TOLERANCE
        )
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=0, atol=TOLERANCE, err_msg=name)
    assert [f"{report.loss:.6f}" for report in fast][::4] == ["23.087336", "27.950466"]


def test_exp_and_tanh() -> None:
    x = np.concatenate([np.linspace(-700, 700, 4001), np.linspace(-3, 3, 4001), [0.0, -0.0, 1e-300]])
    # Units in the last place: the C library's functions, too, are off by up to one, on every processor another way.
    within = 3 * np.finfo(np.float64).eps
    np.testing.assert_allclose([compiled.exp(value) for value in x], [math.exp(v) for v in x], rtol=within, atol=0)
    np.testing.assert_allclose([compiled.tanh(value) for value in x], [math.tanh(v) for v in x], rtol=0, atol=within)
    assert compiled.tanh(0.0) == 0.0
    assert compiled.tanh(np.inf) == 1.0
    assert compiled.tanh(-np.inf) == -1.0
    assert np.isnan(compiled.exp(np.nan))
    assert np.isnan(compiled.tanh(np.nan))


@pytest.mark.parametrize(
    ("name", "value", "gradient"), [("Waa", np.nan, "dWax"), ("Wya", np.nan, "dWax"), ("by", np.inf, "dWax")]
)
def test_nan_is_named_with_the_iteration(name: str, value: float, gradient: str) -> None:
    examples = examples_of(invented_names(5, 6, 4, seed=1))
    parameters = rnn.initialize_parameters(3, 4, 4)
    steps = compiled.losses(examples, parameters, 20, every=3, maxValue=5, learning_rate=0.01)
    for _ in range(4):
        next(steps)
    parameters = {key: array.copy() for key, array in parameters.items()}
    parameters[name][1, 0] = value
    slow = {key: array.copy() for key, array in parameters.items()}
    with pytest.raises(ValueError, match=f"iteration 0: the gradient {gradient} holds NaN"):
        list(compiled.losses(examples, parameters, 20, every=3, maxValue=5, learning_rate=0.01))
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=f"the gradient {gradient} holds NaN"):
        rnn.optimize(*examples[0], np.zeros((3, 1)), slow)


def test_nan_that_comes_up_later_is_named_with_its_iteration() -> None:
    examples = examples_of(invented_names(5, 6, 4, seed=1))
    for every in (1, 2, 1000):
        parameters = rnn.initialize_parameters(3, 4, 4)
        with pytest.raises(ValueError, match="iteration 1: the gradient dWax holds NaN"):
            list(compiled.losses(examples, parameters, 9, every=every, maxValue=1e300, learning_rate=1e308))


def test_without_numba_one_line_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from mangosaurus.classic import rnn\n"
        "ids = {'\\n': 0, 'a': 1, 'b': 2}\n"
        "try: rnn.model('ab\\nba', dict(enumerate(ids)), ids, vocab_size=3, compiled=True)\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("the compiled loop needs Numba")
    assert 'pip install "mangosaurus[train]"' in done.stdout
    assert done.stderr == ""


def test_first_call_and_cache(tmp_path: Path) -> None:
    """At most 8 s to compile and run, and 1 s with what the first call left on disk; processor time."""
    code = (
        "import time\n"
        "from mangosaurus.classic import rnn\n"
        "start = time.process_time()\n"
        "ids = {'\\n': 0, 'a': 1, 'b': 2}\n"
        "rnn.model('ab\\nba', dict(enumerate(ids)), ids, 1, vocab_size=3, dino_names=0, compiled=True,\n"
        "          report=lambda report: None)\n"
        "print(time.process_time() - start)\n"
    )
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    first, second = (
        float(
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
            ).stdout
        )
        for _ in range(2)
    )
    assert any(tmp_path.rglob("*.nbc"))
    assert first < 16, "twice the 8 s that benchmarks/classic.py measures on a quiet machine"
    assert second < 2
    assert second < first / 3
