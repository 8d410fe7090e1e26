"""Which of several processes this one is, when torchrun has started them; alone, it is the first of one.

All do the same work on the same corpus, but for their rows of every batch; the first decides whatever depends on the
clock, writes and speaks. torch is imported where there are several.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise


def rank() -> int:
    """The number of this process among all, from 0."""
    return int(os.environ["RANK"]) if ranks() > 1 else 0


def ranks() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", 1)) if "RANK" in os.environ else 1


def local_rank() -> int:
    """The number of this process among those on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", 0)) if ranks() > 1 else 0


def agreed(*values: float, patient: bool = False) -> tuple[float, ...]:
    """What the first process says of these numbers, the same in all of them.

    All must call it alike. They wait for each other, if not `patient` then no longer than a step may take.
    """
    if ranks() == 1:
        return values
    from mangosaurus.training.crew import crew

    return crew().agreed(values, patient)


@dataclass(frozen=True)
class Rows:
    """A part of a batch's rows, from `first` to before `last`."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def within(self, other: Rows) -> Rows:
        """Those that are in both; none of this part if there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Rows(first, last) if first < last else Rows(self.first, self.first)


def shared_out(rows: int, count: int) -> list[Rows]:
    """`rows` of them in `count` parts that differ by one at most, the larger ones first."""
    size, over = divmod(rows, count)
    ends = [place * size + min(place, over) for place in range(count + 1)]
    return [Rows(first, last) for first, last in pairwise(ends)]


def own_rows(rows: int) -> Rows:
    """Those of a batch that are this process's own."""
    return shared_out(rows, ranks())[rank()]
