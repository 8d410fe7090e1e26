"""Models that Keras wrote, in `.h5` files and `.keras` archives: networks that read windows of one-hot characters.

An `.h5` file names each layer's arrays in an attribute, `weight_names`; an archive numbers them. Their order is

    LSTM, GRU, SimpleRNN    kernel (D, gates x H), recurrent kernel (H, gates x H), bias (gates x H,)
                            the gates in WindowModel's order; no bias without `use_bias`; with `reset_after` a GRU's
                            is (2, gates x H), the second row for the recurrent kernel
    the same, Keras 1       or these three for each gate, (D, H), (H, H), (H,); an LSTM's gates are i, g, f, o
    Dense                   kernel (H, V - 1), bias (V - 1,)

The file does not hold the characters: they are those of the training text, sorted by code point, as in the course.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import CorpusError, ModelFileError
from mangosaurus.core.vocabulary import Vocabulary, normalize
from mangosaurus.data.corpus import Corpus
from mangosaurus.formats.keras import hdf5
from mangosaurus.formats.keras.hdf5 import quoted
from mangosaurus.formats.keras.layers import CELLS, Described, Network, read_network
from mangosaurus.formats.native.network import WINDOW_SETTINGS
from mangosaurus.models.recurrent import GATES
from mangosaurus.models.window import WindowLayer, WindowParameters

if TYPE_CHECKING:
    import h5py

LARGEST_DESCRIPTION = 4 * 2**20
"""Bytes of JSON."""
LARGEST_RATIO = 100
"""The largest size of an archive's member, as a multiple of its packed size; numbers pack badly."""
MOST_ARRAYS = 12
"""The most arrays of a layer: Keras 1's LSTM."""
Arrays = Callable[[str, str], "list[h5py.Dataset]"]
"""The arrays of a layer, not read yet, by its class and its name."""


@dataclass(frozen=True)
class KerasModel:
    """What a Keras file holds."""

    version: str
    """Of the Keras that wrote it, such as "2.0.6"."""
    parameters: WindowParameters
    """float32, or float64 where the file has that."""


def read_here(path: Path) -> KerasModel:
    """Reads a Keras file of versions 1 to 3 in this process, where a damaged file may loop for ever: see sandbox.py."""
    try:
        if path.stat().st_size > hdf5.LARGEST_FILE:
            raise ModelFileError(f"it has more than {hdf5.LARGEST_FILE:,} bytes")
        with path.open("rb") as file:
            archived = file.read(4) == b"PK\x03\x04"
        # Numbers that are not finite are refused; NumPy need not warn of them.
        with np.errstate(all="ignore"):
            return _read_archive(path) if archived else _read_h5(path)
    except ModelFileError as error:
        raise ModelFileError(f"{path} cannot be imported: {error}") from error
    except MemoryError as error:
        raise ModelFileError(f"{path} cannot be imported: it is damaged, or takes too much memory") from error
    except Exception as error:  # h5py, zipfile and json raise almost anything where a file is damaged
        what = " ".join(str(error).split())[:200]
        raise ModelFileError(f"{path} is not a Keras file, or it is truncated or damaged ({what})") from error


def join_corpus(corpus: Corpus, outputs: int) -> tuple[Corpus, Vocabulary]:
    """The corpus as the model read it, and its vocabulary of `outputs` characters.

    The corpus stays as it is, or is lower-cased, whichever has `outputs` different characters. Raises CorpusError, with
    the counts, if neither has.
    """
    lowered = replace(
        corpus, documents=tuple(normalize(document.lower()) for document in corpus.documents), lowercased=True
    )
    for candidate in (corpus, lowered):
        if candidate.distinct == outputs:
            return candidate, Vocabulary.of(candidate.documents)
    raise CorpusError(
        f"the Keras file has {outputs} outputs, and {', '.join(corpus.sources)} has {corpus.distinct} different "
        f"characters, lower-cased {lowered.distinct}; give the corpus that the model was trained on"
    )


def _read_h5(path: Path) -> KerasModel:
    with hdf5.library().File(path, "r") as file:
        described = hdf5.texts(file, "model_config", 1)
        if described is None:
            raise ModelFileError("it has no model_config: save the whole model with Keras, not its weights alone")
        weights = hdf5.subgroup(file, "model_weights")
        # The first versions of Keras did not write their version.
        version = hdf5.texts(file, "keras_version", 1) or hdf5.texts(weights, "keras_version", 1) or ["1"]
        network = read_network(_parse(described[0]), _major(version[0]))

        def arrays(kind: str, name: str) -> list[h5py.Dataset]:
            group = hdf5.subgroup(weights, name)
            names = hdf5.texts(group, "weight_names", MOST_ARRAYS)
            if names is None:
                raise ModelFileError(f"the layer {quoted(name)} has no weight_names")
            return [hdf5.dataset(group, each) for each in names]

        return KerasModel(version[0], _parameters(network, arrays))


def _read_archive(path: Path) -> KerasModel:
    with zipfile.ZipFile(path) as archive:
        metadata, config = (
            _parse(_member(archive, name, LARGEST_DESCRIPTION).decode()) for name in ("metadata.json", "config.json")
        )
        version = metadata.get("keras_version") if isinstance(metadata, dict) else None
        network = read_network(config, _major(version))
        # An optimizer keeps up to three numbers for each parameter.
        data = _member(archive, "model.weights.h5", 16 * network.numbers + 2**22)
    with hdf5.library().File(io.BytesIO(data), "r") as file:
        # Before Keras 2.13 the group had another name.
        known = [name for name in ("layers", "_layer_checkpoint_dependencies") if name in file]
        layers = hdf5.subgroup(file, known[0] if known else "layers")
        seen: Counter[str] = Counter()

        def arrays(kind: str, name: str) -> list[h5py.Dataset]:
            # Groups are named by the class, whatever the layer's name: lstm, lstm_1, lstm_2 and so on.
            word = re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()
            called = f"{word}_{seen[word]}" if seen[word] else word
            seen[word] += 1
            group = hdf5.subgroup(layers, f"{called}/cell/vars" if kind in CELLS else f"{called}/vars")
            if len(group) > MOST_ARRAYS:
                raise ModelFileError(f"the layer {quoted(name)} has {len(group):,} arrays")
            return [hdf5.dataset(group, str(number)) for number in range(len(group))]

        return KerasModel(str(version), _parameters(network, arrays))


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A member of the archive. Raises ModelFileError if it would unpack into more than `most` bytes."""
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise ModelFileError(f"the archive has no {name}") from None
    if member.flag_bits & 1:
        raise ModelFileError(f"{name} is encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelFileError(f"{name} is packed in a way that Keras never uses")
    if member.file_size > min(most, LARGEST_RATIO * member.compress_size):
        raise ModelFileError(f"{name} would unpack into {member.file_size:,} bytes, more than it can need")
    with archive.open(member) as file:
        return file.read(member.file_size)


def _parse(text: str) -> Any:
    if len(text) > LARGEST_DESCRIPTION:
        raise ModelFileError(f"the description of the layers has {len(text):,} characters")
    try:
        return json.loads(text)
    except RecursionError:
        raise ModelFileError("the description of the layers is nested too deeply") from None


def _major(version: Any) -> int:
    """1, 2 or 3."""
    match = re.match(r"([123])(?!\d)", version) if isinstance(version, str) else None
    if match is None:
        raise ModelFileError(f"it was written by Keras {quoted(version)}; versions 1 to 3 are read")
    return int(match[1])


def _parameters(network: Network, arrays: Arrays) -> WindowParameters:
    classes = {cell: kind for kind, cell in CELLS.items()}
    layers = tuple(_layer(layer, arrays(classes[layer.cell], layer.name)) for layer in network.layers)
    width, symbols = network.layers[-1].units, network.symbols
    found = arrays("Dense", network.output)
    _counted(network.output, found, 2 if network.output_bias else 1)
    output = hdf5.read(found[0], (width, symbols))
    bias = hdf5.read(found[1], (symbols,)) if network.output_bias else np.zeros(symbols, dtype=np.float32)
    return WindowParameters(network.window, layers, output, bias)


def _layer(layer: Described, found: Sequence[h5py.Dataset]) -> WindowLayer:
    inputs, units, gates = layer.inputs, layer.units, GATES[layer.cell]
    bias = recurrent_bias = np.zeros(gates * units, dtype=np.float32)
    if gates > 1 and len(found) == 3 * gates:
        kernel, recurrent, bias = _by_gate(layer, found)
    else:
        _counted(layer.name, found, 3 if layer.bias else 2)
        kernel = hdf5.read(found[0], (inputs, gates * units))
        recurrent = hdf5.read(found[1], (units, gates * units))
        if layer.bias and layer.reset_after:
            bias, recurrent_bias = hdf5.read(found[2], (2, gates * units))
        elif layer.bias:
            bias = hdf5.read(found[2], (gates * units,))
    settings = {name: getattr(layer, name) for name in WINDOW_SETTINGS}
    return WindowLayer(kernel=kernel, recurrent=recurrent, bias=bias, recurrent_bias=recurrent_bias, **settings)


def _by_gate(layer: Described, found: Sequence[h5py.Dataset]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Kernel, recurrent kernel and bias from three arrays a gate, as Keras 1 wrote them."""
    shapes = [(layer.inputs, layer.units), (layer.units, layer.units), (layer.units,)]
    order = [0, 2, 1, 3] if layer.cell == "lstm" else [0, 1, 2]
    kernel, recurrent, bias = (
        np.concatenate([hdf5.read(found[3 * gate + part], shape) for gate in order], axis=-1)
        for part, shape in enumerate(shapes)
    )
    return kernel, recurrent, bias


def _counted(name: str, found: Sequence[h5py.Dataset], count: int) -> None:
    if len(found) != count:
        raise ModelFileError(f"the layer {quoted(name)} has {len(found)} arrays, and its description needs {count}")
