"""A process of `worker`, as the server sees it: started, asked and ended."""

from __future__ import annotations

import asyncio
import os
import pickle
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Any

from mangosaurus.server.shelf import Entry
from mangosaurus.server.worker import READY, command, packed

HELD = 8
"""It keeps so many models in memory, those asked for last."""


class Worker:
    """One of the processes, as the server sees it; after its end it is begun anew when it is needed."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self._process: asyncio.Task[Process] | None = None
        self._greeted = False
        self.owes = False
        """Whether it owes an answer. Nobody else is to get that one: it is ended before it is asked again."""
        self._held: list[int] = []

    def begin(self) -> None:
        """Begins to start it, which takes half a second."""
        self._process = asyncio.create_task(self._start())
        self._greeted, self.owes, self._held = False, False, []

    async def _start(self) -> Process:
        threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}
        return await asyncio.create_subprocess_exec(
            *command(self.megabytes), stdin=PIPE, stdout=PIPE, env=os.environ | threads
        )

    def _usable(self) -> bool:
        """Whether it is there or being started; it may have been ended by others, as for want of memory."""
        begun = self._process
        if begun is None or self.owes:
            return False
        return not begun.done() or (begun.exception() is None and begun.result().returncode is None)

    async def ready(self) -> Process:
        """Comes back when it waits for work. Raises OSError or IncompleteReadError if it cannot be started."""
        if not self._usable():
            await self.end()
            self.begin()
        assert self._process is not None
        process = await asyncio.shield(self._process)
        if not self._greeted:
            assert process.stdout is not None
            await process.stdout.readexactly(len(READY))
            self._greeted = True
        return process

    async def ask(self, process: Process, entry: Entry, label: Any, name: str, options: dict[str, Any]) -> Any:
        """Its answer, as `worker` has it. Raises IncompleteReadError or ConnectionError if it ends instead."""
        assert process.stdin is not None
        assert process.stdout is not None
        self.owes = True
        if entry.key not in self._held:
            process.stdin.write(packed((entry.key, entry.model)))
            if len(self._held) == HELD:
                process.stdin.write(packed((self._held.pop(0), None)))
        else:
            self._held.remove(entry.key)
        self._held.append(entry.key)
        process.stdin.write(packed((entry.key, label, name, options)))
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(8), "little")
        answer = pickle.loads(await process.stdout.readexactly(length))
        self.owes = False
        return answer

    async def end(self) -> None:
        """Ends it at once, whatever it does."""
        if self._process is not None:
            with suppress(OSError):  # if it could not be started
                process = await asyncio.shield(self._process)
                if process.returncode is None:
                    process.kill()
                await process.wait()
            self._process = None
