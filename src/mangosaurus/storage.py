"""One model, one file: a .safetensors file that holds everything and executes nothing.

The arrays are named below, `{m}` counting networks and `{l}` layers from 0. The header's metadata has one entry,
`mangosaurus`, a JSON object with the keys

    format        FORMAT, the version of this layout
    kind          "names" or "text"
    characters    the vocabulary without END, as one string
    cells         the cell of each network: "rnn", "gru" or "lstm"; empty for an n-gram alone
    window        instead of `cells`, in the file of a WindowModel: an object with `length`, the symbols that it reads,
                  and `layers`, a list of objects with cell, activation, recurrent_activation, reset_after and dropout
    blend         instead of both, in the file of a blend: an object with `how`, "product" or "mixture", and `parts`, a
                  list with an object for each of its models, with the keys `characters` and, as above, `cells`,
                  `window` or `blend`
    training      how the model was made: settings, steps, held-out losses in nats per symbol
    labels        of a model with L labels: [label, number of training names] for each of them; else missing

and the arrays are

    known                                   uint64 (documents,), sorted: hashes of the training documents; of more than
                                            16 million uint32, the first half of each
    ngram.levels .suffix .oldest .degree .symbol .target .count     see NGramCounts
    ngram.discounts                         float64 (order, 3)
    mixture.weights                         float64 (features, 2), where there are networks
    network{m}.embedding .output .output_bias                       see Parameters, float32
    network{m}.layer{l}.input .recurrent .input_bias .recurrent_bias    see Layer, float32

and with labels also

    labels.levels                           integers (L, order + 1): NGramCounts.levels of each label's n-gram
    labels.suffix .oldest .degree .symbol .target .count    see NGramCounts: those of all labels, one behind the other
    labels.discounts                        float64 (order, 3), the same for all labels

where mixture.weights is float64 (2 x features, 2 or 3), see models/labelled.py, with networks or without, and
network{m}.embedding has L more rows, one a label.
or, with `window`, besides `known` only

    window.output .output_bias                                      see WindowParameters, float32 or float64
    window.layer{l}.kernel .recurrent .bias .recurrent_bias         see WindowLayer, float32 or float64

or, with `blend`, besides `known` only

    blend.weights                           float64 (parts,), positive, their sum one
    part{p}.                                before the name of each array of part p, counted from 0
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from mangosaurus.arrays import smallest_unsigned
from mangosaurus.corpus import Kind
from mangosaurus.errors import ModelFileError, OutputError
from mangosaurus.models.blend import BLENDS, Blend
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled, equal_labelled_weights
from mangosaurus.models.mixture import Mixture, equal_weights
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, NGram, NGramCounts
from mangosaurus.models.recurrent import GATES, Layer, Parameters, Recurrent
from mangosaurus.models.window import ACTIVATIONS, WindowLayer, WindowModel, WindowParameters
from mangosaurus.vocabulary import Vocabulary

FORMAT = 1
ENTRY = "mangosaurus"
LARGEST_NUMBER = 1e6
"""No trained weight comes near it; far larger ones could overflow and leave no probabilities."""
LONGEST_WINDOW = 4096
"""More symbols than any such model reads; each is read afresh for every prediction."""
WINDOW_ARRAYS = ("kernel", "recurrent", "bias", "recurrent_bias")
WINDOW_SETTINGS = ("cell", "activation", "recurrent_activation", "reset_after", "dropout")
LARGEST_COUNT = 2**53
Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Contents:
    """What a model file holds."""

    model: CharModel
    kind: Kind
    known: np.ndarray[Any, Any]
    training: dict[str, Any]


def save(contents: Contents, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Writes a model file, whole or not at all.

    Raises OutputError if the path is taken and `overwrite` is false, or cannot be written.
    """
    described, arrays = _take_apart(contents.model)
    header = described | {"format": FORMAT, "kind": contents.kind, "training": contents.training}
    arrays = {name: np.ascontiguousarray(array) for name, array in ({"known": contents.known} | arrays).items()}
    write(Path(path), serialize(arrays, {ENTRY: json.dumps(header, sort_keys=True)}), overwrite)


def _take_apart(model: CharModel) -> tuple[dict[str, Any], Arrays]:
    """What of a model goes into the header, and its arrays."""
    if isinstance(model, Blend):
        described, arrays = _take_blend_apart(model)
    elif isinstance(model, WindowModel):
        settings, arrays = take_window_apart(model.parameters)
        described = {"window": settings}
    elif isinstance(model, NGram | Mixture | Labelled):
        described, arrays = _take_mixture_apart(model)
    else:
        raise TypeError(
            f"a file holds an n-gram, a mixture with one, a WindowModel or a blend, not a {type(model).__name__}"
        )
    return described | {"characters": "".join(model.vocabulary.characters)}, arrays


def _take_mixture_apart(model: NGram | Mixture | Labelled) -> tuple[dict[str, Any], Arrays]:
    """What of a mixture, or of an n-gram alone, goes into the header, and its arrays."""
    ngram = model if isinstance(model, NGram) else model.ngram if isinstance(model, Mixture) else model.common
    networks = () if isinstance(model, NGram) else model.networks
    arrays: Arrays = {"ngram.discounts": ngram.discounts}
    arrays |= {f"ngram.{field.name}": getattr(ngram.counts, field.name) for field in fields(NGramCounts)}
    if isinstance(model, Mixture | Labelled):
        arrays["mixture.weights"] = model.weights
    for m, network in enumerate(networks):
        parameters = network.parameters
        arrays |= {f"network{m}.{name}": getattr(parameters, name) for name in ("embedding", "output", "output_bias")}
        for number, layer in enumerate(parameters.layers):
            arrays |= {f"network{m}.layer{number}.{f.name}": getattr(layer, f.name) for f in fields(Layer)}
    described: dict[str, Any] = {"cells": [network.parameters.cell for network in networks]}
    if isinstance(model, Labelled):
        arrays |= _label_arrays(model)
        described["labels"] = [[label, count] for label, count in zip(model.labels, model.counts.tolist(), strict=True)]
    return described, arrays


def take_window_apart(parameters: WindowParameters) -> tuple[dict[str, Any], Arrays]:
    """What of a network that reads windows goes into the header as `window`, and its arrays."""
    arrays: Arrays = {f"window.{name}": getattr(parameters, name) for name in ("output", "output_bias")}
    for number, layer in enumerate(parameters.layers):
        arrays |= {f"window.layer{number}.{name}": getattr(layer, name) for name in WINDOW_ARRAYS}
    layers = [{name: getattr(layer, name) for name in WINDOW_SETTINGS} for layer in parameters.layers]
    return {"length": parameters.window, "layers": layers}, arrays


def _take_blend_apart(model: Blend) -> tuple[dict[str, Any], Arrays]:
    """The same of a blend: its models taken apart one by one."""
    parts, arrays = [], {"blend.weights": model.weights}
    for number, part in enumerate(model.models):
        described, of_part = _take_apart(part)
        parts.append(described)
        arrays |= {f"part{number}.{name}": array for name, array in of_part.items()}
    return {"blend": {"how": model.how, "parts": parts}}, arrays


def check_writable(path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Raises OutputError if `path` is taken and `overwrite` is false, or if nothing can be written beside it."""
    path = Path(path)
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists already; choose another name, or --force to replace it")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OutputError:
        raise
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error


def write(path: Path, data: bytes, overwrite: bool = False) -> None:
    """Writes `data` to a temporary file beside `path`, flushes it to the disk and renames it.

    Raises OutputError as `check_writable` does, and if the disk is full; the old file is then intact.
    """
    check_writable(path, overwrite)
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Temporary files are for their owner alone; a result has the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> Contents:
    """Reads a model file. Nothing in it is executed.

    Raises ModelFileError if it is missing, truncated, not a Mangosaurus model, of a newer version, or inconsistent.
    """
    path = Path(path)
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"the model file {path} {what}; mangosaurus train makes one")
        with safe_open(path, framework="numpy") as file:
            entry = (file.metadata() or {}).get(ENTRY)
            if entry is None:
                raise ModelFileError(f"{path} is a safetensors file, but not a Mangosaurus model")
            header = json.loads(entry)
            if not isinstance(header, dict) or not isinstance(header.get("format"), int):
                raise ModelFileError(f"{path} is damaged: its header names no format")
            if header["format"] > FORMAT:
                raise ModelFileError(
                    f"{path} has format {header['format']}, and this version of Mangosaurus reads up to {FORMAT}; "
                    "upgrade it: pip install --upgrade mangosaurus"
                )
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except SafetensorError as error:
        raise ModelFileError(
            f"{path} is not a model file, or it is truncated or damaged ({error}); train it again"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path} is damaged ({error}); train it again") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return _assemble(header, arrays)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged ({error}); train it again") from error


def _assemble(header: dict[str, Any], arrays: Arrays) -> Contents:
    model = _put_together(header, arrays)
    kind: Kind | None = {"names": "names", "text": "text"}.get(header["kind"])  # type: ignore[assignment]
    if kind is None:
        raise ModelFileError(f"the kind is {header['kind']!r}, neither names nor text")
    known = arrays["known"]
    _shaped("known", known, (len(known),), np.uint32 if known.dtype == np.uint32 else np.uint64)
    return Contents(model, kind, known, dict(header["training"]))


def _put_together(header: dict[str, Any], arrays: Arrays) -> CharModel:
    """The model of a header, or of a part of one, and its arrays."""
    vocabulary = Vocabulary(header["characters"])
    if "blend" in header:
        return _blend(vocabulary, header, arrays)
    if "window" in header:
        return WindowModel(vocabulary, put_window_together(header["window"], arrays, len(vocabulary) - 1))
    return _mixture(vocabulary, header, arrays)


def _mixture(vocabulary: Vocabulary, header: dict[str, Any], arrays: Arrays) -> CharModel:
    """An n-gram, mixed with the networks if there are some."""
    counts = NGramCounts(**{field.name: _integers(arrays[f"ngram.{field.name}"]) for field in fields(NGramCounts)})
    counts.check(len(vocabulary))
    ngram = NGram(vocabulary, counts, _discounts("ngram.discounts", counts.order, arrays))
    labels = header.get("labels", [])
    networks = [_network(vocabulary, m, cell, len(labels), arrays) for m, cell in enumerate(header["cells"])]
    if labels:
        return _labelled(ngram, networks, labels, arrays)
    if not networks:
        return ngram
    weights = arrays["mixture.weights"]
    _shaped("mixture.weights", weights, equal_weights(counts.order).shape, np.float64)
    return Mixture(ngram, networks, weights)


def _discounts(name: str, order: int, arrays: Arrays) -> np.ndarray[Any, Any]:
    discounts = arrays[name]
    _shaped(name, discounts, (order, 3), np.float64)
    if not ((discounts > 0) & (discounts < LARGEST_DISCOUNTS)).all():
        raise ModelFileError("a discount is not between 0 and the count that it is taken from")
    return discounts


def _label_arrays(model: Labelled) -> Arrays:
    """The n-grams of the labels, joined field by field; each is cut off again by its levels and degrees."""
    levels, *others = [field.name for field in fields(NGramCounts)]
    joined = {name: np.concatenate([getattr(own.counts, name) for own in model.own]) for name in others}
    arrays: Arrays = {f"labels.{name}": smallest_unsigned(array) for name, array in joined.items()}
    arrays[f"labels.{levels}"] = np.stack([own.counts.levels for own in model.own])
    arrays["labels.discounts"] = model.own[0].discounts
    return arrays


def _labelled(ngram: NGram, networks: list[Recurrent], labels: list[Any], arrays: Arrays) -> Labelled:
    """The model with labels of `_label_arrays`."""
    names = [name for name, _ in labels]
    counts = np.array([count for _, count in labels])
    if len(set(names)) < len(names) or not all(isinstance(name, str) and name for name in names):
        raise ModelFileError("the labels are not different names")
    if counts.dtype.kind != "i" or not ((counts > 0) & (counts < LARGEST_COUNT)).all():
        raise ModelFileError("a label has no number of names")
    discounts = _discounts("labels.discounts", ngram.order, arrays)
    levels = arrays["labels.levels"]
    if levels.shape != (len(names), ngram.order + 1) or levels.dtype.kind not in "ui":
        raise ModelFileError(f"labels.levels has shape {levels.shape} and type {levels.dtype}")
    joined = {f.name: _integers(arrays[f"labels.{f.name}"]) for f in fields(NGramCounts) if f.name != "levels"}
    own, node, arc = [], 0, 0
    for row in levels:
        nodes = slice(node, node + int(row[-1]))
        arcs = slice(arc, arc + int(joined["degree"][nodes].sum(dtype=np.int64)))
        cut = {name: joined[name][nodes if name in ("suffix", "oldest", "degree") else arcs] for name in joined}
        counted = NGramCounts(levels=row, **cut)
        counted.check(len(ngram.vocabulary))
        own.append(NGram(ngram.vocabulary, counted, discounts))
        node, arc = nodes.stop, arcs.stop
    if node != len(joined["suffix"]) or arc != len(joined["symbol"]):
        raise ModelFileError("the labels' n-grams do not fill their arrays")
    weights = arrays["mixture.weights"]
    models = 3 if networks else 2
    _shaped("mixture.weights", weights, equal_labelled_weights(ngram.order, models).shape, np.float64)
    return Labelled(names, counts, own, ngram, networks, weights)


def _network(vocabulary: Vocabulary, number: int, cell: str, labels: int, arrays: Arrays) -> Recurrent:
    if cell not in GATES:
        raise ModelFileError(f"network {number} has the cell {cell!r}; known are {', '.join(GATES)}")
    prefix = f"network{number}"
    embedding, output = arrays[f"{prefix}.embedding"], arrays[f"{prefix}.output"]
    hidden, width = output.shape[0], embedding.shape[1]
    _shaped(f"{prefix}.embedding", embedding, (len(vocabulary) + labels, width), np.float32)
    _shaped(f"{prefix}.output", output, (hidden, len(vocabulary)), np.float32)
    _shaped(f"{prefix}.output_bias", arrays[f"{prefix}.output_bias"], (len(vocabulary),), np.float32)
    layers: list[Layer] = []
    while f"{prefix}.layer{len(layers)}.input" in arrays:
        read = {field.name: arrays[f"{prefix}.layer{len(layers)}.{field.name}"] for field in fields(Layer)}
        gates = GATES[cell] * hidden
        below = hidden if layers else width
        shapes = {"input": (below, gates), "recurrent": (hidden, gates)}
        for name, array in read.items():
            _shaped(f"{prefix}.layer{len(layers)}.{name}", array, shapes.get(name, (gates,)), np.float32)
        layers.append(Layer(**read))
    if not layers:
        raise ModelFileError(f"network {number} has no layers")
    return Recurrent(
        vocabulary,
        Parameters(cell, embedding, tuple(layers), output, arrays[f"{prefix}.output_bias"]),  # type: ignore[arg-type]
    )


def put_window_together(described: dict[str, Any], arrays: Arrays, characters: int) -> WindowParameters:
    """A network that reads windows of `characters` different characters, from what `take_window_apart` gave.

    Raises ModelFileError, or KeyError, TypeError or IndexError, if that is not what it was.
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
            _shaped(f"{prefix}.{name}", array, shapes.get(name, (gates,)), _precision(array))
        layers.append(WindowLayer(**(settings | read)))
        below = hidden
    if not layers:
        raise ModelFileError("the network has no layers")
    output, bias = arrays["window.output"], arrays["window.output_bias"]
    _shaped("window.output", output, (below, characters), _precision(output))
    _shaped("window.output_bias", bias, (characters,), _precision(bias))
    return WindowParameters(length, tuple(layers), output, bias)


def _precision(array: np.ndarray[Any, Any]) -> type:
    return np.float64 if array.dtype == np.float64 else np.float32


def _blend(vocabulary: Vocabulary, header: dict[str, Any], arrays: Arrays) -> CharModel:
    """A product or a mixture of models."""
    how, parts, weights = header["blend"]["how"], header["blend"]["parts"], arrays["blend.weights"]
    if how not in BLENDS:
        raise ModelFileError(f"the blend is a {how!r}; known are {', '.join(BLENDS)}")
    if len(parts) < 2:
        raise ModelFileError("the blend has fewer than two parts")
    _shaped("blend.weights", weights, (len(parts),), np.float64)
    if not (weights > 0).all() or abs(weights.sum() - 1) > 1e-9:
        raise ModelFileError("the weights of the blend are not positive with a sum of one")
    models = []
    for number, part in enumerate(parts):
        prefix = f"part{number}."
        inside = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        models.append(_put_together(part, inside))
    blend = BLENDS[how](models, weights)
    if blend.vocabulary != vocabulary:
        raise ModelFileError("the characters of the blend are not those of its parts")
    return blend


def _shaped(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: type) -> None:
    """Raises ModelFileError unless `array` is as it should be, its numbers finite."""
    if array.shape != shape or array.dtype != dtype:
        raise ModelFileError(
            f"{name} has shape {array.shape} and type {array.dtype}, not {shape} and {np.dtype(dtype)}"
        )
    if not (np.abs(array) <= LARGEST_NUMBER).all() and array.dtype.kind == "f":
        raise ModelFileError(f"{name} holds a number that is not finite, or beyond {LARGEST_NUMBER:g}")


def _integers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise ModelFileError(f"an n-gram's array has shape {array.shape} and type {array.dtype}, not a row of integers")
    return array
