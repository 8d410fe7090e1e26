"""`mangosaurus classic`: what it prints, where, and with which exit status."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from mangosaurus.classic import rnn
from mangosaurus.cli.classic import classic

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(classic)

NAMES = ["Abelisaurus", "Brontosaurus", "Mei", "Zuniceratops", "Yi", "Kol", "Triceratops", "Gasosaurus"]


@pytest.fixture
def names_file(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def expect_error(result: Any, message: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.mark.parametrize("loop", ["--compiled", "--no-compiled"])
def test_prints_what_the_exercise_prints(
    names_file: Path, loop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = names_file.read_text().lower()
    characters = sorted(set(data))
    char_to_ix = {character: index for index, character in enumerate(characters)}
    settings: dict[str, Any] = {"n_a": 9, "dino_names": 2, "vocab_size": len(characters), "every": 5}
    rnn.model(data, dict(enumerate(characters)), char_to_ix, 11, **settings)
    expected = capsys.readouterr().out
    result = run(names_file, "--iterations", 11, "--hidden", 9, "--names", 2, "--every", 5, loop)
    assert result.exit_code == 0
    assert result.stdout == expected
    assert result.stdout.count("Iteration:") == 3
    assert "8 names, 19 characters, functional edition, 9 hidden units: 11 iterations in" in result.stderr


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
    assert result.exit_code == 0
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
    expect_error(run(names_file, *short), "exists already; pass --force to overwrite it")
    assert out.read_bytes() == b"mine"
    assert run(names_file, *short, "--force").exit_code == 0
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["by"].shape == (19, 1)


def test_a_failed_write_leaves_nothing(
    names_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "parameters.npz"

    def full(*arguments: Any, **settings: Any) -> None:
        arguments[0].write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    result = run(names_file, "--iterations", 1, "--names", 0, "--no-compiled", "--json", "--out", out)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].startswith(f"error: cannot write {out} (No space left on device)")
    assert sorted(tmp_path.iterdir()) == [names_file]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iterations", -1], "--iterations is -1; it must be 0 or more"),
        (["--hidden", 0], "--hidden is 0; it must be 1 or more"),
        (["--every", 0], "--every is 0; it must be 1 or more"),
        (["--names", -2], "--names is -2; it must be 0 or more"),
        (["--edition", "oo"], "--edition is 'oo'; it must be one of functional, objects"),
        (["--out", "."], "a folder; name a file in it"),
        (["--out", "nowhere/at/all.npz"], "does not exist; make it first"),
    ],
)
def test_bad_options(names_file: Path, arguments: list[object], message: str) -> None:
    expect_error(run(names_file, *arguments), message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds 1 name(s); at least 2 are needed"),
        (b"ab\n", "holds 1 name(s); at least 2 are needed"),
        (b"ab\n\ncd\n", "name 1 (counted from 0, of 3) is empty"),
        (b"ab\ncd\xff\n", "is not UTF-8 text (byte 5)"),
    ],
)
@pytest.mark.parametrize("edition", ["functional", "objects"])
def test_bad_files(tmp_path: Path, content: bytes, message: str, edition: str) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    expect_error(run(path, "--edition", edition, "--no-compiled"), message)


def test_missing_file(tmp_path: Path) -> None:
    expect_error(run(tmp_path / "none.txt"), "No such file or directory")


def test_any_characters_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffÅsa\r\nΖωή\r\na\tb\r\n".encode())
    result = run(path, "--iterations", 3, "--names", 1, "--json", "--no-compiled")
    assert json.loads(result.stdout)["characters"] == "\n\tabsåήζω"


def test_without_numba(names_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "mangosaurus.classic.compiled", raising=False)
    expect_error(run(names_file, "--compiled"), "the compiled loop needs Numba")
    result = run(names_file, "--iterations", 1, "--names", 0)
    assert result.exit_code == 0
    assert "(NumPy loop)" in result.stderr


def test_control_c(names_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **settings: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rnn, "model", interrupted)
    result = run(names_file, "--no-compiled")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "interrupted"
    assert "Traceback" not in result.output


def test_help_imports_neither_numpy_nor_numba() -> None:
    code = (
        "import sys, mangosaurus.cli.classic\n"
        "print(*sorted({'numpy', 'numba', 'torch', 'mangosaurus.classic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
