"""The speed of names under constraints: `python -m benchmarks.constraints [--record]`.

Times are medians of three seeds with the bundled dinosaurs. The model is loaded and has been called once.
tests/generation checks that names satisfy their constraints, and compares their distribution with enumeration.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import mangosaurus
from benchmarks.record import Figure, figure, machine, record_if, recording_parser
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints

AVOIDED = 100_000
RARE = "[Zz].*qu.*don"
LETTERS = Vocabulary("abcdefghijklmnopqrstuvwxyz")


def main() -> None:
    parser = recording_parser(__doc__)
    options = parser.parse_args()
    print(machine())
    record_if(options.record, "constraints", times())


def times() -> dict[str, Figure]:
    """Prints how long names under constraints take, and returns the seconds."""
    model = mangosaurus.load()
    model.sample(10, seed=0, suffix="raptor")

    def sample(n: int, **constraints: Any) -> Callable[[int], str]:
        def run(seed: int) -> str:
            found = model.sample(n, seed=seed, **constraints)
            size = "exact" if found.exact else f"effective sample size {found.effective:.1f}"
            return f"{len(found):,} names, {found.drawn:,} drawn, {size}"

        return run

    def top(n: int, **constraints: Any) -> Callable[[int], str]:
        return lambda seed: model.top(n, **constraints).summary()

    avoid = Constraints(avoid=made_up_names(AVOIDED))
    report(
        f"{AVOIDED:,} names to avoid, compiled",
        2,
        lambda seed: f"{compile_constraints(avoid, LETTERS).states:,} states",
    )
    figures = {
        "raptor": report("1,000 ending in raptor, 6 to 12 long", 1, sample(1000, suffix="raptor", length="6..12")),
        "rare": report(f"100 matching {RARE}", 5, sample(100, pattern=RARE)),
        "top": report("top 100", 5, top(100)),
    }
    met = [model.sample(100, seed=seed, pattern=RARE).probability for seed in (1, 2, 3)]
    figures["rare.one_in"] = figure([1 / each for each in met if each])
    report("top 100 ending in raptor", 5, top(100, suffix="raptor"))
    report("top 100 ending in venator, new", 5, top(100, suffix="venator", new=True))
    report("1,000 by gumbel", 1, sample(1000, method="gumbel"))
    return figures


def report(name: str, most: float, run: Callable[[int], str]) -> Figure:
    """Runs it with three seeds. Prints the median of the seconds and the last run's remark, and returns the seconds."""
    seconds = []
    for seed in (1, 2, 3):
        started = time.perf_counter()
        remark = run(seed)
        seconds.append(time.perf_counter() - started)
    print(f"{name}: {sorted(seconds)[1]:.2f} s (must: {most} s); {remark}", flush=True)
    return figure(seconds, "s")


def made_up_names(count: int) -> tuple[str, ...]:
    """Names of 5 to 15 letters. Every third is the beginning of another."""
    rng = np.random.default_rng(0)
    letters = LETTERS.decode(1 + (26 * rng.random((count, 15)) ** 2).astype(np.int64).ravel())
    names = [letters[15 * place : 15 * place + length] for place, length in enumerate(rng.integers(5, 16, count))]
    return tuple(names[place - 1][:6] if place % 3 == 2 else name for place, name in enumerate(names))


if __name__ == "__main__":
    main()
