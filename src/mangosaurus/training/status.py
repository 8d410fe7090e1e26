"""How far a training run is: what displays, previews and the server read while it goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mangosaurus.models.interface import AnyParameters, CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.networks import network_of
from mangosaurus.models.ngram import NGram
from mangosaurus.training.settings import Settings
from mangosaurus.training.weights import mixed

if TYPE_CHECKING:
    from mangosaurus.training.checkpoint import Checkpoints


@dataclass
class Progress:
    """What the training of one network has come to, for a display; written by its thread, read by another."""

    step: int = 0
    steps: int | None = None
    """The number of steps in all, once it is known."""
    symbols: int = 0
    """Symbols read so far."""
    loss: float = math.nan
    """Training loss, nats per symbol, a running mean."""
    held_out: float = math.nan
    """The lowest held-out loss so far, nats per symbol."""
    best: AnyParameters | None = None
    """The weights that reached it."""
    skipped: int = 0
    """Steps whose loss or gradient was not finite: they changed no weights."""
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    """(step, training loss, held-out loss) at every look."""


@dataclass
class Status:
    """Where a fit is, for a display."""

    stage: str
    """`counting`, `training` or `mixing`."""
    started: float
    """`time.monotonic()` at the start."""
    settings: Settings = field(default_factory=Settings)
    corpus: str = ""
    """The summary of the corpus."""
    ngram: NGram | Labelled | None = None
    member: int = 0
    """The number of the network in training, from 0."""
    progress: Progress | None = None
    """Its progress."""
    checkpoints: Checkpoints | None = None
    """Where checkpoints are written, which has notes for the user."""

    def preview(self) -> CharModel | None:
        """A model of what has been learnt so far."""
        if self.ngram is None or self.progress is None or self.progress.best is None:
            return self.ngram
        return mixed(self.ngram, [network_of(self.ngram.vocabulary, self.progress.best)])
