"""The application inside another one, under a path of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from applications import Client, problem
from fastapi import FastAPI

from mangosaurus import load
from mangosaurus.core.errors import ModelFileError, OptionError
from mangosaurus.server.app import create


def within(names: FastAPI, path: str = "/names") -> FastAPI:
    """Another application that has `names`, and its lifespan in its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with names.router.lifespan_context(names):
            yield

    app = FastAPI(lifespan=lifespan)
    app.get("/api/models")(lambda: "another application's")
    app.mount(path, names)
    return app


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An application that has this one at /api/names, a path that begins like one of this one's."""
    app = within(create(["dinosaurs"], keep=tmp_path_factory.mktemp("kept")), "/api/names")
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        yield Client(app, runner)
        runner.run(lifespan.__aexit__(None, None, None))


def test_it_answers_under_its_path(outer: Client) -> None:
    answer = outer.post("/api/names/api/models/dinosaurs/sample", {"n": 3, "seed": 1})
    assert [each["text"] for each in answer.json()["samples"]] == [*load().sample(3, seed=1)]
    assert answer.headers["cache-control"] == "no-store"
    assert outer.get("/api/models").json() == "another application's"
    assert "content-security-policy" not in outer.get("/api/models").headers
    upload = {"content": b"Ann\nBo\n", "headers": {"Content-Type": "text/plain"}}
    assert outer.ask("POST", "/api/names/api/preview", **upload).json()["corpus"]["documents"] == 2
    problem(outer.get("/api/names/nothing"), 404, "'/nothing'")
    refused = outer.ask("PUT", "/api/names/api/models/dinosaurs")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, HEAD")
    problem(outer.ask("POST", "/api/names/api/sample", content=b"{}"), 415)


def test_its_documentation_is_under_it_too(outer: Client) -> None:
    page = outer.get("/api/names/docs")
    assert page.headers["cache-control"] == "no-cache"
    assert "http://127.0.0.1:8000/api/names/api/about" in page.text
    for address in re.findall(r'(?:src|href)="(?!#)([^"]*)"', page.text):
        assert outer.get("/api/names/" + address.removeprefix("./")).status_code == 200, address


def test_it_refuses_what_it_always_refuses(outer: Client) -> None:
    path = "/api/names/api/models"
    problem(outer.get(path, headers={"Origin": "https://evil.example"}), 403, "other sites")
    problem(outer.get(path, headers={"Host": "evil.example"}), 403, "'evil.example'")
    assert outer.get(path, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200
    assert outer.get(path, headers={"Host": "LOCALHOST:1234"}).status_code == 200


def test_the_hosts_are_those_that_it_is_given(tmp_path: Path) -> None:
    app = within(create(["dinosaurs"], hosts=["Names.example", "localhost:8000"], keep=tmp_path))
    with asyncio.Runner() as runner:
        client = Client(app, runner)
        for host, status in (("names.example", 200), ("names.example:80", 200), ("localhost:8000", 200)):
            assert client.get("/names/api/about", headers={"Host": host}).status_code == status
        for host in ("localhost", "127.0.0.1:8000", "names.example.evil.example", "names.example:80:80"):
            problem(client.get("/names/api/about", headers={"Host": host}), 403)


def test_without_its_lifespan_it_says_so(tmp_path: Path) -> None:
    app = FastAPI()
    app.mount("/names", create(["dinosaurs"], keep=tmp_path))
    with asyncio.Runner() as runner:
        problem(Client(app, runner).post("/names/api/models/dinosaurs/sample", {}), 500, "lifespan_context")


def test_what_is_wrong_is_said_when_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="the token has 5 characters"):
        create(token="short", keep=tmp_path)
    with pytest.raises(OptionError, match="allow_origin is"):
        create(origins=["*"], keep=tmp_path)
    with pytest.raises(ModelFileError, match="missing"):
        create([tmp_path / "missing.safetensors"], keep=tmp_path)
