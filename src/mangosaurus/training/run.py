"""One training run: what it learns from, its settings, and who watches and stops it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mangosaurus.arrays import IntArray
from mangosaurus.training.checkpoint import Checkpoints
from mangosaurus.training.mapped import symbols_in
from mangosaurus.training.settings import Settings
from mangosaurus.training.status import Status
from mangosaurus.vocabulary import Vocabulary


@dataclass(frozen=True)
class Data:
    """A corpus as the recipe reads it."""

    documents: Sequence[IntArray]
    """Ids without END, one document at least. With labels, each begins with its own: V for the first, and so on."""
    vocabulary: Vocabulary
    """V symbols."""
    text: bool
    """Whether the documents are long texts, read as streams, and not names."""
    held_out: Sequence[IntArray] | None = None
    """Documents to hold out instead of folds of the corpus."""
    labels: Sequence[str] = ()
    summary: str = ""
    """One line for the user."""

    @property
    def symbols(self) -> int:
        """The number of predicted symbols: END counts, labels do not."""
        return symbols_in(self.documents) - (len(self.documents) if self.labels else 0)


@dataclass(frozen=True)
class Run:
    """What every step of the recipe needs to know."""

    data: Data
    settings: Settings
    status: Status
    watch: Callable[[Status], None]
    """Called after every step."""
    stop: threading.Event
    """Once it is set, the best model so far is returned."""
    checkpoints: Checkpoints | None = None

    def enter(self, stage: str) -> None:
        """Begins a stage of the recipe."""
        self.status.stage = stage
        self.watch(self.status)

    def seconds_left(self) -> float:
        """Seconds until the budget is used up; infinity with `steps`."""
        if self.settings.steps is not None:
            return math.inf
        return self.settings.budget - (time.monotonic() - self.status.started)
