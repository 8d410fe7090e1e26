"""Units of what a user types: "2m" is 120 seconds."""

from __future__ import annotations

import math
import re

from mangosaurus.core.errors import Option, OptionError

SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def parse_duration(duration: float | str, name: str = "budget") -> float:
    """Seconds: a number itself, or what a string such as "10s", "1.5m" or "2h" says.

    Raises OptionError, with the option's `name`, if it is negative or cannot be read.
    """
    if isinstance(duration, int | float) and 0 <= duration < math.inf:
        return float(duration)
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(s|m|min|h|)\s*", str(duration))
    if not match:
        ngram = "; 0s is the n-gram alone" if name == "budget" else ""
        raise OptionError(Option(name), f" is {str(duration)!r}; give seconds, as 10s, or minutes, as 2m{ngram}")
    return float(match[1]) * SECONDS[match[2]]
