"""The networks in a model file: those of a mixture, and the one that reads windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from mangosaurus.core.arrays import Arrays, FloatArray
from mangosaurus.core.errors import ModelFileError, plain
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.native.weights import check_numbers, in_float32, in_smallest_types, shaped
from mangosaurus.models.interface import AnyParameters, Network
from mangosaurus.models.networks import network_of
from mangosaurus.models.prior_network import PriorNetwork, PriorParameters
from mangosaurus.models.recurrent import GATES, Layer, Parameters
from mangosaurus.models.transformer import TransformerLayer, TransformerParameters
from mangosaurus.models.window import ACTIVATIONS, WindowLayer, WindowParameters

LONGEST_CONTEXT = 1024
"""The most symbols that a transformer may see; each row of a state holds the keys and values of all of them."""
LONGEST_WINDOW = 1024
"""The most symbols of a window; all are read again for every prediction."""
WINDOW_ARRAYS = ("kernel", "recurrent", "bias", "recurrent_bias")
WINDOW_SETTINGS = ("cell", "activation", "recurrent_activation", "reset_after", "dropout")
Shapes = dict[str, tuple[int, ...]]


def within(arrays: Arrays, prefix: str) -> Arrays:
    """Those arrays whose names begin with `prefix`, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


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
    return {parameters.cell: settings} if settings else parameters.cell, in_smallest_types(arrays)


def load_network(vocabulary: Vocabulary, number: int, cell: Any, labels: int, arrays: Arrays) -> Network:
    """Network `number` of a file; `cell` is its entry in `cells`, and `labels` how many labels it reads."""
    name, settings = cell, None
    if isinstance(cell, dict) and len(cell) == 1:
        ((name, settings),) = cell.items()
        settings = settings or {}
    if not isinstance(name, str) or name not in READERS:
        raise ModelFileError(f"network {number} has the cell {cell!r}; known are {', '.join(READERS)}")
    try:
        own = in_float32(within(arrays, f"network{number}."))
        return network_of(vocabulary, READERS[name](name, settings, len(vocabulary), labels, own))
    except ModelFileError as error:
        raise ModelFileError(f"network {number}: {error}") from error


def dump_prior(prior: PriorNetwork) -> Arrays:
    """The prior's arrays. Raises ModelFileError if they could not be read again."""
    _check_products(prior.parameters.scale, prior.parameters.output)
    return in_smallest_types({f"prior.{f.name}": getattr(prior.parameters, f.name) for f in fields(PriorParameters)})


def load_prior(vocabulary: Vocabulary, lists: int, arrays: Arrays) -> PriorNetwork:
    """The prior of a file for so many lists. Raises ModelFileError or LookupError for arrays that do not fit."""
    own = in_float32(within(arrays, "prior."))
    units, symbols = own["recurrent"].shape[0], len(vocabulary)
    shapes: Shapes = {
        "table": (symbols, 4 * units),
        "recurrent": (units, 4 * units),
        "output": (units, symbols),
        "vectors": (lists, own["vectors"].shape[-1]),
        "gates": (lists, 4 * units),
        "scale": (lists, units),
        "output_bias": (lists, symbols),
    }
    for name, shape in shapes.items():
        shaped(f"prior.{name}", own[name], shape, np.float32)
    _check_products(own["scale"], own["output"])
    return PriorNetwork(vocabulary, PriorParameters(**{name: own[name] for name in shapes}))


def _check_products(scale: FloatArray, output: FloatArray) -> None:
    """Raises ModelFileError if a list's output weights, which are products, exceed what `check_numbers` allows."""
    check_numbers("prior.scale times prior.output", np.abs(scale).max(axis=0) * np.abs(output).max(axis=1))


def _recurrent(cell: Any, settings: Any, symbols: int, labels: int, own: Arrays) -> Parameters:
    if settings is not None:
        raise ModelFileError(f"it has the settings {plain(settings)}, and a {cell} has none")
    embedding, output = own["embedding"], own["output"]
    hidden, width = output.shape[0], embedding.shape[1]
    gates = GATES[cell] * hidden
    _check_ends(own, symbols, labels, hidden, width)

    def shapes(level: int) -> Shapes:
        below = hidden if level else width
        return {
            "input": (below, gates),
            "recurrent": (hidden, gates),
            "input_bias": (gates,),
            "recurrent_bias": (gates,),
        }

    layers = [Layer(**arrays) for arrays in _layers(own, "input", shapes)]
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
    _check_ends(own, symbols, labels, hidden, hidden)
    shaped("output_gain", own["output_gain"], (hidden,), np.float32)

    def shapes(level: int) -> Shapes:
        between = own[f"layer{level}.expansion"].shape[-1]
        return {
            "attention_gain": (hidden,),
            "attention": (hidden, hidden + 2 * (hidden // heads)),
            "projection": (hidden, hidden),
            "feeding_gain": (hidden,),
            "expansion": (hidden, between),
            "contraction": (between, hidden),
        }

    layers = [TransformerLayer(**arrays) for arrays in _layers(own, "attention", shapes)]
    ends = (own[name] for name in ("output_gain", "output", "output_bias"))
    return TransformerParameters(heads, context, own["embedding"], tuple(layers), *ends)


def _check_ends(own: Arrays, symbols: int, labels: int, hidden: int, width: int) -> None:
    """Raises ModelFileError unless the arrays before and after the layers have the right shapes."""
    shaped("embedding", own["embedding"], (symbols + labels, width), np.float32)
    shaped("output", own["output"], (hidden, symbols), np.float32)
    shaped("output_bias", own["output_bias"], (symbols,), np.float32)


def _layers(own: Arrays, needed: str, shapes: Callable[[int], Shapes]) -> list[Arrays]:
    """The arrays of each layer, which must have its shapes; `needed` is an array that every layer has."""
    layers: list[Arrays] = []
    while f"layer{len(layers)}.{needed}" in own:
        prefix, read = f"layer{len(layers)}.", {}
        for name, shape in shapes(len(layers)).items():
            read[name] = own[prefix + name]
            shaped(prefix + name, read[name], shape, np.float32)
        layers.append(read)
    if not layers:
        raise ModelFileError("it has no layers")
    return layers


Reader = Callable[[str, Any, int, int, Arrays], AnyParameters]
READERS: dict[str, Reader] = dict.fromkeys(GATES, _recurrent) | {"transformer": _transformer}
"""What makes the parameters of each kind of network: from its name, its settings in `cells` or None, how many symbols
and labels it reads, and untrusted arrays. Raises ModelFileError if they do not fit together."""


def dump_window(parameters: WindowParameters) -> tuple[dict[str, Any], Arrays]:
    """The header's `window`, and the arrays."""
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
        for name, known in (("cell", GATES), ("activation", ACTIVATIONS), ("recurrent_activation", ACTIVATIONS)):
            if settings[name] not in known:
                raise ModelFileError(f"{prefix} has the {name} {settings[name]!r}; known are {', '.join(known)}")
        if not isinstance(settings["reset_after"], bool) or not 0 <= settings["dropout"] < 1:
            raise ModelFileError(f"{prefix} has a reset_after or a dropout that is none")
        read = {name: arrays[f"{prefix}.{name}"] for name in WINDOW_ARRAYS}
        hidden = read["recurrent"].shape[0]
        gates = GATES[settings["cell"]] * hidden
        shapes = {"kernel": (below, gates), "recurrent": (hidden, gates)}
        for name, array in read.items():
            _shaped_window(f"{prefix}.{name}", array, shapes.get(name, (gates,)))
        layers.append(WindowLayer(**(settings | read)))
        below = hidden
    if not layers:
        raise ModelFileError("the network has no layers")
    output, bias = arrays["window.output"], arrays["window.output_bias"]
    _shaped_window("window.output", output, (below, characters))
    _shaped_window("window.output_bias", bias, (characters,))
    return WindowParameters(length, tuple(layers), output, bias)


def _shaped_window(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...]) -> None:
    shaped(name, array, shape, np.float64 if array.dtype == np.float64 else np.float32)
