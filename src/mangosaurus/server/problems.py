"""What went wrong, as `application/problem+json` (RFC 9457) with one sentence that a person understands."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from mangosaurus.core.errors import MangosaurusError, OutputError, in_json

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """An error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    type: Literal["about:blank"] = "about:blank"
    title: str
    """The status's phrase."""
    status: int
    detail: str
    """One sentence."""


class ProblemError(Exception):
    """Answered with `status` and the sentence `detail`."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status: int = status
        self.detail: str = detail
        self.headers: dict[str, str] = headers or {}


def busy(status: int, detail: str, seconds: int = 1) -> ProblemError:
    """A refusal, 429 or 503, that says when to try again."""
    return ProblemError(status, detail, {"Retry-After": str(seconds)})


def problem(status: int, detail: str) -> Problem:
    """The body of a response."""
    # What a client sent may hold half a pair of surrogates, which JSON in UTF-8 cannot.
    detail = detail.encode("utf-8", "replace").decode()
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The whole answer."""
    return JSONResponse(problem(status, detail).model_dump(), status, headers, MEDIA_TYPE)


def as_problem(error: Exception) -> ProblemError:
    """What is answered when `error` was raised; the library's own message where it is one of its errors."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, MangosaurusError):
        return ProblemError(500 if isinstance(error, OutputError) else 422, error.spelled(in_json))
    return ProblemError(500, "the server made a mistake; its own output says more")


def install(app: FastAPI, methods: Callable[[str], str]) -> None:
    """Lets `app` answer every error so; `methods` names those of an address."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        found = as_problem(error)
        return answer(found.status, found.detail, found.headers)

    async def of_framework(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        sentences = {
            400: "the body is not JSON in UTF-8",
            404: f"there is nothing at {request.url.path[:100]!r}",
            405: f"{request.method[:20]} is not a method of this address",
        }
        headers = {"Allow": methods(request.url.path)} if error.status_code == 405 else None
        return answer(error.status_code, sentences.get(error.status_code, str(error.detail)), headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(*_invalid(error))

    for kind in (ProblemError, MangosaurusError):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, of_framework)
    app.add_exception_handler(RequestValidationError, invalid)


def _invalid(error: RequestValidationError) -> tuple[int, str]:
    """The status and the sentence of a body that is not as described: the first thing found."""
    first: dict[str, Any] = error.errors()[0]
    if first["type"] == "json_invalid":
        return 400, "the body is not JSON in UTF-8"
    if first["loc"] == ("body",) and first["type"] in ("missing", "model_attributes_type"):
        return 422, "the body is not a JSON object such as {}"
    place = [str(part)[:100] for part in first["loc"] if part != "body"]
    name = ".".join(place) or "the body"
    if first["type"] == "extra_forbidden":
        return 422, f"{name}: there is no such option"
    message = str(first["msg"]).removeprefix("Value error, ")
    return 422, f"{name}: {message[:1].lower()}{message[1:]}"


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of these errors, and of those that every call may have."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({400, 401, 403, 413, 415, 422, 429, 500, 503, *statuses})
    }
