"""A part of the benchmarks: its contenders, run by turns, and what they have come to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from benchmarks.record import Figure, Record, figure, record
from mangosaurus.corpus import Corpus


class Result(NamedTuple):
    """One thing that one run of a contender has measured."""

    key: str
    """As `mixture.5.nats`."""
    value: float
    unit: str = ""


Run = Callable[[int], Iterable[Result]]
"""One run of a contender, given the number of the round, from 0: what chance starts from."""


@dataclass(frozen=True)
class Given:
    """What the parts are run on, and how."""

    corpus: Corpus
    folder: Path
    """For their files, empty at the beginning."""
    small: bool = False
    """The form that CI runs: fewer contenders, shorter."""


@dataclass(frozen=True)
class Part:
    """What is measured together."""

    name: str
    title: str
    about: str
    """What is measured and how, for the page."""
    contenders: Callable[[Given], Mapping[str, Run]]
    label: Callable[[str], str]
    """A figure's key in words."""
    warm: bool = False
    """Whether everyone runs once first without being counted."""
    libraries: tuple[str, ...] = ()
    """Those that it runs on, besides NumPy and torch, where they are installed."""

    def record(self, figures: Mapping[str, Figure]) -> Record:
        """A run that has just ended, with the versions of these libraries."""
        run = record(self.name, figures)
        versions = [f"{name} {version(name)}" for name in self.libraries if is_installed(name)]
        return replace(run, machine=", ".join([run.machine, *versions]))


def is_installed(name: str) -> bool:
    """Whether a package of this name is installed."""
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def interleaved(
    contenders: Mapping[str, Run], runs: int, note: Callable[[str], None] = lambda text: None, warm: bool = False
) -> dict[str, Figure]:
    """Every contender once, then every contender again, and so on: what disturbs the machine for a while meets all."""
    if warm:
        for run in contenders.values():
            list(run(0))
    found: dict[str, list[Result]] = {}
    for number in range(runs):
        for name, run in contenders.items():
            note(f"round {number + 1} of {runs}: {name}")
            for result in run(number):
                found.setdefault(result.key, []).append(result)
    return {key: figure([each.value for each in results], results[0].unit) for key, results in found.items()}


def apart(module: str, *words: str) -> list[Result]:
    """What `python -m module words` prints, in a process of its own: a result a line, as `emit` writes it.

    Raises RuntimeError, with the end of what it wrote on standard error, if it fails.
    """
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, encoding="utf-8", env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(words)} has failed: {done.stderr[-2000:]}")
    return [Result(*json.loads(line)) for line in done.stdout.splitlines() if line.startswith("[")]


def emit(results: Iterable[Result]) -> None:
    """Prints results for the process that has asked for them."""
    for result in results:
        print(json.dumps(result), flush=True)
