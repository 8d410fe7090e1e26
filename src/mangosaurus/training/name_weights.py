"""Weights of names, and how often n-grams and networks read each.

A weight says how often a name counts: in a list of how many people bear each name, thousands of times. The discounts of
Kneser-Ney smoothing are at most 3. Against such counts they vanish: the n-gram learns the list by heart, and expects
nothing else. So a name is counted as often as the mean of all weights goes into its own, rounded, and at least once.
All names together are then counted at most twice as often as if each were counted once. Names of one weight are counted
once, so that a list repeated three times is the list.
"""

from __future__ import annotations

import numpy as np

from mangosaurus.core.arrays import IntArray


def counts_of(weights: IntArray, groups: IntArray) -> IntArray:
    """How often each of n names is counted: its weight by the mean of its group's, rounded, 1 or more; shape (n,).

    `groups` has the number of each name's label, (n,): rare labels are learnt like frequent ones.
    """
    mean = np.bincount(groups, weights=weights) / np.maximum(1, np.bincount(groups))
    return np.maximum(1, np.rint(weights / mean[groups])).astype(np.int64)
