"""A corpus: documents, and what was done to get them.

A corpus is either *names*, one document a line, or *text*, one document a file.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np

Kind = Literal["names", "text"]
Format = Literal["names", "text", "auto"]
FORMATS = ("names", "text", "auto")
Labels = bool | Literal["any"] | None
"""Whether lines are `name<TAB>label`: see `read_corpus`."""
MOST_NAMED = 8
"""Labels that a summary names."""
PIECE = 1_000_000
"""Characters of a text that are hashed at once."""


@dataclass(frozen=True)
class Corpus:
    """Documents, and what was done to get them."""

    documents: Sequence[str]
    """In the order read, duplicates kept. A tuple; a large corpus reads each from a file."""
    kind: Kind
    sources: tuple[str, ...]
    """Names of the files read, or of registered corpora."""
    blank: int = 0
    """Empty lines that were dropped."""
    lowercased: bool = False
    labels: tuple[str, ...] | None = None
    """The label of each document, where they have one."""
    weights: tuple[int, ...] | None = None
    """How often each document counts, 1 or more; None: all count once."""
    notes: tuple[str, ...] = ()
    """What the files were taken for, and what was left out: a line each."""

    @property
    def characters(self) -> int:
        """The number of characters in all documents."""
        return sum(len(document) for document in self.documents)

    @property
    def distinct(self) -> int:
        """The number of different characters."""
        return len(set().union(*self.documents))

    @property
    def duplicates(self) -> int:
        """How many documents repeat an earlier one."""
        return len(self.documents) - len(set(self.documents))

    @property
    def longest(self) -> int:
        """Characters of the longest document."""
        return max(len(document) for document in self.documents)

    def digest(self) -> str:
        """A hash of what training reads, in hex: the kind, the documents in their order, and their labels."""
        hashed = blake2b(self.kind.encode(), digest_size=32)
        for texts in (self.documents, self.labels or ()):
            hashed.update(np.array([len(text) for text in texts], dtype="<u8").tobytes())
            for text in texts if self.kind == "text" else ("".join(texts),):
                for first in range(0, len(text), PIECE):
                    hashed.update(text[first : first + PIECE].encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    def summary(self) -> str:
        """What was read, in one line."""
        source = self.sources[0] if len(self.sources) == 1 else f"{len(self.sources)} sources"
        what = _counted(len(self.documents), "name" if self.kind == "names" else "text")
        parts = [what, f"{self.characters:,} characters, {self.distinct} distinct"]
        if self.labels is not None:
            counts = Counter(self.labels).most_common()
            named = ", ".join(f"{label} {count:,}" for label, count in counts[:MOST_NAMED])
            more = ", …" if len(counts) > MOST_NAMED else ""
            parts.append(f"{_counted(len(counts), 'label')} ({named}{more})")
        if self.lowercased:
            parts.append("lower-cased")
        if self.blank:
            parts.append(f"{_counted(self.blank, 'blank line')} dropped")
        if self.kind == "names" and self.duplicates:
            parts.append(f"{self.duplicates:,} duplicates kept{self._most_often()}")
        return f"{source}: {'; '.join(parts)}"

    def _most_often(self) -> str:
        (name, times), *_ = Counter(self.documents).most_common(1)
        return f" (most often {name!r}, {times} times)"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def guess_kind(texts: Sequence[str]) -> Kind:
    """Whether texts look like lists of names: short lines of few words, and few end like sentences."""
    lines = [line.strip() for text in texts for line in text.split("\n", 20_000)[:20_000] if line.strip()]
    if not lines:
        return "names"
    lengths = sorted(len(line) for line in lines)
    usual, long = lengths[len(lengths) // 2], lengths[min(len(lengths) - 1, len(lengths) * 19 // 20)]
    words = sum(len(line.split()) for line in lines) / len(lines)
    sentences = sum(line[-1] in ".,;:!?”\"'" for line in lines) / len(lines)
    looks_like_names = usual <= 30 and long <= 60 and words <= 4 and sentences <= 0.25
    return "names" if looks_like_names else "text"


def source_of(path: str | Path) -> str:
    r"""The name of a file as models and pages record it: a byte that is not UTF-8 is written as \xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
