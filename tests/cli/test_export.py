"""`mangosaurus export`: which file is meant, what is said of it, and every wrong wish in one line."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from commands import one_line, run

import mangosaurus
from mangosaurus.core.errors import MangosaurusError


@pytest.fixture(scope="module")
def ngram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "n.safetensors"
    mangosaurus.fit(["anna", "hannah", "johanna"], budget=0).save(path)
    return path


def test_it_says_what_is_in_the_file_and_what_is_not(tmp_path: Path) -> None:
    done = run("export", "sonnets", "--out", "sonnets.onnx", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    described, stays, where = done.stderr.splitlines()
    assert "LSTM of 192 units, as ONNX opset 17" in described
    training = mangosaurus.load("sonnets").training
    assert stays.startswith("the n-gram stays in Python")
    assert f"{training['held_out_network']:.3f} nats per symbol, the mixture {training['held_out']:.3f}" in stays
    assert where == "the export is in sonnets.onnx"
    onnx.checker.check_model(tmp_path / "sonnets.onnx", full_check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["sonnets.onnx"]


def test_without_a_model_it_is_dinosaurs_and_force_replaces(tmp_path: Path) -> None:
    out = tmp_path / "D.ONNX"
    assert run("export", "--out", out, "--to", "onnx").returncode == 0
    first = out.read_bytes()
    one_line(run("export", "sonnets", "--out", out), "exists already", "--force")
    assert out.read_bytes() == first
    assert run("export", "sonnets", "--out", out, "--force").returncode == 0
    assert out.read_bytes() != first


def test_the_verb_refuses_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    garbled, folder = tmp_path / "garbled.safetensors", tmp_path / "folder.onnx"
    garbled.write_bytes(b"\0" * 100)
    folder.mkdir()
    cases: list[tuple[str | Path, str | Path, str | None, str]] = [
        ("dinosaurs", "m", None, r"'m'; a name must end in .*\.onnx"),
        ("dinosaurs", "", None, r"must end in .*\.onnx"),
        ("dinosaurs", ".onnx", None, r"must end in .*\.onnx"),
        ("dinosaurs", "-", "onnx", r"must end in \.onnx"),
        ("dinosaurs", "m.onnx", "", "to is ''; it must be one of .*onnx"),
        ("dinosaurs", "m.onnx", "ONNX", "to is 'ONNX'; it must be one of .*onnx"),
        ("dinosaurs", "m.html", "onnx", r"m\.html'; a name for onnx must end in \.onnx"),
        (garbled, garbled, "onnx", r"must end in \.onnx"),  # a model is not replaced by its export
        ("", "m.onnx", None, "is a folder"),
        (folder, "m.onnx", None, "is a folder"),
        (garbled, "m.onnx", None, "not a model file"),
        ("dinosaurs", folder, None, "is a folder; name a file in it"),
        ("dinosaurs", "nowhere/m.onnx", None, "cannot be written"),
        ("dinosaurs", "m" * 300 + ".onnx", None, "cannot be written"),
        ("dinosaurs", "m\0.onnx", None, "cannot be written"),
    ]
    for model, path, to, message in cases:
        with pytest.raises(MangosaurusError, match=message):
            mangosaurus.export(model, path, to=to, overwrite=True)
    assert sorted(tmp_path.iterdir()) == [folder, garbled]
    assert not list(folder.iterdir())


def test_a_page_is_written_like_any_other_export(tmp_path: Path, ngram: Path) -> None:
    done = run("export", ngram, "--out", "my-names.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    described, where = done.stderr.splitlines()
    assert described.endswith("MB that writes names in any browser, without a network")
    assert where == "the export is in my-names.html"
    assert "<title>My names</title>" in (tmp_path / "my-names.html").read_text(encoding="utf-8")
    one_line(run("export", ngram, "--to", "html", "--out", tmp_path / "my-names.html"), "exists already", "--force")
    one_line(run("export", ngram, "--to", "onnx", "--out", tmp_path / "n.html"), "must end in .onnx")


def test_the_workshop_is_one_page_and_takes_no_model(tmp_path: Path) -> None:
    out = tmp_path / "workshop.html"
    one_line(run("export", "dinosaurs", "--workshop", "--out", out), "--workshop", "takes no model", "dinosaurs")
    one_line(run("export", "--workshop", "--to", "onnx", "--out", out), "--workshop", "--to is 'onnx'")
    one_line(run("export", "--workshop", "--out", tmp_path / "workshop.txt"), "must end in .html")
    assert not out.exists()
    done = run("export", "--workshop", "--out", out)
    assert done.returncode == 0
    assert "learns from lists" in done.stderr
    assert 1e6 < out.stat().st_size < 5e6
    one_line(run("export", "--workshop", "--out", out), "exists already", "--force")
    assert run("export", "--workshop", "--out", out, "--force").returncode == 0
