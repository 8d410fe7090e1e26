"""The process that trains, as the server sees it; what the two say to each other stands in training_child.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from mangosaurus.corpus import Corpus
from mangosaurus.server.parent import Message, corpus_as_bytes
from mangosaurus.server.subprocess import Child

if TYPE_CHECKING:
    from mangosaurus.training.recipe import Settings


class TrainingProcess(Child):
    """One training. `begin` makes it; `ended` has to be awaited at last."""

    @classmethod
    async def begin(cls, corpus: Corpus, settings: Settings, name: str) -> TrainingProcess:
        """Begins to train. Raises OSError if no process can be started."""
        data = await asyncio.to_thread(corpus_as_bytes, corpus)
        process = await cls.start("mangosaurus.server.training_worker")
        process.tell("train", data, settings=asdict(settings), name=name)
        return process

    async def messages(self) -> AsyncIterator[Message]:
        """What the process says, each with the bytes that belong to it, until it ends."""
        while (message := await self.hear()) is not None:
            yield message

    def stop(self) -> None:
        """Asks for the best model so far."""
        self.tell("stop")

    def hurry(self, seconds: float) -> None:
        """Asks for what there is after so many seconds at the latest."""
        self.tell("hurry", seconds=seconds)
