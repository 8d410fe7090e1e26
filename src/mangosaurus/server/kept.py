"""The folder of kept models: its files are named by the day and a number, never by what a request says."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from mangosaurus.corpus import source_of
from mangosaurus.errors import ModelFileError, OutputError, OutputExistsError
from mangosaurus.model import Model
from mangosaurus.storage.files import elsewhere, write

SUFFIX = ".safetensors"


def check_folder(folder: Path) -> None:
    """Raises OutputError if no model could be kept there: a training of minutes would be lost at its end."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent  # what is missing is made when it is needed
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        why = error.strerror or error
        raise OutputError(f"no model can be kept in {folder}: {why}; name another folder with --keep") from error


def keep(folder: Path, data: bytes) -> Path:
    """Writes the bytes of a model file into the folder, which is made if need be, and returns where they are.

    No file is replaced, even if other servers write to the same folder. Raises OutputError if nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
    day = datetime.now().strftime("%Y-%m-%d")
    for number in count(1):
        path = folder / f"{day}-{number}{SUFFIX}"
        with suppress(OutputExistsError):
            write(path, data)
            break
    return path


def keep_at_the_end(folder: Path, data: bytes) -> Path:
    """As `keep`, but elsewhere if nothing can be written to the folder: the server ends, and the model with it.

    Raises OutputError if it cannot be written to the working folder or that of temporary files either.
    """
    try:
        return keep(folder, data).absolute()
    except OutputError as error:
        return elsewhere(error, lambda place: keep(place, data))


def kept_models(folder: Path, most: int) -> Iterator[tuple[str, Model]]:
    """Name and model of the latest `most` files in the folder, the oldest of them first.

    What cannot be read is skipped; that and what is beyond `most` is told on standard error.
    """
    try:
        found = sorted((path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}") if path.is_file())
    except OSError as error:
        print(f"the folder {folder} cannot be read: {error.strerror or error}", file=sys.stderr)
        return
    if len(found) > most:
        print(f"{folder} holds {len(found)} models; the latest {most} are served", file=sys.stderr)
    for _, path in found[-most:]:
        try:
            model = Model.load(path)
        except ModelFileError as error:
            print(f"skipped: {error}", file=sys.stderr)
            continue
        name = model.training.get("name")
        yield name if isinstance(name, str) and name else Path(source_of(path)).stem, model
