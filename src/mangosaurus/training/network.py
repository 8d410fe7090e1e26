"""The recurrent network in torch: the same formulas as models/recurrent.py, with gradients and dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn

from mangosaurus.arrays import FloatArray
from mangosaurus.models.recurrent import Layer, Parameters
from mangosaurus.training.plan import Plan

KINDS: dict[str, Callable[[int, int], nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
Carried = list[Tensor | tuple[Tensor, Tensor] | None]
"""Each layer's state after a window: h, or (h, c) for LSTMs, of shape (1, B, H); None stands for zeros."""


class _Weights(Protocol):
    """The parameters that torch names so in a recurrent module of one layer."""

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor


class Network(nn.Module):
    """Embedding, layers of torch's own recurrent kernels, projection to the vocabulary. T symbols, B sequences.

    It reads `symbols` of the vocabulary and as many `labels` behind them, and predicts the symbols alone.
    """

    def __init__(self, symbols: int, plan: Plan, generator: torch.Generator, labels: int = 0) -> None:
        super().__init__()
        self.plan = plan
        self.generator = generator
        self.embedding = nn.Embedding(symbols + labels, plan.embedding)
        widths = [plan.embedding] + [plan.hidden] * (plan.layers - 1)
        self.layers = nn.ModuleList(KINDS[plan.cell](width, plan.hidden) for width in widths)
        self.output = nn.Linear(plan.hidden, symbols)
        self._initialize()

    @torch.no_grad()
    def _initialize(self) -> None:
        draw = self.generator
        bound = 1 / math.sqrt(self.plan.hidden)
        nn.init.normal_(self.embedding.weight, generator=draw)
        for module in self._recurrent():
            nn.init.uniform_(module.weight_ih_l0, -bound, bound, generator=draw)
            # Orthogonal recurrent weights keep the state's norm (Saxe, McClelland and Ganguli 2014).
            nn.init.orthogonal_(module.weight_hh_l0, generator=draw)
            nn.init.zeros_(module.bias_ih_l0)
            nn.init.zeros_(module.bias_hh_l0)
            if self.plan.cell == "lstm":
                # A forget gate that starts open: Jozefowicz, Zaremba and Sutskever 2015.
                module.bias_ih_l0[self.plan.hidden : 2 * self.plan.hidden] = 1.0
        nn.init.uniform_(self.output.weight, -bound, bound, generator=draw)
        nn.init.zeros_(self.output.bias)

    def forward(self, symbols: Tensor, carried: Carried | None = None) -> tuple[Tensor, Carried]:
        """Logits of the symbol after each of `symbols`, (T, B) to (T, B, V), and the state to carry on."""
        x = self._drop(self.embedding(symbols), self.plan.embedding_dropout)
        after: Carried = []
        for place, layer in enumerate(self.layers):
            x, state = layer(x, None if carried is None else carried[place])
            x = self._drop(x, self.plan.dropout)
            after.append(state)
        return self.output(x), after

    def _recurrent(self) -> Iterator[_Weights]:
        """The layers, typed as what torch gives them when they are made."""
        return (cast(_Weights, layer) for layer in self.layers)

    def replica(self, generator: torch.Generator) -> Network:
        """A network on the same weights in memory, with gradients and dropout masks of its own."""
        symbols = self.output.out_features
        twin = Network(symbols, self.plan, generator, self.embedding.num_embeddings - symbols)
        for mine, theirs in zip(self.parameters(), twin.parameters(), strict=True):
            theirs.data = mine.data
        return twin

    def _drop(self, x: Tensor, share: float) -> Tensor:
        """Sets entries to zero and scales the others up, with one mask for all steps of a sequence."""
        if not self.training or not share:
            return x
        mask = torch.empty(1, *x.shape[1:]).bernoulli_(1 - share, generator=self.generator)
        return x * (mask / (1 - share)).to(x.dtype)

    def export(self) -> Parameters:
        """A copy of the parameters for NumPy, float32, transposed so that rows multiply them from the left."""
        return Parameters(
            cell=self.plan.cell,
            embedding=_numpy(self.embedding.weight),
            layers=tuple(
                Layer(
                    input=_numpy(layer.weight_ih_l0).T.copy(),
                    recurrent=_numpy(layer.weight_hh_l0).T.copy(),
                    input_bias=_numpy(layer.bias_ih_l0),
                    recurrent_bias=_numpy(layer.bias_hh_l0),
                )
                for layer in self._recurrent()
            ),
            output=_numpy(self.output.weight).T.copy(),
            output_bias=_numpy(self.output.bias),
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


def _numpy(tensor: Tensor) -> FloatArray:
    return cast(FloatArray, tensor.detach().numpy().astype(np.float32, copy=True))
