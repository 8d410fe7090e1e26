"""What stands before every route: whose requests are answered, and which headers every answer has."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mangosaurus.server.problems import ProblemError, answer

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server, and no other name that someone let point here."""
        named, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "80")
        if self.loopback and port != str(self.port):
            return False
        name = named.strip("[]").lower()
        if name in ("localhost", "127.0.0.1", "::1", self.host.lower()):
            return True
        return not self.loopback and _is_address(name)


def is_loopback(host: str) -> bool:
    """Whether `host` is the machine itself and nothing else."""
    return host.lower() == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """ASGI middleware: refuses foreign Host and Origin headers and wrong tokens, and adds HEADERS to every answer."""

    def __init__(self, app: ASGIApp, address: Address, token: str | None) -> None:
        self.app, self.address, self.token = app, address, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        api = scope["path"].startswith("/api")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if api:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            self._check(scope, Headers(scope=scope))
        except ProblemError as error:
            await answer(error.status, error.detail, error.headers)(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or not self.address.answers_to(host):
            raise ProblemError(403, f"this server is not {host[:100]!r}")
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            raise ProblemError(403, "requests from pages of other sites are refused")
        site = headers.get("sec-fetch-site", "none")
        visit = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        api = scope["path"].startswith("/api")
        if site not in ("same-origin", "none") and (api or not visit):
            raise ProblemError(403, "requests from pages of other sites are refused")
        if self.token is not None and (api or scope["path"] == "/openapi.json"):
            scheme, _, given = headers.get("authorization", "").partition(" ")
            right = hmac.compare_digest(given.strip().encode(), self.token.encode())
            if scheme.lower() != "bearer" or not right:
                raise ProblemError(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
