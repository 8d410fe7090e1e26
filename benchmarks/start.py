"""Start-up times, each of a new process: the command line's, and `import numpy` to compare with."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from benchmarks.parts import Given, Part, Result, Run

NAMES = {
    "numpy": "`python -c 'import numpy'`, to compare with",
    "help": "`mangosaurus --help`",
    "sample": "`mangosaurus sample -n 10`",
    "write": "`mangosaurus write`, until its first character",
}
ABOUT = """Wall time of a new process, from its start to its end; of `write`, until the first character behind the
prompt can be read. Everything was started once before, so that the files are in the system's memory."""


def command(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-m", "mangosaurus", *words], check=True, capture_output=True)


def first_character() -> None:
    """Starts `mangosaurus write` and waits for the first character behind the prompt."""
    words = [sys.executable, "-m", "mangosaurus", "write", "--prompt", "Shall", "--length", "100000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(len("Shall") + 1)
        process.kill()


def import_numpy() -> None:
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)


def timed(name: str, action: Callable[[], object]) -> Run:
    """A run that measures the seconds of an action."""

    def run(number: int) -> list[Result]:
        started = time.perf_counter()
        action()
        return [Result(name, time.perf_counter() - started, "s")]

    return run


def contenders(given: Given) -> Mapping[str, Run]:
    actions: dict[str, Callable[[], object]] = {
        "numpy": import_numpy,
        "help": command("--help"),
        "sample": command("sample", "-n", "10"),
        "write": first_character,
    }
    return {name: timed(name, action) for name, action in actions.items()}


PART = Part("start", "Start-up times", ABOUT, contenders, NAMES.__getitem__, warm=True)
