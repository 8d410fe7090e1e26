"""The progress of a training run, as numbers and as samples."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters

if TYPE_CHECKING:
    from mangosaurus.training.status import Status

SHARE = 50
"""Samples are drawn again after at least so many times the seconds that the last ones took."""


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
    """The held-out loss of the best mixture so far, nats per symbol. It never rises."""
    held_out_network: float | None = None
    """The lowest held-out loss so far of the network in training alone."""
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
            return Reading(status.stage, elapsed, left, held_out=status.held_out)
        step, symbols = progress.step, progress.symbols
        if self._member != status.member:
            self._member, self._begun, self._first_step, self._rate = status.member, now, step, math.nan
        elif now > self._looked:
            self._rate = (symbols - self._symbols) / (now - self._looked)
        self._looked, self._symbols = now, symbols
        if self._steps is not None and step > self._first_step:
            left = (self._steps - step) * (now - self._begun) / (step - self._first_step)
        loss, alone, rate = (
            None if math.isnan(each) else each for each in (progress.loss, progress.held_out, self._rate)
        )
        network = status.member + 1
        return Reading(status.stage, elapsed, left, network, step, progress.steps, loss, status.held_out, alone, rate)


class Previews:
    """Samples of the best mixture so far, now and then: drawing them takes a small share of the time."""

    def __init__(self, n: int, length: int, seconds: float) -> None:
        """`n` names, or beginnings of a text, of at most `length` characters, every few `seconds`."""
        self._n, self._length, self._every = n, length, seconds
        self._next, self._count = -math.inf, 0
        self._known: DocumentHashes | None = None

    def look(self, status: Status, now: float) -> list[str]:
        """New samples at the time `now`, in the seconds of `time.monotonic()`; none if it is too early for them."""
        if status.stage != "training" or now < self._next:
            return []
        if self._known is None:
            self._known = DocumentHashes.of(status.known)
        begun = time.monotonic()
        self._count += 1
        found = preview(status, self._n, self._count, self._length, self._known)
        self._next = now + max(self._every, SHARE * (time.monotonic() - begun))
        return found


def preview(status: Status, n: int, seed: int, length: int = 40, known: DocumentHashes | None = None) -> list[str]:
    """Up to `n` names, or beginnings of a text, by the best mixture so far, `length` characters at most; no names that
    are `known`. None without a model, or if few are new."""
    model = status.preview()
    if model is None:
        return []
    try:
        asked = Constraints(max_length=length), SamplingParameters(seed=seed)
        samples = collect(model, 2 * n if known else n, *asked, unwanted=Unwanted(repeated=False), cut_long=True)
    except MangosaurusError:
        return []
    written = dict(zip(samples.documents, samples, strict=True))
    new = [sample for document, sample in written.items() if known is None or document not in known]
    return [" ".join(sample.split()) for sample in new[:n]]
