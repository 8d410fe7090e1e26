"""Keras 3 with the recipe of its own example of character-level text generation with an LSTM.

Every third window of 40 characters, as one-hot vectors; one LSTM of 128 units and a softmax; RMSprop at 0.01, batches
of 128 in a new random order each epoch, categorical cross entropy. Names are one text, a name a line. Windows become
one-hot a batch at a time, because all of them would not fit into memory for larger texts.

The backend is TensorFlow if it is installed, which the example is fastest on, and else torch. Each held-out character
is predicted from the 40 before it. The training part's last 40 precede the first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.held_out import Split, watched
from benchmarks.parts import Result
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END

WINDOW, STRIDE, UNITS, BATCH, RATE = 40, 3, 128, 128, 0.01
SCORED = 1024
"""Windows in a batch of the measurement."""
LEAST = 1e-7
"""The least probability, as in Keras's own cross entropy."""


def stream(split: Split, documents: Sequence[IntArray]) -> IntArray:
    """Documents as one text. A line feed follows each name; its id is END's."""
    if split.kind == "text":
        return np.concatenate(documents)
    return np.concatenate([part for document in documents for part in (document, [END])])


def batches(windows: IntArray, symbols: int, seed: int) -> Iterator[tuple[FloatArray, FloatArray]]:
    """One-hot windows, (B, WINDOW, symbols), and the symbol after each, (B, symbols), epoch after epoch."""
    rng = np.random.default_rng(seed)
    one_hot = np.eye(symbols, dtype=np.float32)
    while True:
        order = rng.permutation(len(windows))
        for first in range(0, len(order), BATCH):
            rows = windows[order[first : first + BATCH]]
            yield one_hot[rows[:, :-1]], one_hot[rows[:, -1]]


def nats(model: Any, windows: IntArray, symbols: int) -> float:
    """Mean -log p of the last symbol of each row of `windows`, (m, WINDOW + 1)."""
    one_hot = np.eye(symbols, dtype=np.float32)
    total = 0.0
    for first in range(0, len(windows), SCORED):
        rows = windows[first : first + SCORED]
        p = np.asarray(model.predict_on_batch(one_hot[rows[:, :-1]]), dtype=np.float64)
        total -= float(np.log(np.maximum(p[np.arange(len(rows)), rows[:, -1]], LEAST)).sum())
    return total / len(windows)


def train(split: Split, marks: Sequence[float], seed: int) -> Iterator[Result]:
    """Trains until the last of `marks`, in seconds, and measures at each of them.

    Raises ValueError if the text is too short for a window.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow" if find_spec("tensorflow") else "torch"
    keras: Any = import_module("keras")
    keras.utils.set_random_seed(seed)
    symbols = len(split.vocabulary)
    learnt = stream(split, split.vocabulary.encode_all(split.train))
    if len(learnt) <= WINDOW:
        raise ValueError(f"there are {len(learnt)} characters to learn from; windows need more than {WINDOW}")
    held_out = sliding_window_view(np.concatenate([learnt[-WINDOW:], stream(split, split.documents())]), WINDOW + 1)
    model = keras.Sequential(
        [
            keras.Input((WINDOW, symbols)),
            keras.layers.LSTM(UNITS),
            keras.layers.Dense(symbols, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=RATE))
    source = batches(sliding_window_view(learnt, WINDOW + 1)[::STRIDE], symbols, seed)
    return watched("keras", lambda: model.train_on_batch(*next(source)), lambda: nats(model, held_out, symbols), marks)
