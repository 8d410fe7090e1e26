"""What must survive any rewrite: seeded names, losses by steps and the bytes of model files.

Only the command line and the package's public names are used here, so that renaming touches these tests least.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import run
from rounding import rounding

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.data.sources import bundled

SEEDED = {
    "sample -n 3 --seed 5": "Ceichhorosaurus Taeshalonia Jecopasaurus",
    "sample -n 4 --prefix Tyr --suffix don --seed 1": "Tyroninodon Tyrodon Tyranodon Tyrobacodon",
    "top -n 3 --new": "Saurosaurus 0.000527 Prosaurus 0.00052 Monosaurus 0.000424",
    "sample quick.safetensors -n 3 --prefix San --length 7..12 --temperature 0.7 --seed 3": (
        "San Antonia San Renata San Crena"
    ),
    "write --length 160 --temperature 0.6 --seed 2 --prompt Shall": (
        "Shall grown tongue: And that I love of my self and where me. Which thy sweet shall his verse "
        "form my love being more black, That when I am thy self my bad and own"
    ),
}
"""README's commands, the last one excepted, and the words that they print."""


def test_seeded_names_stay_the_same(tmp_path: Path) -> None:
    towns = Path(__file__).parents[1] / "sample_files" / "towns.txt"
    assert run("train", towns, "--budget", "0s", "--out", "quick.safetensors", cwd=tmp_path).returncode == 0
    for command, words in SEEDED.items():
        assert run(*command.split(), cwd=tmp_path).stdout.split() == words.split(), command


LOSSES = {"lstm": 2.643714, "transformer": 3.179021}
"""Of a network of each cell after 40 steps, in nats per symbol, on held-out names."""


@pytest.mark.parametrize("cell", LOSSES)
def test_losses_by_steps_stay_the_same(cell: Any) -> None:
    names = list(mangosaurus.read_corpus().documents)
    model = mangosaurus.fit(names[::3], steps=40, seed=3, hidden=16, holdout=names[1::9], cell=cell)
    measured = model.training
    assert measured["held_out_ngram"] == pytest.approx(1.5916055199705532, abs=1e-12)
    # Each of the 40 steps adds up about a thousand numbers in float32, on whatever kernel.
    tolerance = rounding(np.float32, 40 * 1000, size=4)
    assert measured["held_out_network"] == pytest.approx(LOSSES[cell], abs=tolerance)


@pytest.mark.parametrize("name", ["dinosaurs", "sonnets"])
def test_a_model_file_is_written_as_it_was_read(name: str) -> None:
    """The names, types, shapes and order of arrays and keys, to the byte: who changes them makes these files anew."""
    data = files("mangosaurus").joinpath("bundled", f"{name}.safetensors").read_bytes()
    assert mangosaurus.load(name).to_bytes() == data


def test_the_bundled_model_is_small_and_what_fit_gives() -> None:
    """The n-gram has no chance in it: it is the same on every machine."""
    model = mangosaurus.load()
    assert len(model.to_bytes()) < 1_000_000
    assert model.known == DocumentHashes.of(bundled().split())
    assert model.training["held_out"] < 1.6
    documents = [model.vocabulary.encode(name) for name in bundled().split()]
    ours = model.distribution.ngram  # type: ignore[attr-defined]
    again = mangosaurus.fit(steps=0, order=6, seed=1, prior=False).distribution
    for one, two in zip(ours.score(documents), again.score(documents), strict=True):
        assert abs(one - two).max() < 1e-9
