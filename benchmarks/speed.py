"""Sampling rates, start-up times and kept budgets: `python -m benchmarks.speed [MODEL OF TINYSHAKESPEARE] [--record]`.

Without a model file, one is trained on the reference corpus first, which takes two minutes. Medians of five.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

import mangosaurus
from benchmarks.record import Figure, figure, record_if, record_option
from benchmarks.reference import data_folder, machine

RUNS = 5


def seconds_of(action: Callable[[], object]) -> Figure:
    """The wall time of RUNS calls, after one that does not count."""
    action()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return figure(seconds, "s")


def median_seconds(action: Callable[[], object]) -> float:
    """The median of them."""
    return seconds_of(action).median


def command(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-m", "mangosaurus", *words], check=True, capture_output=True)


def first_character() -> None:
    """Starts `mangosaurus write` and waits for the first character behind the prompt."""
    words = [sys.executable, "-m", "mangosaurus", "write", "--prompt", "Shall", "--length", "100000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(len("Shall") + 1)
        process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", help="a model file; else one is trained on tinyshakespeare")
    record_option(parser)
    options = parser.parse_args()
    record_if(options.record, "speed", measure(options.model))


def measure(model: str | None) -> dict[str, Figure]:
    """Prints all times, and returns them in seconds, by what is done."""
    figures = {}
    print(machine())
    bundled = mangosaurus.load()
    figures["names"] = seconds_of(lambda: bundled.sample(10_000, seed=1))
    print(f"10,000 unique new names from the bundled model: {figures['names'].median:.2f} s (must 1, aim 0.4)")

    if model is not None:
        text = mangosaurus.load(model)
    else:
        text = mangosaurus.fit(data_folder() / "tinyshakespeare.train.txt", budget=120)
    seconds = median_seconds(lambda: text.sample(1, max_length=4_000, seed=1))
    print(f"one stream of text, {text.info()['model']}: {4_000 / seconds:,.0f} characters/s (must 6,000, aim 15,000)")

    for key, action, what in (
        ("sample", command("sample", "-n", "10"), "mangosaurus sample -n 10: {:.2f} s (must 0.6, aim 0.3)"),
        ("write", first_character, "mangosaurus write, first character: {:.2f} s (must 0.5)"),
        ("help", command("--help"), "mangosaurus --help: {:.2f} s (must 0.3)"),
    ):
        figures[key] = seconds_of(action)
        print(what.format(figures[key].median))
    for budget in (1, 2, 3, 5, 10, 20):
        started = time.perf_counter()
        mangosaurus.fit(budget=budget)
        taken = time.perf_counter() - started
        figures[f"budget.{budget}"] = figure([taken], "s")
        print(f"fit with a budget of {budget} s: {taken:.2f} s (must {1.1 * budget + 2:.1f})")
    return figures


if __name__ == "__main__":
    main()
