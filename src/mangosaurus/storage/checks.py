"""What arrays from a file nobody vouches for must be like."""

from __future__ import annotations

from typing import Any

import numpy as np

from mangosaurus.errors import ModelFileError

LARGEST_NUMBER = 1e6
"""No trained weight comes near it; far larger ones could overflow and leave no probabilities."""
Arrays = dict[str, np.ndarray[Any, Any]]


def shaped(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: type) -> None:
    """Raises ModelFileError unless `array` is as it should be, its numbers finite."""
    if array.shape != shape or array.dtype != dtype:
        raise ModelFileError(
            f"{name} has shape {array.shape} and type {array.dtype}, not {shape} and {np.dtype(dtype)}"
        )
    if not (np.abs(array) <= LARGEST_NUMBER).all() and array.dtype.kind == "f":
        raise ModelFileError(f"{name} holds a number that is not finite, or beyond {LARGEST_NUMBER:g}")


def integers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise ModelFileError(f"an n-gram's array has shape {array.shape} and type {array.dtype}, not a row of integers")
    return array
