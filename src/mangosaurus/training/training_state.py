"""The training state of networks, written between two steps and restored to the last bit.

A tree of JSON and arrays (see checkpoint.py) has for each learner

    network     the weights by torch's names        optimizer   AdamW's state of each parameter, {}: none yet
    best        the best weights so far, or null    data_loader its place in the corpus: batches.DataLoader.state
    progress    see trainer.Progress
    replicas    each one's dropout generator, and the state that streams carry to the next batch
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from mangosaurus.training.adamw import KEPT
from mangosaurus.training.checkpoint import Tree, whole
from mangosaurus.training.distributed import all_gather, common, own_rows, split_rows
from mangosaurus.training.status import Progress
from mangosaurus.training.torch_recurrent import Carried, Trainable, map_tensors
from mangosaurus.training.trainer import Learner, Limit, Schedule

LARGEST_COUNT = 2**53


def training_state(learner: Learner) -> Tree:
    """The state of a learner, copied; not in the middle of a step."""
    carried: list[Tree] = [None] * len(learner.replicas.networks)
    if learner.batches.carries:
        of_all = all_gather(to_arrays(learner.replicas.carried))
        carried = [_joined([tree for tree in each if tree is not None]) for each in zip(*of_all, strict=True)]
    return {
        "network": to_arrays(learner.network.state_dict()),
        "optimizer": [to_arrays(kept) for kept in learner.optimizer.state],
        **best_state(learner),
        "data_loader": learner.batches.state(),
        "replicas": [
            {"generator": to_arrays(network.generator.get_state()), "carried": state}
            for network, state in zip(learner.replicas.networks, carried, strict=True)
        ],
    }


def best_state(learner: Learner) -> Tree:
    """The result of a learner: its best weights so far, or None, and its progress."""
    progress = {name: value for name, value in to_arrays(vars(learner.progress)).items() if name != "best"}
    return {"best": to_arrays(learner.best_weights) or None, "progress": progress}


def restore(learner: Learner, tree: Tree) -> None:
    """Gives a new learner the state of another one. Raises one of checkpoint.DAMAGED if the tree does not fit it."""
    learner.progress, learner.best_weights = restored_progress(tree, learner.network)
    learner.network.load_state_dict(to_tensors(tree["network"]))
    entries = [to_tensors(entry) for entry in tree["optimizer"]]
    for parameter, kept, entry in zip(learner.network.parameters(), learner.optimizer.state, entries, strict=True):
        if entry and set(entry) != set(KEPT):
            raise ValueError(f"the optimiser keeps {sorted(entry)}")
        for name, tensor in entry.items():
            if tensor.dtype != torch.float32 or tensor.shape != (() if name == "step" else parameter.shape):
                raise ValueError(f"the optimiser's {name} has shape {tuple(tensor.shape)} and type {tensor.dtype}")
            kept[name].copy_(tensor)
    learner.batches.restore(tree["data_loader"])
    for network, entry in zip(learner.replicas.networks, tree["replicas"], strict=True):
        network.generator.set_state(to_tensors(entry["generator"]))
    device = learner.replicas.hardware.device
    learner.replicas.carried = [_tupled(to_tensors(entry["carried"]), device) for entry in tree["replicas"]]
    _keep_own_rows(learner)


def restored_progress(tree: Tree, network: Trainable) -> tuple[Progress, dict[str, Tensor]]:
    """The progress and the best weights in a tree with `progress` and `best`; `network` takes on these weights."""
    said = tree["progress"]
    progress = Progress(
        step=whole(said["step"], LARGEST_COUNT),
        steps=_whole_or_none(said["steps"]),
        symbols=whole(said["symbols"], LARGEST_COUNT),
        loss=float(said["loss"]),
        held_out=float(said["held_out"]),
        skipped=whole(said["skipped"], LARGEST_COUNT),
        curve=[(whole(step, LARGEST_COUNT), float(loss), float(seen)) for step, loss, seen in said["curve"]],
    )
    best = {} if tree["best"] is None else to_tensors(tree["best"])
    losses = [loss for _, *both in progress.curve for loss in both]
    if not all(map(math.isfinite, [*losses, *((progress.loss, progress.held_out) if best else ())])):
        raise ValueError("a loss is not finite")
    if best:
        network.load_state_dict(best)
        progress.best = network.export()
    return progress, best


def restored_schedule(tree: Tree, limit: Limit) -> Schedule:
    """A schedule from `vars(schedule)`. Raises one of checkpoint.DAMAGED if it is damaged."""
    schedule = Schedule(**tree)
    steps, fall = _whole_or_none(schedule.steps, least=1), _whole_or_none(schedule.fall)
    whole(schedule.best_at, whole(schedule.step, steps or LARGEST_COUNT))
    if schedule.best is not None and not math.isfinite(schedule.best):
        raise ValueError("the lowest held-out loss is not finite")
    if not isinstance(schedule.falling, bool) or not 0 <= schedule.seconds < math.inf:
        raise ValueError("this is not a schedule")
    if schedule.falling and (steps is None or fall is None or fall > steps):
        raise ValueError("the rate falls, and its start or end is missing")
    if not schedule.falling and (steps, fall) != (None, None) and (steps is None or steps != limit.steps):
        raise ValueError("the rate does not fall, and the number of steps is not the requested one")
    return schedule


def restored_limit(tree: Tree) -> Limit:
    """A limit from `vars(limit)`. Raises one of checkpoint.DAMAGED if it is damaged."""
    limit = Limit(**tree)
    _whole_or_none(limit.steps, least=1)
    if math.isnan(limit.seconds) or math.isnan(limit.give_up):
        raise ValueError("a limit is not a number")
    return limit


def _whole_or_none(value: object, least: int = 0) -> int | None:
    return None if value is None else whole(value, LARGEST_COUNT, least)


@torch.no_grad()
def _keep_own_rows(learner: Learner) -> None:
    """Keeps what is carried for this process's own rows. Raises ValueError if the last batch leaves another shape."""
    replicas, last = learner.replicas, learner.batches.last()
    if all(state is None for state in replicas.carried):
        return
    if last is None or not learner.batches.carries:
        raise ValueError("there is a state, but no batch that it comes from")
    rows, networks = len(last.carried), replicas.networks
    for place, (network, part) in enumerate(zip(networks, split_rows(rows, len(networks)), strict=True)):
        state, mine = replicas.carried[place], common(part, own_rows(rows))
        replicas.carried[place] = None
        if not len(part):  # it had no rows of this epoch, and will get none
            continue
        network.eval()  # without dropout, and so without drawing from its generator
        with replicas.hardware.autocast():
            like = network(last.inputs[:, part.start : part.stop].to(replicas.hardware.device))[1]
        network.train()
        kept, expected = (map_tensors(each, lambda part: (part.dtype, part.shape)) for each in (state or [], like))
        if state is None or kept != expected:
            raise ValueError("the carried state has another shape than that of the last batch")
        if len(mine):
            narrow = partial(Tensor.narrow, dim=1, start=mine.start - part.start, length=len(mine))
            replicas.carried[place] = map_tensors(state, narrow)


def _joined(trees: Sequence[Tree]) -> Tree:
    """Trees that differ only in the rows of their arrays, (1, B, H), as one tree; None if there are none."""
    if not trees:
        return None
    if isinstance(trees[0], np.ndarray):
        return np.concatenate(trees, axis=1)
    if isinstance(trees[0], dict):
        return {name: _joined([tree[name] for tree in trees]) for name in trees[0]}
    return [_joined(each) for each in zip(*trees, strict=True)]


def _tupled(carried: Any, device: torch.device) -> Carried | None:
    """On the device, with tuples again: JSON has only lists."""
    if carried is None:
        return None
    return [map_tensors(tuple(each) if isinstance(each, list) else each, lambda h: h.to(device)) for each in carried]


def to_arrays(tree: Any) -> Tree:
    """A tree with copies of its tensors as arrays; bfloat16, which NumPy lacks, as integers of the same bits."""
    if isinstance(tree, Tensor):
        copy = tree.detach().cpu().clone()
        return {"bfloat16": copy.view(torch.int16).numpy()} if copy.dtype == torch.bfloat16 else copy.numpy()
    if isinstance(tree, Mapping):
        return {name: to_arrays(each) for name, each in tree.items()}
    return [to_arrays(each) for each in tree] if isinstance(tree, list | tuple) else tree


def to_tensors(tree: Tree) -> Any:
    """The same tree with tensors. Raises ValueError if a number is not finite."""
    if isinstance(tree, np.ndarray):
        return _finite(torch.from_numpy(tree.copy()))
    if isinstance(tree, dict):
        if set(tree) == {"bfloat16"}:
            return _finite(cast(Tensor, to_tensors(tree["bfloat16"])).view(torch.bfloat16))
        return {name: to_tensors(each) for name, each in tree.items()}
    return [to_tensors(each) for each in tree] if isinstance(tree, list) else tree


def _finite(tensor: Tensor) -> Tensor:
    if tensor.is_floating_point() and not tensor.isfinite().all():
        raise ValueError("one of its numbers is not finite")
    return tensor
