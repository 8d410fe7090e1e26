"""A block of samples, as all that draws names makes them."""

from __future__ import annotations

from dataclasses import dataclass

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Block:
    """Samples whose indices follow each other."""

    symbols: IntArray
    """(samples, width): their ids, the prefix included; END from each one's end on."""
    lengths: IntArray
    """(samples,): how many characters each has."""
    finished: BoolArray
    """(samples,): whether END came, or the maximum length before it."""
    dropped: BoolArray
    """(samples,): whether it was rejected: not accepted, not in NFC, or a proposal that was not taken."""
    weights: FloatArray
    """(samples,): how much each should count; 1 where sampling is exact."""
    avoided: BoolArray | None = None
    """(samples,): whether it was dropped for the names to avoid, and nothing else so far; None if nobody asked."""
    nats: FloatArray | None = None
    """(samples,): -log p of its symbols and of END, where it is finished, by the model itself: without temperature and
    cuts; None if it is not known."""

    @property
    def read(self) -> int:
        """How many symbols were drawn for it, those of the prefix counted too."""
        return int(self.lengths.sum()) + len(self.lengths)
