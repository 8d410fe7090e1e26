"""Trainings: the queue with a puppet as its process, the model registry, and what subprocesses send when they fail."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from applications import problem, running
from examples import NAMES
from patience import PATIENCE

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import corpus_of
from mangosaurus.formats import native as storage
from mangosaurus.models.mixture import Mixture
from mangosaurus.server import tasks
from mangosaurus.server import trainings as module
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import ModelRegistry, keep, kept_models
from mangosaurus.server.problems import ProblemError
from mangosaurus.server.subprocess import Parent
from mangosaurus.server.training_worker import Watcher, best_so_far, deliver
from mangosaurus.server.trainings import Training, Trainings
from mangosaurus.training.settings import Settings

CORPUS = corpus_of(NAMES)
MODEL = mangosaurus.fit(NAMES, budget=0)


def file(**record: Any) -> bytes:
    return storage.as_bytes(storage.Contents(MODEL.distribution, MODEL.kind, MODEL.known, MODEL.training | record))


class Puppet:
    """In place of a Subprocess: it says what the test says, and notes what it is sent."""

    def __init__(self, name: str) -> None:
        self.name, self.told = name, ""
        self.said: asyncio.Queue[tuple[dict[str, Any], bytes] | None] = asyncio.Queue()
        self.receive = self.said.get

    def say(self, event: str, data: bytes = b"", **fields: Any) -> None:
        self.said.put_nowait(({"event": event, **fields}, data))

    def done(self, **record: Any) -> None:
        self.say("model", file(**record))

    def send(self, event: str, **fields: Any) -> None:
        self.told += f"{event} "

    def kill(self) -> None:
        self.told += "kill "
        self.said.put_nowait(None)

    async def wait(self) -> int:
        return -9


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def puppets(monkeypatch: pytest.MonkeyPatch) -> list[Puppet]:
    started: list[Puppet] = []

    async def start(corpus: Corpus, settings: Settings, name: str) -> Puppet:
        started.append(Puppet(name))
        return started[-1]

    monkeypatch.setattr(module, "start_training", start)
    return started


@pytest.fixture
async def trainings(anyio_backend: str, tmp_path: Path, puppets: list[Puppet]) -> AsyncIterator[Trainings]:
    """A queue, of which nothing must be left over at the end."""
    queue = Trainings(ModelRegistry(tmp_path / "models", 3), Limits())
    yield queue
    for puppet in puppets:
        puppet.kill()
    await queue.closed()
    assert queue.current is None


def submit(trainings: Trainings, name: str) -> Training:
    return trainings.submit("here", CORPUS, name, Settings())


async def until(true: Callable[[], object]) -> None:
    """Waits until it is."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.001)


@pytest.mark.anyio
async def test_one_at_a_time_in_the_order_asked_for(trainings: Trainings, puppets: list[Puppet]) -> None:
    one, two, three = (submit(trainings, name) for name in ("one", "two", "three"))
    assert [trainings.position(each) for each in (one, two, three)] == [0, 1, 2]
    followed = asyncio.create_task(states(trainings, three))
    await until(lambda: puppets)
    await asyncio.sleep(0.02)
    assert [puppet.name for puppet in puppets] == ["one"]
    puppets[0].done()
    await until(lambda: len(puppets) == 2)
    assert (one.state, two.state, three.state) == ("done", "running", "queued")
    assert trainings.models.get("one").model.known == MODEL.known
    assert trainings.models.get("one").corpus is CORPUS
    assert one.corpus is None
    puppets[1].done(interrupted=True)
    await until(lambda: len(puppets) == 3)
    assert two.state == "stopped"
    puppets[2].done()
    assert await followed == [("queued", 2), ("queued", 1), ("running", 0), ("done", None)]
    assert await states(trainings, three) == [("done", None)]


async def states(trainings: Trainings, training: Training) -> list[tuple[str, int | None]]:
    return [(data["state"], data["position"]) async for event, data in trainings.follow(training) if event == "state"]


@pytest.mark.anyio
async def test_the_queue_is_bounded_and_so_is_what_is_remembered(trainings: Trainings, puppets: list[Puppet]) -> None:
    trainings.limits = Limits(queue=2, trainings=1)
    first, second, third = (submit(trainings, str(number)) for number in range(3))
    with pytest.raises(ProblemError, match="2 trainings are waiting already") as refused:
        submit(trainings, "one too many")
    assert (refused.value.status, "Retry-After" in refused.value.headers) == (429, True)
    trainings.stop(second)
    trainings.stop(third)
    assert (second.state, third.state) == ("cancelled", "cancelled")
    fourth = submit(trainings, "in its place")
    assert [each.id for each in trainings.all()] == [first.id, third.id, fourth.id]  # one that is over is listed
    with pytest.raises(ProblemError, match="there is no training"):
        trainings.get(second.id)


@pytest.mark.anyio
async def test_cancelling_keeps_nothing_and_the_next_begins(trainings: Trainings, puppets: list[Puppet]) -> None:
    one, two, three = (submit(trainings, name) for name in ("one", "two", "three"))
    await until(lambda: puppets)
    followed = [asyncio.create_task(states(trainings, each)) for each in (one, two)]
    await asyncio.sleep(0.01)
    trainings.cancel(two)
    puppets[0].done()  # at the very moment
    trainings.cancel(one)
    assert puppets[0].told == "kill "
    await until(lambda: len(puppets) == 2)
    assert three.state == "running"
    assert not trainings.models.entries()
    assert [each[-1] for each in await asyncio.gather(*followed)] == [("cancelled", None), ("cancelled", None)]
    assert trainings.all() == [three]


@pytest.mark.anyio
async def test_stopping_asks_once_for_the_best_so_far(trainings: Trainings, puppets: list[Puppet]) -> None:
    early, late = submit(trainings, "early"), submit(trainings, "late")
    trainings.stop(early)  # before its process has begun
    await until(lambda: puppets and puppets[0].told)
    trainings.stop(early)
    assert puppets[0].told == "stop "
    puppets[0].done(interrupted=True)
    await until(lambda: len(puppets) == 2)
    assert (early.state, early.model) == ("stopped", "early")
    trainings.stop(early)
    assert early.state == "stopped"
    assert late.state == "running"


@pytest.mark.anyio
async def test_failures_are_told_and_the_next_begins(trainings: Trainings, puppets: list[Puppet]) -> None:
    wrong, died, broken, good = (submit(trainings, name) for name in ("wrong", "died", "broken", "good"))
    await until(lambda: puppets)
    puppets[0].say("problem", status=422, detail="the list is no list")
    await until(lambda: len(puppets) == 2)
    puppets[1].kill()
    await until(lambda: len(puppets) == 3)
    puppets[2].say("model", b"no model at all")
    await until(lambda: len(puppets) == 4)
    assert [each.state for each in (wrong, died, broken, good)] == ["failed", "failed", "failed", "running"]
    found = trainings.described(wrong)["problem"]
    assert (found["status"], found["title"]) == (422, "Unprocessable Entity")
    assert found["detail"] == "the list is no list"
    assert trainings.described(died)["problem"]["detail"].startswith("the process that trains ended (-9)")
    assert "not a model file" in trainings.described(broken)["problem"]["detail"]
    assert not trainings.models.entries()


@pytest.mark.anyio
async def test_a_slow_reader_gets_the_latest_and_a_reader_that_goes_is_forgotten(
    trainings: Trainings, puppets: list[Puppet]
) -> None:
    training = submit(trainings, "one")
    slow, quick, gone = (trainings.follow(training) for _ in range(3))
    for reader in (slow, quick, gone):
        assert (await anext(reader))[0] == "state"
    await until(lambda: puppets)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(gone), 0.01)
    await until(lambda: training.readers == 2)
    for step in range(1, 1001):
        samples: dict[str, Any] = {"samples": [f"after {step}"]} if step % 400 == 0 else {}
        puppets[0].say("progress", step=step, **samples)
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["step"] < 1000:
        event, data = await anext(quick)
        assert event == "progress"
        seen.append(data)
    assert any("samples" in data for data in seen)
    # All that the slow one has missed is one event, with the latest samples.
    assert await anext(slow) == ("progress", {"step": 1000, "samples": ["after 800"]})
    assert trainings.described(training)["progress"] == {"step": 1000, "samples": ["after 800"]}
    puppets[0].done()
    assert (await anext(slow))[1]["state"] == "done"
    assert [data["state"] async for _, data in quick] == ["done"]
    assert [event async for event in slow] == []
    assert not training.readers


@pytest.mark.anyio
async def test_a_training_that_takes_too_long_is_stopped_and_then_killed(
    trainings: Trainings, puppets: list[Puppet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATE", 0.05)
    trainings.limits = Limits(training_seconds=0.05)
    training = submit(trainings, "one")
    await until(lambda: training.state == "failed")
    assert puppets[0].told == "hurry kill "


@pytest.mark.anyio
async def test_the_end_of_the_server_keeps_the_best_and_drops_the_queue(
    trainings: Trainings, puppets: list[Puppet], capsys: pytest.CaptureFixture[str]
) -> None:
    running, waiting = submit(trainings, "the one that runs"), submit(trainings, "two")
    reader = asyncio.create_task(states(trainings, running))
    await until(lambda: puppets)
    trainings.close()
    assert puppets[0].told == "hurry "
    assert waiting.state == "cancelled"
    assert (await reader)[-1] == ("running", 0)  # it must not hold up the end
    with pytest.raises(ProblemError, match="the server is ending") as refused:
        submit(trainings, "too late")
    assert refused.value.status == 503
    puppets[0].done(interrupted=True, name="the one that runs")
    await trainings.closed()
    assert running.state == "stopped"
    assert len(puppets) == 1
    ((name, model),) = kept_models(trainings.models.folder, 10)
    assert (name, model.known) == ("the one that runs", MODEL.known)
    (path,) = trainings.models.folder.iterdir()
    assert f"'the one that runs' is kept in {path}" in capsys.readouterr().err


@pytest.mark.anyio
async def test_the_end_of_the_server_does_not_wait_for_ever(
    trainings: Trainings, puppets: list[Puppet], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    submit(trainings, "one")
    await until(lambda: puppets)
    await trainings.closed()
    assert puppets[0].told == "hurry kill "
    assert not trainings.models.folder.exists()
    assert "no model of 'one'" in capsys.readouterr().err


def test_of_models_that_are_not_kept_the_oldest_makes_way(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path, 2)
    registry.add(MODEL, "mine", "given")
    first, second, third = (registry.add(MODEL, name, "trained").id for name in ("Ä/../b", "Ä/../b", "c"))
    assert [entry.id for entry in registry.entries()] == ["mine", second, third]
    assert first != second
    assert registry.keep(second).source == registry.keep(second).source == "kept"
    registry.add(MODEL, "d", "trained")
    registry.add(MODEL, "e", "trained")
    assert [entry.name for entry in registry.entries()] == ["mine", "Ä/../b", "d", "e"]
    (path,) = tmp_path.iterdir()  # kept once, under a name that nobody has given
    assert path.name.count("-") == 3
    assert path.name.endswith("-1.safetensors")


def test_what_nobody_kept_is_told_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path) as client:
        registry = client.app.state.shared.models
        for name in ("one", "two", "three"):
            registry.add(MODEL, name, "trained")
        registry.keep("two")
    assert capsys.readouterr().err == "stopped: 2 models that were trained here are gone, as nobody kept them\n"
    registry.remove("three")
    registry.close()
    assert "stopped: 1 model that was trained here is gone, as nobody kept it" in capsys.readouterr().err
    registry.remove("one")
    registry.close()
    assert capsys.readouterr().err == ""


def test_servers_that_share_a_folder_lose_no_model(tmp_path: Path) -> None:
    servers, each = 8, 4
    start = threading.Barrier(servers, timeout=PATIENCE)

    def keep_some(server: int) -> list[tuple[Path, bytes]]:
        start.wait()
        models = [f"{server} {number}".encode() for number in range(each)]
        return [(keep(tmp_path, data), data) for data in models]

    with ThreadPoolExecutor(servers) as pool:
        kept = [pair for pairs in pool.map(keep_some, range(servers)) for pair in pairs]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == dict(kept)
    assert len(dict(kept)) == servers * each


@pytest.mark.anyio
async def test_a_model_that_its_folder_cannot_take_is_kept_elsewhere_at_the_end(
    trainings: Trainings,
    tmp_path: Path,
    puppets: list[Puppet],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, elsewhere = trainings.models.folder, tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    training = submit(trainings, "one")
    await until(lambda: puppets)
    folder.write_text("a file where the folder was")
    trainings.close()
    puppets[0].done(interrupted=True)
    await trainings.closed()
    assert training.state == "stopped"
    (path,) = elsewhere.iterdir()
    assert Model.load(path).known == MODEL.known
    assert f"'one' is kept in {path}" in capsys.readouterr().err


def test_kept_models_are_read_again_and_broken_files_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = ModelRegistry(tmp_path, 9)
    for name in ("one", "two", "three"):
        model = Model(
            MODEL.distribution, MODEL.kind, DocumentHashes(MODEL.known.hashes), MODEL.training | {"name": name}
        )
        registry.keep(registry.add(model, name, "trained").id)
    (tmp_path / "2000-01-01-1.safetensors").write_bytes(b"broken")
    assert [name for name, _ in kept_models(tmp_path, 9)] == ["one", "two", "three"]
    assert "skipped: " in capsys.readouterr().err
    assert [name for name, _ in kept_models(tmp_path, 2)] == ["three"]
    assert "holds 4 models; the latest 2 are served" in capsys.readouterr().err
    assert list(kept_models(tmp_path / "none", 2)) == []


def test_a_file_name_that_is_not_utf_8_becomes_a_name(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.safetensors")).write_bytes(MODEL.to_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    assert [name for name, _ in kept_models(tmp_path, 9)] == ["caf\\xe9"]


def test_a_list_is_uploaded_trained_and_kept_over_http(tmp_path: Path) -> None:
    """With a real process, of the n-gram alone."""
    with running(tmp_path) as client:
        sent = client.ask("POST", "/api/corpora", content="\n".join(NAMES).encode(), headers=TEXT)
        asked = {"corpus": sent.json()["id"], "budget": 0, "name": "  our\n names ", "order": 3}
        answer = client.post("/api/trainings", asked)
        assert answer.status_code == 202
        training = answer.json()
        assert (training["state"], training["position"], training["name"]) == ("running", 0, "our names")
        place = f"/api/trainings/{training['id']}"
        followed = client.get(f"{place}/events")
        assert followed.headers["content-type"].startswith("text/event-stream")
        found = [tuple(event.split("\n")) for event in followed.text.strip().split("\n\n")]
        first, *between, end = [name for name, _ in found]  # it may be over before it is followed
        assert (first, end) == ("event: state", "event: state")
        assert {*between} <= {"event: progress"}
        last = json.loads(found[-1][1].removeprefix("data: "))
        assert (last["state"], last["model"]) == ("done", "our-names")
        assert client.get(place).json() == last
        assert client.get("/api/trainings").json() == {"trainings": [last]}
        assert client.ask("POST", f"{place}/stop").json() == last
        drawn = client.post("/api/models/our-names/sample", {"n": 3, "not_like": 1})
        assert len(drawn.json()["samples"]) == 3
        kept = client.ask("POST", "/api/models/our-names/keep")
        assert (kept.status_code, kept.json()["source"]) == (201, "kept")
        (path,) = tmp_path.iterdir()
        assert Model.load(path).training["name"] == "our names"
        assert client.ask("DELETE", place).status_code == 204
        problem(client.get(place), 404, "there is no training")
        problem(client.get(f"{place}/events"), 404)
        assert client.get("/api/models/our-names").status_code == 200


TEXT = {"Content-Type": "text/plain"}


def test_what_cannot_be_trained_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path) as client:

        def refused(status: int, part: str, **asked: Any) -> None:
            problem(client.post("/api/trainings", {"corpus": "dinosaurs"} | asked), status, part)

        refused(404, "there is no corpus 'nowhere'", corpus="nowhere")
        refused(422, "budget is 660 s; at most 600 s", budget="11m")
        refused(422, "budget is 'long'", budget="long")
        refused(422, "hidden", hidden=100_000)
        refused(422, "cell", cell="transformer")
        refused(422, "there is no such option", path="/etc")
        refused(422, "budget is 5 s and steps is 3; use one of them", budget="5s", steps=3)
        monkeypatch.setattr("mangosaurus.training.settings.find_spec", lambda name: None)
        refused(422, 'pip install "mangosaurus[train]"', budget=5)
        refused(422, 'pip install "mangosaurus[train]"', budget=10)
        assert client.get("/api/trainings").json() == {"trainings": []}
        assert client.post("/api/trainings", {"corpus": "dinosaurs"}).status_code == 202


class Last(Exception):
    """The last message, in place of the end of the process."""


class Server(Parent):
    """Records what it is sent."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def send(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        self.sent = {"event": event, **fields}

    def finish(self, event: str, data: bytes | None = None, **fields: Any) -> NoReturn:
        self.send(event, data, **fields)
        raise Last


def delivered(train: Callable[..., Model | None]) -> dict[str, Any]:
    server = Server()
    with pytest.raises(Last):
        deliver(server, "ours", train)
    return server.sent


def test_a_model_that_cannot_be_saved_is_a_problem() -> None:
    model = mangosaurus.load()
    sent = delivered(lambda: replace(model, training=model.training | {"note": "\ud800"}))
    assert (sent["event"], sent["status"]) == ("problem", 422)
    assert sent["detail"].startswith("the model cannot be saved")
    assert delivered(lambda: model) == {"event": "model"}
    assert delivered(lambda: None)["status"] == 503


@pytest.mark.parametrize(
    ("error", "memory"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("something else"), False),
    ],
)
def test_lack_of_memory_is_a_problem(error: Exception, memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setitem(tasks.TASKS, "sample", fails)
    server = Server()
    tasks.answer(server, "sample", {})
    for sent in (server.sent, delivered(fails)):
        assert (sent["status"], "memory" in sent["detail"]) == (422 if memory else 500, memory)


def test_the_best_so_far_mixes_what_there_is() -> None:
    corpus, settings = corpus_of(NAMES), Settings(steps=6, hidden=8)
    watcher = Watcher(Server(), settings)
    assert best_so_far(corpus, watcher, settings) is None
    mangosaurus.fit(corpus, steps=6, hidden=8, watch=watcher)
    model = best_so_far(corpus, watcher, settings)
    assert model is not None
    assert isinstance(model.distribution, Mixture)
    assert model.training["interrupted"]
    assert model.training["longest"] == max(map(len, NAMES))
    assert list(model.sample(3, seed=1, allow_known=True))
