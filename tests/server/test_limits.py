"""Each limit is met by a status and a sentence, and what is behind it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from applications import Client, problem, running
from serving import PATIENCE

from mangosaurus.server.limits import Limits

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
    assert client.get("/page/index.html").text == client.get("/").text
    for name in ("../app.py", "..%2fapp.py", "%2e%2e/app.py", "app.py", "", ".", "index.html/", "/etc/passwd", "%00"):
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
