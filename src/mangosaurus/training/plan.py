"""The sizes and rates of one network's training, as one record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.arrays import IntArray
from mangosaurus.models.recurrent import Cell
from mangosaurus.training.mapped import documents_in, symbols_in

SMALL, LARGE = 100_000, 300_000
"""Symbols of a list of names, and of a text, from which on larger steps pay."""
OPERATIONS_A_SECOND = 3.5e11
"""What two cores with bfloat16 reach in training; elsewhere it only makes the network larger or smaller."""


@dataclass(frozen=True)
class Plan:
    """How one network is built and trained."""

    cell: Cell = "lstm"
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
    """The highest, of AdamW (Loshchilov and Hutter 2019); held, then lowered to zero in a straight line."""
    weight_decay: float = 0.05
    batch: int = 16
    """Documents, or streams of a text, side by side."""
    window: int = 32
    """Symbols of a stream between two updates, at a text; names are read whole."""
    side_by_side: bool = False
    """Whether two networks are trained at once, on a thread each, or one on both: small steps share out badly."""
    warmup: int = 30
    """Steps over which the learning rate rises from zero."""

    def symbols_a_step(self, documents: Sequence[IntArray], text: bool) -> float:
        """About how many symbols one update reads."""
        mean = symbols_in(documents) / documents_in(documents)
        return self.batch * (self.window if text else mean)


def plan_for(symbols: int, text: bool, cell: Cell, layers: int, hidden: int | None, seconds: float) -> Plan:
    """The plan for a corpus of so many symbols and so many seconds of training.

    Time only decides on `hidden`; all else follows from the corpus and `hidden`, so that a run can be repeated by
    naming its units and steps.
    """
    if hidden is None:
        by_corpus = (16 if text else 12) * symbols**0.25
        # A network of H units takes 48 H^2 operations a symbol, and wants to read some 32 H^2 symbols.
        by_time = (seconds * OPERATIONS_A_SECOND / (48 * 32)) ** 0.25
        wanted = min(by_corpus, by_time)
        # Matrix products are quickest where 128 divides the units: 320 of them take as long as 384.
        hidden = 128 * round(wanted / 128) if wanted > 160 else max(32, 32 * round(wanted / 32))
    # Networks that are large for their corpus need to be held back more, and large corpora forgive less haste.
    dropout = float(np.clip(0.56 + 0.16 * math.log2(hidden**2 / symbols), 0.05, 0.5))
    side_by_side = not text and symbols < SMALL
    return Plan(
        cell=cell,
        hidden=hidden,
        layers=layers,
        dropout=dropout,
        embedding_dropout=0.4 * dropout,
        learning_rate=float(np.clip(0.012 * (100_000 / symbols) ** 0.18, 0.003, 0.012)),
        batch=32 if text else 64 if side_by_side else 128,
        window=64 if symbols > LARGE else 32,
        side_by_side=side_by_side,
    )
