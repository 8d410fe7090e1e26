"""Sampling rates, start-up times and kept budgets: `python -m benchmarks.speed [MODEL OF TINYSHAKESPEARE]`.

Without a model file, one is trained on the reference corpus first, which takes two minutes. Medians of five.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import mangosaurus
from benchmarks.reference import data_folder, machine

RUNS = 5


def median_seconds(action: Callable[[], object]) -> float:
    """The median wall time of RUNS calls, after one that does not count."""
    action()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


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
    print(machine())
    bundled = mangosaurus.load()
    seconds = median_seconds(lambda: bundled.sample(10_000, seed=1))
    print(f"10,000 unique new names from the bundled model: {seconds:.2f} s (must 1, aim 0.4)")

    if len(sys.argv) > 1:
        text = mangosaurus.load(sys.argv[1])
    else:
        text = mangosaurus.fit(data_folder() / "tinyshakespeare.train.txt", budget=120)
    seconds = median_seconds(lambda: text.sample(1, max_length=4_000, seed=1))
    print(f"one stream of text, {text.info()['model']}: {4_000 / seconds:,.0f} characters/s (must 6,000, aim 15,000)")

    print(f"mangosaurus sample -n 10: {median_seconds(command('sample', '-n', '10')):.2f} s (must 0.6, aim 0.3)")
    print(f"mangosaurus write, first character: {median_seconds(first_character):.2f} s (must 0.5)")
    print(f"mangosaurus --help: {median_seconds(command('--help')):.2f} s (must 0.3)")
    for budget in (1, 2, 3, 5, 10, 20):
        started = time.perf_counter()
        mangosaurus.fit(budget=budget)
        print(f"fit with a budget of {budget} s: {time.perf_counter() - started:.2f} s (must {1.1 * budget + 2:.1f})")


if __name__ == "__main__":
    main()
