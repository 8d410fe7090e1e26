"""What `benchmarks.short_lists` found: a table for the terminal, and the chart of README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO

from matplotlib import rc_context
from matplotlib.figure import Figure as Drawing

from benchmarks.record import Figure, Record

MEASURES = {"nats": "nats per symbol", "formed": "", "apart": "", "memorised": ""}
"""What is measured of every contender, and its unit."""
TITLES = {
    "nats": "nats per symbol on other names of the list",
    "formed": "well formed, of the list's own share",
    "apart": "told apart from real names",
    "memorised": "stands in the prior's training lists",
}
FORMATS = {"nats": ".3f", "formed": ".1%", "apart": ".3f", "memorised": ".1%"}
NAMES = {
    "0s": "Mangosaurus, 0 s",
    "10s": "Mangosaurus, 10 s",
    "ngram": "without its prior, 0 s: the n-gram",
    "lstm": "without its prior, 10 s",
    "gru": "makemore's GRU, 10 s",
    "markov2": "Markov chain, order 2",
    "markov3": "Markov chain, order 3",
    "backoff2": "Markov chain, order 2, back-off",
    "backoff3": "Markov chain, order 3, back-off",
}
LOOKS = {
    "0s": ("#17694a", "--", "s"),
    "10s": ("#17694a", "-", "o"),
    "ngram": ("#16261f", ":", "D"),
    "lstm": ("#16261f", "-", "D"),
    "gru": ("#b2341a", "-", "^"),
    "markov2": ("#b2341a", "--", "v"),
    "markov3": ("#b2341a", ":", "v"),
}
"""Colour, line and marker of each contender in the chart: peers have one colour."""
FIRST = 15
"""Names where the chart begins. The other names that three names have all characters of are few, and easy."""
HIGHEST = 3.4
"""Nats where the chart ends."""


def sizes(figures: Mapping[str, Figure]) -> list[int]:
    """The numbers of names that figures are of."""
    return sorted({int(size) for size in (key.partition(".")[0] for key in figures) if size.isdecimal()})


def curve(figures: Mapping[str, Figure], contender: str, what: str) -> dict[int, Figure]:
    """The figures of a contender by the number of names."""
    keys = {size: f"{size}.{contender}.{what}" for size in sizes(figures)}
    return {size: figures[key] for size, key in keys.items() if key in figures}


def table(figures: Mapping[str, Figure]) -> str:
    """A block for each measure, a line for each contender, a column for each number of names."""
    return "\n".join(_lines(figures))


def _lines(figures: Mapping[str, Figure]) -> Iterator[str]:
    columns = sizes(figures)
    for what, title in TITLES.items():
        found = {name: curve(figures, name, what) for name in NAMES}
        if any(found.values()):
            yield f"{title:45}" + "".join(f"{size:>8}" for size in columns)
        for name, values in found.items():
            if values:
                cells = (f"{values[size].median:{FORMATS[what]}}" if size in values else "" for size in columns)
                yield f"  {NAMES[name]:43}" + "".join(f"{cell:>8}" for cell in cells)
    yield f"{'lists':45}" + "".join(f"{figures[f'{size}.lists'].median:8.0f}" for size in columns)


def chart(record: Record) -> str:
    """Loss and the classifier's success against the number of names, as an SVG element."""
    drawing = Drawing(figsize=(9, 4), layout="constrained")
    for axes, what in zip(drawing.subplots(1, 2), ("nats", "apart"), strict=True):
        for name, (colour, line, marker) in LOOKS.items():
            found = {size: figure for size, figure in curve(record.figures, name, what).items() if size >= FIRST}
            if found:
                medians = [figure.median for figure in found.values()]
                # Only what the first panel lacks has a label in the second, so that the legend has each once.
                label = NAMES[name] if what == "nats" or not curve(record.figures, name, "nats") else None
                axes.plot(list(found), medians, color=colour, linestyle=line, marker=marker, markersize=4, label=label)
        axes.set_xscale("log")
        marks = [size for size in sizes(record.figures) if size >= FIRST]
        axes.set_xticks(marks, [f"{size}" for size in marks])
        axes.minorticks_off()
        axes.set_xlabel("names in the list")
        axes.set_ylabel({"nats": "nats per symbol on other names", "apart": TITLES["apart"]}[what])
    drawing.axes[0].set_ylim(top=HIGHEST)
    drawing.axes[1].set_ylim(0.5, 1)
    drawing.legend(loc="outside lower center", ncols=3, frameon=False)
    out = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "mangosaurus"}):
        drawing.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()[out.getvalue().index("<svg") :]
