"""Units of what a user types: "2m" is 120 seconds, "2GB" are two billion bytes, and "bits" log 2 nats each."""

from __future__ import annotations

import math
import re
from typing import Literal

from mangosaurus.core.errors import Option, OptionError

Unit = Literal["nats", "bits"]
"""The unit of a surprisal: the natural logarithm, or that to base 2."""
NATS: dict[Unit, float] = {"nats": 1.0, "bits": math.log(2)}
"""How many nats one of each unit is."""

SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}
BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "k": 10**3, "m": 10**6, "g": 10**9}
BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}
LEAST_MEMORY = 1_000_000_000
"""Training a network needs this much for any corpus. Half of it is torch."""


def counted(count: int, what: str) -> str:
    """So many in words: `1 name`, `2,000 names`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def parse_duration(duration: float | str, name: str = "budget") -> float:
    """Seconds, from a number or a string such as "10s", "1.5m" or "2h".

    Raises OptionError, with the option's `name`, if it is negative or cannot be read.
    """
    if isinstance(duration, int | float) and 0 <= duration < math.inf:
        return float(duration)
    seconds = _amount(str(duration), SECONDS)
    if seconds is None:
        zero = "; 0s trains no network" if name == "budget" else ""
        raise OptionError.of(f"{{{name}}} is {{!r}}; give seconds, as 10s, or minutes, as 2m{zero}", str(duration))
    return seconds


def parse_memory(memory: int | str | None) -> int | None:
    """Bytes, from a number or a string such as "2GB" or "1500MB"; None is no limit.

    Raises OptionError if it cannot be read, or is less than training takes.
    """
    if memory is None:
        return None
    size = _amount(str(memory).lower(), BYTES)
    if size is None:
        raise OptionError.of("{memory} is {!r}; give bytes, as 2GB or 1500MB", str(memory))
    if size < LEAST_MEMORY:
        raise OptionError.of("{memory} is {!r}; training takes {:,}MB or more", str(memory), LEAST_MEMORY // 10**6)
    return int(size)


def nats_in(unit: Unit) -> float:
    """How many nats one `unit` is. Raises OptionError for an unknown one."""
    if unit not in NATS:
        raise OptionError(Option("unit"), f" is {unit!r}; it must be one of {', '.join(NATS)}")
    return NATS[unit]


def _amount(text: str, units: dict[str, int]) -> float | None:
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)\s*", text)
    amount = float(match[1]) * units[match[2]] if match and match[2] in units else math.inf
    return amount if amount < math.inf else None
