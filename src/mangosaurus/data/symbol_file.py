"""A large corpus as files of symbols in the cache folder: made once, then mapped into memory.

A corpus is a folder with two arrays of NumPy and a header:

    stream.npy      the symbols of all documents, END before, between and after them, as uint8, uint16 or uint32
    known.npy       uint64, ascending: hashes of the different documents, as in core/document_hashes.py
    header.json     {"checksum": SHA-256 of the header, "header": see Header}

The header has the SHA-256 of each array. The folder is made anew if a file is damaged, cut or foreign.
Its name is a hash of the options and of the bytes of all source files, hashed while they are encoded: a source that
changes in the meantime does not get the name of its old contents. The files are written to a temporary folder and
renamed, the header last. Two processes that make the same folder at once write the same bytes.
"""

from __future__ import annotations

import io
import json
import mmap
import secrets
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b, file_digest, sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.document_hashes import fingerprints
from mangosaurus.core.errors import CorpusError, Option, OutputError
from mangosaurus.core.files import alone
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.data.decoding import Decoding, Source, clean_pieces, read_stream
from mangosaurus.data.external_sort import Keys, Runs, firsts
from mangosaurus.data.registry import unwritable
from mangosaurus.data.tables import Streamed

VERSION = 4
PREFIX, TEMPORARY = "encoded-", ".encoded-"
HEADER = "header.json"
ARRAYS = ("stream", "known")
BLOCK = 1 << 22
"""Symbols or hashes that are handled at once."""
LONGEST_NAME = 64_000_000
"""Characters of a line that is taken for a name: it is in memory as a whole, several times over."""
NAMES_AT_ONCE = 100_000
END_MARKS = {"names": "\n", "text": "\ud800"}
"""Stands for END until the ids are known: no document of that kind has it."""


@dataclass(frozen=True)
class Header:
    """What an encoded corpus says of itself."""

    kind: str
    characters: str
    """The vocabulary without END."""
    counts: list[int]
    """How often each symbol occurs, END first; END once a document."""
    documents: int
    longest: int
    """Characters of the longest document."""
    blank: int
    """Empty lines that were dropped."""
    stream: int
    """Numbers in the array, as in the next."""
    known: int
    digests: dict[str, str]
    """The SHA-256 of each array file, in hex."""
    version: int = VERSION

    @property
    def checksum(self) -> str:
        """SHA-256, in hex."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class Encoded:
    """An encoded corpus, open for reading. Raises ValueError if a file is not an array."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path: Path = path
        self.header: Header = header
        self.vocabulary: Vocabulary = Vocabulary(header.characters)
        self._mapped = {name: np.load(_file(path, name), mmap_mode="r", allow_pickle=False) for name in ARRAYS}
        self.stream: IntArray = np.asarray(self._mapped["stream"])
        """The symbols, mapped: reading some keeps them in memory until `release`."""

    def known(self) -> Iterator[Keys]:
        """The hashes of the documents, ascending, in blocks."""
        for first in range(0, self.header.known, BLOCK):
            yield np.array(self._mapped["known"][first : first + BLOCK])
            self.release()

    def release(self) -> None:
        """Frees the memory of what has been read: the file keeps it."""
        for array in self._mapped.values():
            mapped = array._mmap
            if hasattr(mapped, "madvise"):
                mapped.madvise(mmap.MADV_DONTNEED)

    def ends(self) -> IntArray:
        """The places of END in the stream: one more than documents."""
        blocks = range(0, len(self.stream), BLOCK)
        places = [first + np.flatnonzero(self.stream[first : first + BLOCK] == END) for first in blocks]
        self.release()
        return np.concatenate(places)


class EncodedDocuments(Sequence[str]):
    """The documents of an encoded corpus, each decoded when it is read."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded

    def __len__(self) -> int:
        return self.encoded.header.documents

    def __getitem__(self, place: Any) -> Any:
        """Decodes all documents before it: read them in their order instead."""
        number = range(len(self))[place]
        if isinstance(number, range):
            forward = number if number.step > 0 else number[::-1]
            found = tuple(islice(self, forward.start, forward.stop, forward.step)) if forward else ()
            return found if number.step > 0 else found[::-1]
        return next(islice(self, number, None))

    def __iter__(self) -> Iterator[str]:
        held = np.zeros(0, dtype=self.encoded.stream.dtype)
        for first in range(1, len(self.encoded.stream), BLOCK):
            held = np.concatenate([held, self.encoded.stream[first : first + BLOCK]])
            *whole, held = np.split(held, np.flatnonzero(held == END) + 1)
            yield from map(self.encoded.vocabulary.decode, whole)  # END has no text
            self.encoded.release()


Way = tuple[Decoding, Streamed | None]
"""How a source is decoded, and the table that it is, if it is one."""


def encode(
    sources: Sequence[Source],
    kind: str,
    lowercase: bool,
    folder: Path,
    begun: Callable[[], None] = lambda: None,
    ways: Sequence[Way] | None = None,
) -> Encoded:
    """The encoded corpus of `sources`, made if there is none that is whole; `kind` is "names" or "text".

    `ways` has one for each source; None is UTF-8, and no table. `begun` is called before one is made. Raises
    CorpusError if a source does not decode or nothing is in them, and
    OutputError if `folder` cannot be written.
    """
    digests = []
    ways = [(Decoding(), None)] * len(sources) if ways is None else ways
    for source in sources:
        with source.open() as file:
            digests.append(file_digest(cast(io.BufferedReader, file), "sha256").digest())
    how = repr([(decoding.encoding, decoding.skip_bad_lines, table) for decoding, table in ways])
    made = read_encoded(folder / _name(kind, lowercase, digests, how))
    if made is not None:
        return made
    begun()
    with _temporary(folder) as temporary, _Writer(kind, folder) as writer:
        digests = [writer.add(source, *way, lowercase) for source, way in zip(sources, ways, strict=True)]
        if not writer.documents:
            named = ", ".join(source.name for source in sources)
            raise CorpusError(f"{named} is empty: there is no {kind.removesuffix('s')} to learn from")
        header = writer.finish(temporary)
        path = folder / _name(kind, lowercase, digests, how)
        path.mkdir(exist_ok=True)
        for file_name in (*(f"{name}.npy" for name in ARRAYS), HEADER):
            (temporary / file_name).replace(path / file_name)
        return Encoded(path, header)


def read_encoded(path: Path) -> Encoded | None:
    """The encoded corpus in a folder, or None if it is missing, damaged or foreign."""
    try:
        found = json.loads((path / HEADER).read_bytes())
        header = Header(**found["header"])
        whole = header.version == VERSION and found["checksum"] == header.checksum
        whole = whole and all(_digest(_file(path, name)) == header.digests[name] for name in ARRAYS)
        return Encoded(path, header) if whole else None
    except (OSError, ValueError, TypeError, LookupError, OverflowError, MemoryError, RecursionError):
        return None


def _file(path: Path, name: str) -> Path:
    return path / f"{name}.npy"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _name(kind: str, lowercase: bool, digests: Sequence[bytes], how: str) -> str:
    """The name of the encoded corpus of sources with these SHA-256, read in this way."""
    options = "".join(f"{part}\0" for part in (VERSION, kind, lowercase, unicodedata.unidata_version, how))
    return PREFIX + blake2b(options.encode() + b"".join(digests), digest_size=16).hexdigest()


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """A folder in `folder` that is removed at the end, as are those that killed processes have left.

    A process holds a lock on its own while it uses it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # says why, if nothing can be written there
        for lock in folder.glob(f"{TEMPORARY}*.lock"):
            with suppress(OutputError), alone(lock, "it is in use"):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        made = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
        with alone(made.with_suffix(".lock"), f"{made} is in use", wait=10):
            try:
                made.mkdir()
                yield made
            finally:
                shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise unwritable(folder, error) from error


class _Writer(ExitStack):
    """Writes documents into array files.

    Their code points go to a nameless file first: the ids are known once all characters are.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        super().__init__()
        self._kind, self._end = kind, END_MARKS[kind]
        self._codes = self.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
        self._counts = np.zeros(sys.maxunicode + 1, dtype=np.int64)  # of each code point
        self._hashes = Runs(folder)
        self.callback(self._hashes.close)
        self.documents = self._longest = self._blank = 0

    def add(self, source: Source, decoding: Decoding, table: Streamed | None, lowercase: bool) -> bytes:
        """The text of one file; returns its SHA-256. Raises CorpusError for a line that is too long to be in memory."""
        hashed = sha256()

        def read(size: int) -> bytes:
            data = read_stream(file, source.name, size)
            hashed.update(data)
            return data

        with source.open() as file:
            pieces = clean_pieces(read, source.name, lowercase, decoding=decoding)
            if self._kind == "text":
                self._text(pieces)
            elif table is not None:
                names = table.names(_lines(pieces), source.name, decoding.skip_bad_lines)
                while some := [*islice(names, NAMES_AT_ONCE)]:
                    self._lines(some)
            else:
                self._names(pieces, source.name)
        return hashed.digest()

    def _text(self, pieces: Iterator[str]) -> None:
        """One document, unless it is all white space."""
        begun = []
        for piece in pieces:
            begun.append(piece)
            if piece.strip():
                break
        else:
            return
        hashed, length = blake2b(digest_size=8), 0
        for piece in chain(begun, pieces):
            hashed.update(piece.encode())
            length += len(piece)
            self._write(piece)
        self._write(self._end)
        self._note(length, np.frombuffer(hashed.digest(), dtype="<u8"))

    def _names(self, pieces: Iterator[str], source: str) -> None:
        """The lines of one file."""
        rest = ""  # a line that has not ended
        for piece in pieces:
            *lines, rest = (rest + piece).split("\n")
            self._lines(lines)
            if len(rest) > LONGEST_NAME:
                wrong = f"{source} has a line of more than {LONGEST_NAME:,} characters, which is no name: use "
                raise CorpusError(wrong, Option("format", "text"))
        if rest:
            self._lines([rest])

    def _lines(self, lines: list[str]) -> None:
        names = [name for line in lines if (name := line.strip())]
        self._blank += len(lines) - len(names)
        if names:
            self._write(self._end.join([*names, ""]))
            self._note(max(map(len, names)), fingerprints(names))

    def _note(self, longest: int, hashes: Keys) -> None:
        """Notes the lengths and the hashes of documents."""
        self.documents += len(hashes)
        self._longest = max(self._longest, longest)
        self._hashes.append(_different(hashes))

    def _write(self, text: str) -> None:
        """Counts the code points of a text and writes them, in the narrowest type."""
        data = text.encode("ascii" if text.isascii() else "utf-32-le", "surrogatepass")
        codes = np.frombuffer(data, dtype=np.uint8 if text.isascii() else "<u4")
        counts = np.bincount(codes)
        self._counts[: len(counts)] += counts
        np.save(self._codes, codes.astype(np.min_scalar_type(len(counts) - 1)))

    def _stream(self, ids: IntArray) -> Iterator[IntArray]:
        """All symbols, block by block; `ids` has the id of each code point."""
        yield np.full(1, END, dtype=ids.dtype)
        self._codes.seek(0)
        with suppress(EOFError):
            while True:
                yield ids[np.load(self._codes)]

    def finish(self, folder: Path) -> Header:
        """Writes the array files, with ids in the order of the characters, and the header."""
        self._counts[ord(self._end)] = 0
        codes = np.flatnonzero(self._counts)
        ids = np.full(len(self._counts), END, dtype=np.min_scalar_type(len(codes)))
        ids[codes] = np.arange(1, len(codes) + 1)
        lengths = {
            "stream": _write_array(_file(folder, "stream"), ids.dtype, self._stream(ids)),
            # A run has a number once, so equal numbers come in the same block.
            "known": _write_array(_file(folder, "known"), np.dtype("<u8"), map(_different, self._hashes.merged(BLOCK))),
        }
        header = Header(
            kind=self._kind,
            characters="".join(map(chr, codes.tolist())),
            counts=[self.documents, *self._counts[codes].tolist()],
            documents=self.documents,
            longest=self._longest,
            blank=self._blank,
            digests={name: _digest(_file(folder, name)) for name in ARRAYS},
            **lengths,
        )
        (folder / HEADER).write_text(json.dumps({"checksum": header.checksum, "header": asdict(header)}))
        return header


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """The lines of a text in pieces."""
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest


def _different(hashes: Keys) -> Keys:
    """The different numbers, ascending; np.unique is slower."""
    ordered = np.sort(hashes)
    return ordered[firsts(ordered)]


def _write_array(path: Path, kind: np.dtype[Any], blocks: Iterable[IntArray | Keys]) -> int:
    """Writes blocks of numbers into a .npy file of one axis, and returns how many they were."""
    kind, length = kind.newbyteorder("<"), 0
    described = {"descr": kind.str, "fortran_order": False, "shape": (0,)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, described)
        for block in blocks:
            file.write(block.astype(kind).data)
            length += len(block)
        file.seek(0)  # NumPy leaves room for a longer shape
        np.lib.format.write_array_header_1_0(file, described | {"shape": (length,)})
    return length
