"""One model, one file: a .safetensors file that holds everything and executes nothing.

The arrays are named below, `{m}` counting networks and `{l}` layers from 0. The header's metadata has one entry,
`mangosaurus`, a JSON object with the keys

    format        the first version of this layout that has all that is in the file: 2 where there is a transformer,
                  or where `known` is uint32; or else 1
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

    known                                   uint64 (documents,), sorted: hashes of the training documents; of more than
                                            16 million uint32, the first half of each
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
from mangosaurus.errors import ModelFileError, OutputError, plain
from mangosaurus.models.interface import CharModel
from mangosaurus.models.networks import KINDS
from mangosaurus.storage.checks import Arrays, shaped
from mangosaurus.storage.files import check_writable as check_writable
from mangosaurus.storage.files import write as write
from mangosaurus.storage.kinds import put_together, take_apart
from mangosaurus.storage.record import check_record

FORMAT = 2
"""The latest version of the layout, and the latest that is read."""
ENTRY = "mangosaurus"
LARGEST_HEADER = 8_000_000
"""Bytes, of which lists in lists take fifty times as much memory once they are read."""


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
    write(Path(path), _pieces(contents), overwrite)


def as_bytes(contents: Contents) -> bytes:
    """What a model file consists of. Raises OutputError if its header would be larger than what is read."""
    return b"".join(_pieces(contents))


def _pieces(contents: Contents) -> list[bytes | memoryview]:
    """The file in pieces: very many hashes come behind all else, for no copy of them may fit into memory."""
    described, arrays = take_apart(contents.model)
    narrow = contents.known.dtype == np.uint32
    header = described | {
        "format": max(2 if narrow else 1, _format(described)),
        "kind": contents.kind,
        "training": contents.training,
    }
    entry = {ENTRY: json.dumps(header, sort_keys=True)}
    if not narrow:
        arrays = {"known": contents.known} | arrays
    data = serialize({name: np.ascontiguousarray(array) for name, array in arrays.items()}, entry)
    if _header_length(data[:8]) > LARGEST_HEADER:
        raise OutputError(f"the model cannot be saved: its description takes more than {LARGEST_HEADER:,} bytes")
    return _with_known(data, contents.known) if narrow else [data]


def _header_length(data: bytes) -> int:
    """What the first eight bytes of a file say."""
    return int.from_bytes(data, "little")


def _with_known(data: bytes, known: np.ndarray[Any, Any]) -> list[bytes | memoryview]:
    """A file of tensors with one more behind the others."""
    start = 8 + _header_length(data[:8])
    end = len(data) - start
    header = json.loads(data[8:start])
    header["known"] = {"dtype": "U32", "shape": list(known.shape), "data_offsets": [end, end + known.nbytes]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    body = np.ascontiguousarray(known, dtype="<u4")
    return [len(text).to_bytes(8, "little"), text, memoryview(data)[start:], memoryview(body.data).cast("B")]


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


def _format(described: dict[str, Any]) -> int:
    """The first version of the layout that has all networks of a model."""
    cells = [cell if isinstance(cell, str) else next(iter(cell)) for cell in described.get("cells", [])]
    parts = described.get("blend", {}).get("parts", [])
    return max([1, *(KINDS[cell].format for cell in cells), *map(_format, parts)])


def load(path: str | os.PathLike[str]) -> Contents:
    """Reads a model file. Nothing in it is executed.

    Raises ModelFileError if it is missing, truncated, not a Mangosaurus model, of a newer version, or inconsistent.
    """
    path = Path(path)
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"the model file {path} {what}; mangosaurus train makes one")
        with path.open("rb") as opened:
            length = _header_length(opened.read(8))
        if LARGEST_HEADER < length < path.stat().st_size:
            raise ModelFileError(
                f"{path} is no model file, or damaged: its header has {length:,} bytes, and {LARGEST_HEADER:,} are the "
                "most"
            )
        with safe_open(path, framework="numpy") as file:
            entry = (file.metadata() or {}).get(ENTRY)
            if entry is None:
                raise ModelFileError(f"{path} is a safetensors file, but not a Mangosaurus model")
            header = json.loads(entry)
            if not isinstance(header, dict) or not isinstance(header.get("format"), int):
                raise ModelFileError(f"{path} is damaged: its header names no format")
            if header["format"] > FORMAT:
                found = plain(header["format"], 20)
                raise ModelFileError(
                    f"{path} has format {found}, and this version of Mangosaurus reads up to {FORMAT}; "
                    "upgrade it: pip install --upgrade mangosaurus"
                )
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except SafetensorError as error:
        raise ModelFileError(
            f"{path} is not a model file, or it is truncated or damaged ({plain(error)}); train it again"
        ) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        # AttributeError is of types of numbers that NumPy has not.
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path} is damaged ({plain(error)}); train it again") from error
    except MemoryError as error:
        raise ModelFileError(f"{path} takes more memory than there is; free some, or train a smaller model") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return _assemble(header, arrays)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged ({plain(error)}); train it again") from error
    except MemoryError as error:
        raise ModelFileError(f"{path} takes more memory than there is; free some, or train a smaller model") from error


def _assemble(header: dict[str, Any], arrays: Arrays) -> Contents:
    model = put_together(header, arrays)
    kind: Kind | None = {"names": "names", "text": "text"}.get(header["kind"])  # type: ignore[assignment]
    if kind is None:
        raise ModelFileError(f"the kind is {header['kind']!r}, neither names nor text")
    known = arrays["known"]
    shaped("known", known, (len(known),), np.uint32 if known.dtype == np.uint32 else np.uint64)
    training = dict(header["training"])
    check_record(training)
    return Contents(model, kind, known, training)
