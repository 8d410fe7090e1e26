"""A large corpus as a file of symbols in the cache folder, made once and mapped into memory from then on.

The file is, one after the other,

    MAGIC
    stream      the symbols of all documents, END before, between and behind them, in the narrowest of uint8, 16 and 32
    index       uint64: where in the stream every `stride`-th document begins
    known       uint64, ascending: hashes of the different documents, as in known.py
    header      JSON: see Header
    its length  uint64, and CHECK bytes of BLAKE2b of the header

The header has the sizes and a hash of all that is before it, so that a damaged, cut or foreign file is told from a
whole one; it is then made anew. Its name is a hash of what was asked and of the bytes of all files, taken while they
are encoded: what changes at that time cannot have the name of what it was before. It is
written beside, flushed and renamed: of two processes that make it at once, each makes a whole one. A file that a
killed process has left is removed by the next one that makes some: nobody holds its lock any more.
"""

from __future__ import annotations

import json
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mangosaurus.arrays import IntArray
from mangosaurus.corpora.reading import clean_pieces
from mangosaurus.corpora.runs import Keys, Runs, unwritable
from mangosaurus.errors import CorpusError
from mangosaurus.vocabulary import END, Vocabulary

MAGIC = b"MANGOENC"
VERSION = 2
CHECK = 16
PREFIX, SUFFIX = "encoded-", ".symbols"
TEMPORARY = ".encoded-"
STRIDE_OF_NAMES = 64
"""Every so many names one is in the index; texts are all in it."""
BLOCK = 1 << 22
"""Bytes or symbols that are handled at once."""
WIDTHS = (np.uint8, np.uint16, np.uint32)
LONGEST_NAME = 64_000_000
"""Characters of a line that is taken for a name: it is in memory as a whole, several times over."""
UNSEEN = -1


@dataclass(frozen=True)
class Source:
    """One file to be read: its name for the user, and how it is opened, as often as need be."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Header:
    """What an encoded file says of itself."""

    version: int
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
    width: int
    """Bytes a symbol."""
    stream: int
    """Symbols in the stream."""
    stride: int
    index: int
    known: int
    body: str
    """SHA-256, in hex, of all before the header."""


class Encoded:
    """An encoded corpus, open for reading."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path: Path = path
        self.header: Header = header
        self.vocabulary: Vocabulary = Vocabulary(header.characters)
        width = WIDTHS[(header.width).bit_length() - 1]
        place = len(MAGIC)
        self._mapped = np.memmap(path, dtype=width, mode="r", offset=place, shape=(header.stream,))
        self.stream: IntArray = np.asarray(self._mapped)
        """The symbols, mapped: reading some keeps them in memory until `release`."""
        place += header.width * header.stream
        self.index: Keys = _read(path, place, header.index)
        self._known_at = place + 8 * header.index

    @property
    def digest(self) -> str:
        """A hash of all documents, in hex."""
        return self.header.body

    def known(self) -> Iterator[Keys]:
        """The hashes of the documents, ascending, in blocks."""
        for first in range(0, self.header.known, BLOCK):
            yield _read(self.path, self._known_at + 8 * first, min(BLOCK, self.header.known - first))

    def release(self) -> None:
        """Lets go of the memory of what has been read: the file keeps it."""
        mapped = self._mapped._mmap  # type: ignore[attr-defined]
        if hasattr(mapped, "madvise"):
            import mmap

            mapped.madvise(mmap.MADV_DONTNEED)

    def document(self, number: int) -> IntArray:
        """The symbols of a document, copied."""
        stride = self.header.stride
        start = int(self.index[number // stride])
        for _ in range(number % stride):
            start = self._end(start) + 1
        return np.array(self.stream[start : self._end(start)])

    def _end(self, start: int) -> int:
        """Where the document that begins there ends."""
        for first in range(start, len(self.stream), BLOCK):
            ends = np.flatnonzero(self.stream[first : first + BLOCK] == END)
            if len(ends):
                return first + int(ends[0])
        raise CorpusError(f"{self.path} is damaged: remove it")  # not in a file whose hash was right


class EncodedDocuments(Sequence[str]):
    """The documents of an encoded corpus, decoded one by one when they are asked for."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded

    def __len__(self) -> int:
        return self.encoded.header.documents

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(f"there is no document {place}")
        return self.encoded.vocabulary.decode(self.encoded.document(number))

    def __iter__(self) -> Iterator[str]:
        held = np.zeros(0, dtype=self.encoded.stream.dtype)
        for first in range(1, len(self.encoded.stream), BLOCK):
            held = np.concatenate([held, self.encoded.stream[first : first + BLOCK]])
            *whole, held = np.split(held, np.flatnonzero(held == END) + 1)
            yield from map(self.encoded.vocabulary.decode, whole)  # END has no text
            self.encoded.release()


def encode(
    sources: Sequence[Source], kind: str, lowercase: bool, folder: Path, begun: Callable[[], None] = lambda: None
) -> Encoded:
    """The encoded file of `sources`, made if there is none that is whole; `kind` is "names" or "text".

    `begun` is called before one is made. Raises CorpusError if a source is not UTF-8 or nothing is in them, and
    OutputError if `folder` cannot be written.
    """
    digests = []
    for source in sources:
        with source.open() as file:
            hashing = _Hashing(file)
            while hashing.read(BLOCK):
                pass
            digests.append(hashing.digest())
    path = folder / _name(kind, lowercase, digests)
    header = read_header(path)
    if header is not None and header.kind == kind:
        return Encoded(path, header)
    begun()
    for width in WIDTHS:
        made = _build(sources, kind, lowercase, folder, width)
        if made is not None:
            return made
    raise AssertionError("there are less than 2 ** 32 characters")


class _Hashing:
    """A file that is being read, and a hash of what has been."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hashed = file, sha256()

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._hashed.update(data)
        return data

    def digest(self) -> bytes:
        return self._hashed.digest()


def _name(kind: str, lowercase: bool, digests: Sequence[bytes]) -> str:
    """The name of the encoded file of sources with these SHA-256."""
    key = blake2b(digest_size=16)
    for part in (f"{VERSION}", kind, str(lowercase), unicodedata.unidata_version):
        key.update(part.encode() + b"\0")
    for digest in digests:
        key.update(digest)
    return f"{PREFIX}{key.hexdigest()}{SUFFIX}"


def read_header(path: Path) -> Header | None:
    """The header of an encoded file, or None if that is missing, damaged or foreign."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(size - 8 - CHECK)
            tail = file.read()
            length = int.from_bytes(tail[:8], "little")
            start = size - 8 - CHECK - length
            file.seek(start)
            data = file.read(length)
            if blake2b(data, digest_size=CHECK).digest() != tail[8:]:
                return None
            header = Header(**json.loads(data))
            expected = len(MAGIC) + header.width * header.stream + 8 * (header.index + header.known)
            if header.version != VERSION or expected != start:
                return None
            file.seek(0)
            hashed = sha256()
            for first in range(0, start, BLOCK):
                hashed.update(file.read(min(BLOCK, start - first)))
            return header if hashed.hexdigest() == header.body else None
    except (OSError, ValueError, TypeError, OverflowError, MemoryError):
        return None


@contextmanager
def _temporary(folder: Path) -> Iterator[IO[bytes]]:
    """A file in `folder` that is removed in the end, unless it has another name by then.

    It is locked while it is in use; those that nobody has a lock on any more are removed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{TEMPORARY}*"):
            with suppress(OSError), left.open("rb") as held:
                if _lock(held):
                    left.unlink()
        while True:
            file = tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY, delete=False)  # noqa: SIM115
            _lock(file)
            if Path(file.name).exists():  # nobody has taken it for a file left behind, before it was locked
                break
            file.close()
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        yield file
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        file.close()
        Path(file.name).unlink(missing_ok=True)


def _lock(file: Any) -> bool:
    """Locks a file; whether nobody else has. Where files cannot be locked, nothing is ever removed."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class _Writer:
    """Writes the stream in provisional ids, given out as characters turn up; END is 0."""

    def __init__(self, file: IO[bytes], width: type[np.unsignedinteger[Any]], kind: str, folder: Path) -> None:
        self._file, self._width, self._folder = file, width, folder
        self._most = np.iinfo(width).max
        self._ids = np.full(0x110000, UNSEEN, dtype=np.int32)
        self._codes: list[int] = []
        self._know_plain()
        self._counts = np.zeros(1 << 16, dtype=np.int64)
        self._stride = 1 if kind == "text" else STRIDE_OF_NAMES
        self._index: list[IntArray] = []
        self._known: Runs | None = None
        self._hashes: list[bytes] = []
        self.stream, self.documents, self.longest, self.blank = 1, 0, 0, 0
        file.write(MAGIC + bytes(np.dtype(width).itemsize))

    def write(self, text: str) -> bool:
        """Appends the symbols of `text`; line feeds end names. False if there are too many different ones."""
        if self._width is np.uint8 and text.isascii():
            data = text.encode("ascii")
            if not self._number(data.translate(None, self._plain)):
                return False
            ids = np.frombuffer(data.translate(self._bytes), dtype=np.uint8)
        else:
            codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
            found = self._ids.take(codes)
            if int(found.min(initial=0)) == UNSEEN:
                if not self._number(np.unique(codes[found == UNSEEN]).tolist()):
                    return False
                found = self._ids.take(codes)
            ids = found.astype(self._width)
        self._count(ids)
        self._file.write(ids.tobytes())
        self._last = ids
        self.stream += len(ids)
        return True

    def _number(self, codes: Iterable[int]) -> bool:
        """Gives ids to characters that have none; False if there are too many."""
        for code in sorted(set(codes)):
            self._codes.append(code)
            self._ids[code] = len(self._codes)
        self._know_plain()
        return len(self._codes) <= self._most

    def _know_plain(self) -> None:
        """Notes what the shortcut for ASCII needs: the characters that have ids, and the ids of all."""
        self._plain = bytes(np.flatnonzero(self._ids[:128] != UNSEEN).tolist())
        self._bytes = (np.pad(self._ids[:128], (0, 128)) & 255).astype(np.uint8).tobytes()

    def _count(self, ids: IntArray) -> None:
        if ids.dtype == np.uint8:
            # Two at a time, which takes half as long.
            pairs = np.bincount(ids[: len(ids) // 2 * 2].view(np.uint16), minlength=1 << 16).reshape(256, 256)
            self._counts[:256] += pairs.sum(axis=0) + pairs.sum(axis=1)
            if len(ids) % 2:
                self._counts[ids[-1]] += 1
            return
        counts = np.bincount(ids)
        if len(counts) > len(self._counts):
            self._counts = np.pad(self._counts, (0, 0x110001 - len(self._counts)))
        self._counts[: len(counts)] += counts

    def text(self, pieces: Iterator[str]) -> bool:
        """One document, unless nothing but white space is in it."""
        start, before, hashed, empty = self.stream, self._counts.copy(), blake2b(digest_size=8), True
        for piece in pieces:
            hashed.update(piece.encode())
            empty = empty and not piece.strip()
            if not self.write(piece):
                return False
        if empty:
            self._file.truncate(len(MAGIC) + np.dtype(self._width).itemsize * start)
            self._file.seek(0, os.SEEK_END)
            self._counts, self.stream = before, start
            return True
        self._index.append(np.array([start]))
        self.documents += 1
        self.longest = max(self.longest, self.stream - start)
        self._hashes.append(hashed.digest())
        self._file.write(bytes(np.dtype(self._width).itemsize))
        self._counts[END] += 1
        self.stream += 1
        return True

    def names(self, pieces: Iterator[str], source: str) -> bool:
        """The lines of one file. Raises CorpusError for one that is too long to be held in memory."""
        self._ids[ord("\n")] = END
        self._know_plain()
        begun: list[str] = []  # of a line that has not ended
        for piece in pieces:
            line, *others = piece.split("\n")
            begun.append(line)
            if len(begun) > 1 and sum(map(len, begun)) > LONGEST_NAME:
                raise CorpusError(
                    f"{source} has a line of more than {LONGEST_NAME:,} characters, which is no name: use --format text"
                )
            if others:
                lines = ["".join(begun), *others]
                begun = [lines.pop()]
                if not self._lines(lines):
                    return False
        last = "".join(begun)
        return self._lines([last]) if last else True

    def _lines(self, lines: list[str]) -> bool:
        stripped = [line.strip() for line in lines]
        names = [line for line in stripped if line]
        self.blank += len(stripped) - len(names)
        if not names:
            return True
        start = self.stream
        if not self.write("\n".join(names) + "\n"):
            return False
        ends = np.flatnonzero(self._last == END) + start
        starts = np.append(start, ends[:-1] + 1)
        self._index.append(starts[-self.documents % self._stride :: self._stride])
        self.documents += len(names)
        self.longest = max(self.longest, int((ends - starts).max()))
        self._hashes.append(b"".join([blake2b(name.encode(), digest_size=8).digest() for name in names]))
        if sum(map(len, self._hashes)) >= 8 * BLOCK:
            self._keep_hashes()
        return True

    def _keep_hashes(self) -> None:
        if self._known is None:
            self._known = Runs(self._folder)
        self._known.append(_hashes(self._hashes))
        self._hashes = []

    def finish(self, kind: str) -> Header:
        """Brings the ids into the order of the characters, and writes what follows the stream."""
        seen = [place for place, code in enumerate(self._codes) if self._counts[place + 1]]
        seen.sort(key=self._codes.__getitem__)
        final = np.zeros(len(self._codes) + 1, dtype=self._width)
        final[np.array(seen, dtype=np.int64) + 1] = np.arange(1, len(seen) + 1)
        body = sha256(MAGIC)
        size = np.dtype(self._width).itemsize
        self._file.flush()
        for first in range(0, self.stream, BLOCK):
            self._file.seek(len(MAGIC) + size * first)
            data = self._file.read(size * min(BLOCK, self.stream - first))
            if self._width is np.uint8:
                data = data.translate(final.tobytes().ljust(256, b"\0"))
            else:
                data = final[np.frombuffer(data, dtype=self._width)].tobytes()
            self._file.seek(len(MAGIC) + size * first)
            self._file.write(data)
            body.update(data)
        index = np.concatenate(self._index).astype("<u8").tobytes()
        self._file.write(index)
        body.update(index)
        different = 0
        for hashes in self._different():
            data = hashes.astype("<u8").tobytes()
            self._file.write(data)
            body.update(data)
            different += len(hashes)
        return Header(
            version=VERSION,
            kind=kind,
            characters="".join(chr(self._codes[place]) for place in seen),
            counts=[int(self._counts[END]), *(int(self._counts[place + 1]) for place in seen)],
            documents=self.documents,
            longest=self.longest,
            blank=self.blank,
            width=size,
            stream=self.stream,
            stride=self._stride,
            index=len(index) // 8,
            known=different,
            body=body.hexdigest(),
        )

    def _different(self) -> Iterator[NDArray[np.uint64]]:
        """The hashes, ascending, each once."""
        if self._known is None:
            yield np.unique(_hashes(self._hashes))
            return
        self._keep_hashes()
        last = None
        for block in self._known.merged(BLOCK):
            block = block[np.append(True, block[1:] != block[:-1])]
            yield block[1:] if last is not None and len(block) and block[0] == last else block
            last = block[-1] if len(block) else last

    def close(self) -> None:
        """Lets the disk go that hashes were sorted on."""
        if self._known is not None:
            self._known.close()


def _hashes(parts: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.sort(np.frombuffer(b"".join(parts), dtype="<u8")).astype(np.uint64)


def _build(
    sources: Sequence[Source], kind: str, lowercase: bool, folder: Path, width: type[np.unsignedinteger[Any]]
) -> Encoded | None:
    """Makes the file, named after what is read in doing so.

    None if there are more different characters than `width` has numbers.
    """
    digests = []
    with _temporary(folder) as file, ExitStack() as stack:
        writer = _Writer(file, width, kind, folder)
        stack.callback(writer.close)
        for source in sources:
            with source.open() as opened:
                hashing = _Hashing(opened)
                pieces = clean_pieces(hashing, source.name, lowercase)
                if not (writer.text(pieces) if kind == "text" else writer.names(pieces, source.name)):
                    return None
                digests.append(hashing.digest())
        if not writer.documents:
            what = "name" if kind == "names" else "text"
            named = ", ".join(source.name for source in sources)
            raise CorpusError(f"{named} is empty: there is no {what} to learn from")
        header = writer.finish(kind)
        data = json.dumps(asdict(header)).encode()
        file.write(data + len(data).to_bytes(8, "little") + blake2b(data, digest_size=CHECK).digest())
        file.flush()
        os.fsync(file.fileno())
        path = folder / _name(kind, lowercase, digests)
        Path(file.name).replace(path)
        return Encoded(path, header)


def _read(path: Path, place: int, count: int) -> Keys:
    with path.open("rb") as file:
        file.seek(place)
        return np.frombuffer(file.read(8 * count), dtype="<u8").astype(np.uint64)
