"""The types of the arrays that the modules hand to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]
BoolArray = NDArray[np.bool_]


def smallest_unsigned(values: IntArray) -> IntArray:
    """`values`, none of them negative, in the narrowest unsigned integer type that holds them all."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
