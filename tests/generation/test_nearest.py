"""Edits to the nearest known name, and the ranking by them; values worked out by hand."""

from __future__ import annotations

import pytest

from mangosaurus.generation.nearest import near, rank


def test_near_counts_edits_to_the_nearest() -> None:
    is_near = near(["anna", "otto"], 2)
    assert [name for name in ("anna", "anne", "hanne", "ott", "tto", "xyz", "annals") if not is_near(name)] == [
        "hanne",
        "xyz",
        "annals",
    ]


def test_the_score_is_the_share_of_edits_minus_the_loss() -> None:
    first, second, third = rank(["anne", "hanno", "anna"], [1.0, 1.0, 0.5], ["anna", "otto", "anna"])
    assert (first.text, first.score, first.nearest, first.edits) == ("anna", -0.5, "anna", 0)
    assert (second.text, second.nearest, second.edits) == ("hanno", "anna", 2)
    assert second.score == pytest.approx(2 / 5 - 1)
    assert (third.text, third.nats_per_symbol) == ("anne", 1.0)
    assert third.score == pytest.approx(1 / 4 - 1)
