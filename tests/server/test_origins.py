"""Pages of other sites that may ask: those of --allow-origin, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from applications import Client, problem
from commands import run

from mangosaurus.core.errors import OptionError
from mangosaurus.server.app import create
from mangosaurus.server.middleware import origin_of

ORIGIN = "https://example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An application that the page at ORIGIN may ask."""
    keep = tmp_path_factory.mktemp("origins")
    app = create(["dinosaurs"], origins=[f"{ORIGIN}/"], token="sesame-sesame-sesame", keep=keep)
    with asyncio.Runner() as runner:
        yield Client(app, runner)


def test_a_page_that_is_allowed_asks_and_reads_errors_too(shared: Client) -> None:
    from_page = {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    preflight = shared.ask("OPTIONS", "/api/sample", headers=from_page | PREFLIGHT)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in preflight.headers["access-control-allow-methods"]
    given = {"Authorization": "Bearer sesame-sesame-sesame"}
    for headers, status in ((given, 200), ({}, 401)):
        answer = shared.get("/api/models", headers=from_page | headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    assert shared.get("/", headers={"Sec-Fetch-Site": "none"}).headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    ["http://example.org", "https://example.org:444", "https://www.example.org", "https://example.org/", "null"],
)
def test_no_other_page_is(shared: Client, origin: str) -> None:
    for method, headers in (("OPTIONS", PREFLIGHT), ("GET", {}), ("POST", {})):
        refused = shared.ask(method, "/api/models", headers={"Origin": origin, **headers})
        problem(refused, 403, "other sites")
        assert "access-control-allow-origin" not in refused.headers


def test_the_name_of_the_server_is_looked_at_all_the_same(shared: Client) -> None:
    for method, headers in (("OPTIONS", PREFLIGHT), ("GET", {})):
        named = {"Origin": ORIGIN, "Host": "evil.example", **headers}
        problem(shared.ask(method, "/api/models", headers=named), 403, "'evil.example'")
    # What a page embeds has no origin.
    problem(shared.get("/api/models", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}), 403)


def test_without_the_option_nothing_is_shared(client: Client) -> None:
    problem(client.ask("OPTIONS", "/api/sample", headers={"Origin": ORIGIN} | PREFLIGHT), 403, "other sites")
    assert "vary" not in client.get("/api/about").headers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.org/", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        *("*", "null", "example.org", "ftp://example.org", "https://", "https://exämple.org", "https://*.example.org"),
        *("https://example.org/page", "https://example.org?", "https://a@example.org", "http://a:99999", "http://[::1"),
    ],
)
def test_what_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(OptionError, match=r"^allow_origin is .*; write what browsers send"):
        origin_of(url)


def test_the_command_line_says_so_in_a_line(tmp_path: Path) -> None:
    done = run("serve", "--port", "0", "--keep", tmp_path, "--allow-origin", "example.org")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --allow-origin is 'example.org'; write what")
    assert done.stderr.count("\n") == 1
