"""Maximising a likelihood of a few dozen parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mangosaurus.arrays import FloatArray

LONGEST_STEP = 2.0
"""No parameter moves further than this in one step, in units of its prior's standard deviation."""


def maximize(
    likelihood: Callable[[FloatArray], tuple[float, FloatArray]], prior: FloatArray, steps: int = 50
) -> FloatArray:
    """The parameters, shape (P,), of the highest penalised likelihood.

    `likelihood` gives the summed log-likelihood at some parameters and each observation's gradient of it, (P, n). The
    penalty is that of a Gaussian prior of unit variance around `prior`, where the search starts. Newton's method with
    the outer product of the gradients for the Hessian (Berndt, Hall, Hall and Hausman 1974), steps halved until they
    gain; it ends when a step gains less than a thousandth of a nat, or nothing.
    """
    here = prior.copy()
    value, gradient = likelihood(here)
    for _ in range(steps):
        slope = gradient.sum(axis=1) - (here - prior)
        step = np.linalg.solve(gradient @ gradient.T + np.eye(len(here)), slope).clip(-LONGEST_STEP, LONGEST_STEP)
        for _ in range(10):
            there = here + step
            reached, gradient = likelihood(there)
            reached -= 0.5 * float(np.sum((there - prior) ** 2))
            if reached > value:
                break
            step = step / 2
        else:
            return here
        gained, here, value = reached - value, there, reached
        if gained < 1e-3:
            break
    return here
