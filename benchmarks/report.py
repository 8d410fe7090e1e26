"""What was measured: one table for the terminal, and one HTML page with a chart and a table for each part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from io import StringIO

from matplotlib import rc_context
from matplotlib.figure import Figure as Drawing

from benchmarks import classic, growth, loss, prior, sampling, start
from benchmarks.parts import Part
from benchmarks.record import Figure, Record, where

_ALL = (loss.PART, sampling.PART, start.PART, prior.PART, classic.PART, growth.PART)
PARTS: dict[str, Part] = {part.name: part for part in _ALL}
BARS = {"start": "s", "classic": "iterations/s"}
"""The parts whose figures of this unit are drawn as bars."""
FORMATS = {"nats per symbol": ".3f", "s": ".3g", "MB": ",.2f", "": ".2f"}
"""How figures of these units are shown. Others have commas and no fraction."""
LOOKS = {
    "mixture": ("#17694a", "-", "o"),
    "lstm": ("#17694a", "--", "s"),
    "ngram": ("#16261f", ":", "D"),
    "torch": ("#b2341a", "-", "o"),
    "keras": ("#b2341a", "--", "s"),
}
"""Colour, line and marker of each contender: ours have one colour, peers another."""
HIGHEST = 0.9
"""Nats above the lowest loss where the chart ends. The peers' first losses would flatten everything else."""
HEAD = ("", "median", "lowest–highest", "unit", "runs")
STYLE = """body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; font-family: sans-serif; }
div { overflow-x: auto; } svg { max-width: 100%; height: auto; } th, td { text-align: left; padding-right: 1.5rem; }"""


def number(value: float, unit: str) -> str:
    return f"{value:{FORMATS.get(unit, ',.0f')}}"


def rows(record: Record) -> Iterator[tuple[str, ...]]:
    """What, median, lowest and highest, unit, and the number of runs."""
    for key, figure in record.figures.items():
        median, low, high = (number(value, figure.unit) for value in (figure.median, figure.lowest, figure.highest))
        yield PARTS[record.name].label(key), median, f"{low}–{high}", figure.unit, str(figure.runs)


def aligned(table: Sequence[Sequence[str]]) -> str:
    """A table for a terminal. The second and the third column are numbers."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if place in (1, 2) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )
    return "\n".join(lines) + "\n"


def terminal(records: Iterable[Record]) -> str:
    """One table of everything that was measured."""
    return aligned([HEAD, *((f"{record.name}: {row[0]}", *row[1:]) for record in records for row in rows(record))])


def page(records: Iterable[Record], corpus: str) -> str:
    """The HTML page of these runs; `corpus` says what the losses are of."""
    sections = "".join(map(section, records))
    title = "Benchmarks of Mangosaurus"
    head = (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n<style>{STYLE}</style>\n'
    )
    return f"{head}<h1>{title}</h1>\n<p>{escape(corpus)}</p>\n{sections}</html>\n"


def section(record: Record) -> str:
    part = PARTS[record.name]
    head, *lines = (
        "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
        for tag, row in [("th", HEAD), *(("td", row) for row in rows(record))]
    )
    table = "\n".join(f"<tr>{line}</tr>" for line in (head, *lines))
    return (
        f"<h2>{escape(part.title)}</h2>\n<p>{escape(part.about)}</p>\n<div>{chart(record) or ''}</div>\n"
        f"<div><table>\n{table}\n</table></div>\n<p>{escape(where(record))}</p>\n"
    )


def chart(record: Record) -> str | None:
    """The chart of a part as an SVG element, if it has one."""
    drawing = Drawing(figsize=(9, 4), layout="constrained")
    if record.name == "loss":
        draw_losses(drawing, record.figures)
    elif record.name == "growth":
        draw_memory(drawing, record.figures)
    elif record.name in BARS:
        draw_bars(drawing, record)
    else:
        return None
    out = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "mangosaurus"}):
        drawing.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()[out.getvalue().index("<svg") :]


def draw_losses(drawing: Drawing, figures: Mapping[str, Figure]) -> None:
    """Held-out loss against seconds of training, on a logarithmic axis."""
    curves: dict[str, list[tuple[float, Figure]]] = {}
    for key, figure in figures.items():
        name, *when, what = key.split(".")
        if what == "nats" and "best" not in when:
            curves.setdefault(name, []).append((figures[key.removesuffix("nats") + "seconds"].median, figure))
    lowest = min(figure.lowest for curve in curves.values() for _, figure in curve)
    longest = max(seconds for curve in curves.values() for seconds, _ in curve)
    axes = drawing.subplots()
    for name, curve in curves.items():
        colour, line, marker = LOOKS[name]
        if len(curve) == 1:  # the n-gram is ready at once, and stays
            curve = [*curve, (longest, curve[0][1])]
        seconds, found = zip(*curve, strict=True)
        medians = [figure.median for figure in found]
        axes.plot(seconds, medians, color=colour, linestyle=line, marker=marker, markersize=4, label=loss.NAMES[name])
        axes.vlines(seconds, [figure.lowest for figure in found], [figure.highest for figure in found], color=colour)
    axes.set_xscale("log")
    axes.set_xticks(loss.MARKS, [f"{mark:g}" for mark in loss.MARKS])
    axes.minorticks_off()
    axes.set_ylim(lowest - 0.05, lowest + HIGHEST)
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("nats per symbol, held out")
    drawing.legend(loc="outside right upper", frameon=False)


def draw_memory(drawing: Drawing, figures: Mapping[str, Figure]) -> None:
    """The highest memory against the size of the corpus."""
    peaks = {float(key.removesuffix(".peak")): figure for key, figure in figures.items() if key.endswith("peak")}
    axes = drawing.subplots()
    axes.plot(list(peaks), [figure.median for figure in peaks.values()], marker="o")
    axes.set_xscale("log")
    axes.set_ylim(0, 1.25 * max(figure.highest for figure in peaks.values()))
    axes.set_xlabel("MB of text")
    axes.set_ylabel("MB of memory")


def draw_bars(drawing: Drawing, record: Record) -> None:
    """A bar for each figure, with its spread as a line."""
    found = [(key, each) for key, each in record.figures.items() if each.unit == BARS[record.name]][::-1]
    names = [PARTS[record.name].label(key) for key, _ in found]
    axes = drawing.subplots()
    axes.barh(names, [each.median for _, each in found])
    axes.hlines(names, [each.lowest for _, each in found], [each.highest for _, each in found], color="black")
    axes.set_xlabel(BARS[record.name])


Figures = Mapping[str, Figure]
"""By the part and the key: `start.sample`."""


def quotient(above: str, below: str) -> Callable[[Figures], float]:
    """Of the medians of two figures."""
    return lambda figures: figures[above].median / figures[below].median


def text_for_memory(figures: Figures) -> float:
    """How many more megabytes of text need one more megabyte of memory."""
    (small, least), (large, most) = sorted(
        (float(key.removeprefix("growth.").removesuffix(".peak")), figure.median)
        for key, figure in figures.items()
        if key.endswith(".peak")
    )
    return (large - small) / max(most - least, 1e-9)


MIXTURE, TORCH = (f"loss.{name}.{loss.SMALL[0]:g}.nats" for name in ("mixture", "torch"))
FLOORS: dict[str, tuple[str, Callable[[Figures], float], float]] = {
    "plain torch LSTM's loss / mixture's, same seconds": ("loss", quotient(TORCH, MIXTURE), 1.03),
    "n-gram's loss / mixture's": ("loss", quotient("loss.ngram.nats", MIXTURE), 0.99),
    "names/s at once / one by one": ("sampling", quotient("sampling.batch.rate", "sampling.single.rate"), 15),
    "import numpy / mangosaurus sample": ("start", quotient("start.numpy", "start.sample"), 0.08),
    "compiled loop / NumPy loop": ("classic", quotient("classic.compiled.rate", "classic.numpy.rate"), 4),
    "MB of text / MB of memory more": ("growth", text_for_memory, 0.001),
}
"""The part, the ratio of its figures, and the floor, which CI checks in the small form.

In order, 1.3, 1.0, 145, 0.3, 10 and 0.005 were measured on two cores. The floors are far below: noise does not reach
them, and broken code does not pass them.
"""


def check(records: Iterable[Record]) -> tuple[str, list[str]]:
    """The table of the ratios of those parts that were run, and which are below their floors."""
    runs = {record.name: record for record in records}
    figures = {f"{name}.{key}": figure for name, run in runs.items() for key, figure in run.figures.items()}
    table, fallen = [("ratio", "measured", "floor")], []
    for what, (part, ratio_of, least) in FLOORS.items():
        if part in runs:
            ratio = ratio_of(figures)
            table.append((what, f"{ratio:.3g}", f"{least:g}"))
            if not ratio >= least:  # NaN is below, too
                fallen.append(f"{what} is {ratio:.3g}, below its floor {least:g}")
    return aligned(table), fallen
