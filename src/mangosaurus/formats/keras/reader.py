"""Models that Keras wrote, in `.h5` files and `.keras` archives: networks that read windows of one-hot characters.

Keras 1, 2 or 3 describes the layers as JSON. Only what a WindowModel computes is read: a stack of LSTM, GRU or
SimpleRNN layers, Dropout anywhere, and a Dense softmax on the last step. Anything else is refused by name; nothing is
executed or looked up. An `.h5` file names each layer's arrays in an attribute, `weight_names`; an archive numbers
them. Their order is

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

from mangosaurus.core.errors import CorpusError, ModelFileError, plain
from mangosaurus.core.vocabulary import Vocabulary, normalize
from mangosaurus.data.corpus import Corpus
from mangosaurus.formats.keras import hdf5
from mangosaurus.formats.keras.hdf5 import quoted
from mangosaurus.formats.native.network import LONGEST_WINDOW, WINDOW_SETTINGS
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.models.window import ACTIVATIONS, WindowLayer, WindowParameters

if TYPE_CHECKING:
    import h5py

CELLS: dict[str, Cell] = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
MODELS = ("Sequential", "Model", "Functional")
REFUSED = ("go_backwards", "stateful", "return_state", "time_major")
"""Settings of a recurrent layer that would change what it computes."""
MOST_LAYERS = 64
MOST_NUMBERS = 50_000_000
LARGEST_DESCRIPTION = 4 * 2**20
"""Bytes of JSON."""
LARGEST_RATIO = 100
"""The largest size of an archive's member, as a multiple of its packed size; numbers pack badly."""
MOST_ARRAYS = 12
"""The most arrays of a layer: Keras 1's LSTM."""
Arrays = Callable[[str, str], "list[h5py.Dataset]"]
"""The arrays of a layer, not read yet, by its class and its name."""
Config = dict[str, Any]


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
        what = plain(error, 200)
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
    if gates > 1 and len(found) == 3 * gates:  # three arrays a gate, as Keras 1 wrote them
        order = [0, 2, 1, 3] if layer.cell == "lstm" else [0, 1, 2]
        kernel, recurrent, bias = (
            np.concatenate([hdf5.read(found[3 * gate + part], shape) for gate in order], axis=-1)
            for part, shape in enumerate([(inputs, units), (units, units), (units,)])
        )
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


def _counted(name: str, found: Sequence[h5py.Dataset], count: int) -> None:
    if len(found) != count:
        raise ModelFileError(f"the layer {quoted(name)} has {len(found)} arrays, and its description needs {count}")


@dataclass(frozen=True)
class Described:
    """A recurrent layer as the file describes it."""

    name: str
    cell: Cell
    inputs: int
    units: int
    activation: str
    recurrent_activation: str
    bias: bool
    reset_after: bool
    every_step: bool
    """Whether it outputs every step, as another such layer needs, or the last one alone."""
    dropout: float = 0.0


@dataclass(frozen=True)
class Network:
    window: int
    symbols: int
    layers: tuple[Described, ...]
    output: str
    """The name of the Dense layer."""
    output_bias: bool

    @property
    def numbers(self) -> int:
        """How many parameters it has."""
        own = (GATES[each.cell] * each.units * (each.inputs + each.units + 2) for each in self.layers)
        return sum(own) + (self.layers[-1].units + 1) * self.symbols


@dataclass(frozen=True)
class Entry:
    """A layer in the description. Its methods raise ModelFileError for settings that are not as they should be."""

    kind: str
    name: str
    config: Config
    keras: int
    """The version that wrote it: 1, 2 or 3."""

    def __str__(self) -> str:
        return f"the {quoted(self.kind)} layer {quoted(self.name)}"

    def _setting(self, *keys: str, default: Any = None) -> tuple[str, Any]:
        """The name of a setting, which depends on the version, and its value."""
        key = next((key for key in keys if key in self.config), keys[-1])
        return key, self.config.get(key, default)

    def units(self) -> int:
        key, value = self._setting("units", "output_dim")
        if not _positive(value):
            raise ModelFileError(f"{self} has {key} {quoted(value)}; it must be 1 or more")
        return int(value)

    def rate(self) -> float:
        _, rate = self._setting("rate", "p")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
            raise ModelFileError(f"{self} has the rate {quoted(rate)}; it must be from 0 to below 1")
        return float(rate)

    def flag(self, *keys: str, default: bool = False) -> bool:
        key, value = self._setting(*keys, default=default)
        if not isinstance(value, bool):
            raise ModelFileError(f"{self} has {key} {quoted(value)}, neither true nor false")
        return value

    def activation(self, *keys: str, default: str, also: tuple[str, ...] = ()) -> str:
        """A key of ACTIVATIONS or one of `also`. The same word means different things in different versions."""
        key, word = self._setting(*keys, default=default)
        if word is None:
            return "linear"
        if word == "hard_sigmoid" and self.keras >= 3:
            return "hard_sigmoid_sixth"
        known = [name for name in ACTIVATIONS if name != "hard_sigmoid_sixth"] + list(also)
        if not isinstance(word, str) or word not in known:
            raise ModelFileError(f"{self} has the {key} {quoted(word)}; known are {', '.join(known)}")
        return word

    def recurrent(self, inputs: int) -> Described:
        """The layer of one of CELLS."""
        for key in REFUSED:
            if self.flag(key):
                raise ModelFileError(f"{self} has {key}, which is not read")
        usual = "sigmoid" if self.keras >= 3 or self.kind == "SimpleRNN" else "hard_sigmoid"
        return Described(
            name=self.name,
            cell=CELLS[self.kind],
            inputs=inputs,
            units=self.units(),
            activation=self.activation("activation", default="tanh"),
            recurrent_activation=self.activation("inner_activation", "recurrent_activation", default=usual),
            bias=self.flag("use_bias", default=True),
            reset_after=self.kind == "GRU" and self.flag("reset_after", default=self.keras >= 3),
            every_step=self.flag("return_sequences"),
        )


def read_network(model: Any, keras: int) -> Network:
    """The network of `model`, the parsed description; `keras` is the version that wrote it: 1, 2 or 3.

    Raises ModelFileError, naming the layer and what it has, if that is not a network of this kind.
    """
    chain = _chain(model, keras)
    window, characters = _input_shape(chain[0].config, model["config"]) if chain else (None, None)
    layers: list[Described] = []
    dense: tuple[str, int, bool] | None = None
    final = "linear"
    for place, entry in enumerate(chain):
        if entry.kind == "Dropout":
            rate = entry.rate()
            # Dropout matters in further training only; a WindowModel has none on its input and its output.
            if layers and dense is None:
                before = layers[-1].dropout
                layers[-1] = replace(layers[-1], dropout=before + rate - before * rate)
        elif entry.kind in CELLS and dense is None:
            if layers and not layers[-1].every_step:
                raise ModelFileError(f"{entry} stands on {quoted(layers[-1].name)}, which outputs its last step alone")
            inputs = layers[-1].units if layers else characters
            if inputs is None:
                raise ModelFileError(f"{entry} does not say how many characters it reads")
            layers.append(entry.recurrent(inputs))
        elif entry.kind == "Dense" and layers and dense is None:
            if layers[-1].every_step:
                raise ModelFileError(f"{entry} stands on every step of {quoted(layers[-1].name)}, not on its last")
            dense = entry.name, entry.units(), entry.flag("bias", "use_bias", default=True)
            final = entry.activation("activation", default="linear", also=("softmax",))
        elif entry.kind == "Activation" and dense is not None and final == "linear":
            final = entry.activation("activation", default="", also=("softmax",))
        elif entry.kind != "InputLayer" or place > 0:
            raise ModelFileError(f"{entry} is not read; {', '.join(CELLS)}, Dropout, and one Dense softmax are")
    if dense is None or final != "softmax":
        raise ModelFileError(f"the network ends with {quoted(final)}, not with one Dense softmax")
    if window is None or window > LONGEST_WINDOW:
        raise ModelFileError(
            f"the input has {'no fixed number of' if window is None else f'{window:,}'} steps; "
            f"a window of 1 to {LONGEST_WINDOW:,} is read"
        )
    return _checked(Network(window, dense[1], tuple(layers), dense[0], dense[2]))


def _checked(network: Network) -> Network:
    """The network. Raises ModelFileError if it predicts other characters than it reads, or is too large."""
    inputs, layers = network.layers[0].inputs, len(network.layers)
    if inputs != network.symbols:
        raise ModelFileError(
            f"the network reads {inputs} characters and predicts {network.symbols}; a model of text has as many of both"
        )
    if layers > MOST_LAYERS or network.numbers > MOST_NUMBERS:
        raise ModelFileError(
            f"the network has {layers} layers with {network.numbers:,} parameters; at most {MOST_LAYERS} layers and "
            f"{MOST_NUMBERS:,} parameters are read"
        )
    return network


def _chain(model: Any, keras: int) -> list[Entry]:
    """Every layer, from the input to the output."""
    kind = _entry(model, "class_name", str, "the description")
    if kind not in MODELS:
        raise ModelFileError(f"the model is of class {quoted(kind)}; {', '.join(MODELS)} are read")
    config = model.get("config")
    # A Sequential model's settings were the list of its layers until Keras 2.2.
    layers = config if isinstance(config, list) else _entry(config, "layers", list, "the description")
    found: list[Entry] = []
    for layer in layers:
        settings = _entry(layer, "config", dict, "a layer")
        # Functional models name a layer beside its settings, all models name it within them.
        name = settings.get("name", layer.get("name"))
        if not isinstance(name, str):
            raise ModelFileError(f"a layer has the name {quoted(name)}")
        entry = Entry(_entry(layer, "class_name", str, "a layer"), name, settings, keras)
        below = found[-1].name if found else None
        if kind != "Sequential" and _source(layer, entry) != below:
            raise ModelFileError(f"{entry} does not stand on the one before it, {quoted(below)}")
        found.append(entry)
    if len({entry.name for entry in found}) != len(found):
        raise ModelFileError("two layers have the same name")
    for key, place in (("input_layers", 0), ("output_layers", -1)) if kind != "Sequential" and found else ():
        one = [found[place].name, 0, 0]
        if config.get(key) not in (one, [one]):
            raise ModelFileError(f"the {key} are {quoted(config.get(key))}, not the one layer {quoted(one[0])}")
    return found


def _source(layer: Config, entry: Entry) -> Any:
    """The name of the layer that a layer of a functional model stands on; None for an input."""
    nodes = layer.get("inbound_nodes")
    if nodes == []:
        return None
    if not isinstance(nodes, list) or len(nodes) != 1:
        raise ModelFileError(f"{entry} is used more than once")
    node = nodes[0]
    source: list[Any] = []
    settings: Any = {}
    if isinstance(node, dict):  # Keras 3
        settings, args = node.get("kwargs"), node.get("args")
        if isinstance(args, list) and len(args) == 1 and isinstance(args[0], dict):
            source = _entry(args[0].get("config"), "keras_history", list, str(entry))
    elif isinstance(node, list) and len(node) == 1 and isinstance(node[0], list):
        source, settings = node[0], node[0][3] if len(node[0]) > 3 else {}
    if not isinstance(settings, dict) or any(value not in (None, False) for value in settings.values()):
        raise ModelFileError(f"{entry} is called with {quoted(settings)}, which is not read")
    return source[0] if source else None


def _input_shape(config: Config, whole: Any) -> tuple[int | None, int | None]:
    """(steps, characters) as the first layer, or the model as a whole, says them; None where neither does."""
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    if shape is None and config.get("input_dim") is not None:
        shape = [None, config.get("input_length"), config["input_dim"]]
    if shape is None and isinstance(whole, dict):
        shape = whole.get("build_input_shape")
    if shape is None:
        return None, None
    if not isinstance(shape, list) or len(shape) != 3 or not all(_positive(n) for n in shape[1:] if n is not None):
        raise ModelFileError(f"the input has shape {quoted(shape)}, not (batch, steps, characters)")
    return shape[1], shape[2]


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _entry(holder: Any, key: str, kind: type, where: str) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise ModelFileError(f"{where} has no {key}, or one that is not read: {quoted(value)}")
    return value
