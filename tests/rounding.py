"""How far apart two computations of the same number may be, whatever the processor's order of additions."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

SAFETY = 8
"""Standard deviations, so that no order of additions ever goes beyond."""


def rounding(dtype: type[np.floating[Any]], operations: int, size: float = 1.0) -> float:
    """The tolerance, absolute, for two results in `dtype` of as many `operations` each, on numbers of at most `size`.

    Every operation rounds by at most eps / 2 of its result, up or down by chance. The error of n operations in a row
    grows with sqrt(n): Higham and Mary, "A new approach to probabilistic rounding error analysis", 2019, theorem 2.4.
    """
    return SAFETY * sqrt(operations) * float(np.finfo(dtype).eps) * size
