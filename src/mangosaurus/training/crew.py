"""Several processes that train one network, on one machine or many: what they tell each other.

torchrun starts them and says in their environment who is who. They meet by torch.distributed, with gloo between
processors and nccl between CUDA devices. Every step sums up their gradients, and the first tells the others what the
clock says, so that all take the same steps and have the same weights, always.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any

import torch
from torch import Tensor, distributed

from mangosaurus.errors import ProcessLostError
from mangosaurus.training.ranks import rank, ranks

LOST_AFTER = timedelta(minutes=5)
"""A process that lets the others wait for so long in the middle of the training is lost: its machine hangs or has gone.
One that has only ended is missed at once, as its connections are closed; and one on a busy machine may be slow."""
PATIENCE = timedelta(days=1)
"""For what comes before the first step: one process may count its n-grams for much longer than another."""


class Crew:
    """All processes, this one among them."""

    def __init__(self) -> None:
        with _missed():
            backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
            distributed.init_process_group(backend, timeout=PATIENCE)
            # Its threads must have ended when Python does, or the process is now and then aborted in its last moment.
            atexit.register(distributed.destroy_process_group)
            self._quick = distributed.new_group(timeout=LOST_AFTER)

    def agreed(self, values: Sequence[float], patient: bool) -> tuple[float, ...]:
        """The first process's numbers."""
        told = torch.tensor(values, dtype=torch.float64)
        with _missed():
            distributed.broadcast(told, 0, group=None if patient else self._quick)
        return tuple(told.tolist())

    def total(self, values: Tensor) -> Tensor:
        """The sum over all processes; `values` is written into."""
        with _missed():
            distributed.all_reduce(values, group=self._quick)
        return values

    def add_up(self, parameters: Sequence[Tensor], loss: float) -> float:
        """Makes every gradient the sum of all processes' own, in one exchange; returns the sum of the losses."""
        pieces = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
        flat = torch.cat([*(piece.flatten() for piece in pieces), pieces[0].new_tensor([loss])])
        *summed, losses = torch.split(self.total(flat), [*(piece.numel() for piece in pieces), 1])
        for each, total in zip(parameters, summed, strict=True):
            each.grad = total.view_as(each)
        return float(losses)

    def gathered(self, tree: Any) -> list[Any]:
        """What every process has here, in their order."""
        trees: list[Any] = [None] * ranks()
        with _missed():
            distributed.all_gather_object(trees, tree, group=self._quick)
        return trees


@cache
def crew() -> Crew:
    """The processes that torchrun has started, once all are here."""
    return Crew()


@contextmanager
def _missed() -> Iterator[None]:
    """What torch.distributed raises when another process does not answer is a ProcessLostError."""
    try:
        yield
    except RuntimeError as error:
        why = " ".join(str(error).split())[:200]
        raise ProcessLostError(
            f"process {rank()} of {ranks()} has lost another one, and ends ({why}); begin again with --resume if there "
            "are checkpoints"
        ) from error
