"""A trained model as a file holds it: a distribution, what it was trained on and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Kind
from mangosaurus.formats.native.record import of_single_texts
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled

LONGEST_NAME = 10_000
"""The largest default length of a sampled name, in characters, whatever the longest of the training list."""
TEXT_LENGTH = 400
"""The default length of a sampled text, in characters."""


@dataclass(frozen=True)
class Contents:
    """What a model file holds. `Model` adds what one can do with it."""

    distribution: CharModel
    """p(next symbol | symbols before), and nothing else."""
    kind: Kind
    """Whether a document is a name or a text."""
    known: DocumentHashes
    """The training documents, as hashes."""
    training: dict[str, Any]
    """How it was made; JSON. Losses are nats per symbol, END counted as one."""

    @property
    def vocabulary(self) -> Vocabulary:
        return self.distribution.vocabulary

    @property
    def labels(self) -> dict[str, int]:
        """The labels that the model knows, and how many training names had each; empty for a model without labels."""
        if not isinstance(self.distribution, Labelled):
            return {}
        return dict(zip(self.distribution.labels, self.distribution.counts.tolist(), strict=True))

    @property
    def endless(self) -> bool:
        """True if the model never emits END: it was trained on a single text."""
        return self.kind == "text" and (len(self.known) < 2 or of_single_texts(self.training))

    @property
    def default_length(self) -> int:
        """The default of `max_length` in `sample`."""
        if self.kind == "text":
            return TEXT_LENGTH
        return min(max(20, 2 * (self.training.get("longest") or 50)), LONGEST_NAME)
