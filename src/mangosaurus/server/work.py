"""The threads that compute, how many requests may wait for them, and how what computes is ended."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import Request

from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import busy

T = TypeVar("T")
THREADS = 2
PIECE_SECONDS = 0.03


class Work:
    """Two threads, and the requests that wait for them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pool = ThreadPoolExecutor(THREADS, "work")
        self.waiting: Counter[str] = Counter()

    async def run(self, request: Request, function: Callable[[], T]) -> T:
        """What `function` returns, computed by one of the threads. Raises what it raises.

        Raises ProblemError, 429 or 503, if too many wait already.
        """
        client = request.client.host if request.client else ""
        if self.waiting.total() >= self.limits.waiting:
            raise busy(503, f"{self.limits.waiting} requests are waiting already; try again in a moment")
        self.waiting[client] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, function)
        finally:
            self.waiting[client] -= 1

    def stop(self) -> None:
        """Ends what is being computed."""

    def close(self) -> None:
        """Ends the threads."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def first_characters(characters: Iterator[str]) -> str:
    """The next few characters: those that are made within PIECE_SECONDS, at least one; empty at the end."""
    piece, until = next(characters, ""), time.monotonic() + PIECE_SECONDS
    while piece and time.monotonic() < until:
        character = next(characters, "")
        if not character:
            break
        piece += character
    return piece
