"""The processes that compute, how many requests may wait for them, and how what they compute is ended.

Threads would not do. Two of them drew no more names in a second than one, as the steps are short and Python runs one
thread at a time; and a thread cannot be ended, while a pattern of a few characters may take minutes to compile.

Each request is drawn by itself. Four of them drawn side by side took 18 ms instead of 4 x 8 ms, which is about what the
second process brings too; but a matrix product of other rows may round otherwise, and the same seed is to give the very
names that `mangosaurus sample --seed` prints.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from fastapi import Request

from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Entry
from mangosaurus.server.problems import ProblemError, busy
from mangosaurus.server.process import Worker

PROCESSES = 2
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
        too long or too much memory and if the server is told to end; and 422 with what the job refuses.
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
            try:
                try:
                    child = await worker.ready()
                except OSError:
                    raise busy(503, "no process could be started to compute this; try again in a moment") from None
                async with asyncio.timeout(self.limits.work_seconds):
                    answer = await worker.ask(child, entry.model, label, name, options)
            except TimeoutError:
                longest = f"{self.limits.work_seconds:g} seconds"
                raise ProblemError(422, f"this was ended after {longest}; ask for less at once") from None
            finally:
                try:
                    if worker.owes:
                        await worker.end()
                        if not self._stopping:
                            worker.begin()
                finally:
                    self._idle.append(worker)
        if answer is None:
            raise ProblemError(422, "this was ended because it took too much; ask for less at once")
        message, data = answer
        if message["event"] == "problem":
            raise ProblemError(message["status"], message["detail"])
        return json.loads(data)

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


async def _gone(request: Request) -> None:
    """Comes back when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _stopping() -> ProblemError:
    return busy(503, "the server is ending", 5)
