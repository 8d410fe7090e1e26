"""The server as a process: its socket, its signals, its end."""

from __future__ import annotations

import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mangosaurus.errors import OptionError
from mangosaurus.server.security import Address

GRACE = 4
"""Seconds that running requests have when the server is told to end."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is a free one. Raises OptionError if it cannot."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
            listening.listen(1024)
        except BaseException:
            listening.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise OptionError(f"cannot listen at {host}, port {port}: {why}; --port 0 takes a free port") from error
    return listening


def run(app: FastAPI, listening: socket.socket, address: Address) -> None:
    """Serves until SIGTERM or Ctrl-C, and prints the address on standard output once it listens."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        http="h11",
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=1000,
    )
    _Server(config, app, address).run([listening])


class _Server(uvicorn.Server):
    """Tells the application to end as soon as the signal comes, before requests that run have ended."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, address: Address) -> None:
        super().__init__(config)
        self.app, self.address = app, address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
            print(f"http://{host}:{self.address.port}/", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.state.shared.stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
