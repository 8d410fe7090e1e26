"""The server, as a process that computes beside it sees it: see child.py.

Both say JSON to each other: a message is one line, an object with `event`. If it has `bytes`, so many bytes follow
behind the line, such as those of a model file. Nothing that comes is ever executed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from mangosaurus.corpus import Corpus

Message = tuple[dict[str, Any], bytes]
"""An object with `event`, and the bytes that came behind it."""


class Parent:
    """Standard input and output, which several threads may write to."""

    def __init__(self) -> None:
        self._answers, self._lock = os.fdopen(os.dup(1), "wb"), threading.Lock()
        os.dup2(2, 1)  # what is printed by mistake must not come between the messages

    def tell(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        """Says something."""
        with self._lock:
            self._write(packed(event, data, fields))

    def last(self, event: str, data: bytes | None = None, **fields: Any) -> NoReturn:
        """Says something and ends the process: of two threads that do so, only the first is heard."""
        with self._lock:
            self._write(packed(event, data, fields))
            os._exit(0)

    def hear(self) -> Message:
        """What the server says next. The end of its words, which comes too when it has died, ends the process."""
        line = sys.stdin.buffer.readline()
        if not line:
            os._exit(1)
        message = json.loads(line)
        return message, sys.stdin.buffer.read(message.get("bytes", 0))

    def listen(self, heard: Callable[[dict[str, Any], bytes], None]) -> None:
        """Lets `heard` know, in a thread, of all that the server says from now on: its end is noticed amid any work."""

        def always() -> None:
            while True:
                heard(*self.hear())

        threading.Thread(target=always, daemon=True).start()

    def _write(self, data: bytes) -> None:
        try:
            self._answers.write(data)
            self._answers.flush()
        except OSError:  # nobody reads any more
            os._exit(1)


def packed(event: str, data: bytes | None, fields: dict[str, Any]) -> bytes:
    """A message as it is sent."""
    sizes = {} if data is None else {"bytes": len(data)}
    return json.dumps({"event": event, **fields, **sizes}, allow_nan=False).encode() + b"\n" + (data or b"")


def corpus_as_bytes(corpus: Corpus) -> bytes:
    """A corpus as it is sent: its fields, as JSON."""
    return json.dumps(vars(corpus)).encode()


def corpus_from_bytes(data: bytes) -> Corpus:
    """What `corpus_as_bytes` was given."""
    fields: dict[str, Any] = json.loads(data)
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Corpus(**{**fields, **lists})


def limit_memory(most: int) -> None:
    """Lets this process have so many bytes of address space and leave no core, where the system can limit them."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for limit, soft in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, most)):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
