"""Which of several processes this one is, when torchrun has started them: no torch is needed to know."""

from __future__ import annotations

import os


def rank() -> int:
    """The number of this process among all, from 0; that one decides, writes and speaks."""
    return int(os.environ.get("RANK", 0)) if ranks() > 1 else 0


def ranks() -> int:
    """How many processes train together: 1 unless torchrun has started more."""
    return int(os.environ.get("WORLD_SIZE", 1)) if "RANK" in os.environ else 1


def local_rank() -> int:
    """The number of this process among those on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", 0)) if ranks() > 1 else 0
