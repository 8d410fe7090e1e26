"""The OpenAPI description: FastAPI's, with the problem that every error is."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mangosaurus.server.problems import Problem

ABOUT = """\
Every error is `application/problem+json` with one sentence in `detail`. The options are those of the command line, with
underscores for hyphens. Requests carry `Content-Type: application/json`; those of another site's pages are refused.
"""


def install(app: FastAPI, token: bool) -> None:
    """Lets `app` describe itself so; `token` says whether it asks for one."""

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


def methods(app: FastAPI, path: str) -> str:
    """The methods of an address, as the Allow header of a 405 has them."""
    calls = [
        calls
        for template, calls in app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    found = {method.upper() for each in calls for method in each} or {"GET"}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found and has_head(path) else found))


def has_head(path: str) -> bool:
    """Whether HEAD is answered where GET is: all but events, which have no end, so that none could be awaited."""
    return not path.endswith("/events")
