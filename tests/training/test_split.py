"""What is held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.arrays import IntArray
from mangosaurus.training.folds import held_out_share, split


def documents(lengths: list[int]) -> list[IntArray]:
    """Documents whose symbols are all different, so that every symbol can be found again."""
    ends = np.cumsum(lengths)
    return [np.arange(end - length, end) + 1 for length, end in zip(lengths, ends, strict=True)]


def symbols(folds: Sequence[IntArray]) -> Counter[int]:
    return Counter(int(symbol) for document in folds for symbol in document)


@given(lengths=st.lists(st.integers(1, 30), min_size=3, max_size=60), seed=st.integers(0, 9))
def test_names_are_kept_or_held_out_and_never_both(lengths: list[int], seed: int) -> None:
    whole = documents(lengths)
    folds = split(whole, False, seed)
    assert folds
    held = symbols([document for fold in folds for document in fold.held_out])
    assert max(held.values()) == 1  # no document is held out twice
    for fold in folds:
        assert fold.train
        assert fold.held_out
        assert symbols(fold.train) + symbols(fold.held_out) == symbols(whole)


@given(length=st.integers(200, 9000), others=st.lists(st.integers(1, 150), max_size=3), seed=st.integers(0, 9))
def test_of_texts_one_stretch_is_held_out(length: int, others: list[int], seed: int) -> None:
    whole = documents([length, *others])
    folds = split(whole, True, seed)
    assert folds
    for fold in folds:
        (stretch,) = fold.held_out
        assert (np.diff(stretch) == 1).all()
        assert symbols(fold.train) + symbols(fold.held_out) == symbols(whole)
    held = symbols([fold.held_out[0] for fold in folds])
    assert max(held.values()) == 1


def test_what_is_too_small_is_not_divided() -> None:
    assert split(documents([5]), False, 0) == []
    assert split(documents([5, 7]), False, 0) == []
    assert split(documents([150]), True, 0) == []


@pytest.mark.parametrize(("symbols", "share"), [(100, 0.1), (40_000, 0.1), (1_000_000, 0.02), (100_000_000, 0.002)])
def test_large_corpora_hold_out_less(symbols: int, share: float) -> None:
    assert held_out_share(symbols) == pytest.approx(share)


def test_many_short_texts_are_dealt_out_whole() -> None:
    whole = documents([60] * 150)
    folds = split(whole, True, 0)
    assert all(sum(len(d) for d in fold.held_out) == 900 for fold in folds)
    assert split(documents([1] * 300), True, 0)
