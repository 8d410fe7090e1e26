"""Hyperparameters: what a run by seconds used follows from its corpus and its units."""

from __future__ import annotations

import pytest

from mangosaurus.training.hyperparameters import hyperparameters_for


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("symbols", [80_000, 400_000, 1_000_000, 50_000_000])
def test_time_decides_nothing_but_the_units(symbols: int, text: bool) -> None:
    for seconds in (3.0, 30.0, 120.0, 1200.0, 12_000.0):
        made = hyperparameters_for(symbols, text, "lstm", None, None, seconds)
        assert hyperparameters_for(symbols, text, "lstm", None, made.hidden, 1.0) == made


def test_a_large_text_has_short_windows_where_time_is_short() -> None:
    hasty, patient = (hyperparameters_for(1_000_000, True, "lstm", None, None, seconds) for seconds in (60.0, 1200.0))
    assert hasty.window < patient.window
    assert hasty.batch * hasty.window == patient.batch * patient.window
