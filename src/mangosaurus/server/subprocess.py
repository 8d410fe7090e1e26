"""A process that computes beside the server, as the server sees it: started, told, heard and ended.

What it is like from within, and what messages are like, is in parent.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from mangosaurus.server.parent import Message, packed

CODE = (
    # Signals may reach all processes of a service; they are the server's to hear, and it ends this process.
    "import signal; [signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)];"
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from importlib import import_module; import_module(sys.argv[2]).main()"
)
LONGEST_LINE = 2**20


class Child:
    """One process. `ended` has to be awaited at last."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str] | None = None) -> Self:
        """Starts `main` of a module, with `environment` besides the server's. Raises OSError if that is impossible."""
        # A group of its own: Ctrl-C in a terminal would end it with a traceback while Python starts.
        own_group: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", CODE, json.dumps(sys.path), module),
            stdin=PIPE,
            stdout=PIPE,
            limit=LONGEST_LINE,
            env={**os.environ, **(environment or {})},
            **own_group,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def tell(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        """Says something, if there is still someone to hear it."""
        assert self._process.stdin is not None
        with suppress(OSError, RuntimeError):
            self._process.stdin.write(packed(event, data, fields))

    async def hear(self) -> Message | None:
        """What it says next, with the bytes that belong to it; None if it has ended."""
        assert self._process.stdout is not None
        try:
            message = json.loads(await self._process.stdout.readline())
            return message, await self._process.stdout.readexactly(message.get("bytes", 0))
        except (ValueError, OSError, asyncio.IncompleteReadError):  # it ended, perhaps in the middle of it
            return None

    def end(self) -> None:
        """Ends the process at once. It has no files of its own, so that there is nothing to clear up."""
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            elif self.alive:
                # `kill` of a process that has just ended asks for its status, and asyncio then looks for it in vain.
                os.kill(self.pid, signal.SIGKILL)

    async def ended(self) -> int:
        """Ends the process if it has not ended, and returns its status, negative for a signal."""
        self.end()
        await self._process.communicate()  # what it may still have said; a pipe is closed at its end only
        return await self._process.wait()
