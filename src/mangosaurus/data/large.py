"""Corpora too large for memory: encoded into a file, from which training reads.

Python's strings, the ids of their characters and the copies of both take some 10 bytes a character. A corpus below
LARGE needs a few hundred megabytes and a few seconds for them, and is read into memory.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mangosaurus.core.casing import Lowering
from mangosaurus.core.errors import CorpusError
from mangosaurus.core.vocabulary import END
from mangosaurus.data import registry
from mangosaurus.data.corpus import Corpus, Format, Labels, guess_kind
from mangosaurus.data.decoding import Source, clean_pieces
from mangosaurus.data.labelled_lines import looks_labelled
from mangosaurus.data.symbol_file import Encoded, EncodedDocuments, encode

LARGE = 16_000_000
"""A corpus of more bytes than this, all files together, is encoded into a file."""
SHARE_OF_MEMORY = 128
"""If the memory allowed is less than 128 times LARGE, smaller corpora are encoded too."""
MOST_HELD_OUT, STRETCH = 200_000, 4096
"""Symbols taken from a large held-out corpus, and of one stretch of them."""
BYTES_OF_THE_REST, BYTES_A_BYTE = 1_300_000_000, 32
"""Memory that training on names with labels takes: a constant, and for each byte of their files."""


@dataclass(frozen=True)
class LargeCorpus(Corpus):
    """A corpus in an encoded file; `documents` are decoded one by one."""

    encoded: Encoded = field(kw_only=True)
    seconds: float = field(kw_only=True)
    """How long it took to read."""

    @property
    def characters(self) -> int:
        return self.encoded.header.stream - 1 - len(self.documents)

    @property
    def distinct(self) -> int:
        return len(self.encoded.vocabulary) - 1

    @property
    def duplicates(self) -> int:
        return len(self.documents) - self.encoded.header.known

    @property
    def longest(self) -> int:
        return self.encoded.header.longest

    @cached_property
    def once(self) -> Corpus:
        return self

    def reduced(self) -> Corpus:
        return self

    def digest(self) -> str:
        return self.encoded.header.checksum

    def summary(self) -> str:
        repeated = f"; {self.duplicates:,} duplicates kept" if self.kind == "names" and self.duplicates else ""
        return super().summary() + repeated


def threshold(memory: int | None) -> int:
    """The bytes above which a corpus is encoded into a file; `memory` bytes may be used, None is the default."""
    return LARGE if memory is None else min(LARGE, memory // SHARE_OF_MEMORY)


def some_of(corpus: Corpus) -> Sequence[str]:
    """The documents of a corpus; of a large one, stretches from all over it: whole names, or pieces of texts."""
    if not isinstance(corpus, LargeCorpus):
        return corpus.documents
    encoded = corpus.encoded
    found: list[str] = []
    for start in np.linspace(0, len(encoded.stream) - 1 - STRETCH, MOST_HELD_OUT // STRETCH).astype(np.int64):
        stretch = np.array(encoded.stream[start : start + STRETCH])
        ends = np.flatnonzero(stretch == END)
        if corpus.kind == "names":
            stretch = stretch[ends[0] : ends[-1]] if len(ends) > 1 else stretch
        found += [encoded.vocabulary.decode(part) for part in np.split(stretch, np.flatnonzero(stretch == END))]
    encoded.release()
    return [document for document in found if document]


def read_large(
    sources: Sequence[Source],
    format: Format,
    lowercase: Lowering,
    quiet: bool,
    labels: Labels,
    memory: int | None = None,
) -> LargeCorpus | None:
    """The corpus of large files, encoded; None if their names have labels.

    The options are those of `read_corpus`. Raises what `encode` raises, and CorpusError if names with labels do not fit
    into `memory` bytes.
    """
    begun_at = time.monotonic()
    size = sum(source.size for source in sources)
    heads = [_head(source) for source in sources] if format != "text" and labels is not True else []
    if labels is True or (format != "text" and labels is not False and looks_labelled(heads, labels == "any")):
        needed = BYTES_OF_THE_REST + BYTES_A_BYTE * size
        if memory is not None and needed > memory:
            raise CorpusError.of(
                "names with labels are read into memory whole: {:,.0f} MB of them take some {:.1f} GB, and {memory} is "
                "{:g} GB; give it more, or take a part of them",
                *(size / 1e6, needed / 1e9, memory / 1e9),
            )
        return None
    kind = guess_kind(heads) if format == "auto" else format
    folder = registry.cache_folder()

    def begun() -> None:
        if not quiet:
            print(f"reading {size / 1e6:,.0f} MB into a file in {folder}, once", file=sys.stderr, flush=True)

    encoded = encode(sources, kind, lowercase, folder, begun)
    return LargeCorpus(
        documents=EncodedDocuments(encoded),
        kind=kind,
        sources=tuple(source.name for source in sources),
        blank=encoded.header.blank,
        lowercased=lowercase,
        encoded=encoded,
        seconds=time.monotonic() - begun_at,
    )


def _head(source: Source) -> str:
    """The beginning of a file, in whole lines if they are short."""
    with source.open() as file:
        text = next(clean_pieces(file.read, source.name, False), "")
    return text[: text.rfind("\n") + 1] or text
