"""A server in a process of its own, as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from patience import PATIENCE

CODE = """
import json, sys
from functools import partial
from mangosaurus.__main__ import main
from mangosaurus.server import serve, trainings
limits = json.loads(sys.argv.pop(1))
trainings.PATIENCE = limits.pop("patience", trainings.PATIENCE)
serve.Limits = partial(serve.Limits, **limits)
main()
"""
"""The command line with other limits, and with another PATIENCE for trainings."""


@dataclass
class Served:
    """A server that listens."""

    process: subprocess.Popen[str]
    address: str
    """With a slash at its end."""

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=PATIENCE, trust_env=False)

    def children(self) -> list[int]:
        """The ids of the processes that it has started (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@contextmanager
def serving(folder: Path, *words: str, limits: dict[str, float] | None = None, **environment: str) -> Iterator[Served]:
    """`mangosaurus serve` with these words, at a free port, in a group of processes of its own, until the `with` ends.

    Models are kept in `folder`, where it runs; `environment` is added to this one's. Work has its time on a slow
    machine too, if `limits` do not say otherwise.
    """
    begun = [sys.executable, "-c", CODE, json.dumps({"work_seconds": PATIENCE} | (limits or {}))]
    with launched(
        [*begun, "serve", "--port", "0", "--keep", str(folder / "kept"), *words], folder, environment
    ) as served:
        yield served


@contextmanager
def launched(command: Sequence[str], folder: Path, environment: dict[str, str]) -> Iterator[Served]:
    """A server that another command starts, which prints its address first."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"} | environment,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        hangs = threading.Timer(PATIENCE, end_group, [process])
        hangs.start()
        address = process.stdout.readline().strip()
        hangs.cancel()
        if not address.startswith("http://"):
            end_group(process)
            raise AssertionError(address, *process.communicate(timeout=PATIENCE))
        yield Served(process, address)
    finally:
        end_group(process)
        process.communicate(timeout=PATIENCE)


def end_group(process: subprocess.Popen[str]) -> None:
    """Kills a process and all that it has started, which would hold its pipes open."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs (Linux); what has ended and was not yet asked how does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
