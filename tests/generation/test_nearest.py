"""Edits to the nearest of other names; values worked out by hand."""

from __future__ import annotations

from mangosaurus.generation.nearest import apart, near, nearest


def test_near_counts_edits_to_the_nearest() -> None:
    is_near = near(["anna", "otto"], 2)
    assert [name for name in ("anna", "anne", "hanne", "ott", "tto", "xyz", "annals") if not is_near(name)] == [
        "hanne",
        "xyz",
        "annals",
    ]


def test_the_nearest_known_name_and_the_edits_to_it() -> None:
    assert nearest(["anne", "hanno"], ["otto", "anna", "anna"]) == [("anna", 1), ("anna", 2)]
    assert nearest(["k aː n"], ["t͡ʃ aː n"], str.split) == [("t͡ʃ aː n", 1)]


def test_each_name_that_is_kept_is_three_edits_from_those_kept_before() -> None:
    is_apart = apart()
    kept = [name for name in ("anna", "hanne", "hannes", "anneke", "otto", "anna") if is_apart(name)]
    # hanne is two edits from anna, and hannes is three; anneke is three from both.
    assert kept == ["anna", "hannes", "anneke", "otto"]
