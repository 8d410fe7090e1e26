"""Likes and dislikes: `python -m benchmarks.steering --lists FILE [--lists-most N] [--record]`.

Splits lists that the prior has never read in two by a trait, learns from both halves together in 0 s, likes ten names
of one half, and draws a hundred: what share of them is of that half? Without likes it is half of them, on average over
the two halves. The traits are

- ending: names that end in a vowel, and the others;
- first: the first half of the alphabet, by the first letter, and the second;
- length: names shorter than the median, and longer ones; the names of the median length are left out, and count half;
- language: two lists mixed, of the sources fictional and geonames by twos in their order; a model with the two whole
  lists as labels tells which of them a new name is of.

Both halves are liked in turn. Also measured: the same with ten names of the other half disliked; how many samples are
within one edit of a liked name; how many are well formed, by how many are without likes; nats per symbol of other names
of the liked half, which nothing has learnt from; and the time. `few` is the same with three names liked, three disliked
and both, as on a page, and fifty samples; `repeats` is the share of samples that stutter, less that without likes.

The lists are those of `benchmarks.short_lists`, whose file `tools/prior_lists.py` makes. The constants of
training/steering.py were chosen on other lists that the prior has not read.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein

import mangosaurus
from benchmarks.likeness import share, well_formed
from benchmarks.record import Figure, figure, machine, record_if, recording_parser

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import prior_lists

LIKED, SAMPLES = 10, 100
FEW, OF_FEW = 3, 50
STUTTER = re.compile(r"(.{2,4})\1|(.)\2\2", re.IGNORECASE)
"""Two to four characters twice in a row, or one three times."""
MOST_OF_A_HALF, FEWEST_OF_A_HALF = 100, 25
HELD_OUT = 15
"""Names of each half that nothing learns from, at most; a third of a small half."""
MIXED = ("fictional/", "geonames/")

Judge = Callable[[str], float]
"""1 for a name of the first half, 0 for one of the second, 0.5 for neither."""


class Halves(NamedTuple):
    """A list in two halves of one size."""

    trait: str
    halves: tuple[list[str], list[str]]
    judge: Callable[[Sequence[str]], list[float]]
    """Of each name: see `Judge`."""


def letter(character: str) -> str:
    """A letter without case and accents."""
    return unicodedata.normalize("NFD", character.casefold())[0]


def by_ending(names: Sequence[str]) -> Judge:
    return lambda name: float(letter(name[-1]) in "aeiouy")


def by_first(names: Sequence[str]) -> Judge:
    """The cut between two letters that makes the halves most alike in size."""
    letters = sorted(letter(name[0]) for name in names)
    cut = min(sorted(set(letters)), key=lambda each: abs(sum(one < each for one in letters) - len(letters) / 2))
    return lambda name: float(letter(name[0]) < cut)


def by_length(names: Sequence[str]) -> Judge:
    middle = sorted(map(len, names))[len(names) // 2]
    return lambda name: 0.5 + 0.5 * ((len(name) < middle) - (len(name) > middle))


TRAITS: dict[str, Callable[[Sequence[str]], Judge]] = {"ending": by_ending, "first": by_first, "length": by_length}


def halves_of(trait: str, names: Sequence[str], rng: random.Random) -> Halves | None:
    """A list split by a trait; None if a half is too small."""
    judge, shuffled = TRAITS[trait](names), rng.sample(names, len(names))
    first, second = ([name for name in shuffled if judge(name) == of] for of in (1, 0))
    size = min(len(first), len(second), MOST_OF_A_HALF)
    return (
        None
        if size < FEWEST_OF_A_HALF
        else Halves(trait, (first[:size], second[:size]), lambda names: [*map(judge, names)])
    )


def mixed(one: Sequence[str], two: Sequence[str], rng: random.Random) -> Halves:
    """Two lists mixed, without the names that both have."""
    first, second = sorted(set(one) - set(two)), sorted(set(two) - set(one))
    whole = min(len(first), len(second))
    first, second = rng.sample(first, whole), rng.sample(second, whole)

    told = mangosaurus.fit([*first, *second], budget=0, labels=["one"] * whole + ["two"] * whole)
    size = min(whole, MOST_OF_A_HALF)
    return Halves(
        "language", (first[:size], second[:size]), lambda names: [each == "one" for each in told.classify(names).best]
    )


def cases(lists: dict[str, list[str]]) -> Iterator[tuple[str, Halves]]:
    """Every list by every trait, and the mixed ones."""
    for trait in TRAITS:
        for name, names in lists.items():
            found = halves_of(trait, names, random.Random(f"{name} {trait}"))
            if found is not None:
                yield name, found
    for source in MIXED:
        own = [name for name in lists if name.startswith(source)]
        for one, two in [*pairwise(own)][::2]:
            yield f"{one} {two}", mixed(lists[one], lists[two], random.Random(f"{one} {two}"))


def measure(split: Halves) -> list[dict[str, float]]:
    """What is measured of each half."""
    held = min(HELD_OUT, len(split.halves[0]) // 3)
    others, halves = [half[:held] for half in split.halves], [half[held:] for half in split.halves]
    model = mangosaurus.fit([*halves[0], *halves[1]], budget=0, seed=1)
    started = time.perf_counter()
    plain = list(model.sample(SAMPLES, seed=1))
    drawing = time.perf_counter() - started
    found = []
    for side in (0, 1):
        liked, disliked = halves[side][:LIKED], halves[1 - side][:LIKED]

        def of_half(names: Sequence[str], side: int = side) -> float:
            shared = mean(split.judge(names))
            return shared if side == 0 else 1 - shared

        started = time.perf_counter()
        steered = model.like(liked)
        starting = time.perf_counter() - started
        started = time.perf_counter()
        samples = list(steered.sample(SAMPLES, seed=1))
        slower = (time.perf_counter() - started) / drawing
        known = [name for name in others[side] if set(name) <= set(model.vocabulary.characters)]
        found.append(
            {
                "before": of_half(plain),
                "liked": of_half(samples),
                "disliked": of_half(list(model.unlike(disliked).sample(SAMPLES, seed=1))),
                "both": of_half(list(steered.unlike(disliked).sample(SAMPLES, seed=1))),
                "found": len(samples) / SAMPLES,
                "near": share(partial(_near, liked), samples),
                "formed": share(well_formed, samples) - share(well_formed, plain),
                "nats.before": model.evaluate(known).nats_per_symbol,
                "nats.liked": steered.evaluate(known).nats_per_symbol,
                "seconds": starting,
                "slower": slower,
            }
        )
        few: dict[str, dict[str, Any]] = {
            "liked": {"like": liked[:FEW]},
            "disliked": {"unlike": disliked[:FEW]},
            "both": {"like": liked[:FEW], "unlike": disliked[:FEW]},
        }
        for what, names in few.items():
            samples = list(model.sample(OF_FEW, seed=1, **names))
            found[-1] |= {
                f"few.{what}": of_half(samples),
                f"few.{what}.formed": share(well_formed, samples) - share(well_formed, plain),
                f"few.{what}.repeats": share(_stutters, samples) - share(_stutters, plain),
            }
    return found


def _stutters(name: str) -> bool:
    return STUTTER.search(name) is not None


def _near(liked: Sequence[str], name: str) -> bool:
    """Whether a name is within one edit of a liked one."""
    return any(Levenshtein.distance(name, each) <= 1 for each in liked)


def summary(found: dict[str, list[dict[str, float]]]) -> dict[str, Figure]:
    """The means over the lists and both halves, as `ending.liked`, and over the traits, as `liked`."""
    figures = {}
    for trait, rows in found.items():
        figures[f"{trait}.lists"] = figure([len(rows) / 2])
        for what in rows[0]:
            figures[f"{trait}.{what}"] = figure([mean(row[what] for row in rows)])
    for what in next(iter(found.values()))[0]:
        figures[what] = figure([mean(figures[f"{trait}.{what}"].median for trait in found)])
    return figures


def read_options() -> argparse.Namespace:
    parser = recording_parser(__doc__)
    parser.add_argument("--lists", type=Path, required=True, help="the file that tools/prior_lists.py writes")
    parser.add_argument("--lists-most", type=int, help="so many lists, the first ones")
    options = parser.parse_args()
    if options.record and options.lists_most is not None:
        parser.error("--record keeps the whole run: leave out --lists-most")
    return options


def main() -> None:
    options = read_options()
    by_name = {entry.name: entry.names for entry in prior_lists.read(options.lists)}
    chosen = [name for name in prior_lists.BENCHMARKED if name in by_name][: options.lists_most]
    found: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    for name, split in cases({name: by_name[name] for name in chosen}):
        rows = measure(split)
        print(split.trait, name, [round(row["liked"], 2) for row in rows], file=sys.stderr)
        found[split.trait] += rows
    figures = summary(found)
    print(machine())
    for key, value in figures.items():
        print(f"{key:20} {value.median:.3f}")
    record_if(options.record, "steering", figures)


if __name__ == "__main__":
    main()
