"""The command: where it listens, what it refuses, how it ends, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import one_line, run
from examples import NAMES, random_network, small_ngram
from patience import PATIENCE, soon
from serving import Served, alive, serving

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.formats import native as storage
from mangosaurus.models.mixture import Mixture
from mangosaurus.server.serve import find_token, serve

pytestmark = pytest.mark.slow

SLOW = {"pattern": [".{1000}"]}
"""It takes two minutes to compile."""


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests that do not end it, of which it has nothing to complain. SLOW would never end by itself."""
    with serving(tmp_path_factory.mktemp("lasting"), limits={"work_seconds": 2 * PATIENCE}) as served:
        yield served
        served.process.terminate()
        assert served.process.communicate(timeout=PATIENCE) == ("", "")


@pytest.fixture(scope="module")
def silent(lasting: Served) -> Iterator[list[socket.socket]]:
    """Connections that send nothing, or not all. The ten seconds that they are given pass during the other tests."""
    with connection(lasting) as nothing, connection(lasting) as part:
        part.sendall(b"GET / HTTP/1.1\r\nHost: ")
        yield [nothing, part]


def connection(server: Served) -> socket.socket:
    host, port = server.address.removeprefix("http://").strip("/").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def begin(server: Served, path: str, body: object) -> socket.socket:
    """Sends a request, and does not wait for the answer."""
    opened, data = connection(server), json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {server.address[7:-1]}\r\nContent-Type: application/json\r\n"
    opened.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    return opened


def read_until(opened: socket.socket, text: bytes) -> None:
    read = b""
    while text not in read:
        read += opened.recv(10_000) or pytest.fail(str(read))


def working(server: Served) -> list[int]:
    """Waits until some of its processes have computed for a while, and returns these."""

    def ticks(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def found() -> list[int]:
        return [pid for pid, count in before.items() if alive(pid) and ticks(pid) > count + 10]

    before = {pid: ticks(pid) for pid in server.children()}
    assert soon(found)
    return found()


def refused(folder: Path, *parts: str, model: str = "dinosaurs", **options: Any) -> None:
    """`serve` refuses these options with all of `parts` in the message; in this very process."""
    usual: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "token": None, "keep": folder / "kept"}
    with pytest.raises(MangosaurusError) as found:
        serve([model], **usual | options)
    assert all(part in str(found.value) for part in parts), found.value


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)])
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice and to all"])
def test_it_ends_within_seconds_and_leaves_nothing(tmp_path: Path, number: int, status: int, twice: bool) -> None:
    with serving(tmp_path) as server, server.client() as client, ExitStack() as stack:
        assert client.get("/").status_code == 200
        assert client.post("api/models/dinosaurs/sample", json={"n": 1}).status_code == 200
        children = server.children()
        assert len(children) == 2
        running = stack.enter_context(begin(server, "/api/models/dinosaurs/sample", SLOW))
        working(server)
        writing = stack.enter_context(begin(server, "/api/models/sonnets/write", {"length": 10_000}))
        read_until(writing, b"event: text")
        if twice:
            os.killpg(server.process.pid, number)
            time.sleep(0.05)
            os.killpg(server.process.pid, number)
        else:
            server.process.send_signal(number)
        assert b"503" in running.recv(10_000).split(b"\r\n")[0]
        rest = b"".join(iter(lambda: writing.recv(100_000), b""))
        assert b"the server is ending" in rest or b'"reason":' in rest
        assert server.process.wait(timeout=PATIENCE) == status
        assert soon(lambda: not any(map(alive, children)))
        assert list(tmp_path.iterdir()) == []
        assert server.process.communicate(timeout=PATIENCE)[1] in ("", "interrupted\n")


def test_processes_do_not_outlive_a_server_that_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.client() as client:
        client.post("api/models/dinosaurs/sample", json={"n": 1})
        children = server.children()
        assert all(os.getpgid(pid) == pid for pid in children)  # so that Ctrl-C reaches the server alone
        with begin(server, "/api/models/dinosaurs/sample", SLOW):
            working(server)
            server.process.kill()
            assert soon(lambda: not any(map(alive, children)))


def test_a_client_that_goes_away_stops_its_work(lasting: Served, silent: list[socket.socket]) -> None:
    server = lasting
    with server.client() as client:
        for _ in range(2):  # each of its processes has begun
            client.post("api/models/dinosaurs/sample", json={"n": 1})
        running = begin(server, "/api/models/dinosaurs/sample", SLOW)
        busy = working(server)
        running.close()
        assert soon(lambda: not any(map(alive, busy)))  # long before the time limit

        def begins() -> bool:
            with begin(server, "/api/models/sonnets/write", {"length": 10_000}) as writing:
                return b" 200 " in writing.recv(1000)

        for _ in range(10):  # one that was never closed would take up one of the eight places
            assert soon(begins)
        assert client.post("api/models/dinosaurs/sample", json={"n": 1}).status_code == 200


def test_a_process_that_was_killed_is_replaced(lasting: Served) -> None:
    server = lasting
    with server.client() as client:
        for path, body, before, after in (
            ("dinosaurs/sample", SLOW, b"", b" 422 "),
            ("sonnets/write", {"length": 10_000}, b"event: text", b"event: problem"),
        ):
            assert client.post("api/models/dinosaurs/sample", json={"n": 1}).status_code == 200
            with begin(server, f"/api/models/{path}", body) as running:
                if before:
                    read_until(running, before)
                else:
                    working(server)
                for pid in server.children():
                    os.kill(pid, signal.SIGKILL)
                read_until(running, after)
        answers = [client.post("api/models/dinosaurs/sample", json={"n": 1}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 4


CHUNKED = b"POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n"
NOT_HTTP = {
    "nonsense": b"nonsense\r\n\r\n",
    "large": b"GET / HTTP/1.1\r\nHost: HOST\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    "large HEAD": b"HEAD / HTTP/1.1\r\nHost: HOST\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "padded": b"GET / HTTP/1.1\r\nHost: HOST\r\nX: " + b" " * 100_000 + b"x\r\n\r\n",
    "long path": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "two lengths": CHUNKED + b"Content-Length: 3\r\n\r\n3\r\nabc\r\n",
    "two lengths HEAD": CHUNKED.replace(b"POST", b"HEAD") + b"Content-Length: 3\r\n\r\n",
    "chunk": CHUNKED + b"\r\nnonsense\r\n",
    "trailers": CHUNKED + b"\r\n0\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("sent", NOT_HTTP.values(), ids=NOT_HTTP.keys())
def test_what_is_not_http_is_a_problem_too(lasting: Served, sent: bytes) -> None:
    head, _, body = told(lasting, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert "16,384 bytes" in json.loads(body)["detail"]


def test_a_head_may_have_all_the_bytes_that_are_promised(lasting: Served) -> None:
    before, after = b"GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nX: ", b"\r\n\r\n"
    room = 16_384 - len(filled(lasting, before + after))
    assert told(lasting, before + b"x" * room + after).startswith(b"HTTP/1.1 200 ")
    assert told(lasting, before + b"x" * (room + 1) + after).startswith(b"HTTP/1.1 400 ")


def filled(server: Served, sent: bytes) -> bytes:
    return sent.replace(b"HOST", server.address[7:-1].encode())


def told(server: Served, sent: bytes) -> bytes:
    """All that comes until the server closes the connection."""
    with connection(server) as opened:
        opened.sendall(filled(server, sent))
        return b"".join(iter(lambda: opened.recv(10_000), b""))


def test_only_with_a_token_do_other_machines_reach_it(tmp_path: Path) -> None:
    for host in ("::", "192.168.0.7"):
        refused(tmp_path, host, "set a token with", host=host)
    one_line(run("serve", "--host", "0.0.0.0", "--port", "0", cwd=tmp_path), "0.0.0.0", "set a token with")
    file = tmp_path / "token.txt"
    file.write_text(f"{TOKEN}\n")
    with serving(tmp_path, "--host", "0.0.0.0", "--token-file", "token.txt", MANGOSAURUS_TOKEN="of no use") as server:
        port = server.address.rsplit(":", 1)[1]
        server.address = f"http://127.0.0.1:{port}"
        with server.client() as client:
            assert client.get("api/models").status_code == 401
            assert client.get("api/models", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


TOKEN = "open sesame 2026"


def test_a_token_is_long_and_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for short in ("", "x", TOKEN[:15]):
        refused(tmp_path, f"the token has {len(short)} characters; take 16 or more", token=short)
    for odd in (f" {TOKEN}", f"{TOKEN}\n{TOKEN}", TOKEN + "é"):
        refused(tmp_path, "must be one line of ASCII", token=odd)
    file = tmp_path / "token.txt"
    one_line(run("serve", "--token-file", file, cwd=tmp_path), "token.txt cannot be read: No such file")
    file.write_text("x\n")
    one_line(run("serve", "--token-file", file, cwd=tmp_path), "the token has 1 characters")
    one_line(run("serve", "--token-file", file, "--token", TOKEN, cwd=tmp_path), "both given; use one")
    file.write_text(TOKEN.ljust(4096, "x") + "y")
    one_line(run("serve", "--token-file", file, cwd=tmp_path), "token.txt has more than 4,096 bytes")
    file.write_text(TOKEN.ljust(4095, "x") + "\n")
    assert find_token(None, file) == TOKEN.ljust(4095, "x")
    monkeypatch.setenv("MANGOSAURUS_TOKEN", "y")
    one_line(run("serve", cwd=tmp_path), "the token has 1 characters")
    assert find_token(None, None) == "y"
    assert find_token(TOKEN, None) == TOKEN


def test_what_cannot_be_served_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(tmp_path, str(port), "in use", "port 0 takes", port=port)
    refused(tmp_path, "nothing.safetensors", model="nothing.safetensors")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"broken")
    one_line(run("serve", broken, cwd=tmp_path), "broken.safetensors")
    for folder in ("broken.safetensors", "broken.safetensors/in/it"):
        refused(tmp_path, folder, "name another folder with", keep=tmp_path / folder)
    refused(tmp_path, "no.such.host.invalid", host="no.such.host.invalid", token=TOKEN)


def test_models_are_named_by_their_files(tmp_path: Path) -> None:
    mangosaurus.load().save(tmp_path / "Mine.safetensors")
    with serving(tmp_path, "Mine.safetensors", "sonnets") as server, server.client() as client:
        models = client.get("api/models").json()["models"]
        assert [(model["id"], model["source"]) for model in models] == [("mine", "given"), ("sonnets", "bundled")]
        answer = client.post("api/models/mine/sample", json={"n": 3, "seed": 5})
        assert [each["text"] for each in answer.json()["samples"]] == list(mangosaurus.load().sample(3, seed=5))
        assert [path.name for path in tmp_path.iterdir()] == ["Mine.safetensors"]


def test_without_its_extra_the_command_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['fastapi'] = None; from mangosaurus.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "serve"], capture_output=True, text=True)
    one_line(done, "fastapi", 'pip install "mangosaurus[serve]"')


def test_a_client_that_sends_nothing_is_not_waited_for(silent: list[socket.socket]) -> None:
    for opened in silent:
        assert opened.recv(1) == b""


def memory(server: Served) -> int:
    """Bytes of the server that are in memory (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def connections(port: int) -> int:
    """How many it has open at this port (Linux)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines)


def test_readers_that_do_not_read_share_one_file_and_are_left(tmp_path: Path) -> None:
    ngram = small_ngram()
    model = Mixture(ngram, [random_network(ngram.vocabulary, hidden=1000)], np.full((7, 2), 0.25))
    data = storage.as_bytes(storage.Contents(model, "names", DocumentHashes.of(NAMES), {}))
    (tmp_path / "large.safetensors").write_bytes(data)
    with serving(tmp_path, "large.safetensors", limits={"body_seconds": 1}) as server, ExitStack() as stack:
        with server.client() as client:
            assert client.get("api/about").status_code == 200
        used, port = memory(server), int(server.address.strip("/").rpartition(":")[2])
        for _ in range(20):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(PATIENCE)
            reader.connect(("127.0.0.1", port))
            reader.sendall(f"GET /api/models/large/file HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert reader.recv(12) == b"HTTP/1.1 200"
        assert memory(server) - used < 6 * len(data)  # the file, what it is made of, and some for each reader
        assert soon(lambda: not connections(port))
        server.process.terminate()
        assert server.process.communicate(timeout=PATIENCE) == ("", "")
