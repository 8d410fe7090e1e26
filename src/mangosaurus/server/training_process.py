"""The process that trains, as the server sees it; what the two say to each other stands in training_child.py."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mangosaurus.corpus import Corpus

if TYPE_CHECKING:
    from mangosaurus.training.recipe import Settings

CODE = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);"  # a terminal's Ctrl-C is the server's to hear
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from mangosaurus.server.training_child import main; main()"
)
LONGEST_LINE = 2**20


class TrainingProcess:
    """One training. `start` makes it; `ended` has to be awaited at last."""

    def __init__(self, process: Process, order: bytes) -> None:
        self._process = process
        self._order = asyncio.create_task(self._send(order))

    @classmethod
    async def start(cls, corpus: Corpus, settings: Settings, name: str) -> TrainingProcess:
        """Begins to train. Raises OSError if no process can be started."""
        order = await asyncio.to_thread(_packed, corpus, settings, name)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", CODE, json.dumps(sys.path)), stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
        )
        return cls(process, order)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def messages(self) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
        """What the process says, each with the bytes that belong to it, until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            try:
                message = json.loads(line)
                data = await self._process.stdout.readexactly(message.get("bytes", 0))
            except (ValueError, asyncio.IncompleteReadError):  # it ended in the middle of it
                break
            yield message, data

    def stop(self) -> None:
        """Asks for the best model so far."""
        self._tell(b"stop\n")

    def hurry(self, seconds: float) -> None:
        """Asks for what there is after so many seconds at the latest."""
        self._tell(f"hurry {seconds}\n".encode())

    def end(self) -> None:
        """Ends the process at once. It has no files of its own, so that there is nothing to clear up."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> int:
        """Ends the process if it has not ended, and returns its status, negative for a signal."""
        self.end()
        self._order.cancel()
        await self._process.communicate()  # what it may still have said; a pipe is closed at its end only
        return await self._process.wait()

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, RuntimeError):  # it has ended already
            self._process.stdin.write(line)

    async def _send(self, order: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(order)
            await self._process.stdin.drain()


def _packed(corpus: Corpus, settings: Settings, name: str) -> bytes:
    return json.dumps({"corpus": vars(corpus), "settings": asdict(settings), "name": name}).encode() + b"\n"
