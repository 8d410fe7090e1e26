"""Everything measured side by side: `python -m benchmarks [CORPUS] [--runs 5] [--only loss,start] [--out FILE]`.

Prints one table and writes one page with charts. Every contender runs in every round, by turns. Shown are the median,
the lowest and the highest of the rounds. `--small` is the short form that CI runs: fewer contenders, shorter, and exit
status 1 if a ratio falls below its floor. `--record` keeps the figures of the bundled list in benchmarks/recorded/,
where the documentation reads them, draws docs/images/loss.svg, and updates README's figures.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.held_out import split
from benchmarks.parts import Given, interleaved
from benchmarks.record import Record, save, where
from benchmarks.report import PARTS, chart, check, page, terminal
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.core.files import check_writable, write
from mangosaurus.data.corpus import FORMATS
from mangosaurus.data.read import read_corpus

ROOT = Path(__file__).resolve().parent.parent
RUNS, SMALL_RUNS = 5, 3


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", help="for the losses; default: the bundled list of dinosaurs")
    parser.add_argument("--format", choices=FORMATS, default="auto", help="the format of the corpus")
    parser.add_argument("--runs", type=int, help=f"rounds; default: {RUNS}, and {SMALL_RUNS} with --small")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--out", type=Path, default=Path("benchmarks.html"), help="the page")
    parser.add_argument("--force", action="store_true", help="replace an existing page")
    parser.add_argument("--small", action="store_true", help="the short form, which checks ratios")
    parser.add_argument("--record", action="store_true", help="keep the figures for README and docs")
    options = parser.parse_args()
    options.only = options.only.split(",") if options.only else list(PARTS)
    options.runs = options.runs if options.runs is not None else SMALL_RUNS if options.small else RUNS
    if unknown := [name for name in options.only if name not in PARTS]:
        parser.error(f"--only is {','.join(unknown)}; it must be some of {', '.join(PARTS)}")
    if options.runs < 1:
        parser.error(f"--runs is {options.runs}; it must be 1 or more")
    if options.record and (options.corpus is not None or options.small):
        parser.error("--record keeps the whole run on the bundled list: leave out CORPUS and --small")
    return options


def measure(options: argparse.Namespace) -> tuple[list[Record], str, list[str]]:
    """The parts one after the other; a sentence about the corpus of the losses; and what failed."""
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
                failed.append(f"{name} failed: {error}")
                continue
            note(f"  {time.monotonic() - started:.0f} s in all")
            runs.append(part.record(figures))
    return runs, about, failed


def keep(runs: list[Record]) -> None:
    """Records the runs, and updates the chart of the losses and README."""
    for run in runs:
        save(run)
        if run.name == "loss":
            (ROOT / "docs" / "images" / "loss.svg").write_text(chart(run) or "", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "cogapp", "-r", "README.md"], cwd=ROOT, check=True)


def main() -> None:
    options = read_options()
    try:
        check_writable(options.out, options.force)
        runs, about, failed = measure(options)
        if runs:
            print(about, where(runs[0]), "", terminal(runs), sep="\n")
            write(options.out, page(runs, about).encode(), overwrite=options.force)
            note(f"the page is in {options.out}")
    except MangosaurusError as error:
        sys.exit(f"error: {error}")
    if options.record:
        keep(runs)
    if options.small:
        table, fallen = check(runs)
        print(table)
        failed += fallen
    if failed:
        sys.exit(f"error: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
