"""The parameter dictionary of the RNN: shapes, checks and their messages.

`mangosaurus.classic` writes `n_x` for the input symbols, `n_a` for the hidden units and `n_y` for the output symbols; a
language model has `n_x == n_y`. Every vector is a column, shape `(n, 1)`.
"""

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


def check_parameters(parameters: Parameters) -> tuple[int, int, int]:
    """Return `(n_a, n_x, n_y)` of Waa (n_a, n_a), Wax (n_a, n_x), Wya (n_y, n_a), b|ba (n_a, 1), by (n_y, 1).

    Raises:
        ValueError: a key is missing, or the shapes disagree; the message names the array, the shape it has
            and the shape that the other arrays call for.
    """
    bias = bias_key(parameters)
    try:
        n_y, n_a = parameters["Wya"].shape
        n_x = parameters["Wax"].shape[1]
        agree = (
            parameters["Waa"].shape == (n_a, n_a)
            and parameters["Wax"].shape == (n_a, n_x)
            and parameters[bias].shape == (n_a, 1)
            and parameters["by"].shape == (n_y, 1)
        )
    except KeyError as missing:
        raise ValueError(f"parameters hold {sorted(parameters)}: {missing} is missing") from None
    except (ValueError, IndexError):  # an array with one axis, or with three
        agree = False
    if not agree:
        raise ValueError(_disagreement(parameters, bias))
    return n_a, n_x, n_y


def _disagreement(parameters: Parameters, bias: str) -> str:
    """Return a message that names the array that does not fit.

    Several arrays imply each of n_a, n_x and n_y; the value that most of them imply counts as right.
    """
    letters = {
        "Waa": ("n_a", "n_a"),
        "Wax": ("n_a", "n_x"),
        "Wya": ("n_y", "n_a"),
        bias: ("n_a", "one"),
        "by": ("n_y", "one"),
    }
    votes: dict[str, list[int]] = {"n_a": [], "n_x": [], "n_y": []}
    for name, axes in letters.items():
        shape = parameters[name].shape
        if len(shape) != 2:
            return f"{name} has shape {shape}; it must have two axes, ({axes[0]}, {axes[1]})"
        for axis, size in zip(axes, shape, strict=True):
            if axis != "one":
                votes[axis].append(size)
    sizes = {axis: max(said, key=said.count) for axis, said in votes.items()} | {"one": 1}
    wrong = [
        f"{name} has shape {parameters[name].shape} where {tuple(sizes[axis] for axis in axes)} is needed"
        for name, axes in letters.items()
        if parameters[name].shape != tuple(sizes[axis] for axis in axes)
    ]
    return f"the shapes of the parameters disagree: {'; '.join(wrong)}"


def nan_found(name: str) -> str:
    """Return the error message for a gradient that holds NaN."""
    return (
        f"the gradient {name} holds NaN; only numbers are allowed: "
        "look for NaN or infinity in the parameters, or lower the learning rate"
    )
