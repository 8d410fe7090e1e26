"""A process that computes, one job at a time, so that whatever a job does can be ended: see `work`.

It reads messages from standard input and writes to standard output, each a pickle behind its length (8 bytes, little-
endian). A job is (key, label, name, options), of the model that came as (key, Model); (key, None) drops that one. The
answer is ("done", result), ("refused", the error) or ("failed", its traceback).
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO

from mangosaurus.errors import MangosaurusError
from mangosaurus.model import Model
from mangosaurus.server.jobs import JOBS

READY = b"ready\n"
"""What it writes first."""
CODE = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from mangosaurus.server.worker import main; main(int(sys.argv[2]))"
)


def command(megabytes: int) -> list[str]:
    """What starts such a process, which is to take at most so much memory."""
    return [sys.executable, "-c", CODE, json.dumps(sys.path), str(megabytes)]


def packed(message: Any) -> bytes:
    """A message as it is sent."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(8, "little") + data


def main(megabytes: int) -> None:
    """Works until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends this process
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _limit_memory(megabytes)
    # What prints by mistake must not come between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answers.write(READY)
    answers.flush()
    models: dict[int, Model] = {}
    while (message := _next(sys.stdin.buffer)) is not None:
        if len(message) == 2:
            key, model = message
            models.pop(key, None)
            if model is not None:
                models[key] = model
            continue
        answers.write(packed(_answer(models, *message)))
        answers.flush()


def _next(messages: BinaryIO) -> Any:
    """The next message, or None if there are no more."""
    length = messages.read(8)
    return pickle.loads(messages.read(int.from_bytes(length, "little"))) if len(length) == 8 else None


def _answer(models: dict[int, Model], key: int, label: Any, name: str, options: dict[str, Any]) -> tuple[str, Any]:
    try:
        model = models[key] if label is None else models[key].with_label(label)
        return "done", JOBS[name](model, **options)
    except MangosaurusError as error:
        return "refused", error
    except MemoryError:
        return "failed", None
    except Exception:
        return "failed", traceback.format_exc()


def _end_with(parent: int) -> None:
    """Ends this process when the server has ended without having done so, even amid a job."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
