"""How long names are: what is added to END gives the lengths that are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.name_lengths import MOST, added_to_end, wanted_lengths
from mangosaurus.models.ngram import NGram
from mangosaurus.training.ngram_counts import build_ngram


def geometric() -> NGram:
    """A model whose names end with much the same probability wherever they are."""
    vocabulary = Vocabulary.of(["ab"])
    return build_ngram([vocabulary.encode("ab"[:n] * 2) for n in (1, 2)], vocabulary, 1)


def shares_of(model: NGram, added: np.ndarray, most: int) -> np.ndarray:
    """The probability of each length up to `most`, of a model whose END does not depend on what was read."""
    end = np.exp(model.log_probs(model.start(1))[0, END])
    odds = np.log(end / (1 - end)) + added[np.minimum(np.arange(most + 1), len(added) - 1)]
    hazard = 1 / (1 + np.exp(-odds))
    reached = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    found: np.ndarray = hazard * reached
    return found


@pytest.mark.parametrize("wanted", [{4: 1.0}, {3: 0.5, 4: 0.5}, {2: 0.25, 9: 0.75}, {12: 1.0}])
def test_names_have_the_lengths_asked_for(wanted: dict[int, float]) -> None:
    model = geometric()
    shares = np.bincount(list(wanted), list(wanted.values())).astype(np.float64)
    added = added_to_end(model, shares)
    assert added.shape == (max(wanted) + 1,)
    found = shares_of(model, added, 100)
    assert sum(found[max(0, length - 1) : length + 2].sum() for length in wanted) > 0.7
    assert found @ np.arange(101) == pytest.approx(sum(length * share for length, share in wanted.items()), rel=0.15)


def test_nothing_is_added_where_lengths_are_right_already() -> None:
    model = geometric()
    usual = shares_of(model, np.zeros(1), 200)
    added = added_to_end(model, usual)
    assert added.shape == (MOST + 1,)
    assert np.abs(added).max() < 0.01


def test_which_lengths_are_wanted() -> None:
    own = [4, 5, 6, 7] * 25
    usual = np.bincount(own) / 100
    np.testing.assert_allclose(wanted_lengths(own, [], [], 1), usual)
    np.testing.assert_allclose(wanted_lengths(own, [9], [4], 0), [*usual, 0, 0])
    liked = wanted_lengths(own, [9, 9, 9], [], 1)
    assert liked[9] == pytest.approx(3 / 4)
    np.testing.assert_allclose(liked[:8], usual / 4)
    disliked = wanted_lengths(own, [], [4, 5] * 10, 1)
    assert disliked.sum() == pytest.approx(1)
    assert disliked[6:].sum() > 0.75
    assert wanted_lengths(own, [], [20], 1) == pytest.approx(usual)
