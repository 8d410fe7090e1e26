"""The sizes and rates of one network's training, as one record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mangosaurus.models.recurrent import Cell


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
    warmup: int = 30
    """Steps over which the learning rate rises from zero."""

    def symbols_a_step(self, document: float, text: bool) -> int:
        """About how many symbols one update reads, if documents have `document` symbols on average."""
        return max(1, round(self.batch * (self.window if text else document)))


def plan_for(symbols: int, text: bool, cell: Cell, layers: int, hidden: int | None, seconds: float) -> Plan:
    """The plan for a corpus of so many symbols and so many seconds of training."""
    if hidden is None:
        hidden = 32 * max(2, round(symbols**0.25 / 2))
    return Plan(cell=cell, hidden=hidden, layers=layers, batch=16 if text else 48)
