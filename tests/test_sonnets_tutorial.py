"""The notebook of the sonnets runs from top to bottom, with less training, and shows what its text says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tutorials import figures_in, outputs_of, printed_in

pytestmark = pytest.mark.slow

NOTEBOOK = "sonnets.ipynb"
SHORTENED = {
    # Steps, not seconds: as good a model on a slow machine as on a fast one.
    'budget=\\"30s\\")\\n': "steps=25)\\n",
    "STRIDE = 3 ": "STRIDE = 240 ",
    "EPOCHS = 3 ": "EPOCHS = 1 ",
    "EVERY = 1 ": "EVERY = 100 ",
    "LENGTH = 300 ": "LENGTH = 80 ",
    "book[:6000]": "book[:400]",
    "train_further(imported, [training],": "train_further(imported, [training[:2000]],",
}


def numbers(pattern: str, printed: str) -> list[float]:
    return [float(number) for number in re.findall(pattern, printed, re.M)]


def test_tutorial(tmp_path: Path, reference: Callable[[str], Path]) -> None:
    pytest.importorskip("h5py")
    folder = reference("sonnets.txt").parent
    assert reference("model_shakespeare_kiank_350_epoch.h5").parent == folder
    # One thread for NumPy's products, which are small here: two would wait for each other on a busy machine.
    environment = {"MANGOSAURUS_DATA": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    outputs = outputs_of(NOTEBOOK, SHORTENED, tmp_path, environment)
    assert figures_in(outputs) == 6
    printed = printed_in(outputs)

    assert "9,428 held out" in printed
    assert "the model has never seen the character 'O'" in printed
    assert "\nOù sont les neiges" in printed

    (page,) = ["".join(output["data"]["text/html"]) for output in outputs if "text/html" in output.get("data", {})]
    boxes = re.findall(r"<b>([\d.]+)</b><pre[^>]*>([^<]+)</pre>", page)
    assert [temperature for temperature, _ in boxes] == ["0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]
    assert len({text for _, text in boxes}) == 6
    assert all(text.startswith("from fairest creatures ") for _, text in boxes)
    in_the_book = numbers(r"^ +[\d.]+ +\d+% +(\d+)%$", printed)
    assert len(in_the_book) == 6
    assert in_the_book[0] > in_the_book[-1]

    sonnet, shopping = numbers(r"^a .+ ([\d.]+) nats per character: as if", printed)
    assert sonnet < shopping

    by_window = numbers(r"^[ \d]\d characters: ([\d.]+)$", printed)
    assert len(by_window) == 8
    assert by_window[0] > by_window[2] > by_window[-1]
    assert numbers(r"^all of them: +([\d.]+)$", printed) == pytest.approx([by_window[-1]], abs=0.05)

    (course,) = numbers(r"^the course's network +([\d.]+) nats", printed)
    ours = numbers(r"^ours, .+ ([\d.]+) nats", printed)
    assert len(ours) == 2
    assert max(ours) < course

    # The first two cuts are unknown to the imported network, the third it knows; then it learns from the first.
    cuts = numbers(r"^windows from character \d: ([\d.]+) nats", printed)
    assert len(cuts) == 6
    assert cuts[2] < 0.5 < 2.5 < min(cuts[:2])
    assert max(cuts[3:5]) < min(cuts[:2])
    assert cuts[5] > cuts[2]
