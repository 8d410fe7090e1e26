"""One process at a time: a lock beside what is written, which ends with the process that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from mangosaurus.errors import OutputError


def beside(path: Path) -> Path:
    """Where the lock of a file lies: hidden, in the same folder."""
    return path.parent / f".{path.name}.lock"


@contextmanager
def alone(lock: Path, refusal: str) -> Iterator[None]:
    """Holds the file `lock`, which is made if need be and removed at the end.

    The operating system gives it up for a process that was killed, so that what such a one left behind bars nobody.
    Raises OutputError with the line `refusal` if another holds it, or if nothing can be written there.
    """
    holder = FileLock(lock, timeout=0)
    try:
        holder.acquire()
    except Timeout:
        raise OutputError(refusal) from None
    except OSError as error:
        raise OutputError(f"{lock} cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        # Removed while it is held: whoever waits for it then finds that it is gone, and makes a new one.
        with suppress(OSError):
            lock.unlink(missing_ok=True)
        holder.release()
