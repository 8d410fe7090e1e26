"""How long names are: what to add to the log odds of END, so that a model's names have given lengths.

Names are drawn from the model with END left out, and what END would have had is noted at every symbol. From that, the
share of names of each length is known for whatever is added: no name needs to be drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.sampler import DRAWS, draw, uniforms
from mangosaurus.models.interface import CharModel

DRAWN = 64
OTHERS = 1
"""As many of the model's own names have a say beside those that are liked or disliked."""
FAITH, SMOOTHNESS = 0.5, 10.0
"""The penalties of the squares of what is added and of its second differences, where the wanted names count as 100."""
STEPS, LARGEST_STEP = 30, 1.0
MOST = 64
"""Symbols after which nothing is fitted: what holds there holds for longer names too."""


def wanted_lengths(own: Sequence[int], liked: Sequence[int], disliked: Sequence[int], say: float) -> FloatArray:
    """The share of names that shall have 0, 1, ... symbols, (the greatest length + 1,), by the lengths of three lists.

    `own` names are those of the model, at least one. n liked names have n / (n + OTHERS) of a say, the model's own the
    rest. Of these, a length counts less that more of the disliked names have. `say` from 0 to 1 scales both.
    """
    most = max([*own, *liked])
    usual, others = (_near(lengths, most) for lengths in (own, disliked))
    less = (usual / np.maximum(usual + others, np.finfo(float).tiny)) ** (2 * say * _share(disliked))
    mine = np.bincount(own, minlength=most + 1) * less
    share = say * _share(liked)
    found: FloatArray = (1 - share) * mine / mine.sum()
    if liked:
        found += share * np.bincount(liked, minlength=most + 1) / len(liked)
    return found


def _share(lengths: Sequence[int]) -> float:
    return len(lengths) / (len(lengths) + OTHERS)


def _near(lengths: Sequence[int], most: int) -> FloatArray:
    """The share of lengths near each of 0, 1, ... `most`; zeros without lengths."""
    shares = np.bincount([each for each in lengths if each <= most], minlength=most + 1) / max(1, len(lengths))
    return np.convolve(shares, [0.25, 0.5, 0.25], "same")


def added_to_end(model: CharModel, shares: FloatArray) -> FloatArray:
    """What to add to the log odds of END after 0, 1, ... symbols, so that names have the lengths 0, 1, ... in `shares`.

    `shares` sum to 1. The shape is theirs, or (MOST + 1,) if they are more. Fitted by Newton's method: a logistic
    regression with a coefficient for each number of symbols, whose cases are the wanted names at each of theirs.
    """
    most, ends = min(len(shares) - 1, MOST), 100 * shares
    reach = ends[::-1].cumsum()[::-1][: most + 1]
    ends = ends[: most + 1]
    bends = np.diff(np.eye(most + 1), 2, axis=0)
    penalty = FAITH * np.eye(most + 1) + SMOOTHNESS * bends.T @ bends
    odds = _log_odds(model, most + 1)
    found = np.zeros(most + 1)
    for _ in range(STEPS):
        hazard = 1 / (1 + np.exp(-odds - found[:, None]))
        reached = np.cumprod(np.vstack([np.ones(DRAWN), 1 - hazard[:-1]]), axis=0)
        mean = (hazard * reached).sum(axis=1) / np.maximum(reached.sum(axis=1), np.finfo(float).tiny)
        slope = ends - reach * mean - penalty @ found
        curvature = np.diag(reach * mean * (1 - mean)) + penalty
        found += np.linalg.solve(curvature, slope).clip(-LARGEST_STEP, LARGEST_STEP)
    return found


def _log_odds(model: CharModel, count: int) -> FloatArray:
    """The log odds of END after 0, 1, ... symbols of names that never end, (count, DRAWN)."""
    state, found = model.start(DRAWN), np.empty((count, DRAWN))
    for after in range(count):
        p = np.exp(model.log_probs(state).astype(np.float64))
        end = p[:, END].clip(1e-9, 1 - 1e-9)
        found[after] = np.log(end / (1 - end))
        p[:, END] = 0
        page, place = divmod(after, DRAWS)
        state = model.advance(state, draw(p, uniforms(0, 0, DRAWN, page)[:, place]))
    return found
