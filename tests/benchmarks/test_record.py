"""What is measured is kept as it was, under names that pages can rely on."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import benchmarks.record as recording
from benchmarks.record import Figure, figure, load, record, record_if, record_option, save

SCRIPTS = sorted(
    path.stem for path in (ROOT / "benchmarks").glob("*.py") if "record_option(parser)" in path.read_text("utf-8")
)


def test_a_figure_is_the_median_and_the_ends_of_its_runs() -> None:
    assert figure([3.0, 1.0, 2.5], "s") == Figure(2.5, 1.0, 3.0, 3, "s")
    assert figure([2]) == Figure(2, 2, 2, 1, "")


def test_a_record_is_read_as_it_was_written_to_six_digits(tmp_path: Path) -> None:
    kept = record("made", {"start.up": figure([1 / 3, 0.25], "s"), "count": figure([12_345_678])})
    path = save(kept, tmp_path / "recorded")
    (found,) = load(tmp_path / "recorded").values()
    assert (found.name, found.taken, found.machine) == ("made", kept.taken, kept.machine)
    assert found.figures["start.up"] == Figure(0.291667, 0.25, 0.333333, 2, "s")
    assert found.figures["count"].median == 12_345_700
    assert json.loads(path.read_text(encoding="utf-8"))["figures"]["start.up"]["unit"] == "s"


def test_a_record_replaces_the_one_before(tmp_path: Path) -> None:
    save(record("made", {"old": figure([1])}), tmp_path)
    save(record("made", {"new": figure([2])}), tmp_path)
    assert set(load(tmp_path)["made"].figures) == {"new"}


def test_nothing_is_kept_unless_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "RECORDED", tmp_path / "benchmarks" / "recorded")
    record_if(False, "made", {"up": figure([1])})
    assert not (tmp_path / "benchmarks").exists()


def test_the_option_is_the_same_for_all() -> None:
    parser = argparse.ArgumentParser()
    record_option(parser)
    assert parser.parse_args(["--record"]).record
    assert not parser.parse_args([]).record
    assert len(SCRIPTS) >= 10


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_can_record_says_so(name: str) -> None:
    text = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    assert "--record" in text.split('"""')[1], f"the docstring of {name}.py leaves --record out"
    assert re.search(r'record_if\(\w+\.record, "\w+", ', text), f"{name}.py takes --record and records nothing"


def test_a_script_takes_the_option() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quality", "--only", "none", "--help"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "keep the figures in benchmarks/recorded/" in done.stdout


def test_records_hold_finite_figures_in_order() -> None:
    for kept in load().values():
        for key, each in kept.figures.items():
            assert each.lowest <= each.median <= each.highest, (kept.name, key)
            assert each.runs >= 1
            assert re.fullmatch(r"[\w+-]+(\.[\w+-]+)*", key), key
