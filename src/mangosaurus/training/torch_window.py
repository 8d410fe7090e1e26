"""Training a window network: the formulas of models/window.py in torch, trained as Keras does.

Every epoch takes all windows once, in a new order and in batches. The loss is the cross-entropy of the prediction after
the last step. Adam (Kingma and Ba 2015) lowers its mean over a batch at a constant rate. Dropout sets single outputs of
a layer to zero, different ones at every step.

torch's own kernels run the layers that they support; the others run step by step. Two networks on the same weights
share every batch, each on a thread of its own, which is faster than torch's own threads. torch's kernels multiply in
bfloat16 if the processor is fast at it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.models.recurrent import GATES
from mangosaurus.models.window import STATES, WindowLayer, WindowParameters
from mangosaurus.training.device import fast_in_bfloat16, pool, single_threaded
from mangosaurus.training.torch_recurrent import KINDS, add_gradients, to_numpy

THREADS = 2
"""Not the machine's number of processors: the result must not depend on it."""
NOT_FINITE = "the loss of epoch {} is infinite or NaN: training cannot go on"
ARRAYS = ("kernel", "recurrent", "bias", "recurrent_bias")
"""The arrays of a layer, in torch's order."""
RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-7
"""Keras's defaults for Adam."""
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1),
    "hard_sigmoid_sixth": lambda x: torch.clamp(x / 6 + 0.5, 0, 1),
}


@dataclass(frozen=True)
class Epoch:
    """The state of the training after an epoch."""

    number: int
    """From 1."""
    epochs: int
    """How many there will be."""
    loss: float
    """The mean over the epoch's windows during training, dropout included: nats per predicted character."""
    seconds: float
    """Since the training began."""
    parameters: WindowParameters
    """The weights after it, float32."""


def train_windows(
    parameters: WindowParameters,
    windows: IntArray,
    targets: IntArray,
    *,
    epochs: int = 1,
    batch_size: int = 128,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    stop: threading.Event | None = None,
) -> WindowParameters:
    """Trains a network, starting from `parameters`, which do not change.

    `windows` are ids of shape (m, T), 0 for padding, and `targets`, (m,), are the ids of what follows, none 0.
    `seed` decides the order of the windows and the dropout: the same seed gives the same weights. `on_epoch` is called
    after every epoch. Once `stop` is set, or the loss of an epoch is not finite, the weights after the last whole epoch
    are returned, or those given if there is none. Raises MangosaurusError if the loss of the first is not finite.
    """
    started = time.monotonic()
    order, *masks = np.random.SeedSequence([seed, 2]).generate_state(1 + THREADS).tolist()
    rng = np.random.default_rng(order)
    with single_threaded(), pool(THREADS) as threads:
        networks = _replicas(parameters, masks)
        adam = torch.optim.Adam(networks[0].learnt(), lr=RATE, betas=BETAS, eps=EPSILON, fused=True)
        for number in range(1, epochs + 1):
            total = 0.0
            shuffled = rng.permutation(len(windows))
            for first in range(0, len(windows), batch_size):
                if stop is not None and stop.is_set():
                    return parameters
                rows = shuffled[first : first + batch_size]
                total += len(rows) * _backward(threads, networks, windows[rows], targets[rows])
                adam.step()
            if not math.isfinite(total):
                if number > 1:
                    return parameters
                raise MangosaurusError(NOT_FINITE.format(number))
            parameters = networks[0].export()
            on_epoch(Epoch(number, epochs, total / len(windows), time.monotonic() - started, parameters))
    return parameters


def _backward(threads: ThreadPoolExecutor, networks: list[WindowNet], windows: IntArray, targets: IntArray) -> float:
    """Leaves the gradient of the batch's mean loss in the first network; returns the loss, nats per window."""
    parts = zip(networks, np.array_split(windows, THREADS), np.array_split(targets, THREADS), strict=True)
    jobs = [threads.submit(network.backward, ids, target, len(windows)) for network, ids, target in parts if len(ids)]
    loss = math.fsum(job.result() for job in jobs)
    add_gradients([network.learnt() for network in networks[: len(jobs)]])
    return loss


def _replicas(parameters: WindowParameters, seeds: list[int]) -> list[WindowNet]:
    """Networks on the same weights in memory, with gradients and dropout masks of their own."""
    with torch.random.fork_rng():  # making modules draws from torch's global generator; the user's is left alone
        networks = [WindowNet(parameters, torch.Generator().manual_seed(seed)) for seed in seeds]
    for other in networks[1:]:
        for mine, theirs in zip(networks[0].parameters(), other.parameters(), strict=True):
            theirs.data = mine.data
    return networks


class WindowNet(nn.Module):
    """The network with gradients. B windows of T ids; the weights are float32."""

    def __init__(self, parameters: WindowParameters, generator: torch.Generator) -> None:
        super().__init__()
        self._given = parameters
        self._generator = generator
        self.layers: nn.ModuleList = nn.ModuleList(
            Fused(layer) if has_kernel(layer) else Stepwise(layer) for layer in parameters.layers
        )
        self.output: nn.Parameter = nn.Parameter(_tensor(parameters.output))
        self.output_bias: nn.Parameter = nn.Parameter(_tensor(parameters.output_bias))

    def learnt(self) -> list[nn.Parameter]:
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

    def forward(self, windows: Tensor) -> Tensor:
        """Logits of all symbols except END, (B, V - 1), from ids of shape (T, B)."""
        x = functional.one_hot(windows, len(self.output_bias) + 1)[..., 1:].float()  # END is a row of zeros
        *below, last = zip(self.layers, self._given.layers, strict=True)
        for layer, given in below:
            x = self._drop(layer(x), given.dropout)
        x = self._drop(last[0](x)[-1], last[1].dropout)
        return x @ self.output + self.output_bias

    def backward(self, windows: IntArray, targets: IntArray, batch: int) -> float:
        """Computes these rows' part of a batch's mean loss and its gradient; returns that part."""
        ids = torch.from_numpy(windows.T.astype(np.int64))
        # Without the cache, which all threads share and empty: see trainer.Replicas.
        with torch.autocast("cpu", torch.bfloat16, enabled=fast_in_bfloat16(), cache_enabled=False):
            logits = self(ids)
        expected = torch.from_numpy(targets.astype(np.int64) - 1)
        loss = functional.cross_entropy(logits.float(), expected, reduction="sum") / batch
        self.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def _drop(self, x: Tensor, share: float) -> Tensor:
        if not self.training or not share:
            return x
        mask = torch.rand(x.shape, generator=self._generator) >= share
        return x * (mask / (1 - share)).to(x.dtype)

    def export(self) -> WindowParameters:
        """A copy of the weights for NumPy."""
        layers = tuple(cast(Fused | Stepwise, layer).export() for layer in self.layers)
        return replace(self._given, layers=layers, output=to_numpy(self.output), output_bias=to_numpy(self.output_bias))


def has_kernel(layer: WindowLayer) -> bool:
    """Whether torch has a kernel for such a layer."""
    gated = layer.recurrent_activation == "sigmoid" and (layer.cell == "lstm" or layer.reset_after)
    return layer.activation == "tanh" and (layer.cell == "rnn" or gated)


class Fused(nn.Module):
    """A layer that torch's kernel runs. Its GRU has the first two gates exchanged; exchanged again, they are ours."""

    def __init__(self, layer: WindowLayer) -> None:
        super().__init__()
        below, size = layer.kernel.shape[0], layer.recurrent.shape[0]
        self.run: nn.RNNBase = KINDS[layer.cell](below, size)
        gates = [1, 0, 2] if layer.cell == "gru" else range(GATES[layer.cell])
        self._columns = np.concatenate([np.arange(gate * size, (gate + 1) * size) for gate in gates])
        self._given = layer
        for name, parameter in zip(ARRAYS, self.run.parameters(), strict=True):
            parameter.data = _tensor(np.ascontiguousarray(getattr(layer, name)[..., self._columns].T))
        if not layer.reset_after:
            # Two biases that are only added up would learn twice as fast, so only one learns.
            self.run.get_parameter("bias_hh_l0").requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """h after every step, (T, B, H), from (T, B, D)."""
        hidden: Tensor = self.run(x)[0]
        return hidden

    def export(self) -> WindowLayer:
        found = [to_numpy(parameter).T[..., self._columns] for parameter in self.run.parameters()]
        return replace(self._given, **dict(zip(ARRAYS, found, strict=True)))  # type: ignore[arg-type]


class Stepwise(nn.Module):
    """Any other layer, step by step: the formulas of models/window.py. Small products gain nothing by bfloat16."""

    def __init__(self, layer: WindowLayer) -> None:
        super().__init__()
        self._given = layer
        self._a = ACTIVATIONS[layer.activation]
        self._s = ACTIVATIONS[layer.recurrent_activation]
        steps: dict[str, Callable[..., list[Tensor]]] = {"rnn": self._rnn, "lstm": self._lstm, "gru": self._gru}
        self._step: Callable[..., list[Tensor]] = steps[layer.cell]
        self.kernel: nn.Parameter = nn.Parameter(_tensor(layer.kernel))
        self.recurrent: nn.Parameter = nn.Parameter(_tensor(layer.recurrent))
        self.bias: nn.Parameter = nn.Parameter(_tensor(layer.bias))
        self.recurrent_bias: nn.Parameter = nn.Parameter(_tensor(layer.recurrent_bias))
        self.recurrent_bias.requires_grad_(layer.reset_after)

    def forward(self, x: Tensor) -> Tensor:
        """h after every step, (T, B, H), from (T, B, D)."""
        with torch.autocast("cpu", enabled=False):
            z = x.float() @ self.kernel + self.bias
            state = [torch.zeros(x.shape[1], len(self.recurrent))] * STATES[self._given.cell]
            said = []
            for each in z:
                state = self._step(each, *state)
                said.append(state[0])
            return torch.stack(said)

    def _rnn(self, z: Tensor, h: Tensor) -> list[Tensor]:
        return [self._a(z + h @ self.recurrent)]

    def _lstm(self, z: Tensor, h: Tensor, c: Tensor) -> list[Tensor]:
        i, f, g, o = (z + h @ self.recurrent).chunk(4, dim=1)
        c = self._s(f) * c + self._s(i) * self._a(g)
        return [self._s(o) * self._a(c), c]

    def _gru(self, z: Tensor, h: Tensor) -> list[Tensor]:
        size = h.shape[1]
        if self._given.reset_after:
            u = h @ self.recurrent + self.recurrent_bias
            kept, reset = self._s(z[:, : 2 * size] + u[:, : 2 * size]).chunk(2, dim=1)
            candidate = self._a(z[:, 2 * size :] + reset * u[:, 2 * size :])
        else:
            kept, reset = self._s(z[:, : 2 * size] + h @ self.recurrent[:, : 2 * size]).chunk(2, dim=1)
            candidate = self._a(z[:, 2 * size :] + (reset * h) @ self.recurrent[:, 2 * size :])
        return [kept * h + (1 - kept) * candidate]

    def export(self) -> WindowLayer:
        return replace(self._given, **{name: to_numpy(self.get_parameter(name)) for name in ARRAYS})  # type: ignore[arg-type]


def _tensor(array: FloatArray) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))
