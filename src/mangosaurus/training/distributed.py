"""Distributed training: several processes train one network, on one machine or many.

torchrun starts the processes and describes them in their environment. All do the same work on the same corpus, but
each computes only its own rows of every batch; the gradients are summed after every step. Process 0 makes every
decision that depends on the clock, so that all take the same steps and keep the same weights. It alone writes and
prints. The backend is gloo on CPUs and nccl on CUDA devices. Without torchrun there is one process, and torch is not
imported here.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mangosaurus.core.errors import ProcessLostError

if TYPE_CHECKING:
    from torch import Tensor

LOST_AFTER = timedelta(minutes=5)
"""Time limit during training: a process that does not answer within it hangs or is gone. One that has exited is missed
at once, as its connections close; one on a busy machine may be slow."""
PATIENCE = timedelta(days=1)
"""Time limit before the first step: one process may count its n-grams for much longer than another."""


def rank() -> int:
    """The number of this process, from 0."""
    return int(os.environ["RANK"]) if world_size() > 1 else 0


def world_size() -> int:
    """The number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", 1)) if "RANK" in os.environ else 1


def local_rank() -> int:
    """The number of this process among those on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", 0)) if world_size() > 1 else 0


def broadcast(*values: float, patient: bool = False) -> tuple[float, ...]:
    """The numbers of process 0, in every process. All must call it alike; `patient` allows for PATIENCE."""
    if world_size() == 1:
        return values
    import torch

    sent = torch.tensor(values, dtype=torch.float64)
    _together("broadcast", sent, 0, patient=patient)
    return tuple(sent.tolist())


def all_reduce(values: Tensor) -> Tensor:
    """The sum over all processes, written into `values`."""
    if world_size() > 1:
        _together("all_reduce", values)
    return values


def sum_gradients(parameters: Sequence[Tensor], loss: float) -> float:
    """Replaces each gradient by its sum over all processes, in one exchange; returns the sum of the losses."""
    if world_size() == 1:
        return loss
    import torch

    pieces = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
    flat = torch.cat([*(piece.flatten() for piece in pieces), pieces[0].new_tensor([loss])])
    *summed, losses = torch.split(all_reduce(flat), [*(piece.numel() for piece in pieces), 1])
    for each, total in zip(parameters, summed, strict=True):
        each.grad = total.view_as(each)
    return float(losses)


def all_gather(tree: Any) -> list[Any]:
    """The `tree` of every process, in their order."""
    trees: list[Any] = [tree] * world_size()
    if world_size() > 1:
        _together("all_gather_object", trees, tree)
    return trees


def _together(call: str, *given: Any, patient: bool = False) -> None:
    """Calls a function of torch.distributed. Raises ProcessLostError if another process does not answer."""
    from torch import distributed

    try:
        quick = _group()
        getattr(distributed, call)(*given, group=None if patient else quick)
    except RuntimeError as error:
        why = " ".join(str(error).split())[:200]
        raise ProcessLostError.of(
            "process {} of {} has lost another one, and ends ({}); begin again with {resume} if there are checkpoints",
            *(rank(), world_size(), why),
        ) from error


@cache
def _group() -> Any:
    """Waits for all processes that torchrun started; returns their group, whose calls are limited by LOST_AFTER."""
    import torch
    from torch import distributed

    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend, timeout=PATIENCE)
    # Its threads must end before Python does; otherwise the process is sometimes aborted at exit.
    atexit.register(distributed.destroy_process_group)
    return distributed.new_group(timeout=LOST_AFTER)


def split_rows(rows: int, count: int) -> list[range]:
    """`count` parts of `rows` rows. Their sizes differ by one at most, the larger ones first."""
    size, over = divmod(rows, count)
    ends = [place * size + min(place, over) for place in range(count + 1)]
    return [range(first, last) for first, last in pairwise(ends)]


def own_rows(rows: int) -> range:
    """The rows of a batch of `rows` that this process computes."""
    return split_rows(rows, world_size())[rank()]


def common(rows: range, others: range) -> range:
    """The rows in both."""
    return range(max(rows.start, others.start), min(rows.stop, others.stop))
