"""The figures in README and docs, written from what was recorded: `python -m benchmarks.documents [--check]`.

A figure stands between two marks, which a reader of the page does not see:

    here <!-- figure: start.sample .2f -->0.45<!-- end --> s

`start` is the benchmark, `sample` the key of the figure in its record, `.2f` how Python formats it. The median is
shown; `start.sample@highest` and `@lowest` are the ends of the spread, `@runs` is the number of runs. A line does
not begin with such a mark: Markdown would take the whole line for HTML.

A whole table can stand between two marks as well, on lines of their own:

    <!-- table: loss.bundled -->
    ...
    <!-- end -->

is made by the function that `TABLES` in `tables.py` has under this name, which begins with the benchmark's. A number
that was not measured here stands with its source between `<!-- quoted: nanoGPT's README -->` and `<!-- end -->`, and is
left as it is; `handwritten.py` finds those that stand in no mark. What is code is not looked at: marks in it are
examples.

Without options the pages are written anew. With `--check` nothing is written: what does not agree with the records is
listed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.handwritten import handwritten
from benchmarks.marks import Mark, MarkError, marks
from benchmarks.record import Figure, Record, load
from benchmarks.scaling import derived
from benchmarks.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
FIGURE = re.compile(r"(\w+)\.([\w.+-]+?)(?:@(lowest|highest|median|runs))? (\S+)")
Tables = Mapping[str, Callable[[Mapping[str, Record]], str]]


def documents() -> list[Path]:
    """README and every page of the site."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def known() -> dict[str, Record]:
    """The last recorded run of every benchmark; and as `scaling`, what docs/scaling.md reckons from one of them."""
    records = load()
    if "distributed" in records:
        records["scaling"] = replace(records["distributed"], name="scaling", figures=derived(records))
    return records


def figure_of(mark: Mark, records: Mapping[str, Record]) -> tuple[Figure, str, str]:
    """The recorded figure that a mark names, which part of it is shown, and how.

    Raises:
        MarkError: the mark does not say which, or nothing such is recorded; with the command that records it.
    """
    match = FIGURE.fullmatch(mark.about)
    if match is None:
        raise MarkError(f"{mark.place}: a figure is BENCHMARK.KEY FORMAT, as start.sample .2f, not {mark.about}")
    name, key, part, format = match.groups()
    if name not in records or key not in records[name].figures:
        raise MarkError(f"{mark.place}: no figure {name}.{key} is recorded: run {command(name)}")
    return records[name].figures[key], part or "median", format


def command(name: str) -> str:
    """What has to be run for the record of this name: the script that writes it, or else all benchmarks."""
    name = "distributed" if name == "scaling" else name
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if re.search(rf'record_if\(\w+\.record, "{name}"', path.read_text(encoding="utf-8")):
            return f"python -m benchmarks.{path.stem} --record"
    return "python -m benchmarks --record"


def format_figure(figure: Figure, part: str, format: str) -> str:
    """As Python formats it, with a space before the sign of per cent."""
    value: float = getattr(figure, part)
    return f"{value:{format}}".replace("%", " %")


def number(shown: str) -> float:
    """The number that is shown as 1,234.5 or 81.2 % or 1.2e-07.

    Raises:
        ValueError: it is none.
    """
    text = shown.strip().replace(",", "").replace("−", "-")
    return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


def table_of(mark: Mark, records: Mapping[str, Record], tables: Tables) -> str:
    """The table that a mark names, ended by a line break."""
    if mark.about not in tables:
        raise MarkError(f"{mark.place}: there is no table {mark.about}: benchmarks/tables.py has {', '.join(tables)}")
    try:
        return tables[mark.about](records)
    except KeyError as error:
        # Tables ask records for benchmarks, and those for figures, by subscription.
        missing = str(error.args[0])
        which = command(mark.about.split(".")[0])
        raise MarkError(f"{mark.place}: {missing} of table {mark.about} is not recorded: run {which}") from None


def fill(text: str, records: Mapping[str, Record], page: str = "text", tables: Tables = TABLES) -> str:
    """The page with all its figures and tables as they were recorded last.

    Raises:
        MarkError: a mark is none, or names what is not recorded.
    """
    parts, done = [], 0
    for mark in marks(text, page):
        if mark.kind == "quoted":
            continue
        if mark.kind == "figure":
            shown = format_figure(*figure_of(mark, records))
        else:
            shown = "\n" + table_of(mark, records, tables)
        parts += [text[done : mark.start], shown]
        done = mark.end
    return "".join([*parts, text[done:]])


def strays(text: str, records: Mapping[str, Record], page: str = "text", tables: Tables = TABLES) -> Iterator[str]:
    """What does not agree with the records, a line each.

    A figure may be anything within the spread of the last run, both ends rounded as it is; a table is exactly what the
    record gives.

    Raises:
        MarkError: a mark is none, or names what is not recorded.
    """
    for mark in marks(text, page):
        if mark.kind == "figure":
            measured, part, format = figure_of(mark, records)
            ends = ("runs", "runs") if part == "runs" else ("lowest", "highest")
            least, most = (format_figure(measured, end, format) for end in ends)
            try:
                within = number(least) <= number(mark.shown) <= number(most)
            except ValueError:
                within = False
            if not within:
                yield f"{mark.place}: {mark.about}: {mark.shown} is shown, {least} to {most} was measured"
        elif mark.kind == "table" and mark.shown != "\n" + table_of(mark, records, tables):
            yield f"{mark.place}: the table {mark.about} is not what was recorded"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; list what is wrong, and exit with 1")
    check = parser.parse_args().check
    records, wrong = known(), []
    for path in documents():
        text, page = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        try:
            if check:
                wrong += [*strays(text, records, page), *handwritten(text, page)]
                continue
            filled = fill(text, records, page)
        except MarkError as error:
            wrong.append(str(error))
            continue
        if filled != text:
            path.write_text(filled, encoding="utf-8")
            print(page)
    if wrong:
        print("\n".join(wrong), file=sys.stdout if check else sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
