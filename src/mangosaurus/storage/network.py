"""The networks of a mixture, in a model file."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from mangosaurus.errors import ModelFileError
from mangosaurus.models.interface import Network
from mangosaurus.models.networks import CELLS
from mangosaurus.models.recurrent import GATES, Layer, Parameters, Recurrent
from mangosaurus.models.transformer import Transformer, TransformerLayer, TransformerParameters
from mangosaurus.storage.checks import Arrays, shaped
from mangosaurus.vocabulary import Vocabulary

LONGEST_CONTEXT = 1024
"""More symbols than any transformer of ours sees; every row of a state has the keys and values of as many."""
OUTER_ARRAYS = ("embedding", "output", "output_bias")


def take_network_apart(network: Network, number: int) -> tuple[str | dict[str, Any], Arrays]:
    """A network's entry in `cells`, and its arrays, with names that begin with its number."""
    if isinstance(network, Transformer):
        parameters, outer = network.parameters, (*OUTER_ARRAYS, "output_gain")
        settings = {"heads": network.parameters.heads, "context": network.parameters.context}
        cell: str | dict[str, Any] = {"transformer": settings}
    elif isinstance(network, Recurrent):
        parameters, outer, cell = network.parameters, OUTER_ARRAYS, network.parameters.cell  # type: ignore[assignment]
    else:
        raise TypeError(f"a file holds recurrent networks and transformers, not a {type(network).__name__}")
    arrays = {f"network{number}.{name}": getattr(parameters, name) for name in outer}
    for level, layer in enumerate(parameters.layers):
        arrays |= {f"network{number}.layer{level}.{f.name}": getattr(layer, f.name) for f in fields(layer)}
    return cell, arrays


def put_network_together(vocabulary: Vocabulary, number: int, cell: Any, labels: int, arrays: Arrays) -> Network:
    """Network `number` of a file, which may read so many labels; `cell` is its entry in `cells`."""
    prefix = f"network{number}."
    own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    try:
        if isinstance(cell, dict) and list(cell) == ["transformer"]:
            return Transformer(vocabulary, _transformer(cell["transformer"], len(vocabulary), labels, own))
        if cell in GATES:
            return Recurrent(vocabulary, _recurrent(cell, len(vocabulary), labels, own))
    except ModelFileError as error:
        raise ModelFileError(f"network {number}: {error}") from error
    raise ModelFileError(f"network {number} has the cell {cell!r}; known are {', '.join(CELLS)}")


def _recurrent(cell: Any, symbols: int, labels: int, own: Arrays) -> Parameters:
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


def _transformer(settings: dict[str, Any], symbols: int, labels: int, own: Arrays) -> TransformerParameters:
    hidden = own["embedding"].shape[1]
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
    """Raises ModelFileError unless what is before and behind the layers is as it should be."""
    shaped("embedding", own["embedding"], (symbols + labels, width), np.float32)
    shaped("output", own["output"], (hidden, symbols), np.float32)
    shaped("output_bias", own["output_bias"], (symbols,), np.float32)


def _layer(own: Arrays, level: int, shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """The arrays of a layer, which must have these shapes."""
    read = {name: own[f"layer{level}.{name}"] for name in shapes}
    for name, array in read.items():
        shaped(f"layer{level}.{name}", array, shapes[name], np.float32)
    return read
