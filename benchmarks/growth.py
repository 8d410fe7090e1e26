"""How much memory training takes, against the size of the corpus; larger corpora are for `benchmarks.memory`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.memory import peak, write_names
from benchmarks.parts import Given, Part, Result, Run
from mangosaurus.read import bundled

MEGABYTES: tuple[float, ...] = (1, 10, 100)
BUDGET = "10s"
SMALL, SMALL_BUDGET = (0.25, 1), "0s"
SHARE = 25
"""With one letter in so many replaced, the n-gram of 5 MB takes as much memory as that of so much of Shakespeare."""
ABOUT = f"""The highest resident memory of `mangosaurus train --format text --budget {BUDGET}`, mapped files included,
on texts made of the bundled names over and over, with one letter in {SHARE} replaced by another. Files of more than 16
MB are not read into memory, and the seconds for encoding them are taken whatever the budget; the cache is empty each
time."""


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
