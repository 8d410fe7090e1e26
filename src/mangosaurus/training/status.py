"""A training run: its data, settings, progress, and how to watch and stop it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import AnyParameters, CharModel
from mangosaurus.training.large.documents import symbols_in
from mangosaurus.training.name_weights import counts_of
from mangosaurus.training.settings import Settings

if TYPE_CHECKING:
    from mangosaurus.training.checkpoint import Checkpoints
    from mangosaurus.training.so_far import SoFar


@dataclass
class Progress:
    """The progress of one network. Its thread writes it, another reads it."""

    step: int = 0
    steps: int | None = None
    """The total number of steps, once it is known."""
    symbols: int = 0
    """Symbols read so far."""
    loss: float = math.nan
    """Training loss, nats per symbol, a running mean."""
    held_out: float = math.nan
    """The held-out loss, nats per symbol, at the step at which the mean of the learners' losses was lowest so far."""
    best: AnyParameters | None = None
    """The weights that reached it."""
    skipped: int = 0
    """Steps whose loss or gradient was not finite: they changed no weights."""
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    """(step, training loss, held-out loss) at every validation."""


@dataclass
class Status:
    """The state of a run, for a display."""

    stage: str
    """`counting`, `training` or `mixing`."""
    started: float
    """`time.monotonic()` at the start."""
    settings: Settings = field(default_factory=Settings)
    corpus: str = ""
    """The summary of the corpus."""
    known: Sequence[str] = ()
    """The names of a list in memory."""
    so_far: SoFar | None = None
    """The best mixture so far, once the corpus is counted."""
    member: int = 0
    """The number of the network in training, from 0."""
    progress: Progress | None = None
    """Its progress."""
    checkpoints: Checkpoints | None = None
    """Its checkpoints, with notes for the user."""

    @property
    def held_out(self) -> float | None:
        """The held-out loss of the best mixture so far, nats per symbol, which never rises; None if it is not known.

        It is an estimate of what the model's own record will say: see training/so_far.py.
        """
        return None if self.so_far is None else self.so_far.held_out

    def preview(self) -> CharModel | None:
        """The best mixture so far; None while the corpus is counted."""
        return None if self.so_far is None else self.so_far.model()


@dataclass(frozen=True)
class Data:
    """A corpus as the recipe reads it."""

    documents: Sequence[IntArray]
    """Ids without END, at least one document. With labels, each begins with its label: V for the first, and so on."""
    vocabulary: Vocabulary
    """V symbols."""
    text: bool
    """Whether the documents are long texts, read as streams, and not names."""
    held_out: Sequence[IntArray] | None = None
    """Documents to hold out instead of folds of the corpus."""
    labels: Sequence[str] = ()
    weights: IntArray | None = None
    """(documents,): the weight of each name, which is there once. None: all are 1."""
    held_out_weights: IntArray | None = None
    """The same of the documents to hold out."""
    summary: str = ""
    """One line for the user."""
    known: Sequence[str] = ()
    """The names of a list in memory, so that previews leave them out."""

    @property
    def label_of(self) -> IntArray:
        """The number of each document's label, (documents,); 0 without labels."""
        if not self.labels:
            return np.zeros(len(self.documents), dtype=np.int64)
        return np.array([int(document[0]) - len(self.vocabulary) for document in self.documents])

    @property
    def counts(self) -> IntArray | None:
        """How often each document is counted; None: once."""
        return None if self.weights is None else counts_of(self.weights, self.label_of)

    @property
    def symbols(self) -> int:
        """The number of predicted symbols: END counts, labels and weights do not."""
        return symbols_in(self.documents) - (len(self.documents) if self.labels else 0)

    @property
    def epoch(self) -> int:
        """The number of symbols that networks predict in one epoch, each document as often as it is counted."""
        counts = self.counts
        if counts is None:
            return self.symbols
        return symbols_in(self.documents, counts) - (int(counts.sum()) if self.labels else 0)


@dataclass(frozen=True)
class Run:
    """What every step of the recipe needs."""

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
