"""What stands before every route, and behind it: refusals, bodies read within limits, headers, mistakes."""

from __future__ import annotations

import asyncio
import sys
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mangosaurus.server.limits import Limits
from mangosaurus.server.openapi import has_head
from mangosaurus.server.problems import ProblemError, answer, busy
from mangosaurus.server.security import HEADERS, Address, check

CORPORA = "/api/corpora"


class Guard:
    """ASGI middleware around all routes. A body has arrived whole before a route sees it."""

    def __init__(self, app: ASGIApp, address: Address, token: str | None, limits: Limits) -> None:
        self.app: ASGIApp = app
        self.address: Address = address
        self.token: str | None = token
        self.limits: Limits = limits
        self.open: int = 0
        self.uploads: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"].startswith("/api"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        self.open += 1
        try:
            check(scope, self.address, self.token)
            if self.open > self.limits.requests:
                raise busy(503, f"{self.limits.requests} requests are being answered already; try again in a moment")
            body = await self._body(scope, receive)
            await self.app(_asked(scope), _again(body, receive), send_guarded)
        except ProblemError as error:
            await answer(error.status, error.detail, error.headers)(scope, receive, send_guarded)
        except Exception:
            print(traceback.format_exc(), file=sys.stderr)
            if not started:
                why = "the server made a mistake; its own output says more"
                await answer(500, why)(scope, receive, send_guarded)
        finally:
            self.open -= 1

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Raises ProblemError if it is too large, too slow or of the wrong kind."""
        headers, corpus = Headers(scope=scope), scope["path"] == CORPORA
        most = self.limits.corpus_bytes if corpus else self.limits.body_bytes
        too_large = ProblemError(413, f"the body is larger than {most:,} bytes", {"Connection": "close"})
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 12 or int(length) > most:
            raise too_large
        if corpus and self.uploads >= self.limits.uploads:
            raise busy(429, f"{self.uploads} lists or texts are being received already; try again in a moment")
        self.uploads += corpus
        parts, size = [], 0
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ProblemError(400, "the body ended too soon")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise too_large
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            why = f"the body did not arrive within {self.limits.body_seconds:g} seconds"
            raise ProblemError(503, why, {"Connection": "close", "Retry-After": "1"}) from None
        finally:
            self.uploads -= corpus
        body = b"".join(parts)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        wanted = "text/plain" if corpus else "application/json"
        if body and scope["path"].startswith("/api") and kind != wanted:
            raise ProblemError(415, f"the body is {kind[:100] or 'of no type'}; send it as Content-Type: {wanted}")
        return body


def _asked(scope: Scope) -> Scope:
    """What the routes are asked: for GET in place of HEAD, whose answer's body uvicorn keeps back."""
    if scope["method"] == "HEAD" and has_head(scope["path"]):
        return {**scope, "method": "GET"}
    return scope


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, and then what comes next: that the client has gone."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
