"""The tutorial notebook runs from top to bottom, with fewer iterations, and draws its figures."""

import re
from pathlib import Path

import pytest
from tutorials import cells_of, figures_in, outputs_of, printed_in

pytestmark = pytest.mark.slow

NOTEBOOK = "dinosaurs-from-scratch.ipynb"
SHORTENED = {
    "ITERATIONS = 35_000": "ITERATIONS = 6_000",
    # Steps, not seconds: as good a model on a slow machine as on a fast one.
    'fit(training, budget=\\"10s\\")': "fit(training, steps=150)",
}


def test_tutorial(tmp_path: Path) -> None:
    outputs = outputs_of(NOTEBOOK, SHORTENED, tmp_path)
    assert figures_in(outputs) == 5
    printed = printed_in(outputs)
    assert "same memory: True   same probabilities: True" in printed
    assert "vowel  unit" in printed
    losses = {who: float(loss) for who, loss in re.findall(r"^(.+?) +([\d.]+) nats a symbol, .* below", printed, re.M)}
    assert list(losses) == ["from scratch", "n-gram alone", "network alone", "mixture"]
    assert losses["mixture"] < 0.9 * losses["from scratch"]
    assert losses["mixture"] < min(losses["n-gram alone"], losses["network alone"])


def test_tutorial_is_kept_without_outputs() -> None:
    cells = cells_of(NOTEBOOK)
    assert len(cells) > 20
    assert not [cell for cell in cells if cell.get("outputs")]
