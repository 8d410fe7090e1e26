"""Many names are written as they are found."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import run, started

from mangosaurus.cli import sample
from mangosaurus.generation.samples import Samples

ASKED = "sample", "-n", "700", "--seed", "2"


@pytest.mark.parametrize("manner", [[], ["--scores"], ["--csv"], ["--json"]], ids=" ".join)
def test_what_is_written_piece_by_piece_is_the_same(manner: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(*ASKED, *manner)
    monkeypatch.setattr(sample, "STREAMED", 100)
    pieces: list[int] = []
    give = sample._Writer.give

    def counted(self: Any, samples: Samples) -> None:
        pieces.append(len(samples))
        give(self, samples)

    monkeypatch.setattr(sample._Writer, "give", counted)
    streamed = run(*ASKED, *manner)
    assert streamed.stderr == whole.stderr
    assert len(pieces) > 1
    if not manner:
        assert streamed.stdout == whole.stdout
    else:  # losses are rounded as the names are read together
        names, losses = zip(*rows(streamed.stdout), strict=True)
        expected, others = zip(*rows(whole.stdout), strict=True)
        assert names == expected
        assert losses == pytest.approx(others, abs=1e-3)


def rows(printed: str) -> list[tuple[str, float]]:
    """The names and their losses."""
    if printed.startswith("{"):
        answer = json.loads(printed)
        assert (answer["asked"], answer["seed"]) == (700, 2)
        return [(each["text"], each["nats_per_symbol"]) for each in answer["samples"]]
    cells = [*csv.reader(io.StringIO(printed), delimiter="," if "," in printed else "\t")]
    return [(name, float(loss)) for name, loss in cells[1 if "," in printed else 0 :]]


def test_without_any_name_there_is_a_header_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "STREAMED", 0)
    never = "sample", "-n", "2", "--seed", "1", "--max-length", "1", "--prefix", "Q", "--temperature", "0"
    assert run(*never, "--csv").stdout == "text,nats_per_symbol\n"
    assert json.loads(run(*never, "--json").stdout)["samples"] == []


def test_names_come_before_all_are_found(model: Path) -> None:
    command = *("-m", "mangosaurus", "sample", str(model), "-n", "1000000000"), "--allow-duplicates", "--allow-known"
    with started(sys.executable, *command) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2000)]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait() == 130
    assert all(line.strip() for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_file_is_whole_or_not_there(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "STREAMED", 100)
    give = sample._Writer.give

    def ended(self: Any, samples: Samples) -> None:
        give(self, samples)
        assert len([*tmp_path.iterdir()]) == 1
        os.kill(os.getpid(), number)

    monkeypatch.setattr(sample._Writer, "give", ended)
    assert run(*ASKED, "--out", tmp_path / "names.txt").returncode == 128 + number
    assert not [*tmp_path.iterdir()]
    monkeypatch.setattr(sample._Writer, "give", give)
    assert run(*ASKED, "--out", tmp_path / "names.txt").returncode == 0
    assert (tmp_path / "names.txt").read_text() == run(*ASKED).stdout
