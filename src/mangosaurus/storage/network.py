"""The networks of a mixture, in a model file."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from mangosaurus.errors import ModelFileError
from mangosaurus.models.recurrent import GATES, Layer, Parameters, Recurrent
from mangosaurus.storage.checks import Arrays, shaped
from mangosaurus.vocabulary import Vocabulary


def take_network_apart(network: Recurrent, number: int) -> tuple[str, Arrays]:
    """A network's entry in `cells`, and its arrays, with names that begin with its number."""
    parameters = network.parameters
    arrays = {f"network{number}.{name}": getattr(parameters, name) for name in ("embedding", "output", "output_bias")}
    for level, layer in enumerate(parameters.layers):
        arrays |= {f"network{number}.layer{level}.{f.name}": getattr(layer, f.name) for f in fields(Layer)}
    return parameters.cell, arrays


def put_network_together(vocabulary: Vocabulary, number: int, cell: str, labels: int, arrays: Arrays) -> Recurrent:
    """Network `number` of a file, which may read so many labels; `cell` is its entry in `cells`."""
    if cell not in GATES:
        raise ModelFileError(f"network {number} has the cell {cell!r}; known are {', '.join(GATES)}")
    prefix = f"network{number}"
    embedding, output = arrays[f"{prefix}.embedding"], arrays[f"{prefix}.output"]
    hidden, width = output.shape[0], embedding.shape[1]
    shaped(f"{prefix}.embedding", embedding, (len(vocabulary) + labels, width), np.float32)
    shaped(f"{prefix}.output", output, (hidden, len(vocabulary)), np.float32)
    shaped(f"{prefix}.output_bias", arrays[f"{prefix}.output_bias"], (len(vocabulary),), np.float32)
    layers: list[Layer] = []
    while f"{prefix}.layer{len(layers)}.input" in arrays:
        read = {field.name: arrays[f"{prefix}.layer{len(layers)}.{field.name}"] for field in fields(Layer)}
        gates = GATES[cell] * hidden
        below = hidden if layers else width
        shapes = {"input": (below, gates), "recurrent": (hidden, gates)}
        for name, array in read.items():
            shaped(f"{prefix}.layer{len(layers)}.{name}", array, shapes.get(name, (gates,)), np.float32)
        layers.append(Layer(**read))
    if not layers:
        raise ModelFileError(f"network {number} has no layers")
    return Recurrent(
        vocabulary,
        Parameters(cell, embedding, tuple(layers), output, arrays[f"{prefix}.output_bias"]),  # type: ignore[arg-type]
    )
