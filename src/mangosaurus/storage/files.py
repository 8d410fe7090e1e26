"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mangosaurus.errors import OutputError, OutputExistsError


def check_writable(path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Raises OutputError if `path` is taken and `overwrite` is false, or if nothing can be written beside it."""
    path = Path(path)
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it")
        if path.exists() and not overwrite:
            raise _exists(path)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OutputError:
        raise
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error


def write(path: Path, data: bytes | Sequence[bytes | memoryview], overwrite: bool = False) -> None:
    """Writes `data`, in one piece or several, to a temporary file beside `path`, flushes it to the disk, renames it and
    flushes the folder.

    Raises OutputError as `check_writable` does, and if the disk is full; the old file is then intact. Raises
    OutputExistsError if `overwrite` is false and `path` is taken, even at the last moment.
    """
    check_writable(path, overwrite)
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        # Temporary files are for their owner alone; a result has the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        if overwrite:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # fails where there is a file, which a check before it could not promise
        _flush_folder(path.parent)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(f"{path} exists already; choose another name, or --force to replace it")


def _flush_folder(folder: Path) -> None:
    """So that a new name in it outlives a loss of power, where the file system can do so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
