"""The parameter dictionary of the RNN: shapes, checks and their messages.

`mangosaurus.classic` writes `n_x` for the input symbols, `n_a` for the hidden units and `n_y` for the output symbols; a
language model has `n_x == n_y`. Every vector is a column, shape `(n, 1)`.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Parameters = dict[str, FloatArray]
Gradients = dict[str, FloatArray]


def check_least(**numbers: tuple[int, int]) -> None:
    """Raise an error if a number is below its minimum: `name=(number, minimum)`."""
    for name, (number, least) in numbers.items():
        if number < least:
            raise ValueError(f"{name} is {number}; it must be {least} or more")


def bias_key(parameters: Parameters) -> str:
    """Return the key of the hidden bias: `"b"` in most editions of the exercise, `"ba"` in another.

    Raises:
        ValueError: neither key is there.
    """
    if "b" in parameters:
        return "b"
    if "ba" in parameters:
        return "ba"
    raise ValueError(f"parameters hold {sorted(parameters)}: the hidden bias is missing; name it 'b' or 'ba'")


def check_shapes(parameters: Parameters, axes: Mapping[str, tuple[str, str]]) -> dict[str, int]:
    """Return the size of each axis, by its name. `axes` names the two axes of each array.

    Raises:
        ValueError: an array is missing, or the shapes disagree. The message says all shapes, and those needed.
    """
    missing = [name for name in axes if name not in parameters]
    if missing:
        raise ValueError(f"parameters hold {sorted(parameters)}: missing are {missing}")
    sizes = {"1": 1}
    for name, (rows, columns) in axes.items():
        shape = parameters[name].shape
        if len(shape) != 2 or shape != (sizes.setdefault(rows, shape[0]), sizes.setdefault(columns, shape[1])):
            held = ", ".join(f"{name} {parameters[name].shape}" for name in axes)
            needed = ", ".join(f"{name} ({rows}, {columns})" for name, (rows, columns) in axes.items())
            raise ValueError(f"the shapes of the parameters disagree: they are {held}; needed are {needed}")
    return sizes


def check_parameters(parameters: Parameters) -> tuple[int, int, int]:
    """Return `(n_a, n_x, n_y)` of Waa (n_a, n_a), Wax (n_a, n_x), Wya (n_y, n_a), b|ba (n_a, 1), by (n_y, 1).

    Raises:
        ValueError: as `check_shapes`.
    """
    axes = {"Waa": ("n_a", "n_a"), "Wax": ("n_a", "n_x"), "Wya": ("n_y", "n_a"), "by": ("n_y", "1")}
    sizes = check_shapes(parameters, axes | {bias_key(parameters): ("n_a", "1")})
    return sizes["n_a"], sizes["n_x"], sizes["n_y"]


def check_fit(sizes: tuple[int, int, int], vocab_size: int, *states: FloatArray) -> None:
    """Raise ValueError unless n_x and n_y of `sizes` are `vocab_size` and every state has shape (n_a, 1)."""
    n_a, n_x, n_y = sizes
    if n_x != vocab_size or n_y != vocab_size or any(state.shape != (n_a, 1) for state in states):
        shapes = ", ".join(str(state.shape) for state in states)
        raise ValueError(
            f"vocab_size={vocab_size} and initial states of shape {shapes} do not fit parameters with n_x={n_x}, "
            f"n_y={n_y}, n_a={n_a}; vocab_size must equal n_x and n_y, and a0 must have shape {(n_a, 1)}"
        )


def nan_found(name: str) -> str:
    """Return the error message for a gradient that holds NaN."""
    return (
        f"the gradient {name} holds NaN; only numbers are allowed: "
        "look for NaN or infinity in the parameters, or lower the learning rate"
    )
