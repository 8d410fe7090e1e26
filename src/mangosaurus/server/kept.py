"""The folder of kept models: its files are named by the day and a number, never by what a request says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from mangosaurus.errors import ModelFileError, OutputError
from mangosaurus.model import Model
from mangosaurus.storage import write

SUFFIX = ".safetensors"


def keep(folder: Path, data: bytes) -> Path:
    """Writes the bytes of a model file into the folder, which is made if need be, and returns where they are.

    Raises OutputError if that is impossible.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
    day, number = datetime.now().strftime("%Y-%m-%d"), 1
    while (path := folder / f"{day}-{number}{SUFFIX}").exists():
        number += 1
    write(path, data)
    return path


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
        yield name if isinstance(name, str) and name else path.stem, model
