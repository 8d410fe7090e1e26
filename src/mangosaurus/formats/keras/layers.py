"""The description of the layers in a Keras file: JSON, as Keras 1, 2 or 3 writes it.

Only what a WindowModel computes is read: a stack of LSTM, GRU or SimpleRNN layers, Dropout anywhere, and a Dense
softmax on the last step. Anything else is refused by name; nothing is executed or looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mangosaurus.core.errors import ModelFileError
from mangosaurus.formats.keras.hdf5 import quoted
from mangosaurus.formats.native.network import LONGEST_WINDOW
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.models.window import ACTIVATIONS

CELLS: dict[str, Cell] = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
MODELS = ("Sequential", "Model", "Functional")
REFUSED = ("go_backwards", "stateful", "return_state", "time_major")
"""Settings of a recurrent layer that would change what it computes."""
MOST_LAYERS = 64
MOST_NUMBERS = 50_000_000
Config = dict[str, Any]


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
