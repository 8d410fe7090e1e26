"""Names under constraints, how fast and how true: `python -m benchmarks.constraints [--record]`.

Times are medians of three seeds with the bundled dinosaurs. The model is loaded and has been called once. 100,000 names
under random constraints are then checked one by one. tests/generation compares their distribution with enumeration.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import mangosaurus
from benchmarks.record import Figure, figure, record_if, recording_parser
from benchmarks.reference import machine
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints

SETS, NAMES, AVOIDED = 200, 510, 100_000
RARE = "[Zz].*qu.*don"
LETTERS = Vocabulary("abcdefghijklmnopqrstuvwxyz")


def main() -> None:
    parser = recording_parser(__doc__)
    options = parser.parse_args()
    print(machine())
    record_if(options.record, "constraints", times() | satisfaction())


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


def satisfaction() -> dict[str, Figure]:
    """Counts the names of an n-gram of the dinosaurs that break one of their constraints."""
    model = mangosaurus.fit(budget=0)
    rng = np.random.default_rng(1)
    names = wrong = sets = 0
    while sets < SETS:
        constraints = random_constraints(rng)
        try:
            found = model.sample(NAMES, seed=sets, allow_known=True, allow_duplicates=True, **constraints)
        except OptionError:  # they contradict each other
            continue
        sets += 1
        names += len(found)
        wrong += sum(not meets(name, constraints) for name in found)
    print(f"{names:,} names under {sets} random constraints: {wrong} break them (must: 0)")
    return {"names": figure([names]), "wrong": figure([wrong])}


def random_constraints(rng: np.random.Generator) -> dict[str, Any]:
    """Several constraints at once, each of them in every second case or so."""
    letters = list("aeorstu")

    def text(most: int) -> str:
        return "".join(rng.choice(letters, rng.integers(0, most + 1)))

    a, b = rng.choice(letters, 2, replace=False)
    patterns = [f".*{a}.{{2}}", f"({a}{b}|[^{a}])+", f"[^{b}]*", f"({a}{a}|.)*{b}?", "(..)*", f".*({a}|{b}).*"]
    return {
        "prefix": text(2).capitalize() if rng.random() < 0.3 else "",
        "suffix": text(2),
        "contains": (text(2),) if rng.random() < 0.4 else (),
        "pattern": (f"(?i:{rng.choice(patterns)})",) if rng.random() < 0.4 else (),
        "min_length": int(rng.integers(1, 4)) if rng.random() < 0.3 else None,
        "max_length": int(rng.integers(8, 20)),
        "without": str(rng.choice(letters)) if rng.random() < 0.2 else "",
        "avoid": tuple(text(3) for _ in range(rng.integers(0, 5))),
        "avoid_parts": bool(rng.random() < 0.2),
    }


def meets(name: str, constraints: Mapping[str, Any]) -> bool:
    """Whether a name meets all constraints, in plain Python."""
    avoided = [word for word in constraints["avoid"] if word]
    return (
        name != ""
        and name.startswith(constraints["prefix"])
        and name.endswith(constraints["suffix"])
        and all(part in name for part in constraints["contains"])
        and all(re.fullmatch(pattern, name) for pattern in constraints["pattern"])
        and (constraints["min_length"] or 0) <= len(name) <= constraints["max_length"]
        and not set(name) & set(constraints["without"])
        and (not any(word in name for word in avoided) if constraints["avoid_parts"] else name not in avoided)
    )


if __name__ == "__main__":
    main()
