"""`python held.py STEP train ...`: `mangosaurus train ...`, which waits at a step of its first network for a signal.

However quick or slow the machine is, the signal comes in the middle of the training. SIGUSR1 lets it go on, any other
does what it always does.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from patience import PATIENCE

from mangosaurus import __main__ as app
from mangosaurus.cli import progress as display
from mangosaurus.cli import signals as stopping
from mangosaurus.training.status import Status

AT = "held\n"
"""What it says on standard error while it waits."""


def main() -> None:
    step, received = int(sys.argv.pop(1)), threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: received.set())
    watching, receive = display.watching, stopping.Stop.receive

    def told(stop: stopping.Stop, number: int, frame: object) -> None:
        received.set()
        receive(stop, number, frame)

    @contextmanager
    def holding(*given: Any) -> Iterator[Callable[[Status], None]]:
        with watching(*given) as watch:

            def hold(status: Status) -> None:
                watch(status)
                if status.progress is not None and status.progress.step >= step and not received.is_set():
                    sys.stderr.write(AT)
                    sys.stderr.flush()
                    received.wait(PATIENCE)  # a test that has failed leaves no process behind

            yield hold

    display.watching, stopping.Stop.receive = holding, told  # type: ignore[assignment, method-assign]
    app.main()


if __name__ == "__main__":
    main()
