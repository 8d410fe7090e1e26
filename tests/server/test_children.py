"""What the processes beside the server answer when something goes wrong in them; they are played in this one."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest

import mangosaurus
from mangosaurus.model import Model
from mangosaurus.server import worker
from mangosaurus.server.parent import Parent
from mangosaurus.server.tasks import JOBS
from mangosaurus.server.training_worker import deliver


class Last(Exception):
    """The last word, in place of the end of the process."""


class Server(Parent):
    """Takes down what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def tell(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        self.told = {"event": event, **fields}

    def last(self, event: str, data: bytes | None = None, **fields: Any) -> NoReturn:
        self.tell(event, data, **fields)
        raise Last


def delivered(train: Callable[[], Model | None]) -> dict[str, Any]:
    server = Server()
    with pytest.raises(Last):
        deliver(server, "ours", train)
    return server.told


def raising(error: Exception) -> Callable[..., Any]:
    def raises(*_: Any, **__: Any) -> Any:
        raise error

    return raises


def test_a_model_that_cannot_be_saved_is_told() -> None:
    model = mangosaurus.load()
    told = delivered(lambda: replace(model, training=model.training | {"note": "\ud800"}))
    assert (told["event"], told["status"]) == ("problem", 422)
    assert told["detail"].startswith("the model cannot be saved")
    assert delivered(lambda: model) == {"event": "model"}
    assert delivered(lambda: None)["status"] == 503


@pytest.mark.parametrize(
    ("error", "lacks"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("something else"), False),
    ],
)
def test_want_of_memory_is_told(error: Exception, lacks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told = delivered(raising(error))
    assert (told["status"], "more memory" in told["detail"]) == (422 if lacks else 500, lacks)
    monkeypatch.setitem(JOBS, "sample", raising(error))
    server = Server()
    worker._answer(server, mangosaurus.load(), None, "sample", {})
    assert (server.told["status"], "too much memory" in server.told["detail"]) == (422 if lacks else 500, lacks)
