"""Below which no ratio of the small form may fall: what CI fails for.

Ratios stand where times cannot, since machines differ and CI's may be busy. Each floor is far from what was measured,
so that noise does not reach it, and yet is missed by what is broken. On a busy machine the mixture's few seconds may be
too short for any network: that networks learn and are mixed in is tested by steps, in tests/training/test_recipe.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from benchmarks.listing import aligned
from benchmarks.loss import SMALL
from benchmarks.record import Figure, Record

Figures = Mapping[str, Figure]
"""By the part and the key: `start.sample`."""


@dataclass(frozen=True)
class Floor:
    """A ratio that must not fall below its floor."""

    what: str
    ratio: Callable[[Figures], float]
    least: float
    measured: float
    """By the small form, on two cores."""
    part: str
    """Whose figures it is of."""


def quotient(above: str, below: str) -> Callable[[Figures], float]:
    """Of the medians of two figures."""
    return lambda figures: figures[above].median / figures[below].median


def text_for_memory(figures: Figures) -> float:
    """How many megabytes of text a megabyte more of memory is enough for."""
    (small, least), (large, most) = sorted(
        (float(key.removeprefix("growth.").removesuffix(".peak")), figure.median)
        for key, figure in figures.items()
        if key.endswith(".peak")
    )
    return (large - small) / max(most - least, 1e-9)


MIXTURE, TORCH = (f"loss.{name}.{SMALL[0]:g}.nats" for name in ("mixture", "torch"))
FLOORS = (
    Floor("plain torch LSTM's loss / mixture's, same seconds", quotient(TORCH, MIXTURE), 1.03, 1.3, "loss"),
    Floor("n-gram's loss / mixture's", quotient("loss.ngram.nats", MIXTURE), 0.99, 1.0, "loss"),
    Floor("names/s at once / one by one", quotient("sampling.batch.rate", "sampling.single.rate"), 15, 145, "sampling"),
    Floor("import numpy / mangosaurus sample", quotient("start.numpy", "start.sample"), 0.08, 0.3, "start"),
    Floor("compiled loop / NumPy loop", quotient("classic.compiled.rate", "classic.numpy.rate"), 4, 23, "classic"),
    Floor("MB of text / MB of memory more", text_for_memory, 0.001, 0.005, "growth"),
)


def by_part(records: Iterable[Record]) -> dict[str, Figure]:
    return {f"{record.name}.{key}": figure for record in records for key, figure in record.figures.items()}


def check(records: Iterable[Record], floors: Iterable[Floor] = FLOORS) -> tuple[str, list[str]]:
    """The table of the ratios of those parts that were run, and which have fallen below their floors."""
    records = list(records)
    figures, run = by_part(records), {record.name for record in records}
    table, fallen = [("ratio", "measured", "floor", "")], []
    for floor in floors:
        if floor.part not in run:
            continue
        try:
            ratio = floor.ratio(figures)
        except KeyError as missing:
            fallen.append(f"{floor.what} is not known: {missing} was not measured")
            continue
        below = not ratio >= floor.least  # no number at all is below, too
        table.append((floor.what, f"{ratio:.3g}", f"{floor.least:g}", "BELOW ITS FLOOR" if below else ""))
        if below:
            fallen.append(f"{floor.what} is {ratio:.3g}, and its floor {floor.least:g}")
    return aligned(table), fallen
