"""The training process. The server sends it, in messages of `subprocess`,

    train       first: `settings` (the fields of Settings), `name`, and the bytes of `subprocess.corpus_as_bytes`
    stop        train no further; the result is the best model so far
    hurry       the same, after at most `seconds`

and it sends

    progress    the fields of a Reading, and now and then `samples` of the best mixture so far
    model       last: the bytes of a model file
    problem     last instead: `status`, `detail` and perhaps `parts` of the server's answer

PyTorch is loaded here, not in the server. This module needs nothing of the extra `serve`.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any, NoReturn

from mangosaurus.api import fit as api
from mangosaurus.api.model import Model
from mangosaurus.api.progress import Meter, Previews
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.reading import READING
from mangosaurus.server.subprocess import Parent, corpus_from_bytes, failure, limit_memory
from mangosaurus.training.settings import Settings
from mangosaurus.training.status import Status

MEMORY = 6 * 2**30
"""Bytes of address space; PyTorch alone maps about two gigabytes."""
NICENESS = 5
"""Added, so that the server answers requests first."""
SECONDS_A_PROGRESS = 0.2
SECONDS_A_PREVIEW = 1.5
PREVIEWS, PREVIEW_LENGTH = 6, 60
"""Samples in a preview, and their most characters."""


class Watcher:
    """Sends the progress of `fit` a few times a second, and holds the status for `best_so_far`."""

    def __init__(self, server: Parent, settings: Settings) -> None:
        self.status: Status | None = None
        self._server, self._meter = server, Meter(settings.budget, settings.steps)
        self._previews = Previews(PREVIEWS, PREVIEW_LENGTH, SECONDS_A_PREVIEW)
        self._sent, self._stage = float("-inf"), ""

    def __call__(self, status: Status) -> None:
        self.status = status
        now = time.monotonic()
        if now - self._sent < SECONDS_A_PROGRESS and status.stage == self._stage:
            return
        fields: dict[str, Any] = asdict(self._meter.read(status, now))
        if samples := self._previews.look(status, now):
            fields["samples"] = samples
        self._sent, self._stage = now, status.stage
        self._server.send("progress", **fields)


def main() -> NoReturn:
    """Trains, sends the model and ends the process."""
    server = Parent()
    # PyTorch makes a folder for compiled code when it is imported. Nothing is compiled here, and nothing is left.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())
    limit_memory(MEMORY)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    first, data = server.receive()
    corpus, settings, name = corpus_from_bytes(data), Settings(**first["settings"]), first["name"]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # sent to all processes at once; the server sends more
    watcher = Watcher(server, settings)

    def received(message: dict[str, Any], data: bytes) -> None:
        stop.set()
        if message["event"] == "hurry":
            best = partial(best_so_far, corpus, watcher, settings)
            timer = threading.Timer(message["seconds"], deliver, (server, name, best))
            timer.daemon = True
            timer.start()

    server.listen(received)
    chosen = {name: value for name, value in asdict(settings).items() if name not in READING}  # the corpus is read
    given = {name: value for name, value in chosen.items() if value != getattr(Settings, name)}
    deliver(server, name, lambda: api.fit(corpus, **given, watch=watcher, stop=stop))


def deliver(server: Parent, name: str, train: Callable[[], Model | None]) -> NoReturn:
    """Sends the model that `train` returns, or why there is none, and ends the process."""
    try:
        model = train()
        data = None if model is None else replace(model, training=model.training | {"name": name}).to_bytes()
    except BaseException as error:
        out_of_memory = "the training needed more memory than it may have; make it smaller"
        unexpected = "the training failed; the server's own output says more"
        server.finish("problem", **failure(error, out_of_memory, unexpected))
    if data is None:
        server.finish("problem", status=503, detail="the training ended before there was a model")
    server.finish("model", data)


def best_so_far(corpus: Corpus, watcher: Watcher, settings: Settings) -> Model | None:
    """The best mixture so far, as the display has it; None while the corpus is counted."""
    so_far = None if watcher.status is None else watcher.status.so_far
    if so_far is None:
        return None
    model = so_far.whole()
    note = "stopped in a hurry: the mixture's weights were fitted on a part of what was held out"
    (corpus,) = api.cut([corpus], settings)
    record = {"documents": len(corpus.documents), "seed": settings.seed, "interrupted": True, "note": note}
    return api.made_of(corpus, model, {"holdout": False, "held_out": None, **record})
