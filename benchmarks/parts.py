"""A part of `python -m benchmarks`: its contenders, run by turns, and their results."""

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
from mangosaurus.data.corpus import Corpus


class Result(NamedTuple):
    """One measurement of one run of a contender."""

    key: str
    """As `mixture.5.nats`."""
    value: float
    unit: str = ""


Run = Callable[[int], Iterable[Result]]
"""One run of a contender. Its argument is the number of the round, from 0, which is the seed."""


@dataclass(frozen=True)
class Given:
    """What the parts run on, and how."""

    corpus: Corpus
    folder: Path
    """For their files; empty at the start."""
    small: bool = False
    """The short form, which CI runs: fewer contenders, shorter."""


@dataclass(frozen=True)
class Part:
    """Contenders that are measured together."""

    name: str
    title: str
    about: str
    """For the page: what is measured, and how."""
    contenders: Callable[[Given], Mapping[str, Run]]
    label: Callable[[str], str]
    """A figure's key in words."""
    warm: bool = False
    """Whether everyone runs once before the rounds."""
    libraries: tuple[str, ...] = ()
    """The libraries it uses besides NumPy and torch."""

    def record(self, figures: Mapping[str, Figure]) -> Record:
        """The record of a run that has just ended, with the versions of the libraries."""
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
    """Runs every contender once a round, so that a disturbance of the machine meets all of them."""
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


def in_subprocess(module: str, *words: str) -> list[Result]:
    """The results that `python -m module words` prints with `emit`, in a subprocess.

    Raises:
        RuntimeError: it failed; with the end of its standard error.
    """
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, encoding="utf-8", env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(words)} failed: {done.stderr[-2000:]}")
    return [Result(*json.loads(line)) for line in done.stdout.splitlines() if line.startswith("[")]


def emit(results: Iterable[Result]) -> None:
    """Prints results for the process that called `in_subprocess`."""
    for result in results:
        print(json.dumps(result), flush=True)
