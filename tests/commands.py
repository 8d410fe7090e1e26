"""The command line, run as its users do: in a process of its own, or, where that makes no difference, in this one.

A process of its own takes half a second to start, and two where torch is imported. `test_commands.py` compares the two
for every command.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest
from examples import NAMES
from patience import PATIENCE

import mangosaurus
from mangosaurus.__main__ import main

RUN = [sys.executable, "-m", "mangosaurus"]
HELD = [sys.executable, str(Path(__file__).with_name("held.py"))]
"""Followed by a step and by `train ...`: a training that waits at this step for a signal."""
WIDTH = {"COLUMNS": "120"}

Done = subprocess.CompletedProcess[str]


def run(*words: str | Path, input: str = "", cwd: Path | None = None) -> Done:
    """What the command does, in this process: where no signal, lock, limit or terminal is tested.

    What it leaves uncaught, a warning too, is raised here.
    """
    given = ["mangosaurus", *map(str, words)]
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", buffering=1) as err,
    ):
        for name, value in WIDTH.items():
            patch.setenv(name, value)
        if cwd is not None:
            patch.chdir(cwd)
        patch.setattr(sys, "argv", given)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input.encode()), encoding="utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        with pytest.raises(SystemExit) as left:
            main()
        status = left.value.code or 0
        assert isinstance(status, int)
        for file in (out, err):
            file.seek(0)
        return Done(given, status, out.read(), err.read())


def run_apart(*words: str | Path, input: str | None = None, cwd: Path | None = None) -> Done:
    """The same in a process of its own."""
    # No other encoding than UTF-8 may change what is read or printed.
    environment = os.environ | WIDTH | {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [*RUN, *map(str, words)],
        input=input,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
        timeout=PATIENCE,
    )


def started(*command: str | Path) -> subprocess.Popen[str]:
    """A process whose three streams are pipes of UTF-8."""
    pipe = subprocess.PIPE
    return subprocess.Popen(list(map(str, command)), stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8")


def said_until(stream: IO[str] | None, text: str) -> str:
    """What a process says up to the line that has `text`. Fails as soon as the process has ended without it."""
    assert stream is not None
    said = ""
    for line in stream:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it ended without {text!r}: {said}")


def one_line(done: Done, *parts: str) -> None:
    """Nothing on standard output, exit status 2, and one line on standard error with all of `parts` in it."""
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")
    for part in parts:
        assert part in done.stderr


@pytest.fixture(scope="session")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of names. No test writes to its folder."""
    path = tmp_path_factory.mktemp("corpus") / "names.txt"
    path.write_text("".join(f"{name}\n" for name in NAMES), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def model(names: Path) -> Path:
    """A model of this list."""
    path = names.with_name("names.safetensors")
    mangosaurus.fit(names, budget=0).save(path)
    return path
