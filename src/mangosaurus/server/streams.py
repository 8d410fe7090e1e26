"""Texts that are written while they are sent: a few characters at a time, by threads that take turns."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.model import Model
from mangosaurus.models.interface import CharModel, State
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import busy
from mangosaurus.vocabulary import Vocabulary

THREADS = 2
PIECE, PIECE_SECONDS = 8, 0.05
"""A piece is of at most so many characters, and is sent when it took so long."""


class Streams:
    """How many texts are being written, and the threads that write them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count: int = 0
        self._pool = ThreadPoolExecutor(THREADS, "writing")
        self._stopping = threading.Event()

    async def pieces(self, model: Model, begin: Callable[[Model], Iterator[str]]) -> AsyncIterator[str]:
        """What `begin` writes with `model`, piece by piece, each made when it is asked for.

        A client that takes no more gets no more made. Raises ProblemError, 503, when the server is told to end.
        """
        over = threading.Event()
        loop = asyncio.get_running_loop()
        characters = begin(replace(model, distribution=Ended(model.distribution, over)))
        try:
            while piece := await loop.run_in_executor(self._pool, next_piece, characters):
                yield piece
                if self._stopping.is_set():
                    raise busy(503, "the server is ending", 5)
        finally:
            over.set()

    def take(self) -> None:
        """Takes a place for a text. Raises ProblemError, 429, if there is none."""
        if self._stopping.is_set():
            raise busy(503, "the server is ending", 5)
        if self.count >= self.limits.streams:
            raise busy(429, f"{self.count} texts are being written already; try again when one is done", 5)
        self.count += 1

    def give_back(self) -> None:
        """Gives the place back."""
        self.count -= 1

    def stop(self) -> None:
        """Ends every text behind the piece that is being written."""
        self._stopping.set()

    def close(self) -> None:
        """Ends the threads."""
        self.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)


def next_piece(characters: Iterator[str]) -> str:
    """At least one character, except at the end."""
    piece, until = "", time.monotonic() + PIECE_SECONDS
    for character in characters:
        piece += character
        if len(piece) == PIECE or time.monotonic() >= until:
            break
    return piece


class EndedError(Exception):
    """Raised amid a text that nobody waits for any more."""


class Ended:
    """A model that raises EndedError as soon as `over` is set, even while it reads a long prompt."""

    def __init__(self, model: CharModel, over: threading.Event) -> None:
        self.model: CharModel = model
        self.over: threading.Event = over

    @property
    def vocabulary(self) -> Vocabulary:
        return self.model.vocabulary

    def start(self, batch: int) -> State:
        return self.model.start(batch)

    def log_probs(self, state: State) -> FloatArray:
        return self.model.log_probs(state)

    def advance(self, state: State, symbols: IntArray) -> State:
        if self.over.is_set():
            raise EndedError
        return self.model.advance(state, symbols)

    def score(self, documents: Any) -> list[FloatArray]:
        return self.model.score(documents)
