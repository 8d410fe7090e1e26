"""The training windows of a window network, cut as in the course, and its initial weights, drawn as Keras does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import CorpusError
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.models.window import WindowLayer, WindowParameters

STRIDE = 3
"""Characters from the start of one window to the start of the next, as in the course."""


def windows_of(documents: Sequence[IntArray], window: int) -> tuple[IntArray, IntArray]:
    """Full windows, (m, window), one every STRIDE characters of each document, and the ids that follow them, (m,).

    Raises CorpusError if there is none.
    """
    # For a single document this is a view: a long book is not copied forty times.
    rows = [sliding_window_view(each, window + 1)[::STRIDE] for each in documents if len(each) > window]
    if not rows:
        raise CorpusError(
            f"the network reads {window} characters and learns the next one, and no document of the corpus is that long"
        )
    whole = rows[0] if len(rows) == 1 else np.concatenate(rows)
    return whole[:, :window], whole[:, window]


def new_parameters(
    characters: int,
    window: int,
    units: tuple[int, ...],
    *,
    cell: Cell = "lstm",
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    dropout: float = 0.0,
    seed: int = 0,
) -> WindowParameters:
    """An untrained network: a layer for each number in `units`, for `characters` (V - 1) different ones.

    Kernels are uniform within sqrt(6 / (rows + columns)) (Glorot and Bengio 2010), recurrent weights orthogonal (Saxe,
    McClelland and Ganguli 2014), biases zero, except 1 for an LSTM's forget gate (Jozefowicz, Zaremba and Sutskever
    2015). A GRU's reset gate is applied after the product. float32.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for below, size in pairwise((characters, *units)):
        width = GATES[cell] * size
        bias = np.zeros(width, dtype=np.float32)
        if cell == "lstm":
            bias[size : 2 * size] = 1.0
        layers.append(
            WindowLayer(
                cell,
                kernel=_glorot(rng, below, width),
                recurrent=_orthogonal(rng, size, width),
                bias=bias,
                recurrent_bias=np.zeros_like(bias),
                activation=activation,
                recurrent_activation=recurrent_activation,
                reset_after=cell == "gru",
                dropout=dropout,
            )
        )
    output_bias = np.zeros(characters, dtype=np.float32)
    return WindowParameters(window, tuple(layers), _glorot(rng, units[-1], characters), output_bias)


def _glorot(rng: np.random.Generator, rows: int, columns: int) -> FloatArray:
    bound = np.sqrt(6 / (rows + columns))
    return rng.uniform(-bound, bound, (rows, columns)).astype(np.float32)


def _orthogonal(rng: np.random.Generator, rows: int, columns: int) -> FloatArray:
    """Rows of length one at right angles to each other; there are at least as many columns."""
    directions, triangle = np.linalg.qr(rng.standard_normal((columns, rows)))
    # The signs make every such matrix equally likely.
    return (directions * np.sign(np.diag(triangle))).T.astype(np.float32)
