"""What the process that trains does. It is told, in messages as parent.py has them,

    train       the first: `settings` (the fields of Settings), `name`, and the bytes of `parent.corpus_as_bytes`
    stop        train no further; the best model so far is the result
    hurry       the same, and what there is after `seconds` at the latest

and answers

    progress    a Reading's fields, and now and then `samples`
    model       the last, with the bytes of a model file
    problem     the last instead; `status` and `detail`, as the server would answer them

torch is loaded here, not in the server, and the memory is limited.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, NoReturn

from mangosaurus import api
from mangosaurus.corpus import Corpus
from mangosaurus.errors import MangosaurusError, lacks_memory
from mangosaurus.model import Model
from mangosaurus.progress import Meter, preview
from mangosaurus.server.parent import Parent, corpus_from_bytes, limit_memory
from mangosaurus.training.recipe import Settings, Status

MEMORY = 6 * 2**30
"""Bytes of address space; torch alone maps about two gigabytes."""
NICER = 5
"""By so much the process gives way to the server, which answers in between."""
SECONDS_A_PROGRESS = 0.2
SECONDS_A_PREVIEW = 1.5
PREVIEWS = 6
"""Samples in a preview."""
PREVIEW_LENGTH = 60
"""Their most characters."""


class Watcher:
    """What `fit` tells of its progress, some times a second, and the model so far for those in a hurry."""

    def __init__(self, server: Parent, settings: Settings) -> None:
        self.status: Status | None = None
        self._server, self._meter = server, Meter(settings.budget, settings.steps)
        self._told = self._previewed = float("-inf")
        self._stage, self._previews = "", 0

    def __call__(self, status: Status) -> None:
        self.status = status
        now = time.monotonic()
        if now - self._told < SECONDS_A_PROGRESS and status.stage == self._stage:
            return
        fields: dict[str, Any] = asdict(self._meter.read(status, now))
        if status.stage == "training" and now - self._previewed >= SECONDS_A_PREVIEW:
            self._previews += 1
            samples = preview(status, PREVIEWS, self._previews, PREVIEW_LENGTH)
            self._previewed = time.monotonic()
            if samples:
                fields["samples"] = samples
        self._told, self._stage = now, status.stage
        self._server.tell("progress", **fields)


def main() -> NoReturn:
    """Trains as it is told, and ends the process."""
    server = Parent()
    # torch makes a folder for what it compiles when it is imported; nothing is compiled here, and nothing left behind.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())
    limit_memory(MEMORY)
    if hasattr(os, "nice"):
        os.nice(NICER)
    order, data = server.hear()
    read = corpus_from_bytes(data)
    settings, name = Settings(**order["settings"]), order["name"]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # sent to all processes at once; the server says more
    watcher = Watcher(server, settings)

    def hurry(seconds: float) -> None:
        time.sleep(seconds)
        deliver(server, name, lambda: best_so_far(read, watcher.status, settings))

    def heard(message: dict[str, Any], data: bytes) -> None:
        stop.set()
        if message["event"] == "hurry":
            threading.Thread(target=hurry, args=(message["seconds"],), daemon=True).start()

    server.listen(heard)
    given = {name: value for name, value in asdict(settings).items() if value != getattr(Settings, name)}
    deliver(server, name, lambda: api.fit(read, **given, watch=watcher, stop=stop))


def deliver(server: Parent, name: str, train: Callable[[], Model | None]) -> NoReturn:
    """Answers with the model that `train` returns, or says why there is none, and ends the process."""
    try:
        model = train()
        data = None if model is None else replace(model, training=model.training | {"name": name}).to_bytes()
    except MangosaurusError as error:
        server.last("problem", status=422, detail=str(error))
    except BaseException as error:
        traceback.print_exc()
        if lacks_memory(error):
            why = "the training needed more memory than it may have; make it smaller"
            server.last("problem", status=422, detail=why)
        server.last("problem", status=500, detail="the training failed; the server's own output says more")
    if data is None:
        server.last("problem", status=503, detail="the training ended before anything had been learnt")
    server.last("model", data)


def best_so_far(read: Corpus, status: Status | None, settings: Settings) -> Model | None:
    """The n-gram and the best of the network in training, mixed with equal weights; None if there is neither."""
    model = None if status is None else status.preview()
    if status is None or model is None:
        return None
    note = "stopped before the mixture's weights were learnt: they are equal"
    record = {"documents": len(read.documents), "seed": settings.seed, "interrupted": True, "note": note}
    return api.made_of(read, model, {"holdout": False, "held_out": None, **record})
