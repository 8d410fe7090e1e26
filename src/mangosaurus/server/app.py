"""The application: its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from mangosaurus.server import (
    description,
    problems,
    routes_models,
    routes_names,
    routes_page,
    routes_texts,
    routes_trainings,
)
from mangosaurus.server.corpora import Corpora
from mangosaurus.server.guard import Guard
from mangosaurus.server.limits import Limits
from mangosaurus.server.security import Address
from mangosaurus.server.shared import Shared
from mangosaurus.server.shelf import Shelf
from mangosaurus.server.streams import Streams
from mangosaurus.server.trainings import Trainings
from mangosaurus.server.work import Work
from mangosaurus.version import __version__


def create_app(shelf: Shelf, address: Address, token: str | None = None, limits: Limits | None = None) -> FastAPI:
    """The application that serves the models of `shelf`; `address` is where it listens.

    Its shared objects are at `app.state.shared`.
    """
    limits = limits or Limits()
    shared = Shared(shelf, limits, Corpora(limits), Work(limits), Streams(limits), Trainings(shelf, limits))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        shared.work.start()
        try:
            async with routes_trainings.lifespan(shared):
                yield
                shared.stop()
        finally:
            await shared.work.close()
            shared.streams.close()
            shelf.close()

    app = FastAPI(
        title="Mangosaurus",
        summary="Learns the spelling of a list of names or of a book in seconds, and writes new ones.",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.shared = shared
    problems.install(app, lambda path: description.methods(app, path))
    app.include_router(routes_page.router)
    for part in (routes_models, routes_names, routes_texts, routes_trainings):
        app.include_router(part.router, dependencies=[Depends(description.nothing_else)])
    app.add_middleware(Guard, address=address, token=token, limits=limits)
    description.install(app, token is not None)
    return app
