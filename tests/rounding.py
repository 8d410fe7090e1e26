"""How far apart two computations of the same number may be, whatever the processor's order of additions."""

from __future__ import annotations

from typing import Any

import numpy as np


def rounding(dtype: type[np.floating[Any]], operations: int, size: float = 1.0) -> float:
    """The tolerance, absolute, for two results in `dtype` of as many `operations` each, on numbers of at most `size`.

    Every operation rounds by at most eps / 2 of its result. At worst the errors of n operations in a row add up to
    n eps / 2 (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), and two results have both.
    """
    return float(np.finfo(dtype).eps) * operations * size
