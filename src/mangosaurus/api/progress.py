"""The progress of a training run, as numbers and as samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mangosaurus.core.errors import MangosaurusError
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters

if TYPE_CHECKING:
    from mangosaurus.training.status import Status


@dataclass(frozen=True)
class Reading:
    """The numbers of one moment; None is what is not known, or not yet."""

    stage: str
    """`counting`, `training` or `mixing`."""
    elapsed: float
    """Seconds since the fit began."""
    left: float | None = None
    """Seconds until the budget is used up, or by `steps` about those of this network."""
    network: int | None = None
    """Which network is in training, from 1."""
    step: int | None = None
    steps: int | None = None
    """The number of steps in all."""
    loss: float | None = None
    """Training loss, nats per symbol, a running mean."""
    held_out: float | None = None
    """The lowest held-out loss so far, nats per symbol."""
    symbols_per_second: float | None = None
    """Since the previous reading."""


class Meter:
    """Reads a run's Status again and again, and so knows its speed and the time left."""

    def __init__(self, budget: float, steps: int | None) -> None:
        """`budget` in seconds, unless `steps` are given."""
        self._budget, self._steps = budget, steps
        self._member, self._begun, self._first_step = -1, 0.0, 0
        self._looked, self._symbols, self._rate = 0.0, 0, math.nan

    def read(self, status: Status, now: float) -> Reading:
        """What `status` says at the time `now`, a reading of `time.monotonic()`."""
        elapsed = now - status.started
        by_time = max(0.0, self._budget - elapsed) if self._steps is None else None
        progress = status.progress
        if progress is None or status.stage != "training":
            return Reading(status.stage, elapsed, by_time)
        step, symbols = progress.step, progress.symbols
        if self._member != status.member:
            self._member, self._begun, self._first_step, self._rate = status.member, now, step, math.nan
        elif now > self._looked:
            self._rate = (symbols - self._symbols) / (now - self._looked)
        self._looked, self._symbols = now, symbols
        left = by_time
        if self._steps is not None and step > self._first_step:
            left = (self._steps - step) * (now - self._begun) / (step - self._first_step)
        return Reading(
            stage=status.stage,
            elapsed=elapsed,
            left=left,
            network=status.member + 1,
            step=step,
            steps=progress.steps,
            loss=_number(progress.loss),
            held_out=_number(progress.held_out),
            symbols_per_second=_number(self._rate),
        )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def preview(status: Status, n: int, seed: int, length: int = 40) -> list[str]:
    """`n` names, or beginnings of a text, of the model so far, `length` characters at most; none of no model."""
    model = status.preview()
    if model is None:
        return []
    try:
        asked = Constraints(max_length=length), SamplingParameters(seed=seed)
        samples = collect(model, n, *asked, unwanted=Unwanted(repeated=False), cut_long=True)
    except MangosaurusError:
        return []
    return [" ".join(sample.split()) for sample in samples]
