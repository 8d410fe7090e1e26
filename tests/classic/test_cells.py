"""The edition with objects: its published values, and its cells against the functions."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from course_values import CHAOS, CHAR_TO_IX, IX_TO_CHAR, OBJECTS_LOSSES, OBJECTS_NAMES, PRINTED

from mangosaurus.classic import rnn
from mangosaurus.classic.cells import CharacterLanguageModel, RnnCell
from mangosaurus.classic.rnn import Report

FEW_NAMES = ["abelisaurus", "brontosaurus", "mei", "zuniceratops", "yi", "kol", "triceratops", "gasosaurus"]


@pytest.mark.slow
def test_train(reference: Callable[[str], Path]) -> None:
    data = reference("dinos.txt").read_text().lower()
    reports: list[Report] = []
    model = CharacterLanguageModel(n_a=50, vocab_size=27)
    last = model.train(data, IX_TO_CHAR, CHAR_TO_IX, num_iterations=12001, report=reports.append)
    assert [report.iteration for report in reports] == list(range(0, 12001, 2000))
    assert [report.loss for report in reports[:-1]] == pytest.approx(OBJECTS_LOSSES[:-1], abs=PRINTED)
    assert reports[-1].loss == pytest.approx(OBJECTS_LOSSES[-1], abs=CHAOS)
    assert reports[-1].names == OBJECTS_NAMES
    assert last == reports[-1].loss


def test_cell_agrees_with_the_functions() -> None:
    random = np.random.RandomState(3)
    shapes = {"Wax": (4, 3), "Waa": (4, 4), "Wya": (3, 4), "ba": (4, 1), "by": (3, 1)}
    parameters = {name: random.randn(*shape) for name, shape in shapes.items()}
    x, ai, dy, da_next = random.randn(3, 1), random.randn(4, 1), random.randn(3, 1), random.randn(4, 1)
    cell = RnnCell(parameters)
    ao = cell.forward_pass(x, ai)
    a_next, p = rnn.rnn_step_forward(parameters, ai, x)
    np.testing.assert_array_equal(ao, a_next)
    np.testing.assert_array_equal(cell.predict(), p)

    dai = cell.backward_pass(np.dot(parameters["Wya"].T, dy) + da_next)
    gradients = {"d" + name: np.zeros(shape) for name, shape in shapes.items()} | {"da_next": da_next}
    gradients = rnn.rnn_step_backward(dy, gradients, parameters, x, ao, ai)
    np.testing.assert_allclose(dai, gradients["da_next"], rtol=1e-13)
    assert set(cell.gradients) == {"dWax", "dWaa", "dba"}
    for name, gradient in cell.gradients.items():
        np.testing.assert_allclose(gradient, gradients[name], rtol=1e-13)


def test_model_agrees_with_the_functions() -> None:
    model = CharacterLanguageModel(n_a=6, vocab_size=4)
    parameters = rnn.initialize_parameters(6, 4, 4)
    for X, Y in [([None, 2, 3], [2, 3, 0]), ([None, 1], [1, 0])]:
        a_prev = model.a_prev
        expected, cache = rnn.rnn_forward(X, Y, a_prev, parameters, vocab_size=4)
        gradients, a = rnn.rnn_backward(X, Y, parameters, cache)
        assert model.run_forward(X, Y) == pytest.approx(expected, abs=1e-14)
        np.testing.assert_array_equal(model.a_prev, a[len(X) - 1])
        for name, gradient in model.run_backwards(Y).items():
            np.testing.assert_allclose(gradient, gradients[name], atol=1e-15)
            np.testing.assert_array_equal(gradient, model.gradients[name])


def test_update_clips_to_one() -> None:
    model = CharacterLanguageModel(n_a=2, vocab_size=3)
    before = model.parameters["by"].copy()
    model.run_forward([None, 2], [2, 0])
    model.run_backwards([2, 0])["dby"][:] = [[7.0], [-7.0], [0.5]]
    model.update_parameters(learning_rate=0.1)
    np.testing.assert_allclose(model.parameters["by"] - before, [[-0.1], [0.1], [-0.05]])


def test_last_name_without_line_break_gets_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[int, ...]] = set()
    optimize = CharacterLanguageModel.optimize

    def spy(self: CharacterLanguageModel, X: list[int | None], Y: list[int], rate: float = 0.01) -> float:
        assert [None, *Y[:-1]] == X
        seen.add(tuple(Y))
        return optimize(self, X, Y, rate)

    monkeypatch.setattr(CharacterLanguageModel, "optimize", spy)
    without, with_end = {(1, 2, 0), (3,)}, {(1, 2, 0), (3, 0)}
    corpora: list[str | list[str]] = ["ab\nc", " ab\r\nc ", ["ab", "c"], ["ab\n", "c"], "ab\nc\n", ["ab\n", "c\n"]]
    for data, expected in zip(corpora, [without] * 4 + [with_end] * 2, strict=True):
        seen.clear()
        CharacterLanguageModel(2).train(data, IX_TO_CHAR, CHAR_TO_IX, 4, dino_names=0, report=lambda report: None)
        assert seen == expected


def test_sample() -> None:
    model = CharacterLanguageModel(n_a=2, vocab_size=3)
    model.parameters["by"][2] = 100.0
    carried = model.a_prev.copy()
    assert model.sample() == [2] * 50 + [0]
    assert model.sample(max_len=3) == [2, 2, 2, 0]
    assert model.sample(eos=2, seed=5) == [2]
    np.testing.assert_array_equal(model.a_prev, carried)
    for arguments, message in [({"eos": 3}, "eos is 3; allowed is 0 to 2"), ({"max_len": 0}, "max_len is 0")]:
        with pytest.raises(ValueError, match=message):
            model.sample(**arguments)


def test_bad_settings() -> None:
    model = CharacterLanguageModel()
    with pytest.raises(ValueError, match=r"learning_rate is 0\.0; it must be above 0"):
        model.train(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 1, learning_rate=0.0)
    with pytest.raises(ValueError, match="every is 0; it must be 1 or more"):
        model.train(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 1, every=0)
    with pytest.raises(ValueError, match="X has 1 symbols and Y has 2"):
        model.optimize([None], [1, 0])
    with pytest.raises(ValueError, match="vocab_size is 26, but char_to_ix has 27"):
        CharacterLanguageModel(vocab_size=26).train(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 1)


def test_nan_is_named_with_the_iteration() -> None:
    model = CharacterLanguageModel(n_a=3)
    model.parameters["Waa"][1, 2] = np.nan
    with pytest.raises(ValueError, match="iteration 0: the gradient dWax holds NaN"):
        model.train(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 5, report=lambda report: None)
