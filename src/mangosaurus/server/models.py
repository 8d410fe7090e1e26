"""The models that the server has, each by an id that stands in its address."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

from mangosaurus.bundled import NAMES, bundled_model
from mangosaurus.corpus import Corpus
from mangosaurus.errors import OutputError
from mangosaurus.model import Model
from mangosaurus.server.kept import keep
from mangosaurus.server.problems import ProblemError

Source = Literal["bundled", "given", "trained", "kept"]
"""Of the package; named at the start; trained here; trained here and written to the folder of kept models."""


@dataclass(frozen=True)
class Entry:
    """One model of the shelf."""

    id: str
    name: str
    model: Model
    source: Source
    corpus: Corpus | None = None
    """What it was trained on, if that was here."""


@dataclass(frozen=True, eq=False)
class File:
    """The bytes of a model file, which is there while someone reads them."""

    model: Model
    data: bytes


class Shelf:
    """The models, in the order in which they came. Any thread may use it."""

    def __init__(self, keep: Path, unkept: int) -> None:
        """`keep` is the folder of kept models, made when first needed; at most `unkept` others are trained here."""
        self.keep_in: Path = keep
        self.unkept: int = unkept
        self._entries: dict[str, Entry] = {}
        self._lock, self._keeping, self._writing = threading.Lock(), threading.Lock(), threading.Lock()
        self._files: WeakValueDictionary[int, File] = WeakValueDictionary()
        """Each by the id of its model, which no other object can have while the file is there."""

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
        """Puts a model on the shelf, with an id made from its name.

        Of those trained here and not kept, the oldest makes way for one too many.
        """
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "model"
        with self._lock:
            id, number = stem, 1
            while id in self._entries:
                number += 1
                id = f"{stem}-{number}"
            self._entries[id] = Entry(id, name, model, source, corpus)
            trained = [entry.id for entry in self._entries.values() if entry.source == "trained"]
            for oldest in trained[: max(0, len(trained) - self.unkept)]:
                del self._entries[oldest]
            return self._entries[id]

    def keep(self, id: str) -> Entry:
        """Writes a model trained here to the folder of kept models; one that is there already stays as it is.

        Raises ProblemError for any other model, and if the folder cannot be written; OutputError as `as_bytes` does.
        """
        with self._keeping:  # so that none is written twice
            entry = self.get(id)
            if entry.source == "kept":
                return entry
            if entry.source != "trained":
                raise ProblemError(409, f"{entry.name!r} has a file already; only models trained here are kept")
            data = entry.model.to_bytes()
            try:
                keep(self.keep_in, data)
            except OutputError as error:
                raise ProblemError(507, str(error)) from error
            entry = replace(entry, source="kept")
            with self._lock:
                self._entries[id] = entry
            return entry

    def file(self, entry: Entry) -> File:
        """The file of a model, one for all who read it at the same time."""
        with self._writing:
            model = entry.model
            file = self._files.get(id(model)) or File(model, model.to_bytes())
            self._files[id(model)] = file
            return file

    def remove(self, id: str) -> None:
        """Takes a model trained here off the shelf; a kept file stays. Raises ProblemError for any other."""
        entry = self.get(id)
        if entry.source not in ("trained", "kept"):
            raise ProblemError(409, f"{entry.name!r} was not trained here and cannot be removed")
        with self._lock:
            self._entries.pop(id, None)

    def close(self) -> None:
        """Says on standard error how many models that were trained here and not kept are gone now, if any."""
        count = sum(entry.source == "trained" for entry in self.entries())
        if count:
            lost = "1 model that was trained here is" if count == 1 else f"{count} models that were trained here are"
            print(f"stopped: {lost} gone, as nobody kept {'it' if count == 1 else 'them'}", file=sys.stderr, flush=True)


def bundled(shelf: Shelf, names: Sequence[str] = NAMES) -> None:
    """Puts bundled models on the shelf."""
    for name in names:
        shelf.add(bundled_model(name), name, "bundled")
