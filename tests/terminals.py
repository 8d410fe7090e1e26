"""What a process writes on a pseudo-terminal."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator

from patience import PATIENCE


def written_on(terminal: int) -> Iterator[bytes]:
    """What is written on the other end of a terminal, piece by piece, until nobody has it open; PATIENCE at most."""
    said, until = b"", time.monotonic() + PATIENCE
    while True:
        assert select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0], said
        try:
            part = os.read(terminal, 10_000)
        except OSError:  # so Linux says that the process has ended
            return
        if not part:
            return
        said += part
        yield part
