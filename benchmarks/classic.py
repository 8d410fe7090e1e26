"""How fast is the exercise's loop? A part of `python -m benchmarks`.

Times `mangosaurus.classic.model` in NumPy, a plain transcription of its formulas as a learner would write it, and the
compiled loop, without the time to compile it. The NumPy loops run one iteration in SHARE, and their times are scaled
up. Then the compiled loop's first call, which compiles, each time in a new process.
"""

# ruff: noqa: NPY002 - the exercise is defined by NumPy's global generator

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec

import numpy as np

from benchmarks.parts import Given, Part, Result, Run
from mangosaurus.classic import rnn
from mangosaurus.data.sources import bundled

ITERATIONS, SMALL, SHARE = 35_000, 3_500, 5
NAMES = {
    "numpy.rate": "the loop in NumPy",
    "transcription.rate": "a plain transcription of its formulas",
    "compiled.rate": "the same arithmetic compiled by Numba",
    "first.compiling": "the compiled loop's first call in a process, which compiles",
}
ABOUT = f"""The course's training loop: one name at a time, 50 units, plain gradient descent, {ITERATIONS:,} iterations
over the bundled list. The two loops in NumPy run one iteration in {SHARE}."""
FIRST_CALL = """
import time
from mangosaurus.classic import model
ids = {"\\n": 0, "a": 1, "b": 2}
start = time.perf_counter()
model("ab\\nba", dict(enumerate(ids)), ids, 1, vocab_size=3, dino_names=0, compiled=True, report=len)
print(time.perf_counter() - start)
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


def first_call(number: int) -> list[Result]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FIRST_CALL]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [Result("first.compiling", float(done.stdout), "s")]


def contenders(given: Given) -> Mapping[str, Run]:
    iterations = SMALL if given.small else ITERATIONS
    few = iterations // SHARE
    data = bundled().lower()
    characters = sorted(set(data))
    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))

    def model(count: int, compiled: bool) -> None:
        size = len(characters)
        rnn.model(data, ix_to_char, char_to_ix, count, vocab_size=size, compiled=compiled, report=lambda report: None)

    def run(name: str, work: Callable[[], object], scale: float) -> Run:
        return lambda number: [Result(f"{name}.rate", iterations / (scale * seconds(work)), "iterations/s")]

    runs = {
        "NumPy": run("numpy", lambda: model(few, False), SHARE),
        "transcription": run("transcription", lambda: transcription(data, char_to_ix, few), SHARE),
    }
    if find_spec("numba"):
        model(1, True)  # compiling does not count
        runs["compiled"] = run("compiled", lambda: model(iterations, True), 1)
    if find_spec("numba") and not given.small:
        runs["first call"] = first_call
    return runs


PART = Part("classic", "The exercise's loop", ABOUT, contenders, NAMES.__getitem__, libraries=("numba",))
