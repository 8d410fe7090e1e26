"""A worker that is restarted after a task was cancelled belongs to the request that comes first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from patience import PATIENCE

from mangosaurus.server import pool as module
from mangosaurus.server.limits import Limits
from mangosaurus.server.pool import Pool, Task
from mangosaurus.server.subprocess import Message


class Process:
    """A process that answers `ready` at once, the task "quick" a moment later, and no other task."""

    started: list[Process]

    def __init__(self) -> None:
        self.alive = True
        self._answers: asyncio.Queue[Message | None] = asyncio.Queue()

    @classmethod
    async def start(cls, *_: Any) -> Process:
        await asyncio.sleep(0)
        cls.started.append(cls())
        return cls.started[-1]

    def send(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        if event == "begin":
            self._answers.put_nowait(({"event": "ready"}, b""))
        elif fields["task"] == "quick":
            answer: Message = ({"event": "done"}, b'"a result"')
            asyncio.get_running_loop().call_later(0.05, self._answers.put_nowait, answer)

    async def receive(self) -> Message | None:
        return await self._answers.get()

    async def wait(self) -> int:
        self.alive = False
        self._answers.put_nowait(None)
        return 0


def test_a_restarted_worker_is_not_killed_under_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    Process.started = []
    monkeypatch.setattr(module, "Subprocess", Process)
    monkeypatch.setattr(module, "PROCESSES", 1)

    async def cancel_one_and_ask_another() -> Any:
        pool = Pool(Limits())
        pool.start()
        hanging = asyncio.create_task(pool._turn(Task("hangs", {}, None)))
        await asyncio.sleep(0.05)
        hanging.cancel()
        return await asyncio.wait_for(pool._turn(Task("quick", {}, None)), PATIENCE)

    assert asyncio.run(cancel_one_and_ask_another()) == "a result"
    assert [process.alive for process in Process.started] == [False, True]
