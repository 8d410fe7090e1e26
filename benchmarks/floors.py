"""The floors of the small form's ratios, which CI checks.

They are ratios because machines differ, and CI's may be busy. Each floor is far below what was measured: noise does not
reach it, and broken code does not pass it. A busy machine may leave the mixture no time for a network; tests/training
checks by steps that networks learn and are mixed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from benchmarks.loss import SMALL
from benchmarks.record import Figure, Record
from benchmarks.report import aligned

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


MIXTURE, TORCH = (f"loss.{name}.{SMALL[0]:g}.nats" for name in ("mixture", "torch"))
FLOORS: dict[str, tuple[str, Callable[[Figures], float], float]] = {
    "plain torch LSTM's loss / mixture's, same seconds": ("loss", quotient(TORCH, MIXTURE), 1.03),
    "n-gram's loss / mixture's": ("loss", quotient("loss.ngram.nats", MIXTURE), 0.99),
    "names/s at once / one by one": ("sampling", quotient("sampling.batch.rate", "sampling.single.rate"), 15),
    "import numpy / mangosaurus sample": ("start", quotient("start.numpy", "start.sample"), 0.08),
    "compiled loop / NumPy loop": ("classic", quotient("classic.compiled.rate", "classic.numpy.rate"), 4),
    "MB of text / MB of memory more": ("growth", text_for_memory, 0.001),
}
"""The part, the ratio of its figures, and the least that it may be. In order, 1.3, 1.0, 145, 0.3, 10 and 0.005 were
measured on two cores."""


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
