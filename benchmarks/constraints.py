"""How long wishes take to compile, and how long a batch takes to step: `python -m benchmarks.constraints`.

Medians of five. The names to avoid are made up: 100,000 of 5 to 15 letters, frequent letters first, as in real lists.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.reference import machine
from mangosaurus.errors import OptionError
from mangosaurus.generation.asked import Constraints
from mangosaurus.generation.constraint import compile_constraints
from mangosaurus.vocabulary import Vocabulary

VOCABULARY = Vocabulary("abcdefghijklmnopqrstuvwxyz")
ROWS, RUNS = 1024, 5


def median_seconds(action: Callable[[], object]) -> float:
    """The median wall time of RUNS calls, after one that does not count."""
    action()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def made_up(count: int, seed: int = 0) -> tuple[str, ...]:
    """Names of 5 to 15 letters, every third name the beginning of another."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 16, count)
    letters = VOCABULARY.decode(1 + (26 * rng.random((count, 15)) ** 2).astype(np.int64).ravel())
    names = [letters[15 * place : 15 * place + length] for place, length in enumerate(lengths)]
    return tuple(names[place - 1][:6] if place % 3 == 2 else name for place, name in enumerate(names))


def main() -> None:
    print(machine())
    avoid = made_up(100_000)
    cases = {
        "a suffix, 6 to 12 long": Constraints(suffix="raptor", min_length=6, max_length=12),
        "z.*qu.*don": Constraints(pattern=("z.*qu.*don",)),
        ".*a.{12} (8,192 states)": Constraints(pattern=(".*a.{12}",)),
        "(a|b)*a(a|b){20}": Constraints(pattern=("(a|b)*a(a|b){20}",)),
        "(.{0,90}){90}": Constraints(pattern=("(.{0,90}){90}",)),
        "avoid 100,000 names": Constraints(avoid=avoid),
        "avoid 100,000 names, ending in a, 4 to 12 long": Constraints(
            avoid=avoid, suffix="a", min_length=4, max_length=12
        ),
        "avoid 100,000 names inside": Constraints(avoid=avoid, avoid_parts=True),
    }
    for name, wishes in cases.items():
        try:
            automaton = compile_constraints(wishes, VOCABULARY)
        except OptionError:
            started = time.perf_counter()
            try:
                compile_constraints(wishes, VOCABULARY)
            except OptionError:
                print(f"{name}: refused after {time.perf_counter() - started:.2f} s")
            continue
        seconds = median_seconds(partial(compile_constraints, wishes, VOCABULARY))
        rng = np.random.default_rng(1)
        states, symbols = rng.integers(0, automaton.states, ROWS), rng.integers(1, len(VOCABULARY), ROWS)
        step = median_seconds(partial(automaton.step, states, symbols))
        allowed = median_seconds(partial(automaton.allowed, states, 12))
        print(
            f"{name}: {seconds:.2f} s, {automaton.states:,} states; "
            f"{ROWS:,} rows: step {1e3 * step:.2f} ms, allowed {1e3 * allowed:.2f} ms"
        )


if __name__ == "__main__":
    main()
