"""The corpora that were uploaded, each by an id. They are held in memory alone."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from dataclasses import dataclass
from functools import cache

from mangosaurus.corpora.reading import decode
from mangosaurus.corpus import Corpus, Format, Labels
from mangosaurus.errors import CorpusError, in_json
from mangosaurus.read import make_corpus, read_corpus
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError

BUNDLED = "dinosaurs"
"""The id of the bundled list, which is always there."""
SOURCE = "the list or text sent"


@dataclass(frozen=True)
class Upload:
    """One corpus, and what is told about it."""

    id: str
    corpus: Corpus
    size: int
    """Bytes, as sent."""
    characters: int
    distinct: int
    summary: str
    labels: dict[str, int] | None
    """How many names have each label, from the most frequent on."""


class Corpora:
    """The latest uploads, as many as there is room for. Any thread may use it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def add(self, data: bytes, format: Format = "auto", lowercase: bool = False, labels: Labels = None) -> Upload:
        """Reads an upload; where it leaves too little room, the oldest others make way.

        The options are those of `read_corpus`. Raises ProblemError, 400, with the first byte that is not UTF-8,
        CorpusError if there is nothing in it, and OptionError for options that do not fit.
        """
        try:
            text = decode(data, SOURCE)
        except CorpusError as error:
            raise ProblemError(400, error.spelled(in_json)) from None
        corpus = make_corpus([text], format, lowercase, [SOURCE], labels)
        counts = None if corpus.labels is None else dict(Counter(corpus.labels).most_common())
        upload = Upload(
            id=secrets.token_hex(8),
            corpus=corpus,
            size=len(data),
            characters=corpus.characters,
            distinct=corpus.distinct,
            summary=corpus.summary(),
            labels=counts,
        )
        with self._lock:
            self._uploads[upload.id] = upload
            for oldest in list(self._uploads.values()):
                total = sum(each.size for each in self._uploads.values())
                if len(self._uploads) <= self.limits.corpora and total <= self.limits.corpora_bytes:
                    break
                del self._uploads[oldest.id]
        return upload

    def get(self, id: str) -> Corpus:
        """Raises ProblemError, 404, if there is no such corpus."""
        if id == BUNDLED:
            return _bundled()
        with self._lock:
            if id not in self._uploads:
                raise _missing(id)
            return self._uploads[id].corpus

    def remove(self, id: str) -> None:
        """Forgets an upload. Raises ProblemError, 404 if there is none, and 409 for the bundled list."""
        if id == BUNDLED:
            raise ProblemError(409, "the list of dinosaurs comes with the server and cannot be removed")
        with self._lock:
            if self._uploads.pop(id, None) is None:
                raise _missing(id)


@cache
def _bundled() -> Corpus:
    """Always the same object, which is sent to the processes that compute only once."""
    return read_corpus()


def _missing(id: str) -> ProblemError:
    return ProblemError(404, f"there is no corpus {id[:100]!r}; it may have made room for later ones: send it again")
