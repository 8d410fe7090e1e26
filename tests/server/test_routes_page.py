"""The page's files, and HEAD, by which programs ask whether something is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from applications import Client, problem
from serving import serving


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/api/about", "/api/models/dinosaurs", "/openapi.json"])
def test_head_is_answered_as_get(client: Client, path: str) -> None:
    got, headed = client.get(path), client.ask("HEAD", path)
    assert got.status_code == headed.status_code == 200
    assert headed.headers == got.headers
    assert int(headed.headers["content-length"]) == len(got.content)


def test_head_is_refused_as_get_and_no_other_method_is_taken_for_it(client: Client) -> None:
    assert client.ask("HEAD", "/page/nothing.js").status_code == 404
    refused = client.ask("HEAD", "/api/models/dinosaurs/sample")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    for path, allowed in (("/", "GET, HEAD"), ("/api/trainings/x", "DELETE, GET, HEAD")):
        answer = client.ask("PUT", path)
        problem(answer, 405)
        assert answer.headers["allow"] == allowed
    # Events have no end that one could wait for.
    events = client.ask("HEAD", "/api/trainings/x/events")
    assert (events.status_code, events.headers["allow"]) == (405, "GET")


def test_head_has_no_body(tmp_path: Path) -> None:
    with serving(tmp_path) as served, served.client() as client:
        size = len(client.get("/").content)
        for _ in range(2):  # bytes that came too many would be taken for the next answer
            headed = client.head("/")
            assert (headed.status_code, headed.content, int(headed.headers["content-length"])) == (200, b"", size)
        assert client.get("/api/about").status_code == 200
