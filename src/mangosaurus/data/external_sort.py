"""External sort: sorted runs of numbers on disk, merged block by block."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mangosaurus.core.arrays import IntArray
from mangosaurus.data.registry import unwritable

Keys = NDArray[np.uint64]


class Runs:
    """Sorted arrays of 64-bit numbers in one nameless file, which the system removes when the process ends.

    Raises OutputError if the folder cannot be written or the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        except OSError as error:
            raise unwritable(folder, error) from error
        self._runs: list[tuple[int, int]] = []  # where each begins, in bytes, and how many numbers it has
        self._end = 0
        self._lock = threading.Lock()

    @property
    def entries(self) -> int:
        """The numbers in all runs."""
        return self._end // 8

    def append(self, ordered: Keys) -> None:
        """Writes one more run, whose numbers are ascending. Several threads may do so at once."""
        data = memoryview(np.ascontiguousarray(ordered, dtype=np.uint64).data).cast("B")
        with self._lock:
            try:
                self._file.seek(self._end)
                written = 0
                while written < len(data):
                    written += self._file.write(data[written:])
            except OSError as error:
                raise unwritable(self._folder, error) from error
            self._runs.append((self._end, len(ordered)))
            self._end += len(data)

    def merged(self, most: int) -> Iterator[Keys]:
        """All numbers of all runs, ascending, in blocks; at most about `most` of them are in memory at once."""
        size = max(1024, most // max(1, 2 * len(self._runs)))
        unread = list(self._runs)  # where the rest of each begins, and how many numbers it has
        buffers: list[Keys] = [np.zeros(0, dtype=np.uint64)] * len(unread)
        while any(length for _, length in unread) or any(map(len, buffers)):
            for run, (start, length) in enumerate(unread):
                if length and len(buffers[run]) < size // 2:
                    count = min(size, length)
                    self._file.seek(start)
                    more = np.frombuffer(self._file.read(8 * count), dtype=np.uint64)
                    buffers[run] = np.concatenate([buffers[run], more])
                    unread[run] = start + 8 * count, length - count
            # Numbers still on the disk are not below the last number read of their run.
            last = [buffer[-1] for buffer, (_, length) in zip(buffers, unread, strict=True) if length]
            pivot = min(last, default=np.uint64(2**64 - 1))
            taken = [buffer[: np.searchsorted(buffer, pivot, side="right")] for buffer in buffers]
            buffers = [buffer[len(part) :] for buffer, part in zip(buffers, taken, strict=True)]
            yield np.sort(np.concatenate(taken))

    def close(self) -> None:
        """Removes the file."""
        self._file.close()


def firsts(ordered: Keys) -> IntArray:
    """Where each different number of an ascending array first stands."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
