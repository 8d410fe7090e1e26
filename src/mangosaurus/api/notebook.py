"""The progress of `fit` in a notebook: a bar of tqdm, where that is installed."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mangosaurus.api.progress import Meter, preview

if TYPE_CHECKING:
    from mangosaurus.training.status import Status

SECONDS_A_REFRESH = 0.5
"""A fit that takes less has no bar."""
SECONDS_A_PREVIEW = 3.0
PREVIEWS = 3


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None


@contextmanager
def watching() -> Iterator[Callable[[Status], None]]:
    """The `watch` of a `fit` that was given none: a bar in a notebook with tqdm, and otherwise nothing."""
    if not in_notebook() or find_spec("tqdm") is None:
        yield lambda status: None
        return
    bar = Bar()
    try:
        yield bar
        bar.end()
    finally:
        bar.close()


class Bar:
    """A `watch` that draws a bar: of the time that is used up, or with `steps`, of the steps of a network."""

    def __init__(self) -> None:
        self._drawn: Any = None
        self._meter: Meter | None = None
        self._shown = self._previewed = time.monotonic()
        self._names: list[str] = []

    def __call__(self, status: Status) -> None:
        now = time.monotonic()
        if now - self._shown < SECONDS_A_REFRESH:
            return
        self._shown = now
        if self._meter is None:
            self._meter = Meter(status.settings.budget, status.settings.steps)
        reading = self._meter.read(status, now)
        if now - self._previewed >= SECONDS_A_PREVIEW:
            self._names, self._previewed = preview(status, PREVIEWS, int(now)), now
        by_steps = status.settings.steps is not None
        done, total = (reading.step or 0, reading.steps) if by_steps else (reading.elapsed, status.settings.budget)
        network = "" if reading.network is None else f" network {reading.network}"
        title = f"{reading.stage}{network}"
        if self._drawn is None:
            self._drawn = _bar(title)
        self._drawn.n = min(1.0, done / total) if total else 0.0
        self._drawn.set_description_str(title, refresh=False)
        facts = [f"held-out loss {reading.held_out:.3f}"] if reading.held_out is not None else []
        self._drawn.set_postfix_str("; ".join([*facts, *self._names]), refresh=False)
        self._drawn.refresh()

    def end(self) -> None:
        """Fills the bar: the model is there."""
        if self._drawn is not None:
            self._drawn.n = 1.0
            self._drawn.set_description_str("trained", refresh=False)
            self._drawn.refresh()

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._drawn is not None:
            self._drawn.close()


def _bar(title: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets, the bar is made of characters
        from tqdm.auto import tqdm

        return tqdm(desc=title, total=1.0, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}")
