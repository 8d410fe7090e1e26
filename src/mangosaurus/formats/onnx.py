"""The step of a model's networks as an ONNX graph, for onnxruntime and other programs without Mangosaurus.

B is the batch, V the symbols, END (id 0) included, H the units of a layer. The graph has

    inputs     symbols                             int64 (B,): the symbol that each row reads now
               network{m}.layer{l}.h               float32 (B, H): the hidden state of layer l of network m
               network{m}.layer{l}.c               float32 (B, H): LSTMs only, after all h of the network
    outputs    log_probs                           float32 (B, V): natural log p(next symbol | symbols read)
               next.network{m}.layer{l}.h, ...     the state after the symbol, in the order of the inputs

A document begins with a state of zeros and END, or the id of a label where names have labels; `log_probs` is then that
of the first character. It is the mean of several networks' log p, normalised: the factor that models/mixture.py and
models/labelled.py raise to a power and multiply by the n-gram and the prior of names. The powers depend on the n-gram's
counts, so they stay in Python, and both models with them.

A network that reads windows has no state. T is the length of its window:

    inputs     symbols       int64 (B, T): the latest symbols, padded with END on the left
    outputs    log_probs     float32 (B, V): END's is minus infinity

The file's `metadata_props` have one entry, `mangosaurus`, a JSON object with the keys

    format     FORMAT, the version of this layout
    kind       "names" or "text"
    symbols    V strings: the character of each id, in NFC, or its token of several; END's is empty
    separator  what stands between tokens; only where symbols are tokens
    end        0, the id of END
    cells      for each network, the cells of its layers: "rnn", "gru" or "lstm"
    labels     an object: the id of each label as the first symbol; only where names have labels
    window     T; only for a network that reads windows

The layers are ONNX's own operators LSTM, GRU and RNN. They read sequences, (steps, B, D), hold a layer's weights as
rows, (1, gates x H, D), and both biases in one row, and order the gates in their own way:

    LSTM  i, o, f, g            GRU  q (z in ONNX's words), r, n

A GRU's reset gate multiplies the product where `linear_before_reset` is 1, else what is multiplied.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import MissingExtraError, Option, OptionError
from mangosaurus.core.files import write
from mangosaurus.core.version import __version__
from mangosaurus.core.vocabulary import END
from mangosaurus.formats.native.contents import Contents
from mangosaurus.models.blend import Blend
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.models.steered import Steered
from mangosaurus.models.window import WindowLayer, WindowModel

if TYPE_CHECKING:
    from onnx import ModelProto

FORMAT = 1
ENTRY = "mangosaurus"
OPSET = 17
"""The version of the operators."""
IR_VERSION = 8
"""The version of the file's layout that was released with these operators."""
DESCRIPTION = (
    "One step of networks that predict text character by character: symbols read and a state in, natural log p of the "
    f"next symbol and the next state out. Zeros and END begin a document. The metadata entry {ENTRY!r} is JSON."
)
WINDOW_DESCRIPTION = (
    "A network that predicts text character by character: the latest symbols in, natural log p of the next one out. "
    f"END stands before a document. The metadata entry {ENTRY!r} is JSON."
)
LARGEST_WEIGHTS = 2**31 - 2**24
"""Bytes: a protocol buffer must be smaller than 2 GiB, and this leaves room for the rest of it."""
OPERATORS: dict[Cell, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
GATE_ORDER: dict[Cell, tuple[int, ...]] = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""The places of ONNX's gates among those of models/recurrent.py."""
WINDOW_GATE_ORDER: dict[Cell, tuple[int, ...]] = GATE_ORDER | {"gru": (0, 1, 2)}
"""The same for models/window.py."""
ACTIVATIONS: dict[str, tuple[str, tuple[float, ...]]] = {
    "linear": ("Affine", (1.0, 0.0)),
    "relu": ("Relu", ()),
    "tanh": ("Tanh", ()),
    "sigmoid": ("Sigmoid", ()),
    "hard_sigmoid": ("HardSigmoid", (0.2, 0.5)),
    "hard_sigmoid_sixth": ("HardSigmoid", (1 / 6, 0.5)),
}
"""ONNX's names for those of models/window.py, with alpha and beta for those that take them."""


def write_onnx(model: Contents, path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the networks of a model to an .onnx file, atomically; returns what to know of the file, a line each.

    Raises OptionError for a model without networks, a blend, a model with a label chosen, or more than 2 GiB of
    weights; OutputError as `write` does; and MissingExtraError if onnx is not installed.
    """
    proto = to_onnx(model)
    write(path, proto.SerializeToString(deterministic=True), overwrite)
    if isinstance(model.distribution, WindowModel):
        shape = f"the latest {model.distribution.parameters.window} symbols in, log p of the next one out"
    else:
        arrays = len(proto.graph.input) - 1
        shape = f"a symbol and {arrays} array{'s' if arrays > 1 else ''} of state in, log p of the next and state out"
    notes = [f"{describe(model.distribution)}, as ONNX opset {OPSET}: {shape}"]
    if isinstance(model.distribution, Mixture | Labelled):
        line = "the n-gram and the prior stay in Python" if model.distribution.prior else "the n-gram stays in Python"
        alone, mixed = model.training.get("held_out_network"), model.training.get("held_out")
        if isinstance(alone, float) and isinstance(mixed, float):  # a record from a file may hold anything
            line += f": a network alone has a held-out loss of {alone:.3f} nats per symbol, the mixture {mixed:.3f}"
        notes.append(line)
    return tuple(notes)


def to_onnx(model: Contents) -> ModelProto:
    """The graph that `write_onnx` writes. Raises the same errors, except OutputError."""
    distribution = model.distribution
    about: dict[str, Any] = {
        "format": FORMAT,
        "kind": model.kind,
        "symbols": ["", *model.vocabulary.characters],
        "end": END,
    }
    if model.vocabulary.segmentation.separator:
        about |= {"separator": model.vocabulary.segmentation.separator}
    if isinstance(distribution, WindowModel):
        parameters = distribution.parameters
        about |= {"cells": [[layer.cell for layer in parameters.layers]], "window": parameters.window}
        graph, description = _window_graph(distribution), WINDOW_DESCRIPTION
    else:
        networks = _networks(distribution)
        about |= {"cells": [[network.parameters.cell] * len(network.parameters.layers) for network in networks]}
        if isinstance(distribution, Labelled):
            ids = range(len(model.vocabulary), len(model.vocabulary) + len(distribution.labels))
            about |= {"labels": dict(zip(distribution.labels, ids, strict=True))}
        graph, description = _step_graph(networks), DESCRIPTION
    graph.proto.doc_string = description
    helper = graph.onnx.helper
    proto: ModelProto = helper.make_model(
        graph.proto,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="mangosaurus",
        producer_version=__version__,
        doc_string=description,
    )
    helper.set_model_props(proto, {ENTRY: json.dumps(about, ensure_ascii=False)})
    return proto


def _networks(distribution: CharModel) -> Sequence[Recurrent]:
    """The model's recurrent networks. Raises OptionError if it has none, or other networks too."""
    if isinstance(distribution, Recurrent):
        return (distribution,)
    if isinstance(distribution, Mixture | Labelled) and distribution.networks:
        networks = [network for network in distribution.networks if isinstance(network, Recurrent)]
        if len(networks) < len(distribution.networks):
            raise OptionError(
                f"an ONNX file holds RNN, GRU and LSTM networks, and this model is {describe(distribution)}; "
                "train one with ",
                Option("cell", "lstm"),
            )
        return networks
    if isinstance(distribution, Blend):
        raise OptionError("a blend stays in Python: an ONNX file holds the networks of one model; export its models")
    if isinstance(distribution, LabelBlend):
        raise OptionError("a model with a label chosen is part of another; export the one with all its labels")
    if isinstance(distribution, Steered):
        raise OptionError("a steered model stays in Python: export the model that was steered")
    prior = isinstance(distribution, Mixture | Labelled) and distribution.prior
    stay = "an n-gram and the prior stay in Python" if prior else "an n-gram stays in Python"
    raise OptionError(
        f"{stay}, an ONNX file holds networks, and this model is {describe(distribution)}: "
        "no network was trained, or it did not help"
    )


class _Graph:
    """Builds a graph. Raises MissingExtraError if onnx is not installed."""

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError as error:
            raise MissingExtraError(
                'ONNX files are written by onnx, which is not installed: pip install "mangosaurus[onnx]"'
            ) from error
        self.onnx, self.proto = onnx, onnx.GraphProto(name="mangosaurus")
        self._bytes = 0

    def input(self, name: str, *widths: int, ids: bool = False) -> str:
        """An input (batch, *widths): float32, or int64 for ids."""
        kind = self.onnx.TensorProto.INT64 if ids else self.onnx.TensorProto.FLOAT
        self.proto.input.append(self.onnx.helper.make_tensor_value_info(name, kind, ["batch", *widths]))
        return name

    def output(self, name: str, width: int) -> None:
        """Makes the value of this name, float32 (batch, width), an output."""
        kind = self.onnx.TensorProto.FLOAT
        self.proto.output.append(self.onnx.helper.make_tensor_value_info(name, kind, ["batch", width]))

    def weight(self, name: str, array: np.ndarray[Any, Any]) -> str:
        """An array of the file. Raises OptionError if the arrays exceed LARGEST_WEIGHTS."""
        self._bytes += array.nbytes
        if self._bytes > LARGEST_WEIGHTS:
            raise OptionError("the networks have more than 2 GiB of weights, and an ONNX file holds no more")
        self.proto.initializer.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> str:
        """A node; outputs that nobody reads are empty. Returns the last output."""
        self.proto.node.append(self.onnx.helper.make_node(operator, inputs, outputs, name=outputs[-1], **attributes))
        return outputs[-1]


def _step_graph(networks: Sequence[Recurrent]) -> _Graph:
    """One step of all networks: symbols and states in; the mean of their log p, normalised, and next states out."""
    graph = _Graph()
    symbols, first = graph.input("symbols", ids=True), graph.weight("first", np.array([0]))
    states: list[tuple[str, int]] = []
    logits = []
    for m, network in enumerate(networks):
        parameters, name = network.parameters, f"network{m}"
        levels = range(len(parameters.layers))
        kept = "hc" if parameters.cell == "lstm" else "h"
        for array in (f"{name}.layer{level}.{letter}" for letter in kept for level in levels):  # in Recurrent's order
            graph.add("Unsqueeze", [graph.input(array, network.hidden), first], f"before.{array}")
            states.append((array, network.hidden))
        embedding = graph.weight(f"{name}.embedding", parameters.embedding)
        graph.add("Gather", [embedding, symbols], f"{name}.embedded")
        x = graph.add("Unsqueeze", [f"{name}.embedded", first], f"{name}.sequence")
        for level, layer in enumerate(parameters.layers):
            place = f"{name}.layer{level}"
            biases = (layer.input_bias, layer.recurrent_bias)
            weights = _weights(graph, place, GATE_ORDER[parameters.cell], layer.input, layer.recurrent, *biases)
            graph.add(
                OPERATORS[parameters.cell],
                [x, *weights, "", *(f"before.{place}.{letter}" for letter in kept)],  # "": the sequence is not padded
                *("", *(f"after.{place}.{letter}" for letter in kept)),
                hidden_size=network.hidden,
                **({"linear_before_reset": 1} if parameters.cell == "gru" else {}),
            )
            x = f"after.{place}.h"
        said = graph.add("Squeeze", [x, first], f"{name}.said")
        logits.append(_logits(graph, name, said, parameters.output, parameters.output_bias))
    mean = logits[0] if len(logits) == 1 else graph.add("Mean", logits, "mean")
    graph.add("LogSoftmax", [mean], "log_probs", axis=1)
    graph.output("log_probs", len(networks[0].vocabulary))
    for array, hidden in states:
        graph.add("Squeeze", [f"after.{array}", first], f"next.{array}")
        graph.output(f"next.{array}", hidden)
    return graph


def _window_graph(model: WindowModel) -> _Graph:
    """Windows of symbols in, log p of what follows out."""
    graph, parameters, symbols = _Graph(), model.parameters, len(model.vocabulary)
    windows = graph.input("symbols", parameters.window, ids=True)
    # OneHot makes zeros of an id that does not exist; Gather refuses it.
    read = graph.add("Gather", [graph.weight("ids", np.arange(symbols)), windows], "read")
    steps = graph.add("Transpose", [read], "steps", perm=[1, 0])
    depth, values = graph.weight("depth", np.array(symbols)), graph.weight("values", np.array([0, 1], np.float32))
    x = graph.add("OneHot", [steps, depth, values], "one_hot")
    direction, first = graph.weight("direction", np.array([1])), graph.weight("first", np.array([0]))
    last = ""
    for level, layer in enumerate(parameters.layers):
        place, kernel = f"layer{level}", layer.kernel
        if level == 0:
            kernel = np.pad(kernel, ((1, 0), (0, 0)))  # END is zeros in the model, and has zero weights here
        else:
            x = graph.add("Squeeze", [f"layer{level - 1}.every_step", direction], f"layer{level - 1}.said")
        second = layer.recurrent_bias * layer.reset_after  # only these layers read it
        weights = _weights(graph, place, WINDOW_GATE_ORDER[layer.cell], kernel, layer.recurrent, layer.bias, second)
        last = graph.add(
            OPERATORS[layer.cell],
            [x, *weights],
            *(f"{place}.every_step", f"{place}.last_step"),  # (T, 1, B, H) and (1, B, H)
            hidden_size=len(layer.recurrent),
            **_activations(layer),
        )
    said = graph.add("Squeeze", [last, first], "said")
    # Minus infinity before the softmax gives END no probability.
    output = np.pad(parameters.output, ((0, 0), (1, 0)))
    logits = _logits(graph, "window", said, output, np.append(-np.inf, parameters.output_bias))
    graph.add("LogSoftmax", [logits], "log_probs", axis=1)
    graph.output("log_probs", symbols)
    return graph


def _activations(layer: WindowLayer) -> dict[str, Any]:
    """The attributes of a layer's operator for its activations: the gates' first, then the others."""
    gate, other = layer.recurrent_activation, layer.activation
    keys = {"rnn": [other], "gru": [gate, other], "lstm": [gate, other, other]}[layer.cell]
    used = [ACTIVATIONS[key] for key in keys]
    attributes: dict[str, Any] = {"activations": [name for name, _ in used]}
    if numbers := [numbers for _, numbers in used if numbers]:
        attributes["activation_alpha"], attributes["activation_beta"] = map(list, zip(*numbers, strict=True))
    if layer.cell == "gru":
        attributes["linear_before_reset"] = int(layer.reset_after)
    return attributes


def _weights(graph: _Graph, name: str, order: tuple[int, ...], *columns: FloatArray) -> list[str]:
    """A layer's weights for its operator, from (D, gates x H), (H, gates x H) and two biases (gates x H,)."""
    rows = []
    for array in columns:
        gates = np.split(array, len(order), axis=-1)
        rows.append(np.concatenate([gates[gate] for gate in order], axis=-1).T)
    arrays = {"input": rows[0], "recurrent": rows[1], "bias": np.concatenate(rows[2:])}
    return [graph.weight(f"{name}.{part}", array[None].astype(np.float32)) for part, array in arrays.items()]


def _logits(graph: _Graph, name: str, said: str, output: FloatArray, bias: FloatArray) -> str:
    """The last layer's output, (B, H), as log p plus a constant in each row, (B, V)."""
    arrays = {"output": output, "output_bias": bias}
    weights = [graph.weight(f"{name}.{part}", array.astype(np.float32)) for part, array in arrays.items()]
    return graph.add("Gemm", [said, *weights], f"{name}.logits")
