"""The OpenAPI description: FastAPI's with the errors added. Requests with anything it does not have are refused."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from mangosaurus.server.problems import Problem, ProblemError

ABOUT = """\
Every error is `application/problem+json` with one sentence in `detail`. The options are those of the command line, with
underscores for hyphens. Send requests as `Content-Type: application/json`. Requests of other sites' pages are refused.
"""


def install(app: FastAPI, token: bool) -> None:
    """Makes `app` describe itself; `token` says whether it requires one."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, summary=app.summary, description=ABOUT, routes=app.routes
            )
            components = schema.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
            if token:
                components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
                for path, calls in schema["paths"].items():
                    for call in calls.values() if path.startswith("/api") else ():
                        call["security"] = [{"token": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


async def nothing_else(request: Request) -> None:
    """Refuses whatever would be ignored.

    Raises ProblemError, 422, for an unknown query parameter, for a parameter or field of JSON that is given twice, and
    for a body where none is read. Pydantic refuses unknown fields.
    """
    call = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    known = {each["name"] for each in call.get("parameters", ()) if each["in"] == "query"}
    for name, _ in _once(request.query_params.multi_items()):
        if name not in known:
            raise ProblemError(422, f"unknown query parameter {name[:100]}")
    body = await request.body()
    if body and "requestBody" not in call:
        raise ProblemError(422, "this call takes no body")
    if body and "application/json" in call["requestBody"]["content"]:
        with suppress(ValueError, RecursionError):  # FastAPI finds it too
            json.loads(body, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The same pairs. Raises ProblemError if two have the same name."""
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise ProblemError(422, f"{name[:100]} is given twice")
        names.add(name)
    return pairs


def methods(app: FastAPI, path: str) -> str:
    """The methods of a path, for the Allow header of a 405."""
    calls = [
        calls
        for template, calls in app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    found = {method.upper() for each in calls for method in each} or {"GET"}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found and has_head(path) else found))


def has_head(path: str) -> bool:
    """Whether HEAD is answered like GET: not for events, which may never end."""
    return not path.endswith("/events")
