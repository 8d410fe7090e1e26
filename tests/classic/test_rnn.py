"""The exercise's functions: derived values and bad input."""

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np
import pytest
from course_values import CHAR_TO_IX, IX_TO_CHAR

from mangosaurus import classic
from mangosaurus.classic import rnn
from mangosaurus.classic.cells import CharacterLanguageModel
from mangosaurus.classic.parameters import Parameters, check_parameters
from mangosaurus.classic.rnn import Report

FEW_NAMES = ["abelisaurus", "brontosaurus", "mei", "zuniceratops", "yi", "kol", "triceratops", "gasosaurus"]


def small_parameters() -> Parameters:
    random = np.random.RandomState(5)
    shapes = {"Wax": (4, 3), "Waa": (4, 4), "Wya": (3, 4), "b": (4, 1), "by": (3, 1)}
    return {name: random.randn(*shape) for name, shape in shapes.items()}


def test_softmax() -> None:
    e = np.e
    np.testing.assert_allclose(rnn.softmax(np.array([[0.0], [1.0]])), [[1 / (1 + e)], [e / (1 + e)]])
    np.testing.assert_allclose(rnn.softmax(np.array([[0.0, 1e4], [np.log(3), 0.0]])), [[0.25, 1.0], [0.75, 0.0]])


def test_step_forward_by_hand() -> None:
    parameters = {
        "Wax": np.array([[1.0, 2.0]]),
        "Waa": np.array([[3.0]]),
        "Wya": np.array([[1.0], [0.0]]),
        "ba": np.array([[0.25]]),
        "by": np.array([[0.0], [0.5]]),
    }
    a_next, p = rnn.rnn_step_forward(parameters, np.array([[0.1]]), np.array([[0.0], [1.0]]))
    a = np.tanh(2.0 + 0.3 + 0.25)
    assert a_next[0, 0] == pytest.approx(a, abs=1e-15)
    assert p[0, 0] == pytest.approx(np.exp(a) / (np.exp(a) + np.exp(0.5)), abs=1e-15)


def test_sample_stops_at_fifty_and_adds_the_end() -> None:
    parameters = {name: np.zeros_like(array) for name, array in small_parameters().items()}
    parameters["by"][2] = 100.0  # never the END
    assert rnn.sample(parameters, {"\n": 0, "a": 1, "b": 2}, 0) == [2] * 50 + [0]
    parameters["by"][0] = 300.0  # at once the END
    assert rnn.sample(parameters, {"\n": 0, "a": 1, "b": 2}, 0) == [0]


def test_small_functions(capsys: pytest.CaptureFixture[str]) -> None:
    assert rnn.get_initial_loss(27, 7) == pytest.approx(7 * np.log(27), abs=1e-12)
    assert rnn.smooth(10.0, 20.0) == pytest.approx(10.01, abs=1e-12)
    assert rnn.get_sample([1, 2, 0], {0: "\n", 1: "a", 2: "b"}) == "Ab\n"
    assert rnn.get_sample([], {}) == ""
    rnn.print_sample([2, 1, 0], {0: "\n", 1: "a", 2: "b"})
    assert capsys.readouterr().out == "Ba\n"


def test_string_and_list_train_alike() -> None:
    corpora: list[str | Sequence[str]] = [
        FEW_NAMES,
        [name + "\n" for name in FEW_NAMES],
        "\n".join(FEW_NAMES),
        "\n".join(FEW_NAMES) + "\n",
    ]
    learned = [rnn.model(corpus, IX_TO_CHAR, CHAR_TO_IX, 20, n_a=5, report=lambda report: None) for corpus in corpora]
    for other in learned[1:]:
        for name in learned[0]:
            np.testing.assert_array_equal(other[name], learned[0][name])


def test_the_course_s_names_are_imported_from_the_package() -> None:
    """The functions of Coursera's exercise, and those of its utils.py."""
    course = "clip sample optimize model softmax smooth print_sample get_sample get_initial_loss initialize_parameters"
    course += " rnn_step_forward rnn_step_backward rnn_forward rnn_backward update_parameters"
    assert {name for name, value in vars(classic).items() if callable(value)} == set(course.split())
    for name in course.split():
        assert getattr(classic, name) is getattr(rnn, name)
    assert list(signature(classic.clip).parameters) == ["gradients", "maxValue"]
    assert list(signature(classic.sample).parameters) == ["parameters", "char_to_ix", "seed"]
    assert list(signature(classic.optimize).parameters) == ["X", "Y", "a_prev", "parameters", "learning_rate"]


def test_editions_that_return_something_else() -> None:
    mine, theirs = rnn.initialize_parameters(4, 27, 27), rnn.initialize_parameters(4, 27, 27)
    a0 = np.zeros((4, 1))
    loss, _, a = rnn.optimize([None, 5], [5, 0], a0, mine)
    loss_too, returned, a_too = rnn.optimize_returning_parameters([None, 5], [5, 0], a0, theirs)
    assert returned is theirs
    assert loss_too == loss
    np.testing.assert_array_equal(a_too, a)
    np.testing.assert_array_equal(theirs["Waa"], mine["Waa"])

    reports: list[Report] = []
    parameters, name = rnn.model_returning_last_name(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 3, n_a=4, report=reports.append)
    assert name == reports[-1].names[-1] + "\n"
    assert set(parameters) == {"Wax", "Waa", "Wya", "b", "by"}


@pytest.mark.parametrize("train", [rnn.model, CharacterLanguageModel().train])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["ab", "C"], "character 'C' of 'C' is not in char_to_ix"),
        (["ab", "", "c"], "name 1 .* is empty"),
        ("ab\n\ncd", "name 1 .* is empty"),
        ("ab\ncd\n\n", "name 2 .* is empty"),
        (["ab", "c", " "], "name 2 .* is empty"),
        (["ab\n", "\n"], "name 1 .* is empty"),
        (["ab\ncd", "e"], r"name 0 is 'ab\\ncd', with a line break in it"),
        (["ab"], r"holds 1 name\(s\); at least 2"),
        ("ab\n", r"holds 1 name\(s\); at least 2"),
        ([], r"holds 0 name\(s\); at least 2"),
        ("", r"holds 1 name\(s\); at least 2"),
    ],
)
def test_bad_corpora(data: str | list[str], message: str, train: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match=message):
        train(data, IX_TO_CHAR, CHAR_TO_IX, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_iterations": -1}, "num_iterations is -1; it must be 0 or more"),
        ({"dino_names": -1}, "dino_names is -1"),
        ({"every": 0}, "every is 0; it must be 1 or more"),
        ({"n_a": 0}, "n_a is 0; it must be 1 or more"),
        ({"vocab_size": 26}, "vocab_size is 26, but char_to_ix has 27 characters; pass vocab_size=27"),
        ({"char_to_ix": {"a": 0, "b": 1}, "vocab_size": 2}, r"has no '\\n'"),
        ({"char_to_ix": {"\n": 0, "b": 2}, "vocab_size": 2}, r"char_to_ix\['b'\] is 2; allowed is 0 to 1"),
        ({"char_to_ix": {"\n": 0, "b": 1}, "vocab_size": 2}, r"ix_to_char\[1\] is 'a'"),
    ],
)
def test_bad_settings(changes: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"ix_to_char": IX_TO_CHAR, "char_to_ix": CHAR_TO_IX, "num_iterations": 1}
    with pytest.raises(ValueError, match=message):
        rnn.model(FEW_NAMES, **(settings | changes))


@pytest.mark.parametrize("bound", [0, -1.0, float("nan")])
def test_clip_refuses_its_bound(bound: float) -> None:
    with pytest.raises(ValueError, match=f"maxValue is {bound}; it must be above 0"):
        rnn.clip({"dWaa": np.ones((2, 2))}, bound)


def test_clip_refuses_nan_and_bounds_infinity() -> None:
    gradients = {"dWaa": np.array([[np.inf, -np.inf]]), "dby": np.array([[1.0], [np.nan]])}
    with pytest.raises(ValueError, match="the gradient dby holds NaN"):
        rnn.clip(gradients, 5)
    np.testing.assert_array_equal(gradients["dWaa"], [[5.0, -5.0]])
    large = {"dWaa": np.array([[1e300, 1e200]])}
    np.testing.assert_array_equal(rnn.clip(large, 1e250)["dWaa"], [[1e250, 1e200]])


def test_nan_is_named_with_the_iteration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backward = rnn.rnn_backward
    calls = 0

    def spoiled(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        gradients, a = backward(*arguments)
        if calls == 4:
            gradients["dWya"][2, 1] = np.nan
        return gradients, a

    monkeypatch.setattr(rnn, "rnn_backward", spoiled)
    with pytest.raises(ValueError, match="iteration 3: the gradient dWya holds NaN"):
        rnn.model(FEW_NAMES, IX_TO_CHAR, CHAR_TO_IX, 10, report=lambda report: None)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("Waa", (5, 4), r"disagree: they are Waa \(5, 4\), .*; needed are Waa \(n_a, n_a\)"),
        ("Wax", (5, 3), r"Wax \(5, 3\)"),
        ("Wya", (3, 5), r"Wya \(3, 5\)"),
        ("b", (4,), r"b \(4,\).*needed.* b \(n_a, 1\)"),
        ("b", (3, 1), r"b \(3, 1\)"),
        ("by", (4, 1), "by|Wya"),
        ("Wya", (3,), r"Wya \(3,\)"),
        ("Wax", (4,), r"Wax \(4,\)"),
    ],
)
def test_shapes_that_disagree(name: str, shape: tuple[int, ...], message: str) -> None:
    parameters = small_parameters() | {name: np.zeros(shape)}
    a0 = np.zeros((4, 1))
    with pytest.raises(ValueError, match=message):
        rnn.rnn_forward([None], [0], a0, parameters, vocab_size=3)
    with pytest.raises(ValueError, match=message):
        rnn.optimize([None], [0], a0, parameters)
    with pytest.raises(ValueError, match=message):
        rnn.sample(parameters, {"\n": 0}, 0)


def test_missing_arrays() -> None:
    parameters = small_parameters()
    assert check_parameters(parameters) == (4, 3, 3)
    del parameters["b"]
    with pytest.raises(ValueError, match="the hidden bias is missing; name it 'b' or 'ba'"):
        check_parameters(parameters)
    parameters["ba"] = np.zeros((4, 1))
    del parameters["by"]
    with pytest.raises(ValueError, match=r"missing are \['by'\]"):
        check_parameters(parameters)


@pytest.mark.parametrize(
    ("X", "Y", "size", "rows", "message"),
    [
        ([None, 1], [1], 3, 4, "X has 2 symbols and Y has 1"),
        ([], [], 3, 4, "X has 0 symbols"),
        ([None, 3], [1, 0], 3, 4, "hold the id 3; allowed is 0 to 2"),
        ([None, 1], [1, -1], 3, 4, "hold the id -1; allowed is 0 to 2"),
        ([None, 1], [1, 0], 27, 4, "vocab_size=27"),
        ([None, 1], [1, 0], 3, 5, r"a0 must have shape \(4, 1\)"),
    ],
)
def test_forward_refuses(X: list[int | None], Y: list[int], size: int, rows: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rnn.rnn_forward(X, Y, np.zeros((rows, 1)), small_parameters(), vocab_size=size)
