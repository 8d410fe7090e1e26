"""The tables in README and docs that are made whole, by the name that a page gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks import listing
from benchmarks.record import Record

TABLES: dict[str, Callable[[Mapping[str, Record]], str]] = {**listing.TABLES}
