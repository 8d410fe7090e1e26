"""Matrices of weights in the smallest type that holds them exactly: 8 bits and a scale for each column, 16 bits or 32.

And what is checked of every array of numbers.

Nothing is rounded here. `rounded_to_8_bits` and `rounded_to_16_bits` in core/arrays.py round weights when a model is
trained, so that a model is the same before and after saving.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mangosaurus.core.arrays import SCALE, Arrays, FloatArray, dequantized, quantized
from mangosaurus.core.errors import ModelFileError

LARGEST_NUMBER = 1e6
"""Far larger than any trained weight. Numbers beyond it could overflow and leave no probabilities."""
BYTES_OF_A_SCALE = 4


def check_numbers(name: str, array: np.ndarray[Any, Any]) -> None:
    """Raises ModelFileError unless an array's numbers are finite and at most LARGEST_NUMBER."""
    if array.dtype.kind != "f":
        return
    largest = min(LARGEST_NUMBER, float(np.finfo(array.dtype).max))
    if not (np.abs(array) <= largest).all():
        raise ModelFileError(f"{name} holds a number that is not finite, or beyond {LARGEST_NUMBER:g}")


def shaped(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: type) -> None:
    """Raises ModelFileError unless `array` has this shape and type, and passes `check_numbers`."""
    if array.shape != shape or array.dtype != dtype:
        raise ModelFileError(
            f"{name} has shape {array.shape} and type {array.dtype}, not {shape} and {np.dtype(dtype)}"
        )
    check_numbers(name, array)


def in_smallest_types(arrays: Arrays) -> Arrays:
    """The arrays with matrices of float32 in smaller types, and the scales of those in 8 bits."""
    stored: Arrays = {}
    for name, array in arrays.items():
        stored |= _in_smallest_type(name, array) if array.ndim == 2 and array.dtype == np.float32 else {name: array}
    return stored


def _in_smallest_type(name: str, array: FloatArray) -> Arrays:
    with np.errstate(all="ignore"):  # numbers beyond a type are not the same in it
        if len(array) > BYTES_OF_A_SCALE:  # shorter columns are smaller in 16 bits
            numbers, scale = quantized(array)
            if _same(numbers.astype(np.float32) * scale, array):
                return {name: numbers, name + SCALE: scale}
        half = array.astype(np.float16)
        return {name: half if _same(half.astype(np.float32), array) else array}


def _same(array: FloatArray, other: FloatArray) -> bool:
    """Whether all bits are the same, the signs of zeros too."""
    return np.array_equal(array.view(np.uint32), other.view(np.uint32))


def in_float32(arrays: Arrays) -> Arrays:
    """The inverse, for untrusted arrays. Raises ModelFileError for scales that do not fit.

    An array that is in another type for no reason, such as 8 bits without scales, stays in it.
    """
    read: Arrays = {}
    for name, array in arrays.items():
        if name + SCALE in arrays:
            _check_scales(name, array, arrays[name + SCALE])
        read[name] = array.astype(np.float32) if array.ndim == 2 and array.dtype == np.float16 else array
    return dequantized(read)


def _check_scales(name: str, array: np.ndarray[Any, Any], scale: np.ndarray[Any, Any]) -> None:
    if array.ndim != 2 or array.dtype != np.int8:
        raise ModelFileError(f"{name} has scales, shape {array.shape} and type {array.dtype}; only int8 has scales")
    shaped(name + SCALE, scale, array.shape[1:], np.float32)
    if not (scale > 0).all():
        raise ModelFileError(f"{name + SCALE} holds a number that is not above 0")
