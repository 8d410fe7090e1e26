"""The model file: one .safetensors file that holds everything and executes nothing.

`{m}` counts networks and `{l}` layers in the names of arrays below, from 0. The header's metadata has two entries,
`checksum` and `mangosaurus`. The latter is a JSON object in UTF-8, without halves of surrogate pairs and with finite
numbers only. Its keys are

    format        4, the version of this layout
    kind          "names" or "text"
    characters    the vocabulary without END, as one string; each is in NFC, and none is a line end if kind is "names".
                  With `segmentation`, a list of strings: the symbols, some of which have several characters
    segmentation  only where not every character is a symbol: an object with `separator`, the string between tokens, or
                  `inventory`, a sorted list of the symbols of several characters; with `clusters`, true where these are
                  grapheme clusters; and with `join`, the string that is written between symbols, if it is another
    cells         the cell of each network: "rnn", "gru", "lstm" or, for a transformer,
                  {"transformer": {"heads": …, "context": …}}; empty for an n-gram alone
    window        instead of `cells`, for a WindowModel: an object with `length`, the symbols that it reads, and
                  `layers`, a list of objects with cell, activation, recurrent_activation, reset_after and dropout
    blend         instead of both, for a blend: an object with `how`, "product" or "mixture", and `parts`, a list with
                  an object for each model, with the keys `characters`, `segmentation` and, as above, `cells`, `window`
                  or `blend`
    training      how the model was made: settings, steps, held-out losses in nats per symbol
    labels        only for a model with L labels: [label, number of training names] for each of them. They are
                  different, and have no control characters
    prior         true, only for a model that the prior of names is part of
    words         true, only for a model of a text that its words are part of, without labels

and the arrays are

    known                                   uint64 (documents,), sorted: hashes of the training documents
    ngram.levels .suffix .oldest .degree .symbol .target .count     see NGramCounts
    ngram.discounts                         float64 (order, 3)
    mixture.weights                         float64 (features, models), if there are words, the prior or networks; the
                                            models are the n-gram, the words, the prior, the networks
    words.letters .degree .symbol .count    see WordCounts
    prior.table .recurrent .output .vectors .gates .scale .output_bias      see PriorParameters, float32, for one list
    network{m}.embedding .output .output_bias                       see Parameters, float32
    network{m}.layer{l}.input .recurrent .input_bias .recurrent_bias    see Layer, float32
    network{m}.output_gain                                  for a transformer, see TransformerParameters, float32
    network{m}.layer{l}.attention_gain .attention .projection .feeding_gain .expansion .contraction
                                                                    see TransformerLayer, float32

and with labels also

    labels.levels                           integers (L, order + 1): NGramCounts.levels of each label's n-gram
    labels.suffix .oldest .degree .symbol .target .count    see NGramCounts: those of all labels, concatenated
    labels.discounts                        float64 (order, 3), the same for all labels

where mixture.weights is float64 (2 x features, models), see models/labelled.py, with networks or without: the models
are the label's n-gram, that of all names, the prior, the networks. network{m}.embedding has L more rows, one for each
label, and the prior has L lists.

A matrix of a network or of the prior is in the smallest type that holds all its numbers exactly: int8, float16 or
float32. One in int8 is multiplied by its scales, another array whose name ends in .scale:

    network{m}. or prior. ... .scale        float32 (columns of the matrix,), above zero

or, with `window`, only these and `known`

    window.output .output_bias                                      see WindowParameters, float32 or float64
    window.layer{l}.kernel .recurrent .bias .recurrent_bias         see WindowLayer, float32 or float64

or, with `blend`, only these and `known`

    blend.weights                           float64 (parts,), positive, their sum one
    part{p}.                                before the name of each array of part p, counted from 0

The checksum is the SHA-256, in hexadecimal, of the text of `mangosaurus` in UTF-8 and, for each array in the order of
their names, of

    a line feed, `name type shape` in UTF-8, and a line feed    type as NumPy says it, such as <f4 or |u1; shape as
                                                                Python writes a tuple, such as (33,) or (5, 24)
    its numbers in rows, little-endian                          the bytes that the file has of it

The checksum reveals damage, not forgery: anyone who changes a file can compute it anew. All else is therefore checked
too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as deserialize
from safetensors.numpy import save as serialize

from mangosaurus.core.arrays import Arrays, hashed
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import ModelFileError, OutputError, plain
from mangosaurus.core.files import write
from mangosaurus.data.corpus import Kind
from mangosaurus.formats.native.contents import Contents as Contents
from mangosaurus.formats.native.contents import check_record
from mangosaurus.formats.native.kinds import check_size, dump_model, load_model
from mangosaurus.formats.native.weights import check_numbers, shaped

FORMAT = 4
"""The version of the layout that is written and read."""
ENTRY, CHECKSUM = "mangosaurus", "checksum"
LOOKED_AT = 500
"""Bytes to tell text by."""
LARGEST_HEADER = 8_000_000
"""Bytes. Once read, nested lists take fifty times as much memory."""


def save(contents: Contents, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Writes a model file, whole or not at all.

    Raises OutputError if the path is taken and `overwrite` is false, if it cannot be written, or as `as_bytes` does.
    """
    write(Path(path), _pieces(contents), overwrite)


def as_bytes(contents: Contents) -> bytes:
    """The bytes of a model file.

    Raises OutputError for what could not be read again: numbers that are not finite, halves of surrogate pairs, and
    too large a header.
    """
    return b"".join(_pieces(contents))


def _pieces(contents: Contents) -> list[bytes | memoryview]:
    """The file in pieces: the length of its header, the header, and the arrays."""
    try:
        described, arrays = dump_model(contents.distribution)
        header = described | {"format": FORMAT, "kind": contents.kind, "training": contents.training}
        arrays = {"known": contents.known.hashes} | arrays
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        _check_text(header)
        check_size(header)
        for name, array in arrays.items():
            check_numbers(name, array)
    except (ModelFileError, RecursionError) as error:
        raise OutputError(f"the model cannot be saved: {plain(error)}") from error
    entry = json.dumps(header, sort_keys=True)
    metadata = {CHECKSUM: checksum(entry, arrays), ENTRY: entry}
    # safetensors decides the order of the arrays; it would copy them all, and write the metadata in either order.
    empty = serialize({name: array.reshape(-1)[:0] for name, array in arrays.items()})
    entries, end = {}, 0
    for name, each in json.loads(empty[8 : 8 + _header_length(empty)]).items():
        start, end = end, end + arrays[name].nbytes
        entries[name] = each | {"shape": list(arrays[name].shape), "data_offsets": [start, end]}
    text = json.dumps({"__metadata__": metadata} | entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > LARGEST_HEADER:
        raise OutputError(f"the model cannot be saved: its description takes more than {LARGEST_HEADER:,} bytes")
    data = (arrays[name].reshape(-1).view(np.uint8).data for name in entries)
    return [len(text).to_bytes(8, "little"), text, *data]


def _check_text(header: dict[str, Any]) -> None:
    """Raises ModelFileError if a header's text has halves of surrogate pairs, or one of its numbers is not finite.

    Neither can be written as JSON in UTF-8, as `info --json` and the server do.
    """
    try:
        json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        raise ModelFileError(f"its header has half of a surrogate pair, U+{half:04X}, which is no character") from error
    except ValueError as error:
        raise ModelFileError("its header has a number that is not finite") from error


def checksum(entry: str, arrays: Arrays) -> str:
    """The checksum described above."""
    return hashed(sha256(), entry, arrays)


def _header_length(data: bytes) -> int:
    return int.from_bytes(data[:8], "little")


def load(path: str | os.PathLike[str]) -> Contents:
    """Reads a model file. Nothing in it is executed.

    Raises ModelFileError if it is missing, truncated, not a Mangosaurus model, of another version, or inconsistent.
    """
    path = Path(path)
    with _refusing(str(path)):
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"the model file {path} {what}; mangosaurus train makes one")
        with path.open("rb") as opened:
            begun = opened.read(8)
            if _is_text(begun + opened.read(LOOKED_AT)):
                raise ModelFileError(
                    f"{path} is text, not a model file: mangosaurus train {path} learns it, and mangosaurus "
                    f"sample --like {path} writes more like it"
                )
            _check_header(str(path), begun, path.stat().st_size)
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        return _contents(str(path), metadata, arrays)


def from_bytes(data: bytes) -> Contents:
    """Reads the bytes of a model file. Raises ModelFileError as `load` does."""
    what = "the model in these bytes"
    with _refusing(what):
        _check_header(what, data, len(data))
        arrays = deserialize(data)  # which leaves the metadata out
        metadata = json.loads(data[8 : 8 + _header_length(data)]).get("__metadata__")
        return _contents(what, metadata, arrays)


def _is_text(begun: bytes) -> bool:
    """Whether a file that begins so is text: a model begins with the length of its header, which has bytes of 0."""
    return bool(begun.strip()) and not any(byte < 32 and byte not in b"\t\n\r\f" for byte in begun)


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turns whatever reading `what` raises into a ModelFileError of one line."""
    try:
        yield
    except ModelFileError:
        raise
    except SafetensorError as error:
        raise ModelFileError(
            f"{what} is not a model file, or it is truncated or damaged ({plain(error)}); train it again"
        ) from error
    except MemoryError as error:
        raise ModelFileError(f"{what} takes more memory than there is; free some, or train a smaller model") from error
    except OSError as error:
        raise ModelFileError(f"{what} cannot be read: {error.strerror or error}") from error
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        # AttributeError comes from number types that NumPy does not have.
        raise _damaged(what, error) from error


def _damaged(what: str, error: Exception) -> ModelFileError:
    return ModelFileError(f"{what} is damaged ({plain(error)}); train it again")


def _check_header(what: str, begun: bytes, size: int) -> None:
    """Raises ModelFileError if the header at the start of a file of this size exceeds LARGEST_HEADER."""
    length = _header_length(begun)
    if LARGEST_HEADER < length < size:
        raise ModelFileError(
            f"{what} is no model file, or damaged: its header has {length:,} bytes, and {LARGEST_HEADER:,} are the most"
        )


def _contents(what: str, metadata: dict[str, str] | None, arrays: Arrays) -> Contents:
    """The contents of a file, from the metadata of its header and its arrays."""
    entry = (metadata or {}).get(ENTRY)
    if metadata is None or entry is None:
        raise ModelFileError(f"{what} is a safetensors file, but not a Mangosaurus model")
    header = json.loads(entry)
    if not isinstance(header, dict) or not isinstance(header.get("format"), int):
        raise ModelFileError(f"{what} is damaged: its header names no format")
    if header["format"] != FORMAT:
        raise ModelFileError(
            f"{what} has format {plain(header['format'], 20)}, and this version of Mangosaurus reads format {FORMAT}; "
            "upgrade it (pip install --upgrade mangosaurus), or train the model again"
        )
    if metadata.get(CHECKSUM) != checksum(entry, arrays):
        raise ModelFileError(f"{what} is damaged (checksum mismatch); train it again")
    try:
        return _assemble(header, arrays)
    except ModelFileError as error:
        raise _damaged(what, error) from error


def _assemble(header: dict[str, Any], arrays: Arrays) -> Contents:
    _check_text(header)
    check_size(header)
    model = load_model(header, arrays)
    kind: Kind = header["kind"]
    if kind not in ("names", "text"):
        raise ModelFileError(f"the kind is {kind!r}, neither names nor text")
    if kind == "names" and {"\n", "\r"} & set().union(*model.vocabulary.characters):
        raise ModelFileError("its characters include an end of line, which no name has")
    known = arrays["known"]
    shaped("known", known, (len(known),), np.uint64)
    training = dict(header["training"])
    check_record(training)
    return Contents(model, kind, DocumentHashes(known), training)
