"""A server in a process of its own, as its users run it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from commands import RUN


@dataclass
class Served:
    """A server that listens."""

    process: subprocess.Popen[str]
    address: str
    """With a slash at its end."""

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=120, trust_env=False)

    def children(self) -> list[int]:
        """The ids of the processes that it has started (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@contextmanager
def serving(folder: Path, *words: str, **environment: str) -> Iterator[Served]:
    """`mangosaurus serve` with these words, at a free port, in a group of processes of its own, until the `with` ends.

    Models are kept in `folder`, where it runs; `environment` is added to this one's.
    """
    command = [*RUN, "serve", "--port", "0", "--keep", str(folder / "kept"), *words]
    with launched(command, folder, environment) as served:
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
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), process.communicate()
        yield Served(process, address)
    finally:
        process.kill()
        process.communicate()


def soon(happens: Callable[[], object], seconds: float = 60) -> bool:
    """Whether it happens within so many seconds; many, as the machine may be busy."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.05)
    return bool(happens())


def alive(pid: int) -> bool:
    """Whether a process runs (Linux); what has ended and was not yet asked how does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
