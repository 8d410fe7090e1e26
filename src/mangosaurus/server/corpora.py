"""The corpora that were uploaded, each by an id."""

from __future__ import annotations

from mangosaurus.corpus import Corpus
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError


class Corpora:
    """Held in memory alone."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def get(self, id: str) -> Corpus:
        """Raises ProblemError, 404, if there is no such corpus."""
        raise ProblemError(404, f"there is no corpus {id[:100]!r}; it may have been removed to make room")
