"""Real trainings in real processes: what comes of them, and that nothing is left of them, however the server ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from examples import LABELS, NAMES
from patience import PATIENCE, soon
from serving import alive, serving

import mangosaurus
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import corpus_of
from mangosaurus.formats import native as storage
from mangosaurus.server.subprocess import Subprocess
from mangosaurus.server.trainings import start_training
from mangosaurus.training.settings import Settings

pytestmark = pytest.mark.slow

CORPUS = corpus_of(NAMES)
DINOSAURS = corpus_of(mangosaurus.read_corpus().documents[:300])
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")


def train(
    corpus: Corpus, settings: Settings, on: Callable[[Subprocess, dict[str, Any]], None] = lambda *_: None
) -> tuple[list[dict[str, Any]], bytes, int]:
    """The messages of a training, the last one's data and the process's status; `on` is told of every message."""

    async def run() -> tuple[list[dict[str, Any]], bytes, int]:
        process = await start_training(corpus, settings, "ours")
        messages, data = [], b""
        try:
            while (received := await process.receive()) is not None:
                message, data = received
                messages.append(message)
                on(process, message)
        finally:
            status = await process.wait()
        assert not Path(f"/proc/{process.pid}").exists()
        return messages, data, status

    return asyncio.run(asyncio.wait_for(run(), PATIENCE))


def is_that_of_fit(data: bytes, corpus: Corpus, **options: Any) -> None:
    """Whether these are the bytes of the model that `fit` makes here, called "ours"."""
    here = mangosaurus.fit(corpus, **options)
    found = storage.from_bytes(data)
    assert found.training == json.loads(json.dumps(here.training | {"name": "ours"}))
    contents = storage.Contents(here.distribution, here.kind, here.known, found.training)
    assert storage.as_bytes(contents) == data


def test_the_model_is_that_of_fit_and_the_progress_can_be_read() -> None:
    messages, data, _ = train(CORPUS, Settings(steps=12, hidden=8, seed=3))
    *progress, last = messages
    assert last == {"event": "model", "bytes": len(data)}
    assert {message["event"] for message in progress} == {"progress"}
    assert progress[0]["stage"] == "counting"
    assert progress[-1]["stage"] == "mixing"
    trained = [message for message in progress if message["stage"] == "training"]
    assert 0 < len(trained[0]["samples"]) <= 6  # of the n-gram and the prior, before any step; known ones are left out
    assert not {*trained[0]["samples"]} & {*NAMES}
    held_out = [message["held_out"] for message in trained]
    assert held_out == sorted(held_out, reverse=True)
    assert 0 < trained[-1]["step"] <= 12
    assert trained[-1]["loss"] > 0
    is_that_of_fit(data, CORPUS, steps=12, hidden=8, seed=3)
    labelled = corpus_of(NAMES, labels=LABELS)
    is_that_of_fit(train(labelled, Settings(steps=0))[1], labelled, steps=0)
    spaced = corpus_of([" ".join(name) for name in NAMES])
    is_that_of_fit(train(spaced, Settings(steps=0, separator=" "))[1], spaced, steps=0, separator=" ")


def test_the_best_so_far_when_it_is_stopped_and_when_it_must_hurry() -> None:
    def stop(process: Subprocess, message: dict[str, Any]) -> None:
        if message.get("held_out_network") is not None:
            process.send("stop")

    _, data, _ = train(DINOSAURS, Settings(budget=300, hidden=8), stop)
    found = storage.from_bytes(data)
    assert found.training["interrupted"]
    assert "held_out_network" in found.training

    def hurry(process: Subprocess, message: dict[str, Any]) -> None:
        if message.get("stage") == "training":
            process.send("hurry", seconds=0)

    _, data, status = train(DINOSAURS, Settings(budget=300), hurry)
    found = storage.from_bytes(data)
    assert found.training["interrupted"]
    assert found.training["documents"] == 300
    assert status == 0 or status == -signal.SIGKILL  # which is sent to what has said its last word


def test_errors_are_told() -> None:
    messages, _, _ = train(corpus_of(["Anna"], labels=["a\tb"]), Settings(budget=0))
    assert messages[-1]["event"] == "problem"
    assert messages[-1]["status"] == 422
    assert "has a control character" in messages[-1]["detail"]


def hang_up(process: Subprocess) -> None:
    """As when the server has been killed."""
    assert process._process.stdin is not None
    process._process.stdin.close()


@pytest.mark.parametrize(("end", "status"), [(Subprocess.kill, -signal.SIGKILL), (hang_up, 1)])
def test_it_ends_at_once(end: Callable[[Subprocess], None], status: int) -> None:
    _, data, ended = train(DINOSAURS, Settings(budget=300), lambda process, _: end(process))
    assert (data, ended) == (b"", status)


@linux
def test_its_status_is_known_even_if_it_is_ended_when_it_has_just_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told_twice, wait = threading.Event(), os.waitpid

    def wait_late(pid: int, options: int) -> tuple[int, int]:
        """As on a busy machine, asyncio asks for the status after the process was told twice to end."""
        told_twice.wait(PATIENCE)
        return wait(pid, options)

    async def run() -> int:
        process = await Subprocess.start("mangosaurus.server.tasks")
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        process.kill()
        told_twice.set()
        return await process.wait()

    monkeypatch.setattr(os, "waitpid", wait_late)
    assert asyncio.run(asyncio.wait_for(run(), PATIENCE)) == -signal.SIGKILL
    assert caplog.records == []


@linux
@pytest.mark.parametrize(
    ("number", "stage"), [(signal.SIGTERM, "training"), (signal.SIGINT, "step")], ids=["terminated", "Ctrl-C"]
)
def test_a_server_that_is_told_to_end_keeps_the_best_model_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, stage: str
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with serving(tmp_path, limits={"patience": PATIENCE / 2}, TMPDIR=str(temporary)) as server:
        with server.client() as client:
            content = "\n".join(DINOSAURS.documents).encode()
            corpus = client.post("api/corpora", content=content, headers={"Content-Type": "text/plain"}).json()["id"]
            for name in ("mine", "waiting"):
                client.post("api/trainings", json={"corpus": corpus, "name": name, "budget": "5m"}).raise_for_status()

            def far() -> bool:
                training = client.get("api/trainings").json()["trainings"][0]
                assert training["state"] in ("queued", "running"), training
                progress = training["progress"] or {}
                return progress.get("stage") == stage or progress.get(stage) is not None

            assert soon(far)
        children = server.children()
        assert children
        if number == signal.SIGINT:
            os.killpg(server.process.pid, number)  # as a terminal does: all of them hear it
        else:
            server.process.send_signal(number)
        _, said = server.process.communicate(timeout=PATIENCE)  # long before the budget is used up
        assert not [pid for pid in children if alive(pid)]
        (path,) = (tmp_path / "kept").iterdir()
        assert f"the best model so far of 'mine' is kept in {path}" in said
        assert "Traceback" not in said
        model = mangosaurus.load(path)
        assert model.training["name"] == "mine"
        assert len(model.sample(5, seed=1)) == 5
    assert not list(temporary.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "temporary"]


def test_readers_that_go_away_make_room_for_others(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"readers": 2}) as server, ExitStack() as others:
        with server.client() as client:
            running = client.post("api/trainings", json={"corpus": "dinosaurs", "budget": "5m"}).json()

        def follow() -> bool:
            """Whether there is room for another reader, who stays."""
            try:
                events = f"{server.address}api/trainings/{running['id']}/events"
                reader = others.enter_context(urllib.request.urlopen(events, timeout=PATIENCE))
            except urllib.error.HTTPError as error:
                if error.code == 429:
                    return False
                raise
            return bool(reader.readline() == b"event: state\n")

        assert [follow() for _ in range(3)] == [True, True, False]
        others.close()
        assert soon(follow)
