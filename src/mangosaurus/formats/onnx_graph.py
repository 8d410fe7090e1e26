"""Networks as ONNX graphs: one step of recurrent networks, and the whole of a network that reads windows.

ONNX's operators LSTM, GRU and RNN read sequences, (steps, B, D). They hold a layer's weights as rows,
(1, gates x H, D), both biases in one row, and order the gates in their own way:

    LSTM  i, o, f, g            GRU  q (z in ONNX's words), r, n

A GRU's reset gate multiplies the product where `linear_before_reset` is 1, else what is multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import MissingExtraError, OptionError
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.models.window import WindowLayer, WindowModel

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

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


class Graph:
    """Builds a graph. Raises MissingExtraError if onnx is not installed."""

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

    def input(self, name: str, *widths: int, ids: bool = False) -> str:
        """An input (batch, *widths): float32, or int64 for ids."""
        kind = self._ids if ids else self._floats
        self._inputs.append(self._helper.make_tensor_value_info(name, kind, ["batch", *widths]))
        return name

    def output(self, name: str, width: int) -> None:
        """Makes the value of this name, float32 (batch, width), an output."""
        self._outputs.append(self._helper.make_tensor_value_info(name, self._floats, ["batch", width]))

    def weight(self, name: str, array: np.ndarray[Any, Any]) -> str:
        """An array of the file. Raises OptionError if the arrays exceed LARGEST_WEIGHTS."""
        self._bytes += array.nbytes
        if self._bytes > LARGEST_WEIGHTS:
            raise OptionError("the networks have more than 2 GiB of weights, and an ONNX file holds no more")
        self._weights.append(self._from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> str:
        """A node; outputs that nobody reads are empty. Returns the last output."""
        self._nodes.append(self._helper.make_node(operator, inputs, outputs, name=outputs[-1], **attributes))
        return outputs[-1]

    def finish(self, description: str) -> GraphProto:
        return self._helper.make_graph(
            self._nodes, "mangosaurus", self._inputs, self._outputs, self._weights, description
        )


def step_graph(networks: Sequence[Recurrent]) -> Graph:
    """One step of all networks: symbols and states in; the mean of their log p, normalised, and next states out."""
    graph = Graph()
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


def window_graph(model: WindowModel) -> Graph:
    """Windows of symbols in, log p of what follows out."""
    graph, parameters, symbols = Graph(), model.parameters, len(model.vocabulary)
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
    numbers = [numbers for _, numbers in used if numbers]
    if numbers:
        attributes |= {
            "activation_alpha": [alpha for alpha, _ in numbers],
            "activation_beta": [beta for _, beta in numbers],
        }
    return attributes | ({"linear_before_reset": int(layer.reset_after)} if layer.cell == "gru" else {})


def _weights(
    graph: Graph,
    name: str,
    order: tuple[int, ...],
    input: FloatArray,
    recurrent: FloatArray,
    input_bias: FloatArray,
    recurrent_bias: FloatArray,
) -> list[str]:
    """A layer's weights for its operator, from (D, gates x H), (H, gates x H) and two biases (gates x H,)."""

    def rows(columns: FloatArray) -> FloatArray:
        gates = np.split(columns, len(order), axis=-1)
        return np.concatenate([gates[gate] for gate in order], axis=-1).T

    bias = np.concatenate([rows(input_bias), rows(recurrent_bias)])
    arrays = {"input": rows(input), "recurrent": rows(recurrent), "bias": bias}
    return [graph.weight(f"{name}.{part}", array[None].astype(np.float32)) for part, array in arrays.items()]


def _logits(graph: Graph, name: str, said: str, output: FloatArray, bias: FloatArray) -> str:
    """The last layer's output, (B, H), as log p but for a constant a row, (B, V)."""
    arrays = {"output": output, "output_bias": bias}
    weights = [graph.weight(f"{name}.{part}", array.astype(np.float32)) for part, array in arrays.items()]
    return graph.add("Gemm", [said, *weights], f"{name}.logits")
