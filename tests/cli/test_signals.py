"""Ctrl-C, SIGTERM and SIGHUP at every stage: what is kept, the exit status, and nothing left behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import HELD, one_line, run, run_apart, said_until
from examples import NAMES, random_window
from held import AT

import mangosaurus
from mangosaurus import __main__ as app
from mangosaurus.api import fit as api
from mangosaurus.api.model import Model
from mangosaurus.cli import progress as display
from mangosaurus.core import files
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.files import alone, beside
from mangosaurus.data import read
from mangosaurus.training.status import Status

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
TRAIN = ("--steps", "30", "--hidden", "8", "--order", "3")


def status_of(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """The exit status of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["mangosaurus", *map(str, words)])
    before = {number: signal.getsignal(number) for number in STATUS}
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert {number: signal.getsignal(number) for number in STATUS} == before
    assert isinstance(ended.value.code, int)
    return ended.value.code


def signalled_when(
    monkeypatch: pytest.MonkeyPatch, when: Callable[[Status], bool], number: int, times: int = 1
) -> None:
    """A signal comes when a training first gets there."""
    left = [times]

    @contextmanager
    def watching(*_: Any) -> Iterator[Callable[[Status], None]]:
        def watch(status: Status) -> None:
            while left[0] and when(status):
                left[0] -= 1
                os.kill(os.getpid(), number)

        yield watch

    monkeypatch.setattr(display, "watching", watching)


@pytest.mark.parametrize("number", STATUS)
@pytest.mark.parametrize("stage", ["counting", "training", "mixing"])
def test_the_first_keeps_the_best_so_far(
    number: signal.Signals, stage: str, names: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "m"
    signalled_when(monkeypatch, lambda status: status.stage == stage, number)
    assert status_of(monkeypatch, "train", names, *TRAIN, "--out", out) == STATUS[number]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith(f"stopped: the best model so far is in {out}\n")
    assert mangosaurus.load(out).training["interrupted"]
    assert list(tmp_path.iterdir()) == [out]


def test_nothing_is_kept_without_out(names: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    signalled_when(monkeypatch, lambda status: status.stage == "training", signal.SIGINT)
    assert status_of(monkeypatch, "train", names, *TRAIN) == 130
    assert "stopped: model not saved" in capsys.readouterr().err


@pytest.mark.parametrize("number", STATUS)
def test_a_second_ends_at_once(
    number: signal.Signals, names: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    signalled_when(monkeypatch, lambda status: status.stage == "training", number, times=2)
    words = ("train", names, *TRAIN, "--out", tmp_path / "m", "--checkpoint", tmp_path / "kept")
    assert status_of(monkeypatch, *words) == STATUS[number]
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert all(path.name.startswith("checkpoint-") for path in (tmp_path / "kept").iterdir())
    assert capsys.readouterr().err == "interrupted\n"


def kill_in(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """SIGTERM comes when that function is called, which then goes on."""
    function = getattr(owner, name)

    def signalled(*words: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return function(*words, **options)

    monkeypatch.setattr(owner, name, signalled)


def test_while_it_reads_it_ends_at_once(names: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_in(monkeypatch, read, "read_corpus")
    assert status_of(monkeypatch, "train", names, *TRAIN, "--out", tmp_path / "m") == 143
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("owner", "name"), [(files, "check_writable"), (os, "fsync"), (Model, "sample")])
def test_while_it_saves_or_samples_the_model_is_kept(
    owner: object, name: str, names: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m"
    kill_in(monkeypatch, owner, name)
    assert status_of(monkeypatch, "train", names, "--budget", "0s", "--out", out, "--quiet") == 143
    assert list(tmp_path.iterdir()) == ([] if name == "check_writable" else [out])
    if name != "check_writable":
        mangosaurus.load(out)


def test_a_network_of_windows_is_kept_after_its_last_whole_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(random_window("lstm", "tanh", "hard_sigmoid"), "text", DocumentHashes.of([]), {})
    text = tmp_path / "text.txt"
    text.write_text("".join(NAMES), encoding="utf-8")
    kill_in(monkeypatch, api, "train_further")
    monkeypatch.setattr("mangosaurus.api.verbs.load", lambda path: model)
    assert status_of(monkeypatch, "train", text, "--from", "m", "--out", tmp_path / "m") == 143
    assert {path.name for path in tmp_path.iterdir()} == {"m", text.name}


def test_a_terminal_that_goes_away(names: Path, tmp_path: Path) -> None:
    """The process leads a session on a terminal; when that is closed, it gets SIGHUP, and can print no more."""
    out = tmp_path / "m"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(
            sys.executable, [*HELD, "5", "train", str(names), "--steps", "150", "--hidden", "8", "--out", str(out)]
        )
    said = b""
    while AT.strip().encode() not in said:
        said += os.read(terminal, 1000)  # fails where the process has ended
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 129
    assert mangosaurus.load(out).training["interrupted"]
    assert list(tmp_path.iterdir()) == [out]


def test_interrupted_with_checkpoints_it_is_resumed(names: Path, tmp_path: Path) -> None:
    words = (str(names), "--steps", "150", "--hidden", "8", "--order", "4")
    assert run("train", *words, "--out", tmp_path / "whole", "--quiet").returncode == 0
    command = [*HELD, "9", "train", *words, "--out", str(tmp_path / "m"), "--checkpoint", str(tmp_path / "kept")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        said_until(process.stderr, AT)
        process.terminate()
        said_until(process.stderr, "stopped: the best model so far is in")
    assert process.returncode == 143
    one_line(run("train", names, "--resume", tmp_path / "kept", "--out", tmp_path / "m"), "m exists already", "--force")
    one_line(
        run("train", names, "--resume", tmp_path / "kept", "--layers", "2"), "layers is 2, and the run in", "has None"
    )
    done = run("train", names, "--resume", tmp_path / "kept", "--out", tmp_path / "m", "--force")
    assert done.returncode == 0
    assert "note: going on with network 1 after step" in done.stderr
    assert (tmp_path / "m").read_bytes() == (tmp_path / "whole").read_bytes()


def test_one_training_to_a_file(names: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    with alone(beside(out), "no"):
        done = run_apart("train", names, "--budget", "0", "--out", out)
    one_line(done, f"another training will write {out}; wait for it")
    assert list(tmp_path.iterdir()) == []
    beside(out).touch()  # of a process that was killed
    assert run("train", names, "--budget", "0", "--out", out).returncode == 0
    assert list(tmp_path.iterdir()) == [out]
