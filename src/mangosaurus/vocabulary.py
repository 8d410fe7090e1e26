"""Characters to ids and back. A symbol is a Unicode character after NFC, or END, whose id is 0."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from mangosaurus.arrays import IntArray
from mangosaurus.errors import UnknownCharacterError, VocabularyError

END = 0
"""The id that stands before the first and after the last character of a document."""


def normalize(text: str) -> str:
    """`text` in Unicode's composed form, NFC: one letter is then one character wherever Unicode has it."""
    return unicodedata.normalize("NFC", text)


def join(documents: Sequence[IntArray]) -> IntArray:
    """The documents one after the other, END before, between and behind them: shape (symbols + documents + 1,)."""
    lengths = np.array([len(document) for document in documents])
    stream = np.full(int(lengths.sum()) + len(documents) + 1, END, dtype=np.int64)
    inside = np.arange(len(stream) - len(documents) - 1) + np.repeat(np.arange(len(documents)), lengths) + 1
    stream[inside] = np.concatenate(documents)
    return stream


def describe(character: str) -> str:
    """A character for an error message: quoted, with its code point and name, such as `'é' (U+00E9, ...)`."""
    name = unicodedata.name(character, "no name")
    return f"{character!r} (U+{ord(character):04X}, {name})"


class Vocabulary:
    """The characters that a model knows, sorted by code point; character i of them has id i + 1.

    Raises VocabularyError if a character repeats, is not one code point, or is half of a surrogate pair.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(characters))
        if any(len(c) != 1 or 0xD800 <= ord(c) <= 0xDFFF for c in self.characters):
            raise VocabularyError("a vocabulary is made of single Unicode characters, none of them a surrogate")
        if len(set(self.characters)) != len(self.characters):
            raise VocabularyError("a vocabulary must not name a character twice")
        self._codes = np.array([ord(c) for c in self.characters], dtype="<u4")

    @classmethod
    def of(cls, documents: Iterable[str]) -> Vocabulary:
        """Every character that occurs in `documents`."""
        seen: set[str] = set()
        for document in documents:
            seen.update(document)
        return cls(seen)

    def __len__(self) -> int:
        """The number of symbols, END included."""
        return len(self.characters) + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"Vocabulary({''.join(self.characters)!r})"

    def find(self, text: str) -> IntArray:
        """Ids of the characters of `text`, shape (len(text),), with -1 for each character outside the vocabulary."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        if not self.characters:
            return np.full(len(codes), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[places] == codes, places + 1, -1).astype(np.int64)

    def encode(self, text: str) -> IntArray:
        """Ids of the characters of `text`, shape (len(text),), without END. `text` should be in NFC.

        Raises UnknownCharacterError, which names the first character outside the vocabulary.
        """
        ids = self.find(text)
        unknown = np.flatnonzero(ids < 0)
        if len(unknown):
            place = int(unknown[0])
            raise UnknownCharacterError(
                f"the model has never seen the character {describe(text[place])}, number {place + 1} of "
                f"{shorten(text)!r}; it knows {self.summary()}"
            )
        return ids

    def encode_all(self, texts: Sequence[str]) -> list[IntArray]:
        """`encode` of every text, in one go: a long list of names takes a tenth of the time."""
        ids = self.encode("".join(texts))
        ends = np.cumsum([len(text) for text in texts])
        return np.split(ids, ends[:-1])

    def decode(self, ids: IntArray) -> str:
        """The text of `ids`, of shape (length,); END has no text and ends nothing here."""
        ids = np.asarray(ids)
        codes: bytes = self._codes[ids[ids != END] - 1].tobytes()
        return codes.decode("utf-32-le")

    def decode_rows(self, ids: IntArray, lengths: IntArray) -> list[str]:
        """The texts of the rows of `ids`, (rows, width): of each its first `lengths` symbols, none of them END."""
        width = 4 * ids.shape[1]
        codes: bytes = self._codes[np.maximum(ids, 1) - 1].tobytes() if self.characters else b""
        starts = range(0, width * len(ids), width)
        return [codes[a : a + 4 * int(n)].decode("utf-32-le") for a, n in zip(starts, lengths, strict=True)]

    def summary(self, most: int = 80) -> str:
        """The characters in one line, such as `53 characters: abc…`, at most `most` of them shown."""
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in self.characters[:most])
        more = "…" if len(self.characters) > most else ""
        return f"{len(self.characters)} characters: {shown}{more}"


def shorten(text: str, most: int = 40) -> str:
    """`text` for an error message: what is beyond `most` characters becomes an ellipsis."""
    return text if len(text) <= most else text[:most] + "…"
