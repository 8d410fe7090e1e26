"""The poem generator of the exercise: its data, its drawing, its network and what it writes."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from examples import NAMES, random_window

from mangosaurus.classic.poem import QUESTION, PoemModel, build_data, generate_output, sample, vectorization
from mangosaurus.core.errors import MissingExtraError, OptionError, UnknownCharacterError

TEXT = "\n".join(NAMES)
INDICES = {character: index for index, character in enumerate(sorted(set(TEXT)))}


def small(dropout: float = 0.0, seed: int = 0) -> PoemModel:
    return PoemModel(len(INDICES), Tx=5, units=12, dropout=dropout, seed=seed)


def data() -> tuple[np.ndarray, np.ndarray]:
    X, Y = build_data(TEXT, Tx=5, stride=3)
    return vectorization(X, Y, len(INDICES), INDICES, Tx=5)


def test_windows_of_the_sonnets(reference: Callable[[str], Path]) -> None:
    text = reference("sonnets.txt").read_text(encoding="utf-8").lower()
    X, Y = build_data(text)
    assert len(X) == len(Y) == 31_412
    assert (X[1], Y[1]) == (text[3:43], text[43])


def test_a_text_no_longer_than_a_window_has_none() -> None:
    assert build_data("abcde", Tx=5) == ([], [])
    assert build_data("abcdef", Tx=5) == (["abcde"], ["f"])


def test_one_hot_rows() -> None:
    x, y = vectorization(["aab", "ba"], ["b", "c"], 3, {"a": 0, "b": 1, "c": 2}, Tx=3)
    assert x.dtype == y.dtype == bool
    np.testing.assert_array_equal(x[0], [[1, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(x[1], [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(y, [[0, 1, 0], [0, 0, 1]])
    with pytest.raises(KeyError, match="é"):
        vectorization(["é"], ["a"], 3, {"a": 0}, Tx=1)


def test_sample_draws_by_the_sharpened_probabilities() -> None:
    preds = np.array([0.5, 0.3, 0.0, 0.2], dtype=np.float32)
    np.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for temperature in (0.5, 1.0, 2.0):
            drawn = np.bincount([sample(preds, temperature) for _ in range(4000)], minlength=4) / 4000
            expected = preds.astype(float) ** (1 / temperature)
            np.testing.assert_allclose(drawn, expected / expected.sum(), atol=0.03)
            assert drawn[2] == 0
    assert isinstance(sample(preds), int)
    assert sample(np.array([0.0, 1.0]), 0.001) == 1


def test_sample_uses_numpys_generator_as_the_exercise_does() -> None:
    preds = np.full(38, 1 / 38, dtype=np.float32)
    np.random.seed(7)
    found = [sample(preds) for _ in range(20)]
    np.random.seed(7)
    expected = []
    for _ in range(20):
        one = np.random.multinomial(1, np.full(38, 1 / 38), 1)
        expected.append(int(np.random.choice(range(38), p=one.ravel())))
    assert found == expected


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_bad_temperature(temperature: float) -> None:
    with pytest.raises(OptionError, match="must be above 0"):
        sample(np.ones(3) / 3, temperature)


def test_the_network_is_the_exercise_s() -> None:
    model = PoemModel(38)
    assert (model.n_x, model.Tx) == (38, 40)
    layers = model.parameters.layers
    assert [(layer.cell, layer.dropout, len(layer.recurrent)) for layer in layers] == [("lstm", 0.5, 128)] * 2
    arrays = [array for layer in layers for array in (layer.kernel, layer.recurrent, layer.bias)]
    arrays += [model.parameters.output, model.parameters.output_bias]
    assert sum(array.size for array in arrays) == 221_990


def test_it_learns() -> None:
    x, y = data()
    model = small(dropout=0.1)
    before = model.predict(x)
    assert before.shape == y.shape
    np.testing.assert_allclose(before.sum(axis=1), 1)
    told: list[int] = []
    losses = model.fit(x, y, batch_size=4, epochs=15, on_epoch=lambda epoch: told.append(epoch.number))
    assert told == list(range(1, 16))
    assert len(losses) == 15
    assert losses[-1] < losses[0] - 0.1
    after = model.predict(x)
    assert -np.log(after[y]).mean() < -np.log(before[y]).mean() - 0.2


def test_the_same_seed_learns_the_same_and_epochs_differ() -> None:
    x, y = data()
    one, two = small(dropout=0.5), small(dropout=0.5)
    first = one.fit(x, y, on_epoch=lambda epoch: None)
    assert two.fit(x, y, on_epoch=lambda epoch: None) == first
    np.testing.assert_array_equal(one.parameters.output, two.parameters.output)


def test_it_prints_its_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    small().fit(*data())
    assert capsys.readouterr().out.startswith("Epoch 1/1: 0 s, loss 2.")


def test_a_model_from_elsewhere_predicts_and_learns_on() -> None:
    window = random_window("lstm", "tanh", "hard_sigmoid", dropout=0.5)
    text = "".join(NAMES)
    indices = {character: index for index, character in enumerate(window.vocabulary.characters)}
    x, y = vectorization(*build_data(text, 5), len(indices), indices, 5)
    model = PoemModel.of(window)
    ids = np.array([window.vocabulary.encode(row) for row in build_data(text, 5)[0]])
    np.testing.assert_allclose(model.predict(x), np.exp(window.log_probs((ids,))[:, 1:]))
    model.fit(x, y, on_epoch=lambda epoch: None)
    assert not np.array_equal(model.parameters.output, window.parameters.output)


def test_what_is_not_one_hot_is_refused() -> None:
    x, y = data()
    model = small()
    with pytest.raises(ValueError, match=r"x has shape \(5, 4, "):
        model.predict(x[:5, :4])
    with pytest.raises(ValueError, match="not one-hot"):
        model.predict(x | True)
    with pytest.raises(ValueError, match="not one-hot"):
        model.predict(0.5 * x)
    with pytest.raises(ValueError, match="y has shape"):
        model.fit(x, y[:-1])
    with pytest.raises(ValueError, match="one True in every row"):
        model.fit(x, y & False)


def test_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"mangosaurus\[train\]"):
        small().fit(*data())


def test_a_poem_is_what_predict_and_sample_make_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The exercise's own loop: the window shifted by hand, rows of zeros before a short beginning."""
    for beginning in ("", "Ann", "Anna\nhannah"):
        model = small(seed=3)
        np.random.seed(5)
        found = generate_output(model, INDICES, beginning, length=30)
        assert capsys.readouterr().out == found
        characters = sorted(INDICES)
        window = [INDICES[character] for character in beginning.lower()][-5:]
        window = [-1] * (5 - len(window)) + window
        np.random.seed(5)
        expected = beginning
        for _ in range(30):
            x = np.zeros((1, 5, len(INDICES)))
            for place, index in enumerate(window):
                if index >= 0:
                    x[0, place, index] = 1
            index = sample(model.predict(x)[0])
            window = [*window[1:], index]
            expected += characters[index]
        assert found == expected


def test_400_characters_follow_the_answer_to_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "Anna"

    monkeypatch.setattr("builtins.input", answer)
    assert len(generate_output(small(), INDICES)) == 404
    assert asked == [QUESTION]


def test_an_unknown_character_is_named_before_anything_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnknownCharacterError, match=r"'é' \(U\+00E9, .* number 4 of 'anné'"):
        generate_output(small(), INDICES, "Anné")
    assert capsys.readouterr().out == ""
