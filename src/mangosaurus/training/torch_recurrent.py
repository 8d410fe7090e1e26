"""What every network in training has, and the recurrent one in torch: the formulas of models/recurrent.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from mangosaurus.core.arrays import FloatArray
from mangosaurus.models.interface import AnyParameters
from mangosaurus.models.recurrent import Cell, Layer, Parameters
from mangosaurus.training.hyperparameters import Hyperparameters

KINDS: dict[str, Callable[[int, int], nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
Carried = list[Tensor | tuple[Tensor, Tensor] | None]
"""Each layer's state after a window: h, or (h, c) for LSTMs, of shape (1, B, H); None stands for zeros."""


class _Weights(Protocol):
    """The parameters that torch names so in a recurrent module of one layer."""

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor


class Trainable(nn.Module):
    """All that the trainer knows of a network.

    It reads `symbols` of the vocabulary and `labels` after them, and predicts the symbols alone.
    """

    embedding: nn.Embedding
    output: nn.Linear

    def __init__(self, symbols: int, hyper: Hyperparameters, generator: torch.Generator, labels: int) -> None:
        super().__init__()
        self.hyper = hyper
        self.generator = generator
        """What its weights, and then its dropout masks, are drawn from."""
        self._symbols, self._labels = symbols, labels

    def dropped(self) -> list[tuple[float, int]]:
        """The places of dropout in order: the share of entries set to zero, and how wide a symbol is there."""
        raise NotImplementedError

    def export(self) -> AnyParameters:
        """A copy of the parameters for NumPy, float32."""
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
        self._initialize()

    @torch.no_grad()
    def _initialize(self) -> None:
        draw = self.generator
        bound = 1 / math.sqrt(self.hyper.hidden)
        nn.init.normal_(self.embedding.weight, generator=draw)
        for module in self._recurrent():
            nn.init.uniform_(module.weight_ih_l0, -bound, bound, generator=draw)
            # Orthogonal recurrent weights keep the state's norm (Saxe, McClelland and Ganguli 2014).
            nn.init.orthogonal_(module.weight_hh_l0, generator=draw)
            nn.init.zeros_(module.bias_ih_l0)
            nn.init.zeros_(module.bias_hh_l0)
            if self.hyper.cell == "lstm":
                # A forget gate that starts open: Jozefowicz, Zaremba and Sutskever 2015.
                module.bias_ih_l0[self.hyper.hidden : 2 * self.hyper.hidden] = 1.0
        nn.init.uniform_(self.output.weight, -bound, bound, generator=draw)
        nn.init.zeros_(self.output.bias)

    def dropped(self) -> list[tuple[float, int]]:
        return [
            (self.hyper.embedding_dropout, self.hyper.embedding),
            *[(self.hyper.dropout, self.hyper.hidden)] * self.hyper.layers,
        ]

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

    def _recurrent(self) -> Iterator[_Weights]:
        """The layers, typed as what torch gives them when they are made."""
        return (cast(_Weights, layer) for layer in self.layers)

    def export(self) -> Parameters:
        """A copy of the parameters for NumPy, float32, transposed so that rows multiply them from the left."""
        return Parameters(
            cell=cast(Cell, self.hyper.cell),
            embedding=to_numpy(self.embedding.weight),
            layers=tuple(
                Layer(
                    input=to_numpy(layer.weight_ih_l0).T.copy(),
                    recurrent=to_numpy(layer.weight_hh_l0).T.copy(),
                    input_bias=to_numpy(layer.bias_ih_l0),
                    recurrent_bias=to_numpy(layer.bias_hh_l0),
                )
                for layer in self._recurrent()
            ),
            output=to_numpy(self.output.weight).T.copy(),
            output_bias=to_numpy(self.output.bias),
        )


def detach(carried: Carried) -> Carried:
    """The state without its history, so that gradients end at the window's start (truncated back-propagation)."""
    return [tuple(part.detach() for part in s) if isinstance(s, tuple) else s.detach() for s in carried]  # type: ignore[union-attr, misc]


def restart(carried: Carried, rows: Tensor) -> Carried:
    """The state with zeros in those of its rows that `rows`, (B,) of bool, names."""
    if not rows.any():
        return carried
    kept = ~rows[:, None]
    return [tuple(part * kept for part in s) if isinstance(s, tuple) else s * kept for s in carried]  # type: ignore[operator, misc]


def to_numpy(tensor: Tensor) -> FloatArray:
    """A copy of a tensor, float32, wherever it is."""
    return cast(FloatArray, tensor.detach().cpu().numpy().astype(np.float32, copy=True))
