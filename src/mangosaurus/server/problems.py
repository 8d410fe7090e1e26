"""Errors as `application/problem+json` (RFC 9457), each with one sentence that a person understands."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from mangosaurus.core.errors import MangosaurusError, OutputError, in_json

MEDIA_TYPE = "application/problem+json"
MISTAKE = "the server made a mistake; its own output says more"


class Part(BaseModel, extra="forbid"):
    """A part of a sentence: text, or an option and perhaps its value."""

    text: str | None = None
    option: str | None = None
    value: Any = None


class Problem(BaseModel, extra="forbid"):
    """An error."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    """The status's phrase."""
    status: int
    detail: str
    """One sentence."""
    parts: list[Part] | None = None
    """Those of the sentence, where it is about options."""


class ProblemError(Exception):
    """Answered with `status` and the sentence `detail`."""

    def __init__(
        self,
        status: int,
        detail: str,
        headers: dict[str, str] | None = None,
        parts: list[dict[str, object]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status: int = status
        self.detail: str = _sound(detail)
        self.headers: dict[str, str] = headers or {}
        self.parts: list[Part] | None = parts and [
            Part(**{name: _sound(value) if isinstance(value, str) else value for name, value in part.items()})
            for part in parts
        ]

    @property
    def body(self) -> Problem:
        """The body of the response."""
        title = HTTPStatus(self.status).phrase
        return Problem(title=title, status=self.status, detail=self.detail, parts=self.parts)

    def response(self) -> JSONResponse:
        """The whole response."""
        return JSONResponse(self.body.model_dump(exclude_none=True), self.status, self.headers, MEDIA_TYPE)


def _sound(text: str) -> str:
    """What a client sent may hold half a pair of surrogates, which JSON in UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def busy(status: int, detail: str, seconds: int = 1) -> ProblemError:
    """A refusal, 429 or 503, that says when to try again."""
    return ProblemError(status, detail, {"Retry-After": str(seconds)})


def as_problem(error: Exception) -> ProblemError:
    """The answer to `error`: the library's own message if it is one of its errors."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, MangosaurusError):
        status = 500 if isinstance(error, OutputError) else 422
        return ProblemError(status, error.spelled(in_json), parts=error.as_json)
    return ProblemError(500, MISTAKE)


def _invalid(error: RequestValidationError) -> ProblemError:
    """The answer to a body that is not as described: the first thing found."""
    first: dict[str, Any] = error.errors()[0]
    if first["type"] == "json_invalid":
        return ProblemError(400, "the body is not JSON in UTF-8")
    if first["loc"] == ("body",) and first["type"] in ("missing", "model_attributes_type"):
        return ProblemError(422, "the body is not a JSON object such as {}")
    field, *within = [part for part in first["loc"] if part not in ("body", "query")] or ["the body"]
    # The rest are the places in a list, and pydantic's names of types.
    name = ".".join([str(field)[:100], *(str(part) for part in within if isinstance(part, int))])
    if first["type"] == "extra_forbidden":
        return ProblemError(422, f"{name}: there is no such option")
    message = str(first["msg"]).removeprefix("Value error, ")
    message = f": {message[:1].lower()}{message[1:]}"
    option = name.split(".")[0]
    return ProblemError(422, f"{name}{message}", parts=[{"option": option}, {"text": name[len(option) :] + message}])


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of these errors, and of those that every call may have."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({400, 401, 403, 413, 415, 422, 429, 500, 503, *statuses})
    }
