"""Matrices in 8 and in 16 bits."""

from __future__ import annotations

import numpy as np

from mangosaurus.core.arrays import FloatArray, quantized, rounded_to_8_bits, rounded_to_16_bits


def matrix() -> FloatArray:
    """Columns of very different sizes, one of zeros, and one too small for a scale."""
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((50, 400)) * np.exp(rng.uniform(-20, 10, 400))
    drawn[:, 7], drawn[:, 8] = 0, 1e-42
    return drawn.astype(np.float32)


def test_8_bits_are_nearest_and_rounding_again_changes_nothing() -> None:
    array = matrix()
    rounded = rounded_to_8_bits(array)
    numbers, scale = quantized(rounded)
    assert rounded.dtype == scale.dtype == np.float32
    # 127 steps reach the largest number of a column, and a scale is at most 1/2048 too large.
    assert (np.abs(rounded - array) <= np.abs(array).max(axis=0) / 254 * (1 + 1 / 2048) + 1e-30).all()
    np.testing.assert_array_equal(numbers.astype(np.float32) * scale, rounded)
    np.testing.assert_array_equal(numbers * scale.astype(np.float64), rounded)  # the products are exact
    np.testing.assert_array_equal(rounded_to_8_bits(rounded), rounded)


def test_16_bits_are_nearest_and_have_no_infinity() -> None:
    array = np.append(matrix().ravel(), np.array([1e6, -1e6], dtype=np.float32))
    rounded = rounded_to_16_bits(array)
    assert rounded.dtype == np.float32
    assert (rounded[-2:] == [65504, -65504]).all()
    usual = (np.abs(array) < 65504) & (np.abs(array) > 2**-14)
    assert (np.abs(rounded - array)[usual] <= np.abs(array)[usual] * 2**-11).all()
    np.testing.assert_array_equal(rounded_to_16_bits(rounded), rounded)
