"""Decoding: the bytes of a file become clean text, whole or piece by piece.

Clean text has no carriage returns and no byte order mark, is in NFC, and is lower-cased if the user asks for it. Joined
pieces are the same text as the whole. So a piece may only end at a *safe* place: after a line feed, or before a
character that no mark or composition ties to the one before it. If letters are lower-cased, a capital sigma matters
too: it becomes ς at the end of a word, and σ elsewhere.
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from mangosaurus.core.casing import Lowering, lower
from mangosaurus.core.errors import CorpusError
from mangosaurus.core.vocabulary import composing, normalize

BYTES_A_PIECE = 1 << 22
"""Bytes decoded at once: many enough to be fast, and few beside what else is in memory."""
SEARCHED = 4096
"""If the last line of a piece is long, a safe place is searched in its last 4096 characters."""


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


def clean_pieces(
    read: Callable[[int], bytes], source: str, lowercase: Lowering, size: int = BYTES_A_PIECE
) -> Iterator[str]:
    """The clean text of a file, piece by piece; `read` returns its next bytes, `source` is its name for errors.

    Raises CorpusError, which names the byte and its line, if the file is not UTF-8.
    """
    held = ""
    first = True
    for text in _decoded(read, source, size):
        held += text
        if first and held:
            held, first = held.removeprefix("\ufeff"), False
        place = last_safe(held, lowercase)
        if place:
            yield clean(held[:place], lowercase)
            held = held[place:]
    if held:
        yield clean(held, lowercase)


def _decoded(read: Callable[[int], bytes], source: str, size: int) -> Iterator[str]:
    """The characters of a file, without a byte order mark at its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    position, lines = 0, 1
    ended = False
    while not ended:
        data = read(size)
        ended = not data
        position += len(data)
        try:
            text = decoder.decode(data, ended)
        except UnicodeDecodeError as error:
            # What it could not decode: the bytes read last, and before them those of a character that they continue.
            last, start = error.object, error.start
            place, line = position - len(last) + start, lines + last.count(b"\n", 0, start)
            raise CorpusError(
                f"{source} is not UTF-8: the byte 0x{last[start]:02x} at position {place:,}, in line {line:,}, does "
                "not decode; save it as UTF-8"
            ) from None
        lines += data.count(b"\n")
        if text:
            yield text


def decode(data: bytes, source: str) -> str:
    """The text of `data`, without a byte order mark. Raises CorpusError as `clean_pieces`."""
    return "".join(_decoded(io.BytesIO(data).read, source, len(data) + 1))


def clean(text: str, lowercase: Lowering) -> str:
    """`text` without carriage returns, in NFC, and lower-cased if asked for: True, or the language with its rule."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalize(lower(text, lowercase))


def last_safe(text: str, lowercase: Lowering) -> int:
    """The last safe place of `text`, or 0 if there is none near its end: see the head of this module."""
    line = text.rfind("\n") + 1
    if 2 * line >= len(text):
        return line
    sigma = "Σ" in text
    for place in range(len(text) - 1, max(0, len(text) - SEARCHED), -1):
        if _is_safe(text[place], lowercase, sigma):
            return place
    return line


def _is_safe(character: str, lowercase: Lowering, sigma: bool) -> bool:
    """Whether the text before `character` and the text from it on do not depend on each other.

    `sigma` says whether a capital sigma may stand before it. The lower case of a sigma depends on the nearest
    characters before and after it that Unicode does not ignore: on whether these are letters with a case. Python's own
    `lower` knows which characters are which.
    """
    if lowercase:
        parts = f"a{character}Σ".lower()[-1] == "σ"  # neither ignored nor a letter with a case
        if character == "Σ" or not (parts or (not sigma and f" {character}Σ".lower()[-1] == "ς")):
            return False
        character = character.lower()[0]
    if character < "\u0300":
        return character != "\n"  # it may belong to a carriage return
    alone = unicodedata.combining(character) == 0 and unicodedata.is_normalized("NFC", character)
    return alone and character not in composing()
