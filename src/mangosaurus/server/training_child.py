"""What the process that trains does. It is told on standard input and answers on standard output; see `messages`.

On standard input comes one line of JSON, the order: `corpus` (the fields of a Corpus), `settings` (those of Settings)
and `name`; then, at any time, a line

    stop        train no further; the best model so far is the result
    hurry S     the same, and what there is after S seconds at the latest

and its end, which comes too when the server has died, is the end of this process at once, without a result.
The answer is lines of JSON, each an object with `event`:

    progress    a Reading's fields, and now and then `samples`
    model       the last; `bytes` counts the bytes of a model file, which follow behind the line
    problem     the last instead; `status` and `detail`, as the server would answer them

torch is loaded here, not in the server, and the memory is limited.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO, NoReturn

from mangosaurus import api, storage
from mangosaurus.corpus import Corpus
from mangosaurus.errors import MangosaurusError
from mangosaurus.model import Model
from mangosaurus.progress import Meter, preview
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


class Answers:
    """The standard output, which several threads write to and nobody behind the result."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._lock = file, threading.Lock()

    def tell(self, event: str, **fields: Any) -> None:
        with self._lock:
            self._line(event, fields)

    def last(self, event: str, data: bytes = b"", **fields: Any) -> NoReturn:
        """The result, and the end of the process: of two threads with a result, the first wins."""
        with self._lock:
            self._line(event, fields)
            self._file.write(data)
            self._file.flush()
            os._exit(0)

    def _line(self, event: str, fields: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps({"event": event, **fields}, allow_nan=False).encode() + b"\n")
            self._file.flush()
        except OSError:  # nobody reads any more
            os._exit(1)


class Watcher:
    """What `fit` tells of its progress, some times a second, and the model so far for those in a hurry."""

    def __init__(self, answers: Answers, settings: Settings) -> None:
        self.status: Status | None = None
        self._answers, self._meter = answers, Meter(settings.budget, settings.steps)
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
        self._answers.tell("progress", **fields)


def main() -> NoReturn:
    """Trains as it is told, and ends the process."""
    answers = Answers(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # whatever else is printed must not get in between
    # torch makes a folder for what it compiles when it is imported; nothing is compiled here, and nothing left behind.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())
    limit()
    order = json.loads(sys.stdin.buffer.readline())
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in order["corpus"].items()
    }
    read = Corpus(**fields)
    settings, name = Settings(**order["settings"]), order["name"]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # sent to all processes at once; the server says more
    watcher = Watcher(answers, settings)

    def hurry(seconds: float) -> None:
        time.sleep(seconds)
        deliver(answers, best_so_far(read, watcher.status, settings), name)

    threading.Thread(target=listen, args=(stop, hurry), daemon=True).start()
    try:
        model = api.fit(read, **asdict(settings), watch=watcher, stop=stop)
    except MangosaurusError as error:
        answers.last("problem", status=422, detail=str(error))
    except BaseException as error:
        traceback.print_exc()
        if isinstance(error, MemoryError) or "allocate" in str(error):
            answers.last(
                "problem", status=422, detail="the training needed more memory than it may have; make it smaller"
            )
        answers.last("problem", status=500, detail="the training failed; the server's own output says more")
    deliver(answers, model, name)


def deliver(answers: Answers, model: Model | None, name: str) -> NoReturn:
    """Answers with the model, and ends the process."""
    if model is None:
        answers.last("problem", status=503, detail="the training ended before anything had been learnt")
    training = model.training | {"name": name}
    data = storage.as_bytes(storage.Contents(model.distribution, model.kind, model.known.hashes, training))
    answers.last("model", data, bytes=len(data))


def best_so_far(read: Corpus, status: Status | None, settings: Settings) -> Model | None:
    """The n-gram and the best of the network in training, mixed with equal weights; None if there is neither."""
    model = None if status is None else status.preview()
    if status is None or model is None:
        return None
    note = "stopped before the mixture's weights were learnt: they are equal"
    record = {"documents": len(read.documents), "seed": settings.seed, "interrupted": True, "note": note}
    return api.made_of(read, model, {"holdout": False, "held_out": None, **record})


def listen(stop: threading.Event, hurry: Callable[[float], None]) -> None:
    """Does what standard input says, to its end."""
    for line in sys.stdin.buffer:
        word, *seconds = line.split()
        stop.set()
        if word == b"hurry":
            threading.Thread(target=hurry, args=(float(seconds[0]),), daemon=True).start()
    os._exit(1)


def limit() -> None:
    """Limits the memory, where the system can, and lets others go first."""
    try:
        import resource
    except ImportError:  # Windows has neither
        return
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
