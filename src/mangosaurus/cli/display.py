"""The progress of a training: a live display on a terminal, a line now and then elsewhere. All on standard error."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mangosaurus.errors import MangosaurusError
from mangosaurus.generation.collect import collect
from mangosaurus.generation.sampler import Filter
from mangosaurus.training.recipe import Status

SECONDS_A_REFRESH = 0.25
SECONDS_A_LINE = 2.0
SECONDS_A_PREVIEW = 3.0
PREVIEWS = 4


@contextmanager
def watching(quiet: bool, budget: float, steps: int | None, opening: str) -> Iterator[Callable[[Status], None]]:
    """What `fit` is to tell of its progress; `budget` in seconds, unless `steps` are given.

    The line `opening` is shown once the fit has begun, and not if it refuses to.
    """
    if quiet:
        yield lambda status: None
        return
    console = Console(stderr=True)
    if console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as live:

            def draw(facts: list[str], previews: list[str]) -> None:
                live.update(_picture(facts, previews), refresh=True)

            yield _Watcher(SECONDS_A_REFRESH, budget, steps, opening, draw)
    else:

        def tell(facts: list[str], previews: list[str]) -> None:
            print(", ".join(facts), file=sys.stderr, flush=True)

        yield _Watcher(SECONDS_A_LINE, budget, steps, opening, tell)


class _Watcher:
    """Calls `show` with the facts and some previews, at most once in `every` seconds."""

    def __init__(
        self,
        every: float,
        budget: float,
        steps: int | None,
        opening: str,
        show: Callable[[list[str], list[str]], None],
    ) -> None:
        self._every, self._budget, self._steps, self._opening, self._show = every, budget, steps, opening, show
        self._shown = self._previewed = time.monotonic()
        self._stage = ""
        self._member, self._begun, self._first_step = -1, 0.0, 0
        self._read, self._rate = 0, math.nan
        self._previews: list[str] = []
        self._noted = 0

    def __call__(self, status: Status) -> None:
        if self._opening:
            print(self._opening, file=sys.stderr, flush=True)
            self._opening = ""
        notes = [] if status.checkpoints is None else status.checkpoints.notes
        for line in notes[self._noted :]:
            print(f"note: {line}", file=sys.stderr, flush=True)
            self._noted += 1
        now = time.monotonic()
        if now - self._shown < self._every and status.stage == self._stage:
            return
        facts = [f"{status.stage}, {now - status.started:.0f} s"]
        progress = status.progress
        if progress is not None and status.stage == "training":
            if self._member != status.member:
                self._member, self._begun, self._first_step = status.member, now, progress.step
                self._read, self._rate = progress.symbols, math.nan
            elif now > self._shown:
                self._rate = (progress.symbols - self._read) / (now - self._shown)
                self._read = progress.symbols
            facts.append(f"network {status.member + 1}")
            facts.append(f"step {progress.step:,}" + (f" of {progress.steps:,}" if progress.steps else ""))
            if not math.isnan(progress.loss):
                facts.append(f"loss {progress.loss:.3f}")
            if not math.isnan(progress.held_out):
                facts.append(f"held-out {progress.held_out:.3f} nats per symbol")
            if not math.isnan(self._rate):
                facts.append(f"{self._rate:,.0f} symbols/s")
            if self._steps is None:
                facts.append(f"{max(0.0, self._budget - (now - status.started)):.0f} s left")
            elif progress.step > self._first_step:
                seconds_a_step = (now - self._begun) / (progress.step - self._first_step)
                facts.append(f"about {(self._steps - progress.step) * seconds_a_step:.0f} s left")
            if now - self._previewed > SECONDS_A_PREVIEW:
                self._previews, self._previewed = _preview(status), now
                facts.append(f"such as {'; '.join(self._previews)}" if self._previews else "")
        self._shown, self._stage = now, status.stage
        with suppress(OSError):  # a terminal that has gone must not end a training
            self._show([fact for fact in facts if fact], self._previews)


def _preview(status: Status) -> list[str]:
    """A few names, or the beginning of a text, of the model so far."""
    model = status.preview()
    if model is None:
        return []
    try:
        samples = collect(
            model, PREVIEWS, seed=int(time.monotonic()), max_length=40, keep=Filter(), unique=False, cut_long=True
        )
    except MangosaurusError:
        return []
    return [" ".join(sample.split()) for sample in samples]


def _picture(facts: list[str], previews: list[str]) -> Group:
    table = Table.grid(padding=(0, 2))
    table.add_row(*[Text(fact) for fact in facts if not fact.startswith("such as")])
    return Group(ProgressBar(pulse=True, width=40), table, Text("  ".join(previews), style="italic cyan"))
