"""The server's application in the test's own process and event loop, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from mangosaurus.server.app import create_app
from mangosaurus.server.limits import Limits
from mangosaurus.server.security import Address
from mangosaurus.server.shelf import Shelf


@asynccontextmanager
async def served(folder: Path, limits: Limits | None = None, unkept: int = 3) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application without models, which keeps those that it trains in `folder`."""
    app = create_app(Shelf(folder, unkept), Address("127.0.0.1", 8000), limits=limits)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as client,
    ):
        yield client
