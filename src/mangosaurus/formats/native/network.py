"""The networks of a mixture, in a model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from mangosaurus.core.arrays import Arrays
from mangosaurus.core.errors import ModelFileError, plain
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.native.checks import shaped
from mangosaurus.models.interface import AnyParameters, Network
from mangosaurus.models.networks import network_of
from mangosaurus.models.recurrent import GATES, Layer, Parameters
from mangosaurus.models.transformer import TransformerLayer, TransformerParameters

LONGEST_CONTEXT = 1024
"""The most symbols that a transformer may see; every row of a state holds the keys and values of so many."""


def dump_network(network: Network, number: int) -> tuple[str | dict[str, Any], Arrays]:
    """A network's entry in `cells`, and its arrays, with names that begin with its number."""
    parameters = getattr(network, "parameters", None)
    if getattr(parameters, "cell", None) not in READERS:
        raise TypeError(f"a file holds networks of the kinds {', '.join(READERS)}, not a {type(network).__name__}")
    parameters, prefix = network.parameters, f"network{number}."
    settings: dict[str, Any] = {}
    arrays: Arrays = {}
    for field in fields(parameters):
        value = getattr(parameters, field.name)
        if isinstance(value, np.ndarray):
            arrays[prefix + field.name] = value
        elif field.name == "layers":
            for level, layer in enumerate(value):
                arrays |= {f"{prefix}layer{level}.{f.name}": getattr(layer, f.name) for f in fields(layer)}
        elif field.name != "cell":
            settings[field.name] = value
    return {parameters.cell: settings} if settings else parameters.cell, arrays


def load_network(vocabulary: Vocabulary, number: int, cell: Any, labels: int, arrays: Arrays) -> Network:
    """Network `number` of a file; `cell` is its entry in `cells`, and `labels` how many labels it reads."""
    prefix = f"network{number}."
    own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    name, settings = cell, None
    if isinstance(cell, dict) and len(cell) == 1:
        ((name, settings),) = cell.items()
        settings = settings or {}
    if not isinstance(name, str) or name not in READERS:
        raise ModelFileError(f"network {number} has the cell {cell!r}; known are {', '.join(READERS)}")
    try:
        return network_of(vocabulary, READERS[name](name, settings, len(vocabulary), labels, own))
    except ModelFileError as error:
        raise ModelFileError(f"network {number}: {error}") from error


def _recurrent(cell: Any, settings: Any, symbols: int, labels: int, own: Arrays) -> Parameters:
    if settings is not None:
        raise ModelFileError(f"it has the settings {plain(settings)}, and a {cell} has none")
    embedding, output = own["embedding"], own["output"]
    hidden, width = output.shape[0], embedding.shape[1]
    gates = GATES[cell] * hidden
    _outer(own, symbols, labels, hidden, width)
    layers: list[Layer] = []
    while f"layer{len(layers)}.input" in own:
        shapes: dict[str, tuple[int, ...]] = {
            "input": (hidden if layers else width, gates),
            "recurrent": (hidden, gates),
            "input_bias": (gates,),
            "recurrent_bias": (gates,),
        }
        layers.append(Layer(**_layer(own, len(layers), shapes)))
    if not layers:
        raise ModelFileError("it has no layers")
    return Parameters(cell, embedding, tuple(layers), output, own["output_bias"])


def _transformer(cell: str, settings: Any, symbols: int, labels: int, own: Arrays) -> TransformerParameters:
    hidden = own["embedding"].shape[1]
    if not isinstance(settings, dict) or not {"heads", "context"} <= set(settings):
        raise ModelFileError(f"a transformer has the settings {plain(settings)}, not heads and context")
    heads, context = settings["heads"], settings["context"]
    for name, value, most in (("heads", heads, hidden), ("context", context, LONGEST_CONTEXT)):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise ModelFileError(f"{name} is {value!r}; it must be from 1 to {most}")
    if hidden % (2 * heads):
        raise ModelFileError(f"{heads} heads do not share {hidden} units evenly, in pairs")
    width = hidden // heads
    _outer(own, symbols, labels, hidden, hidden)
    shaped("output_gain", own["output_gain"], (hidden,), np.float32)
    layers: list[TransformerLayer] = []
    while f"layer{len(layers)}.attention" in own:
        between = own[f"layer{len(layers)}.expansion"].shape[-1]
        shapes: dict[str, tuple[int, ...]] = {
            "attention_gain": (hidden,),
            "attention": (hidden, hidden + 2 * width),
            "projection": (hidden, hidden),
            "feeding_gain": (hidden,),
            "expansion": (hidden, between),
            "contraction": (between, hidden),
        }
        layers.append(TransformerLayer(**_layer(own, len(layers), shapes)))
    if not layers:
        raise ModelFileError("it has no layers")
    outer = (own[name] for name in ("output_gain", "output", "output_bias"))
    return TransformerParameters(heads, context, own["embedding"], tuple(layers), *outer)


def _outer(own: Arrays, symbols: int, labels: int, hidden: int, width: int) -> None:
    """Raises ModelFileError unless the arrays before and after the layers have the right shapes."""
    shaped("embedding", own["embedding"], (symbols + labels, width), np.float32)
    shaped("output", own["output"], (hidden, symbols), np.float32)
    shaped("output_bias", own["output_bias"], (symbols,), np.float32)


def _layer(own: Arrays, level: int, shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """The arrays of a layer, which must have these shapes."""
    read = {name: own[f"layer{level}.{name}"] for name in shapes}
    for name, array in read.items():
        shaped(f"layer{level}.{name}", array, shapes[name], np.float32)
    return read


Reader = Callable[[str, Any, int, int, Arrays], AnyParameters]
READERS: dict[str, Reader] = dict.fromkeys(GATES, _recurrent) | {"transformer": _transformer}
"""For each kind, what makes parameters of its name, its settings in `cells` or None, how many symbols and labels it
reads, and untrusted arrays. Raises ModelFileError if they do not fit together."""
