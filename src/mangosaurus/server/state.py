"""The objects that the routes share.

@router.get("/api/…")
async def route(shared: Held) -> …:
    entry = shared.models.get(id)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import ModelRegistry
from mangosaurus.server.pool import Pool
from mangosaurus.server.trainings import Trainings


@dataclass
class Shared:
    """Made by `create_app`, once for each application."""

    models: ModelRegistry
    limits: Limits
    corpora: Corpora
    pool: Pool
    trainings: Trainings

    def stop(self) -> None:
        """Stops everything within seconds. Called in the event loop, before the running requests have ended."""
        self.pool.stop()
        self.trainings.close()


def of_request(request: Request) -> Shared:
    shared: Shared = request.app.state.shared
    return shared


Held = Annotated[Shared, Depends(of_request)]
"""The type of a route's parameter that receives the shared objects."""
