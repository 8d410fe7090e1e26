"""How fast and how true names come under wishes: `python -m benchmarks.wishes [--record]`.

Times are of the bundled dinosaurs, medians of three seeds, the model loaded and one call made before. The figures on
distributions are of mixtures over the letters a, b and c, whose names of up to four letters are all enumerated, under
random wishes.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import mangosaurus
from benchmarks.record import Figure, figure, record_if, record_option
from benchmarks.reference import machine
from mangosaurus.errors import OptionError
from mangosaurus.generation.asked import Constraints
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraint import compile_constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.recurrent import Layer, Parameters, Recurrent
from mangosaurus.training.kneser_ney import build_ngram
from mangosaurus.vocabulary import END, Vocabulary

RANDOM_WISHES, SAMPLES, LONGEST = 30, 50_000, 4
SETS, NAMES = 200, 510


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    record_option(parser)
    options = parser.parse_args()
    print(machine())
    figures = times() | distributions() | satisfaction()
    record_if(options.record, "wishes", figures)


def times() -> dict[str, Figure]:
    """Prints how long names with wishes take, and returns the seconds."""
    figures: dict[str, Figure] = {}
    model = mangosaurus.load()
    model.sample(10, seed=0, suffix="raptor")

    def sample(n: int, **asked: Any) -> Callable[[int], str]:
        def run(seed: int) -> str:
            found = model.sample(n, seed=seed, **asked)
            size = "exact" if found.exact else f"effective sample size {found.effective:.1f}"
            return f"{len(found):,} names, {found.drawn:,} drawn, {size}"

        return run

    def top(n: int, **asked: Any) -> Callable[[int], str]:
        def run(seed: int) -> str:
            found = model.top(n, **asked)
            return f"{len(found)} names, {found.summary()}"

        return run

    figures["raptor"] = report("1,000 ending in raptor, 6 to 12 long", 1, sample(1000, suffix="raptor", length="6..12"))
    rare = "[Zz].*qu.*don"
    figures["rare"] = report(f"100 matching {rare}", 5, sample(100, pattern=rare))
    met = [model.sample(100, seed=seed, pattern=rare).probability for seed in (1, 2, 3)]
    figures["rare.one_in"] = figure([1 / each for each in met if each])
    figures["top"] = report("top 100", 5, top(100))
    report("top 100 ending in raptor", 5, top(100, suffix="raptor"))
    report("top 100 ending in venator, new", 5, top(100, suffix="venator", new=True))
    report("1,000 by gumbel", 1, sample(1000, method="gumbel"))
    report("1,000 by gumbel, ending in raptor", None, sample(1000, method="gumbel", suffix="raptor"))
    report("1,000 ending in saurus", None, sample(1000, suffix="saurus"))
    return figures


def report(name: str, most: float | None, run: Callable[[int], str]) -> Figure:
    """Runs it with three seeds; prints the median of the seconds and what the last one said, and returns them."""
    seconds = []
    for seed in (1, 2, 3):
        started = time.perf_counter()
        said = run(seed)
        seconds.append(time.perf_counter() - started)
    limit = "" if most is None else f" (must: {most} s)"
    print(f"{name}: {sorted(seconds)[1]:.2f} s{limit}; {said}", flush=True)
    return figure(seconds, "s")


def distributions() -> dict[str, Figure]:
    """The largest total variation, and the largest chi-square, of SAMPLES samples under RANDOM_WISHES random wishes."""
    rng = np.random.default_rng(0)
    distances: list[float] = []
    deviates: list[float] = []
    guided = 0
    while len(distances) < RANDOM_WISHES:
        model, wishes = random_mixture(rng), random_wishes(rng, "abc")
        try:
            compile_constraints(wishes, model.vocabulary)
        except OptionError:
            continue
        every = {name: p for name, p in every_name(model, LONGEST, wishes.prefix).items() if meets(name, wishes)}
        if len(every) < 2:
            continue
        found = collect(
            model,
            SAMPLES,
            replace(wishes, max_length=LONGEST),
            SamplingParameters(seed=len(distances)),
            unwanted=Unwanted(repeated=False),
        )
        guided += not found.exact
        counts, mass = Counter(found), sum(every.values())
        expected = {name: p / mass * SAMPLES for name, p in every.items()}
        distances.append(sum(abs(counts[name] - e) for name, e in expected.items()) / 2 / SAMPLES)
        common = {name: e for name, e in expected.items() if e >= 5}
        freedom = max(len(common) - 1, 1)
        statistic = sum((counts[name] - e) ** 2 / e for name, e in common.items()) / freedom
        deviates.append((statistic ** (1 / 3) - (1 - 2 / (9 * freedom))) / np.sqrt(2 / (9 * freedom)))
    print(
        f"{RANDOM_WISHES} random wishes ({guided} of them rare, so guided), {SAMPLES:,} samples each: total variation "
        f"at most {max(distances):.4f} (must: 0.02); chi-square as a normal deviate at most {max(deviates):.2f} "
        "(rejected at 0.001 from 3.09 on)",
        flush=True,
    )
    return {"variation": figure(distances)}


def satisfaction() -> dict[str, Figure]:
    """How many names of an n-gram of the dinosaurs do not meet their wishes."""
    model = mangosaurus.fit(budget=0)
    rng = np.random.default_rng(1)
    names = wrong = sets = 0
    while sets < SETS:
        wishes = random_wishes(rng, "aeorstu")
        asked: dict[str, Any] = {
            "prefix": wishes.prefix.capitalize(),
            "suffix": wishes.suffix,
            "contains": wishes.contains,
            "pattern": tuple(f"(?i:{pattern})" for pattern in wishes.pattern),
            "min_length": wishes.min_length,
            "without": wishes.without,
            "avoid": wishes.avoid,
            "avoid_parts": wishes.avoid_parts,
            "max_length": int(rng.integers(8, 20)),
        }
        try:
            found = model.sample(NAMES, seed=sets, allow_known=True, allow_duplicates=True, **asked)
        except OptionError:
            continue
        sets += 1
        names += len(found)
        whole = Constraints(
            **{key: asked[key] for key in ("prefix", "suffix", "contains", "min_length", "max_length", "without")},
            pattern=asked["pattern"],
            avoid=wishes.avoid,
            avoid_parts=wishes.avoid_parts,
        )
        wrong += sum(not meets(name, whole) for name in found)
    print(f"{names:,} names under {sets} random wishes: {wrong} do not meet them (must: 0)")
    return {"names": figure([names]), "wrong": figure([wrong])}


def random_mixture(rng: np.random.Generator) -> Mixture:
    vocabulary = Vocabulary("abc")
    names = [1 + (3 * rng.random(rng.integers(1, 6)) ** 2).astype(np.int64) for _ in range(12)]
    ngram = build_ngram(names, vocabulary, 3)

    def draw(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return (0.7 * rng.standard_normal(shape)).astype(np.float32)

    layer = Layer(draw(5, 20), draw(5, 20), draw(20), draw(20))
    network = Recurrent(vocabulary, Parameters("lstm", draw(4, 5), (layer,), draw(5, 4), draw(4)))
    weights = rng.uniform(0, 0.4, (6, 2))
    weights[:3] += (0.4, 0.2)
    return Mixture(ngram, [network], weights)


def random_wishes(rng: np.random.Generator, letters: str) -> Constraints:
    """Several wishes at once, each of them in every second case or so."""

    def text(most: int) -> str:
        return "".join(rng.choice(list(letters), rng.integers(0, most + 1)))

    a, b = rng.choice(list(letters), 2, replace=False)
    patterns = [f".*{a}.{{2}}", f"({a}{b}|[^{a}])+", f"[^{b}]*", f"({a}{a}|.)*{b}?", "(..)*", f".*({a}|{b}).*"]
    return Constraints(
        prefix=text(2) if rng.random() < 0.3 else "",
        suffix=text(2),
        contains=(text(2),) if rng.random() < 0.4 else (),
        pattern=(str(rng.choice(patterns)),) if rng.random() < 0.4 else (),
        min_length=int(rng.integers(1, 4)) if rng.random() < 0.3 else None,
        without=str(rng.choice(list(letters))) if rng.random() < 0.2 else "",
        avoid=tuple(text(3) for _ in range(rng.integers(0, 5))),
        avoid_parts=bool(rng.random() < 0.2),
    )


def meets(name: str, wishes: Constraints) -> bool:
    """What a name must have, said plainly."""
    avoided = [word for word in wishes.avoid if word]
    return (
        name != ""
        and name.startswith(wishes.prefix)
        and name.endswith(wishes.suffix)
        and all(part in name for part in wishes.contains)
        and all(re.fullmatch(pattern, name) for pattern in wishes.pattern)
        and len(name) >= (wishes.min_length or 0)
        and len(name) <= (wishes.max_length or len(name))
        and not set(name) & set(wishes.without)
        and (not any(word in name for word in avoided) if wishes.avoid_parts else name not in avoided)
    )


def every_name(model: Mixture, longest: int, prefix: str) -> dict[str, float]:
    """The probability, behind `prefix`, of each document of up to `longest` characters that begins with it."""
    state = model.start(1)
    for symbol in model.vocabulary.encode(prefix):
        state = model.advance(state, np.array([symbol]))
    found, stack = {}, [(prefix, 0.0, state)]
    while stack:
        text, log_p, state = stack.pop()
        row = model.log_probs(state)[0]
        found[text] = float(np.exp(log_p + row[END]))
        if len(text) < longest:
            for symbol, character in enumerate(model.vocabulary.characters, start=1):
                stack.append((text + character, log_p + float(row[symbol]), model.advance(state, np.array([symbol]))))
    return found


if __name__ == "__main__":
    main()
