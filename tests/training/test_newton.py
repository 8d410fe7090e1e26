"""The maximiser, on a problem whose answer is known."""

from __future__ import annotations

import numpy as np

from mangosaurus.arrays import FloatArray
from mangosaurus.training.newton import maximize


def test_finds_the_penalised_maximum_of_a_coin() -> None:
    """70 heads in 100 throws, logit x, prior N(0, 1): 100 (0.7 - s(x)) - x = 0."""
    heads = np.arange(100) < 70

    def likelihood(x: FloatArray) -> tuple[float, FloatArray]:
        p = 1 / (1 + np.exp(-x[0]))
        return float(np.log(np.where(heads, p, 1 - p)).sum()), (heads - p)[None]

    (x,) = maximize(likelihood, np.zeros(1))
    assert abs(100 * (0.7 - 1 / (1 + np.exp(-x))) - x) < 0.05


def test_starts_from_anywhere() -> None:
    target = np.array([3.0, -5.0])

    def likelihood(x: FloatArray) -> tuple[float, FloatArray]:
        # 50 observations of each coordinate's logistic likelihood with the maximum at the target
        difference = x - target
        value = -50 * float(np.logaddexp(difference, -difference).sum())
        gradient = -np.tanh(difference)
        return value, np.concatenate([np.diag(gradient)] * 50, axis=1)

    np.testing.assert_allclose(maximize(likelihood, np.array([-8.0, 8.0])), target, atol=0.3)
