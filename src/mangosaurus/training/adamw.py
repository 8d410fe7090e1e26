"""AdamW (Loshchilov and Hutter 2019, algorithm 2), by torch's own fused kernel.

torch.optim has it too, but its classes load torch's compiler, which takes as long as loading torch itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

FIRST_DECAY, SECOND_DECAY = 0.9, 0.99
"""How much of the mean gradient, and of its mean square, each step keeps."""
EPSILON = 1e-8
KEPT = ("step", "exp_avg", "exp_avg_sq")
"""What is kept of each parameter, by the names that torch.optim gives it: the steps so far, and both means."""


class AdamW:
    """Updates `parameters` by their gradients; those without a gradient stay."""

    def __init__(self, parameters: Iterable[nn.Parameter], weight_decay: float) -> None:
        self._parameters = list(parameters)
        self._weight_decay = weight_decay
        self.state: list[dict[str, Tensor]] = [
            {name: torch.zeros(() if name == "step" else each.shape, device=each.device) for name in KEPT}
            for each in self._parameters
        ]
        """For each parameter, tensors by the names in KEPT, float32."""

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update, at a learning rate of `rate`."""
        moved = [(each, kept) for each, kept in zip(self._parameters, self.state, strict=True) if each.grad is not None]
        gradients = [each.grad for each, _ in moved if each.grad is not None]
        steps, means, squares = ([kept[name] for _, kept in moved] for name in KEPT)
        for step in steps:
            step += 1
        torch._fused_adamw_(
            [each for each, _ in moved],
            gradients,
            means,
            squares,
            [],
            steps,
            lr=rate,
            beta1=FIRST_DECAY,
            beta2=SECOND_DECAY,
            weight_decay=self._weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )
