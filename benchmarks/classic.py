"""How fast is the exercise's loop? `python benchmarks/classic.py [FILE] [--iterations 35000] [--runs 5]`

Times, in one run and by turns, `mangosaurus.classic.rnn.model` in NumPy, a plain transcription of its
formulas as a learner would write it, and the compiled loop; prints medians in seconds, and speeds as
multiples of the NumPy loop's. The NumPy loops take one iteration in `--share`, and their times are scaled up.
Then the compiled loop's first call, each time in a new process: compiling, and from Numba's on-disk cache.

"""

# ruff: noqa: NPY002 - the exercise is defined by NumPy's global generator

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.classic import rnn

FIRST_CALL = """
import time
start = time.perf_counter()
from mangosaurus.classic import rnn
ids = {"\\n": 0, "a": 1, "b": 2}
numpy_there = time.perf_counter()
rnn.model("ab\\nba", dict(enumerate(ids)), ids, 1, vocab_size=3, dino_names=0, compiled=True, report=len)
print(time.perf_counter() - numpy_there)
"""


def transcription(data: str, char_to_ix: Mapping[str, int], iterations: int) -> float:
    """The formulas as they stand: one dictionary lookup, one dot product after the other, no check."""
    n_a, v = 50, len(char_to_ix)
    P = rnn.initialize_parameters(n_a, v, v)
    names = [line.strip() for line in data.strip().split("\n")]
    np.random.seed(0)
    np.random.shuffle(names)
    a_prev, loss = np.zeros((n_a, 1)), -np.log(1.0 / v) * 7
    for j in range(iterations):
        ids = [char_to_ix[c] for c in names[j % len(names)]]
        X: list[int | None] = [None, *ids]
        Y = [*ids, char_to_ix["\n"]]
        x, a, y = {}, {-1: np.copy(a_prev)}, {}
        total = 0.0
        for t in range(len(X)):
            x[t] = np.zeros((v, 1))
            if X[t] is not None:
                x[t][X[t]] = 1
            a[t] = np.tanh(np.dot(P["Wax"], x[t]) + np.dot(P["Waa"], a[t - 1]) + P["b"])
            z = np.dot(P["Wya"], a[t]) + P["by"]
            e = np.exp(z - np.max(z))
            y[t] = e / e.sum(axis=0)
            total -= np.log(y[t][Y[t], 0])
        G = {name: np.zeros_like(array) for name, array in P.items()}
        da_next = np.zeros_like(a[0])
        for t in reversed(range(len(X))):
            dy = np.copy(y[t])
            dy[Y[t]] -= 1
            G["Wya"] += np.dot(dy, a[t].T)
            G["by"] += dy
            draw = (1 - a[t] * a[t]) * (np.dot(P["Wya"].T, dy) + da_next)
            G["b"] += draw
            G["Wax"] += np.dot(draw, x[t].T)
            G["Waa"] += np.dot(draw, a[t - 1].T)
            da_next = np.dot(P["Waa"].T, draw)
        for name in G:
            np.clip(G[name], -5, 5, out=G[name])
            P[name] += -0.01 * G[name]
        a_prev = a[len(X) - 1]
        loss = loss * 0.999 + total * 0.001
        if j % 2000 == 0:
            for seed in range(7):
                rnn.sample(P, char_to_ix, seed)
    return float(loss)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def first_call(cache: str) -> float:
    environment = os.environ | {"NUMBA_CACHE_DIR": cache, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description="Times the exercise's loop.")
    parser.add_argument("file", nargs="?", type=Path, help="names, one a line; default: the bundled list")
    parser.add_argument("--iterations", type=int, default=35000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--share", type=int, default=5, help="the NumPy loops take one iteration in so many")
    options = parser.parse_args()
    source: Any = options.file or resources.files("mangosaurus") / "corpora" / "dinosaurs.txt"
    data = source.read_text(encoding="utf-8").lower()
    characters = sorted(set(data))
    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))
    few = max(1, options.iterations // options.share)
    scale = options.iterations / few

    def model(iterations: int, compiled: bool) -> None:
        rnn.model(
            data,
            ix_to_char,
            char_to_ix,
            iterations,
            vocab_size=len(characters),
            compiled=compiled,
            report=lambda report: None,
        )

    model(1, True)
    times: dict[str, list[float]] = {"NumPy": [], "transcription": [], "compiled": []}
    for _ in range(options.runs):
        times["NumPy"].append(scale * seconds(lambda: model(few, False)))
        times["transcription"].append(scale * seconds(lambda: transcription(data, char_to_ix, few)))
        times["compiled"].append(seconds(lambda: model(options.iterations, True)))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{options.iterations} iterations, {len(data)} characters, median of {options.runs}")
    for name, median in medians.items():
        print(f"{name:14} {median:8.3f} s   {medians['NumPy'] / median:6.2f} times the NumPy loop's speed")
    with tempfile.TemporaryDirectory() as cache:
        print(f"first call, compiling   {first_call(cache):6.2f} s")
        print(f"first call, from cache  {first_call(cache):6.2f} s")


if __name__ == "__main__":
    main()
