"""The description of the layers in a Keras file: JSON, in the words of Keras 1, 2 or 3.

Only what a WindowModel computes is taken: layers of LSTM, GRU or SimpleRNN one upon the other, Dropout anywhere, and a
Dense softmax on the last step. Anything else is refused by its name; nothing of it is executed or looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mangosaurus.errors import ModelFileError
from mangosaurus.exchange.hdf5 import quoted
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.models.window import ACTIVATIONS
from mangosaurus.storage.window import LONGEST_WINDOW

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
    """Whether it hands on what it says at every step, as it must to another such layer, or at the last one alone."""
    dropout: float = 0.0

    @property
    def numbers(self) -> int:
        """How many parameters it has."""
        return GATES[self.cell] * self.units * (self.inputs + self.units + 2)


@dataclass(frozen=True)
class Network:
    """The whole network."""

    window: int
    symbols: int
    layers: tuple[Described, ...]
    output: str
    """The name of the Dense layer."""
    output_bias: bool

    @property
    def numbers(self) -> int:
        """How many parameters it has."""
        return sum(layer.numbers for layer in self.layers) + (self.layers[-1].units + 1) * self.symbols


def read_network(model: Any, keras: int) -> Network:
    """The network that `model`, the parsed description, stands for; `keras` is the version that wrote it: 1, 2 or 3.

    Raises ModelFileError, naming the layer and what it has, if that is not a network of this kind.
    """
    shape: list[int | None] = [None, None]
    layers: list[Described] = []
    dense: tuple[str, int, bool] | None = None
    final = "linear"
    for place, (kind, name, config) in enumerate(_chain(model)):
        where = f"the {quoted(kind)} layer {quoted(name)}"
        if place == 0:
            shape = _input_shape(config, model["config"])
        if kind == "Dropout":
            rate = _rate(config, where)
            # Training alone drops anything out: what is dropped of the input, or behind the Dense layer, is not kept.
            if layers and dense is None:
                before = layers[-1].dropout
                layers[-1] = replace(layers[-1], dropout=before + rate - before * rate)
        elif kind in CELLS and dense is None:
            if layers and not layers[-1].every_step:
                raise ModelFileError(f"{where} stands on {quoted(layers[-1].name)}, which hands on its last step alone")
            inputs = layers[-1].units if layers else shape[1]
            if inputs is None:
                raise ModelFileError(f"{where} does not say how many characters it reads")
            layers.append(_recurrent(name, kind, config, inputs, keras, where))
        elif kind == "Dense" and layers and dense is None:
            if layers[-1].every_step:
                raise ModelFileError(f"{where} stands on every step of {quoted(layers[-1].name)}, not on its last")
            bias = _flag(config, "bias" if "bias" in config else "use_bias", True, where)
            dense = name, _integer(config, "units" if "units" in config else "output_dim", where), bias
            final = _activation(config, "activation", "linear", keras, where, also=("softmax",))
        elif kind == "Activation" and dense is not None and final == "linear":
            final = _activation(config, "activation", "", keras, where, also=("softmax",))
        elif kind != "InputLayer" or place > 0:
            raise ModelFileError(
                f"{where} has no place in what is read: layers of {', '.join(CELLS)}, Dropout, and one Dense softmax"
            )
    if dense is None or final != "softmax":
        raise ModelFileError(f"the network ends with {quoted(final)}, not with one Dense softmax")
    network = Network(_window(shape[0]), dense[1], tuple(layers), dense[0], dense[2])
    if network.layers[0].inputs != network.symbols:
        raise ModelFileError(
            f"the network reads {network.layers[0].inputs} characters and predicts {network.symbols}; "
            "a model of text has as many of both"
        )
    if len(layers) > MOST_LAYERS or network.numbers > MOST_NUMBERS:
        raise ModelFileError(
            f"the network has {len(layers)} layers of {network.numbers:,} numbers in all; at most {MOST_LAYERS} layers "
            f"and {MOST_NUMBERS:,} numbers are read"
        )
    return network


def _chain(model: Any) -> Iterator[tuple[str, str, Config]]:
    """Class, name and settings of every layer, from the input to the output."""
    kind = _entry(model, "class_name", str, "the description")
    if kind not in MODELS:
        raise ModelFileError(f"the model is of class {quoted(kind)}; {', '.join(MODELS)} are read")
    config = model.get("config")
    # A Sequential model's settings were the list of its layers until Keras 2.2.
    layers = config if isinstance(config, list) else _entry(config, "layers", list, "the description")
    described = []
    for layer in layers:
        settings = _entry(layer, "config", dict, "a layer")
        # Functional models name a layer beside its settings, as all models do within them.
        name = settings.get("name", layer.get("name"))
        if not isinstance(name, str):
            raise ModelFileError(f"a layer has the name {quoted(name)}")
        described.append((_entry(layer, "class_name", str, "a layer"), name, settings))
    if len({name for _, name, _ in described}) != len(described):
        raise ModelFileError("two layers have the same name")
    if kind == "Sequential" or not described:
        yield from described
        return
    places = {name: place for place, (_, name, _) in enumerate(described)}
    first, last = (_only(config, key, places) for key in ("input_layers", "output_layers"))
    chain: list[int] = []
    place: int | None = last
    while place is not None and len(chain) < len(layers):
        chain.append(place)
        place = _below(layers[place], places)
    if len(chain) < len(layers) or chain[-1] != first or place is not None:
        raise ModelFileError("the layers are not one row from one input to one output")
    yield from (described[place] for place in reversed(chain))


def _only(config: Config, key: str, places: dict[str, int]) -> int:
    """The place of the one layer that `key` names: ["name", 0, 0], or a list of one such list."""
    value = config.get(key)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str) or value[0] not in places:
        raise ModelFileError(f"the {key} are {quoted(value)}, not one known layer")
    return places[value[0]]


def _below(layer: Config, places: dict[str, int]) -> int | None:
    """The place of the layer that `layer` stands on; None for an input."""
    nodes = layer.get("inbound_nodes")
    where = f"the layer {quoted(layer['config'].get('name'))}"
    if nodes == []:
        return None
    if not isinstance(nodes, list) or len(nodes) != 1:
        raise ModelFileError(f"{where} is used more than once")
    node, source = nodes[0], None
    settings: Any = {}
    if isinstance(node, dict):  # Keras 3
        settings = node.get("kwargs")
        args = node.get("args")
        if isinstance(args, list) and len(args) == 1 and isinstance(args[0], dict):
            tensor = args[0].get("config")
            source = tensor.get("keras_history") if isinstance(tensor, dict) else None
    elif isinstance(node, list) and len(node) == 1 and isinstance(node[0], list):
        source = node[0][:3]
        settings = node[0][3] if len(node[0]) > 3 else {}
    if not isinstance(settings, dict) or any(value not in (None, False) for value in settings.values()):
        raise ModelFileError(f"{where} is called with {quoted(settings)}, which is not read")
    if not isinstance(source, list) or not source or not isinstance(source[0], str) or source[0] not in places:
        raise ModelFileError(f"{where} stands on {quoted(source)}, not on one known layer")
    return places[source[0]]


def _recurrent(name: str, kind: str, config: Config, inputs: int, keras: int, where: str) -> Described:
    for key in REFUSED:
        if _flag(config, key, False, where):
            raise ModelFileError(f"{where} has {key}, which is not read")
    gates = "inner_activation" if "inner_activation" in config else "recurrent_activation"
    usual = "sigmoid" if keras >= 3 or kind == "SimpleRNN" else "hard_sigmoid"
    return Described(
        name=name,
        cell=CELLS[kind],
        inputs=inputs,
        units=_integer(config, "units" if "units" in config else "output_dim", where),
        activation=_activation(config, "activation", "tanh", keras, where),
        recurrent_activation=_activation(config, gates, usual, keras, where),
        bias=_flag(config, "use_bias", True, where),
        reset_after=kind == "GRU" and _flag(config, "reset_after", keras >= 3, where),
        every_step=_flag(config, "return_sequences", False, where),
    )


def _activation(config: Config, key: str, default: str, keras: int, where: str, also: tuple[str, ...] = ()) -> str:
    """A key of ACTIVATIONS or one of `also`: what the version that wrote the file means by its word."""
    word = config.get(key, default)
    if word is None:
        return "linear"
    if word == "hard_sigmoid" and keras >= 3:
        return "hard_sigmoid_sixth"
    known = [name for name in ACTIVATIONS if name != "hard_sigmoid_sixth"] + list(also)
    if not isinstance(word, str) or word not in known:
        raise ModelFileError(f"{where} has the {key} {quoted(word)}; known are {', '.join(known)}")
    return word


def _input_shape(config: Config, whole: Any) -> list[int | None]:
    """(steps, characters) as the first layer, or the model as a whole, says them; None where neither does."""
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    if shape is None and config.get("input_dim") is not None:
        shape = [None, config.get("input_length"), config["input_dim"]]
    if shape is None and isinstance(whole, dict):
        shape = whole.get("build_input_shape")
    if shape is None:
        return [None, None]
    if not isinstance(shape, list) or len(shape) != 3 or not all(_positive(n) for n in shape[1:] if n is not None):
        raise ModelFileError(f"the input has shape {quoted(shape)}, not (batch, steps, characters)")
    return shape[1:]


def _window(window: int | None) -> int:
    if window is None or window > LONGEST_WINDOW:
        raise ModelFileError(
            f"the input has {'no fixed number of' if window is None else f'{window:,}'} steps; "
            f"a window of 1 to {LONGEST_WINDOW:,} is read"
        )
    return window


def _rate(config: Config, where: str) -> float:
    rate = config.get("rate", config.get("p"))
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ModelFileError(f"{where} has the rate {quoted(rate)}; it must be from 0 to below 1")
    return float(rate)


def _integer(config: Config, key: str, where: str) -> int:
    value = config.get(key)
    if not _positive(value):
        raise ModelFileError(f"{where} has {key} {quoted(value)}; it must be 1 or more")
    return int(value)  # type: ignore[arg-type]


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _flag(config: Config, key: str, default: bool, where: str) -> bool:
    value = config.get(key, default)
    if not isinstance(value, bool):
        raise ModelFileError(f"{where} has {key} {quoted(value)}, neither true nor false")
    return value


def _entry(holder: Any, key: str, kind: type, where: str) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise ModelFileError(f"{where} has no {key}, or one that is not read: {quoted(value)}")
    return value
