"""Networks as ONNX graphs: one step of those that read symbols one by one, and all of one that reads windows.

ONNX's operators LSTM, GRU and RNN read stretches, (steps, B, D). They keep a layer's weights as rows,
(1, gates x H, D), both biases in one row, and order the gates in their own way:

    LSTM  i, o, f, g            GRU  q (z in ONNX's words), r, n

A GRU's reset gate multiplies the product where `linear_before_reset` is 1, else what is multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.arrays import FloatArray
from mangosaurus.errors import MissingExtraError, OptionError
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.models.window import WindowLayer, WindowModel

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

LARGEST_WEIGHTS = 2**31 - 2**24
"""Bytes: an ONNX file is a protocol buffer, of which none may have 2 GiB; the rest is for all but the weights."""
OPERATORS: dict[Cell, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
GATE_ORDER: dict[Cell, tuple[int, ...]] = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""Where ONNX's gates are among those of models/recurrent.py."""
WINDOW_GATE_ORDER: dict[Cell, tuple[int, ...]] = GATE_ORDER | {"gru": (0, 1, 2)}
"""And among those of models/window.py."""
ACTIVATIONS: dict[str, tuple[str, tuple[float, ...]]] = {
    "linear": ("Affine", (1.0, 0.0)),
    "relu": ("Relu", ()),
    "tanh": ("Tanh", ()),
    "sigmoid": ("Sigmoid", ()),
    "hard_sigmoid": ("HardSigmoid", (0.2, 0.5)),
    "hard_sigmoid_sixth": ("HardSigmoid", (1 / 6, 0.5)),
}
"""Those of models/window.py in ONNX's words, with alpha and beta where they have them."""


class Graph:
    """A graph in the making. Raises MissingExtraError if onnx is not installed."""

    def __init__(self) -> None:
        try:
            from onnx import TensorProto, helper, numpy_helper
        except ImportError as error:
            raise MissingExtraError(
                "ONNX files are written by onnx, which is not installed: pip install 'mangosaurus[onnx]'"
            ) from error
        self._helper, self._from_array = helper, numpy_helper.from_array
        self._ids, self._floats = TensorProto.INT64, TensorProto.FLOAT
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []
        self._bytes = 0
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []

    def ids(self, name: str, *widths: int) -> str:
        """An input of ids, int64 (batch, *widths)."""
        self._inputs.append(self._helper.make_tensor_value_info(name, self._ids, ["batch", *widths]))
        return name

    def numbers(self, name: str, width: int) -> str:
        """An input of numbers, float32 (batch, width)."""
        self._inputs.append(self._helper.make_tensor_value_info(name, self._floats, ["batch", width]))
        return name

    def output(self, name: str, width: int) -> None:
        """Makes a value of this name, float32 (batch, width), an output."""
        self._outputs.append(self._helper.make_tensor_value_info(name, self._floats, ["batch", width]))

    def weight(self, name: str, array: np.ndarray[Any, Any]) -> str:
        """An array that lies in the file. Raises OptionError if they become too many for it."""
        self._bytes += array.nbytes
        if self._bytes > LARGEST_WEIGHTS:
            raise OptionError("the networks have more than 2 GiB of weights, and an ONNX file holds no more")
        self._weights.append(self._from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> str:
        """A node; an empty output is one that nobody reads. Returns the last one."""
        self._nodes.append(self._helper.make_node(operator, inputs, outputs, name=outputs[-1], **attributes))
        return outputs[-1]

    def finish(self, description: str) -> GraphProto:
        return self._helper.make_graph(
            self._nodes, "mangosaurus", self._inputs, self._outputs, self._weights, description
        )


def step_graph(networks: Sequence[Recurrent]) -> Graph:
    """Symbols and the states of all networks in; the mean of their log p, normalised, and their states out."""
    graph = Graph()
    symbols, first = graph.ids("symbols"), graph.weight("first", np.array([0]))
    states: list[tuple[str, int]] = []
    logits = []
    for m, network in enumerate(networks):
        parameters, name = network.parameters, f"network{m}"
        levels = range(len(parameters.layers))
        kept = "hc" if parameters.cell == "lstm" else "h"
        for array in (f"{name}.layer{level}.{letter}" for letter in kept for level in levels):  # as Recurrent has them
            graph.add("Unsqueeze", [graph.numbers(array, network.hidden), first], f"before.{array}")
            states.append((array, network.hidden))
        embedding = graph.weight(f"{name}.embedding", parameters.embedding)
        graph.add("Gather", [embedding, symbols], f"{name}.embedded")
        x = graph.add("Unsqueeze", [f"{name}.embedded", first], f"{name}.stretch")
        for level, layer in enumerate(parameters.layers):
            place = f"{name}.layer{level}"
            biases = (layer.input_bias, layer.recurrent_bias)
            weights = _weights(graph, place, GATE_ORDER[parameters.cell], layer.input, layer.recurrent, *biases)
            graph.add(
                OPERATORS[parameters.cell],
                [x, *weights, "", *(f"before.{place}.{letter}" for letter in kept)],  # "": all steps are read
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


def window_graph(model: WindowModel) -> Graph:
    """Windows of symbols in, log p of what follows out."""
    graph, parameters, symbols = Graph(), model.parameters, len(model.vocabulary)
    windows = graph.ids("symbols", parameters.window)
    # OneHot would read an id that does not exist as no symbol at all; Gather refuses it.
    read = graph.add("Gather", [graph.weight("ids", np.arange(symbols)), windows], "read")
    steps = graph.add("Transpose", [read], "steps", perm=[1, 0])
    depth, values = graph.weight("depth", np.array(symbols)), graph.weight("values", np.array([0, 1], np.float32))
    x = graph.add("OneHot", [steps, depth, values], "one_hot")
    direction, first = graph.weight("direction", np.array([1])), graph.weight("first", np.array([0]))
    last = ""
    for level, layer in enumerate(parameters.layers):
        place, kernel = f"layer{level}", layer.kernel
        if level == 0:
            kernel = np.pad(kernel, ((1, 0), (0, 0)))  # END, there a row of zeros, here meets zeros
        else:
            x = graph.add("Squeeze", [f"layer{level - 1}.every_step", direction], f"layer{level - 1}.said")
        second = layer.recurrent_bias * layer.reset_after  # it is not read of other layers
        weights = _weights(graph, place, WINDOW_GATE_ORDER[layer.cell], kernel, layer.recurrent, layer.bias, second)
        last = graph.add(
            OPERATORS[layer.cell],
            [x, *weights],
            *(f"{place}.every_step", f"{place}.last_step"),  # (T, 1, B, H) and (1, B, H)
            hidden_size=len(layer.recurrent),
            **_activations(layer),
        )
    said = graph.add("Squeeze", [last, first], "said")
    # Before the softmax already, so that END gets no probability.
    output = np.pad(parameters.output, ((0, 0), (1, 0)))
    logits = _logits(graph, "window", said, output, np.append(-np.inf, parameters.output_bias))
    graph.add("LogSoftmax", [logits], "log_probs", axis=1)
    graph.output("log_probs", symbols)
    return graph


def _activations(layer: WindowLayer) -> dict[str, Any]:
    """What a layer's operator is told of its activations: of the gates first, then of the rest."""
    gate, other = layer.recurrent_activation, layer.activation
    keys = {"rnn": [other], "gru": [gate, other], "lstm": [gate, other, other]}[layer.cell]
    used = [ACTIVATIONS[key] for key in keys]
    told: dict[str, Any] = {"activations": [name for name, _ in used]}
    numbers = [numbers for _, numbers in used if numbers]
    if numbers:
        told |= {"activation_alpha": [alpha for alpha, _ in numbers], "activation_beta": [beta for _, beta in numbers]}
    return told | ({"linear_before_reset": int(layer.reset_after)} if layer.cell == "gru" else {})


def _weights(
    graph: Graph,
    name: str,
    order: tuple[int, ...],
    input: FloatArray,
    recurrent: FloatArray,
    input_bias: FloatArray,
    recurrent_bias: FloatArray,
) -> list[str]:
    """A layer's weights as its operator takes them; ours are (D, gates x H), (H, gates x H) and (gates x H,) twice."""

    def rows(columns: FloatArray) -> FloatArray:
        gates = np.split(columns, len(order), axis=-1)
        return np.concatenate([gates[gate] for gate in order], axis=-1).T

    bias = np.concatenate([rows(input_bias), rows(recurrent_bias)])
    arrays = {"input": rows(input), "recurrent": rows(recurrent), "bias": bias}
    return [graph.weight(f"{name}.{part}", array[None].astype(np.float32)) for part, array in arrays.items()]


def _logits(graph: Graph, name: str, said: str, output: FloatArray, bias: FloatArray) -> str:
    """What the last layer says, (B, H), as log p but for a constant a row, (B, V)."""
    weights = [graph.weight(f"{name}.output", output.astype(np.float32))]
    weights.append(graph.weight(f"{name}.output_bias", bias.astype(np.float32)))
    return graph.add("Gemm", [said, *weights], f"{name}.logits")
