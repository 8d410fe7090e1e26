"""Corpora too large for memory: encoded into a file, from which training reads.

Python's strings, the ids of their characters and the copies of both take some 10 bytes a character. A corpus below
LARGE needs a few hundred megabytes and a few seconds for them, and is read into memory.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from mangosaurus.core.errors import CorpusError
from mangosaurus.core.vocabulary import END
from mangosaurus.data import registry
from mangosaurus.data.corpus import Corpus, Kind, guess_kind
from mangosaurus.data.damaged import check_undamaged, has_references
from mangosaurus.data.decoding import BYTES_A_PIECE, LOST, Decoding, Source, clean_pieces, read_stream
from mangosaurus.data.encodings import encoding_of
from mangosaurus.data.json_lists import looks_like_json
from mangosaurus.data.labelled_lines import looks_labelled
from mangosaurus.data.reading import Reading
from mangosaurus.data.recognise import recognise
from mangosaurus.data.symbol_file import Encoded, EncodedDocuments, encode
from mangosaurus.data.workbooks import is_workbook_begun, refuse_sheet

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
    sources: Sequence[Source], reading: Reading, kind: Kind | None, quiet: bool, memory: int | None = None
) -> LargeCorpus | None:
    """The corpus of large files, encoded; None if a look at their beginnings finds what is read into memory whole.

    That is all but texts, plain names, and a column of a table. The options are those of `read_corpus`. Raises what
    `encode` raises, and CorpusError if what is read into memory does not fit into `memory` bytes.
    """
    begun_at = time.monotonic()
    size = sum(source.size for source in sources)
    as_text = "text" in (reading.format, kind)
    decodings, heads, parts = [], [], []
    for source in sources:
        found = None if as_text or reading.records is None else "records"
        with source.open() as file:
            data = read_stream(file, source.name, BYTES_A_PIECE)
        if is_workbook_begun(data):
            found = "a workbook"
        else:
            refuse_sheet(source.name, reading.sheet)
            why = encoding_of(data, source.name, reading.encoding, reading.skip_bad_lines, whole=False)
            decodings.append(Decoding(why.encoding, reading.skip_bad_lines, why=why.why))
            head = _head(source, decodings[-1])
            heads.append(head)
            if not as_text and reading.format == "auto":
                check_undamaged(head, source.name)
                found = (
                    "a list with characters as HTML writes them" if found is None and has_references(head) else found
                )
            if not as_text and found is None and looks_like_json(head[:1000]) and reading.format == "auto":
                found = "JSON"
            elif not as_text and found is None:
                part = recognise(head, source.name, reading)
                parts.append(part)
                if part.plain_text is None and part.streamed is None:
                    found = "names with labels or counts" if part.labels or part.weights else "a list of this kind"
                elif part.plain_text is not None and part.plain_text != head:
                    found = "a list with comments"
        if found is not None:
            _into_memory(found, size, memory, quiet)
            return None
    labels = reading.labels
    if labels is True or (not as_text and labels is not False and looks_labelled(heads, labels == "any")):
        _into_memory("names with labels", size, memory, quiet)
        return None
    tables = [part.streamed for part in parts]
    format = kind if kind is not None and reading.format == "auto" else reading.format
    if any(tables):
        format = "names"
    chosen = guess_kind(heads) if format == "auto" else format
    folder = registry.cache_folder()

    def begun() -> None:
        if not quiet:
            print(f"reading {size / 1e6:,.0f} MB into a file in {folder}, once", file=sys.stderr, flush=True)

    ways = [*zip(decodings, tables or [None] * len(sources), strict=True)]
    encoded = encode(sources, chosen, reading.lowercase, folder, begun, ways)
    met = [
        f"{source.name}: {note}"
        for source, decoding in zip(sources, decodings, strict=True)
        for note in decoding.notes()
    ]
    if LOST in encoded.vocabulary.characters:
        met.append(f"{', '.join(source.name for source in sources)}: U+FFFD, where characters were lost, is learnt")
    return LargeCorpus(
        documents=EncodedDocuments(encoded),
        kind=chosen,
        sources=tuple(source.name for source in sources),
        blank=encoded.header.blank,
        lowercased=reading.lowercase,
        notes=(*met, *(note for part in parts for note in part.notes)) if chosen == "names" else tuple(met),
        encoded=encoded,
        seconds=time.monotonic() - begun_at,
    )


def _into_memory(what: str, size: int, memory: int | None, quiet: bool) -> None:
    """Says that a large source is read into memory. Raises CorpusError if it does not fit, by option or machine."""
    needed = BYTES_OF_THE_REST + BYTES_A_BYTE * size
    files = "names with labels" if what == "names with labels" else f"files such as {what}"
    takes = f"{files} are read into memory whole: {size / 1e6:,.0f} MB of them take some {needed / 1e9:.1f} GB"
    if memory is not None and needed > memory:
        raise CorpusError.of("{}, and {memory} is {:g} GB; give it more, or take a part of them", takes, memory / 1e9)
    if memory is None and needed > machine_memory():
        raise CorpusError(f"{takes}, and this machine has {machine_memory() / 1e9:.1f} GB; take a part of them")
    if not quiet:
        print(takes, file=sys.stderr, flush=True)


def machine_memory() -> float:
    """The bytes of memory that this machine has, or infinity where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _head(source: Source, decoding: Decoding) -> str:
    """The beginning of a file, in whole lines if they are short."""
    with source.open() as file:
        text = next(clean_pieces(file.read, source.name, False, decoding=replace(decoding, folded=Counter())), "")
    return text[: text.rfind("\n") + 1] or text
