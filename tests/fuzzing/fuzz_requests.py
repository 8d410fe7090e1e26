"""Raw bytes sent to a server: requests with bodies, heads and lines that are damaged."""

from __future__ import annotations

import atexit
import json
import random
import socket
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from fuzz_uses import FINE, REFUSED
from fuzz_values import damaged_bytes, damaged_json, nested
from serving import Served, serving

SOON, PATIENCE = 2, 30
"""Seconds on the clock: after the first nothing more is sent, and by the second there is an answer."""
BODIES: list[tuple[str, dict[str, Any]]] = [
    ("sample", {"n": 2, "prefix": "Tyr", "temperature": 0.8, "seed": 1, "contains": ["a"], "pattern": [".*s"]}),
    ("sample", {"n": 3, "best": 2, "length": "5..9", "avoid": ["anna"], "avoid_parts": True, "min_p": 0.1}),
    ("sample", {"n": 2, "method": "gumbel", "top_k": 5, "top_p": 0.9, "max_length": 12, "allow_known": True}),
    ("top", {"n": 2, "suffix": "raptor", "new": True, "max_length": 14, "without": "z"}),
    ("score", {"texts": ["Tyrannosaurus", "Xqzt"]}),
    ("predict", {"text": "Tyr", "most": 5}),
    ("write", {"prompt": "Tyr", "length": 5, "fold": True, "until": "\n", "seed": 1}),
]


def raw_request(random: random.Random) -> tuple[str, bytes]:
    """(what was done, the bytes of a request)."""
    verb, asked = random.choice(BODIES)
    how = random.randrange(8)
    body = json.dumps(asked).encode()
    kind, path, method = "application/json", f"/api/models/dinosaurs/{verb}", "POST"
    if how <= 3:
        body = json.dumps(damaged_json(random, asked)).encode("utf-8", "replace")
    elif how == 4:
        body = damaged_bytes(random, body)
    elif how == 5:
        body = nested(random).encode()[: random.choice((100, 900_000, 1_100_000))]
    elif how == 6:
        kind = random.choice(("", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "é" * 9))
        path = random.choice(
            (path, "/api/models/../x/sample", "/api/models/%00/score", "/" + "a" * 70_000, "//", "*", "/api")
        )
        method = random.choice(
            ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "POST", "TRACE", "CONNECT", "X" * 99)
        )
    length = random.choice((len(body),) * 9 + (len(body) + 10, 0, -1, 10**12, "x"))
    head = f"{method} {path} HTTP/1.1\r\nHost: {{host}}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    head += "Connection: close\r\n\r\n"
    data = head.encode("utf-8", "replace") + body
    return f"{verb}, {how}", damaged_bytes(random, data) if how == 7 else data


@cache
def _server() -> tuple[Served, str, int]:
    """A server that lives as long as this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    served = stack.enter_context(serving(folder, limits={"work_seconds": 10}))
    host, _, port = served.address.removeprefix("http://").rstrip("/").partition(":")
    return served, host, int(port)


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except TimeoutError:  # it waits for more of the body, which will not come
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(PATIENCE)
        return connection.recv(65_536)


def send_request(path: Path) -> str:
    """Sends the bytes and reads to the end: an answer of a status that is no failure of the server, or none at all."""
    served, host, port = _server()
    with socket.create_connection((host, port), timeout=SOON) as connection:
        answer = b""
        try:
            connection.sendall(path.read_bytes().replace(b"{host}", f"{host}:{port}".encode()))
            while piece := _received(connection):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # it need not read a request to its end
    assert served.process.poll() is None, "the server has ended"
    if not answer:
        return f"{REFUSED}: without an answer"
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status < 500, f"status {status}: {body[:300]!r}"
    if status < 400:
        return FINE
    if b"application/problem+json" in head and body:
        detail = json.loads(body)["detail"]
        assert detail.splitlines() == [detail], f"more than one line: {detail[:200]!r}"
        assert len(detail) <= 2000, f"a sentence of {len(detail)} characters"
    return f"{REFUSED}: {status}"
