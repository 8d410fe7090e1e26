"""Progress of a training run or another long computation, on standard error.

A terminal has a live display, as wide as it is and no wider. Elsewhere, a run prints a line every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from mangosaurus.api.progress import Meter, Previews, Reading
from mangosaurus.cli.streams import display, say, shown

if TYPE_CHECKING:
    from mangosaurus.training.status import Status

SECONDS_A_REFRESH = 0.25
SECONDS_A_LINE = 2.0
SECONDS_A_PREVIEW = 3.0
PREVIEWS, PREVIEW_LENGTH = 4, 40
MARGIN = 4
"""Columns that stay free at the end of a line: a terminal writes ^C there, which must not begin a new line."""


@contextmanager
def watching(quiet: bool) -> Iterator[Callable[[Status], None]]:
    """The `watch` of `fit` that shows its progress."""
    console = Console(file=display())
    # Live draws on a thread of its own, so that the bar moves on while a stage says nothing.
    live = Live(console=console, refresh_per_second=1 / SECONDS_A_REFRESH, transient=True)
    picture = Picture()

    def draw(reading: Reading, done: float | None, names: list[str]) -> None:
        picture.show(reading, done, names)
        if not live.is_started:
            live.start()
            live.update(picture)

    if quiet:
        yield lambda status: None
        return
    try:
        if console.is_interactive:
            yield _Watcher(SECONDS_A_REFRESH, draw)
            if live.is_started:
                picture.finish()
                live.refresh()
        else:
            told: list[list[str]] = [[]]

            def tell(reading: Reading, done: float | None, names: list[str]) -> None:
                say(_line(reading, [] if names is told[-1] else names))
                told.append(names)

            yield _Watcher(SECONDS_A_LINE, tell)
    finally:
        live.stop()


class _Watcher:
    """Calls `show` with the numbers, the share that is done and the latest names, at most once in `every` seconds."""

    def __init__(self, every: float, show: Callable[[Reading, float | None, list[str]], None]) -> None:
        self._every, self._show = every, show
        self._meter: Meter | None = None
        self._previews = Previews(PREVIEWS, PREVIEW_LENGTH, SECONDS_A_PREVIEW)
        self._names: list[str] = []
        self._shown = time.monotonic()
        self._stage = ""
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
        self._names = self._previews.look(status, now) or self._names
        self._shown, self._stage = now, status.stage
        self._show(reading, done(reading, status), self._names)


def done(reading: Reading, status: Status) -> float | None:
    """The share of the run that is done, by its time or by its steps; None if it is not known."""
    if reading.stage == "mixing" and status.settings.steps is not None:
        return 1.0
    if status.settings.steps is None:
        budget = status.settings.budget
        return min(1.0, reading.elapsed / budget) if budget else None
    if reading.step is None or not reading.steps or reading.network is None:
        return 0.0
    members = max(reading.network, status.settings.members or 1)
    return (reading.network - 1 + reading.step / reading.steps) / members


class Picture:
    """The live display: a bar, the held-out loss, and names."""

    def __init__(self) -> None:
        self._now = Reading("", 0.0)
        self._done: float | None = None
        self._names: list[str] = []
        self._first: float | None = None
        """The held-out loss at the beginning."""
        self._taken = time.monotonic()

    def show(self, reading: Reading, done: float | None, names: list[str]) -> None:
        """From now on, the numbers, the share of the run that is done, and the names to draw."""
        if self._first is None:
            self._first = reading.held_out
        self._now, self._done, self._names, self._taken = reading, done, names, time.monotonic()

    def finish(self) -> None:
        """From now on, the whole bar."""
        self._done = 1.0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - MARGIN)
        now, done, passed = self._now, self._done, time.monotonic() - self._taken
        left = None if now.left is None or done is None else max(0.0, now.left - passed)
        if done is not None and left is not None and done < 1 and now.elapsed + left > 0:
            done = max(done, (now.elapsed + passed) / (now.elapsed + passed + left))
        bar = Table.grid(Column(no_wrap=True), Column(ratio=1), Column(no_wrap=True), padding=(0, 1), expand=True)
        bar.width = width
        seconds = f"{now.elapsed + passed:.0f} s" if left is None else f"{left:.0f} s left"
        bar.add_row(now.stage, ProgressBar(total=1.0, completed=done or 0.0, pulse=done is None), seconds)
        yield bar
        yield Text(as_many(self._facts(), ", ", width))
        yield Text(as_many(map(shown, self._names), "  ", width), style="italic cyan")

    def _facts(self) -> Iterator[str]:
        now = self._now
        if now.held_out is not None:
            yield f"held-out loss {now.held_out:.3f}"
            if self._first is not None and now.held_out < self._first:
                yield f"{self._first:.3f} at first"
        if now.network is not None:
            yield f"network {now.network}"
            yield f"step {now.step:,}" + (f" of {now.steps:,}" if now.steps else "")
        if now.symbols_per_second is not None:
            yield f"{now.symbols_per_second:,.0f} symbols/s"


def as_many(parts: Iterable[str], between: str, width: int) -> str:
    """The first parts, as many as have room on a line of so many columns."""
    line = ""
    for each in parts:
        longer = f"{line}{between}{each}" if line else each
        if cell_len(longer) > width:
            break
        line = longer
    return line


def _line(now: Reading, names: list[str]) -> str:
    """The same as one line, for a file; with these names, if any are new."""
    facts = [f"{now.stage}, {now.elapsed:.0f} s"]
    if now.step is not None:
        facts += [f"network {now.network}", f"step {now.step:,}" + (f" of {now.steps:,}" if now.steps else "")]
    if now.loss is not None:
        facts.append(f"loss {now.loss:.3f}")
    if now.held_out is not None:
        facts.append(f"held-out {now.held_out:.3f} nats per symbol")
    if now.symbols_per_second is not None:
        facts.append(f"{now.symbols_per_second:,.0f} symbols/s")
    if now.left is not None and now.step is not None:
        facts.append(f"{now.left:.0f} s left")
    return ", ".join(facts + ([f"such as {'; '.join(names)}"] if names else []))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows `what` and the time that it takes, on a terminal."""
    console = Console(file=display())
    if not console.is_terminal:
        yield
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        yield


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shows, on a terminal, `what` is counted, how many there are of how many, and the time that it takes."""
    console = Console(file=display())
    if not console.is_terminal:
        yield lambda found, n: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda found, n: progress.update(task, completed=found, total=n)
