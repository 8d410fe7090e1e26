"""The networks of a mixture: each is trained without the held-out documents of one fold."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from mangosaurus.core.errors import CheckpointError, plain
from mangosaurus.models.interface import AnyParameters
from mangosaurus.models.recurrent import GATES, Parameters
from mangosaurus.training import batches
from mangosaurus.training.checkpoint import DAMAGED, Checkpoints, Tree, whole
from mangosaurus.training.device import hardware_for, single_threaded
from mangosaurus.training.distributed import broadcast, rank, world_size
from mangosaurus.training.folds import Fold
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.large.documents import documents_in, symbols_in
from mangosaurus.training.status import Progress, Run
from mangosaurus.training.torch_recurrent import Network, Trainable
from mangosaurus.training.torch_transformer import TransformerNetwork
from mangosaurus.training.trainer import Learner, Limit, Replicas, Schedule, train
from mangosaurus.training.training_state import (
    best_state,
    restore,
    restored_limit,
    restored_progress,
    restored_schedule,
    training_state,
)

THREADS = 2
"""Threads that train at once. The result must not depend on the number of processors."""
MOST_NAMES, MOST_TEXT = 8, 2
"""More networks gain little and make sampling slower."""
NETWORKS: dict[str, type[Trainable]] = dict.fromkeys(GATES, Network) | {"transformer": TransformerNetwork}
"""What trains each kind."""
MOST_VALIDATED = 10_000
"""Held-out symbols that the validation loss is measured on during training."""


@dataclass(frozen=True)
class Member:
    """A trained network."""

    parameters: AnyParameters
    fold: int
    """The number of its fold, whose held-out documents it has not seen."""
    progress: Progress


@dataclass(frozen=True)
class _Group:
    """Networks that are trained at once."""

    first: int
    """The number of the first network."""
    folds: list[int]
    learners: list[Learner]
    limit: Limit
    schedule: Schedule
    begun: float
    """`time.monotonic()` at the start, less the seconds that a resumed group has already taken."""


def train_members(
    run: Run, folds: Sequence[Fold], hyper: Hyperparameters, reserve: float, starts: Sequence[Parameters] = ()
) -> list[Member]:
    """Trains networks until `reserve` seconds of the budget are left, or until there are enough.

    Those of a fold start from its weights in `starts`, if there are any. The first networks find out how many steps
    they take: as many as fit into the time, or until they stop improving. The others take the same number, and start
    only if there is probably enough time. A run with checkpoints resumes from them and writes new ones. Raises
    CheckpointError if they are of other networks.
    """
    with single_threaded():
        ensemble = _Ensemble(run, folds, hyper, reserve, starts)
        ensemble.restore()
        while not ensemble.done and len(ensemble.members) < ensemble.most:
            group = ensemble.next_group()
            if group is None or not ensemble.train(group):
                break
        if not run.stop.is_set() and not ensemble.done:
            ensemble.done = True
            ensemble.save()
    return ensemble.members


class _Ensemble:
    """The networks of a run: the trained ones, and how to train the next."""

    def __init__(
        self,
        run: Run,
        folds: Sequence[Fold],
        hyper: Hyperparameters,
        reserve: float,
        starts: Sequence[Parameters],
    ) -> None:
        self._run, self._folds, self._hyper, self._reserve, self._starts = run, folds, hyper, reserve, starts
        settings = run.settings
        self._hardware = hardware_for(settings.device, settings.precision)
        usual = 1 if settings.steps is not None else MOST_TEXT if run.data.text else MOST_NAMES
        self.most: int = settings.members or usual
        self.members: list[Member] = []
        self.done: bool = False
        """Whether all networks are trained."""
        self._steps = settings.steps
        """The steps of each network, once they are known."""
        self._longest = 0.0
        """Seconds that the slowest group took."""
        self._looked_at = 0
        """The step at which the mixture with these networks was measured last."""
        self._states: list[Tree] = []
        """The members as a checkpoint stores them."""
        self._resumed: Tree = None
        """In a resumed run, the state of the group in training."""

    def restore(self) -> None:
        """Restores the last checkpoint. Raises CheckpointError if it is of other networks."""
        checkpoints = self._run.checkpoints
        if checkpoints is None or checkpoints.training is None:
            return
        state = checkpoints.training
        with _telling(checkpoints):
            steps, longest = state["steps"], float(state["longest"])
            if not 0 <= longest < math.inf:
                raise ValueError(f"the slowest network took {longest} seconds")
            self._steps, self._longest = None if steps is None else whole(steps, 10**9), longest
            self.done = state["done"] is True
            if len(state["members"]) > self.most:
                raise ValueError(f"{len(state['members'])} networks are trained, and {self.most} are asked for")
            for entry in state["members"]:
                progress, _ = restored_progress(entry, self._network(0))
                if progress.best is None:
                    raise ValueError("a network has no weights")
                self.members.append(Member(progress.best, len(self.members) % len(self._folds), progress))
                self._states.append(entry)
            first = self.members[: self._hyper.at_once]
            if first and self._run.status.so_far is not None:
                self._run.status.so_far.measure([(member.fold, member.parameters) for member in first])
                self._run.status.so_far.add([member.parameters for member in self.members])
            self._resumed = state["group"]
            if self._resumed is not None:
                whole(len(self._resumed["learners"]), max(THREADS, self._hyper.at_once), least=1)
            if state["bfloat16"] != self._hardware.bfloat16:
                checkpoints.notes.append(
                    "the run began on a processor that rounds differently: the last digits will differ"
                )

    def next_group(self) -> _Group | None:
        """The networks to train next; None if there is probably no time for them."""
        begun, budget = time.monotonic(), self._run.settings.budget
        left, self._longest = broadcast(self._run.seconds_left() - self._reserve, self._longest, patient=True)
        # One network alone takes about two thirds of the time of two that are trained at once.
        # Several processes train one network at a time, or their sums would get mixed up.
        at_once = self._hyper.at_once
        count = min(at_once if world_size() == 1 else 1, self.most - len(self.members))
        if self._resumed is not None:
            count = min(count, len(self._resumed["learners"]))
        elif self.members and left < 1.1 * self._longest:
            count = 1
            if at_once == 1 or left < 0.75 * self._longest:
                return None
        first = len(self.members)
        folds = [number % len(self._folds) for number in range(first, first + count)]
        learners = [self._learner(first + place, fold) for place, fold in enumerate(folds)]
        # Once the number of steps is known, time no longer decides when the rate falls, so that it can be repeated.
        limit = Limit(self._steps, left if self._steps is None else math.inf, give_up=left + 0.05 * budget + 1)
        state, self._resumed, schedule, checkpoints = self._resumed, None, Schedule(), self._run.checkpoints
        if state is not None and checkpoints is not None:
            with _telling(checkpoints):
                limit = restored_limit(state["limit"])
                schedule = restored_schedule(state["schedule"], limit)
                for learner, tree in zip(learners, state["learners"], strict=True):
                    restore(learner, tree)
            checkpoints.notes.append(f"going on with network {first + 1} after step {schedule.step:,}")
        return _Group(first, folds, learners, limit, schedule, begun - schedule.seconds)

    def train(self, group: _Group) -> bool:
        """Trains a group; returns whether another one may follow."""
        run, learners, checkpoints, hyper = self._run, group.learners, self._run.checkpoints, self._hyper
        run.status.member, run.status.progress = group.first, learners[0].progress
        first, some = self._folds[group.folds[0]], self._folds[0].train
        epoch = symbols_in(first.train, first.counts)
        a_step = hyper.batch * (hyper.window if run.data.text else symbols_in(some) / documents_in(some))

        def after_step() -> None:
            self._look(group)
            run.watch(run.status)
            if checkpoints is not None and any(broadcast(checkpoints.due())):
                self.save(group)

        validate_every = max(5, round(min(epoch, 100_000) / a_step))
        try:
            finished = train(
                learners, epoch / a_step, group.limit, validate_every, after_step, run.stop, group.schedule
            )
        finally:
            for learner in learners:
                learner.replicas.close()
        if run.stop.is_set() and not finished:
            self.save(group)
        before = len(self.members)
        for learner, fold in zip(learners, group.folds, strict=True) if finished or not before else ():
            if learner.progress.best is not None:
                self.members.append(Member(learner.progress.best, fold, learner.progress))
                self._states.append(best_state(learner))
        if not finished or len(self.members) == before:  # no loss was finite: training more would not help
            return False
        self._steps = learners[0].progress.step if self._steps is None else self._steps
        self._longest = max(self._longest, time.monotonic() - group.begun)
        if len(self.members) < self.most:
            self.save()
        self._look(group, finished=True)
        return True

    def _look(self, group: _Group, finished: bool = False) -> None:
        """Measures the mixture with the first networks when they have got better, as long as that takes little time."""
        so_far, status = self._run.status.so_far, self._run.status
        if so_far is None or rank():
            return
        if group.first:
            if finished:
                so_far.add([member.parameters for member in self.members])
            return
        best = [(fold, each.progress.best) for fold, each in zip(group.folds, group.learners, strict=True)]
        found = [(fold, parameters) for fold, parameters in best if parameters is not None]
        if group.schedule.best_at == self._looked_at or len(found) < len(best):
            return
        if so_far.has_time(time.monotonic() - status.started, found[0][1], len(found)):
            self._looked_at = group.schedule.best_at
            so_far.measure(found)

    def save(self, group: _Group | None = None) -> None:
        """Writes a checkpoint, if there are any, with the group in training."""
        if self._run.checkpoints is None:
            return
        state: Tree = {"steps": self._steps, "longest": self._longest, "done": self.done, "group": None}
        state |= {"members": list(self._states), "bfloat16": self._hardware.bfloat16}
        if group is not None:
            learners = [training_state(learner) for learner in group.learners]
            state["group"] = {"learners": learners, "limit": vars(group.limit), "schedule": dict(vars(group.schedule))}
        self._run.checkpoints.save(state)

    def _network(self, seed: int) -> Trainable:
        data, hyper = self._run.data, self._hyper
        with torch.random.fork_rng():  # making modules draws from torch's global generator; the user's is left alone
            draw = torch.Generator().manual_seed(seed)
            return NETWORKS[hyper.cell](len(data.vocabulary), hyper, draw, len(data.labels))

    def _learner(self, number: int, fold: int) -> Learner:
        data, hyper, device = self._run.data, self._hyper, self._hardware.device
        seeds = np.random.SeedSequence([self._run.settings.seed, number])
        order, *masks = seeds.generate_state(1 + THREADS).tolist()
        network = self._network(masks[0])
        if self._starts:
            network.start_from(self._starts[fold])
        network.to(device)
        one = hyper.at_once > 1 or device.type != "cpu"
        with torch.random.fork_rng():
            generators = [] if one else [torch.Generator().manual_seed(mask) for mask in masks[1:]]
            replicas = Replicas(network, generators, self._hardware)
        rng, documents, labelled = np.random.default_rng(order), self._folds[fold].train, bool(data.labels)
        if data.text:
            loader = batches.streams(documents, hyper.batch, hyper.window, rng)
        else:
            loader = batches.names(documents, hyper.batch, rng, labelled, self._folds[fold].counts)
        held_out = batches.validation_batches(self._folds[fold].held_out, MOST_VALIDATED, labelled)
        return Learner(replicas, loader, held_out)


@contextmanager
def _telling(checkpoints: Checkpoints) -> Iterator[None]:
    """Turns what a checkpoint of other networks raises into a CheckpointError."""
    try:
        yield
    except DAMAGED as error:
        why = plain(" ".join(str(error).split()))
        raise CheckpointError(
            f"the checkpoint in {checkpoints.folder} is not of such networks, or damaged ({why}); begin a new run"
        ) from error
