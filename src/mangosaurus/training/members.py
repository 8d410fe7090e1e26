"""Training the networks of a mixture, one after the other, each without one part of the corpus."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch

from mangosaurus.errors import CheckpointError, plain
from mangosaurus.models.interface import AnyParameters
from mangosaurus.models.recurrent import GATES
from mangosaurus.training import batches
from mangosaurus.training.capture import (
    captured,
    captured_best,
    captured_progress,
    restore,
    restore_progress,
    restored_limit,
    restored_schedule,
    to_tensors,
)
from mangosaurus.training.checkpoint import DAMAGED, Checkpoints, Tree, whole
from mangosaurus.training.distributed import broadcast, world_size
from mangosaurus.training.hardware import Hardware, hardware_for
from mangosaurus.training.mapped import symbols_in
from mangosaurus.training.network import Network, Trainable
from mangosaurus.training.plan import Plan
from mangosaurus.training.settings import Settings
from mangosaurus.training.split import Part
from mangosaurus.training.status import Progress, Status
from mangosaurus.training.trainer import Learner, Limit, Replicas, Schedule, probe, train
from mangosaurus.training.transformer import TransformerNetwork

THREADS = 2
"""Threads that train at once. Not the machine's number of processors: the result must not depend on it."""
MOST_NAMES, MOST_TEXT = 8, 2
"""More networks gain little and make sampling slower."""
NETWORKS: dict[str, type[Trainable]] = dict.fromkeys(GATES, Network) | {"transformer": TransformerNetwork}
"""What trains each kind."""
MOST_PROBED = 10_000
"""Held-out symbols that are looked at during training."""


@dataclass(frozen=True)
class Member:
    """A trained network."""

    parameters: AnyParameters
    part: int
    """The number of the part whose held-out documents it has not seen."""
    progress: Progress


@dataclass
class _Run:
    """How far the networks are, all together."""

    steps: int | None
    """The steps of each, once they are known."""
    longest: float = 0.0
    """Seconds that the slowest took."""
    members: list[Member] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)
    """The members as a checkpoint has them."""
    done: bool = False
    """Whether no more are to be trained."""
    bfloat16: bool = False
    """Whether products are taken in it."""

    def add(self, learners: Sequence[Learner], numbers: Sequence[int]) -> None:
        """Takes in networks whose training is over."""
        for learner, number in zip(learners, numbers, strict=True):
            if learner.progress.best is not None:
                self.members.append(Member(learner.progress.best, number, learner.progress))
                self.trees.append({"best": captured_best(learner), "progress": captured_progress(learner.progress)})

    def captured(
        self, learners: Sequence[Learner] = (), limit: Limit | None = None, at: Schedule | None = None
    ) -> Tree:
        """All of it for a checkpoint, with the networks in training."""
        group = None
        if limit is not None and at is not None:
            each = [captured(learner) for learner in learners]
            group = {"learners": each, "limit": dict(vars(limit)), "schedule": dict(vars(at))}
        run = {"steps": self.steps, "longest": self.longest, "members": list(self.trees), "done": self.done}
        return run | {"group": group, "bfloat16": self.bfloat16}


def train_members(
    parts: Sequence[Part],
    symbols: int,
    labels: int,
    text: bool,
    plan: Plan,
    settings: Settings,
    started: float,
    reserve: float,
    status: Status,
    watch: Callable[[Status], None],
    stop: threading.Event,
    checkpoints: Checkpoints | None = None,
) -> list[Member]:
    """Networks until the budget is used up but for `reserve` seconds, or until there are enough.

    `symbols` is V; with `labels`, so many, every document begins with one: see training/label_ngrams.py.

    The first find out how many steps they take, within the time and until they learn no more; the others take as
    many, and are begun only if the time will probably do. With `checkpoints`, they go on from where those are, and
    write new ones. Raises CheckpointError if they are not of such networks.
    """
    hardware = hardware_for(settings.device, settings.precision)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    most = settings.members or (1 if settings.steps is not None else MOST_TEXT if text else MOST_NAMES)
    run, group = _Run(settings.steps), None

    if checkpoints is not None and checkpoints.training is not None:
        with _telling(checkpoints):
            run = _restored(checkpoints.training, most, len(parts), lambda: _network(symbols, labels, plan, 0))
            group = checkpoints.training["group"]
            if group is not None:
                whole(len(group["learners"]), THREADS, least=1)
            if checkpoints.training["bfloat16"] != hardware.bfloat16:
                checkpoints.notes.append(
                    "the run began on a processor that rounds otherwise: the last digits will differ"
                )
    run.bfloat16 = hardware.bfloat16
    try:
        while not run.done and len(run.members) < most:
            begun = time.monotonic()
            left = settings.budget - (begun - started) - reserve if settings.steps is None else math.inf
            left, run.longest = broadcast(left, run.longest, patient=True)
            # One of two networks side by side, left alone, takes about two thirds of the time of both.
            # Several processes train one network at a time, or their sums would get mixed up.
            count = min(THREADS if plan.side_by_side and world_size() == 1 else 1, most - len(run.members))
            if group is not None:
                count = min(count, len(group["learners"]))
            elif run.members and left < 1.1 * run.longest:
                count = 1
                if not plan.side_by_side or left < 0.75 * run.longest:
                    break
            together = range(len(run.members), len(run.members) + count)
            numbers = [number % len(parts) for number in together]
            learners = [
                _learner(parts[n], symbols, labels, text, plan, [settings.seed, number], hardware)
                for n, number in zip(numbers, together, strict=True)
            ]
            # Once the number of steps is known, time no longer decides when the rate falls: it is to be repeatable.
            limit = Limit(run.steps, left if run.steps is None else math.inf, give_up=left + 0.05 * settings.budget + 1)
            at = Schedule()
            if group is not None and checkpoints is not None:
                with _telling(checkpoints):
                    limit = restored_limit(group["limit"])
                    at = restored_schedule(group["schedule"], limit)
                    for learner, tree in zip(learners, group["learners"], strict=True):
                        restore(learner, tree)
                group, begun = None, begun - at.seconds
                checkpoints.notes.append(f"going on with network {together[0] + 1} after step {at.step:,}")
            status.member, status.progress = together[0], learners[0].progress
            epoch = symbols_in(parts[numbers[0]].kept)
            look_every = max(5, round(min(epoch, 100_000) / plan.symbols_a_step(parts[0].kept, text)))

            def after_step(learners: list[Learner] = learners, limit: Limit = limit, at: Schedule = at) -> None:
                watch(status)
                if checkpoints is not None and any(broadcast(checkpoints.due())):
                    checkpoints.save(run.captured(learners, limit, at))

            try:
                finished = train(learners, epoch, limit, look_every, after_step, stop, at)
            finally:
                for learner in learners:
                    learner.replicas.close()
            if checkpoints is not None and stop.is_set() and not finished:
                checkpoints.save(run.captured(learners, limit, at))
            before = len(run.members)
            if finished or not run.members:
                run.add(learners, numbers)
            if not finished or len(run.members) == before:  # where no loss was finite, more would be no better
                break
            run.steps = learners[0].progress.step if run.steps is None else run.steps
            run.longest = max(run.longest, time.monotonic() - begun)
            if checkpoints is not None and len(run.members) < most:
                checkpoints.save(run.captured())
        if checkpoints is not None and not stop.is_set() and not run.done:
            run.done = True
            checkpoints.save(run.captured())
    finally:
        torch.set_num_threads(threads)
    return run.members


@contextmanager
def _telling(checkpoints: Checkpoints) -> Iterator[None]:
    """What does not fit in a checkpoint is a CheckpointError."""
    try:
        yield
    except DAMAGED as error:
        why = plain(" ".join(str(error).split()))
        raise CheckpointError(
            f"the checkpoint in {checkpoints.folder} is not of such networks, or damaged ({why}); begin a new run"
        ) from error


def _restored(tree: Tree, most: int, parts: int, network: Callable[[], Trainable]) -> _Run:
    """What `_Run.captured` gave, but for the networks in training. Raises one of DAMAGED if it is none."""
    steps, longest, done = tree["steps"], float(tree["longest"]), tree["done"]
    if not 0 <= longest < math.inf:
        raise ValueError(f"the slowest network took {longest} seconds")
    run = _Run(None if steps is None else whole(steps, 10**9), longest, done=done is True)
    if len(tree["members"]) > most:
        raise ValueError(f"{len(tree['members'])} networks are trained, and {most} are asked for")
    for entry in tree["members"]:
        progress = Progress()
        restore_progress(progress, entry["progress"], network(), to_tensors(entry["best"]))
        if progress.best is None:
            raise ValueError("a network has no weights")
        run.members.append(Member(progress.best, len(run.members) % parts, progress))
        run.trees.append(entry)
    return run


def _network(symbols: int, labels: int, plan: Plan, seed: int) -> Trainable:
    with torch.random.fork_rng():  # building modules draws from torch's global generator; the user's is left alone
        return NETWORKS[plan.cell](symbols, plan, torch.Generator().manual_seed(seed), labels)


def _learner(
    part: Part, symbols: int, labels: int, text: bool, plan: Plan, seed: Sequence[int], hardware: Hardware
) -> Learner:
    order, *masks = np.random.SeedSequence(seed).generate_state(1 + THREADS).tolist()
    network = _network(symbols, labels, plan, masks[0]).to(hardware.device)
    one = plan.side_by_side or hardware.device.type != "cpu"
    with torch.random.fork_rng():
        replicas = Replicas(
            network, [] if one else [torch.Generator().manual_seed(mask) for mask in masks[1:]], hardware
        )
    rng = np.random.default_rng(order)
    if text:
        fed = batches.streams(part.kept, plan.batch, plan.window, rng)
    else:
        fed = batches.names(part.kept, plan.batch, rng, labels > 0)
    return Learner(replicas, fed, probe(part.held_out, MOST_PROBED, labels > 0))
