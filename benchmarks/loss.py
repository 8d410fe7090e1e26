"""Held-out loss against training seconds: the n-gram, the networks, their mixture, and two peers.

Every run is a subprocess, so that contenders share no threads, imports or memory. The clock starts for all alike when
the libraries are imported and the corpus is read.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import mangosaurus
from benchmarks.held_out import Split, nats, read, split
from benchmarks.parts import Given, Part, Result, Run, emit, in_subprocess
from mangosaurus.data.read import corpus_of
from mangosaurus.models.interface import CharModel
from mangosaurus.models.mixture import Mixture

BUDGETS = (1.0, 2.0, 5.0, 10.0, 20.0)
MARKS = (*BUDGETS, 40.0)
"""Peers train for twice the longest budget."""
SMALL = (3.0,)
NAMES = {
    "ngram": "n-gram",
    "lstm": "LSTM alone",
    "mixture": "mixture",
    "torch": "plain torch LSTM",
    "keras": "Keras 3, its example",
}
LIBRARIES = ("keras", "tensorflow", "tensorflow-cpu")
ABOUT = """A tenth of the names, drawn once, is held out (of a text, the last tenth). Every contender learns from the
rest. All are measured on the same symbols: every character of each held-out name and its END. The n-gram is a budget
of zero seconds. Each mixture is a fit of its own with the named budget; "LSTM alone" are the networks of that fit
without the n-gram. The peers train once; the clock stops while they are measured, and their best point is chosen by
the test part itself, which favours them. Nothing of ours is chosen by it. Seconds are wall time from the start of the
fit, without imports. Keras runs on TensorFlow if it is installed, else on torch. Each round has its own seed."""


def own(split: Split, budget: float, seed: int) -> Iterator[Result]:
    """Our fit: its loss, and that of its networks alone."""
    import_module("mangosaurus.training.recipe")
    if budget:
        import_module("torch")
        import_module("mangosaurus.training.ensemble")
    corpus = corpus_of(split.train, split.kind)
    started = time.perf_counter()
    model = mangosaurus.fit(corpus, budget=budget, seed=seed).distribution
    seconds = time.perf_counter() - started
    losses: dict[str, CharModel] = {f"mixture.{budget:g}" if budget else "ngram": model}
    if isinstance(model, Mixture) and model.networks:
        losses[f"lstm.{budget:g}"] = networks_alone(model)
    for name, measured in losses.items():
        with threadpool_limits(1, user_api="blas"):
            yield Result(f"{name}.nats", nats(measured.score, split), "nats per symbol")
        yield Result(f"{name}.seconds", seconds, "s")


def networks_alone(model: Mixture) -> Mixture:
    """The same networks, with exponent 1 for them and 0 for the n-gram everywhere."""
    order = model.ngram.order
    weights = np.zeros((order + 3, 2))
    weights[:order, 1] = 1.0  # the first features are one-hot: one of them is always 1
    return Mixture(model.ngram, model.networks, weights)


def contenders(given: Given) -> Mapping[str, Run]:
    path = given.folder / "split.json"
    split(given.corpus).write(path)
    budgets, marks = (SMALL, SMALL) if given.small else (BUDGETS, MARKS)
    words = {"n-gram": ["own", "0"]} | {f"mixture, {budget:g} s": ["own", f"{budget:g}"] for budget in budgets}
    if find_spec("torch") is None:
        return {"n-gram": partial(run, path, words["n-gram"])}
    words["plain torch LSTM"] = ["torch", *map(str, marks)]
    if not given.small and find_spec("keras"):
        words["Keras 3"] = ["keras", *map(str, marks)]
    return {name: partial(run, path, chosen) for name, chosen in words.items()}


def run(path: Path, words: Sequence[str], number: int) -> list[Result]:
    """One run of one contender, in a subprocess."""
    return in_subprocess("benchmarks.loss", str(path), str(number), *words)


def label(key: str) -> str:
    """As "mixture, 5 s: loss" for `mixture.5.nats`."""
    name, *middle, what = key.split(".")
    when = "".join(", at its best" if each == "best" else f", {each} s" for each in middle)
    return f"{NAMES[name]}{when}: {'loss' if what == 'nats' else 'seconds taken'}"


PART = Part("loss", "Held-out loss against training seconds", ABOUT, contenders, label, libraries=LIBRARIES)


def main() -> None:
    parser = argparse.ArgumentParser(description="One run of one contender, for benchmarks.parts.in_subprocess.")
    parser.add_argument("split", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("who", choices=["own", "torch", "keras"])
    parser.add_argument("seconds", type=float, nargs="+")
    options = parser.parse_args()
    parts = read(options.split)
    if options.who == "own":
        emit(own(parts, options.seconds[0], options.seed))
    else:
        peer = import_module(f"benchmarks.{options.who}_lstm")
        emit(peer.train(parts, options.seconds, options.seed))


if __name__ == "__main__":
    main()
