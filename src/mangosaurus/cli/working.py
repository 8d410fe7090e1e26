"""A sign of life on a terminal, for what takes longer than a moment and cannot say how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mangosaurus.cli.streams import display


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows `what` is being done, and for how long, on standard error, if that is a terminal."""
    console = Console(file=display())
    if not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        yield
