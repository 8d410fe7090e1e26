"""Middleware: access, limits of bodies, security headers, and responses to errors."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from anyio import BrokenResourceError
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mangosaurus.core.errors import OptionError, plain
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError, as_problem, busy

SHORTEST_TOKEN = 16
"""Characters: 16 random hexadecimal digits are 64 bits, too many to guess over a network."""
UPLOADS = ("/api/corpora", "/api/preview")
"""Paths whose bodies are lists or texts."""
HEADERS = {
    # The page's engine compiles its products to WebAssembly in its worker.
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every response."""


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server, not a name that an attacker points here (DNS rebinding).

        If other machines reach the server, it accepts every port and numeric address: attackers cannot redirect those.
        """
        name, port = host, "80"
        if ":" in host and not host.endswith("]"):
            name, _, port = host.rpartition(":")
        name = name.strip("[]").lower()
        if is_loopback(self.host):
            return port == str(self.port) and name in ("localhost", "127.0.0.1", "::1", self.host.lower())
        return name in ("localhost", self.host.lower()) or _numeric(name) is not None


@dataclass(frozen=True)
class Hosts:
    """The names by which an application inside another one is asked: those of Host headers, with or without a port."""

    names: tuple[str, ...]

    def answers_to(self, host: str) -> bool:
        """Whether a Host header has one of these names. A name without a port stands for all ports."""
        host = host.lower()
        return host in self.names or re.sub(r":[0-9]+\Z", "", host) in self.names


def origin_of(url: str) -> str:
    """The origin as browsers send it, in small letters and without the usual port.

    Raises OptionError for what is no origin: a path, a user or `*` in it, or another scheme than http and https.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    usual = {"http": 80, "https": 443}
    known = parts.scheme in usual and re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host)
    if not known or "@" in parts.netloc or parts.path not in ("", "/") or "?" in url or "#" in url:
        raise OptionError.of(
            "{allow_origin} is {!r}; write what browsers send as the origin of your page, such as https://example.org "
            "or http://localhost:3000, without a path",
            plain(url, 100),
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port in (None, usual[parts.scheme]) else f":{port}")


def check_token(token: str) -> None:
    """Raises OptionError for a token that is too short or that no header can hold. The message omits it."""
    if not (token.isascii() and token.isprintable() and token.strip() == token):
        raise OptionError("the token must be one line of ASCII without leading or trailing spaces")
    if len(token) < SHORTEST_TOKEN:
        raise OptionError(f"the token has {len(token)} characters; take {SHORTEST_TOKEN} or more that nobody can guess")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    address = _numeric(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _numeric(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


@dataclass
class Middleware:
    """ASGI middleware around all routes. It reads the whole body before it calls a route."""

    app: ASGIApp
    address: Address | Hosts
    token: str | None
    limits: Limits
    origins: Sequence[str] = ()
    """Those of other sites' pages that may ask, as `origin_of` writes them."""
    open: int = 0
    uploads: int = 0

    def __post_init__(self) -> None:
        shared = CORSMiddleware(
            self._answer,
            allow_origins=self.origins,
            allow_methods=("DELETE", "GET", "HEAD", "POST"),
            allow_headers=("Authorization", "Content-Type"),
            allow_private_network=True,
            expose_headers=("Content-Disposition", "Retry-After"),
        )
        self.inner: ASGIApp = shared if self.origins else self._answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if path_of(scope).startswith("/api"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            check_place(scope, self.address, self.origins)
        except ProblemError as refused:
            await refused.response()(scope, receive, send_with_headers)
            return
        await self.inner(scope, receive, send_with_headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that comes from where it may. An error is an answer too, which the page may read."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        self.open += 1
        try:
            check_access(scope, self.token)
            if self.open > self.limits.requests:
                raise busy(503, f"{self.limits.requests} requests are being answered already; try again in a moment")
            body = await self._body(scope, receive)
            # Routes see GET in place of HEAD, for which uvicorn does not send the body.
            get = {"method": "GET"} if scope["method"] == "HEAD" and has_head(scope["path"]) else {}
            await self.app({**scope, **get}, _again(body, receive), send_and_note)
        except Exception as error:
            if not (isinstance(error, ProblemError) or _reader_left(error)):
                print(traceback.format_exc(), file=sys.stderr)
            if not started:
                await as_problem(error).response()(scope, receive, send)
        finally:
            self.open -= 1

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Raises ProblemError if it is too large, too slow or of the wrong type."""
        headers, corpus = Headers(scope=scope), path_of(scope) in UPLOADS
        most = self.limits.corpus_bytes if corpus else self.limits.body_bytes
        too_large = ProblemError(413, f"the body is larger than {most:,} bytes", {"Connection": "close"})
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 12 or int(length) > most:
            raise too_large
        if corpus and self.uploads >= self.limits.uploads:
            raise busy(429, f"{self.uploads} lists or texts are being received already; try again in a moment")
        self.uploads += corpus
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                async for piece in Request(scope, receive).stream():
                    body += piece
                    if len(body) > most:
                        raise too_large
        except ClientDisconnect:
            raise ProblemError(400, "the body ended too soon") from None
        except TimeoutError:
            why = f"the body did not arrive within {self.limits.body_seconds:g} seconds"
            raise ProblemError(503, why, {"Connection": "close", "Retry-After": "1"}) from None
        finally:
            self.uploads -= corpus
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        wanted = "text/plain" if corpus else "application/json"
        if body and path_of(scope).startswith("/api") and kind != wanted:
            raise ProblemError(415, f"the body is {kind[:100] or 'of no type'}; send it as Content-Type: {wanted}")
        return bytes(body)


def path_of(scope: Scope) -> str:
    """The path of a request, without that at which another application has this one."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _of_api(scope: Scope) -> bool:
    return path_of(scope).startswith(("/api", "/openapi.json"))


def check_place(scope: Scope, address: Address | Hosts, origins: Sequence[str] = ()) -> None:
    """Raises ProblemError, 403, for a request from another site than `origins`, or to another name."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin")
    if len(headers.getlist("host")) != 1 or not address.answers_to(host):
        raise ProblemError(403, f"this server is not {host[:100]!r}; open it by the address that it printed")
    if origin is not None and origin in origins:
        return
    foreign = ProblemError(403, "requests from pages of other sites are refused")
    if origin is not None and origin.lower() != f"{scope['scheme']}://{host.lower()}":
        raise foreign
    # Another site may link to the page, but may not embed anything of it.
    visit = scope["method"] == "GET" and not _of_api(scope) and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not visit:
        raise foreign


def check_access(scope: Scope, token: str | None) -> None:
    """Raises ProblemError, 401, for a call of the API without the token."""
    if token is not None and _of_api(scope):
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            why = "the token is missing or wrong; send it as Authorization: Bearer, or open the page as /?token=..."
            raise ProblemError(401, why, {"WWW-Authenticate": "Bearer"})


def has_head(path: str) -> bool:
    """Whether HEAD is answered like GET: not for events, which may never end."""
    return not path.endswith("/events")


def _again(body: bytes, receive: Receive) -> Receive:
    """Receives a body that was read already, and then what follows: the client leaves."""
    read: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return read.pop() if read else await receive()

    return receive_again


def _reader_left(error: BaseException) -> bool:
    """Whether nothing is wrong but that the reader of a stream of events has left, which FastAPI may raise so."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_reader_left, error.exceptions))
    return isinstance(error, BrokenResourceError)
