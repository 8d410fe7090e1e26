"""The documentation at /docs: every call, every option, no script."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path

from applications import Client, problem, running


def test_the_documentation_has_every_call_and_no_script(client: Client) -> None:
    answer = client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert re.findall(r'(?:src|href)="(?!#)([^"]*)"', answer.text) == [
        "page/style/logo.svg",
        "page/style/base.css",
        "page/style/docs.css",
        "./",
        "page/style/logo.svg",
        "openapi.json",
    ]
    for path, calls in client.get("/openapi.json").json()["paths"].items():
        for method in calls:
            assert f"<h3><code>{method.upper()} {path}</code></h3>" in answer.text
    ids = re.findall(r' id="([^"]*)"', answer.text)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r'href="#([^"]*)"', answer.text)} <= {*ids}


def test_its_examples_work(client: Client) -> None:
    shown = re.findall(r"<pre><code>(.*?)</code></pre>", client.get("/docs").text, re.DOTALL)
    answered = 0
    for command in map(unescape, shown):
        if "/ID" in command or "-X" in command:
            continue
        words = shlex.split(command.replace("$'Ann\\nBo\\n'", "'Ann\nBo\n'").replace("\\\n", ""))
        path = words[-1].removeprefix("http://127.0.0.1:8000")
        body = words[words.index("--data-binary") + 1] if "--data-binary" in words else None
        headers = dict([words[words.index("-H") + 1].split(": ")]) if body else {}
        answer = client.ask("POST" if body else "GET", path, content=body and body.encode(), headers=headers)
        assert answer.status_code in (200, 201) or (answer.status_code == 202 and path == "/api/trainings"), command
        answered += 1
    assert answered > 10
    for training in client.get("/api/trainings").json()["trainings"]:
        client.ask("DELETE", f"/api/trainings/{training['id']}")


def test_examples_have_the_token_where_one_is_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, token="sesame") as client:
        page = client.get("/docs").text
        assert "Authorization: Bearer $TOKEN" in unescape(page)
        assert "sesame" not in page
        problem(client.get("/openapi.json"), 401)
