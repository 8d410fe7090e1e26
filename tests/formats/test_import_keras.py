"""From a Keras file to a model like any other, in Python and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import run
from keras_files import small_layers, small_weights, write

import mangosaurus

TEXT = "Abba bade\n" * 6
"""Seven characters, six of them lower-cased: the small network has five outputs."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "m.h5", small_layers(), small_weights())


def test_an_imported_model_is_a_model_like_any_other(file: Path, tmp_path: Path) -> None:
    model = mangosaurus.import_keras(file, ["Abcde ABC".replace(" ", "")])
    assert model.kind == "text"
    assert "".join(model.vocabulary.characters) == "abcde"
    assert model.training == {
        "corpus": "a list: 1 text; 8 characters, 5 distinct; lower-cased",
        "lowercased": True,
        "format": "text",
        "imported": "Keras 2.0.6",
        "window": 4,
        "longest": 8,
    }
    assert "abcdeabc" in model.known
    assert model.info()["model"] == "LSTM of 3 units reading 4 characters afresh"
    path = tmp_path / "m.safetensors"
    model.save(path)
    for each in (model, mangosaurus.load(path)):
        for options in ({}, {"temperature": 0.5, "top_p": 0.9}, {"top_k": 2, "min_p": 0.1}, {"temperature": 0.0}):
            (text,) = each.sample(1, prefix="ab", max_length=30, seed=1, **options)  # type: ignore[arg-type]
            assert len(text) == 30
            assert text.startswith("ab")
    measured = model.evaluate(["abcde", "edcba"])
    assert measured.symbols == measured.characters == 10
    assert np.isfinite(measured.nats_per_symbol)


def test_the_command(file: Path, tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus.txt", tmp_path / "out.safetensors"
    corpus.write_text("ABCDE edcba" * 9, encoding="utf-8")
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: the Keras file has 5 outputs, and {corpus} has 11 different characters, lower-cased 6; "
        "give the corpus that the model was trained on\n"
    )
    assert not out.exists()
    corpus.write_text("ABCDEedcba" * 9, encoding="utf-8")
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "LSTM of 3 units reading 4 characters afresh, written by Keras 2.0.6\nknows 5 characters: abcde\n"
    )
    assert f"the model is in {out}" in done.stderr
    done = run("import-keras", file, "--corpus", corpus, "--out", out)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    done = run("import-keras", file, "--corpus", corpus, "--out", out, "--force", "--json")
    assert json.loads(done.stdout)["training"]["imported"] == "Keras 2.0.6"
    assert json.loads(done.stdout)["out"] == str(out)

    done = run("info", out)
    assert "imported from: Keras 2.0.6" in done.stdout
    done = run("sample", out, "-n", "1", "--json", "--max-length", "20")
    (sample,) = json.loads(done.stdout)["samples"]
    assert 0 < sample["nats_per_symbol"] < 20
    done = run("evaluate", out, corpus, "--lowercase")
    assert "90 symbols, END left out: the model never ends a text, in 1 documents" in done.stdout


def test_the_command_s_errors_are_one_line(tmp_path: Path, file: Path) -> None:
    out = tmp_path / "out.safetensors"
    file.write_bytes(file.read_bytes()[:700])
    for name, corpus in ((file, file), (tmp_path / "none.h5", file)):
        done = run("import-keras", name, "--corpus", corpus, "--out", out)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert str(name) in done.stderr
        assert done.stderr.count("\n") == 1
    assert not out.exists()
