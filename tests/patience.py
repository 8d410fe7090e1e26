"""Waiting for what other processes do: until it is done, and at most PATIENCE seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600
"""Seconds after which anything is taken for hanging. On a busy machine, work of seconds takes minutes."""


def soon(happens: Callable[[], object]) -> bool:
    """Whether it happens within PATIENCE."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.05)
    return bool(happens())
