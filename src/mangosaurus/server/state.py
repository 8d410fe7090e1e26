"""What the routes have in common, and how they get at it.

    @router.get("/api/…")
    async def route(shared: Held) -> …:
        entry = shared.shelf.get(id)

A part that runs beside the requests is started and ended by an asynchronous context manager that `create_app` enters:
see `routes_trainings.lifespan`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Shelf
from mangosaurus.server.pool import Work
from mangosaurus.server.streams import Streams
from mangosaurus.server.trainings import Trainings


@dataclass
class Shared:
    """One of it for each application, made by `create_app`."""

    shelf: Shelf
    limits: Limits
    corpora: Corpora
    work: Work
    streams: Streams
    trainings: Trainings
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set as soon as the server is told to end: what runs then ends within seconds."""
    _calls: list[Callable[[], None]] = field(default_factory=list)

    def when_stopping(self, call: Callable[[], None]) -> None:
        """Calls `call` in the event loop as soon as the server is told to end, before running requests have ended."""
        self._calls.append(call)

    def stop(self) -> None:
        """Tells everything to end; in the event loop."""
        if not self.stopping.is_set():
            self.stopping.set()
            self.work.stop()
            self.streams.stop()
            for call in self._calls:
                call()


def of_request(request: Request) -> Shared:
    shared: Shared = request.app.state.shared
    return shared


Held = Annotated[Shared, Depends(of_request)]
"""What a route declares to be given the shared objects."""
