"""What subprocesses send when something fails or must be quick; they are played in this process."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from examples import NAMES

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.data.read import corpus_of
from mangosaurus.models.mixture import Mixture
from mangosaurus.server import tasks
from mangosaurus.server.subprocess import Parent
from mangosaurus.server.training_worker import Watcher, best_so_far, deliver
from mangosaurus.training.settings import Settings


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
