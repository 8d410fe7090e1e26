"""How the compiled loop lays out its arrays: rows padded with zeros to whole vectors, on whole cache lines.

Rows that straddle cache lines would take a third longer, because every vector of them is loaded in two parts.
"""

from collections.abc import Sequence

import numpy as np

from mangosaurus.classic.parameters import FloatArray, Parameters, bias_key

LANES = 8  # numbers in a vector: one register of AVX-512, two of AVX, four of NEON; eight fill a cache line


def zeros(rows: int, size: int) -> FloatArray:
    """Return zeros (rows, `size` rounded up to whole vectors), each row at the start of a cache line."""
    width = -(-size // LANES) * LANES
    memory = np.zeros(rows * width + LANES)
    skipped = -memory.ctypes.data // memory.itemsize % LANES
    return memory[skipped : skipped + rows * width].reshape(rows, width)


def rows_of(parameters: Parameters) -> tuple[FloatArray, ...]:
    """Return WaxT, Waa, WaaT, Wya, WyaT, b and by with rows padded by zeros."""
    Wax, Waa, Wya = parameters["Wax"], parameters["Waa"], parameters["Wya"]
    arrays = (Wax.T, Waa, Waa.T, Wya, Wya.T, parameters[bias_key(parameters)].T, parameters["by"].T)
    rows = []
    for array in arrays:
        rows.append(zeros(*array.shape))
        rows[-1][:, : array.shape[1]] = array
    return tuple(rows)


def store(weights: Sequence[FloatArray], parameters: Parameters) -> None:
    """Copy what `rows_of` gave, trained since, back into the parameters."""
    WaxT, Waa, _, Wya, _, b, by = weights
    n_a, n_y = len(Waa), len(Wya)
    parameters["Wax"][:] = WaxT[:, :n_a].T
    parameters["Waa"][:] = Waa[:, :n_a]
    parameters["Wya"][:] = Wya[:, :n_a]
    parameters[bias_key(parameters)][:] = b[:, :n_a].T
    parameters["by"][:] = by[:, :n_y].T
