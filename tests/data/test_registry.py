"""Corpora by name, downloaded from a server on the loopback address that behaves well and badly."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from commands import run

from mangosaurus.cli import streams
from mangosaurus.core.errors import CorpusError
from mangosaurus.data import registry
from mangosaurus.data.read import as_corpus, read_corpus
from mangosaurus.data.registry import Entry, find, whereabouts

WORDS = ["when", "do", "count", "the", "clock", "that", "tells", "time", "brave", "day", "in", "hideous", "night"]
TEXT = ".\n".join(" ".join(random.Random(number).choices(WORDS, k=9)) for number in range(1000)).encode()
Answer = Callable[[BaseHTTPRequestHandler], None]


def send(data: bytes, status: int = 200, length: int | None = None, headers: dict[str, str] | None = None) -> Answer:
    """An answer that announces `length` bytes, by default as many as it sends, and closes the connection."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


class Server(ThreadingHTTPServer):
    """Answers every request as `answer` says, and counts them."""

    daemon_threads = True
    answer: Answer = staticmethod(send(TEXT))
    asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        with suppress(OSError):  # the client has hung up
            self.server.answer(self)

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, no $MANGOSAURUS_DATA, no proxies, and an empty folder to work in."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", registry.DATA):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    folder = tmp_path / "cache" / "mangosaurus"
    monkeypatch.setattr(registry, "cache_folder", lambda: folder)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


@pytest.fixture
def sonnets(cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """What is registered as sonnets, TEXT, at the server."""
    sha256 = hashlib.sha256(TEXT).hexdigest()
    entry = Entry("sonnets", "a text", "text", "sonnets.txt", len(TEXT), sha256, f"{server.address}/sonnets.txt")
    monkeypatch.setitem(registry.ENTRIES, "sonnets", entry)
    return entry


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_download_is_kept_and_the_server_asked_once(
    sonnets: Entry, cache: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert whereabouts(sonnets) == ("web", cache / "sonnets.txt")
    assert find("sonnets") == cache / "sonnets.txt"
    assert (cache / "sonnets.txt").read_bytes() == TEXT
    assert contents(cache) == ["sonnets.txt"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"downloading sonnets, {len(TEXT):,} bytes, from {sonnets.address}\n"
    assert whereabouts(sonnets) == ("cache", cache / "sonnets.txt")
    assert find("sonnets") == cache / "sonnets.txt"
    assert server.asked == 1
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(
    sonnets: Entry, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # which rich takes for a terminal
    monkeypatch.setenv("COLUMNS", "100")
    with streams.opened():  # as the command line does
        find("sonnets")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("downloading sonnets") == 1
    assert "━" in shown.err
    assert "\\x1b" not in shown.err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (send(TEXT[:20_000], length=len(TEXT)), f"broke off before all {len(TEXT):,} bytes had come"),
        (send(TEXT[:-1]), f"broke off before all {len(TEXT):,} bytes had come"),
        (send(TEXT[:-1] + b"\0"), "its SHA-256 differs"),
        (send(TEXT * 100), f"sends more than the {len(TEXT):,} bytes"),
        (send(b"<html>gone</html>", status=404), "answered with status 404"),
        (send(b"", status=302, headers={"Location": "file:///dev/zero"}), "No connection adapters"),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), "closed connection without response"),
    ],
)
def test_a_bad_download_is_one_line_and_leaves_nothing(
    answer: Answer, reason: str, sonnets: Entry, cache: Path, server: Server
) -> None:
    server.answer = answer
    with pytest.raises(CorpusError) as caught:
        find("sonnets")
    message = str(caught.value)
    assert message.startswith("sonnets cannot be downloaded: ")
    assert reason in message
    assert "\n" not in message
    assert f"save {sonnets.address} as {cache / 'sonnets.txt'}, or as sonnets.txt in the folder that MANG" in message
    assert contents(cache) == []
    server.answer = send(TEXT)
    assert find("sonnets").read_bytes() == TEXT
    assert contents(cache) == ["sonnets.txt"]


def test_a_server_that_falls_silent_is_given_up(
    sonnets: Entry, cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangosaurus.data.registry.SECONDS_OF_SILENCE", 0.1)
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(TEXT[:20_000], length=len(TEXT))(handler)
        handler.wfile.flush()
        done.wait(10)

    server.answer = answer
    with pytest.raises(CorpusError, match="the server did not answer in time"):
        find("sonnets")
    assert contents(cache) == []
    done.set()


def test_without_a_server_the_reason_is_the_systems(
    sonnets: Entry, cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}/s.txt"
    monkeypatch.setitem(registry.ENTRIES, "sonnets", replace(sonnets, address=address))
    with pytest.raises(CorpusError) as caught:
        find("sonnets")
    assert "no connection to the server (Connection refused)" in str(caught.value)
    assert f"save {address} as {cache / 'sonnets.txt'}, or" in str(caught.value)
    assert contents(cache) == []
    monkeypatch.setitem(registry.ENTRIES, "sonnets", sonnets)
    server.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    try:
        Path("no such file").read_bytes()
    except FileNotFoundError:  # an earlier error is not taken for the reason
        with pytest.raises(CorpusError, match="closed connection without response"):
            find("sonnets")


def test_the_folder_of_the_environment_comes_first(
    sonnets: Entry, cache: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find("sonnets")
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv(registry.DATA, str(folder))
    assert whereabouts(sonnets) == ("cache", cache / "sonnets.txt")
    (folder / "sonnets.txt").write_bytes(TEXT)
    assert whereabouts(sonnets) == ("data", folder / "sonnets.txt")
    assert find("sonnets") == folder / "sonnets.txt"
    for other in (TEXT[:-1], TEXT.upper()):
        (folder / "sonnets.txt").write_bytes(other)
        assert whereabouts(sonnets)[0] == "changed"
        with pytest.raises(CorpusError, match="is not the original of sonnets") as caught:
            read_corpus(["sonnets"])
        assert str(caught.value).startswith(f"{folder / 'sonnets.txt'}, in the folder of MANGOSAURUS_DATA, ")
    monkeypatch.setenv(registry.DATA, "")
    Path("sonnets.txt").write_bytes(b"no data folder, no matter what lies in the current one")
    assert find("sonnets") == cache / "sonnets.txt"
    assert server.asked == 1


def test_a_corrupted_file_in_the_cache_is_fetched_anew(sonnets: Entry, cache: Path, server: Server) -> None:
    cache.mkdir(parents=True)
    for other in (b"", TEXT[:-1], TEXT.upper()):
        (cache / "sonnets.txt").write_bytes(other)
        assert whereabouts(sonnets)[0] == "web"
        assert find("sonnets").read_bytes() == TEXT
    assert server.asked == 3
    server.answer = send(b"", status=404)
    (cache / "sonnets.txt").write_bytes(TEXT[:-1])
    with pytest.raises(CorpusError, match="status 404"):
        find("sonnets")


def test_a_cache_that_cannot_be_written(sonnets: Entry, cache: Path) -> None:
    cache.parent.write_bytes(b"a file where a folder should be")
    with pytest.raises(CorpusError, match=r"the folder .* cannot be written: Not a directory; to do it by hand"):
        find("sonnets")


def test_the_command_line_takes_and_lists_names(
    sonnets: Entry, cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEXT[:4000]  # for speed
    small = replace(sonnets, size=len(text), sha256=hashlib.sha256(text).hexdigest())
    server.answer = send(text)
    monkeypatch.setitem(registry.ENTRIES, "sonnets", small)
    done = run("train", "sonnets", "--budget", "0s", "--out", "m")
    assert done.stderr.startswith(f"downloading sonnets, {len(text):,} bytes, from {sonnets.address}\nsonnets: 1 text;")
    (cache / "sonnets.txt").unlink()
    Path("few.txt").write_text("Anna\nBerta\nClara\n", encoding="utf-8")
    done = run("train", "few.txt", "--holdout", "sonnets", "--budget", "0s", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    listed = json.loads(run("corpora", "--json").stdout)["corpora"]
    assert [(row["name"], row["place"]) for row in listed[:3]] == [
        ("dinosaurs", "bundled"),
        ("dinos", "web"),
        ("sonnets", "cache"),
    ]
    assert {row["name"]: row["path"] for row in listed}["sonnets"] == str(cache / "sonnets.txt")
    assert {*map(tuple, map(sorted, listed))} == {tuple(sorted(listed[0]))}
    lines = run("corpora").stdout.splitlines()
    assert len(lines) == len(listed) == 1 + len(registry.ENTRIES)
    assert lines[2].endswith(f"{len(text):,} bytes  in the cache")
    assert len({line.index(" bytes  ") for line in lines}) == 1


def test_a_name_stands_where_a_file_would(sonnets: Entry, server: Server) -> None:
    for path in (Path("sonnets"), "./sonnets"):
        with pytest.raises(CorpusError, match="sonnets does not exist"):
            as_corpus(path)
    corpus = read_corpus(["sonnets"])
    assert (corpus.sources, corpus.kind, corpus.documents) == (("sonnets",), "text", (TEXT.decode(),))
    assert as_corpus("sonnets") == corpus
    Path("sonnets").write_text("Anna\nBerta\n", encoding="utf-8")
    assert read_corpus(["sonnets"]).documents == ("Anna", "Berta")
    assert server.asked == 1
    assert read_corpus(["dinosaurs"]) == read_corpus()
    Path("dinosaurs").mkdir()
    with pytest.raises(CorpusError, match=r"the folder dinosaurs has no \.txt files"):
        read_corpus(["dinosaurs"])
    with pytest.raises(CorpusError, match=r"^sonnets-keras is a Keras model and no corpus; mangosaurus import-keras"):
        read_corpus(["sonnets-keras"])


def test_a_name_that_is_not_registered_gets_the_nearest_or_all(cache: Path) -> None:
    names = "orpora with a name are dinosaurs, dinos, sonnets, tinyshakespeare, and - is standard input"
    for name, ending in (
        ("sonets", f"; did you mean sonnets? C{names}"),
        ("Dinosaur", f"; did you mean dinosaurs? C{names}"),
        ("qqqq", f"; c{names}"),
        ("sonets.txt", ""),
        ("../sonnets", ""),
    ):
        with pytest.raises(CorpusError) as caught:
            read_corpus([name])
        assert str(caught.value) == f"the file {name} does not exist{ending}"
    with pytest.raises(CorpusError, match=r"^nothing to download is called sonets; did you mean sonnets\?"):
        find("sonets")


def test_every_entry_describes_the_original(reference: Callable[[str], Path]) -> None:
    assert list(registry.ENTRIES) == ["dinos", "sonnets", "tinyshakespeare", "sonnets-keras"]
    for entry in registry.ENTRIES.values():
        path = reference(entry.file)
        assert path.stat().st_size == entry.size
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
        if entry.format != "model":
            assert read_corpus([path]).kind == entry.format
        assert entry.address.startswith("https://")
