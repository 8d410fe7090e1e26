"""The base class of networks in training, and the recurrent network: models/recurrent.py in torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.vocabulary import END
from mangosaurus.models.interface import AnyParameters
from mangosaurus.models.recurrent import Cell, Layer, Parameters
from mangosaurus.training.hyperparameters import Hyperparameters

KINDS: dict[str, Callable[[int, int], nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
Carried = list[Tensor | tuple[Tensor, Tensor]]
"""Each layer's state after a window: h, or (h, c) for LSTMs, of shape (1, B, H)."""


class Trainable(nn.Module):
    """What the trainer knows about a network.

    It reads `symbols` of the vocabulary and `labels` after them, and predicts only the symbols.
    """

    embedding: nn.Embedding
    output: nn.Linear

    def __init__(self, symbols: int, hyper: Hyperparameters, generator: torch.Generator, labels: int) -> None:
        super().__init__()
        self.hyper = hyper
        self.generator = generator
        """Draws its weights, and then its dropout masks."""
        self._symbols, self._labels = symbols, labels

    def dropped(self) -> list[tuple[float, int]]:
        """For each dropout, in order: the share of entries set to zero, and the width of a symbol."""
        raise NotImplementedError

    def export(self) -> AnyParameters:
        """A copy of the parameters for NumPy, float32."""
        raise NotImplementedError

    def start_from(self, parameters: Parameters) -> None:
        """Takes over parameters of the same sizes. Only recurrent networks can."""
        raise NotImplementedError

    def masks(self, rows: int) -> list[Tensor]:
        """Factors that set entries to zero and scale the others up, drawn for `rows` sequences: (1, B, width) each.

        One mask serves all steps of a sequence. Where nothing is dropped, all factors are one.
        """
        masks = []
        for share, width in self.dropped():
            mask = torch.ones(1, rows, width)
            masks.append(mask.bernoulli_(1 - share, generator=self.generator) / (1 - share) if share else mask)
        return masks

    def replica(self, generator: torch.Generator) -> Self:
        """A network on the same weights in memory, with gradients and dropout masks of its own."""
        twin = type(self)(self._symbols, self.hyper, generator, self._labels)
        for mine, theirs in zip(self.parameters(), twin.parameters(), strict=True):
            theirs.data = mine.data
        return twin


class Network(Trainable):
    """Embedding, layers of torch's own recurrent kernels, projection to the vocabulary. T symbols, B sequences."""

    def __init__(self, symbols: int, hyper: Hyperparameters, generator: torch.Generator, labels: int = 0) -> None:
        super().__init__(symbols, hyper, generator, labels)
        self.embedding: nn.Embedding = nn.Embedding(symbols + labels, hyper.embedding)
        widths = [hyper.embedding] + [hyper.hidden] * (hyper.layers - 1)
        self.layers: nn.ModuleList = nn.ModuleList(KINDS[hyper.cell](width, hyper.hidden) for width in widths)
        self.output: nn.Linear = nn.Linear(hyper.hidden, symbols)
        bound = 1 / math.sqrt(hyper.hidden)
        nn.init.normal_(self.embedding.weight, generator=generator)
        for layer in self.layers:
            kernel, recurrent, bias, recurrent_bias = layer.parameters()
            nn.init.uniform_(kernel, -bound, bound, generator=generator)
            # Orthogonal recurrent weights keep the state's norm (Saxe, McClelland and Ganguli 2014).
            nn.init.orthogonal_(recurrent, generator=generator)
            nn.init.zeros_(bias)
            nn.init.zeros_(recurrent_bias)
            if hyper.cell == "lstm":
                # A forget gate that starts open: Jozefowicz, Zaremba and Sutskever 2015.
                nn.init.ones_(bias.detach()[hyper.hidden : 2 * hyper.hidden])
        nn.init.uniform_(self.output.weight, -bound, bound, generator=generator)
        nn.init.zeros_(self.output.bias)

    def dropped(self) -> list[tuple[float, int]]:
        hyper = self.hyper
        return [(hyper.embedding_dropout, hyper.embedding)] + [(hyper.dropout, hyper.hidden)] * hyper.layers

    def forward(
        self, symbols: Tensor, carried: Carried | None = None, masks: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, Carried]:
        """Logits of the symbol after each of `symbols`, (T, B) to (T, B, V), and the state to carry on."""
        x = self.embedding(symbols)
        x = x if masks is None else x * masks[0].to(x.dtype)
        after: Carried = []
        for place, layer in enumerate(self.layers):
            x, state = layer(x, None if carried is None else carried[place])
            x = x if masks is None else x * masks[place + 1].to(x.dtype)
            after.append(state)
        return self.output(x), after

    @torch.no_grad()
    def start_from(self, parameters: Parameters) -> None:
        """The inverse of `export`. Rows of labels, which `parameters` may lack, start as the row of END."""
        symbols = len(parameters.embedding)
        self.embedding.weight[:symbols] = torch.from_numpy(parameters.embedding)
        self.embedding.weight[symbols:] = self.embedding.weight[END]
        for layer, known in zip(self.layers, parameters.layers, strict=True):
            arrays = (known.input.T, known.recurrent.T, known.input_bias, known.recurrent_bias)
            for mine, theirs in zip(layer.parameters(), arrays, strict=True):
                mine.copy_(torch.from_numpy(theirs.copy()))
        self.output.weight.copy_(torch.from_numpy(parameters.output.T.copy()))
        self.output.bias.copy_(torch.from_numpy(parameters.output_bias))

    def export(self) -> Parameters:
        """A copy of the parameters for NumPy, float32, transposed so that rows multiply them from the left."""
        return Parameters(
            cell=cast(Cell, self.hyper.cell),
            embedding=to_numpy(self.embedding.weight),
            # torch has the kernel, the recurrent weights and their biases in this order.
            layers=tuple(Layer(*(to_numpy(each).T.copy() for each in layer.parameters())) for layer in self.layers),
            output=to_numpy(self.output.weight).T.copy(),
            output_bias=to_numpy(self.output.bias),
        )


def add_gradients(networks: Sequence[Iterable[nn.Parameter]]) -> None:
    """Adds the gradients of all networks' parameters to those of the first."""
    for first, *others in zip(*networks, strict=True):
        for other in others:
            if first.grad is None:
                first.grad = other.grad
            elif other.grad is not None:
                first.grad += other.grad


def map_tensors(tree: Any, change: Callable[[Tensor], Any]) -> Any:
    """Lists and tuples with their tensors changed."""
    return change(tree) if isinstance(tree, Tensor) else type(tree)(map_tensors(each, change) for each in tree)


def restart(carried: Carried, rows: Tensor) -> Carried:
    """The state with zeros in those of its rows that `rows`, (B,) of bool, names."""
    return cast(Carried, map_tensors(carried, (~rows[:, None]).mul)) if rows.any() else carried


def to_numpy(tensor: Tensor) -> FloatArray:
    """A copy of a tensor, float32, wherever it is."""
    return cast(FloatArray, tensor.detach().cpu().numpy().astype(np.float32, copy=True))
