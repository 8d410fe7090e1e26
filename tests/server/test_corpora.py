"""Uploads: what is read, what is refused, and what makes way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from applications import problem, running

from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError

SMALL = Limits(corpus_bytes=1000, corpora=3, corpora_bytes=1500, uploads=2)


@contextmanager
def refused(status: int, *parts: str) -> Iterator[None]:
    """What is raised has this status, and all of `parts` in its sentence."""
    with pytest.raises(ProblemError) as found:
        yield
    assert found.value.status == status
    assert all(part in found.value.detail for part in parts), found.value.detail


def test_names_and_labels_are_read_as_elsewhere() -> None:
    corpora = Corpora(SMALL)
    id, corpus = corpora.add("\ufeffAnna\r\nÉva\n\nAnna\n".encode())
    assert corpora.get(id) is corpus
    assert corpus.documents == ("Anna", "Éva", "Anna")
    assert corpora.add(b"anna\tgirl\nleon\tboy\n", labels=True)[1].labels == ("girl", "boy")
    assert corpora.add(b"a\tb\n", labels=False)[1].documents == ("a\tb",)
    assert corpora.add(b"Anna\n", "text")[1].kind == "text"


def test_the_oldest_make_way() -> None:
    corpora = Corpora(SMALL)
    first, *others = [corpora.add(b"Anna\nBo\n")[0] for _ in range(4)]
    with refused(404, "send it again"):
        corpora.get(first)
    for id in others:
        corpora.get(id)
    large = [corpora.add(b"a" * 900)[0] for _ in range(2)]
    with refused(404):
        corpora.get(large[0])
    corpora.get(large[1])
    with refused(404):
        corpora.get(others[2])


def test_the_bundled_list_is_always_there() -> None:
    corpora = Corpora(SMALL)
    assert len(corpora.get("dinosaurs").documents) == 1733
    with refused(409):
        corpora.remove("dinosaurs")
    id, _ = corpora.add(b"Anna\nBo\n")
    corpora.remove(id)
    with refused(404):
        corpora.remove(id)


def upload(content: Any, kind: str = "text/plain", **query: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/api/corpora", {"content": content, "headers": {"Content-Type": kind}, "params": query}


def test_an_upload_over_http(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        content = "Ánna\tgirl\nLeon\tboy\n".encode()
        (answer,) = client.together(upload(content, lowercase="true", labels="true"))
        assert answer.status_code == 201
        found = answer.json()
        assert found.pop("summary").startswith("the list or text sent: 2 names; 8 characters, 6 distinct; 2 labels")
        place = f"/api/corpora/{found.pop('id')}"
        labels = {"girl": 1, "boy": 1}
        assert found == {"kind": "names", "documents": 2, "characters": 8, "distinct": 6, "labels": labels}
        assert client.ask("DELETE", place).status_code == 204
        problem(client.ask("DELETE", place), 404, "there is no corpus")


def test_refusals_over_http(tmp_path: Path) -> None:
    async def slowly(count: int = 3, pause: float = 0.05) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"Anna\n" * 80
            await asyncio.sleep(pause)

    with running(tmp_path, **vars(SMALL)) as client:
        (in_chunks,) = client.together(upload(slowly(4, 0)))  # without a length
        problem(in_chunks, 413, "1,000 bytes")
        method, path, options = upload(b"a" * 1200)
        problem(client.ask(method, path, **options | {"headers": {"Content-Length": "5"}}), 413)
        together = client.together(*(upload(slowly(2)) for _ in range(3)))
        assert sorted(answer.status_code for answer in together) == [201, 201, 429]
        for content, kind, query, status, part in REFUSED:
            method, path, options = upload(content, kind, **query)
            problem(client.ask(method, path, **options), status, part)


REFUSED: list[tuple[bytes, str, dict[str, str], int, str]] = [
    (b"Anna\n\xc3", "text/plain", {}, 400, "0xc3 at position 5"),
    (b" \n\n", "text/plain", {}, 422, "is empty: there is no name to learn from"),
    (b"Anna\n", "application/json", {}, 415, "text/plain"),
    (b"Anna\n", "text/plain", {"format": "text", "labels": "true"}, 422, "labels belong to names"),
    (b"Anna\n", "text/plain", {"format": "books"}, 422, "format"),
    (b"Anna\n", "text/plain", {"labels": "true"}, 422, "TAB"),
]
