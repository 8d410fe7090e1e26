"""Decoding: the bytes of a file become clean text, whole or piece by piece.

Clean text has no carriage returns and no invisible characters, is in NFC, and is lower-cased if the user asks for it.
Joined pieces are the same text as the whole. So a piece may only end at a *safe* place: after a line feed, or before a
character that no mark or composition ties to the one before it. If letters are lower-cased, a capital sigma matters
too: it becomes ς at the end of a word, and σ elsewhere.
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from mangosaurus.core.briefly import few
from mangosaurus.core.casing import Lowering, lower
from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.core.vocabulary import composing, normalize

BYTES_A_PIECE = 1 << 22
"""Bytes decoded at once: many enough to be fast, and few beside what else is in memory."""
MARKED = "mangosaurus.bad"
"""The name of the error handler that writes BAD for bytes that do not decode."""
BAD = "\ud83f"
"""Half of a surrogate pair, which nothing decodes to."""
LOST = "\ufffd"
"""What programs write for a character that they cannot read."""
MOST_NAMED = 8
"""Lines that a note names."""
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
    notes: tuple[str, ...] = ()
    """What was left out beside it."""

    def open(self) -> BinaryIO:
        """The file, opened at its beginning. Raises CorpusError if that fails."""
        try:
            return self.opener()
        except OSError as error:
            raise unreadable(self.name, error) from error

    def read(self) -> bytes:
        """What is in the file. Raises CorpusError if it cannot be read."""
        with self.open() as file:
            return read_stream(file, self.name)

    def text(self, encoding: str | None = None, skip_bad_lines: bool = False) -> tuple[str, Decoding]:
        """The text of the file, and how it was decoded: by default as UTF-8, or what its bytes look like.

        Raises CorpusError if it cannot be read.
        """
        from mangosaurus.data.encodings import encoding_of

        data = self.read()
        found = encoding_of(data, self.name, encoding, skip_bad_lines)
        decoding = Decoding(found.encoding, skip_bad_lines, why=found.why)
        return decode(data, self.name, decoding), decoding


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


@dataclass
class Decoding:
    """How a source is decoded, and what was met on the way."""

    encoding: str = "utf-8-sig"
    skip_bad_lines: bool = False
    folded: Counter[str] = field(default_factory=Counter)
    """Invisible characters: see data/invisible.py."""
    bad_lines: list[int] = field(default_factory=list)
    """The numbers of the lines that did not decode and were left out."""
    why: str | None = None
    """Why this encoding, if it is not UTF-8."""

    def notes(self) -> list[str]:
        """What was met, a line each."""
        from mangosaurus.data import invisible

        found = [f"read as {self.why}"] if self.why else []
        if self.bad_lines:
            named = few([f"{number:,}" for number in self.bad_lines], MOST_NAMED)
            lines = "line that does not decode was" if len(self.bad_lines) == 1 else "lines that do not decode were"
            found.append(f"{len(self.bad_lines):,} {lines} left out: {named}")
        folded = invisible.note(self.folded)
        return found if folded is None else [*found, folded]


def clean_pieces(
    read: Callable[[int], bytes],
    source: str,
    lowercase: Lowering,
    size: int = BYTES_A_PIECE,
    decoding: Decoding | None = None,
) -> Iterator[str]:
    """The clean text of a file, piece by piece; `read` returns its next bytes, `source` is its name for errors.

    Raises CorpusError, which names the byte and its line, if the file does not decode.
    """
    held = ""
    decoding = decoding or Decoding()
    for text in _visible(_decoded(read, source, size, decoding), decoding.folded):
        held += text
        place = last_safe(held, lowercase)
        if place:
            yield _normal(held[:place], lowercase)
            held = held[place:]
    if held:
        yield _normal(held, lowercase)


def _visible(pieces: Iterator[str], tally: Counter[str]) -> Iterator[str]:
    """The pieces without invisible characters."""
    from mangosaurus.data import invisible

    held = begun = ""
    for piece in pieces:
        piece = begun + piece
        place = piece.rfind("\x1b", max(0, len(piece) - invisible.LONGEST_SEQUENCE))
        place = len(piece) if place < 0 else place
        begun = piece[place:]  # perhaps the beginning of a command
        held = invisible.fold(held + piece[:place], tally)
        end = invisible.unfinished(held)
        yield held[:end]
        held = held[end:]
    yield invisible.fold(held + begun, tally) if begun else held


def _decoded(read: Callable[[int], bytes], source: str, size: int, decoding: Decoding) -> Iterator[str]:
    """The characters of a file, without a byte order mark at its beginning."""
    if decoding.skip_bad_lines:
        yield from _good_lines(read, source, size, decoding)
        return
    decoder = codecs.getincrementaldecoder(decoding.encoding)()
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
            from mangosaurus.data.encodings import bad_byte

            name = decoding.encoding.removesuffix("-sig")
            raise bad_byte(source, "UTF-8" if name == "utf-8" else name, last[start], place, line) from None
        except UnicodeError as error:  # of some decoders, without a place
            raise _undecodable(source, decoding.encoding, error) from None
        lines += data.count(b"\n")
        if text:
            yield text


def _undecodable(source: str, encoding: str, error: UnicodeError) -> CorpusError:
    """The error for what an encoding that was asked for cannot read at all."""
    return CorpusError(f"{source} is not {encoding}: {plain(error)}; name its encoding by ", Option("encoding"))


def _good_lines(read: Callable[[int], bytes], source: str, size: int, decoding: Decoding) -> Iterator[str]:
    """The lines of a file that decode."""
    decoder = codecs.getincrementaldecoder(decoding.encoding)(errors=MARKED)
    held, number = "", 0
    ended = False
    while not ended:
        data = read(size)
        ended = not data
        try:
            held += decoder.decode(data, ended)
        except UnicodeError as error:
            raise _undecodable(source, decoding.encoding, error) from None
        end = len(held) if ended else held.rfind("\n") + 1
        lines, held = held[:end].split("\n"), held[end:]
        bad = [BAD in line or LOST in line for line in lines]
        if not any(bad):
            number += len(lines) - 1
            yield "\n".join(lines)
            continue
        decoding.bad_lines += [number + place for place, each in enumerate(bad, start=1) if each]
        number += len(lines) - 1
        yield "\n".join([line for line, each in zip(lines, bad, strict=True) if not each])


codecs.register_error(MARKED, lambda error: (BAD, getattr(error, "end", 0)))


def decode(data: bytes, source: str, decoding: Decoding | None = None) -> str:
    """The text of `data`, without a byte order mark. Raises CorpusError as `clean_pieces`."""
    return "".join(_decoded(io.BytesIO(data).read, source, len(data) + 1, decoding or Decoding()))


def clean(text: str, lowercase: Lowering, tally: Counter[str] | None = None) -> str:
    """`text` without carriage returns and invisible characters, in NFC, and lower-cased if asked for.

    `lowercase` is True, or the language with its rule. `tally` counts the invisible characters.
    """
    from mangosaurus.data import invisible

    return _normal(invisible.fold(text, Counter() if tally is None else tally), lowercase)


def _normal(text: str, lowercase: Lowering) -> str:
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
