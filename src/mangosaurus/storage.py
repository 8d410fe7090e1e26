"""One model, one file: a .safetensors file that holds everything and executes nothing.

The arrays are named below, `{m}` counting networks and `{l}` layers from 0. The header's metadata has one entry,
`mangosaurus`, a JSON object with the keys

    format        FORMAT, the version of this layout
    kind          "names" or "text"
    characters    the vocabulary without END, as one string
    cells         the cell of each network: "rnn", "gru" or "lstm"; empty for an n-gram alone
    training      how the model was made: settings, steps, held-out losses in nats per symbol
    labels        of a model with L labels: [label, number of training names] for each of them; else missing

and the arrays are

    known                                   uint64 (documents,), sorted: hashes of the training documents
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
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled, equal_labelled_weights
from mangosaurus.models.mixture import Mixture, equal_weights
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, NGram, NGramCounts
from mangosaurus.models.recurrent import GATES, Layer, Parameters, Recurrent
from mangosaurus.vocabulary import Vocabulary

FORMAT = 1
ENTRY = "mangosaurus"
LARGEST_NUMBER = 1e6
"""No trained weight comes near it; far larger ones could overflow and leave no probabilities."""
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
    model = contents.model
    ngram: NGram
    if isinstance(model, Labelled):
        ngram, networks = model.common, list(model.networks)
    elif isinstance(model, Mixture):
        ngram, networks = model.ngram, list(model.networks)
    elif isinstance(model, NGram):
        ngram, networks = model, []
    else:
        raise TypeError(f"a file holds an n-gram or a mixture with one, not a {type(model).__name__}")
    arrays: Arrays = {"known": contents.known, "ngram.discounts": ngram.discounts}
    arrays |= {f"ngram.{field.name}": getattr(ngram.counts, field.name) for field in fields(NGramCounts)}
    if isinstance(model, Mixture | Labelled):
        arrays["mixture.weights"] = model.weights
    for m, network in enumerate(networks):
        parameters = network.parameters
        arrays |= {f"network{m}.{name}": getattr(parameters, name) for name in ("embedding", "output", "output_bias")}
        for number, layer in enumerate(parameters.layers):
            arrays |= {f"network{m}.layer{number}.{f.name}": getattr(layer, f.name) for f in fields(Layer)}
    header: dict[str, Any] = {
        "format": FORMAT,
        "kind": contents.kind,
        "characters": "".join(model.vocabulary.characters),
        "cells": [network.parameters.cell for network in networks],
        "training": contents.training,
    }
    if isinstance(model, Labelled):
        arrays |= _label_arrays(model)
        header["labels"] = [[label, count] for label, count in zip(model.labels, model.counts.tolist(), strict=True)]
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write(Path(path), serialize(arrays, {ENTRY: json.dumps(header, sort_keys=True)}), overwrite)


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
    except (ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise ModelFileError(f"{path} is damaged ({error}); train it again") from error


def _assemble(header: dict[str, Any], arrays: Arrays) -> Contents:
    vocabulary = Vocabulary(header["characters"])
    counts = NGramCounts(**{field.name: _integers(arrays[f"ngram.{field.name}"]) for field in fields(NGramCounts)})
    counts.check(len(vocabulary))
    ngram = NGram(vocabulary, counts, _discounts("ngram.discounts", counts.order, arrays))
    model: CharModel = ngram
    labels = header.get("labels", [])
    networks = [_network(vocabulary, m, cell, len(labels), arrays) for m, cell in enumerate(header["cells"])]
    if labels:
        model = _labelled(ngram, networks, labels, arrays)
    elif networks:
        weights = arrays["mixture.weights"]
        _shaped("mixture.weights", weights, equal_weights(counts.order).shape, np.float64)
        model = Mixture(ngram, networks, weights)
    kind: Kind | None = {"names": "names", "text": "text"}.get(header["kind"])  # type: ignore[assignment]
    if kind is None:
        raise ModelFileError(f"the kind is {header['kind']!r}, neither names nor text")
    known = arrays["known"]
    _shaped("known", known, (len(known),), np.uint64)
    return Contents(model, kind, known, dict(header["training"]))


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
