"""The processes that compute, how many requests may wait for them, and how what they compute is ended.

Threads would not do. Two of them draw hardly more names in a second than one, as the steps are short and Python runs
one thread at a time; and a thread cannot be ended, while a pattern of a few characters may take minutes to compile.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from typing import Any

from fastapi import Request

from mangosaurus.errors import MangosaurusError
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError, busy
from mangosaurus.server.shelf import Entry
from mangosaurus.server.worker import READY, command, packed

PROCESSES = 2
HELD = 8
"""A process keeps so many models in memory, those asked for last."""
GRACE, GRACE_AT_END = 0.2, 2.0
"""Seconds that a job has when its client has gone, and when the server ends: most are done by then."""


class Work:
    """The processes, and the requests that wait for them, which have their turn in the order in which they came."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: Counter[str] = Counter()
        self._turns = asyncio.Semaphore(PROCESSES)
        self._idle = [Worker(limits.work_megabytes) for _ in range(PROCESSES)]
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def start(self) -> None:
        """Begins to start the processes."""
        for worker in self._idle:
            worker.begin()

    async def run(self, request: Request, entry: Entry, name: str, *, label: Any = None, **options: Any) -> Any:
        """The result of the job of that name in `jobs`, with the entry's model and these options.

        It is ended when the client goes away. Raises ProblemError, 429 or 503, if too many wait already, if it took
        too long or too much memory and if the server is told to end; and what the job raises.
        """
        client = request.client.host if request.client else ""
        most = self.limits.waiting
        if self._stopping:
            raise _stopping()
        if self._waiting.total() >= most:
            raise busy(503, f"{most} requests are waiting already; try again in a moment")
        if self._waiting[client] >= self.limits.waiting_from_one:
            raise busy(429, f"{self._waiting[client]} of your requests are waiting already; try again in a moment")
        self._waiting[client] += 1
        job = asyncio.create_task(self._turn(entry, label, name, options))
        self._running.add(job)
        job.add_done_callback(self._running.discard)
        gone = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not job.done():
                await asyncio.wait({job}, timeout=GRACE)
            if not job.done():
                job.cancel()
            return await job
        except asyncio.CancelledError:
            raise _stopping() if self._stopping else busy(503, "the client has gone") from None
        finally:
            job.cancel()
            gone.cancel()
            self._waiting[client] -= 1

    async def _turn(self, entry: Entry, label: Any, name: str, options: dict[str, Any]) -> Any:
        async with self._turns:
            worker = self._idle.pop()
            answered = False
            try:
                await worker.ready()
                async with asyncio.timeout(self.limits.work_seconds):
                    kind, result = await worker.ask(entry, label, name, options)
                answered = True
            except TimeoutError:
                longest = f"{self.limits.work_seconds:g} seconds"
                raise ProblemError(422, f"this was ended after {longest}; ask for less at once") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise ProblemError(422, "this was ended because it took too much; ask for less at once") from None
            finally:
                if not answered:
                    await worker.end()
                    if not self._stopping:
                        worker.begin()
                self._idle.append(worker)
        if kind == "done":
            return result
        if kind == "refused":
            assert isinstance(result, MangosaurusError)
            raise result
        if result is None:
            raise ProblemError(422, "this was ended because it took too much memory; ask for less at once")
        print(result, file=sys.stderr)
        raise ProblemError(500, "the server made a mistake; its own output says more")

    def stop(self) -> None:
        """From now on nothing is begun, and what runs is ended GRACE_AT_END seconds later."""
        self._stopping = True
        asyncio.get_running_loop().call_later(GRACE_AT_END, self._cancel)

    def _cancel(self) -> None:
        for job in self._running:
            job.cancel()

    async def close(self) -> None:
        """Ends the processes."""
        self._stopping = True
        self._cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._idle))


class Worker:
    """One of the processes, as the server sees it; after its end it can be begun anew."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self._process: asyncio.Task[Process] | None = None
        self._greeted = False
        self._held: list[int] = []

    def begin(self) -> None:
        """Begins to start it, which takes half a second."""
        self._process = asyncio.create_task(self._start())

    async def _start(self) -> Process:
        threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}
        return await asyncio.create_subprocess_exec(
            *command(self.megabytes), stdin=PIPE, stdout=PIPE, env=os.environ | threads
        )

    async def ready(self) -> None:
        """Comes back when it waits for work. Raises IncompleteReadError if it cannot be started."""
        if self._process is None:
            self.begin()
        assert self._process is not None
        process = await asyncio.shield(self._process)
        if not self._greeted:
            assert process.stdout is not None
            await process.stdout.readexactly(len(READY))
            self._greeted = True

    async def ask(self, entry: Entry, label: Any, name: str, options: dict[str, Any]) -> tuple[str, Any]:
        """Its answer. Raises IncompleteReadError or ConnectionError if the process ends instead."""
        assert self._process is not None
        process = self._process.result()
        assert process.stdin is not None
        assert process.stdout is not None
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
        kind, result = pickle.loads(await process.stdout.readexactly(length))
        return kind, result

    async def end(self) -> None:
        """Ends it at once, whatever it does."""
        if self._process is None:
            return
        starting, self._process, self._greeted, self._held = self._process, None, False, []
        process = await starting
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _gone(request: Request) -> None:
    """Comes back when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _stopping() -> ProblemError:
    return busy(503, "the server is ending", 5)
