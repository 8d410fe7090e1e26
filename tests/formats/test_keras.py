"""The layouts of Keras 1 and 2 against a plain computation; what cannot be computed is refused by its name.

The last tests import such a file, in Python and on the command line.
"""

from __future__ import annotations

import builtins
import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from commands import run
from keras_files import (
    STEPS,
    SYMBOLS,
    Weights,
    all_windows,
    archive,
    dense,
    draw,
    layer,
    lstm,
    one_hot,
    small_layers,
    small_weights,
    softmax,
    write,
)

import mangosaurus
from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import CorpusError, MissingExtraError, ModelFileError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.read import corpus_of
from mangosaurus.formats.keras.reader import join_corpus, read_here
from mangosaurus.formats.keras.sandbox import read_keras
from mangosaurus.models.window import WindowModel


def predicted(path: Path) -> FloatArray:
    """What a file's model predicts of all windows, END left out."""
    model = WindowModel(Vocabulary("abcde"), read_here(path).parameters)
    found: FloatArray = np.exp(model.log_probs((all_windows(),)))[:, 1:]
    return found


def hard(x: FloatArray) -> FloatArray:
    clipped: FloatArray = np.clip(0.2 * x + 0.5, 0, 1)
    return clipped


def by_gate(words: str, units: int = 3, inputs: int = SYMBOLS) -> Weights:
    """Keras 1's three arrays a gate, in the order of `words`."""
    found = []
    for number, word in enumerate(words):
        found.append((f"W_{word}", draw(3 * number, inputs, units)))
        found.append((f"U_{word}", draw(3 * number + 1, units, units)))
        found.append((f"b_{word}", draw(3 * number + 2, units)))
    return found


def test_keras_1_lstm_of_twelve_arrays(tmp_path: Path) -> None:
    weights = by_gate("icfo")
    layers = [
        layer(
            "LSTM",
            "lstm_1",
            output_dim=3,
            inner_activation="hard_sigmoid",
            activation="tanh",
            input_dim=SYMBOLS,
            input_length=STEPS,
            return_sequences=False,
            go_backwards=False,
            stateful=False,
            dropout_W=0.1,
            dropout_U=0.0,
            consume_less="cpu",
        ),
        layer("Dropout", "dropout_1", p=0.5),
        layer("Dense", "dense_1", output_dim=SYMBOLS, activation="linear", bias=True),
        layer("Activation", "activation_1", activation="softmax"),
    ]
    output = dense(3, SYMBOLS)
    path = write(tmp_path / "one.h5", layers, {"lstm_1": weights, "dense_1": output}, version="1.2.2")
    kept = dict(weights)
    h = c = np.zeros((len(all_windows()), 3))
    for x in one_hot(all_windows()).transpose(1, 0, 2):
        gate = {word: x @ kept[f"W_{word}"] + h @ kept[f"U_{word}"] + kept[f"b_{word}"] for word in "icfo"}
        c = hard(gate["f"]) * c + hard(gate["i"]) * np.tanh(gate["c"])
        h = hard(gate["o"]) * np.tanh(c)
    np.testing.assert_allclose(predicted(path), softmax(h @ output[0][1] + output[1][1]), atol=1e-6)
    read = read_here(path)
    assert (read.version, read.parameters.window) == ("1.2.2", STEPS)
    assert read.parameters.layers[0].dropout == 0.5


def test_keras_1_gru_of_nine_arrays_and_no_version(tmp_path: Path) -> None:
    weights = by_gate("zrh")
    layers = [
        layer("GRU", "gru_1", output_dim=3, inner_activation="hard_sigmoid", batch_input_shape=[None, STEPS, SYMBOLS]),
        layer("Dense", "dense_1", output_dim=SYMBOLS, activation="softmax"),
    ]
    output = dense(3, SYMBOLS)
    path = write(tmp_path / "one.h5", layers, {"gru_1": weights, "dense_1": output}, version=None)
    kept = dict(weights)
    h = np.zeros((len(all_windows()), 3))
    for x in one_hot(all_windows()).transpose(1, 0, 2):
        z = hard(x @ kept["W_z"] + h @ kept["U_z"] + kept["b_z"])
        r = hard(x @ kept["W_r"] + h @ kept["U_r"] + kept["b_r"])
        h = z * h + (1 - z) * np.tanh(x @ kept["W_h"] + (r * h) @ kept["U_h"] + kept["b_h"])
    np.testing.assert_allclose(predicted(path), softmax(h @ output[0][1] + output[1][1]), atol=1e-6)
    assert read_here(path).version == "1"


def test_keras_2_lstms_and_names_of_any_suffix(tmp_path: Path) -> None:
    layers = [
        layer("LSTM", "a", units=3, return_sequences=True, use_bias=False, batch_input_shape=[None, STEPS, SYMBOLS]),
        layer("LSTM", "b", units=2, activation="relu", recurrent_activation="sigmoid"),
        layer("Dense", "c", units=SYMBOLS, activation="softmax", use_bias=False),
    ]
    lower, upper, output = lstm(SYMBOLS, 3)[:2], lstm(3, 2, 10), dense(2, SYMBOLS)[:1]
    named = [(f"cell/of:{number}", array) for number, (_, array) in enumerate(upper)]
    path = write(tmp_path / "two.h5", layers, {"a": lower, "b": named, "c": output}, version="2.2.4-tf")
    h, c = np.zeros((2, len(all_windows()), 3))
    k, e = np.zeros((2, len(all_windows()), 2))
    for x in one_hot(all_windows()).transpose(1, 0, 2):
        i, f, g, o = np.split(x @ lower[0][1] + h @ lower[1][1], 4, axis=1)
        c = hard(f) * c + hard(i) * np.tanh(g)
        h = hard(o) * np.tanh(c)
        i, f, g, o = np.split(h @ upper[0][1] + k @ upper[1][1] + upper[2][1], 4, axis=1)
        e = e / (1 + np.exp(-f)) + np.maximum(g, 0) / (1 + np.exp(-i))
        k = np.maximum(e, 0) / (1 + np.exp(-o))
    np.testing.assert_allclose(predicted(path), softmax(k @ output[0][1]), atol=1e-6)


def test_what_a_gru_leaves_unsaid_is_what_its_version_meant(tmp_path: Path) -> None:
    for version, rows, meant in (("2.1.0", (9,), ("hard_sigmoid", False)), ("3.0.0", (2, 9), ("sigmoid", True))):
        weights = {
            "gru": [("k", draw(1, SYMBOLS, 9)), ("r", draw(2, 3, 9)), ("b", draw(3, *rows))],
            "dense": dense(3, SYMBOLS),
        }
        layers = [layer("GRU", "gru", units=3, batch_input_shape=[None, STEPS, SYMBOLS]), small_layers()[1]]
        (read,) = read_here(write(tmp_path / "gru.h5", layers, weights, version)).parameters.layers
        assert (read.recurrent_activation, read.reset_after) == meant
        np.testing.assert_array_equal(
            np.stack([read.bias, read.recurrent_bias])[: len(rows)].ravel(), draw(3, *rows).ravel()
        )


LSTM, DENSE = small_layers()
REFUSED: list[tuple[list[dict[str, Any]], str]] = [
    (small_layers(go_backwards=True), "has go_backwards, which is not read"),
    (small_layers(stateful=True), "has stateful"),
    (small_layers(return_state=True), "has return_state"),
    (small_layers(stateful=1), "has stateful 1, neither true nor false"),
    (small_layers(return_sequences=True), "'dense' stands on every step of 'lstm'"),
    (small_layers(activation="swish"), "'lstm' has the activation 'swish'; known are linear, relu"),
    (small_layers(activation={"class_name": "Lambda"}), "has the activation {'class_name': 'Lambda'}"),
    (small_layers(recurrent_activation="hard_sigmoid_sixth"), "has the recurrent_activation 'hard_sigmoid_sixth'"),
    (small_layers(units=4), r"has shape \(5, 12\), and the layer's description says \(5, 16\)"),
    (small_layers(units=True), "has units True; it must be 1 or more"),
    (small_layers(units=10**30), "at most 64 layers and 50,000,000 parameters"),
    (small_layers(use_bias=False), "the layer 'lstm' has 3 arrays, and its description needs 2"),
    (small_layers(batch_input_shape=[None, None, SYMBOLS]), "no fixed number of steps"),
    (small_layers(batch_input_shape=[None, 10**9, SYMBOLS]), "has 1,000,000,000 steps"),
    (small_layers(batch_input_shape=[None, STEPS]), r"the input has shape \[None, 4\]"),
    (small_layers(batch_input_shape=None), "does not say how many characters it reads"),
    (small_layers(batch_input_shape=[None, STEPS, 7]), "reads 7 characters and predicts 5"),
    ([layer("Lambda", "trick", function="cos\nsystem"), LSTM, DENSE], "the 'Lambda' layer 'trick' is not read"),
    ([layer("Embedding", "e", input_dim=5), LSTM, DENSE], "the 'Embedding' layer 'e'"),
    ([LSTM, DENSE, layer("Dense", "more", units=5)], "the 'Dense' layer 'more'"),
    ([layer("Bidirectional", "both", layer=LSTM), DENSE], "the 'Bidirectional' layer"),
    ([LSTM], "the network ends with 'linear', not with one Dense softmax"),
    ([LSTM, layer("Dense", "dense", units=5, activation="sigmoid")], "ends with 'sigmoid'"),
    ([LSTM, LSTM, DENSE], "two layers have the same name"),
    ([LSTM, layer("LSTM", "b", units=2), DENSE], "'lstm', which outputs its last step"),
    ([LSTM, layer("Dropout", "d", rate=1.5), DENSE], "'d' has the rate 1.5"),
    ([LSTM, layer("Dropout", "d", rate=float("nan")), DENSE], "'d' has the rate nan"),
    ([{"class_name": "LSTM"}], "a layer has no config"),
    ([], "ends with"),
]


@pytest.mark.parametrize(("layers", "message"), REFUSED)
def test_layers_that_cannot_be_computed(tmp_path: Path, layers: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as raised:
        read_here(write(tmp_path / "m.h5", layers, small_weights()))
    assert "\n" not in str(raised.value)


def functional(path: Path, **changes: Any) -> Path:
    """The small network as a model of Keras 2's functional kind."""
    first, last = small_layers()
    inputs = {**layer("InputLayer", "in", batch_input_shape=[None, STEPS, SYMBOLS]), "inbound_nodes": []}
    first["inbound_nodes"], last["inbound_nodes"] = [[["in", 0, 0, {}]]], [[["lstm", 0, 0, {}]]]
    write(path, [inputs, first, last], small_weights())
    first |= changes
    config = {"layers": [inputs, first, last], "input_layers": [["in", 0, 0]], "output_layers": [["dense", 0, 0]]}
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Model", "config": config})
    return path


def test_functional_models_are_followed_from_input_to_output(tmp_path: Path) -> None:
    sequential = write(tmp_path / "sequential.h5", small_layers(), small_weights())
    np.testing.assert_array_equal(predicted(functional(tmp_path / "functional.h5")), predicted(sequential))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([[["in", 0, 0, {}]], [["dense", 0, 0, {}]]], "'lstm' is used more than once"),
        ([[["in", 0, 0, {"initial_state": "dense"}]]], "'lstm' is called with {'initial_state': 'dense'}"),
        ([[["in", 0, 0, {}], ["in", 0, 0, {}]]], "'lstm' does not stand on the one before it, 'in'"),
        ([[["dense", 0, 0, {}]]], "'lstm' does not stand on the one before it, 'in'"),
        ([], "'lstm' does not stand on the one before it, 'in'"),
    ],
)
def test_functional_models_that_are_no_row(tmp_path: Path, nodes: list[Any], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        read_here(functional(tmp_path / "m.h5", inbound_nodes=nodes))


def test_versions_beyond_those_known(tmp_path: Path) -> None:
    for version in ("4.0.0", "31.0", "unknown"):
        with pytest.raises(ModelFileError, match=f"written by Keras '{version}'; versions 1 to 3"):
            read_here(write(tmp_path / "m.h5", small_layers(), small_weights(), version))


def test_weights_alone_are_not_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "m.h5", small_layers(), small_weights())
    with h5py.File(path, "a") as file:
        del file.attrs["model_config"]
    with pytest.raises(ModelFileError, match="save the whole model"):
        read_here(path)


def test_archives_of_keras_2(tmp_path: Path) -> None:
    plain = predicted(write(tmp_path / "m.h5", small_layers(), small_weights()))
    for checkpoint in ("layers", "_layer_checkpoint_dependencies"):
        data = io.BytesIO()
        with h5py.File(data, "w") as file:
            for place, name in (("lstm/cell", "lstm"), ("dense", "dense")):
                for number, (_, array) in enumerate(small_weights()[name]):
                    file[f"{checkpoint}/{place}/vars/{number}"] = array
        path = archive(tmp_path / "m.keras", weights=data.getvalue(), metadata=b'{"keras_version": "2.12.0"}')
        np.testing.assert_array_equal(predicted(path), plain)


def test_the_corpus_gives_the_characters() -> None:
    corpus = corpus_of(["Ab ba. Ä"], "text")
    read, vocabulary = join_corpus(corpus, 6)
    assert (read, "".join(vocabulary.characters)) == (corpus, " .AbaÄ".replace("Aba", "Aab"))
    read, vocabulary = join_corpus(corpus, 5)
    assert read.lowercased
    assert read.documents == ("ab ba. ä",)
    assert "".join(vocabulary.characters) == " .abä"
    with pytest.raises(CorpusError, match="has 7 outputs, and a list has 6 different characters, lower-cased 5;"):
        join_corpus(corpus, 7)


def test_without_h5py_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "h5py":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r'pip install "mangosaurus\[keras\]"'):
        read_keras(tmp_path / "m.h5")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "m.h5", small_layers(), small_weights())


def test_an_imported_model_is_a_model_like_any_other(file: Path, tmp_path: Path) -> None:
    model = mangosaurus.import_keras(file, ["Abcde ABC".replace(" ", "")])
    assert model.kind == "text"
    assert "".join(model.vocabulary.characters) == "abcde"
    assert model.training == {
        "corpus": "a list: 1 text; 8 characters, 5 distinct; lower-cased",
        "lowercased": True,
        "format": "text",
        "imported": "Keras 2.0.6",
        "window": 4,
        "longest": 8,
    }
    assert "abcdeabc" in model.known
    assert model.info()["model"] == "LSTM of 3 units with a window of 4 characters"
    path = tmp_path / "m.safetensors"
    model.save(path)
    for each in (model, mangosaurus.load(path)):
        for options in ({}, {"temperature": 0.5, "top_p": 0.9}, {"top_k": 2, "min_p": 0.1}, {"temperature": 0.0}):
            (text,) = each.sample(1, prefix="ab", max_length=30, seed=1, **options)  # type: ignore[arg-type]
            assert len(text) == 30
            assert text.startswith("ab")
    measured = model.evaluate(["abcde", "edcba"])
    assert measured.symbols == measured.characters == 10
    assert np.isfinite(measured.nats_per_symbol)


def test_the_command(file: Path, tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus.txt", tmp_path / "out.safetensors"
    corpus.write_text("ABCDE edcba" * 9, encoding="utf-8")
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: the Keras file has 5 outputs, and {corpus} has 11 different characters, lower-cased 6; "
        "give the corpus that the model was trained on\n"
    )
    assert not out.exists()
    corpus.write_text("ABCDEedcba" * 9, encoding="utf-8")
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "LSTM of 3 units with a window of 4 characters, written by Keras 2.0.6\nknows 5 characters: abcde\n"
    )
    assert f"the model is in {out}" in done.stderr
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    done = run("import-keras", file, "--corpus", corpus, "--out", out, "--force", "--json")
    assert json.loads(done.stdout)["training"]["imported"] == "Keras 2.0.6"
    assert json.loads(done.stdout)["out"] == str(out)

    done = run("info", out)
    assert "imported from: Keras 2.0.6" in done.stdout
    done = run("sample", out, "-n", "1", "--json", "--max-length", "20")
    (sample,) = json.loads(done.stdout)["samples"]
    assert 0 < sample["nats_per_symbol"] < 20
    done = run("evaluate", out, corpus, "--lowercase")
    assert "90 symbols, without END: the model never ends a text, in 1 document" in done.stdout


def test_the_command_s_errors_are_one_line(tmp_path: Path, file: Path) -> None:
    out = tmp_path / "out.safetensors"
    file.write_bytes(file.read_bytes()[:700])
    for name, corpus in ((file, file), (tmp_path / "none.h5", file)):
        done = run("import-keras", name, "--corpus", corpus, "--out", out)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert str(name) in done.stderr
        assert done.stderr.count("\n") == 1
    assert not out.exists()
