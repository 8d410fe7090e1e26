"""Labels on the command line, from training to classification."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import one_line, run
from examples import LABELS, NAMES

import mangosaurus

LINES = [f"{name}\t{label}\n" for name, label in zip(NAMES, LABELS, strict=True)]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.tsv"
    path.write_text("".join(LINES), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(people: Path) -> Path:
    path = people.with_name("people.safetensors")
    done = run("train", people, "--budget", "0", "--out", path)
    assert done.returncode == 0, done.stderr
    assert "2 labels (girl " in done.stderr
    return path


def test_info_and_evaluate(model: Path, people: Path, tmp_path: Path) -> None:
    assert f"labels:        boy ({LABELS.count('boy')} names), girl" in run("info", model).stdout
    assert json.loads(run("info", model, "--json").stdout)["labels"] == mangosaurus.load(model).labels
    done = run("evaluate", model, people, "--json")
    expected = mangosaurus.load(model).evaluate(NAMES, labels=LABELS).nats_per_symbol
    assert json.loads(done.stdout)["nats_per_symbol"] == pytest.approx(expected)
    assert "each given its label" in run("evaluate", model, people).stdout
    plain = tmp_path / "plain.txt"
    plain.write_text("".join(name + "\n" for name in NAMES), encoding="utf-8")
    found = json.loads(run("evaluate", model, plain, "--json").stdout)["nats_per_symbol"]
    assert found == pytest.approx(mangosaurus.load(model).evaluate(NAMES).nats_per_symbol)
    assert found > expected
    plain.write_text("anna\torc\n", encoding="utf-8")
    one_line(run("evaluate", model, plain), "the model has no label 'orc'; it has boy, girl")


def test_sample_with_a_label(model: Path) -> None:
    done = run("sample", model, "--label", "girl", "-n", "6", "--seed", "2", "--scores")
    loaded = mangosaurus.load(model)
    drawn = loaded.sample(6, label="girl", seed=2)
    losses = [-float(score.mean()) for score in loaded.with_label("girl").score(drawn)]
    assert done.stdout == "".join(f"{name}\t{loss:.3f}\n" for name, loss in zip(drawn, losses, strict=True))
    blend = run("sample", model, "--label", "girl:0.6,boy:0.4", "-n", "6", "--seed", "2")
    assert tuple(blend.stdout.splitlines()) == loaded.sample(6, label={"girl": 3, "boy": 2}, seed=2).documents
    one_line(run("sample", model, "--label", "gril"), "no label 'gril'; did you mean 'girl'")
    one_line(run("sample", model, "--label", "girl:-1,boy:1"), "'-1'; it must be a number from 0 upwards")
    one_line(run("sample", "--label", "girl"), "this model has no labels")


def test_classify_names_without_labels(model: Path) -> None:
    done = run("classify", model, "-", input="hanna\nmanu1l\n")
    assert done.returncode == 0
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["hanna", "manu1l"]
    found = mangosaurus.load(model).classify(["hanna", "manul"])
    for line, place in zip(lines, (0, 1), strict=True):
        assert line[1:] == [text for label, p in found.ranked(place) for text in (label, f"{p:.4f}")]
    assert "1 character is not in the model's vocabulary and was ignored: '1'" in done.stderr
    assert run("classify", model, "-", "--top", "1", input="hanna\n").stdout == "hanna\tgirl\t" + lines[0][2] + "\n"


def test_classify_names_with_labels(model: Path, people: Path, tmp_path: Path) -> None:
    done = run("classify", model, people)
    names, measured = done.stdout.split("\n\n")
    assert len(names.splitlines()) == len(NAMES)
    assert f"of {len(NAMES)} names have their most probable label" in measured
    assert "expected calibration error 0." in measured
    table = [line.split("\t") for line in measured.splitlines()[-3:]]
    assert table[0] == ["own label", "boy", "girl"]
    assert [sum(map(int, line[1:])) for line in table[1:]] == [LABELS.count("boy"), LABELS.count("girl")]
    result = json.loads(run("classify", model, people, "--json").stdout)
    assert len(result["names"]) == result["names_measured"] == len(NAMES)
    assert result["confusion"]["boy"]["boy"] == int(table[1][1])
    table_file = tmp_path / "people.csv"
    table_file.write_text("name,sex\nhanna,girl\n", encoding="utf-8")
    done = run("classify", model, table_file, "--label-column", "sex")
    assert done.stdout.startswith("hanna\tgirl\t")
    assert "of 1 names" in done.stdout


def test_what_cannot_be_classified(model: Path, tmp_path: Path) -> None:
    one_line(run("classify", "dinosaurs", "-", input="x\n"), "has no labels; train one on")
    one_line(run("classify", model, "-", input="anna\tgirl\nleon\n"), "standard input, line 2: 'leon' has no label")
    one_line(run("classify", model, "-", input="anna\torc\n"), "no label 'orc'")
    one_line(run("classify", model, "-", "--top", "0", input="anna\n"), "top is 0")
    one_line(run("classify", model, tmp_path / "no.txt"), "does not exist")


def test_training_on_labels_that_are_wrong(tmp_path: Path) -> None:
    one_line(run("train", "-", "--budget", "0", input="".join(LINES) + "eve\n"), f"line {len(LINES) + 1}: 'eve' has no")
    one_line(run("train", "-", "--label-column", "x", input="name,label\na,b\n"), "has no column 'x'")
    one_line(run("train", "-", "--column", "x", input="a\n"), "has no column 'x' in its first line; it has a")
    one_line(run("train", "-", "--labels", "--format", "text", input="a\tb\n"), "labels belong to names")
    done = run("train", "-", "--no-labels", "--budget", "0", "--format", "names", input="".join(LINES))
    assert done.returncode == 0
    assert "labels" not in done.stderr.splitlines()[0]
    assert "\t" in done.stdout
