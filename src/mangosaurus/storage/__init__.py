"""One model, one file: a .safetensors file that holds everything and executes nothing.

The arrays are named below, `{m}` counting networks and `{l}` layers from 0. The header's metadata has one entry,
`mangosaurus`, a JSON object with the keys

    format        the first version of this layout that has all that is in the file: 2 where there is a transformer,
                  or else 1
    kind          "names" or "text"
    characters    the vocabulary without END, as one string
    cells         the cell of each network, "rnn", "gru" or "lstm", or of a transformer
                  {"transformer": {"heads": …, "context": …}}; empty for an n-gram alone
    window        instead of `cells`, in the file of a WindowModel: an object with `length`, the symbols that it reads,
                  and `layers`, a list of objects with cell, activation, recurrent_activation, reset_after and dropout
    blend         instead of both, in the file of a blend: an object with `how`, "product" or "mixture", and `parts`, a
                  list with an object for each of its models, with the keys `characters` and, as above, `cells`,
                  `window` or `blend`
    training      how the model was made: settings, steps, held-out losses in nats per symbol
    labels        of a model with L labels: [label, number of training names] for each of them; else missing

and the arrays are

    known                                   uint64 (documents,), sorted: hashes of the training documents
    ngram.levels .suffix .oldest .degree .symbol .target .count     see NGramCounts
    ngram.discounts                         float64 (order, 3)
    mixture.weights                         float64 (features, 2), where there are networks
    network{m}.embedding .output .output_bias                       see Parameters, float32
    network{m}.layer{l}.input .recurrent .input_bias .recurrent_bias    see Layer, float32
    network{m}.output_gain                                          of a transformer, see TransformerParameters, float32
    network{m}.layer{l}.attention_gain .attention .projection .feeding_gain .expansion .contraction
                                                                    see TransformerLayer, float32

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as deserialize
from safetensors.numpy import save as serialize

from mangosaurus.corpus import Kind
from mangosaurus.errors import ModelFileError
from mangosaurus.models.interface import CharModel
from mangosaurus.storage.checks import Arrays, shaped
from mangosaurus.storage.files import check_writable as check_writable
from mangosaurus.storage.files import write as write
from mangosaurus.storage.kinds import put_together, take_apart

FORMAT = 2
"""The latest version of the layout, and the latest that is read."""
ENTRY = "mangosaurus"


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
    write(Path(path), as_bytes(contents), overwrite)


def as_bytes(contents: Contents) -> bytes:
    """What a model file consists of."""
    described, arrays = take_apart(contents.model)
    header = described | {
        "format": 2 if _has_transformer(described) else 1,
        "kind": contents.kind,
        "training": contents.training,
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in ({"known": contents.known} | arrays).items()}
    return serialize(arrays, {ENTRY: json.dumps(header, sort_keys=True)})


def _has_transformer(described: dict[str, Any]) -> bool:
    parts = described.get("blend", {}).get("parts", [])
    return any(isinstance(cell, dict) for cell in described.get("cells", [])) or any(map(_has_transformer, parts))


def from_bytes(data: bytes) -> Contents:
    """What `as_bytes` was given. Raises ModelFileError if that is not where they come from.

    safetensors reads arrays from bytes, but not their metadata: its header is JSON behind eight bytes with its length.
    """
    try:
        size = int.from_bytes(data[:8], "little")
        header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"][ENTRY])
        return _assemble(header, deserialize(data))
    except (SafetensorError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ModelFileError(f"these bytes are no model ({error})") from error


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
    model = put_together(header, arrays)
    kind: Kind | None = {"names": "names", "text": "text"}.get(header["kind"])  # type: ignore[assignment]
    if kind is None:
        raise ModelFileError(f"the kind is {header['kind']!r}, neither names nor text")
    known = arrays["known"]
    shaped("known", known, (len(known),), np.uint64)
    return Contents(model, kind, known, dict(header["training"]))
