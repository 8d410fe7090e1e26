"""The exercise's published values. Nine digits where it prints nine; its losses to six decimals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from course_values import (
    CHAOS,
    CHAR_TO_IX,
    CLIPPED,
    FUNCTIONAL_LOSSES,
    FUNCTIONAL_NAMES,
    INDICES,
    IX_TO_CHAR,
    OPTIMIZED,
    PRINTED,
)

from mangosaurus.classic import rnn
from mangosaurus.classic.parameters import Parameters
from mangosaurus.classic.rnn import Report

NINE = 5e-10  # half of the ninth decimal


def random_parameters(n_a: int, vocab_size: int, bias: str = "b") -> Parameters:
    """Normal numbers in the order in which the exercise's checks draw them."""
    drawn = {
        "Wax": np.random.randn(n_a, vocab_size),
        "Waa": np.random.randn(n_a, n_a),
        "Wya": np.random.randn(vocab_size, n_a),
    }
    return drawn | {bias: np.random.randn(n_a, 1), "by": np.random.randn(vocab_size, 1)}


@pytest.mark.parametrize("bias", ["db", "dba"])
@pytest.mark.parametrize("bound", CLIPPED)
def test_clip(bias: str, bound: int) -> None:
    np.random.seed(3)
    gradients = {
        "dWax": np.random.randn(5, 3) * 10,
        "dWaa": np.random.randn(5, 5) * 10,
        "dWya": np.random.randn(2, 5) * 10,
        bias: np.random.randn(5, 1) * 10,
        "dby": np.random.randn(2, 1) * 10,
    }
    kept = gradients["dWaa"]
    clipped = rnn.clip(gradients, bound)
    expected = CLIPPED[bound]
    assert clipped["dWaa"][1][2] == expected['gradients["dWaa"][1][2]']
    assert clipped["dWax"][3][1] == expected['gradients["dWax"][3][1]']
    assert clipped["dWya"][1][2] == pytest.approx(expected['gradients["dWya"][1][2]'], abs=NINE)
    assert clipped[bias][4, 0] == expected['gradients["db"][4]']
    assert clipped["dby"][1, 0] == pytest.approx(expected['gradients["dby"][1]'], abs=5e-9)
    assert kept[1][2] == expected['gradients["dWaa"][1][2]'], "clip works in place"


@pytest.mark.parametrize("bias", ["b", "ba"])
def test_optimize(bias: str) -> None:
    np.random.seed(1)
    a_prev = np.random.randn(100, 1)
    parameters = random_parameters(100, 27, bias)
    before = {name: array.copy() for name, array in parameters.items()}
    X, Y = [12, 3, 5, 11, 22, 3], [4, 14, 11, 22, 25, 26]
    loss, gradients, a_last = rnn.optimize(X, Y, a_prev, parameters, learning_rate=0.01)
    assert loss == pytest.approx(OPTIMIZED["loss"], abs=NINE)
    assert gradients["dWaa"][1][2] == pytest.approx(OPTIMIZED['gradients["dWaa"][1][2]'], abs=NINE)
    assert np.argmax(gradients["dWax"]) == OPTIMIZED['np.argmax(gradients["dWax"])']
    assert gradients["dWya"][1][2] == pytest.approx(OPTIMIZED['gradients["dWya"][1][2]'], abs=NINE)
    assert gradients["d" + bias][4, 0] == pytest.approx(OPTIMIZED['gradients["db"][4]'], abs=5e-9)
    assert gradients["dby"][1, 0] == pytest.approx(OPTIMIZED['gradients["dby"][1]'], abs=5e-9)
    assert a_last[4, 0] == pytest.approx(OPTIMIZED["a_last[4]"], abs=5e-9)
    assert set(gradients) == {"dWax", "dWaa", "dWya", "d" + bias, "dby"}
    assert set(parameters) == set(before), "the bias keeps its key"
    for name, array in parameters.items():
        np.testing.assert_array_equal(array, before[name] - 0.01 * gradients["d" + name])


@pytest.mark.parametrize("bias", ["b", "ba"])
def test_sample(bias: str) -> None:
    np.random.seed(2)
    parameters = random_parameters(100, 27, bias)
    indices = rnn.sample(parameters, CHAR_TO_IX, 0)
    assert indices[:43] == INDICES
    assert len(indices) <= 51
    assert indices[-1] == 0


def test_sample_of_another_edition() -> None:
    np.random.seed(24)
    indices = rnn.sample(random_parameters(100, 27), CHAR_TO_IX, 0)
    assert indices[:6] == [23, 16, 26, 26, 24, 3]


@pytest.mark.slow
def test_model(
    reference: Callable[[str], Path],
) -> None:
    data = reference("dinos.txt").read_text().lower()
    reports: list[Report] = []
    rnn.model(data, IX_TO_CHAR, CHAR_TO_IX, 14001, report=reports.append)
    assert [report.iteration for report in reports] == list(range(0, 14001, 2000))
    assert [report.loss for report in reports[:-1]] == pytest.approx(FUNCTIONAL_LOSSES[:-1], abs=PRINTED)
    assert reports[-1].loss == pytest.approx(FUNCTIONAL_LOSSES[-1], abs=CHAOS)
    assert reports[1].names == FUNCTIONAL_NAMES


def test_model_prints_as_the_exercise_does(
    reference: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = reference("dinos.txt").read_text().lower().split("\n")
    rnn.model(names, IX_TO_CHAR, CHAR_TO_IX, 1, dino_names=7, verbose=True)
    example = "\n".join(
        [
            "j =  0 idx =  0",
            "single_example = turiasaurus",
            "single_example_chars ['t', 'u', 'r', 'i', 'a', 's', 'a', 'u', 'r', 'u', 's']",
            "single_example_ix [20, 21, 18, 9, 1, 19, 1, 21, 18, 21, 19]",
            " X =  [None, 20, 21, 18, 9, 1, 19, 1, 21, 18, 21, 19] ",
            " Y =        [20, 21, 18, 9, 1, 19, 1, 21, 18, 21, 19, 0] ",
            "",
            "Iteration: 0, Loss: 23.087336",
            "",
            "Nkzxwtdmfqoeyhsqwasjkjvu",
            "Kneb",
            "Kzxwtdmfqoeyhsqwasjkjvu",
            "Neb",
            "Zxwtdmfqoeyhsqwasjkjvu",
            "Eb",
            "Xwtdmfqoeyhsqwasjkjvu",
            "\n\n",
        ]
    )
    assert capsys.readouterr().out == example
