"""Ctrl-C, SIGTERM and SIGHUP during a long command: the first lets it finish cleanly, the second ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Ended(BaseException):
    """Ends the command at once, with this exit status."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status: int = 128 + number


class Stop(threading.Event):
    """Set by the first signal. Within `at_once`, where nothing would be lost, a signal raises Ended instead."""

    def __init__(self) -> None:
        super().__init__()
        self._number: int | None = None
        self._at_once = False
        self.heard: Callable[[], None] = lambda: None
        """Called when the first signal is received."""

    @property
    def status(self) -> int:
        """The exit status by convention: 130, 143 or 129."""
        return 128 + (self._number or 0)

    @property
    def by_hand(self) -> bool:
        """Whether it was Ctrl-C: somebody is there."""
        return self._number == signal.SIGINT

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within it, a signal raises Ended. On entering, an earlier signal does so too."""
        self._at_once = True
        try:
            if self._number is not None:
                raise Ended(self._number)
            yield
        finally:
            self._at_once = False

    def receive(self, number: int, frame: object) -> None:
        """The handler of a signal."""
        if self._at_once or self._number is not None:
            raise Ended(number)
        self._number = number
        self.set()
        self.heard()


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Catches the signals, and restores their handlers afterwards."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number, handler in before.items():
            # Under nohup, SIGHUP stays ignored. SIGINT sent to a background job is meant for it.
            if handler is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, stop.receive)
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
