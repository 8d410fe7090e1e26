"""The transformer in torch: the same formulas as models/transformer.py, with gradients and dropout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from mangosaurus.models.transformer import LEAST_VARIANCE, TransformerLayer, TransformerParameters, speeds
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.torch_recurrent import Carried, Trainable, to_numpy


class TransformerNetwork(Trainable):
    """A transformer whose context is the hyper's window. It carries nothing from batch to batch.

    T symbols, B sequences, D = the hyper's hidden units, heads of W numbers.
    """

    def __init__(self, symbols: int, hyper: Hyperparameters, generator: torch.Generator, labels: int = 0) -> None:
        super().__init__(symbols, hyper, generator, labels)
        self.embedding: nn.Embedding = nn.Embedding(symbols + labels, hyper.hidden)
        self.layers: nn.ModuleList = nn.ModuleList(_Layer(hyper) for _ in range(hyper.layers))
        self.output_gain: nn.Parameter = nn.Parameter(torch.ones(hyper.hidden))
        self.output: nn.Linear = nn.Linear(hyper.hidden, symbols)
        nn.init.normal_(self.embedding.weight, generator=generator)
        for name, weight in self.layers.named_parameters():
            if weight.ndim == 2:
                # What is added to x in every layer is small at first, so that the sum does not grow with their number.
                added = name.endswith(("projection.weight", "contraction.weight"))
                spread = 1 / math.sqrt(weight.shape[1]) / (math.sqrt(2 * hyper.layers) if added else 1)
                nn.init.normal_(weight, std=spread, generator=generator)
        bound = 1 / math.sqrt(hyper.hidden)
        nn.init.uniform_(self.output.weight, -bound, bound, generator=generator)
        nn.init.zeros_(self.output.bias)

    def dropped(self) -> list[tuple[float, int]]:
        size = self.hyper.hidden
        return [(self.hyper.embedding_dropout, size)] + [(self.hyper.dropout, size)] * (2 * self.hyper.layers)

    def forward(
        self, symbols: Tensor, carried: Carried | None = None, masks: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, Carried]:
        """Logits of the symbol after each of `symbols`, (T, B) to (T, B, V); what is carried is empty."""
        length = len(symbols)
        x = self.embedding(symbols.T)
        masks = [mask.transpose(0, 1) for mask in masks or ()]  # (B, 1, D)
        x = _masked(x, masks[:1])
        number = torch.arange(length)
        angles = number[:, None] * torch.from_numpy(speeds(self.hyper.hidden // self.hyper.heads))
        turn = angles.cos().to(x), angles.sin().to(x)
        distance = number[:, None] - number
        whole = length <= self.hyper.window
        seen = None if whole else ((distance >= 0) & (distance < self.hyper.window)).to(x.device)
        for level, layer in enumerate(self.layers):
            x = layer(x, turn, seen, masks[2 * level + 1 : 2 * level + 3])
        x = functional.layer_norm(x, x.shape[-1:], self.output_gain, None, LEAST_VARIANCE)
        return self.output(x).transpose(0, 1), []

    def export(self) -> TransformerParameters:
        """A copy of the parameters for NumPy, float32, transposed so that rows multiply them from the left."""
        return TransformerParameters(
            heads=self.hyper.heads,
            context=self.hyper.window,
            embedding=to_numpy(self.embedding.weight),
            # torch names the arrays of a layer as NumPy's record does.
            layers=tuple(
                TransformerLayer(
                    **{name.removesuffix(".weight"): to_numpy(each).T.copy() for name, each in layer.named_parameters()}
                )
                for layer in self.layers
            ),
            output_gain=to_numpy(self.output_gain),
            output=to_numpy(self.output.weight).T.copy(),
            output_bias=to_numpy(self.output.bias),
        )


class _Layer(nn.Module):
    def __init__(self, hyper: Hyperparameters) -> None:
        super().__init__()
        size, self._heads = hyper.hidden, hyper.heads
        self._width = size // hyper.heads
        self.attention_gain = nn.Parameter(torch.ones(size))
        self.attention = nn.Linear(size, size + 2 * self._width, bias=False)
        self.projection = nn.Linear(size, size, bias=False)
        self.feeding_gain = nn.Parameter(torch.ones(size))
        self.expansion = nn.Linear(size, 4 * size, bias=False)
        self.contraction = nn.Linear(4 * size, size, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Tensor | None, masks: Sequence[Tensor]) -> Tensor:
        """From (B, T, D) to the same; `seen` is (T, T), or None where every symbol sees all before it."""
        batch, length, size = x.shape
        made = self.attention(functional.layer_norm(x, (size,), self.attention_gain, None, LEAST_VARIANCE))
        made = made.view(batch, length, self._heads + 2, self._width).transpose(1, 2)  # (B, heads + 2, T, W)
        turned = _turned(made[:, :-1], *turn)
        shape = (batch, self._heads, length, self._width)
        said = _attend(turned[:, :-1], turned[:, -1:].expand(shape), made[:, -1:].expand(shape), seen)
        x = x + _masked(self.projection(said.transpose(1, 2).reshape(batch, length, size)), masks[:1])
        z = self.expansion(functional.layer_norm(x, (size,), self.feeding_gain, None, LEAST_VARIANCE))
        fed: Tensor = x + _masked(self.contraction(functional.silu(z)), masks[1:])
        return fed


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary positions: x (B, heads, T, W), cosine and sine (T, W / 2)."""
    a, b = x.chunk(2, dim=-1)
    cosine, sine = cosine.to(x.dtype), sine.to(x.dtype)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], dim=-1)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, seen: Tensor | None) -> Tensor:
    """torch's fused attention; on a processor in float32, in which its gradient is several times faster."""
    if queries.device.type == "cpu":
        queries, keys, values = queries.float(), keys.float(), values.float()
    with torch.autocast("cpu", enabled=False):
        return functional.scaled_dot_product_attention(queries, keys, values, seen, is_causal=seen is None)


def _masked(x: Tensor, masks: Sequence[Tensor]) -> Tensor:
    return x * masks[0].to(x.dtype) if masks else x
