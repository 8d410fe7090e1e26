"""Running the command line in a process of its own, as its users do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUN = [sys.executable, "-m", "mangosaurus"]


def run(*words: str | Path, input: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    # No other encoding than UTF-8 may change what is read or printed.
    environment = os.environ | {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8", "COLUMNS": "120"}
    return subprocess.run(
        [*RUN, *map(str, words)],
        input=input,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
        timeout=120,
    )


def one_line(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Nothing on standard output, exit status 2, and one line on standard error with all of `parts` in it."""
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")
    for part in parts:
        assert part in done.stderr
