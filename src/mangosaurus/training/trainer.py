"""The training loop of one network: its learning rate, its gradients, and the best weights.

The learning rate rises over a short warm-up, is held, and then falls linearly to zero over the last two fifths of all
steps ("warm-up, stable, decay": Hu et al. 2024, MiniCPM). It is held for three fifths of the time or steps given, or
until the held-out loss stops falling. The length of the fall follows from the number of steps before it. So a run by
seconds is a run of a certain number of steps, and `steps` with that number gives the same network again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from mangosaurus.training.adamw import AdamW
from mangosaurus.training.batches import IGNORED, Batch, DataLoader
from mangosaurus.training.device import Hardware, hardware_for, pool
from mangosaurus.training.distributed import (
    all_reduce,
    broadcast,
    common,
    own_rows,
    rank,
    split_rows,
    sum_gradients,
    world_size,
)
from mangosaurus.training.status import Progress
from mangosaurus.training.torch_recurrent import Carried, Trainable, add_gradients, map_tensors, restart

Item = TypeVar("Item")
Result = TypeVar("Result")
HELD = 0.6
"""The share of all steps before the learning rate falls; `steps_of` and `fall_of` know it as 3 in 5."""
PATIENCE, LOOKS = 2.0, 8
"""The learning rate begins to fall after so many epochs, and so many validations, without a new lowest held-out loss:
an epoch of forty names is less than a step, and one validation of four names says little."""


@dataclass(frozen=True)
class Limit:
    """When the learning rate begins to fall."""

    steps: int | None = None
    """The number of steps in all, the fall included."""
    seconds: float = math.inf
    """Seconds of training in all, the fall included, from the first step; they decide when the fall begins."""
    give_up: float = math.inf
    """Seconds after which training ends in any case."""


@dataclass
class Schedule:
    """How far a run is in the schedule of its learning rate."""

    step: int = 0
    steps: int | None = None
    """The total, once it is known."""
    fall: int | None = None
    """The step at which the rate begins to fall, once it is known."""
    falling: bool = False
    seconds: float = 0.0
    """Seconds so far."""
    best: float | None = None
    """The lowest mean held-out loss of the learners so far."""
    best_at: int = 0
    """The step at which it was measured."""


def steps_of(held: int) -> int:
    """The total steps of a run whose rate begins to fall after `held` of them."""
    return held + -(-2 * held // 3)


def fall_of(steps: int) -> int:
    """The step at which the rate begins to fall in a run of `steps` steps: the inverse of `steps_of`."""
    return 3 * steps // 5


def rate_at(step: int, warmup: int, fall: int | None = None, steps: int | None = None) -> float:
    """The learning rate at a step, as a share of the highest; falling from step `fall` to 0 after `steps`."""
    rate = min(1.0, (step + 1) / warmup)
    if fall is not None and steps is not None:
        rate *= (steps - step) / (steps - fall + 1) if step >= fall else 1.0
    return rate


class Replicas:
    """Networks on the same weights, each on its own thread, that share the rows of every batch.

    Two single threads on half a batch each are faster than torch's two threads on one small matrix product, and the
    result does not depend on how many processors the machine has. On a GPU there is one network.
    """

    def __init__(self, network: Trainable, masks: Sequence[torch.Generator], hardware: Hardware | None = None) -> None:
        self.hardware: Hardware = hardware or hardware_for()
        self.networks: list[Trainable] = [network, *(network.replica(generator) for generator in masks)]
        self.carried: list[Carried | None] = [None] * len(self.networks)
        """The state that each network carries to the next batch."""
        self._threads = pool(len(self.networks))

    def backward(self, batch: Batch) -> float:
        """Computes the batch's mean loss, nats per symbol, and its gradient, which the first network gets.

        Each process computes its own rows, and then all have the sum. The number of processes changes neither which
        network gets a row nor the dropout masks.
        """
        read = int((batch.targets != IGNORED).sum())
        own = own_rows(len(batch.carried))
        parts = split_rows(len(batch.carried), len(self.networks))
        used = [place for place, part in enumerate(parts) if len(part)]
        loss = sum(_all(self._threads, lambda place: self._part(place, batch, parts[place], own, read), used))
        add_gradients([self.networks[place].parameters() for place in used])
        return sum_gradients(list(self.networks[0].parameters()), loss)

    def _part(self, place: int, batch: Batch, part: range, own: range, read: int) -> float:
        """One network's share of the loss, and its gradient: the rows of `part` that belong to this process."""
        network = self.networks[place]
        network.zero_grad()
        masks = network.masks(len(part))
        mine = common(part, own)
        if not len(mine):
            self.carried[place] = None
            return 0.0
        device, rows = self.hardware.device, slice(mine.start, mine.stop)
        masks = [mask[:, mine.start - part.start : mine.stop - part.start].to(device) for mask in masks]
        state, carried = self.carried[place], batch.carried[rows]
        before = None if state is None or not carried.any() else restart(state, ~carried.to(device))
        with self.hardware.autocast():
            logits, state = network(batch.inputs[:, rows].to(device), before, masks)
        self.carried[place] = map_tensors(state, Tensor.detach)  # gradients end here: truncated back-propagation
        loss = total_loss(logits, batch.targets[:, rows].to(device)) / read
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def close(self) -> None:
        self._threads.shutdown()


class Learner:
    """A network in training: its replicas, optimizer, data loader and progress."""

    def __init__(self, replicas: Replicas, batches: DataLoader, held_out: Sequence[Batch]) -> None:
        self.progress: Progress = Progress()
        self.best_weights: dict[str, Tensor] = {}
        """The weights of `progress.best` as torch names them."""
        self.replicas = replicas
        self.batches = batches
        self._held_out = held_out
        self.network: Trainable = replicas.networks[0]
        self._parameters = list(self.network.parameters())
        self.optimizer: AdamW = AdamW(self._parameters, self.network.hyper.weight_decay)

    def step(self, rate: float) -> None:
        """One update, at `rate` times the highest learning rate; none where the loss or its gradient is not finite."""
        batch = next(self.batches)
        loss = self.replicas.backward(batch)
        norm = float(torch.nn.utils.clip_grad_norm_(self._parameters, 1.0))
        progress = self.progress
        progress.step += 1
        progress.symbols += int((batch.targets != IGNORED).sum())
        if not math.isfinite(loss + norm):  # such an update would make all weights NaN
            progress.skipped += 1
            self.replicas.carried = [None] * len(self.replicas.carried)
            return
        self.optimizer.step(self.network.hyper.learning_rate * rate)
        progress.loss = loss if math.isnan(progress.loss) else 0.98 * progress.loss + 0.02 * loss

    def validate(self) -> float:
        """The held-out loss, nats per symbol; NaN if it or the training loss is not finite."""
        progress = self.progress
        seen = evaluate(self.network, self._held_out, self.replicas.hardware)
        if not math.isfinite(seen + progress.loss):
            return math.nan
        progress.curve.append((progress.step, progress.loss, seen))
        return seen

    def keep(self, seen: float) -> None:
        """Keeps the weights, whose held-out loss is `seen`."""
        self.progress.held_out, self.progress.best = seen, self.network.export()
        self.best_weights = {name: each.clone() for name, each in self.network.state_dict().items()}


def train(
    learners: Sequence[Learner],
    epoch: float,
    limit: Limit,
    validate_every: int,
    watch: Callable[[], None],
    stop: threading.Event,
    schedule: Schedule | None = None,
) -> bool:
    """Trains learners together until the learning rate has fallen to zero; each one's `progress.best` is the result.

    All learners take each step together, each on its own thread. `epoch` is the number of steps that read the corpus
    once. The held-out losses are measured every `validate_every` steps and after the last one, and all learners keep
    the weights of the step at which their mean was lowest; `watch` is called after every step. `schedule` is that of a
    resumed run, and is updated. Returns whether the training finished before `stop` was set and before
    `limit.give_up`.
    """
    warmup = learners[0].network.hyper.warmup
    patience = max(PATIENCE * epoch, LOOKS * validate_every)
    at = schedule or Schedule()
    if not at.step:
        at.steps, at.fall = limit.steps, None if limit.steps is None else fall_of(limit.steps)
    start = time.monotonic() - at.seconds
    with pool(len(learners)) as threads:
        while at.step != at.steps:
            at.seconds = time.monotonic() - start
            late = at.seconds > HELD * limit.seconds, at.seconds > limit.give_up
            stopped, falls_late, gives_up = broadcast(stop.is_set(), *late)
            if stopped:
                stop.set()  # in all processes, whichever received the signal
            if stopped or gives_up:
                return False
            if at.step and not at.falling:
                learnt_all = at.step - max(at.best_at, warmup) >= patience
                at.falling = at.step == at.fall or learnt_all or bool(falls_late)
                if at.falling:
                    at.steps = limit.steps if at.step == at.fall and limit.steps else steps_of(at.step)
                    at.fall = at.step
            rate = rate_at(at.step, warmup, at.fall, at.steps) if at.falling else rate_at(at.step, warmup)
            for learner in learners:
                learner.progress.steps = at.steps
            _all(threads, partial(Learner.step, rate=rate), learners)
            at.step += 1
            if at.step % validate_every == 0 or at.step == at.steps:
                seen = _all(threads, Learner.validate, learners)
                finite = {place: loss for place, loss in enumerate(seen) if math.isfinite(loss)}
                mean = sum(finite.values()) / len(finite) if finite else math.nan
                if finite and (at.best is None or mean < at.best):
                    at.best, at.best_at = mean, at.step
                    for place, loss in finite.items():
                        learners[place].keep(loss)
            watch()
    return True


def _all(threads: ThreadPoolExecutor, action: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The action on every item, on a thread each, or on this thread for a single item."""
    return list((threads.map if len(items) > 1 else map)(action, items))


def total_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The sum of -log p over the symbols that are not padding, in nats: `logits` (T, B, V), `targets` (T, B)."""
    flat = logits.float().flatten(0, 1)
    return functional.cross_entropy(flat, targets.flatten(), ignore_index=IGNORED, reduction="sum")


@torch.no_grad()
def evaluate(network: Trainable, batches: Sequence[Batch], hardware: Hardware) -> float:
    """Mean nats per symbol over all batches, without dropout. Several processes share the batches."""
    network.eval()
    device, total = hardware.device, 0.0
    with hardware.autocast():
        for batch in batches[rank() :: world_size()]:
            total += float(total_loss(network(batch.inputs.to(device))[0], batch.targets.to(device)))
    network.train()
    total = float(all_reduce(torch.tensor([total], dtype=torch.float64)))
    return total / sum(int((batch.targets != IGNORED).sum()) for batch in batches)
