"""The uploaded corpora, by id, in memory only."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from mangosaurus.core.errors import in_json
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.encodings import NotTextError
from mangosaurus.data.read import AS_IT_LOOKS, corpus_from, read_corpus
from mangosaurus.data.reading import Reading, check_reading
from mangosaurus.server.limits import Limits
from mangosaurus.server.look import SOURCE
from mangosaurus.server.problems import ProblemError

BUNDLED = "dinosaurs"
"""The id of the bundled list."""


class Corpora:
    """The latest uploads that the limits allow. Thread-safe."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._uploads: dict[str, tuple[Corpus, int]] = {}
        """Each with its size in bytes."""
        self._lock = threading.Lock()

    def add(self, data: bytes, reading: Reading = AS_IT_LOOKS) -> tuple[str, Corpus]:
        """Reads an upload; returns its id and the corpus. Removes the oldest uploads if there is too little room.

        Raises ProblemError, 400, for bytes that are no text or in no known encoding; CorpusError if nothing is in them,
        or if it is not clear what; and OptionError for options that do not fit.
        """
        check_reading(reading)
        try:
            id, corpus = secrets.token_hex(8), corpus_from(data, SOURCE, reading)
        except NotTextError as error:
            raise ProblemError(400, error.spelled(in_json)) from None
        with self._lock:
            self._uploads[id] = corpus, len(data)
            while (
                len(self._uploads) > self.limits.corpora
                or sum(size for _, size in self._uploads.values()) > self.limits.corpora_bytes
            ):
                del self._uploads[next(iter(self._uploads))]
        return id, corpus

    def get(self, id: str) -> Corpus:
        """Raises ProblemError, 404, if there is no such corpus."""
        if id == BUNDLED:
            return _bundled()
        with self._lock:
            if id not in self._uploads:
                raise _missing(id)
            return self._uploads[id][0]

    def remove(self, id: str) -> None:
        """Removes an upload. Raises ProblemError: 404 if there is none, 409 for the bundled list."""
        if id == BUNDLED:
            raise ProblemError(409, "the list of dinosaurs comes with the server and cannot be removed")
        with self._lock:
            if self._uploads.pop(id, None) is None:
                raise _missing(id)


@cache
def _bundled() -> Corpus:
    """Always the same object, so that it is sent to a worker once."""
    return read_corpus()


def _missing(id: str) -> ProblemError:
    return ProblemError(404, f"there is no corpus {id[:100]!r}; it may have made room for later ones: send it again")
