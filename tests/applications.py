"""An application in this process, for what needs no real connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from patience import PATIENCE

from mangosaurus.api.verbs import BUNDLED, bundled_model
from mangosaurus.core.errors import Option, in_json
from mangosaurus.server.app import create_app
from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import Address
from mangosaurus.server.models import ModelRegistry


class Client:
    """Asks an application in an event loop of its own, which goes on between the requests."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self.app, self.runner = app, runner

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.together((method, path, options))[0]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, json: Any, **options: Any) -> httpx.Response:
        return self.ask("POST", path, json=json, **options)

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """The answers to requests that are made at once."""

        async def work() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8000", timeout=PATIENCE
            ) as client:
                asked = (client.request(method, path, **options) for method, path, options in requests)
                return list(await asyncio.gather(*asked))

        return self.runner.run(work())


@contextmanager
def running(keep: Path, token: str | None = None, host: str = "127.0.0.1", **limits: Any) -> Iterator[Client]:
    """An application with the bundled models, these limits, and `keep` as its folder.

    Work has its time on a slow machine too, if nothing else is said.
    """
    limits = {"work_seconds": PATIENCE} | limits
    models = ModelRegistry(keep, 30)
    for name in BUNDLED:
        models.add(bundled_model(name), name, "bundled")
    app = create_app(models, Address(host, 8000), token, Limits(**limits))
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            yield Client(app, runner)
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


def problem(answer: httpx.Response, status: int, *parts: str) -> None:
    """An error as every error is, with all of `parts` in its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() - {"parts"} == {"type", "title", "status", "detail"}
    told = [part.get("text") or in_json(Option(part["option"], part.get("value"))) for part in body.get("parts", [])]
    assert "".join(told) in ("", body["detail"])
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert "\n" not in body["detail"]
    for part in parts:
        assert part in body["detail"]
