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
    """The numbers of one moment. None means not known, or not yet."""

    stage: str
    """`counting`, `training` or `mixing`."""
    elapsed: float
    """Seconds since the fit began."""
    left: float | None = None
    """Seconds until the budget is used up. With `steps`, an estimate of the seconds that this network still takes."""
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
    """Reads a run's Status repeatedly, to measure its speed and the time left."""

    def __init__(self, budget: float, steps: int | None) -> None:
        """`budget` in seconds, unless `steps` are given."""
        self._budget, self._steps = budget, steps
        self._member, self._begun, self._first_step = -1, 0.0, 0
        self._looked, self._symbols, self._rate = 0.0, 0, math.nan

    def read(self, status: Status, now: float) -> Reading:
        """The numbers of `status` at the time `now`, in the seconds of `time.monotonic()`."""
        elapsed = now - status.started
        left = max(0.0, self._budget - elapsed) if self._steps is None else None
        progress = status.progress
        if progress is None or status.stage != "training":
            return Reading(status.stage, elapsed, left)
        step, symbols = progress.step, progress.symbols
        if self._member != status.member:
            self._member, self._begun, self._first_step, self._rate = status.member, now, step, math.nan
        elif now > self._looked:
            self._rate = (symbols - self._symbols) / (now - self._looked)
        self._looked, self._symbols = now, symbols
        if self._steps is not None and step > self._first_step:
            left = (self._steps - step) * (now - self._begun) / (step - self._first_step)
        rates = (None if math.isnan(each) else each for each in (progress.loss, progress.held_out, self._rate))
        return Reading(status.stage, elapsed, left, status.member + 1, step, progress.steps, *rates)


def preview(status: Status, n: int, seed: int, length: int = 40) -> list[str]:
    """`n` names, or beginnings of a text, by the model so far, `length` characters at most; none without a model."""
    model = status.preview()
    if model is None:
        return []
    try:
        asked = Constraints(max_length=length), SamplingParameters(seed=seed)
        samples = collect(model, n, *asked, unwanted=Unwanted(repeated=False), cut_long=True)
    except MangosaurusError:
        return []
    return [" ".join(sample.split()) for sample in samples]
