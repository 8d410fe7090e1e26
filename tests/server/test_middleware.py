"""Limits and refusals: each has a status and a sentence, and the server goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import BrokenResourceError
from applications import Client, problem, running
from patience import PATIENCE

from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import Address, _reader_left, is_loopback

SAMPLE, JSON = "/api/models/dinosaurs/sample", {"Content-Type": "application/json"}
SLOW = {"pattern": [".{1000}"]}
"""It takes two minutes to compile."""


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    problem(client.ask("POST", SAMPLE, content=b" " * 1_000_001, headers=JSON), 413, "1,000,000 bytes")

    async def without_length() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    problem(client.ask("POST", SAMPLE, content=without_length(), headers=JSON), 413, "1,000,000 bytes")


def test_work_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        work = client.app.state.shared.pool
        usual, work.limits = work.limits, Limits(work_seconds=0.5)
        problem(client.post(SAMPLE, SLOW), 422, "ended after 0.5 seconds")
        work.limits = usual
        for _ in range(3):  # each process, the one that was ended too
            assert client.post(SAMPLE, {"n": 2, "seed": 1}).status_code == 200


def test_work_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    with running(tmp_path, work_megabytes=400) as client:
        problem(client.post(SAMPLE, {"pattern": [".*a.{12}"]}), 422, "too much memory")
        assert client.post(SAMPLE, {"n": 2}).status_code == 200


def test_too_many_at_once_are_told_to_come_again(tmp_path: Path) -> None:
    with running(tmp_path, waiting_from_one=4, streams=1) as client:
        answers = client.together(*(("POST", SAMPLE, {"json": {"n": 1, "seed": seed}}) for seed in range(7)))
        assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 3
        refused = next(answer for answer in answers if answer.status_code == 429)
        problem(refused, 429, "4 of your requests")
        assert refused.headers["retry-after"] == "1"
        assert client.post(SAMPLE, {"n": 1}).status_code == 200
        asked = ("POST", "/api/models/sonnets/write", {"json": {"length": 20}})
        answers = client.together(asked, asked)
        problem(max(answers, key=lambda answer: answer.status_code), 429, "texts are being written")
        assert client.together(asked)[0].status_code == 200
        client.app.state.shared.pool.limits = Limits(waiting=2, work_seconds=PATIENCE)
        answers = client.together(*(("POST", SAMPLE, {"json": {"n": 1}}) for _ in range(3)))
        problem(max(answers, key=lambda answer: answer.status_code), 503, "2 requests are waiting")
    with running(tmp_path, requests=2) as client:
        answers = client.together(*(("POST", SAMPLE, {"json": {"n": 1}}) for _ in range(3)))
        problem(max(answers, key=lambda answer: answer.status_code), 503, "2 requests are being answered")


def test_answers_are_not_mixed_up(client: Client) -> None:
    asked = [("POST", SAMPLE, {"json": {"n": 3, "seed": seed % 5}}) for seed in range(30)]
    answers = [[each["text"] for each in answer.json()["samples"]] for answer in client.together(*asked)]
    assert len({tuple(names) for names in answers}) == 5
    for place, names in enumerate(answers):
        assert names == answers[place % 5]


def test_page_files_come_from_a_table(client: Client) -> None:
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/page/served/main.js").text.startswith("// The start of the page")
    for name in (
        "served/index.html",
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "app.py",
        "",
        ".",
        "main.js/",
        "/etc/passwd",
        "%00",
    ):
        problem(client.get(f"/page/{name}"), 404)


def test_a_body_that_does_not_arrive_is_not_waited_for(tmp_path: Path) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)
        yield b"}"

    with running(tmp_path, body_seconds=0.2) as client:
        answer = client.ask("POST", SAMPLE, content=slowly(), headers=JSON)
        problem(answer, 503, "did not arrive within 0.2 seconds")
        assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
def test_the_machines_own_names_are_answered(client: Client, host: str) -> None:
    assert client.get("/api/about", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:8001", "127.0.0.1.evil.example:8000", "", "[::1]"],
)
def test_a_name_that_was_pointed_here_is_not(client: Client, host: str) -> None:
    problem(client.get("/api/about", headers={"Host": host}), 403, repr(host))
    problem(client.get("/", headers={"Host": host}), 403)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8001", "https://127.0.0.1:8000", ""]
)
def test_pages_of_other_sites_cannot_post(client: Client, origin: str) -> None:
    for path in ("/api/models/dinosaurs/sample", "/api/models/dinosaurs/keep"):
        problem(client.ask("POST", path, headers={"Origin": origin}, json={}), 403, "other sites")
    problem(client.get("/api/about", headers={"Origin": origin}), 403)


def test_its_own_page_can(client: Client) -> None:
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/models/dinosaurs/sample", {"n": 1}, headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_may_link_here_and_do_nothing_else(client: Client, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=headers).status_code == 200
    problem(client.get("/api/models", headers=headers), 403)
    problem(client.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}), 403)
    problem(client.post("/api/models/dinosaurs/sample", {}, headers=headers), 403)


def test_a_body_is_json_and_says_so(client: Client) -> None:
    path = "/api/models/dinosaurs/sample"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = client.ask("POST", path, content=b'{"n": 1}', headers={"Content-Type": kind})
        problem(answer, 415, "application/json")
    answer = client.ask("POST", path, content=b'{"n": 1}', headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/models"),
        ("GET", "/nothing"),
        ("POST", "/"),
        ("POST", "/api/models/dinosaurs/write"),
        ("GET", "/openapi.json"),
    ],
)
def test_every_answer_has_the_headers(client: Client, method: str, path: str) -> None:
    headers = client.ask(method, path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"].replace("'wasm-unsafe-eval'", "")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert (headers.get("cache-control") == "no-store") == path.startswith("/api")


def test_the_token_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    with running(tmp_path, token="sesame") as client:
        assert client.get("/").status_code == 200
        for path in ("/api/models", "/openapi.json"):
            for given in ("", "Bearer", "Bearer sesam", "Basic sesame", "Bearer sesame2", "Bearer \u00e9"):
                answer = client.get(path, headers={"Authorization": given.encode("latin-1")})
                problem(answer, 401, "token")
                assert answer.headers["www-authenticate"] == "Bearer"
            assert client.get(path, headers={"Authorization": "Bearer sesame"}).status_code == 200
            problem(client.get(path + "?token=sesame"), 401)


def test_a_server_that_others_reach_answers_to_numbers_only() -> None:
    address = Address("0.0.0.0", 8000)
    assert address.answers_to("192.168.0.7:8000")
    assert address.answers_to("[fe80::1]:80")
    assert address.answers_to("localhost:8000")
    assert not address.answers_to("evil.example:8000")
    assert Address("ann.example", 8000).answers_to("ann.example:8000")
    assert str(Address("::1", 8000)) == "http://[::1]:8000/"


def test_what_is_the_machine_itself() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.0.7", "localhost.example", "")))


def test_a_reader_that_leaves_is_no_error() -> None:
    left = BrokenResourceError()
    assert _reader_left(ExceptionGroup("of a task group", [ExceptionGroup("within", [left])]))
    assert not _reader_left(ExceptionGroup("of a task group", [left, ValueError()]))
    assert not _reader_left(ValueError())
