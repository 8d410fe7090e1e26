"""Trainings: one at a time, the others in a queue that all can see. All of it happens in the event loop."""

from __future__ import annotations

import asyncio
import secrets
import sys
import traceback
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mangosaurus.corpus import Corpus
from mangosaurus.errors import MangosaurusError
from mangosaurus.model import Model
from mangosaurus.server.kept import keep_at_the_end
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Shelf
from mangosaurus.server.problems import Problem, ProblemError, as_problem, busy, problem
from mangosaurus.server.training_process import TrainingProcess

if TYPE_CHECKING:
    from mangosaurus.training.recipe import Settings

State = Literal["queued", "running", "done", "stopped", "failed", "cancelled"]
OPEN = ("queued", "running")
HURRY, PATIENCE = 1.8, 3.6
"""Seconds within which a training hands over its best model when the server ends, and after which it is killed."""
LATE = 60.0
"""So many seconds behind the longest budget, a training that goes by steps is stopped too, and then killed."""
Event = tuple[Literal["state", "progress"], dict[str, Any]]


@dataclass(eq=False)
class Reader:
    """Whoever follows a training. It holds the latest of each kind only, so that a slow one costs nothing."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    state: bool = True
    """Whether the state is to be told."""
    progress: dict[str, Any] | None = None
    """The progress to be told."""


@dataclass(eq=False)
class Training:
    """One training, waiting, running or over."""

    id: str
    name: str
    corpus_id: str
    settings: Settings
    corpus: Corpus | None
    """Until it is over."""
    state: State = "queued"
    model: str | None = None
    """The id of the model that came of it."""
    progress: dict[str, Any] | None = None
    """The latest, with the latest samples."""
    problem: Problem | None = None
    """Why it failed."""
    process: TrainingProcess | None = None
    stop_asked: bool = False
    readers: set[Reader] = field(default_factory=set)

    def tell_state(self) -> None:
        for reader in self.readers:
            reader.state = True
            reader.news.set()

    def tell_progress(self, progress: dict[str, Any]) -> None:
        samples = (self.progress or {}).get("samples")
        self.progress = progress if samples is None else {"samples": samples} | progress
        for reader in self.readers:
            unread = (reader.progress or {}).get("samples")
            reader.progress = progress if unread is None else {"samples": unread} | progress
            reader.news.set()


class Trainings:
    """The queue. Models that are trained go to the shelf; when the server ends, the one in training is kept."""

    def __init__(self, shelf: Shelf, limits: Limits) -> None:
        self.shelf: Shelf = shelf
        self.limits: Limits = limits
        self.closing: bool = False
        self.current: Training | None = None
        self._queue: deque[Training] = deque()
        self._all: dict[str, Training] = {}
        self._task: asyncio.Task[None] | None = None

    def submit(self, corpus_id: str, corpus: Corpus, name: str, settings: Settings) -> Training:
        """Puts a training into the queue, and begins it if nothing else runs. Values have been checked.

        Raises ProblemError: 503 if the server is ending, 429 if the queue is full.
        """
        if self.closing:
            raise busy(503, "the server is ending and begins nothing new")
        if len(self._queue) >= self.limits.queue:
            raise busy(429, f"{self.limits.queue} trainings are waiting already; try again when one has ended", 10)
        training = Training(secrets.token_hex(8), name, corpus_id, settings, corpus)
        self._all[training.id] = training
        over = [each for each in self._all.values() if each.state not in OPEN]
        for oldest in over[: max(0, len(over) - self.limits.trainings)]:
            del self._all[oldest.id]
        self._queue.append(training)
        self._next()
        return training

    def get(self, id: str) -> Training:
        """Raises ProblemError, 404, if there is no such training."""
        if id not in self._all:
            raise ProblemError(404, f"there is no training {id[:100]!r}; GET /api/trainings lists them")
        return self._all[id]

    def all(self) -> list[Training]:
        """Those that are over, the one that runs, and those that wait, in this order."""
        return list(self._all.values())

    def position(self, training: Training) -> int | None:
        """The place in the queue: 0 runs, None is over."""
        if training.state == "running":
            return 0
        return self._queue.index(training) + 1 if training in self._queue else None

    def stop(self, training: Training) -> None:
        """Ends a training; the best model so far is its result. One that has not begun has none and is cancelled."""
        if training.state == "queued":
            self._unqueue(training)
        elif training.state == "running" and not training.stop_asked:
            training.stop_asked = True
            if training.process is not None:
                training.process.stop()

    def cancel(self, training: Training) -> None:
        """Ends a training and forgets it. A model that it has already come to stays."""
        self._all.pop(training.id, None)
        if training.state == "queued":
            self._unqueue(training)
        elif training.state == "running":
            self._end(training, "cancelled")
            if training.process is not None:
                training.process.end()

    def check_readers(self) -> None:
        """Raises ProblemError, 429, if trainings are followed by as many readers as may be."""
        if sum(len(each.readers) for each in self._all.values()) >= self.limits.readers:
            raise busy(429, f"{self.limits.readers} readers follow trainings already; try again later", 10)

    async def follow(self, training: Training) -> AsyncIterator[Event]:
        """The state at once, then its changes and the progress, until the training is over or the server ends."""
        reader = Reader()
        reader.news.set()
        training.readers.add(reader)
        try:
            while True:
                await reader.news.wait()
                reader.news.clear()
                progress, reader.progress = reader.progress, None
                if progress is not None:
                    yield "progress", progress
                if reader.state:
                    reader.state = False
                    over = self.closing or training.state not in OPEN
                    yield "state", self.described(training)
                    if over:
                        return
        finally:
            training.readers.discard(reader)

    def described(self, training: Training) -> dict[str, Any]:
        """A training as JSON."""
        return {
            "id": training.id,
            "state": training.state,
            "position": self.position(training),
            "name": training.name,
            "corpus": training.corpus_id,
            "model": training.model,
            "progress": training.progress,
            "problem": None if training.problem is None else training.problem.model_dump(),
        }

    def close(self) -> None:
        """Begins nothing more, drops the queue, and asks the running training for its best model. Readers end."""
        if self.closing:
            return
        self.closing = True
        for training in list(self._queue):
            self._unqueue(training)
        if self.current is not None and self.current.process is not None:
            process = self.current.process
            process.hurry(HURRY)
            asyncio.get_running_loop().call_later(PATIENCE, process.end)
        for training in self._all.values():
            training.tell_state()

    async def closed(self) -> None:
        """Waits until nothing runs any more, which is PATIENCE seconds after `close` at the latest."""
        self.close()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _unqueue(self, training: Training) -> None:
        self._queue.remove(training)
        self._end(training, "cancelled")
        for each in self._queue:
            each.tell_state()

    def _end(self, training: Training, state: State) -> None:
        training.state, training.corpus = state, None
        training.tell_state()

    def _next(self) -> None:
        if self.current is None and self._queue and not self.closing:
            self.current = self._queue.popleft()
            self.current.state = "running"
            self._task = asyncio.create_task(self._run(self.current))
            for each in (self.current, *self._queue):
                each.tell_state()

    async def _run(self, training: Training) -> None:
        try:
            await self._train(training)
        except Exception as error:
            found = as_problem(error)
            training.problem = problem(found.status, found.detail)
            if not isinstance(error, ProblemError | MangosaurusError):
                traceback.print_exception(error)
        finally:
            if training.state == "running":
                self._end(training, "failed")
            if training.problem is not None and self.closing:
                print(f"stopped: no model of {training.name!r}: {training.problem.detail}", file=sys.stderr, flush=True)
            self.current = None
            self._next()

    async def _train(self, training: Training) -> None:
        """Trains, and puts what comes of it where it belongs. Raises ProblemError if nothing does."""
        corpus = training.corpus
        assert corpus is not None
        process = await TrainingProcess.begin(corpus, training.settings, training.name)
        training.process = process
        loop = asyncio.get_running_loop()
        longest = self.limits.training_seconds + LATE
        late = (loop.call_later(longest, process.hurry, LATE), loop.call_later(longest + 2 * LATE, process.end))
        try:
            if self.closing:
                raise busy(503, "the training ended before anything had been learnt")
            if training.state != "running":  # it was cancelled in the meantime
                return
            if training.stop_asked:
                process.stop()
            async for message, data in process.messages():
                event = message.pop("event")
                if event == "progress":
                    training.tell_progress(message)
                elif event == "problem":
                    raise ProblemError(message["status"], message["detail"])
                else:
                    await self._take(training, data, corpus)
                    return
        finally:
            for call in late:
                call.cancel()
            status = await process.ended()
            training.process = None
        if training.state == "running":
            raise ProblemError(500, f"the process that trains ended ({status}), perhaps for want of memory")

    async def _take(self, training: Training, data: bytes, corpus: Corpus) -> None:
        """Puts the model onto the shelf, or into the folder, or another one, if the server is ending."""
        model = None if self.closing else await asyncio.to_thread(Model.from_bytes, data)
        if training.state != "running":  # it was cancelled in the meantime
            return
        if model is None or self.closing:
            path = await asyncio.to_thread(keep_at_the_end, self.shelf.keep_in, data)
            print(f"stopped: the best model so far of {training.name!r} is kept in {path}", file=sys.stderr, flush=True)
            self._end(training, "stopped")
            return
        training.model = self.shelf.add(model, training.name, "trained", corpus).id
        self._end(training, "stopped" if model.training.get("interrupted") else "done")
