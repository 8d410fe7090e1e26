"""`train --from`: an epoch a line, and one line for what does not go together."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest
from examples import NAMES, random_window

from mangosaurus.cli import app
from mangosaurus.known import Known
from mangosaurus.model import Model


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[str, str]:
    """What the command prints on standard output and standard error."""
    monkeypatch.setattr(sys, "argv", ["mangosaurus", *map(str, words)])
    with pytest.raises(SystemExit):
        app.main()
    captured = capsys.readouterr()
    return captured.out, captured.err


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(NAMES).upper(), encoding="utf-8")
    return path


def network(path: object) -> Model:
    model = random_window("lstm", "tanh", "hard_sigmoid")
    return Model(model, "text", Known.of([]), {"lowercased": True})


def test_epochs_of_a_given_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    corpus.write_text("".join(NAMES).upper(), encoding="utf-8")
    monkeypatch.setattr("mangosaurus.model.Model.load", network)
    out, err = run(monkeypatch, capsys, "train", corpus, "--from", "m", "--epochs", "2")
    lines = err.splitlines()
    assert "1 text;" in lines[0]
    assert "lower-cased" in lines[0]
    for number in (1, 2):
        assert re.fullmatch(rf"epoch {number} of 2, \d+ s, loss \d\.\d{{4}} nats per character .*", lines[number])
    assert lines[3] == "the model is not kept: train with --out names.safetensors to keep it"
    assert len(out.rstrip("\n")) == 400


def test_an_epoch_without_a_finite_loss_leaves_those_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path, tmp_path: Path
) -> None:
    windows = "mangosaurus.training.windows"
    losses = iter([2.0, math.nan])
    monkeypatch.setattr("mangosaurus.model.Model.load", network)
    monkeypatch.setattr(f"{windows}._backward", lambda *given: next(losses))
    monkeypatch.setattr("torch.optim.Adam.step", lambda self: None)
    corpus.write_text("".join(NAMES)[:40], encoding="utf-8")
    _, err = run(monkeypatch, capsys, "train", corpus, "--from", "m", "--epochs", "5", "--out", tmp_path / "out")
    assert "the loss of epoch 2 is infinite or NaN: training cannot go on; the model is that after epoch 1" in err
    assert (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--epochs", "2"], "--epochs needs --from"),
        (["--from", "m", "--budget", "2m"], "--budget has no effect with --from"),
        (["--from", "m", "--steps", "20"], "--steps has no effect with --from"),
        (["--from", "m"], "only a network that reads windows"),
    ],
)
def test_what_does_not_go_together(
    words: list[str],
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    corpus: Path,
) -> None:
    model = corpus.parent / "m.safetensors"
    run(monkeypatch, capsys, "train", corpus, "--budget", "0", "--out", model)
    out, err = run(monkeypatch, capsys, "train", corpus, *(str(model) if word == "m" else word for word in words))
    assert out == ""
    assert err.startswith("error: ")
    assert part in err
    assert err.count("\n") == 1


def test_from_needs_a_corpus(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, capsys, "train", "--from", "m") == (
        "",
        "error: --from needs a corpus to train on: mangosaurus train CORPUS --from MODEL\n",
    )
