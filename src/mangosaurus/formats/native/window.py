"""A network that reads windows, in a model file."""

from __future__ import annotations

from typing import Any

import numpy as np

from mangosaurus.core.arrays import Arrays
from mangosaurus.core.errors import ModelFileError
from mangosaurus.formats.native.checks import shaped
from mangosaurus.models.recurrent import GATES
from mangosaurus.models.window import ACTIVATIONS, WindowLayer, WindowParameters

LONGEST_WINDOW = 1024
"""The most symbols of a window; all are read afresh for every prediction."""
WINDOW_ARRAYS = ("kernel", "recurrent", "bias", "recurrent_bias")
WINDOW_SETTINGS = ("cell", "activation", "recurrent_activation", "reset_after", "dropout")


def dump_window(parameters: WindowParameters) -> tuple[dict[str, Any], Arrays]:
    """Serialises a network that reads windows to the header's `window`, and arrays."""
    arrays: Arrays = {f"window.{name}": getattr(parameters, name) for name in ("output", "output_bias")}
    for number, layer in enumerate(parameters.layers):
        arrays |= {f"window.layer{number}.{name}": getattr(layer, name) for name in WINDOW_ARRAYS}
    layers = [{name: getattr(layer, name) for name in WINDOW_SETTINGS} for layer in parameters.layers]
    return {"length": parameters.window, "layers": layers}, arrays


def load_window(described: dict[str, Any], arrays: Arrays, characters: int) -> WindowParameters:
    """The inverse of `dump_window`, for a network of `characters` different characters.

    Raises ModelFileError, KeyError, TypeError or IndexError for settings and arrays that do not fit together.
    """
    length, below = described["length"], characters
    if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= LONGEST_WINDOW:
        raise ModelFileError(f"the window has {length!r} symbols; it must have from 1 to {LONGEST_WINDOW}")
    layers: list[WindowLayer] = []
    for entry in described["layers"]:
        settings: dict[str, Any] = {name: entry[name] for name in WINDOW_SETTINGS}
        prefix = f"window.layer{len(layers)}"
        if settings["cell"] not in GATES:
            raise ModelFileError(f"{prefix} has the cell {settings['cell']!r}; known are {', '.join(GATES)}")
        for name in ("activation", "recurrent_activation"):
            if settings[name] not in ACTIVATIONS:
                raise ModelFileError(f"{prefix} has the {name} {settings[name]!r}; known are {', '.join(ACTIVATIONS)}")
        if not isinstance(settings["reset_after"], bool) or not 0 <= settings["dropout"] < 1:
            raise ModelFileError(f"{prefix} has a reset_after or a dropout that is none")
        read = {name: arrays[f"{prefix}.{name}"] for name in WINDOW_ARRAYS}
        hidden = read["recurrent"].shape[0]
        gates = GATES[settings["cell"]] * hidden
        shapes = {"kernel": (below, gates), "recurrent": (hidden, gates)}
        for name, array in read.items():
            shaped(f"{prefix}.{name}", array, shapes.get(name, (gates,)), _precision(array))
        layers.append(WindowLayer(**(settings | read)))
        below = hidden
    if not layers:
        raise ModelFileError("the network has no layers")
    output, bias = arrays["window.output"], arrays["window.output_bias"]
    shaped("window.output", output, (below, characters), _precision(output))
    shaped("window.output_bias", bias, (characters,), _precision(bias))
    return WindowParameters(length, tuple(layers), output, bias)


def _precision(array: np.ndarray[Any, Any]) -> type:
    return np.float64 if array.dtype == np.float64 else np.float32
