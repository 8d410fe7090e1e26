"""The pool of subprocesses that draw names, write texts and score, and the queue of requests.

Threads are no use. Two of them drew no more names per second than one, because the steps are short and Python runs
one thread at a time. And a thread cannot be killed, while a pattern of a few characters may take minutes to compile.

Requests are not batched. Matrix products take most of the time, and those of 20 names take no longer per name than
those of many. And a product of another size may round differently, but the same seed must give the names that
`mangosaurus sample --seed` prints.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from mangosaurus.api.model import Model
from mangosaurus.data.corpus import Corpus
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Entry
from mangosaurus.server.problems import ProblemError, busy
from mangosaurus.server.subprocess import Subprocess, corpus_as_bytes

PROCESSES = 2
HELD = 8
"""Models and corpora that each process keeps in memory: the latest used."""
GRACE, GRACE_AT_END = 0.2, 2.0
"""Seconds that a task may still take after its client has left, and after the server ends. Most need less."""
NOT_STARTED = (
    "the application has not started: enter its lifespan in that of the application that has it, "
    "app.router.lifespan_context(app)"
)
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}


@dataclass(frozen=True)
class Task:
    """A function of `tasks`, by its name, and its options."""

    name: str
    options: dict[str, Any]
    wrote: Callable[[str], object] | None
    """Called with each piece of a text."""


class Worker:
    """A process that runs `tasks.main`, started when needed."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.busy: bool = False
        """Whether it still owes an answer. It is killed before the next task, so that nobody else gets that answer."""
        self._process: Subprocess | None = None
        self.starting: asyncio.Lock = asyncio.Lock()
        self._held: dict[int, Model | Corpus] = {}
        """The models and corpora that it holds, by `id`: unique, because they are alive."""

    async def ready(self) -> Subprocess:
        """The process, once it waits for a task; starting takes half a second. Raises OSError if it cannot start."""
        async with self.starting:
            if self._process is None or self.busy or not self._process.alive:  # lack of memory may have killed it
                await self.end()
                self.busy, self._held = True, {}
                self._process = await Subprocess.start("mangosaurus.server.tasks", THREADS)
                self._process.send("begin", megabytes=self.megabytes)
                if await self._process.receive() is None:
                    raise OSError("it ended at once")
                self.busy = False
            return self._process

    async def send(self, process: Subprocess, task: Task) -> None:
        """Sends a task. First sends the models and corpora that the process does not hold."""
        self.busy = True
        large = {name: value for name, value in task.options.items() if isinstance(value, Model | Corpus)}
        keys = {name: await self._key(process, item) for name, item in large.items()}
        plain = {name: value for name, value in task.options.items() if name not in large and name != "data"}
        process.send("task", task.options.get("data"), task=task.name, options=plain, held=keys)

    async def _key(self, process: Subprocess, item: Model | Corpus) -> int:
        key = id(item)
        if self._held.pop(key, None) is None:
            if len(self._held) == HELD:
                oldest = next(iter(self._held))
                process.send("forget", key=oldest)
                del self._held[oldest]
            if isinstance(item, Model):
                process.send("model", await asyncio.to_thread(item.to_bytes), key=key)
            else:
                process.send("corpus", await asyncio.to_thread(corpus_as_bytes, item), key=key)
        self._held[key] = item  # now the latest
        return key

    async def end(self) -> None:
        """Kills the process, whatever it does."""
        if self._process is not None:
            await self._process.wait()
            self._process = None


class Pool:
    """The workers and the queue of requests: first come, first served."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: Counter[str] = Counter()
        self._texts = 0
        self._text_turns = asyncio.Semaphore(PROCESSES - 1)
        self._workers = [Worker(limits.work_megabytes) for _ in range(PROCESSES)]
        self._idle: asyncio.Queue[Worker] = asyncio.LifoQueue()
        self._running: set[asyncio.Task[Any]] = set()
        self._started = self._stopping = False

    def start(self) -> None:
        """Starts the processes in the background."""
        self._started = True
        for worker in self._workers:
            self._idle.put_nowait(worker)
            self._run(_start(worker))

    def _run(self, running: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(running)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def run(
        self,
        request: Request,
        entry: Entry | None,
        task: str,
        *,
        wrote: Callable[[str], object] | None = None,
        **options: Any,
    ) -> Any:
        """The result of a function of `tasks` with the entry's model, if it needs one, and these options.

        If it writes a text, `wrote` is called with each piece. The option `data` is bytes. If the client leaves, the
        task is cancelled. Raises ProblemError: 429 or 503 if too many requests wait or the server ends; 422 for options
        that the task refuses, and if it takes too long or too much memory.
        """
        client = request.client.host if request.client else ""
        if self._stopping:
            raise _stopping()
        if not self._started:
            raise ProblemError(500, NOT_STARTED)
        if self._waiting.total() >= self.limits.waiting:
            raise busy(503, f"{self.limits.waiting} requests are waiting already; try again in a moment")
        if self._waiting[client] >= self.limits.waiting_from_one:
            raise busy(429, f"{self._waiting[client]} of your requests are waiting already; try again in a moment")
        if wrote is not None and self._texts >= self.limits.streams:
            raise busy(429, f"{self._texts} texts are being written already; try again when one is done", 5)
        self._waiting[client] += 1
        self._texts += wrote is not None
        if entry is not None:
            options["model"] = entry.model
        running = self._run(self._turn(Task(task, options, wrote)))
        gone = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await asyncio.wait({running}, timeout=GRACE)
            if not running.done():
                running.cancel()
            return await running
        except asyncio.CancelledError:
            raise _stopping() if self._stopping else busy(503, "the client has left") from None
        finally:
            running.cancel()
            gone.cancel()
            self._waiting[client] -= 1
            self._texts -= wrote is not None

    async def _turn(self, task: Task) -> Any:
        """Waits for a worker, and returns the result. One worker at least writes no texts, which may take minutes."""
        async with self._text_turns if task.wrote else nullcontext():
            worker = await self._idle.get()
            try:
                return await self._ask(worker, task)
            finally:
                if worker.busy and not self._stopping:
                    self._run(_start(worker))
                self._idle.put_nowait(worker)

    async def _ask(self, worker: Worker, task: Task) -> Any:
        """The worker's result. Raises ProblemError if there is none."""
        try:
            process = await worker.ready()
        except OSError:
            raise busy(503, "no process could be started to compute this; try again in a moment") from None
        seconds, clock = self.limits.work_seconds, asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(seconds) as limit:
                await worker.send(process, task)
                while (answer := await process.receive()) is not None and answer[0]["event"] == "text":
                    assert task.wrote is not None
                    task.wrote(answer[0]["text"])
                    limit.reschedule(clock() + seconds)
        except TimeoutError:
            raise ProblemError(422, f"this was ended after {seconds:g} seconds; ask for less at once") from None
        if answer is None:
            raise ProblemError(422, "this was ended because it took too much; ask for less at once")
        worker.busy = False
        message, data = answer
        if message["event"] == "problem":
            raise ProblemError(message["status"], message["detail"], parts=message.get("parts"))
        return json.loads(data)

    def stop(self) -> None:
        """Starts nothing more, and cancels what still runs after GRACE_AT_END seconds."""
        if not self._stopping:
            self._stopping = True
            asyncio.get_running_loop().call_later(GRACE_AT_END, self._cancel)

    def _cancel(self) -> None:
        for running in self._running:
            running.cancel()

    async def close(self) -> None:
        """Ends the processes."""
        self._stopping = True
        self._cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._workers))


async def _start(worker: Worker) -> None:
    """Starts a worker before a request needs it. If it cannot start, that request says so."""
    if worker.starting.locked():  # a request came first, and starts it
        return
    with suppress(OSError):
        await worker.ready()


async def _gone(request: Request) -> None:
    """Returns when the client disconnects."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _stopping() -> ProblemError:
    return busy(503, "the server is ending", 5)
