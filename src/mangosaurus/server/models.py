"""The model registry, and the folder of kept models, whose file names never use request data."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

from mangosaurus.api.model import Model
from mangosaurus.api.verbs import BUNDLED, load
from mangosaurus.core.errors import ModelFileError, Option, OutputError, OutputExistsError, in_json
from mangosaurus.core.files import elsewhere, write
from mangosaurus.data.corpus import Corpus, source_of
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError

SUFFIX = ".safetensors"
Source = Literal["bundled", "given", "trained", "kept"]
"""Of the package; named at the start; trained here; trained here and written to the folder."""


@dataclass(frozen=True)
class Entry:
    """One model of the registry."""

    id: str
    name: str
    model: Model
    source: Source
    corpus: Corpus | None = None
    """The training corpus, if it was trained here."""


@dataclass(frozen=True, eq=False)
class File:
    """The bytes of a model file, or of its page, shared by simultaneous downloads."""

    model: Model
    data: bytes


class ModelRegistry:
    """The models, in the order in which they were added. Thread-safe."""

    def __init__(self, folder: Path, unkept: int) -> None:
        """`folder` holds the kept models and is made when needed; at most `unkept` trained models are not kept."""
        self.folder: Path = folder
        self.unkept: int = unkept
        self._entries: dict[str, Entry] = {}
        self._lock, self._keeping, self._writing = threading.Lock(), threading.Lock(), threading.Lock()
        self._files: WeakValueDictionary[tuple[int, str], File] = WeakValueDictionary()
        """By the `id` of the model, which is unique, because the file holds the model, and the title of a page."""

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def get(self, id: str) -> Entry:
        """Raises ProblemError, 404, if there is no such model."""
        with self._lock:
            if id not in self._entries:
                raise ProblemError(404, f"there is no model {id[:100]!r}; GET /api/models lists them")
            return self._entries[id]

    def add(self, model: Model, name: str, source: Source, corpus: Corpus | None = None) -> Entry:
        """Adds a model under an id made from its name. Removes the oldest unkept models if there are too many."""
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "model"
        with self._lock:
            ids = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
            id = next(id for id in ids if id not in self._entries)
            self._entries[id] = Entry(id, name, model, source, corpus)
            trained = [entry.id for entry in self._entries.values() if entry.source == "trained"]
            for oldest in trained[: max(0, len(trained) - self.unkept)]:
                del self._entries[oldest]
            return self._entries[id]

    def keep(self, id: str) -> Entry:
        """Writes a model that was trained here to the folder; does nothing if it is there already.

        Raises ProblemError for any other model, and if the folder cannot be written; OutputError as `to_bytes` does.
        """
        with self._keeping:  # so that none is written twice
            entry = self.get(id)
            if entry.source == "kept":
                return entry
            if entry.source != "trained":
                raise ProblemError(409, f"{entry.name!r} has a file already; only models trained here are kept")
            data = entry.model.to_bytes()
            try:
                keep(self.folder, data)
            except OutputError as error:
                raise ProblemError(507, error.spelled(in_json)) from error
            entry = replace(entry, source="kept")
            with self._lock:
                self._entries[id] = entry
            return entry

    def file(self, entry: Entry) -> File:
        """The file of a model, shared by simultaneous downloads."""
        return self._written(entry.model, "", entry.model.to_bytes)

    def page(self, entry: Entry) -> File:
        """A model as one HTML page. Raises OptionError for a model that pages cannot run."""
        from mangosaurus.formats.webpage import webpage

        title = entry.name[:1].upper() + entry.name[1:]
        return self._written(entry.model, title, lambda: webpage(entry.model, title).encode())

    def _written(self, model: Model, title: str, make: Callable[[], bytes]) -> File:
        with self._writing:
            file = self._files.get((id(model), title)) or File(model, make())
            self._files[id(model), title] = file
            return file

    def remove(self, id: str) -> None:
        """Removes a model that was trained here; a kept file stays. Raises ProblemError for any other."""
        entry = self.get(id)
        if entry.source not in ("trained", "kept"):
            raise ProblemError(409, f"{entry.name!r} was not trained here and cannot be removed")
        with self._lock:
            self._entries.pop(id, None)

    def close(self) -> None:
        """Prints to standard error how many models are lost because nobody kept them, if any."""
        count = sum(entry.source == "trained" for entry in self.entries())
        if count:
            lost = "1 model that was trained here is" if count == 1 else f"{count} models that were trained here are"
            print(f"stopped: {lost} gone, as nobody kept {'it' if count == 1 else 'them'}", file=sys.stderr, flush=True)


def registry_of(models: Sequence[str | os.PathLike[str]], keep: Path, limits: Limits) -> ModelRegistry:
    """The registry of these models, or of both bundled ones, and of the latest of the folder `keep`.

    Raises OutputError if the folder cannot be written, and ModelFileError for a broken model.
    """
    check_folder(keep)
    registry = ModelRegistry(keep, limits.unkept)
    for given in models or BUNDLED:
        name = os.fspath(given)
        registry.add(load(given), Path(source_of(name)).stem, "bundled" if name in BUNDLED else "given")
    for name, model in kept_models(keep, limits.kept):
        registry.add(model, name, "kept")
    return registry


def check_folder(folder: Path) -> None:
    """Raises OutputError if the folder cannot be written, before a training is lost."""
    # Missing folders are made when they are needed.
    place = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        why = error.strerror or error
        parts = f"no model can be kept in {folder}: {why}; name another folder with ", Option("keep")
        raise OutputError(*parts) from error


def keep(folder: Path, data: bytes) -> Path:
    """Writes a model file into the folder, which is made if it is missing, and returns its path.

    Never replaces a file, even if other servers write to the same folder. Raises OutputError if it cannot write.
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
    """Like `keep`, but tries the working folder and that of temporary files next: the server ends.

    Raises OutputError if it cannot write anywhere.
    """
    try:
        return keep(folder, data).absolute()
    except OutputError as error:
        return elsewhere(error, lambda place: keep(place, data))


def kept_models(folder: Path, most: int) -> Iterator[tuple[str, Model]]:
    """Name and model of the latest `most` files in the folder, the oldest first.

    Files that cannot be read, and those beyond `most`, are skipped with a line on standard error.
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
