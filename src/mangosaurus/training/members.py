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
from mangosaurus.training.network import Network
from mangosaurus.training.plan import Plan
from mangosaurus.training.split import Part
from mangosaurus.training.trainer import Limit, Progress, Replicas, probe, train

if TYPE_CHECKING:
    from mangosaurus.training.recipe import Settings, Status

REPLICAS = 2
"""The threads that share a batch. Not the machine's number of processors: the result must not depend on it."""
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
    text: bool,
    plan: Plan,
    settings: Settings,
    started: float,
    reserve: float,
    status: Status,
    watch: Callable[[Status], None],
    stop: threading.Event,
) -> list[Member]:
    """Networks until the budget is used up but for `reserve` seconds, or until there are enough; `symbols` is V.

    The first network finds out how many steps it takes, within the time and until it learns no more; the others take
    as many, and are begun only if the time will probably do.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    members: list[Member] = []
    steps = settings.steps
    most = settings.members or (1 if steps is not None else _most_members(text))
    longest = 0.0
    try:
        while len(members) < most and not stop.is_set():
            begun = time.monotonic()
            left = settings.budget - (begun - started) - reserve if settings.steps is None else math.inf
            if members and left < 1.1 * longest:
                break
            status.member, status.progress = len(members), Progress()
            limit = Limit(steps, left, give_up=left + 0.05 * settings.budget + 1)
            number = len(members) % len(parts)
            _train_one(parts[number], symbols, text, plan, [settings.seed, len(members)], limit, status, watch, stop)
            progress = status.progress
            finished = progress.step == progress.steps
            if progress.best is not None and (finished or not members):
                members.append(Member(progress.best, number, progress))
            if not finished:
                break
            steps = progress.steps if steps is None else steps
            longest = max(longest, time.monotonic() - begun)
    finally:
        torch.set_num_threads(threads)
    return members


def _train_one(
    part: Part,
    symbols: int,
    text: bool,
    plan: Plan,
    seed: Sequence[int],
    limit: Limit,
    status: Status,
    watch: Callable[[Status], None],
    stop: threading.Event,
) -> None:
    order, *masks = np.random.SeedSequence(seed).generate_state(1 + REPLICAS).tolist()
    with torch.random.fork_rng():  # building modules draws from torch's global generator; the user's is left alone
        network = Network(symbols, plan, torch.Generator().manual_seed(masks[0]))
        replicas = Replicas(network, [torch.Generator().manual_seed(seed) for seed in masks[1:]])
    rng = np.random.default_rng(order)
    if text:
        fed = batches.streams(part.kept, plan.batch, plan.window, rng)
    else:
        fed = batches.names(part.kept, plan.batch, rng)
    epoch = sum(len(document) + 1 for document in part.kept)
    assert status.progress is not None
    try:
        train(
            replicas,
            fed,
            probe(part.held_out, MOST_PROBED),
            epoch,
            limit,
            status.progress,
            look_every=max(5, min(epoch, 100_000) // plan.symbols_a_step(epoch / max(1, len(part.kept)), text)),
            watch=lambda: watch(status),
            stop=stop,
        )
    finally:
        replicas.close()


def _most_members(text: bool) -> int:
    return 2 if text else 8
