"""What was measured as tables: for the terminal, for a page in HTML, and for the documents in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from benchmarks import classic, growth, loss, sampling, start
from benchmarks.parts import Part
from benchmarks.record import Figure, Record

PARTS: dict[str, Part] = {part.name: part for part in (loss.PART, sampling.PART, start.PART, classic.PART, growth.PART)}
FORMATS = {"nats per symbol": ".3f", "s": ".3g", "": ".2f"}
"""How figures of these units are shown; others have no fraction and commas."""


def number(value: float, unit: str) -> str:
    return f"{value:{FORMATS.get(unit, ',.0f')}}"


def spread(figure: Figure) -> str:
    """As 1.435 (1.421–1.446)."""
    low, high = (number(value, figure.unit) for value in (figure.lowest, figure.highest))
    return f"{number(figure.median, figure.unit)} ({low}–{high})"


def rows(part: Part, figures: Mapping[str, Figure]) -> Iterator[tuple[str, ...]]:
    """What, median, lowest and highest, unit, and the number of runs."""
    for key, figure in figures.items():
        median, low, high = (number(value, figure.unit) for value in (figure.median, figure.lowest, figure.highest))
        yield part.label(key).replace("`", ""), median, f"{low}–{high}", figure.unit, str(figure.runs)


def aligned(table: Sequence[Sequence[str]]) -> str:
    """A table for a terminal; the second and the third column are numbers."""
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    lines = (
        "  ".join(
            cell.rjust(width) if place in (1, 2) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )
    return "\n".join(lines) + "\n"


def terminal(records: Iterable[Record]) -> str:
    """One table of all that was measured."""
    table: list[Sequence[str]] = [("", "median", "lowest–highest", "unit", "runs")]
    for record in records:
        table += [(f"{record.name}: {row[0]}", *row[1:]) for row in rows(PARTS[record.name], record.figures)]
    return aligned(table)


def cells(record: Record) -> list[list[str]]:
    """The table of a part for pages, its head first, in Markdown's inline code."""
    if record.name == "loss":
        return loss_cells(record.figures)
    part = PARTS[record.name]
    return [
        ["", "median (lowest–highest)", "unit"],
        *([part.label(key), spread(figure), figure.unit] for key, figure in record.figures.items()),
    ]


def loss_cells(figures: Mapping[str, Figure]) -> list[list[str]]:
    """A line for each contender, a column for each number of seconds; where it took a tenth longer, how long."""
    at: dict[str, dict[str, str]] = {}
    for key, figure in figures.items():
        name, *when, what = key.split(".")
        if what == "nats":
            mark = when[0] if when else "any"
            seconds = figures[key.removesuffix("nats") + "seconds"].median
            late = mark in ("any", "best") or seconds > 1.1 * float(mark)
            at.setdefault(name, {})[mark] = spread(figure) + (f" after {seconds:.3g} s" if late else "")
    marks = sorted({mark for each in at.values() for mark in each} - {"any", "best"}, key=float)
    head = ["nats per symbol, median (lowest–highest)", *(f"{mark} s" for mark in marks), "at its best"]
    lines = [
        [loss.NAMES[name], *(found.get(mark, "") for mark in marks), found.get("best", found.get("any", ""))]
        for name, found in at.items()
    ]
    return [head, *lines]


def markdown(record: Record) -> str:
    """What is measured, and its table, for a document."""
    head, *lines = cells(record)
    table = [head, ["---"] * len(head), *lines]
    about = PARTS[record.name].about.replace("\n", " ")
    return f"\n{about}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in table) + "\n"


def where(record: Record) -> str:
    """The machine, the versions and the day, in one line."""
    return f"Measured on {record.taken}: {record.machine}; {max(f.runs for f in record.figures.values())} runs."


def _part(name: str, records: Mapping[str, Record]) -> str:
    return markdown(records[name])


def _machine(records: Mapping[str, Record]) -> str:
    return f"\n{where(records['loss'])}\n\n"


TABLES: dict[str, Callable[[Mapping[str, Record]], str]] = {
    "benchmarks.machine": _machine,
    **{f"benchmarks.{name}": partial(_part, name) for name in PARTS},
}
"""Those of the documents."""
