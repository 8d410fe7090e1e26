"""Training the networks of a mixture, one after the other, each without one part of the corpus."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from mangosaurus.models.recurrent import Parameters
from mangosaurus.training import batches
from mangosaurus.training.mapped import symbols_in
from mangosaurus.training.network import Network
from mangosaurus.training.plan import Plan
from mangosaurus.training.split import Part
from mangosaurus.training.trainer import Learner, Limit, Progress, Replicas, probe, train

if TYPE_CHECKING:
    from mangosaurus.training.recipe import Settings, Status

THREADS = 2
"""Threads that train at once. Not the machine's number of processors: the result must not depend on it."""
MOST_NAMES, MOST_TEXT = 8, 2
"""More networks gain little and make sampling slower."""
MOST_PROBED = 10_000
"""Held-out symbols that are looked at during training."""


@dataclass(frozen=True)
class Member:
    """A trained network."""

    parameters: Parameters
    part: int
    """The number of the part whose held-out documents it has not seen."""
    progress: Progress


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
) -> list[Member]:
    """Networks until the budget is used up but for `reserve` seconds, or until there are enough.

    `symbols` is V; with `labels`, so many, every document begins with one: see training/label_ngrams.py.

    The first find out how many steps they take, within the time and until they learn no more; the others take as
    many, and are begun only if the time will probably do.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    members: list[Member] = []
    steps = settings.steps
    most = settings.members or (1 if steps is not None else MOST_TEXT if text else MOST_NAMES)
    longest = 0.0
    try:
        while len(members) < most:
            begun = time.monotonic()
            left = settings.budget - (begun - started) - reserve if settings.steps is None else math.inf
            # One of two networks side by side, left alone, takes about two thirds of the time of both.
            count = min(THREADS if plan.side_by_side else 1, most - len(members))
            if members and left < 1.1 * longest:
                count = 1
                if not plan.side_by_side or left < 0.75 * longest:
                    break
            together = range(len(members), len(members) + count)
            numbers = [number % len(parts) for number in together]
            learners = [
                _learner(parts[n], symbols, labels, text, plan, [settings.seed, number])
                for n, number in zip(numbers, together, strict=True)
            ]
            status.member, status.progress = together[0], learners[0].progress
            epoch = symbols_in(parts[numbers[0]].kept)
            # Once the number of steps is known, time no longer decides when the rate falls: it is to be repeatable.
            limit = Limit(steps, left if steps is None else math.inf, give_up=left + 0.05 * settings.budget + 1)
            look_every = max(5, round(min(epoch, 100_000) / plan.symbols_a_step(parts[0].kept, text)))
            try:
                finished = train(learners, epoch, limit, look_every, lambda: watch(status), stop)
            finally:
                for learner in learners:
                    learner.replicas.close()
            if finished or not members:
                members += [
                    Member(learner.progress.best, n, learner.progress)
                    for n, learner in zip(numbers, learners, strict=True)
                    if learner.progress.best is not None
                ]
            if not finished:
                break
            steps = learners[0].progress.step if steps is None else steps
            longest = max(longest, time.monotonic() - begun)
    finally:
        torch.set_num_threads(threads)
    return members


def _learner(part: Part, symbols: int, labels: int, text: bool, plan: Plan, seed: Sequence[int]) -> Learner:
    order, *masks = np.random.SeedSequence(seed).generate_state(1 + THREADS).tolist()
    with torch.random.fork_rng():  # building modules draws from torch's global generator; the user's is left alone
        network = Network(symbols, plan, torch.Generator().manual_seed(masks[0]), labels)
        replicas = Replicas(
            network, [torch.Generator().manual_seed(mask) for mask in masks[1:] if not plan.side_by_side]
        )
    rng = np.random.default_rng(order)
    if text:
        fed = batches.streams(part.kept, plan.batch, plan.window, rng)
    else:
        fed = batches.names(part.kept, plan.batch, rng, labels > 0)
    return Learner(replicas, fed, probe(part.held_out, MOST_PROBED, labels > 0))
