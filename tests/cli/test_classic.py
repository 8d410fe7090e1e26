"""`mangosaurus classic`: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import numpy as np
import pytest
from commands import Done, one_line

from mangosaurus.classic import rnn

NAMES = ["Abelisaurus", "Brontosaurus", "Mei", "Zuniceratops", "Yi", "Kol", "Triceratops", "Gasosaurus"]


@pytest.fixture
def names_file(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    return path


def run(*arguments: object, input: str = "") -> Done:
    return commands.run("classic", *map(str, arguments), input=input)


@pytest.mark.parametrize("loop", ["--compiled", "--no-compiled"])
def test_prints_what_the_exercise_prints(names_file: Path, loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = names_file.read_text().lower()
    characters = sorted(set(data))
    char_to_ix = {character: index for index, character in enumerate(characters)}
    settings: dict[str, Any] = {"n_a": 9, "dino_names": 2, "vocab_size": len(characters), "every": 5}
    rnn.model(data, dict(enumerate(characters)), char_to_ix, 11, **settings)
    expected = capsys.readouterr().out
    result = run(names_file, "--iterations", 11, "--hidden", 9, "--names", 2, "--every", 5, loop)
    assert result.returncode == 0
    assert result.stdout == expected
    assert result.stdout.count("Iteration:") == 3
    said = result.stderr.splitlines()
    assert said[0].startswith(f"{names_file}: 8 names; 64 characters, 18 distinct; lower-cased")
    assert said[1].startswith("functional edition, 9 hidden units, 19 characters with the line break: 11 iterations in")
    assert len(said) == 2


@pytest.mark.parametrize(
    ("edition", "losses"),
    [("functional", [23.087336, 27.884160]), ("objects", [23.087336, 27.950466])],
)
def test_json_of_both_editions(
    reference: Callable[[str], Path], edition: str, losses: list[float], tmp_path: Path
) -> None:
    out = tmp_path / "parameters.npz"
    file = reference("dinos.txt")
    result = run(file, "--iterations", 2001, "--edition", edition, "--json", "--compiled", "--out", out)
    assert result.returncode == 0
    told = json.loads(result.stdout)
    assert [report["iteration"] for report in told["reports"]] == [0, 2000]
    assert [report["loss"] for report in told["reports"]] == pytest.approx(losses, abs=6e-7)
    assert [len(report["names"]) for report in told["reports"]] == [7, 7]
    assert told["edition"] == edition
    assert told["compiled"] is True
    assert told["characters"] == "\nabcdefghijklmnopqrstuvwxyz"
    with np.load(out, allow_pickle=False) as arrays:
        assert set(arrays) == {"Wax", "Waa", "Wya", "b", "by", "characters"}
        assert "".join(arrays["characters"]) == told["characters"]
        assert arrays["Waa"].shape == (50, 50)
        assert np.abs(arrays["Waa"]).max() > 0.1, "trained"
    assert list(tmp_path.iterdir()) == [out], "no temporary file is left"


def test_out_is_not_overwritten_without_force(names_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "parameters.npz"
    out.write_bytes(b"mine")
    short = ("--iterations", 1, "--names", 0, "--no-compiled", "--out", out)
    one_line(run(names_file, *short), "exists already; choose another name, or --force")
    assert out.read_bytes() == b"mine"
    assert run(names_file, *short, "--force").returncode == 0
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["by"].shape == (19, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iterations", -1], "--iterations is -1; it must be 0 or more"),
        (["--hidden", 0], "--hidden is 0; it must be 1 or more"),
        (["--every", 0], "--every is 0; it must be 1 or more"),
        (["--names", -2], "--names is -2; it must be 0 or more"),
        (["--edition", "oo"], "--edition is 'oo'; it must be functional or objects"),
        (["--out", "."], "a folder; name a file in it"),
        (["--out", "nowhere/at/all.npz"], "cannot be written: No such file or directory"),
    ],
)
def test_bad_options(names_file: Path, arguments: list[object], message: str) -> None:
    one_line(run(names_file, *arguments), message)


def test_bad_files(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("ab\n")
    one_line(run(tmp_path / "names.txt", "--no-compiled"), "has a single name; the exercise needs two or more")
    one_line(run(tmp_path / "none.txt", "--no-compiled"), "none.txt does not exist")


@pytest.mark.parametrize("edition", ["functional", "objects"])
def test_blank_lines_and_the_way_in_change_nothing(names_file: Path, edition: str) -> None:
    short = ("--iterations", 9, "--hidden", 5, "--every", 4, "--names", 1, "--edition", edition, "--no-compiled")
    plain = run(names_file, *short)
    assert plain.returncode == 0
    assert plain.stdout.count("Iteration:") == 3
    gaps = run("-", *short, input="\n\n".join(NAMES))
    assert gaps.stdout == plain.stdout
    assert "standard input: 8 names" in gaps.stderr
    assert "7 blank lines dropped" in gaps.stderr


def test_without_a_file_the_dinosaurs() -> None:
    result = run("--iterations", 1, "--names", 0, "--no-compiled")
    assert result.returncode == 0
    assert result.stderr.startswith("the bundled list of dinosaurs: 1,733 names; ")


def test_any_characters_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffÅsa\r\nΖωή\r\na\tb\r\n".encode())
    result = run(path, "--iterations", 3, "--names", 1, "--json", "--no-compiled")
    assert json.loads(result.stdout)["characters"] == "\n\tabsåήζω"


def test_without_numba(names_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "mangosaurus.classic.compiled", raising=False)
    result = run(names_file, "--compiled")
    one_line(result, "the compiled loop needs Numba, which cannot be imported")
    one_line(result, 'run pip install "mangosaurus[train]"')
    result = run(names_file, "--iterations", 1, "--names", 0)
    assert result.returncode == 0
    assert "(NumPy loop)" in result.stderr


def test_errors_of_the_exercise(names_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stranded(*arguments: Any, **settings: Any) -> None:
        raise ValueError("iteration 3: dWaa holds NaN")

    monkeypatch.setattr(rnn, "model", stranded)
    result = run(names_file, "--no-compiled", "--json")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[1:] == ["error: iteration 3: dWaa holds NaN"], "after what was read"


def test_help_imports_neither_numpy_nor_numba() -> None:
    code = (
        "import sys, mangosaurus.cli.classic\n"
        "print(*sorted({'numpy', 'numba', 'torch', 'mangosaurus.classic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
