"""Types of arrays, and functions of arrays that many modules need."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]
BoolArray = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Arrays = dict[str, np.ndarray[Any, Any]]


def smallest_unsigned(values: IntArray) -> IntArray:
    """`values`, none of them negative, in the narrowest unsigned integer type that holds them all."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def ranges(first: IntArray, lengths: IntArray) -> IntArray:
    """The numbers from each of `first` on, as many as its length says, one range after the other: (sum of lengths,)."""
    ends = np.cumsum(lengths)
    found: IntArray = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + lengths, lengths)
    return found


def splitmix64(values: Hashes) -> Hashes:
    """One step of SplitMix64 (Steele, Lea and Flood 2014), a hash of 64 bits: every bit depends on every other."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class Hash(Protocol):
    """One of `hashlib`'s."""

    def update(self, data: Any, /) -> None: ...
    def hexdigest(self) -> str: ...


def hashed(begun: Hash, entry: str, arrays: Arrays) -> str:
    """The hash of a header's entry and of contiguous arrays, in hexadecimal: see formats/native/__init__.py."""
    begun.update(entry.encode())
    for name in sorted(arrays):
        array = arrays[name]
        begun.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        begun.update(array.data if array.ndim and array.size else array.tobytes())
    return begun.hexdigest()


SCALE = ".scale"
"""What the name of an array's scales ends in, where it is stored in 8 bits."""
TINY = 1e-30
"""A column in which no number is larger becomes zeros in 8 bits; the scale would have too few digits."""


def quantized(array: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """A matrix, (rows, columns), in 8 bits: q and scale, (columns,), with q * scale nearest to it.

    The scales have 12 significant bits, so that q * scale is exact in float32 and quantizing it again gives the same.
    """
    largest = np.abs(array).max(axis=0).astype(np.float32)
    mantissa, exponent = np.frexp(np.where(largest > TINY, largest, 1) / np.float32(127))
    scale = np.ldexp(np.ceil(mantissa * 4096) / np.float32(4096), exponent).astype(np.float32)
    return np.rint(array / scale).astype(np.int8), scale


def dequantized(arrays: Arrays) -> Arrays:
    """The arrays with those in 8 bits multiplied by their scales, float32."""
    scales = {name + SCALE for name in arrays}
    return {
        name: array.astype(np.float32) * arrays[name + SCALE] if name + SCALE in arrays else array
        for name, array in arrays.items()
        if name not in scales
    }


def rounded_to_8_bits(array: FloatArray) -> FloatArray:
    """A matrix as 8 bits and a scale for each column hold it, float32. Rounding it again changes nothing."""
    numbers, scale = quantized(array)
    rounded: FloatArray = numbers.astype(np.float32) * scale
    return rounded


def rounded_to_16_bits(array: FloatArray) -> FloatArray:
    """An array as float16 holds it, float32; what is too large for float16 becomes its largest number."""
    largest = np.finfo(np.float16).max
    return array.clip(-largest, largest).astype(np.float16).astype(np.float32)
