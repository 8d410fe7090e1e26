"""The tables in README and docs that are made whole, by the name that a page gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from benchmarks import listing
from benchmarks.record import Record


def part(name: str, records: Mapping[str, Record]) -> str:
    return listing.markdown(records[name])


def machine(records: Mapping[str, Record]) -> str:
    return listing.where(records["loss"]) + "\n"


TABLES: dict[str, Callable[[Mapping[str, Record]], str]] = {
    "benchmarks.machine": machine,
    **{f"benchmarks.{name}": partial(part, name) for name in listing.PARTS},
}
