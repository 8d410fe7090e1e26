"""Comparing what was drawn with what should have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np


def total_variation(drawn: Iterable[str], probability: dict[str, float]) -> float:
    """Half the sum of the differences between the shares of `drawn` and `probability`, which need not sum to one."""
    counts, mass = Counter(drawn), sum(probability.values())
    assert set(counts) <= set(probability), sorted(set(counts) - set(probability))[:5]
    total = sum(counts.values())
    return sum(abs(counts[name] / total - p / mass) for name, p in probability.items()) / 2


def chi_square(drawn: Iterable[str], probability: dict[str, float], least: float = 10) -> float:
    """Pearson's chi-square as a normal deviate (Wilson and Hilferty 1931); 3.1 is the 0.1 % level.

    Those expected less than `least` times are counted as one.
    """
    counts, mass = Counter(drawn), sum(probability.values())
    total = sum(counts.values())
    expected = {name: p / mass * total for name, p in probability.items() if p / mass * total >= least}
    observed = np.array([*(counts[name] for name in expected), total - sum(counts[name] for name in expected)])
    wanted = np.array([*expected.values(), total - sum(expected.values())])
    if wanted[-1] < least:
        observed, wanted = observed[:-1], wanted[:-1]
    freedom = len(wanted) - 1
    if freedom < 1:
        return 0.0
    statistic = float(((observed - wanted) ** 2 / wanted).sum())
    return float(((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / np.sqrt(2 / (9 * freedom)))
