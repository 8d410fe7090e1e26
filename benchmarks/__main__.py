"""Everything measured side by side: `python -m benchmarks [CORPUS] [--runs 5] [--only loss,start] [--out FILE]`.

Prints one table and writes one page with charts. Every contender runs in every round, by turns; shown are the median
and the lowest and highest of the rounds. `--small` is the form that CI runs, under two minutes: fewer contenders,
shorter, three rounds, and exit status 1 if a ratio falls below its floor. `--record` keeps the figures of the bundled
list in benchmarks/recorded/, draws docs/images/ anew, and fills README and docs from them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.charts import chart, standalone
from benchmarks.floors import check
from benchmarks.held_out import split
from benchmarks.listing import PARTS, terminal, where
from benchmarks.parts import Given, interleaved
from benchmarks.record import Record, save
from benchmarks.webpage import benchmarks_page
from mangosaurus.corpus import FORMATS
from mangosaurus.errors import MangosaurusError, OptionError
from mangosaurus.pages.charts import check_matplotlib
from mangosaurus.read import read_corpus
from mangosaurus.storage.files import check_writable, write

ROOT = Path(__file__).resolve().parent.parent
RUNS, SMALL_RUNS = 5, 3


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def asked(words: Sequence[str] | None) -> argparse.Namespace:
    """The options. Raises OptionError for those that do not go together."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", help="for the losses; default: the bundled list of dinosaurs")
    parser.add_argument("--format", choices=FORMATS, default="auto", help="what the corpus is")
    parser.add_argument("--runs", type=int, help=f"rounds; default: {RUNS}, and {SMALL_RUNS} with --small")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--out", type=Path, default=Path("benchmarks.html"), help="the page")
    parser.add_argument("--force", action="store_true", help="write over the page that is there")
    parser.add_argument("--small", action="store_true", help="the short form, which checks ratios")
    parser.add_argument("--record", action="store_true", help="keep the figures, for README and docs")
    options = parser.parse_args(words)
    options.only = list(PARTS) if options.only is None else options.only.split(",")
    options.runs = options.runs if options.runs is not None else SMALL_RUNS if options.small else RUNS
    unknown = [name for name in options.only if name not in PARTS]
    if unknown:
        raise OptionError(f"only is {','.join(unknown)}; it must be some of {', '.join(PARTS)}")
    if options.runs < 1:
        raise OptionError(f"runs is {options.runs}; it must be 1 or more")
    if options.record and (options.corpus is not None or options.small):
        raise OptionError("what is recorded is the whole run on the bundled list: leave out CORPUS and --small")
    return options


def keep(run: Record) -> None:
    """Records a part, and draws its chart for the documents."""
    save(run)
    svg = chart(run)
    if svg is not None:
        folder = ROOT / "docs" / "images"
        folder.mkdir(exist_ok=True)
        write(folder / f"{run.name}.svg", standalone(svg).encode(), overwrite=True)


def measure(options: argparse.Namespace) -> tuple[list[Record], str, list[str]]:
    """The parts one after the other; which corpus the losses are of; and what has failed."""
    corpus = read_corpus([] if options.corpus is None else [options.corpus], options.format)
    parts = split(corpus)
    learnt, held_out = sum(map(len, parts.train)), sum(map(len, parts.test))
    about = (
        f"Losses are of {corpus.summary()}: {learnt:,} characters to learn from and {held_out:,} held out, "
        f"{parts.symbols():,} symbols with their ENDs."
    )
    runs, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        given = Given(corpus, Path(folder), options.small)
        for name in options.only:
            part, started = PARTS[name], time.monotonic()
            note(f"{part.title}:")
            try:
                figures = interleaved(part.contenders(given), options.runs, lambda text: note(f"  {text}"), part.warm)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                failed.append(f"{name} has failed: {error}")
                continue
            note(f"  {time.monotonic() - started:.0f} s in all")
            runs.append(part.record(figures))
            if options.record:
                keep(runs[-1])
    return runs, about, failed


def main(words: Sequence[str] | None = None) -> None:
    try:
        options = asked(words)
        check_matplotlib()
        check_writable(options.out, options.force)
        runs, about, failed = measure(options)
        if runs:
            print(about, where(runs[0]), "", terminal(runs), sep="\n")
            write(options.out, benchmarks_page(runs, about).encode(), overwrite=options.force)
            note(f"the page is in {options.out}")
    except MangosaurusError as error:
        note(f"error: {error}")
        sys.exit(2)
    if options.small:
        table, fallen = check(runs)
        print(table)
        failed += fallen
    if options.record:
        done = subprocess.run([sys.executable, "-m", "benchmarks.documents"], cwd=ROOT, check=False)
        failed += ["README and docs are not filled: python -m benchmarks.documents"] * (done.returncode != 0)
    if failed:
        note(f"error: {'; '.join(failed)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
