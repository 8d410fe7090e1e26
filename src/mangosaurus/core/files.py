"""Files that are written whole or not at all, and locks on them."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mangosaurus.core.errors import Option, OutputError, OutputExistsError


def check_writable(
    path: str | os.PathLike[str], overwrite: bool = False, reads: Iterable[str | os.PathLike[str] | None] = ()
) -> None:
    """Raises OutputExistsError if `path` exists and `overwrite` is false.

    Raises OutputError if `path` is no regular file, if the program `reads` it, or if its folder cannot be written.
    """
    path = Path(path)
    with _refused(path):
        place, _ = _place(path, overwrite)
        for each in reads:
            if each is not None and Path(each).exists() and path.exists() and path.samefile(each):
                raise OutputError(f"{path} is read by this command; name another file")
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}."):
            pass


def write(path: Path, data: bytes | Sequence[bytes | memoryview], overwrite: bool = False) -> None:
    """Writes `data`, in one piece or several: see `writing`."""
    with writing(path, overwrite) as put:
        for piece in [data] if isinstance(data, bytes) else data:
            put(piece)


@contextmanager
def writing(path: Path, overwrite: bool = False) -> Iterator[Callable[[bytes | memoryview], None]]:
    """What writes a piece to a temporary file in the folder of `path`, which is renamed to `path` at the end.

    Both the file and its folder are flushed. The new file gets the permissions of the one that it replaces, and its
    owner where the system allows that. If `path` is a link, its target is replaced, and the link stays. Without
    `overwrite`, nothing is ever replaced: if two processes write to one name at once, one fails.

    Raises OutputError and OutputExistsError as `check_writable` does, and OutputError if the disk is full; the old file
    is then intact, and so it is after any error between two pieces.
    """
    with ExitStack() as afterwards:
        with _refused(path):
            place, old = _place(path, overwrite)
            temporary = place.parent / f".{place.name}.{secrets.token_hex(4)}"
            mode = 0o666 if old is None else 0o600  # the system takes the umask off
            file = open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode))  # noqa: SIM115
            afterwards.callback(temporary.unlink, missing_ok=True)
            afterwards.callback(_close, file)
            if old is not None:
                with suppress(OSError, AttributeError):  # another's file, or Windows
                    os.chown(temporary, old.st_uid, old.st_gid)
                temporary.chmod(old.st_mode & 0o777)

        def put(piece: bytes | memoryview) -> None:
            with _refused(path):
                file.write(piece)

        yield put
        with _refused(path):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if overwrite:
                temporary.replace(place)
            else:
                _link(temporary, place)
            _flush_folder(place.parent)


def _close(file: BinaryIO) -> None:
    """Closes a file whose last piece may not fit on the disk."""
    with suppress(OSError):
        file.close()


def elsewhere(error: OutputError, save: Callable[[Path], Path]) -> Path:
    """Calls `save` with the current folder, or if that fails with the folder of temporary files; returns its result.

    `error` says why the model could not be written to its own folder. Raises OutputError if it is lost.
    """
    for folder in (Path.cwd, tempfile.gettempdir):  # to find either may fail as well
        with suppress(OutputError, OSError):
            return save(Path(folder()))
    raise OutputError(*error.parts, ", nor anything elsewhere: the model is lost") from error


def _place(path: Path, overwrite: bool) -> tuple[Path, os.stat_result | None]:
    """The path to write to, links followed, and the status of the file that is there. Raises OutputError."""
    if str(path) == "-":
        raise OutputError("- is standard output, which gets the results; name a file")
    try:
        old = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise OutputError(f"{path} is a link to a file that does not exist; remove it, or name the file") from None
        return path, None
    if stat.S_ISDIR(old.st_mode):
        raise OutputError(f"{path} is a folder; name a file in it")
    if not stat.S_ISREG(old.st_mode):
        raise OutputError(f"{path} is a device, a pipe or a socket, which cannot be replaced; name a file")
    if not overwrite:
        raise FileExistsError
    for descriptor in (1, 2):
        with suppress(OSError):  # it is closed
            if os.path.samestat(old, os.fstat(descriptor)):
                raise OutputError(f"{path} is where the output of this program goes; name another file")
    return path.resolve(strict=True), old


def _link(temporary: Path, place: Path) -> None:
    """Gives a file a second name. Raises FileExistsError if that name exists."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name first, which only one process can
        place.open("xb").close()
        try:
            temporary.replace(place)
        except OSError:
            place.unlink()
            raise


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Raises OutputError where the system refuses to write `path`."""
    try:
        yield
    except OutputError:
        raise
    except FileExistsError as error:
        force = Option("overwrite", True)
        raise OutputExistsError(f"{path} exists already; choose another name, or ", force, " to replace it") from error
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _flush_folder(folder: Path) -> None:
    """Flushes a folder, if the file system can: a new name in it then survives a loss of power."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def beside(path: Path) -> Path:
    """The path of a file's lock: a hidden file in the same folder."""
    return path.parent / f".{path.name}.lock"


@contextmanager
def alone(lock: Path, refusal: str, wait: float = 0) -> Iterator[None]:
    """Holds the file `lock`, which is created if needed and removed at the end; waits up to `wait` seconds for it.

    The operating system releases the lock of a process that is killed.
    Raises OutputError with the line `refusal` if another process holds it, or if nothing can be written there.
    """
    from filelock import FileLock, Timeout  # it imports asyncio, which would delay every sample

    holder = FileLock(lock, timeout=wait)
    with _refused(lock):
        try:
            holder.acquire()
        except Timeout:
            raise OutputError(refusal) from None
    try:
        yield
    finally:
        # It is removed while it is held. A process that waits for it then finds it gone, and creates a new one.
        with suppress(OSError):
            lock.unlink(missing_ok=True)
        holder.release()
