"""Sampling rates of the bundled models: many names at once, one by one, with constraints; a text."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import mangosaurus
from benchmarks.parts import Given, Part, Result, Run

BATCH, SINGLE, CONSTRAINED, TOP, CHARACTERS = 10_000, 50, 1_000, 100, 4_000
NAMES = {
    "batch.seconds": f"{BATCH:,} names at once",
    "batch.rate": "the same, as a rate",
    "single.rate": "one name a call",
    "suffix.seconds": f"{CONSTRAINED:,} names that end in raptor, 6 to 12 characters long",
    "top.seconds": f"the {TOP} most probable names, with proof",
    "stream.rate": f"one text of {CHARACTERS:,} characters, from the bundled model of sonnets",
}
ABOUT = """The bundled models are loaded, and each call is made once before the clock starts. Every round has its own
seed. Names come from the model of dinosaurs, a mixture of an n-gram and networks. All are distinct and new: none is in
the training list."""


def contenders(given: Given) -> Mapping[str, Run]:
    names, text = mangosaurus.load(), mangosaurus.load("sonnets")

    def one_by_one(seed: int) -> None:
        for number in range(SINGLE):
            names.sample(1, seed=SINGLE * seed + number)

    def run(action: Callable[[int], object], *keys: tuple[str, float, str]) -> Run:
        def measured(seed: int) -> list[Result]:
            started = time.perf_counter()
            action(seed)
            seconds = time.perf_counter() - started
            return [Result(key, count / seconds if count else seconds, unit) for key, count, unit in keys]

        return measured

    return {
        "names at once": run(
            lambda seed: names.sample(BATCH, seed=seed), ("batch.seconds", 0, "s"), ("batch.rate", BATCH, "names/s")
        ),
        "one by one": run(one_by_one, ("single.rate", SINGLE, "names/s")),
        "constraints": run(
            lambda seed: names.sample(CONSTRAINED, seed=seed, suffix="raptor", length="6..12"),
            ("suffix.seconds", 0, "s"),
        ),
        "top": run(lambda seed: names.top(TOP), ("top.seconds", 0, "s")),
        "a text": run(
            lambda seed: text.sample(1, max_length=CHARACTERS, seed=seed), ("stream.rate", CHARACTERS, "characters/s")
        ),
    }


PART = Part("sampling", "Sampling rates", ABOUT, contenders, NAMES.__getitem__, warm=True)
