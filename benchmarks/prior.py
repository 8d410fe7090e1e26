"""What the prior costs: seconds, rates and sizes of models that have it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import mangosaurus
from benchmarks.parts import Given, Part, Result, Run
from mangosaurus.data.read import read_corpus

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY, BATCH, MB = 40, 1_000, 5_000, 1e6
NAMES = {
    "fit.few": f"fit of {FEW} names, 0 s",
    "fit.many": f"fit of {MANY:,} names, 0 s",
    "like": "mangosaurus sample --like of three names, -n 20",
    "rate.0s": f"{BATCH:,} names at once, 0 s model",
    "rate.10s": f"{BATCH:,} names at once, 10 s model",
    "file.0s": "model file, 0 s",
    "file.10s": "model file, 10 s",
    "wheel": "wheel",
}
ABOUT = """Fits and samples in this process, where each call is made once before the clock starts; --like is a new
process, from start to end. Names come from models of the bundled dinosaurs, and all are distinct and new."""


def fit(key: str, count: int, number: int) -> Iterator[Result]:
    names = list(read_corpus([]).documents)[number : number + count]
    started = time.perf_counter()
    mangosaurus.fit(names, budget=0)
    yield Result(key, time.perf_counter() - started, "s")


def like(number: int) -> Iterator[Result]:
    words = ["sample", "--like", "Galadriel, Elrond, Legolas", "-n", "20", "--seed", str(number)]
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "mangosaurus", *words], check=True, capture_output=True)
    yield Result("like", time.perf_counter() - started, "s")


def model(name: str, learnt: mangosaurus.Model, folder: Path, number: int) -> Iterator[Result]:
    """The rate of a model's new names, and the size of its file."""
    started = time.perf_counter()
    learnt.sample(BATCH, seed=number)
    yield Result(f"rate.{name}", BATCH / (time.perf_counter() - started), "names/s")
    path = folder / f"{name}.safetensors"
    learnt.save(path, overwrite=True)
    yield Result(f"file.{name}", path.stat().st_size / MB, "MB")


def wheel(number: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", out, str(ROOT)]
        subprocess.run(command, check=True, capture_output=True)
        yield Result("wheel", next(Path(out).glob("*.whl")).stat().st_size / MB, "MB")


def contenders(given: Given) -> Mapping[str, Run]:
    runs: dict[str, Run] = {
        "few names": partial(fit, "fit.few", FEW),
        "many names": partial(fit, "fit.many", MANY),
        "a handful": like,
    }
    budgets = {"0s": 0} if given.small or find_spec("torch") is None else {"0s": 0, "10s": 10}
    for name, budget in budgets.items():
        runs[f"model, {budget} s"] = partial(model, name, mangosaurus.fit(budget=budget, seed=0), given.folder)
    if not given.small and find_spec("build"):
        runs["wheel"] = wheel
    return runs


PART = Part("prior", "What the prior costs", ABOUT, contenders, NAMES.__getitem__, warm=True)
