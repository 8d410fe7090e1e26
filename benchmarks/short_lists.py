"""Short lists: `python -m benchmarks.short_lists --lists FILE [--sizes 15,40] [--only 0s,10s] [--quick] [--record]`.

Draws 3 to 300 names from each of some lists that the prior has never read, learns from them, and measures:

- nats per symbol, END included, of up to 300 other names of the list (those whose characters all occur in the drawn
  ones);
- the share of 200 new samples that are well formed (each word is one capital and then small letters), divided by the
  share of the list's own names that are;
- how well a classifier tells the samples from those other names: see `benchmarks.likeness`;
- the share of the samples that stand in the prior's training lists, and not in the list.

Results are kept in `--out`, a line each. What it has is not measured again. `--record` keeps the means over the lists
for README and docs, and draws docs/images/short-lists.svg. `--quick` measures the loss of a budget of zero seconds
alone, at 15, 40 and 100 names. `--kept` takes what is in `--out`, and measures nothing. `--small` is the short form
that CI runs, on some of the Corpora Project's lists. It needs scikit-learn (`pip install ".[benchmark]"`).
`tools/prior_lists.py` makes FILE.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

from safetensors import safe_open

import mangosaurus
from benchmarks.likeness import fresh, share, told_apart, well_formed
from benchmarks.markov import Chain
from benchmarks.record import Figure, data_folder, figure, load, machine, record_if, recording_parser
from benchmarks.short_report import MEASURES, chart, table
from mangosaurus.core.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import prior_lists  # noqa: E402

SIZES = (3, 15, 40, 100, 300)
LEFT = 40
"""Other names that a list must have to serve a size."""
MOST_MEASURED = 300
FEWEST_MEASURED = 10
"""Other names whose characters all occur in the drawn ones: the most that are measured, and the fewest."""
SAMPLES = 200
MOSTLY_WELL_FORMED = 0.5
"""The share of a list's own names that are well formed, from which on that of the samples says anything."""
SECONDS = 10
LEAST_GAIN, LEAST_FORMED = 1.05, 0.85
"""The floors of the small form, at 40 names: the n-gram's loss by that with the prior; the share well formed."""


class Learnt(NamedTuple):
    """What a contender says of a list."""

    nats: float | None
    """Per symbol of the other names; None of those that have no probability for them."""
    samples: list[str]


Contender = Callable[[list[str], list[str], int], Learnt]
"""Learns from names; is measured on other names; the third argument is the seed."""


def fitted(names: list[str], others: list[str], seed: int, *, budget: float, prior: bool) -> Learnt:
    """Our fit."""
    model = mangosaurus.fit(names, budget=budget, prior=prior, seed=seed)
    nats = model.evaluate(others).nats_per_symbol if len(others) >= FEWEST_MEASURED else None
    return Learnt(nats, list(model.sample(SAMPLES, seed=seed)))


def chain(names: list[str], others: list[str], seed: int, *, order: int, back_off: bool) -> Learnt:
    """A Markov chain. It gives most names no probability at all, so its loss is left out."""
    rng, counted = random.Random(seed), Chain(names, order, back_off)
    return Learnt(None, fresh(lambda: counted.draw(rng), names, SAMPLES))


def gru(names: list[str], others: list[str], seed: int) -> Learnt:
    """makemore's GRU."""
    from benchmarks import torch_gru

    vocabulary = Vocabulary.of(names)
    model = torch_gru.trained(names, vocabulary, SECONDS, seed)
    nats = torch_gru.nats(model, vocabulary.encode_all(others)) if len(others) >= FEWEST_MEASURED else None
    drawn = torch_gru.drawn(model, vocabulary, seed)
    return Learnt(nats, fresh(lambda: next(drawn), names, SAMPLES))


CONTENDERS: dict[str, Contender] = {
    "0s": partial(fitted, budget=0, prior=True),
    "10s": partial(fitted, budget=SECONDS, prior=True),
    "ngram": partial(fitted, budget=0, prior=False),
    "lstm": partial(fitted, budget=SECONDS, prior=False),
    "gru": gru,
    "markov2": partial(chain, order=2, back_off=False),
    "markov3": partial(chain, order=3, back_off=False),
    "backoff2": partial(chain, order=2, back_off=True),
    "backoff3": partial(chain, order=3, back_off=True),
}
WITH_TORCH = ("10s", "lstm", "gru")


class Task(NamedTuple):
    """One measurement, or the mark of it in the file of results."""

    list_name: str
    size: int
    contender: str
    draw: int


def tasks(lists: dict[str, list[str]], options: argparse.Namespace) -> Iterator[Task]:
    """All measurements, those of one list and size by turns."""
    for draw in range(options.draws):
        for name, names in lists.items():
            for size in options.sizes:
                if len(names) >= size + LEFT:
                    for contender in options.only:
                        yield Task(name, size, contender, draw)


def drawn(names: Sequence[str], task: Task) -> tuple[list[str], list[str]]:
    """Names to learn from and others to measure on. A longer draw begins with the shorter one."""
    shuffled = list(names)
    random.Random(f"{task.list_name} {task.draw}").shuffle(shuffled)
    chosen, others = shuffled[: task.size], shuffled[task.size :]
    characters = set("".join(chosen))
    return chosen, [name for name in others if characters.issuperset(name)][:MOST_MEASURED]


def measure(task: Task, names: Sequence[str], trained_on: frozenset[str], quick: bool) -> dict[str, float | None]:
    """What is measured of one contender on one list; None where it cannot be."""
    chosen, others = drawn(names, task)
    started = time.perf_counter()
    learnt = CONTENDERS[task.contender](chosen, others, task.draw)
    found = {"nats": learnt.nats, "seconds": time.perf_counter() - started}
    if quick:
        return found
    samples, own = learnt.samples, share(well_formed, names)
    if samples and own >= MOSTLY_WELL_FORMED:
        found["formed"] = share(well_formed, samples) / own
    if samples and trained_on:
        in_list = {name.casefold() for name in names}
        folded = [name.casefold() for name in samples]
        found["memorised"] = share(lambda name: name in trained_on and name not in in_list, folded)
    return found | {"apart": told_apart(samples, others, task.draw)}


class Lists(NamedTuple):
    """What is measured on, and what the prior has read."""

    measured: dict[str, list[str]]
    """Names by the list's name."""
    trained_on: frozenset[str] = frozenset()
    """The names of the lists that the prior was trained on, case-folded; none where they do not matter."""


def read_lists(options: argparse.Namespace) -> Lists:
    """The lists of the file that `--lists` names; in the small form those of the Corpora Project."""
    if options.small:
        path = data_folder() / "lists" / "corpora.jsonl"
        if not path.exists():
            print(f"skipped: {path} is missing", file=sys.stderr)
            sys.exit(0)
        corpora = [source for source in prior_lists.SOURCES if source.name == "corpora"]
        found = prior_lists.gather(prior_lists.Where(path, Path()), sources=corpora)
    else:
        if options.lists is None or not options.lists.exists():
            sys.exit("error: --lists FILE is missing; tools/prior_lists.py makes it: its first lines say how")
        found = prior_lists.read(options.lists)
    by_name = {entry.name: entry.names for entry in found}
    missing = [name for name in prior_lists.BENCHMARKED if name not in by_name]
    if missing and not options.small:
        print(f"note: the file lacks {', '.join(missing)}", file=sys.stderr)
    chosen = [name for name in prior_lists.BENCHMARKED if name in by_name][: options.lists_most]
    lists = Lists({name: by_name[name] for name in chosen})
    if options.small or options.quick:
        return lists
    known = prior_lists.training(found)
    return lists._replace(trained_on=frozenset(name.casefold() for entry in known for name in entry.names))


def lists_of_prior() -> int:
    """How many lists the prior that ships was trained on, by its own record."""
    with as_file(files("mangosaurus.bundled") / "prior.safetensors") as path, safe_open(path, "numpy") as file:
        return int(json.loads(file.metadata()["record"])["lists"])


def run(lists: Lists, options: argparse.Namespace) -> dict[Task, dict[str, float | None]]:
    """Measures what the file of results lacks, and returns those that were asked for."""
    kept = {}
    if options.out is not None and options.out.exists():
        kept = {Task(*line["task"]): line["found"] for line in map(json.loads, options.out.open(encoding="utf-8"))}
    wanted = list(tasks(lists.measured, options))
    if options.kept:
        return {task: kept[task] for task in wanted if task in kept}
    for number, task in enumerate(wanted, 1):
        if task in kept:
            continue
        print(f"{number} of {len(wanted)}: {task.list_name}, {task.size} names, {task.contender}", file=sys.stderr)
        kept[task] = measure(task, lists.measured[task.list_name], lists.trained_on, options.quick)
        if options.out is not None:
            with options.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"task": task, "found": kept[task]}) + "\n")
    return {task: kept[task] for task in wanted}


def summary(results: dict[Task, dict[str, float | None]]) -> dict[str, Figure]:
    """The means over the lists, as `40.0s.nats`, one for each draw, and their standard errors, as `40.0s.nats.error`.

    One that half of the lists lack is left out.
    """
    values: defaultdict[str, defaultdict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    lists: defaultdict[int, set[str]] = defaultdict(set)
    for task, found in results.items():
        lists[task.size].add(task.list_name)
        for what in MEASURES:
            if (value := found.get(what)) is not None:
                values[f"{task.size}.{task.contender}.{what}"][task.draw].append(value)
    figures = {f"{size}.lists": figure([len(names)]) for size, names in lists.items()}
    for key, draws in values.items():
        size, _, what = key.split(".")
        if 2 * min(map(len, draws.values())) >= len(lists[int(size)]):
            figures[key] = figure([mean(of_draw) for of_draw in draws.values()], MEASURES[what])
            errors = [stdev(of_draw) / len(of_draw) ** 0.5 for of_draw in draws.values() if len(of_draw) > 1]
            if errors:
                figures[f"{key}.error"] = figure(errors, MEASURES[what])
    return figures


def check(figures: Mapping[str, Figure]) -> list[str]:
    """What of the small form is below its floor."""
    gain = figures["40.ngram.nats"].median / figures["40.0s.nats"].median
    formed = figures["40.0s.formed"].median
    said = [("the n-gram's loss / the prior's", gain, LEAST_GAIN), ("well formed", formed, LEAST_FORMED)]
    return [f"{what} is {value:.3g}, below its floor {least:g}" for what, value, least in said if not value >= least]


def read_options() -> argparse.Namespace:
    parser = recording_parser(__doc__)
    parser.add_argument("--lists", type=Path, help="the file that tools/prior_lists.py writes")
    parser.add_argument("--lists-most", type=int, help="so many lists, the first ones")
    parser.add_argument("--sizes", help=f"default: {','.join(map(str, SIZES))}")
    parser.add_argument("--only", help=f"some of {','.join(CONTENDERS)}")
    parser.add_argument("--draws", type=int, default=1, help="how often names are drawn from each list")
    parser.add_argument("--out", type=Path, help="file of results, which is read and continued")
    parser.add_argument("--kept", action="store_true", help="what is in --out; measure nothing")
    parser.add_argument("--quick", action="store_true", help="the loss of 0 s alone, at 15, 40 and 100 names")
    parser.add_argument("--small", action="store_true", help="the short form, which checks ratios")
    options = parser.parse_args()
    usual = (15, 40, 100) if options.quick else (40,) if options.small else SIZES
    options.sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else list(usual)
    only = ["0s"] if options.quick else ["0s", "ngram", "markov3"] if options.small else list(CONTENDERS)
    options.only = options.only.split(",") if options.only else only
    if unknown := [name for name in options.only if name not in CONTENDERS]:
        parser.error(f"--only is {','.join(unknown)}; it must be some of {', '.join(CONTENDERS)}")
    if options.record and (options.quick or options.small):
        parser.error("--record keeps the whole run: leave out --quick and --small")
    if find_spec("torch") is None:
        options.only = [name for name in options.only if name not in WITH_TORCH]
    return options


def main() -> None:
    options = read_options()
    lists = read_lists(options)
    figures = summary(run(lists, options))
    print(machine(), table(figures), sep="\n")
    of_prior = {"trained.lists": figure([lists_of_prior()]), "trained.names": figure([len(lists.trained_on)])}
    record_if(options.record, "short", figures | of_prior)
    if options.record:
        (ROOT / "docs" / "images" / "short-lists.svg").write_text(chart(load("short")), encoding="utf-8")
        subprocess.run([sys.executable, "-m", "cogapp", "-r", "README.md"], cwd=ROOT, check=True)
    if options.small and (fallen := check(figures)):
        sys.exit(f"error: {'; '.join(fallen)}")


if __name__ == "__main__":
    main()
