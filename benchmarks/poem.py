"""The course's poem generator and ours: `python -m benchmarks.poem [--only speed|quality] [--record]`.

Speed: characters a second of one poem. Keras's `predict` loop writes it from the course's Keras file, as in the course
(it needs Keras 3; KERAS_BACKEND sets the backend). Mangosaurus writes from the same file, also from windows of 40
characters, and from the bundled model of the sonnets, whose state is carried. Runs are interleaved.

Quality: the course's architecture and recipe, and `fit` in 30 seconds, learn the first 90 % of the sonnets. The last
10 % are the test part, measured once at the end. The last twentieth of the training part stops the recipe.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import threadpool_limits

import mangosaurus
from benchmarks.record import Figure, figure, record_if, recording_parser
from benchmarks.reference import data_folder, machine
from mangosaurus.classic.poem import PoemModel, build_data, sample, vectorization
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.window import WindowNetwork, WindowParameters

if TYPE_CHECKING:
    from mangosaurus.training.torch_window import Epoch

WINDOW = 40
BUDGET = 30.0
KERAS_FILE = "model_shakespeare_kiank_350_epoch.h5"
RUNS, KERAS_CHARACTERS, AFRESH_CHARACTERS, CARRIED_CHARACTERS = 5, 60, 800, 4000
"""Runs of each, and the characters of a run."""
PAUSE = 0.5
"""Seconds before each run, until the threads of the last one are idle."""


def speed(data: Path) -> dict[str, Figure]:
    """Prints and returns the characters a second of each way."""
    course = mangosaurus.import_keras(data / KERAS_FILE, data / "sonnets.txt")
    carried = mangosaurus.load("sonnets")
    ways: dict[str, tuple[int, Callable[[int], object]]] = {}
    if find_spec("keras") is None:
        print("Keras is not installed: pip install keras to compare with it")
    else:
        ways["Keras"] = KERAS_CHARACTERS, KerasLoop(data / KERAS_FILE, data / "sonnets.txt")
    ways["afresh"] = AFRESH_CHARACTERS, lambda n: course.write(length=n, seed=1)
    ways["carried"] = CARRIED_CHARACTERS, lambda n: carried.write(length=n, seed=1)
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for way in ways.values():
        way[1](way[0])  # the first run does not count
    for _ in range(RUNS):
        for name, (characters, write) in ways.items():
            time.sleep(PAUSE)
            started = time.perf_counter()
            write(characters)
            rates[name].append(characters / (time.perf_counter() - started))
    print(f"characters a second of one poem, median of {RUNS} runs (slowest-fastest)")
    for name, what, must in (
        ("Keras", "the course's file, Keras's predict loop", 0),
        ("afresh", "the course's file here, each window read anew", 10),
        ("carried", f"{carried.info()['model']}, state carried", 200),
    ):
        if name in rates:
            rate = statistics.median(rates[name])
            line = f"{rate:10,.0f}  ({min(rates[name]):,.0f}-{max(rates[name]):,.0f})  {what}"
            if must and "Keras" in rates:
                line += f": {rate / statistics.median(rates['Keras']):,.0f} times Keras (must {must})"
            print(line)
    return {f"speed.{name}": figure(values, "characters/s") for name, values in rates.items()}


class KerasLoop:
    """The course's loop, in a process of its own, so that its idle threads do not slow the others.

    Each step encodes the window, calls `predict`, draws a character and moves the window by one.
    """

    def __init__(self, path: Path, text: Path) -> None:
        words = [sys.executable, "-m", "benchmarks.poem", "--keras", str(path), str(text)]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        print(self._read_line())

    def __call__(self, length: int) -> None:
        assert self._process.stdin is not None
        print(length, file=self._process.stdin, flush=True)
        self._read_line()

    def _read_line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs Keras has ended")
        return line.strip()


def keras_process(path: Path, text: str) -> None:
    """The other end of KerasLoop. It reads numbers of characters, and prints a line when they are written."""
    keras: Any = import_module("keras")
    model = keras.models.load_model(path, compile=False)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}", flush=True)
    characters = sorted(set(text))
    indices = {character: index for index, character in enumerate(characters)}
    for line in sys.stdin:
        window = text[:WINDOW]
        for _ in range(int(line)):
            x = np.zeros((1, WINDOW, len(characters)))
            for place, character in enumerate(window):
                x[0, place, indices[character]] = 1.0
            window = window[1:] + characters[sample(model.predict(x, verbose=0)[0])]
        print("written", flush=True)


def quality(data: Path, most_epochs: int, patience: int) -> dict[str, Figure]:
    """Prints and returns the losses of the course's recipe and of `fit`."""
    train, test = ((data / f"sonnets.{part}.txt").read_text(encoding="utf-8") for part in ("train", "test"))
    vocabulary = Vocabulary.of([train])
    windows = sliding_window_view(vocabulary.encode(test), WINDOW + 1)
    print(f"sonnets, nats per character over the {len(windows):,} positions of the test part with {WINDOW} before them")

    parameters, best_at, seconds, epochs = by_the_recipe(train, vocabulary, most_epochs, patience)
    course = nats(WindowNetwork(parameters), windows)
    print(
        f"{course:8.4f}  the course's architecture by its recipe: best after {best_at[0]} epochs and "
        f"{best_at[1]:.0f} s, ended after {epochs} and {seconds:.0f} s"
    )
    started = time.perf_counter()
    model = mangosaurus.fit(data / "sonnets.train.txt", budget=BUDGET)
    took = time.perf_counter() - started
    found = -float(model.score([test])[0][WINDOW:-1].mean())
    alone = model.evaluate(data / "sonnets.test.txt", window=WINDOW).nats_per_symbol
    print(f"{found:8.4f}  fit, {took:.0f} s: {model.info()['model']}, from the whole text before")
    print(f"{alone:8.4f}  the same, from the {WINDOW} characters before")
    print(
        f"fit is lower by {course - found:.3f} nats (must 0.3), by {course - alone:.3f} from {WINDOW} characters, and "
        f"ready after {took:.0f} s where the recipe's best took {best_at[1]:.0f} s (must be sooner)"
    )
    return {
        "quality.course.loss": figure([course], "nats per character"),
        "quality.course.seconds": figure([best_at[1]], "s"),
        "quality.course.epochs": figure([best_at[0]]),
        "quality.fit.loss": figure([found], "nats per character"),
        "quality.fit.loss_of_window": figure([alone], "nats per character"),
        "quality.fit.seconds": figure([took], "s"),
    }


def by_the_recipe(
    text: str, vocabulary: Vocabulary, most_epochs: int, patience: int
) -> tuple[WindowParameters, tuple[int, float], float, int]:
    """Trains the course's network, and stops `patience` epochs after its lowest held-out loss.

    Returns the network at that loss; the epochs and seconds until then; the seconds and epochs in all. The time for
    measuring the held-out part does not count.
    """
    cut = len(text) * 19 // 20
    indices = {character: index for index, character in enumerate(vocabulary.characters)}
    x, y = vectorization(*build_data(text[:cut], WINDOW), len(indices), indices, WINDOW)
    held_out = sliding_window_view(vocabulary.encode(text[cut - WINDOW :]), WINDOW + 1)
    model = PoemModel(len(indices))
    stop = threading.Event()
    best = (np.inf, model.parameters, (0, 0.0))
    validating = 0.0
    learnt = (0, 0.0)

    def validate(epoch: Epoch) -> None:
        nonlocal best, validating, learnt
        started = time.perf_counter()
        learnt = (epoch.number, epoch.seconds - validating)
        seen = nats(WindowNetwork(epoch.parameters, np.float32), held_out)
        print(
            f"  epoch {epoch.number}, {learnt[1]:.0f} s: training loss {epoch.loss:.3f}, held out {seen:.3f}",
            flush=True,
        )
        if seen < best[0]:
            best = (seen, epoch.parameters, learnt)
        elif epoch.number >= best[2][0] + patience:
            stop.set()
        validating += time.perf_counter() - started

    model.fit(x, y, batch_size=128, epochs=most_epochs, on_epoch=validate, stop=stop)
    return best[1], best[2], learnt[1], learnt[0]


def nats(network: WindowNetwork, windows: IntArray) -> float:
    """Mean -log p of the last symbol of each row of `windows`, (m, WINDOW + 1), given those before it."""
    with threadpool_limits(1, user_api="blas"):  # two threads would wait for each other
        log_probs: FloatArray = network.log_probs(windows[:, :-1])
    return -float(log_probs[np.arange(len(windows)), windows[:, -1]].mean())


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--only", choices=("speed", "quality"))
    parser.add_argument("--epochs", type=int, default=200, help="the most epochs of the course's recipe")
    parser.add_argument("--patience", type=int, default=5, help="epochs without a lower held-out loss that stop it")
    parser.add_argument("--keras", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if options.keras:
        keras_process(options.keras[0], options.keras[1].read_text(encoding="utf-8").lower())
        return
    print(machine())
    figures: dict[str, Figure] = {}
    if options.only != "quality":
        figures |= speed(data_folder())
    if options.only != "speed":
        figures |= quality(data_folder(), options.epochs, options.patience)
    record_if(options.record, "poem", figures)


if __name__ == "__main__":
    main()
