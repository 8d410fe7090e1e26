"""The application: the routes, the middleware, errors, and the objects that the routes share."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from mangosaurus.core.errors import MangosaurusError
from mangosaurus.core.version import __version__
from mangosaurus.server import routes
from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import Address, Hosts, Middleware, check_token, has_head, origin_of, path_of
from mangosaurus.server.models import ModelRegistry, registry_of
from mangosaurus.server.pool import Pool
from mangosaurus.server.problems import ProblemError, as_problem
from mangosaurus.server.trainings import Trainings

ABOUT = """\
Every error is `application/problem+json` with one sentence in `detail`. The options are those of the command line, with
underscores for hyphens. Send requests as `Content-Type: application/json`. Requests of other sites' pages are refused,
but for those of `--allow-origin`.
"""


def create(
    models: Sequence[str | os.PathLike[str]] = (),
    *,
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "[::1]"),
    origins: Sequence[str] = (),
    token: str | None = None,
    keep: str | os.PathLike[str] = "mangosaurus-models",
) -> FastAPI:
    """An application to mount in one of your own: `app.mount("/names", names)`.

    Enter its lifespan in that of yours, `names.router.lifespan_context(names)`: it starts and ends the processes that
    draw names. `models` are files or names of bundled models, by default both; `hosts` are the names by which yours is
    asked, as Host headers have them, with or without a port; pages of `origins` may ask too; `keep` is the folder of
    kept models.

    Raises OptionError for a short token and for what is no origin, ModelFileError for a broken model, and OutputError
    if the folder cannot be written.
    """
    if token is not None:
        check_token(token)
    limits = Limits()
    known = Hosts(tuple(host.lower() for host in hosts))
    return create_app(registry_of(models, Path(keep), limits), known, token, limits, [*map(origin_of, origins)])


def create_app(
    models: ModelRegistry,
    address: Address | Hosts,
    token: str | None = None,
    limits: Limits | None = None,
    origins: Sequence[str] = (),
) -> FastAPI:
    """An application that serves `models`; `address` is where it listens. Its shared objects: `app.state.shared`.

    Pages of `origins`, as `origin_of` writes them, may ask too.
    """
    limits = limits or Limits()
    shared = routes.Shared(models, limits, Corpora(limits), Pool(limits), Trainings(models, limits))

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
        description=ABOUT,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            **dict.fromkeys((ProblemError, MangosaurusError, RequestValidationError), _known),
            HTTPException: _of_framework,
        },
    )
    app.state.shared = shared
    # The middleware checks the token. This describes it.
    described = [] if token is None else [Depends(HTTPBearer(scheme_name="token", auto_error=False))]
    app.include_router(routes.page)
    app.include_router(routes.api, dependencies=[Depends(_nothing_else), *described])
    app.add_middleware(Middleware, address=address, token=token, limits=limits, origins=origins)
    return app


async def _known(request: Request, error: Exception) -> Response:
    return as_problem(error).response()


async def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = path_of(request.scope)
    sentences = {
        400: "the body is not JSON in UTF-8",
        404: f"there is nothing at {path[:100]!r}",
        405: f"{request.method[:20]} is not a method of this address",
    }
    headers = {"Allow": _methods(request.app, path)} if error.status_code == 405 else None
    return ProblemError(error.status_code, sentences.get(error.status_code, str(error.detail)), headers).response()


def _methods(app: FastAPI, path: str) -> str:
    """The methods of a path, for the Allow header of a 405."""
    paths = app.openapi()["paths"].items()
    calls = [calls for template, calls in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)]
    found = {method.upper() for each in calls for method in each} or {"GET"}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found and has_head(path) else found))


async def _nothing_else(request: Request) -> None:
    """Refuses whatever would be ignored.

    Raises ProblemError, 422, for an unknown query parameter, for a parameter or field of JSON that is given twice, and
    for a body where none is read. Pydantic refuses unknown fields.
    """
    call = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    known = {each["name"]: each["schema"] for each in call.get("parameters", ()) if each["in"] == "query"}
    given = request.query_params.multi_items()
    for name, _ in given:
        if name not in known:
            raise ProblemError(422, f"unknown query parameter {name[:100]}")
    _once([(name, value) for name, value in given if not _repeats(known[name])])
    body = await request.body()
    if body and "requestBody" not in call:
        raise ProblemError(422, "this call takes no body")
    if body and "application/json" in call["requestBody"]["content"]:
        with suppress(ValueError, RecursionError):  # FastAPI finds it too
            json.loads(body, object_pairs_hook=_once)


def _repeats(schema: dict[str, Any]) -> bool:
    """Whether a query parameter is a list, which is given by repeating it."""
    return any(each.get("type") == "array" for each in schema.get("anyOf", [schema]))


def _once(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The same pairs. Raises ProblemError if two have the same name."""
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise ProblemError(422, f"{name[:100]} is given twice")
        names.add(name)
    return pairs
