"""`mangosaurus score` and `mangosaurus report` as their users meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import one_line, run
from examples import NAMES
from pages_read import read_page

import mangosaurus

LISTED = [*NAMES[:12], "annqa", "Zoë", "<script>"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "names.safetensors"
    mangosaurus.fit([*NAMES, "quentin"], budget=0).save(path)
    return path


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(LISTED) + "\n\n", encoding="utf-8")
    return path


def test_a_line_a_name_in_the_order_of_the_file(model: Path, listed: Path) -> None:
    done = run("score", model, listed)
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == LISTED
    loaded = mangosaurus.load(model)
    for name, nats, *_ in lines[:13]:
        assert float(nats) == pytest.approx(-float(loaded.score([name])[0].mean()), abs=5e-4)
    assert [len(line) for line in lines] == [2] * 12 + [3] * 3
    assert lines[12][2].startswith("unlikely: 'q', number 4, ")
    assert lines[13][1:] == ["inf", lines[13][2]]
    assert lines[13][2].startswith("unknown: 'Z', number 1, 'ë', number 3; ")
    assert "3 of 15 names are marked" in done.stderr
    assert "far beyond the list's median, or have no probability" in done.stderr
    assert "note: 12 of 15 are in the model's training list" in done.stderr


def test_standard_input_and_sorting(model: Path, listed: Path) -> None:
    text = listed.read_text(encoding="utf-8")
    in_order, by_dash, by_pipe = (
        run("score", model, listed),
        run("score", model, "-", input=text),
        run("score", model, input=text),
    )
    assert in_order.stdout == by_dash.stdout == by_pipe.stdout
    ordered = run("score", model, listed, "--sort").stdout.splitlines()
    assert sorted(ordered) == sorted(in_order.stdout.splitlines())
    nats = [float(line.split("\t")[1]) for line in ordered]
    assert nats == sorted(nats, reverse=True)


def test_json_and_html(model: Path, listed: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run("score", model, listed, "--json", "--html", page)
    assert done.stderr == ""
    result = json.loads(done.stdout, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    assert [entry["text"] for entry in result["entries"]] == LISTED
    assert [entry["text"] for entry in result["entries"] if entry["marked"]] == LISTED[12:]
    assert result["entries"][12]["outlier"] == 3
    assert result["entries"][13]["unknown"] == [0, 2]
    assert result["entries"][13]["outlier"] == 0
    assert result["entries"][13]["nats_per_symbol"] is None
    read = read_page(page.read_text(encoding="utf-8"))
    assert "<script>" in read.text
    one_line(run("score", model, listed, "--html", page), "exists already")
    assert run("score", model, listed, "--html", page, "--force").returncode == 0


def test_texts_and_bad_input(tmp_path: Path, model: Path) -> None:
    poem = tmp_path / "poem.txt"
    poem.write_text("Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n" * 2)
    done = run("score", "sonnets", poem, "--html", tmp_path / "poem.html")
    assert done.stdout.startswith("Shall I compare thee to a summer's day? Thou art more lovely…\t")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert "↵\n" in read_page((tmp_path / "poem.html").read_text(encoding="utf-8")).text
    one_line(run("score", model, tmp_path / "none.txt"), "none.txt does not exist")
    one_line(run("score", tmp_path / "none", poem), "does not exist")
    one_line(run("score", model, "-", input=""), "standard input is empty")


def test_report(model: Path, listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = run("report", model, "--holdout", listed, "--training", listed, "--out", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"the report is in {out}\n")
    page = read_page(out.read_text(encoding="utf-8"))
    assert "What was held out" in page.text
    assert len(page.tags("svg")) == 2
    one_line(run("report", model, "--out", out), "exists already")
    one_line(run("report", model, "--out", tmp_path / "a", "--holdout", tmp_path / "none"), "does not exist")
    assert not (tmp_path / "a").exists()
