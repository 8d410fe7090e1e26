"""Progress of a training run or another long computation, on standard error.

A terminal has a live display. Elsewhere, a run prints a line every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mangosaurus.api.progress import Meter, preview
from mangosaurus.cli.streams import display, say, shown

if TYPE_CHECKING:
    from mangosaurus.training.status import Status

SECONDS_A_REFRESH = 0.25
SECONDS_A_LINE = 2.0
SECONDS_A_PREVIEW = 3.0
PREVIEWS = 4


@contextmanager
def watching(quiet: bool) -> Iterator[Callable[[Status], None]]:
    """The `watch` of `fit` that shows its progress."""
    console = Console(file=display())
    live = Live(console=console, auto_refresh=False, transient=True)

    def draw(facts: list[str], previews: list[str]) -> None:
        live.start()
        live.update(_picture(facts, previews), refresh=True)

    if quiet:
        yield lambda status: None
        return
    try:
        if console.is_terminal:
            yield _Watcher(SECONDS_A_REFRESH, draw)
        else:
            yield _Watcher(SECONDS_A_LINE, lambda facts, previews: say(", ".join(facts)))
    finally:
        live.stop()


class _Watcher:
    """Calls `show` with the facts and previews, at most once in `every` seconds."""

    def __init__(self, every: float, show: Callable[[list[str], list[str]], None]) -> None:
        self._every, self._show = every, show
        self._meter: Meter | None = None
        self._shown = self._previewed = time.monotonic()
        self._stage = ""
        self._previews: list[str] = []
        self._noted = 0

    def __call__(self, status: Status) -> None:
        if self._meter is None:
            say(status.corpus)
            self._meter = Meter(status.settings.budget, status.settings.steps)
        notes = [] if status.checkpoints is None else status.checkpoints.notes
        for line in notes[self._noted :]:
            say(f"note: {line}")
            self._noted += 1
        now = time.monotonic()
        if now - self._shown < self._every and status.stage == self._stage:
            return
        reading = self._meter.read(status, now)
        facts = [f"{reading.stage}, {reading.elapsed:.0f} s"]
        if reading.step is not None:
            facts.append(f"network {reading.network}")
            facts.append(f"step {reading.step:,}" + (f" of {reading.steps:,}" if reading.steps else ""))
            if reading.loss is not None:
                facts.append(f"loss {reading.loss:.3f}")
            if reading.held_out is not None:
                facts.append(f"held-out {reading.held_out:.3f} nats per symbol")
            if reading.symbols_per_second is not None:
                facts.append(f"{reading.symbols_per_second:,.0f} symbols/s")
            if reading.left is not None:
                facts.append(f"{'about ' if status.settings.steps is not None else ''}{reading.left:.0f} s left")
            if now - self._previewed > SECONDS_A_PREVIEW:
                self._previews, self._previewed = preview(status, PREVIEWS, int(now)), now
                facts.append(f"such as {'; '.join(self._previews)}" if self._previews else "")
        self._shown, self._stage = now, status.stage
        self._show([fact for fact in facts if fact], self._previews)


def _picture(facts: list[str], previews: list[str]) -> Group:
    table = Table.grid(padding=(0, 2))
    table.add_row(*[Text(shown(fact)) for fact in facts if not fact.startswith("such as")])
    return Group(ProgressBar(pulse=True, width=40), table, Text(shown("  ".join(previews)), style="italic cyan"))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows `what` and the time that it takes, on a terminal."""
    console = Console(file=display())
    if not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        yield
