"""A process of `worker`, as the server sees it: begun, asked, and begun anew when it was ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from mangosaurus.corpus import Corpus
from mangosaurus.model import Model
from mangosaurus.server.parent import Message, corpus_as_bytes
from mangosaurus.server.subprocess import Child

HELD = 8
"""It keeps so many models and lists in memory, those asked for last."""
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}


class Worker:
    """One of the processes, as the server sees it; after its end it is begun anew when it is needed."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self._child: asyncio.Task[Child] | None = None
        self._greeted = False
        self.owes: bool = False
        """Whether it owes an answer. Nobody else is to get that one: it is ended before it is asked again."""
        self._held: dict[int, Model | Corpus] = {}
        """What it holds, each by its id, which no other object can have while it is here."""

    def begin(self) -> None:
        """Begins to start it, which takes half a second."""
        self._child = asyncio.create_task(self._start())
        self._greeted, self.owes, self._held = False, False, {}

    async def _start(self) -> Child:
        child = await Child.start("mangosaurus.server.worker", THREADS)
        child.tell("begin", megabytes=self.megabytes)
        return child

    def _usable(self) -> bool:
        """Whether it is there or being started; it may have been ended by others, as for want of memory."""
        begun = self._child
        if begun is None or self.owes:
            return False
        return not begun.done() or (begun.exception() is None and begun.result().alive)

    async def ready(self) -> Child:
        """Comes back when it waits for work. Raises OSError if it cannot be started."""
        if not self._usable():
            await self.end()
            self.begin()
        assert self._child is not None
        child = await asyncio.shield(self._child)
        if not self._greeted:
            if await child.hear() is None:
                raise OSError("it has ended at once")
            self._greeted = True
        return child

    async def ask(self, child: Child, model: Model, label: Any, job: str, options: dict[str, Any]) -> Message | None:
        """Its answer, as `worker` has it; None if it ends instead. A Corpus among the options is sent to it once."""
        self.owes = True
        corpora = {name: value for name, value in options.items() if isinstance(value, Corpus)}
        keys = {name: await self._key(child, corpus) for name, corpus in corpora.items()}
        plain = {name: value for name, value in options.items() if name not in corpora}
        key = await self._key(child, model)
        child.tell("job", model=key, label=label, job=job, options=plain, corpora=keys)
        answer = await child.hear()
        self.owes = answer is None
        return answer

    async def _key(self, child: Child, held: Model | Corpus) -> int:
        """By what it knows a model or corpus, which is sent if it does not have it."""
        key = id(held)
        if key in self._held:
            del self._held[key]
        else:
            if len(self._held) == HELD:
                oldest = next(iter(self._held))
                child.tell("forget", key=oldest)
                del self._held[oldest]
            if isinstance(held, Model):
                child.tell("model", await asyncio.to_thread(held.to_bytes), key=key)
            else:
                child.tell("corpus", await asyncio.to_thread(corpus_as_bytes, held), key=key)
        self._held[key] = held  # behind all others
        return key

    async def end(self) -> None:
        """Ends it at once, whatever it does."""
        if self._child is not None:
            with suppress(OSError):  # if it could not be started
                await (await asyncio.shield(self._child)).ended()
            self._child = None
