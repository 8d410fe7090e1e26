"""Recorded figures: a JSON file for each benchmark in `benchmarks/recorded/`.

README and the pages of `docs/` read their figures from there: README with cog, the pages with `tools/site/macros.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

RECORDED = Path(__file__).resolve().parent / "recorded"


@dataclass(frozen=True)
class Figure:
    """One thing that was measured several times."""

    median: float
    lowest: float
    highest: float
    runs: int
    unit: str
    """As `s`, `nats per symbol`, `names/s`, `MB`, or "" for ratios and counts."""


def figure(values: Sequence[float], unit: str = "") -> Figure:
    """The figure of one or more runs."""
    return Figure(statistics.median(values), min(values), max(values), len(values), unit)


@dataclass(frozen=True)
class Record:
    """The last recorded run of a benchmark."""

    name: str
    """The name of the benchmark: `start`."""
    taken: str
    """The day, as 2026-11-22."""
    machine: str
    """Processors and versions, in one line."""
    figures: Mapping[str, Figure]
    """By a key of words joined by dots: `torch.best.nats`."""


def recording_parser(description: str | None) -> argparse.ArgumentParser:
    """The parser of a benchmark's options, with `--record`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--record", action="store_true", help="keep the figures in benchmarks/recorded/ for README and docs"
    )
    return parser


def record_if(wanted: bool, name: str, figures: Mapping[str, Figure]) -> None:
    """Ends a benchmark. With `--record`, its figures replace the recorded ones."""
    if wanted:
        path = save(record(name, figures))
        print(f"{len(figures)} figures are in {path.relative_to(RECORDED.parent.parent)}", file=sys.stderr)


def record(name: str, figures: Mapping[str, Figure]) -> Record:
    """The record of a run that has just ended on this machine."""
    return Record(name, date.today().isoformat(), machine(), figures)


def save(run: Record) -> Path:
    """Replaces the recorded run, and returns the file. Figures are rounded to six digits."""
    path = RECORDED / f"{run.name}.json"
    content = asdict(run)
    for each in content["figures"].values():
        for part in ("median", "lowest", "highest"):
            each[part] = float(f"{each[part]:.6g}")
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(name: str) -> Record:
    """The last recorded run of a benchmark.

    Raises:
        FileNotFoundError: none is recorded.
    """
    content = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    content["figures"] = {key: Figure(**each) for key, each in content["figures"].items()}
    return Record(**content)


def shown(key: str, format: str, part: str = "median") -> str:
    """A recorded figure as Python formats it.

    Args:
        key: the benchmark and the key of the figure: `start.sample`.
        format: such as `.2f`.
        part: median, lowest, highest or runs.

    Raises:
        FileNotFoundError, KeyError: no such figure is recorded.
    """
    name, _, rest = key.partition(".")
    return f"{getattr(load(name).figures[rest], part):{format}}".replace("%", " %")


def spread(key: str, format: str) -> str:
    """The median of a recorded figure, with its lowest and highest: 1.435 (1.421–1.446)."""
    return f"{shown(key, format)} ({shown(key, format, 'lowest')}–{shown(key, format, 'highest')})"


def where(run: Record) -> str:
    """The machine, the versions and the day, in one line."""
    return f"Measured on {run.taken}: {run.machine}; {max(each.runs for each in run.figures.values())} runs."


def data_folder() -> Path:
    """`$MANGOSAURUS_DATA`, or `../shared/data` beside the project."""
    return Path(os.environ.get("MANGOSAURUS_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))


def machine() -> str:
    """Processors and versions, in one line."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch"))
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, {versions}"
