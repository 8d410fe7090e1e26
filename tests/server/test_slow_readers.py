"""Clients that ask for much and read nothing: neither the server's memory nor its connections are theirs for long."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from examples import NAMES, random_network, small_ngram
from serving import PATIENCE, Served, serving, soon

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.formats import native as storage
from mangosaurus.models.mixture import Mixture

READERS = 20


def memory(server: Served) -> int:
    """Bytes of the server that are in memory (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def connections(port: int) -> int:
    """How many it has open at this port (Linux)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_readers_that_do_not_read_share_one_file_and_are_left(tmp_path: Path) -> None:
    ngram = small_ngram()
    model = Mixture(ngram, [random_network(ngram.vocabulary, hidden=1000)], np.full((7, 2), 0.25))
    data = storage.as_bytes(storage.Contents(model, "names", DocumentHashes.of(NAMES), {}))
    (tmp_path / "large.safetensors").write_bytes(data)
    with serving(tmp_path, "large.safetensors", limits={"body_seconds": 1}) as server, ExitStack() as stack:
        with server.client() as client:
            assert client.get("api/about").status_code == 200
        used, port = memory(server), int(server.address.strip("/").rpartition(":")[2])
        for _ in range(READERS):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(120)
            reader.connect(("127.0.0.1", port))
            reader.sendall(f"GET /api/models/large/file HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert reader.recv(12) == b"HTTP/1.1 200"
        assert memory(server) - used < 6 * len(data)  # the file, what it is made of, and some for each reader
        assert soon(lambda: not connections(port))
        server.process.terminate()
        assert server.process.communicate(timeout=PATIENCE) == ("", "")
