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
        places = [0] * len(self._runs)
        buffers = [self._read(run, 0, size) for run in range(len(self._runs))]
        while any(place < length for place, (_, length) in zip(places, self._runs, strict=True)):
            for run, buffer in enumerate(buffers):
                if len(buffer) < size // 2 and places[run] + len(buffer) < self._runs[run][1]:
                    more = self._read(run, places[run] + len(buffer), size)
                    buffers[run] = np.concatenate([buffer, more])
            unread = [
                buffer[-1]
                for run, buffer in enumerate(buffers)
                if len(buffer) and places[run] + len(buffer) < self._runs[run][1]
            ]
            # Numbers still on the disk are not below the last number read of their run.
            pivot = min(unread, default=np.uint64(2**64 - 1))
            taken = []
            for run, buffer in enumerate(buffers):
                count = int(np.searchsorted(buffer, pivot, side="right"))
                taken.append(buffer[:count])
                buffers[run] = buffer[count:]
                places[run] += count
            block = np.concatenate(taken)
            block.sort()
            yield block

    def _read(self, run: int, place: int, count: int) -> Keys:
        start, length = self._runs[run]
        count = min(count, length - place)
        self._file.seek(start + 8 * place)
        return np.frombuffer(self._file.read(8 * count), dtype=np.uint64)

    def close(self) -> None:
        """Removes the file."""
        self._file.close()


def firsts(ordered: Keys) -> IntArray:
    """Where each different number of an ascending array first stands."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
