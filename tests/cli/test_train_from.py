"""`train --from`: an epoch a line."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from commands import run
from examples import NAMES, random_window

from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever model is named, it is a random network of windows."""
    model = random_window("lstm", "tanh", "hard_sigmoid")
    monkeypatch.setattr(
        "mangosaurus.api.model.Model.load",
        lambda path: Model(model, "text", DocumentHashes.of([]), {"lowercased": True}),
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(NAMES).upper(), encoding="utf-8")
    return path


def test_epochs_of_a_given_model(corpus: Path) -> None:
    done = run("train", corpus, "--from", "m", "--epochs", "2")
    lines = done.stderr.splitlines()
    assert "1 text;" in lines[0]
    assert "lower-cased" in lines[0]
    for number in (1, 2):
        assert re.fullmatch(rf"epoch {number} of 2, \d+ s, loss \d\.\d{{4}} nats per character .*", lines[number])
    assert lines[3] == "the model is not saved: train with --out names.safetensors to save it"
    assert len(done.stdout.rstrip("\n")) == 400


def test_an_epoch_without_a_finite_loss_leaves_those_before(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([2.0, math.nan])
    monkeypatch.setattr("mangosaurus.training.torch_window._backward", lambda *given: next(losses))
    monkeypatch.setattr("torch.optim.Adam.step", lambda self: None)
    corpus.write_text("".join(NAMES)[:40], encoding="utf-8")
    done = run("train", corpus, "--from", "m", "--epochs", "5", "--out", tmp_path / "out")
    assert (
        "the loss of epoch 2 is infinite or NaN: training cannot go on; the model is from the end of epoch 1"
        in done.stderr
    )
    assert (tmp_path / "out").exists()
