"""Large files as clean text, piece by piece: the pieces joined are what the whole would be, character for character.

Bytes are decoded, carriage returns and byte order marks taken away, letters lower-cased if asked for, and all of it
brought into NFC. None of this may depend on where a piece ends, so that pieces end at *safe* places only: behind a line
feed, or before a character that neither a mark nor a composition ties to the one before it. Where letters are
lower-cased, a capital sigma looks across that place too: it becomes ς at the end of a word, and σ elsewhere.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from mangosaurus.errors import CorpusError
from mangosaurus.vocabulary import composing, normalize

BYTES_A_PIECE = 1 << 22
"""Bytes decoded at once: enough that the work by piece does not show, little beside what else is in memory."""
SEARCHED = 4096
"""Characters before the end of a piece among which a safe place is looked for, if its last line is long."""
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """One file."""

    name: str
    """For messages, models and pages."""
    opener: Callable[[], BinaryIO]
    size: int = 0
    """Bytes."""

    def open(self) -> BinaryIO:
        """The file, opened at its beginning. Raises CorpusError if that fails."""
        try:
            return self.opener()
        except OSError as error:
            raise unreadable(self.name, error) from error

    def text(self) -> str:
        """The text of the file. Raises CorpusError if it cannot be read, or is not UTF-8."""
        with self.open() as file:
            return decode(read_stream(file, self.name), self.name)


class Readable(Protocol):
    """A file of bytes."""

    def read(self, size: int, /) -> bytes: ...


def read_stream(stream: IO[bytes], name: str, most: int = -1) -> bytes:
    """The next `most` bytes of a stream, or all. Raises CorpusError, with its name, if it cannot be read."""
    try:
        return stream.read(most)
    except OSError as error:
        raise unreadable(name, error) from error


def unreadable(name: str | Path, error: OSError | ValueError) -> CorpusError:
    """The error for a file that the system does not let us read."""
    what = name if name == "standard input" else f"the file {name}"
    return CorpusError(f"{what} cannot be read: {getattr(error, 'strerror', None) or error}")


def clean_pieces(file: Readable, source: str, lowercase: bool, size: int = BYTES_A_PIECE) -> Iterator[str]:
    """The clean text of a file, opened for reading bytes, from where it stands; `source` is its name for errors.

    Raises CorpusError, which names the byte and its line, if the file is not UTF-8.
    """
    held = ""
    first = True
    for text in _decoded(file, source, size):
        held += text
        if first and held:
            held, first = held.removeprefix("\ufeff"), False
        place = last_safe(held, lowercase)
        if place:
            yield clean(held[:place], lowercase)
            held = held[place:]
    if held:
        yield clean(held, lowercase)


def _decoded(file: Readable, source: str, size: int) -> Iterator[str]:
    """The characters of a file, without a byte order mark at its beginning."""
    position, lines = 0, 1
    data = b""
    ended = False
    while not ended:
        read = file.read(size)
        ended = not read
        data += read
        if position == 0 and data.startswith(MARK):
            position, data = len(MARK), data[len(MARK) :]
        end = len(data)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            # A character may have been cut where the bytes end, and then goes on in those to come.
            if ended or error.end < len(data) or error.reason != "unexpected end of data":
                line = lines + data.count(b"\n", 0, error.start)
                raise _not_utf_8(source, data[error.start], position + error.start, line) from None
            end = error.start
            text = data[:end].decode()
        if text:
            yield text
        position += end
        lines += data.count(b"\n", 0, end)
        data = data[end:]


def _not_utf_8(source: str, byte: int, position: int, line: int) -> CorpusError:
    """The error for a byte that does not decode; positions count from 0, lines from 1."""
    return CorpusError(
        f"{source} is not UTF-8: the byte 0x{byte:02x} at position {position:,}, in line {line:,}, does not "
        "decode; save it as UTF-8"
    )


def decode(data: bytes, source: str) -> str:
    """The text of `data`, without a byte order mark. Raises CorpusError as `clean_pieces`."""
    return "".join(_decoded(io.BytesIO(data), source, len(data) + 1))


def clean(text: str, lowercase: bool) -> str:
    """`text` without carriage returns, in NFC, and lower-cased if asked for."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalize(text.lower() if lowercase else text)


def last_safe(text: str, lowercase: bool) -> int:
    """The last safe place of `text` before its end, or 0 if there is none near it: see the head of this module.

    The place behind a final line feed is before the text's end too: nothing that follows can change what is before.
    """
    behind_line = text.rfind("\n") + 1
    if 2 * behind_line >= len(text):
        return behind_line
    sigma = "Σ" in text
    for place in range(len(text) - 1, max(0, len(text) - SEARCHED), -1):
        if _begins_afresh(text[place]) if not lowercase else _begins_afresh_lowered(text[place], sigma):
            return place
    return behind_line


def _begins_afresh(character: str) -> bool:
    """Whether NFC of what stands before `character` is the same whatever it is, and the other way round."""
    if character == "\n":  # it may belong to a carriage return
        return False
    if character < "\u0300":
        return True
    return (
        unicodedata.combining(character) == 0
        and unicodedata.is_normalized("NFC", character)
        and character not in composing()
    )


def _begins_afresh_lowered(character: str, sigma: bool) -> bool:
    """The same of lower-casing and NFC; `sigma` says whether a capital sigma may stand before `character`.

    A sigma that follows looks back as far as a character that Unicode does not let it ignore, one that stands before
    looks ahead as far, and each asks whether that is a letter with a case. Python's own `lower` knows which is which.
    """
    if character == "Σ" or not _begins_afresh(character.lower()[0]):
        return False
    parts = f"a{character}Σ".lower()[-1] == "σ"  # neither ignored nor a letter with a case
    return parts or (not sigma and f" {character}Σ".lower()[-1] == "ς")
