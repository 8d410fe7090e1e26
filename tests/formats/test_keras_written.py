"""Files that Keras itself writes today, and what it predicts from them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.keras.sandbox import read_keras
from mangosaurus.models.window import WindowModel

WRITE = """
import sys, warnings
import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
layers = keras.layers
x = np.eye(7)[rng.integers(0, 7, (40, 9))]
np.save(sys.argv[1] + "/windows.npy", x.argmax(axis=2) + 1)

def sequential(*stack):
    return keras.Sequential([keras.Input((9, 7)), *stack])

def functional(*stack):
    tensor = beginning = keras.Input((9, 7))
    for layer in stack:
        tensor = layer(tensor)
    return keras.Model(beginning, tensor)

models = {
    "lstm": sequential(
        layers.LSTM(6, return_sequences=True, recurrent_activation="hard_sigmoid", dropout=0.2, recurrent_dropout=0.1),
        layers.Dropout(0.4, seed=1),
        layers.LSTM(5, activation="relu"),
        layers.Dense(7, activation="softmax"),
    ),
    "gru": functional(
        layers.GRU(6, return_sequences=True),
        layers.Dropout(0.3),
        layers.GRU(5, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid"),
        layers.GRU(4, use_bias=False, return_sequences=True),
        layers.GRU(4, use_bias=False, reset_after=False),
        layers.Dropout(0.25),
        layers.Dense(7),
        layers.Activation("softmax"),
    ),
    "rnn": sequential(
        layers.SimpleRNN(6, return_sequences=True, activation="linear"),
        layers.SimpleRNN(5, activation="hard_sigmoid", use_bias=False, name="of_another_name"),
        layers.Dense(7, activation="softmax", use_bias=False),
    ),
}
for name, model in models.items():
    model.set_weights([0.6 * rng.standard_normal(w.shape) for w in model.get_weights()])
    model.compile("adam", "categorical_crossentropy")
    np.save(f"{sys.argv[1]}/{name}.npy", model.predict(x, verbose=0))
    for ending in ("h5", "keras"):
        model.save(f"{sys.argv[1]}/{name}.{ending}")
"""
SETTINGS = {
    "lstm": [("lstm", "tanh", "hard_sigmoid_sixth", 0.4), ("lstm", "relu", "sigmoid", 0.0)],
    "gru": [
        ("gru", "tanh", "sigmoid", 0.3),
        ("gru", "tanh", "hard_sigmoid_sixth", 0.0),
        ("gru", "tanh", "sigmoid", 0.0),
        ("gru", "tanh", "sigmoid", 0.25),
    ],
    "rnn": [("rnn", "linear", "sigmoid", 0.0), ("rnn", "hard_sigmoid_sixth", "sigmoid", 0.0)],
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("keras") is None:
        pytest.skip("keras is not installed")
    folder = tmp_path_factory.mktemp("keras")
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(folder)],
        env=os.environ | {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("ending", ["h5", "keras"])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_predictions_are_those_of_keras(written: Path, name: str, ending: str) -> None:
    kept = read_keras(written / f"{name}.{ending}")
    assert kept.version.startswith("3.")
    assert kept.parameters.window == 9
    layers = kept.parameters.layers
    assert [(each.cell, each.activation, each.recurrent_activation) for each in layers] == [
        settings[:3] for settings in SETTINGS[name]
    ]
    np.testing.assert_allclose([each.dropout for each in layers], [settings[3] for settings in SETTINGS[name]])
    model = WindowModel(Vocabulary("abcdefg"), kept.parameters)
    found = np.exp(model.log_probs((np.load(written / "windows.npy"),)))
    expected = np.load(written / f"{name}.npy")
    assert expected.std() > 0.05
    np.testing.assert_allclose(found[:, 1:], expected, atol=1e-5)
    assert not found[:, 0].any()
