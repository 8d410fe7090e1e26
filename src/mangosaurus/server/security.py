"""Whose requests are answered: those to this server's own name, from its own page or from programs, with the token."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from mangosaurus.server.problems import ProblemError

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
"""What every answer has."""


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server, and not a name that someone has let point here (DNS rebinding).

        A server that other machines reach has many addresses, and its port may be another one to them: it answers to
        every address that is a number, for that cannot be made to point elsewhere.
        """
        if host.endswith("]") or ":" not in host:
            name, port = host, "80"
        else:
            name, _, port = host.rpartition(":")
        name = name.strip("[]").lower()
        if is_loopback(self.host):
            return port == str(self.port) and name in ("localhost", "127.0.0.1", "::1", self.host.lower())
        return name in ("localhost", self.host.lower()) or _is_number(name)


def is_loopback(host: str) -> bool:
    """Whether `host` is the machine itself, which no other machine reaches."""
    return host.lower() == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check(scope: Scope, address: Address, token: str | None) -> None:
    """Raises ProblemError, 401 or 403, if a request is not to be answered."""
    headers, api = Headers(scope=scope), scope["path"].startswith(("/api", "/openapi.json"))
    host, origin = headers.get("host", ""), headers.get("origin")
    if len(headers.getlist("host")) != 1 or not address.answers_to(host):
        raise ProblemError(403, f"this server is not {host[:100]!r}; open it by the address that it printed")
    foreign = ProblemError(403, "requests from pages of other sites are refused")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        raise foreign
    # A link on another site may lead to the page, but nothing of the page may be built into another one.
    visit = scope["method"] == "GET" and not api and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not visit:
        raise foreign
    if token is not None and api:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            why = "the token is missing or wrong; send it as Authorization: Bearer, or open the page as /?token=..."
            raise ProblemError(401, why, {"WWW-Authenticate": "Bearer"})
