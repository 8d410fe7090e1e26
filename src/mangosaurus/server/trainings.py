"""The queue of trainings: one runs, the others wait. All of it happens in the event loop."""

from __future__ import annotations

import asyncio
import secrets
import sys
import traceback
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mangosaurus.api.model import Model
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.data.corpus import Corpus
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import ModelRegistry, keep_at_the_end
from mangosaurus.server.problems import Problem, ProblemError, as_problem, busy
from mangosaurus.server.subprocess import Subprocess, corpus_as_bytes

if TYPE_CHECKING:
    from mangosaurus.training.settings import Settings

State = Literal["queued", "running", "done", "stopped", "failed", "cancelled"]
OPEN = ("queued", "running")
HURRY, PATIENCE = 1.8, 3.6
"""When the server ends: seconds until a training must send its best model, and until it is killed."""
LATE = 60.0
"""A training by steps is stopped these seconds after the longest budget, and later killed."""
Event = tuple[Literal["state", "progress"], dict[str, Any]]


async def start_training(corpus: Corpus, settings: Settings, name: str) -> Subprocess:
    """Starts a training process; `training_worker` has the messages. Raises OSError if it cannot start."""
    data = await asyncio.to_thread(corpus_as_bytes, corpus)
    process = await Subprocess.start("mangosaurus.server.training_worker")
    process.send("train", data, settings=asdict(settings), name=name)
    return process


@dataclass(eq=False)
class Training:
    """One training: waiting, running or over."""

    id: str
    name: str
    corpus_id: str
    settings: Settings
    corpus: Corpus | None
    """None after the end."""
    state: State = "queued"
    model: str | None = None
    """The id of the trained model."""
    progress: dict[str, Any] | None = None
    """The latest, with the latest samples."""
    problem: Problem | None = None
    """Why it failed."""
    process: Subprocess | None = None
    stop_asked: bool = False
    readers: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set and replaced at every change."""

    def changed(self) -> None:
        """Wakes its readers."""
        self.news.set()
        self.news = asyncio.Event()

    def end(self, state: State) -> None:
        self.state, self.corpus = state, None
        self.changed()


class Trainings:
    """The queue. Trained models are added to the registry; when the server ends, the running one is kept."""

    def __init__(self, models: ModelRegistry, limits: Limits) -> None:
        self.models: ModelRegistry = models
        self.limits: Limits = limits
        self.closing: bool = False
        self.current: Training | None = None
        self._queue: deque[Training] = deque()
        self._all: dict[str, Training] = {}
        self._task: asyncio.Task[None] | None = None

    def submit(self, corpus_id: str, corpus: Corpus, name: str, settings: Settings) -> Training:
        """Queues a training with checked settings, and starts it if none runs.

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
        """The place in the queue; 0 if it runs, None after its end."""
        if training.state == "running":
            return 0
        return self._queue.index(training) + 1 if training in self._queue else None

    def stop(self, training: Training) -> None:
        """Stops a training; its result is the best model so far. A waiting one is cancelled."""
        if training.state == "queued":
            self._unqueue(training)
        elif training.state == "running" and not training.stop_asked:
            training.stop_asked = True
            if training.process is not None:
                training.process.send("stop")

    def cancel(self, training: Training) -> None:
        """Ends a training without a result and removes it. A model that is already trained stays."""
        self._all.pop(training.id, None)
        if training.state == "queued":
            self._unqueue(training)
        elif training.state == "running":
            training.end("cancelled")
            if training.process is not None:
                training.process.kill()

    def check_readers(self) -> None:
        """Raises ProblemError, 429, if too many readers follow trainings already."""
        if sum(each.readers for each in self._all.values()) >= self.limits.readers:
            raise busy(429, f"{self.limits.readers} readers follow trainings already; try again later", 10)

    async def follow(self, training: Training) -> AsyncIterator[Event]:
        """The state at once, then its changes and the progress, until the training is over or the server ends.

        A slow reader gets the latest progress only. The samples are left out where it has them already.
        """
        training.readers += 1
        seen, progress = None, training.progress
        samples = (progress or {}).get("samples")
        try:
            while True:
                news = training.news
                if training.progress is not progress and training.progress is not None:
                    progress = training.progress
                    known = progress.get("samples") is samples
                    samples = progress.get("samples")
                    yield "progress", {key: value for key, value in progress.items() if key != "samples" or not known}
                now = (training.state, self.position(training), self.closing)
                if now != seen:
                    seen = now
                    yield "state", self.described(training)
                    if now[2] or now[0] not in OPEN:
                        return
                await news.wait()
        finally:
            training.readers -= 1

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
        """Empties the queue, asks the running training for its best model, and lets the readers end."""
        if self.closing:
            return
        self.closing = True
        for training in list(self._queue):
            self._unqueue(training)
        if self.current is not None and (process := self.current.process) is not None:
            process.send("hurry", seconds=HURRY)
            asyncio.get_running_loop().call_later(PATIENCE, process.kill)
        for training in self._all.values():
            training.changed()

    async def closed(self) -> None:
        """Waits until nothing runs, at most PATIENCE seconds after `close`."""
        self.close()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _unqueue(self, training: Training) -> None:
        self._queue.remove(training)
        training.end("cancelled")
        for each in self._queue:
            each.changed()

    def _next(self) -> None:
        if self.current is None and self._queue and not self.closing:
            self.current = self._queue.popleft()
            self.current.state = "running"
            self._task = asyncio.create_task(self._run(self.current))
            for each in (self.current, *self._queue):
                each.changed()

    async def _run(self, training: Training) -> None:
        try:
            await self._train(training)
        except Exception as error:
            training.problem = as_problem(error).body
            if not isinstance(error, ProblemError | MangosaurusError):
                traceback.print_exception(error)
        finally:
            if training.state == "running":
                training.end("failed")
            if training.problem is not None and self.closing:
                print(f"stopped: no model of {training.name!r}: {training.problem.detail}", file=sys.stderr, flush=True)
            self.current = None
            self._next()

    async def _train(self, training: Training) -> None:
        """Trains, and keeps the model. Raises ProblemError if there is none."""
        corpus = training.corpus
        assert corpus is not None
        training.process = process = await start_training(corpus, training.settings, training.name)
        loop = asyncio.get_running_loop()
        longest = self.limits.training_seconds + LATE
        late = (
            loop.call_later(longest, lambda: process.send("hurry", seconds=LATE)),
            loop.call_later(longest + 2 * LATE, process.kill),
        )
        try:
            if self.closing:
                raise busy(503, "the training ended before there was a model")
            if training.state != "running":  # it was cancelled in the meantime
                return
            if training.stop_asked:
                process.send("stop")
            while (received := await process.receive()) is not None:
                message, data = received
                event = message.pop("event")
                if event == "progress":
                    kept = {key: value for key, value in (training.progress or {}).items() if key == "samples"}
                    training.progress = kept | message
                    training.changed()
                elif event == "problem":
                    raise ProblemError(message["status"], message["detail"], parts=message.get("parts"))
                else:
                    await self._take(training, data, corpus)
                    return
        finally:
            for call in late:
                call.cancel()
            status = await process.wait()
            training.process = None
        if training.state == "running":
            raise ProblemError(500, f"the process that trains ended ({status}), perhaps because memory ran out")

    async def _take(self, training: Training, data: bytes, corpus: Corpus) -> None:
        """Adds the model to the registry, or writes it to a folder if the server is ending."""
        model = None if self.closing else await asyncio.to_thread(Model.from_bytes, data)
        if training.state != "running":  # it was cancelled in the meantime
            return
        if model is None or self.closing:
            path = await asyncio.to_thread(keep_at_the_end, self.models.folder, data)
            print(f"stopped: the best model so far of {training.name!r} is kept in {path}", file=sys.stderr, flush=True)
            training.end("stopped")
            return
        training.model = self.models.add(model, training.name, "trained", corpus).id
        training.end("stopped" if model.training.get("interrupted") else "done")
