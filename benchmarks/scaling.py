"""What docs/scaling.md reckons for machines that nobody had: arithmetic from one measured rate and from assumptions.

A step of n symbols of a network of P weights takes 6 P n / (R F) seconds of F operations a second in each of R
processes, and then the exchange: 8 P (R - 1) / R bytes at b bytes a second, and a latency. All of the assumptions are
here, and the page says them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.record import Figure, Record, figure

UNITS, WIDTH, SYMBOLS = 512, 64, 61
"""Of the LSTM: its units, the width of a symbol's vector, and the symbols of the sonnets."""
WEIGHTS = 4 * UNITS * (WIDTH + UNITS) + SYMBOLS * (WIDTH + UNITS)
RATE = "sonnets_lstm_512.one.rate"
"""What was measured: symbols a second, of a machine with two cores, in bfloat16."""
STEP = 2048
"""Symbols of a step, of the default batch on a long text."""
ETHERNET, LATENCY = 1.25e9, 1e-3
"""Bytes a second of 10 Gbit Ethernet, and seconds."""
REST = 0.75e9
"""Bytes of Python, torch and the n-gram in a process."""
LARGE = 24 * 10 * 2048**2
"""Weights of a transformer of 24 layers of 2,048 units."""
OPERATIONS = 3e13
"""A second, of one graphics processor: a guess."""
WITHIN, BETWEEN = 200e9, 25e9
"""Bytes a second between the processors of a machine, and between machines."""
A_PROCESSOR, PROCESSORS = 16_384, 8
"""Symbols of a step for each graphics processor, and how many of them are in a machine."""
MACHINES = (1, 8, 64)


@dataclass(frozen=True)
class Step:
    """One step of a training in several processes."""

    symbols: float
    working: float
    """Seconds."""
    moved: float
    """Bytes that each process sends, and receives."""
    exchange: float
    """Seconds."""

    @property
    def at_work(self) -> float:
        """The share of the time that goes into learning."""
        return self.working / (self.working + self.exchange)

    @property
    def overlapped(self) -> float:
        """The same if the exchange ran beside the work."""
        return self.working / max(self.working, self.exchange)

    @property
    def rate(self) -> float:
        """Symbols a second, of all processes together."""
        return self.symbols / (self.working + self.exchange)


def of_machines(rate: float, machines: int, symbols: float, ethernet: float = ETHERNET) -> Step:
    """A step of the LSTM on machines with two cores, which read `rate` symbols a second each."""
    moved = 8 * WEIGHTS * (machines - 1) / machines
    exchange = moved / ethernet + LATENCY if machines > 1 else 0.0
    return Step(symbols, symbols / machines / rate, moved, exchange)


def of_processors(machines: int) -> Step:
    """A step of the transformer on machines with graphics processors."""
    processes = machines * PROCESSORS
    moved = 8 * LARGE * (processes - 1) / processes
    working = 6 * LARGE * A_PROCESSOR / OPERATIONS
    return Step(A_PROCESSOR * processes, working, moved, moved / (WITHIN if machines == 1 else BETWEEN))


def derived(records: Mapping[str, Record]) -> dict[str, Figure]:
    """What the page says in its sentences, from the lowest to the highest of the rate measured."""
    rates = records["distributed"].figures[RATE]
    values = (rates.lowest, rates.median, rates.highest)
    slow = [of_machines(rate, 8, 8 * STEP, ETHERNET / 10) for rate in values]
    return {
        "operations": figure([6 * WEIGHTS * rate for rate in values]),
        "half": figure([8 * WEIGHTS * rate / ETHERNET for rate in values], "symbols"),
        "slow": figure([step.at_work for step in slow]),
        "slow.overlapped": figure([step.overlapped for step in slow]),
        "overlapped": figure([of_machines(rate, 8, 8 * STEP).overlapped for rate in values]),
        "disk": figure([of_machines(rate, 64, 64 * STEP).rate / 1e6 for rate in values], "MB/s"),
    }


def machines_table(records: Mapping[str, Record]) -> str:
    """One, 8 and 64 machines with two cores each."""
    rate = records["distributed"].figures[RATE].median
    fixed = [of_machines(rate, machines, STEP) for machines in MACHINES]
    grown = [of_machines(rate, machines, STEP * machines) for machines in MACHINES]
    rows = [
        ["", *headings()],
        [f"the default batch, {STEP:,} symbols: at work", *(f"{step.at_work:.0%}" for step in fixed)],
        [
            f"{STEP:,} symbols a machine (`--batch` 32, 256, 2,048): at work",
            *(f"{step.at_work:.0%}" for step in grown),
        ],
        *rates_and_spans(grown),
        ["bytes that each moves a step", *(size(step.moved) for step in grown)],
        ["memory of each process", *[size(28 * WEIGHTS + REST)] * 3],
    ]
    return rows_of(rows)


def processors_table(records: Mapping[str, Record]) -> str:
    """One, 8 and 64 machines with eight graphics processors each; from assumptions alone."""
    steps = [of_processors(machines) for machines in MACHINES]
    rows = [
        ["", *headings()],
        ["symbols in a step", *(f"{step.symbols:,.0f}" for step in steps)],
        ["at work", *(f"{step.at_work:.0%}" for step in steps)],
        *rates_and_spans(steps),
        ["bytes that each moves a step", *(size(step.moved) for step in steps)],
        ["memory of each process", *[size(28 * LARGE)] * 3],
    ]
    return rows_of(rows)


def headings() -> list[str]:
    return [f"{machines} machine{'s' if machines > 1 else ''}" for machines in MACHINES]


def rates_and_spans(steps: list[Step]) -> list[list[str]]:
    """Symbols a second, and how long corpora take, a symbol a byte."""
    rows = [["symbols a second, so", *(f"{float(f'{step.rate:.2g}'):,.0f}" for step in steps)]]
    for name, bytes in (("1 GB", 1e9), ("100 GB", 1e11), ("10 TB", 1e13)):
        rows.append([f"**{name}**, read once", *(span(bytes / step.rate) for step in steps)])
    return rows


def span(seconds: float) -> str:
    """In the largest unit of which there are two or more: about."""
    for unit, length in (
        ("years", 365.25 * 86400),
        ("months", 365.25 / 12 * 86400),
        ("weeks", 7 * 86400),
        ("days", 86400),
        ("h", 3600),
        ("min", 60),
    ):
        if seconds >= 1.95 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(bytes: float) -> str:
    """In GB or MB."""
    unit, length = ("GB", 1e9) if bytes >= 0.5e9 else ("MB", 1e6)
    return "0" if not bytes else f"{two_digits(bytes / length)} {unit}"


def two_digits(value: float) -> str:
    """0.78, 7.9, 28 or 120."""
    return f"{float(f'{value:.2g}'):g}"


def rows_of(rows: list[list[str]]) -> str:
    """A table of Markdown; the first row is its head."""
    lines = [f"| {' | '.join(row)} |".replace("%", " %").replace("|  |", "| |") for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]) + "\n"
