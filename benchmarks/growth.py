"""The memory of training against the size of the corpus. `benchmarks.memory` measures larger corpora."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.memory import peak, write_names
from benchmarks.parts import Given, Part, Result, Run
from mangosaurus.data.sources import bundled

MEGABYTES: tuple[float, ...] = (1, 10, 100)
BUDGET = "10s"
SMALL, SMALL_BUDGET = (0.25, 1), "0s"
SHARE = 25
"""One letter in this many is replaced: the n-gram of 5 MB is then as large as that of 5 MB of Shakespeare."""
ABOUT = f"""This is the highest resident memory of mangosaurus train --format text --budget {BUDGET}, with mapped files.
The texts repeat the bundled names, with one letter in {SHARE} replaced. Files of more than 16 MB are not read into
memory, and encoding them takes its time whatever the budget. The cache is empty each time."""


def contenders(given: Given) -> Mapping[str, Run]:
    budget = SMALL_BUDGET if given.small else BUDGET
    runs: dict[str, Run] = {}
    for megabytes in SMALL if given.small else MEGABYTES:
        path = given.folder / f"{megabytes:g}.txt"
        write_names(path, int(megabytes * 10**6), bundled().split(), SHARE)
        runs[f"{megabytes:g} MB"] = partial(trained, megabytes, path, budget)
    return runs


def trained(megabytes: float, path: Path, budget: str, number: int) -> list[Result]:
    """Trains once, with the number of the round as the seed."""
    out = path.with_suffix(".safetensors")
    options = ("--format", "text", "--budget", budget, "--seed", str(number), "--out", str(out), "--force", "--quiet")
    used, seconds = peak("train", str(path), *options, cache=path.parent / f"cache-{number}")[:2]
    return [Result(f"{megabytes:g}.peak", used, "MB"), Result(f"{megabytes:g}.seconds", seconds, "s")]


def label(key: str) -> str:
    """As "10 MB of text: memory" for `10.peak`."""
    megabytes, _, what = key.rpartition(".")
    return f"{megabytes} MB of text: {'memory' if what == 'peak' else 'seconds taken'}"


PART = Part("growth", "Memory against the size of the corpus", ABOUT, contenders, label)
