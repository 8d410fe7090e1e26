"""Blocks of samples from forked processes: two threads keep one and a half cores busy, as Python runs one at a time.

Process i of n computes blocks i, i + n, … and writes each to its pipe, where it waits until the block is read. It ends
when nobody can read the pipe any more, even if this process was killed. If a process ends early, for lack of memory,
say, its blocks are computed here.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import IO, NoReturn

from safetensors.numpy import load, save

from mangosaurus.generation.block import Block

SIZE = 8
"""Bytes of a number that tells how many bytes of a block follow."""

Compute = Callable[[int, int], Block]
"""Makes the block of samples `first` to `first + size` - 1 of `first` and `size`."""


def can_fork() -> bool:
    """Whether this process may be forked. A lock that another thread held would never be released in the copy."""
    return sys.platform == "linux" and threading.active_count() == 1


def in_processes(
    compute: Compute, places: Callable[[], Iterator[tuple[int, int]]], count: int
) -> Generator[Block, None, None]:
    """`compute(first, size)` of all `places`, in their order, from `count` processes."""
    children: list[int] = []
    pipes: list[IO[bytes]] = []
    try:
        for number in range(count):
            child, pipe = _begin(compute, islice(places(), number, None, count), pipes)
            pipes.append(pipe)
            if child is not None:
                children.append(child)
        for number, (first, size) in enumerate(places()):
            block = _read(pipes[number % count])
            yield compute(first, size) if block is None else block
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for pipe in pipes:
            pipe.close()


def _begin(
    compute: Compute, places: Iterator[tuple[int, int]], pipes: Sequence[IO[bytes]]
) -> tuple[int | None, IO[bytes]]:
    """Forks a process; returns its number and its pipe, or None and an empty pipe if no more processes are allowed.

    The process closes the `pipes` of the others.
    """
    reading, writing = map(os.fdopen, os.pipe(), ("rb", "wb"))
    child: int | None = None
    with warnings.catch_warnings(), suppress(OSError):
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: those of OpenBLAS, which is prepared for it
        child = os.fork()
    if child == 0:
        _write_all(compute, places, writing, [*pipes, reading])
    writing.close()
    return child, reading


def _write_all(
    compute: Compute, places: Iterator[tuple[int, int]], pipe: IO[bytes], others: Sequence[IO[bytes]]
) -> NoReturn:
    """Runs in the new process, which never returns from here."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both, and the other kills this one
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for other in others:
            other.close()
        for first, size in places:
            block = vars(compute(first, size))
            data = save({name: array for name, array in block.items() if array is not None})
            pipe.write(len(data).to_bytes(SIZE, "little") + data)
            pipe.flush()
    finally:
        os._exit(0)


def _read(pipe: IO[bytes]) -> Block | None:
    """The next block; None if the process has ended."""
    size = int.from_bytes(pipe.read(SIZE), "little")
    data = pipe.read(size)
    return Block(**load(data)) if size and len(data) == size else None
