"""Python subprocesses of the server and their messages. It needs nothing of the extra `serve`.

A message is a line of JSON, an object with `event`, and then `bytes` bytes, such as a model file. Nothing received is
ever executed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any, NoReturn, Self

from mangosaurus.core.errors import MangosaurusError, in_json, lacks_memory
from mangosaurus.data.corpus import Corpus

Message = tuple[dict[str, Any], bytes]
"""An object with `event`, and the bytes that follow it."""

CODE = (
    # A service manager may signal all processes of a service. The server handles signals and ends this process.
    "import signal; [signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)];"
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from importlib import import_module; import_module(sys.argv[2]).main()"
)
LONGEST_LINE = 2**20


class Subprocess:
    """A subprocess as the server sees it. The server must `wait` for each."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str] | None = None) -> Self:
        """Runs `main` of a module; `environment` is added to the server's. Raises OSError if it cannot start."""
        # A process group of its own: otherwise Ctrl-C in a terminal would end it with a traceback while Python starts.
        own_group: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", CODE, json.dumps(sys.path), module),
            stdin=PIPE,
            stdout=PIPE,
            limit=LONGEST_LINE,
            env={**os.environ, **(environment or {})},
            **own_group,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def send(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        """Sends a message. Does nothing if the process has ended."""
        assert self._process.stdin is not None
        with suppress(OSError, RuntimeError):
            self._process.stdin.write(packed(event, data, fields))

    async def receive(self) -> Message | None:
        """The next message; None if the process has ended."""
        assert self._process.stdout is not None
        try:
            message = json.loads(await self._process.stdout.readline())
            return message, await self._process.stdout.readexactly(message.get("bytes", 0))
        except (ValueError, OSError, asyncio.IncompleteReadError):  # it ended, perhaps within a message
            return None

    def kill(self) -> None:
        """Kills the process. It owns no files, so there is nothing to clean up."""
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            elif self.alive:
                # `Process.kill` reaps a process that has just ended, and asyncio then misses its status.
                os.kill(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Kills the process if it still runs, and returns its exit status; negative for a signal."""
        self.kill()
        await self._process.communicate()  # reads to the end, so that the pipe is closed
        return await self._process.wait()


class Parent:
    """The server as the subprocess sees it: standard input and output. Thread-safe."""

    def __init__(self) -> None:
        self._out, self._lock = os.fdopen(os.dup(1), "wb"), threading.Lock()
        os.dup2(2, 1)  # other output must not mix with the messages

    def send(self, event: str, data: bytes | None = None, **fields: Any) -> None:
        """Sends a message."""
        with self._lock:
            self._write(packed(event, data, fields))

    def finish(self, event: str, data: bytes | None = None, **fields: Any) -> NoReturn:
        """Sends a message and ends the process. If two threads do so, only the first message is sent."""
        with self._lock:
            self._write(packed(event, data, fields))
            os._exit(0)

    def receive(self) -> Message:
        """The next message. Ends the process at the end of input, which also comes when the server has died."""
        line = sys.stdin.buffer.readline()
        if not line:
            os._exit(1)
        message = json.loads(line)
        return message, sys.stdin.buffer.read(message.get("bytes", 0))

    def listen(self, received: Callable[[dict[str, Any], bytes], None]) -> None:
        """Calls `received` in a thread with each further message, so that the end of input ends any work."""

        def always() -> None:
            while True:
                received(*self.receive())

        threading.Thread(target=always, daemon=True).start()

    def _write(self, data: bytes) -> None:
        try:
            self._out.write(data)
            self._out.flush()
        except OSError:  # the server has gone
            os._exit(1)


def packed(event: str, data: bytes | None, fields: dict[str, Any]) -> bytes:
    """A message as it is sent."""
    sizes = {} if data is None else {"bytes": len(data)}
    return json.dumps({"event": event, **fields, **sizes}, allow_nan=False).encode() + b"\n" + (data or b"")


def corpus_as_bytes(corpus: Corpus) -> bytes:
    """A corpus as it is sent: its fields, as JSON. What is uploaded has characters for symbols, until it is learnt."""
    names = [each.name for each in fields(corpus) if each.name != "segmentation"]
    return json.dumps({name: getattr(corpus, name) for name in names}).encode()


def corpus_from_bytes(data: bytes) -> Corpus:
    """The corpus of `corpus_as_bytes`."""
    sent: dict[str, Any] = json.loads(data)
    lists = {name: tuple(value) for name, value in sent.items() if isinstance(value, list)}
    return Corpus(**(sent | lists))


def failure(error: BaseException, out_of_memory: str, unexpected: str) -> dict[str, Any]:
    """Status, detail and parts of the server's answer to an error of a subprocess."""
    if isinstance(error, MangosaurusError):
        return {"status": 422, "detail": error.spelled(in_json), "parts": error.as_json}
    if lacks_memory(error):
        return {"status": 422, "detail": out_of_memory}
    traceback.print_exception(error)
    return {"status": 500, "detail": unexpected}


def limit_memory(most: int) -> None:
    """Limits this process to `most` bytes of address space, without a core dump, if the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, soft in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, most)):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
