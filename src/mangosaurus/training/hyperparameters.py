"""The hyperparameters of one network, as one record."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mangosaurus.models.networks import AnyCell

SMALL, LARGE = 100_000, 300_000
"""Symbols of a list of names, and of a text, above which larger steps are better."""
HEAD = 32
"""Numbers in one head of a transformer."""
HUGE = 100_000_000
"""Symbols above which a transformer has a longer context and larger batches."""
OPERATIONS_A_SECOND = {"cpu": 3.5e11, "mps": 2e12, "cuda": 3e13}
"""Measured in training on two cores with bfloat16; estimated for graphics processors. It only sets a network's size."""


@dataclass(frozen=True)
class Hyperparameters:
    """How one network is built and trained."""

    cell: AnyCell = "lstm"
    hidden: int = 256
    """Units a layer."""
    layers: int = 1
    embedding: int = 64
    """Width of a symbol's vector."""
    dropout: float = 0.5
    """The share of a layer's outputs set to zero: one mask a sequence (Gal and Ghahramani 2016)."""
    embedding_dropout: float = 0.2
    """The share of an embedding's entries set to zero, likewise."""
    learning_rate: float = 1.2e-2
    """The highest rate of AdamW (Loshchilov and Hutter 2019). It is held, then falls linearly to zero."""
    weight_decay: float = 0.05
    batch: int = 16
    """Documents, or streams of a text, that a step reads."""
    window: int = 32
    """Symbols of a stream between two updates, at a text; names are read whole. A transformer's context in both."""
    at_once: int = 1
    """Networks that are trained at once, on a thread each; one alone has both threads. Small steps divide badly."""
    warmup: int = 30
    """Steps over which the learning rate rises from zero."""

    fine_tuned: bool = False
    """Whether it starts from the prior; if not, from random weights."""

    @property
    def heads(self) -> int:
        """Heads of a transformer: of HEAD numbers each, or of somewhat more if the units do not divide evenly."""
        most = max(1, self.hidden // HEAD)
        return next(heads for heads in range(most, 0, -1) if self.hidden % (2 * heads) == 0)


def hyperparameters_for(
    symbols: int,
    text: bool,
    cell: AnyCell,
    layers: int | None,
    hidden: int | None,
    seconds: float,
    device: str = "cpu",
) -> Hyperparameters:
    """The hyperparameters for a corpus of `symbols` and `seconds` of training, summed over processes, on a device.

    Time decides only `hidden`. The rest follows from the corpus and `hidden`, so that a run can be repeated with its
    units and steps.
    """
    if cell == "transformer":
        return _transformer(symbols, text, layers or 4, hidden, seconds * OPERATIONS_A_SECOND[device])
    by_corpus = (16 if text else 12) * symbols**0.25
    if hidden is None:
        # A network of H units takes 48 H^2 operations a symbol, and wants to read some 32 H^2 symbols.
        by_time = (seconds * OPERATIONS_A_SECOND[device] / (48 * 32)) ** 0.25
        hidden = _quick(min(by_corpus, by_time))
    # Networks that are large for their corpus need more dropout, and large corpora a lower learning rate.
    dropout = float(np.clip(0.56 + 0.16 * math.log2(hidden**2 / symbols), 0.05, 0.5))
    side_by_side = not text and symbols < SMALL
    rate, window, batch = 0.012, 64 if symbols > LARGE else 32, 32 if text else 64 if side_by_side else 128
    if text and symbols > LARGE and hidden < _quick(by_corpus):
        # Fewer units than the corpus suggests have little time, and then many updates help more than long windows.
        rate, window, batch = 0.0165, 16, 128
    return Hyperparameters(
        cell=cell,
        hidden=hidden,
        layers=layers or 1,
        dropout=dropout,
        embedding_dropout=0.4 * dropout,
        learning_rate=float(np.clip(rate * (100_000 / symbols) ** 0.18, 0.003, 0.012)),
        batch=batch,
        window=window,
        at_once=2 if side_by_side else 1,
    )


def _quick(units: float) -> int:
    """About so many units: matrix products are quickest where 128 divides them, 320 units take as long as 384."""
    return 128 * round(units / 128) if units > 160 else max(32, 32 * round(units / 32))


def fine_tuning_for(symbols: int, hidden: int, embedding: int) -> Hyperparameters:
    """The hyperparameters for a list of names of `symbols`, starting from the prior, which has these sizes."""
    return Hyperparameters(
        hidden=hidden,
        embedding=embedding,
        dropout=float(np.clip(0.56 + 0.16 * math.log2(hidden**2 / symbols), 0.05, 0.4)),
        embedding_dropout=0.1,
        learning_rate=1e-3,
        batch=16 if symbols < 3_000 else 32 if symbols < 30_000 else 64,
        at_once=5 if symbols < 3_000 else 2 if symbols < SMALL else 1,
        warmup=8,
        fine_tuned=True,
    )


def _transformer(symbols: int, text: bool, layers: int, hidden: int | None, operations: float) -> Hyperparameters:
    """The sizes of a transformer; rates were tried at 64 and 128 units on the sonnets, and are scaled from there."""
    if hidden is None:
        # A layer of H units has about 10 H^2 weights, which take 6 operations a symbol, and wants some 10 symbols each.
        by_time = (operations / (6 * 10 * layers) / (10 * 10 * layers)) ** 0.25
        wanted = min(12 * symbols**0.25, by_time)
        hidden = max(64, HEAD * round(wanted / HEAD))
    return Hyperparameters(
        cell="transformer",
        hidden=hidden,
        layers=layers,
        embedding=hidden,
        dropout=0.1,
        embedding_dropout=0.1,
        learning_rate=float(np.clip(0.5 / hidden, 5e-4, 8e-3)),
        batch=256 if symbols > HUGE else 64 if symbols > LARGE or not text else 32,
        window=32 if not text else 256 if symbols > HUGE else 128 if symbols > LARGE else 64,
        warmup=100,
    )
