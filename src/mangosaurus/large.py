"""Corpora too large to be read into memory as they are: encoded into a file, of which the rest of the house reads.

Python's strings, the ids of their characters and the copies on the way take some 10 bytes a character; a corpus below
LARGE has them within a few hundred megabytes and a few seconds, and is read as it always was.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from mangosaurus.corpora import registry
from mangosaurus.corpora.encoded import Encoded, EncodedDocuments, Source, encode
from mangosaurus.corpora.reading import BYTES_A_PIECE, clean_pieces
from mangosaurus.corpora.runs import unwritable
from mangosaurus.corpus import (
    FORMATS,
    STANDARD_INPUT,
    Corpus,
    Format,
    Labels,
    guess_kind,
    read_stream,
    source_of,
    unreadable,
)
from mangosaurus.errors import CorpusError, OptionError
from mangosaurus.labelled_lines import looks_labelled
from mangosaurus.vocabulary import END

LARGE = 16_000_000
"""Bytes of all files together from which on a corpus is encoded into a file: see above."""
SHARE_OF_MEMORY = 128
"""Where less memory is allowed than LARGE times so much, smaller corpora are encoded too."""
MOST_HELD_OUT, STRETCH = 200_000, 4096
"""Symbols of a large corpus that is held out, and of one stretch of it."""
LEAST_MEMORY = 1_000_000_000
"""What a training with a network needs, however large the corpus: half of it is torch."""
BYTES_OF_THE_REST, BYTES_A_BYTE = 1_300_000_000, 32
"""Memory that a training on names with labels takes, which are read whole: whatever their files, and a byte of them."""
UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "k": 10**3, "m": 10**6, "g": 10**9}
UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}


@dataclass(frozen=True)
class LargeCorpus(Corpus):
    """A corpus in an encoded file; `documents` decodes them one by one."""

    encoded: Encoded | None = None
    seconds: float = 0.0
    """How long it took to read."""

    @property
    def open(self) -> Encoded:
        """The file."""
        assert self.encoded is not None
        return self.encoded

    @property
    def characters(self) -> int:
        return self.open.header.stream - 1 - len(self.documents)

    @property
    def distinct(self) -> int:
        return len(self.open.vocabulary) - 1

    @property
    def duplicates(self) -> int:
        return len(self.documents) - self.open.header.known

    @property
    def longest(self) -> int:
        return self.open.header.longest

    def digest(self) -> str:
        return self.open.digest

    def _most_often(self) -> str:
        return ""


def threshold(memory: int | None) -> int:
    """The bytes from which on a corpus is encoded into a file, where `memory` bytes may be used, or as usual."""
    return LARGE if memory is None else min(LARGE, memory // SHARE_OF_MEMORY)


def parse_memory(memory: int | str | None) -> int | None:
    """Bytes: of a number itself, of a string such as "2GB" or "1500MB" what it says; None is not bounded.

    Raises OptionError if it cannot be read, or is less than a training takes.
    """
    if memory is None:
        return None
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)\s*", str(memory).lower())
    if not match or match[2] not in UNITS:
        raise OptionError(f"memory is {str(memory)!r}; give bytes, as 2GB or 1500MB")
    size = int(float(match[1]) * UNITS[match[2]])
    if size < LEAST_MEMORY:
        raise OptionError(f"memory is {str(memory)!r}; training takes {LEAST_MEMORY // 10**6:,}MB or more")
    return size


def some_of(corpus: Corpus) -> Sequence[str]:
    """The documents of a corpus; of a large one, stretches from all over it, of names only whole ones."""
    if not isinstance(corpus, LargeCorpus):
        return corpus.documents
    encoded = corpus.open
    found: list[str] = []
    for start in np.linspace(0, len(encoded.stream) - 1 - STRETCH, MOST_HELD_OUT // STRETCH).astype(np.int64):
        stretch = np.array(encoded.stream[start : start + STRETCH])
        ends = np.flatnonzero(stretch == END)
        if corpus.kind == "names":
            stretch = stretch[ends[0] : ends[-1]] if len(ends) > 1 else stretch
        found += [encoded.vocabulary.decode(part) for part in np.split(stretch, np.flatnonzero(stretch == END))]
    encoded.release()
    return [document for document in found if document]


def keep_streams(paths: Sequence[str | Path], least: int) -> Iterator[tuple[str, IO[bytes]]]:
    """What can be read only once among `paths`, each with its path: standard input, pipes and devices.

    Raises CorpusError if one cannot be read, and OutputError if it cannot be kept.
    """
    for path in dict.fromkeys(map(str, paths)):
        if path == STANDARD_INPUT:
            yield path, _kept(sys.stdin.buffer, "standard input", least)
        elif _is(path, Path.exists) and not _is(path, Path.is_file) and not _is(path, Path.is_dir):
            try:
                stream = Path(path).open("rb")  # noqa: SIM115
            except OSError as error:
                raise unreadable(path, error) from error
            with stream:
                yield path, _kept(stream, f"the file {path}", least)


def _kept(stream: IO[bytes], source: str, least: int) -> IO[bytes]:
    """What is in a stream, from its beginning: in memory, or if it is more than `least` bytes in a file.

    The file has no name; it is gone when the process is.
    """
    begun = read_stream(stream, source, least + 1)
    if len(begun) <= least:
        return io.BytesIO(begun)
    folder = registry.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        kept.write(begun)
        while block := read_stream(stream, source, BYTES_A_PIECE):
            kept.write(block)
        kept.seek(0)
    except OSError as error:
        raise unwritable(folder, error) from error
    return kept


def read_large(
    paths: Sequence[str | Path],
    format: Format,
    lowercase: bool,
    quiet: bool,
    labels: Labels,
    least: int,
    kept: Mapping[str, IO[bytes]] = {},
    memory: int | None = None,
) -> LargeCorpus | None:
    """The corpus of `paths` if their files have more than `least` bytes together, and their names no labels.

    The options are those of `corpus.read_corpus`; `kept` has what `keep_streams` gives, by its path. None for a smaller
    corpus, and for paths that are not there. Raises what `corpora.encoded.encode` raises, and CorpusError if names with
    labels do not fit into `memory` bytes.
    """
    if format not in FORMATS:
        return None
    begun_at = time.monotonic()
    files = _files(paths, quiet, kept)
    size = 0 if files is None else sum(_size(file) for _, file in files)
    if files is None or size <= least:
        return None
    sources = [Source(name, partial(_opened, file)) for name, file in files]
    heads = [_head(source) for source in sources] if format != "text" and labels is not True else []
    if labels is True or (format != "text" and labels is not False and looks_labelled(heads, labels == "any")):
        needed = BYTES_OF_THE_REST + BYTES_A_BYTE * size
        if memory is not None and needed > memory:
            raise CorpusError(
                f"names with labels are read into memory whole: {size / 1e6:,.0f} MB of them take some "
                f"{needed / 1e9:.1f} GB, and memory is {memory / 1e9:g} GB; give it more, or take a part of them"
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
        sources=tuple(name for name, _ in files),
        blank=encoded.header.blank,
        lowercased=lowercase,
        encoded=encoded,
        seconds=time.monotonic() - begun_at,
    )


def _files(
    paths: Sequence[str | Path], quiet: bool, kept: Mapping[str, IO[bytes]]
) -> list[tuple[str, Path | IO[bytes]]] | None:
    """Every file with its name for the user, or None if one is not there."""
    found: list[tuple[str, Path | IO[bytes]]] = []
    for path in paths:
        if str(path) in kept:
            found.append(("standard input" if str(path) == STANDARD_INPUT else str(path), kept[str(path)]))
        elif isinstance(path, str) and path in registry.ENTRIES and not Path(path).exists():
            if registry.ENTRIES[path].format == "model":
                return None
            found.append((path, registry.find(path, quiet)))
        elif isinstance(path, str) and "\n" in path:
            return None
        elif _is(path, Path.is_dir):
            found += [(source_of(file), file) for file in sorted(Path(path).glob("*.txt"))]
        elif _is(path, Path.is_file):
            found.append((source_of(Path(path)), Path(path)))
        else:
            return None
    return found


def _is(path: str | Path, what: Callable[[Path], bool]) -> bool:
    try:
        return what(Path(path))
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def _size(file: Path | IO[bytes]) -> int:
    if isinstance(file, Path):
        return file.stat().st_size
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _opened(file: Path | IO[bytes]) -> BinaryIO:
    if isinstance(file, Path):
        return file.open("rb")
    if isinstance(file, io.BytesIO):
        return io.BytesIO(file.getbuffer())
    copy = os.fdopen(os.dup(file.fileno()), "rb")
    copy.seek(0)
    return copy


def _head(source: Source) -> str:
    """The beginning of a file, with whole lines if they are short."""
    with source.open() as file:
        text = next(clean_pieces(file, source.name, False, BYTES_A_PIECE), "")
    return text[: text.rfind("\n") + 1] or text
