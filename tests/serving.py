"""A server in a process of its own, as its users run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
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
        return httpx.Client(base_url=self.address, timeout=60, trust_env=False)

    def children(self) -> list[int]:
        """The ids of the processes that it has started (Linux)."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()]


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Served]:
    """`mangosaurus serve` with these words, at a free port and with `folder` as its own; killed at the end."""
    command = [*RUN, "serve", "--port", "0", "--keep", str(folder / "kept"), *words]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), process.communicate()
        yield Served(process, address)
    finally:
        process.kill()
        process.communicate()
