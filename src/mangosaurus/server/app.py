"""The application: the routes, the middleware and the objects that they share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from mangosaurus.core.version import __version__
from mangosaurus.server import (
    openapi,
    problems,
    routes_models,
    routes_names,
    routes_page,
    routes_texts,
    routes_trainings,
)
from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import Address, Middleware
from mangosaurus.server.models import ModelRegistry
from mangosaurus.server.pool import Pool
from mangosaurus.server.state import Shared
from mangosaurus.server.trainings import Trainings


def create_app(
    models: ModelRegistry, address: Address, token: str | None = None, limits: Limits | None = None
) -> FastAPI:
    """An application that serves `models`; `address` is where it listens. Its shared objects: `app.state.shared`."""
    limits = limits or Limits()
    shared = Shared(models, limits, Corpora(limits), Pool(limits), Trainings(models, limits))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        shared.pool.start()
        try:
            yield
        finally:
            shared.stop()
            await shared.trainings.closed()
            await shared.pool.close()
            models.close()

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
    problems.install(app, lambda path: openapi.methods(app, path))
    app.include_router(routes_page.router)
    for part in (routes_models, routes_names, routes_texts, routes_trainings):
        app.include_router(part.router, dependencies=[Depends(openapi.nothing_else)])
    app.add_middleware(Middleware, address=address, token=token, limits=limits)
    openapi.install(app, token is not None)
    return app
