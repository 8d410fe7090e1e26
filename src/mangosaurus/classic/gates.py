"""What LSTM and GRU share: gates W. (n_a, n_a + n_x), b. (n_a, 1) that read the column [a<t-1>, x<t>]."""

from collections.abc import Sequence

import numpy as np

from mangosaurus.classic.parameters import FloatArray, Parameters, check_least


def sigmoid(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), written with tanh, which does not overflow."""
    s: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * x)
    return s


def initialize_gates(gates: Sequence[str], n_a: int, n_x: int, n_y: int) -> Parameters:
    """Return W. of normal numbers with deviation 0.01 and b. of zeros for every gate, and Wy, by likewise.

    Seeds NumPy's global generator with 1, as `rnn.initialize_parameters` does.

    Raises:
        ValueError: a size is below 1.
    """
    check_least(n_a=(n_a, 1), n_x=(n_x, 1), n_y=(n_y, 1))
    np.random.seed(1)
    parameters = {"W" + gate: np.random.randn(n_a, n_a + n_x) * 0.01 for gate in gates}
    parameters |= {"b" + gate: np.zeros((n_a, 1)) for gate in gates}
    return parameters | {"Wy": np.random.randn(n_y, n_a) * 0.01, "by": np.zeros((n_y, 1))}


def check_gates(parameters: Parameters, gates: Sequence[str]) -> tuple[int, int, int]:
    """Return `(n_a, n_x, n_y)` of the parameters of a cell with these gates, with Wy (n_y, n_a), by (n_y, 1).

    Raises:
        ValueError: an array is missing or its shape disagrees with that of the others; names it.
    """
    names = ["Wy", "by", *("W" + gate for gate in gates), *("b" + gate for gate in gates)]
    missing = [name for name in names if name not in parameters]
    if missing:
        raise ValueError(f"parameters hold {sorted(parameters)}: missing are {missing}")
    first = "W" + gates[0]
    if parameters[first].ndim != 2 or parameters[first].shape[1] <= parameters[first].shape[0]:
        raise ValueError(f"{first} has shape {parameters[first].shape}; it must be (n_a, n_a + n_x)")
    n_a, both = parameters[first].shape
    n_y = len(parameters["Wy"])
    needed = {"W" + gate: (n_a, both) for gate in gates} | {"b" + gate: (n_a, 1) for gate in gates}
    for name, shape in (needed | {"Wy": (n_y, n_a), "by": (n_y, 1)}).items():
        if parameters[name].shape != shape:
            raise ValueError(
                f"{name} has shape {parameters[name].shape} where {shape} is needed, "
                f"because {first} has shape {(n_a, both)} and Wy {parameters['Wy'].shape}"
            )
    return n_a, both - n_a, n_y
