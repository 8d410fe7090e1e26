"""The charts of the benchmarks, for the page and as files for the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from benchmarks import classic, listing, loss, start
from benchmarks.record import Figure, Record
from mangosaurus.pages.charts import DATA, INK, SAMPLES, VARIABLES, drawn
from mangosaurus.pages.page import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figures = Mapping[str, Figure]
LOOKS = {
    "mixture": (SAMPLES, "-", "o"),
    "lstm": (SAMPLES, "--", "s"),
    "ngram": (INK, ":", "D"),
    "torch": (DATA, "-", "o"),
    "keras": (DATA, "--", "s"),
}
"""Colour, line and marker of each contender: ours are of one colour, peers of another."""
PEERS = ("torch", "keras")
"""A ring marks their best point."""
HIGHEST = 0.9
"""Nats above the lowest loss where the chart ends: what peers begin with would flatten everything else."""
LEAST_GAP = 0.05
"""Between two labels, as a share of the height."""
MARGIN = 12
"""Around a chart that is a file of its own."""
TICKS = (0.5, 1, 2, 5, 10, 20, 40)
"""Seconds that are written below the chart."""


def loss_chart(figures: Figures) -> str:
    """Held-out loss against seconds, on a logarithmic axis."""
    curves: dict[str, list[tuple[float, Figure]]] = {}
    for key, figure in figures.items():
        name, *when, what = key.split(".")
        if what == "nats" and "best" not in when:
            curves.setdefault(name, []).append((figures[key.removesuffix("nats") + "seconds"].median, figure))
    lowest = min(figure.lowest for curve in curves.values() for _, figure in curve)
    longest = max(seconds for curve in curves.values() for seconds, _ in curve)
    alt = "; ".join(
        f"{loss.NAMES[name]} {curve[-1][1].median:.3f} after {curve[-1][0]:.3g} s" for name, curve in curves.items()
    )

    def draw(axes: Axes) -> None:
        for name, curve in curves.items():
            colour, line, marker = LOOKS[name]
            seconds = [each for each, _ in curve]
            medians = [figure.median for _, figure in curve]
            axes.plot(seconds, medians, color=colour, linestyle=line, marker=marker, markersize=4, linewidth=1.8)
            axes.vlines(seconds, [f.lowest for _, f in curve], [f.highest for _, f in curve], color=colour, linewidth=1)
            if name in PEERS:
                best, height = min(zip(seconds, medians, strict=True), key=lambda point: point[1])
                axes.plot(best, height, color=colour, marker="o", markersize=10, fillstyle="none")
            if len(curve) == 1:
                axes.plot([seconds[0], longest], medians * 2, color=colour, linestyle=line, linewidth=1.4)
        axes.set_xscale("log")
        axes.set_ylim(lowest - 0.05, lowest + HIGHEST)
        ticks = [each for each in TICKS if each <= 1.05 * longest]
        axes.set_xticks(ticks, [f"{each:g}" for each in ticks])
        axes.minorticks_off()
        axes.set_xlabel("seconds of training")
        axes.set_ylabel("nats per symbol, held out")
        ends = {name: min(curve[-1][1].median, lowest + HIGHEST) for name, curve in curves.items()}
        for name, height in apart(ends, LEAST_GAP * (HIGHEST + 0.05)).items():
            axes.text(longest * 1.08, height, loss.NAMES[name], color=LOOKS[name][0], va="center", clip_on=False)

    return drawn(draw, "loss", f"Line chart of the held-out loss against seconds of training: {alt}.")


def apart(heights: Mapping[str, float], gap: float) -> dict[str, float]:
    """The heights of labels, moved up where they would lie upon each other."""
    placed: dict[str, float] = {}
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = max(height, max(placed.values(), default=height - gap) + gap)
    return placed


def bars(name: str, what: str, figures: Figures, label: Callable[[str], str]) -> str:
    """A bar for each figure, with its spread as a line; `what` is the axis."""
    keys = list(figures)[::-1]
    alt = "; ".join(f"{label(key)} {listing.number(figures[key].median, figures[key].unit)}" for key in keys[::-1])

    def draw(axes: Axes) -> None:
        for place, key in enumerate(keys):
            figure = figures[key]
            axes.barh(place, figure.median, height=0.6, color=SAMPLES, alpha=0.85)
            axes.hlines(place, figure.lowest, figure.highest, color=INK, linewidth=1.6)
            text, end = listing.number(figure.median, figure.unit), (figure.highest, place)
            axes.annotate(text, end, (6, 0), textcoords="offset points", va="center", color=INK)
        axes.set_yticks(range(len(keys)), [label(key) for key in keys])
        axes.tick_params("y", length=0)
        axes.margins(x=0.12)
        axes.set_xlim(left=0)
        axes.grid(visible=False)
        axes.set_xlabel(what)

    return drawn(draw, name, f"Bar chart: {alt}.".replace("`", ""))


def growth_chart(figures: Figures) -> str:
    """The highest memory against the size of the corpus, both on logarithmic axes."""
    peaks = {float(key.removesuffix(".peak")): figure for key, figure in figures.items() if key.endswith("peak")}
    alt = "; ".join(f"{size:g} MB of text {figure.median:,.0f} MB" for size, figure in peaks.items())

    def draw(axes: Axes) -> None:
        axes.plot(list(peaks), [f.median for f in peaks.values()], color=SAMPLES, marker="o", linewidth=1.8)
        axes.vlines(list(peaks), [f.lowest for f in peaks.values()], [f.highest for f in peaks.values()], color=SAMPLES)
        for size, figure in peaks.items():
            axes.annotate(
                f"{figure.median:,.0f} MB",
                (size, figure.median),
                (0, 9),
                textcoords="offset points",
                ha="center",
                color=INK,
            )
        axes.set_xscale("log")
        axes.set_xticks(list(peaks), [f"{size:g} MB" for size in peaks])
        axes.minorticks_off()
        axes.margins(x=0.1)
        axes.set_ylim(0, 1.25 * max(f.highest for f in peaks.values()))
        axes.set_xlabel("size of the text")
        axes.set_ylabel("MB of memory")

    return drawn(draw, "growth", f"Line chart of the highest memory: {alt}.")


def start_chart(figures: Figures) -> str:
    return bars("start", "seconds", figures, lambda key: start.NAMES[key].replace("`", ""))


def classic_chart(figures: Figures) -> str:
    rates = {key: figure for key, figure in figures.items() if key.endswith("rate")}
    return bars("classic", "iterations a second", rates, classic.NAMES.__getitem__)


CHARTS: dict[str, Callable[[Figures], str]] = {
    "loss": loss_chart,
    "start": start_chart,
    "classic": classic_chart,
    "growth": growth_chart,
}


def chart(record: Record) -> str | None:
    """The chart of a part as an element of a page, if it has one."""
    return CHARTS[record.name](record.figures) if record.name in CHARTS else None


def standalone(svg: str) -> str:
    """An element of a page as a file of its own: on light paper, which can be read on a dark page as well."""
    light = dict(re.findall(r"(--[a-z]+): (#[0-9a-f]{6})", STYLE[: STYLE.index("@media")]))
    for variable in VARIABLES.values():
        svg = svg.replace(f"var({variable})", light[variable])
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    assert box is not None
    width, height = (f"{float(side) + 2 * MARGIN:g}" for side in box.groups())
    head = head.replace(box[0], f'viewBox="{-MARGIN} {-MARGIN} {width} {height}" width="{width}" height="{height}"')
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    paper = f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}" fill="{light["--paper"]}"/>'
    return f"{head}>\n{paper}{rest}\n"
