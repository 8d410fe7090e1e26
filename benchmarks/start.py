"""Start-up times of new processes: the command line's, and `import numpy` for comparison."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from benchmarks.parts import Given, Part, Result, Run

NAMES = {
    "numpy": "python -c 'import numpy', for comparison",
    "help": "mangosaurus --help",
    "sample": "mangosaurus sample -n 10",
    "write": "mangosaurus write, until its first character",
}
ABOUT = """This is the wall time of a new process, from start to end. For write it is the time until the first character
after the prompt can be read. Everything runs once before, so the files are in the system's memory."""


def command(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-m", "mangosaurus", *words], check=True, capture_output=True)


def first_character() -> None:
    """Starts `mangosaurus write` and waits for the first character after the prompt."""
    words = [sys.executable, "-m", "mangosaurus", "write", "--prompt", "Shall", "--length", "100000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(len("Shall") + 1)
        process.kill()


def import_numpy() -> None:
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)


def timed(name: str, action: Callable[[], object]) -> Run:
    """A run that times an action."""

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
