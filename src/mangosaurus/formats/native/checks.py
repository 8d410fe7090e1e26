"""Checks of the header and the arrays of an untrusted file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from mangosaurus.core.errors import ModelFileError

LARGEST_NUMBER = 1e6
"""Far larger than any trained weight. Numbers beyond it could overflow and leave no probabilities."""


def check_text(header: dict[str, Any]) -> None:
    """Raises ModelFileError if a header's text has halves of surrogate pairs, or one of its numbers is not finite.

    Neither can be written as JSON in UTF-8, as `info --json` and the server do.
    """
    try:
        json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        raise ModelFileError(f"its header has half of a surrogate pair, U+{half:04X}, which is no character") from error
    except ValueError as error:
        raise ModelFileError("its header has a number that is not finite") from error


def check_numbers(name: str, array: np.ndarray[Any, Any]) -> None:
    """Raises ModelFileError unless an array's numbers are finite and at most LARGEST_NUMBER."""
    if array.dtype.kind == "f" and not (np.abs(array) <= LARGEST_NUMBER).all():
        raise ModelFileError(f"{name} holds a number that is not finite, or beyond {LARGEST_NUMBER:g}")


def shaped(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: type) -> None:
    """Raises ModelFileError unless `array` has this shape and type, and passes `check_numbers`."""
    if array.shape != shape or array.dtype != dtype:
        raise ModelFileError(
            f"{name} has shape {array.shape} and type {array.dtype}, not {shape} and {np.dtype(dtype)}"
        )
    check_numbers(name, array)


def integers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`array`. Raises ModelFileError unless it is a row of integers."""
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise ModelFileError(f"an n-gram's array has shape {array.shape} and type {array.dtype}, not a row of integers")
    return array
