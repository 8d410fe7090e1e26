"""The command `serve`: the models, the socket, signals, and a stricter HTTP/1.1 than uvicorn's."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, cast

import h11
import uvicorn
from fastapi import FastAPI
from threadpoolctl import threadpool_limits
from uvicorn.protocols.http.h11_impl import H11Protocol

from mangosaurus.core.errors import Option, OptionError
from mangosaurus.server.app import create_app
from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import HEADERS, Address, check_token, is_loopback, origin_of
from mangosaurus.server.models import registry_of
from mangosaurus.server.problems import MEDIA_TYPE, ProblemError

TOKEN_BYTES = 4096
"""The largest file of a token."""
GRACE = 4
"""Seconds that running requests have when the server ends."""
HEAD_BYTES = 16_384
HEAD_SECONDS = 10
"""Seconds from the opening of a connection, or the first byte of a further request, to the end of the head."""


def serve(
    models: Sequence[str | os.PathLike[str]],
    *,
    host: str,
    port: int,
    token: str | None,
    keep: Path,
    origins: Sequence[str] = (),
) -> None:
    """Serves `models`, or both bundled ones, until SIGTERM or Ctrl-C; the pages of other `origins` may ask too.

    Raises OptionError for a short token, a host that other machines reach without a token, what is no origin, and an
    address in use; ModelFileError for a broken model; OutputError if the folder `keep` cannot be written.
    """
    origins = [*map(origin_of, origins)]
    if token is not None:
        check_token(token)
    elif not is_loopback(host):
        why = f"host {host} can be reached from other machines: set a token with "
        raise OptionError(why, Option("token_file"), " or MANGOSAURUS_TOKEN")
    limits = Limits()
    registry = registry_of(models, keep, limits)
    listening = listen(host, port)
    address = Address(host, listening.getsockname()[1])
    # One thread for each product: several requests use all cores anyway, and threads that wait for each other on a
    # busy machine take many times as long.
    with threadpool_limits(1, user_api="blas"):
        run(create_app(registry, address, token, limits, origins), listening, address)


def find_token(token: str | None, file: Path | None) -> str | None:
    """The token: `token`, the line in `file`, or MANGOSAURUS_TOKEN; None if there is none.

    Raises OptionError if both are given, or the file cannot be read or is too large.
    """
    if file is None:
        return os.environ.get("MANGOSAURUS_TOKEN") if token is None else token
    if token is not None:
        raise OptionError(Option("token"), " and ", Option("token_file"), " are both given; use one")
    try:
        with file.open("rb") as opened:
            data = opened.read(TOKEN_BYTES + 1)
        found = data.decode().strip()
    except (OSError, ValueError) as error:
        raise OptionError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > TOKEN_BYTES:
        raise OptionError(f"{file} has more than {TOKEN_BYTES:,} bytes; write only the token into it")
    return found


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is a free one. Raises OptionError if that fails."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Only where the protocol is named does asyncio send without delay (TCP_NODELAY): a body would wait 40 ms for
        # the client to acknowledge the head.
        listening = socket.socket(family, kind, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
            listening.listen(1024)
        except BaseException:
            listening.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        parts = f"cannot listen at {host}, port {port}: {why}; ", Option("port"), " 0 takes a free port"
        raise OptionError(*parts) from error
    return listening


def run(app: FastAPI, listening: socket.socket, address: Address) -> None:
    """Serves until SIGTERM or Ctrl-C, and prints the address on standard output once it listens."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        use_colors=False,  # standard error shows escape codes
        date_header=True,
        proxy_headers=False,
        ws="none",
        http=_Protocol,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=900,
    )
    _Server(config, app, address).run([listening])


class _Server(uvicorn.Server):
    """Prints its address, and stops the application before it waits for running requests."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, address: Address) -> None:
        super().__init__(config)
        self.app, self.address = app, address

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ignores signals after the first: a second one would lose the model of a training."""
        if not self.should_exit:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            try:
                print(self.address, flush=True)
            except BaseException:  # standard output cannot be written
                await self.shutdown(sockets)
                raise

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.state.shared.stop()
        await super().shutdown(sockets)


class _Connection(h11.Connection):
    """Refuses heads that h11 accepts: too large ones that arrive at once, and those with two lengths of the body.

    Trailers, the headers after a chunked body, have the same limit. A proxy that believes Content-Length, before a
    server that believes Transfer-Encoding, takes the rest of the body for another request: RFC 9112, 6.1 and 6.3, lets
    a server refuse both together.
    """

    def __init__(self) -> None:
        super().__init__(h11.SERVER, HEAD_BYTES)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        if self.their_state is not h11.IDLE:
            event = super().next_event()
            trailers = event.headers if isinstance(event, h11.EndOfMessage) else ()
            if sum(len(name) + len(value) for name, value in trailers) > HEAD_BYTES:
                raise h11.RemoteProtocolError("the trailers are too large")
            return event
        before = len(self.trailing_data[0])
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if before - len(self.trailing_data[0]) > HEAD_BYTES or {b"content-length", b"transfer-encoding"} <= names:
                raise h11.RemoteProtocolError("the head is too large, or gives the body two lengths")
        return event


class _Protocol(H11Protocol):
    """Closes a connection if the head of a request is late or malformed, or if the client does not read."""

    _late: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = _Connection()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # calls `pause_writing` as soon as anything waits for the client
        self._expect()

    def pause_writing(self) -> None:
        super().pause_writing()
        seconds = cast(FastAPI, self.config.app).state.shared.limits.body_seconds
        # Not `close`, which would wait for the client to read the rest.
        self._unread = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        for call in (self._late, self._unread):
            if call is not None:
                call.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        largest = f"its head or trailer is larger than {HEAD_BYTES:,} bytes"
        why = f"this is not HTTP/1.1, {largest}, or it has both Content-Length and Transfer-Encoding"
        headers = {**HEADERS, "Content-Type": MEDIA_TYPE, "Connection": "close"}
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        answer = h11.Connection(h11.SERVER)  # `self.conn` may have sent its response already
        for event in (
            h11.Response(status_code=400, headers=sent, reason=b"Bad Request"),
            h11.Data(data=ProblemError(400, why).body.model_dump_json().encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(answer.send(event) or b"")
        self.transport.close()

    def _expect(self) -> None:
        """Starts the timer while a head is expected, and cancels it when the head has arrived."""
        expected = self.cycle is None or self.cycle.response_complete
        if expected and self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)
        elif not expected and self._late is not None:
            self._late.cancel()
            self._late = None
