"""Symbols to ids and back. A symbol is a Unicode character after NFC, or what a `Segmentation` says, or END, id 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import UnknownCharacterError, VocabularyError
from mangosaurus.core.folding import nearest
from mangosaurus.core.segmentation import BREAK, CHARACTERS, LONGEST_SYMBOL, Segmentation
from mangosaurus.core.units import counted

END = 0
"""The id before the first and after the last character of a document."""
LAST_COMPOSED = 0x40000
"""Unicode has no letters beyond it."""
CHUNK = 1_000_000
"""Long texts are encoded this many characters at a time, because larger arrays would fill the memory."""


def normalize(text: str) -> str:
    """`text` in Unicode's composed form, NFC: one letter is then one character wherever Unicode has it."""
    return unicodedata.normalize("NFC", text)


@cache
def composing() -> frozenset[str]:
    """The characters that come second or later in a composed character: they may join what is before them."""
    jamo = map(chr, range(0x1160, 0x1200))  # the vowels and final consonants of Hangul
    return frozenset([*jamo, *(part for _, parts in _decompositions() for part in parts[1:])])


@cache
def composed_with() -> frozenset[str]:
    """The characters that may change if one of `composing` follows: composed characters and the first part of each.

    The syllables of Hangul are not included.
    """
    jamo = map(chr, range(0x1100, 0x1113))  # the first consonants of Hangul
    return frozenset([*jamo, *(each for whole, parts in _decompositions() for each in (whole, parts[0]))])


def _decompositions() -> Iterator[tuple[str, list[str]]]:
    """The composed characters and their parts, without those of Hangul, which Unicode composes by arithmetic."""
    for code in range(LAST_COMPOSED):
        parts = unicodedata.decomposition(chr(code)).split()
        if parts and not parts[0].startswith("<"):
            yield chr(code), [chr(int(part, 16)) for part in parts]


def join(documents: Sequence[IntArray]) -> IntArray:
    """The documents one after the other, END before, between and after them: shape (symbols + documents + 1,)."""
    ends = np.cumsum([0, *(len(document) + 1 for document in documents)])
    stream = np.full(int(ends[-1]) + 1, END, dtype=np.result_type(*{document.dtype for document in documents}))
    inside = np.ones(len(stream), dtype=bool)
    inside[ends] = False
    stream[inside] = np.concatenate(documents)
    return stream


def describe(character: str) -> str:
    """A symbol for an error message: quoted, and a character with its code point and name, as `'é' (U+00E9, ...)`."""
    if len(character) != 1:
        return repr(character)
    name = unicodedata.name(character, "no name")
    return f"{character!r} (U+{ord(character):04X}, {name})"


class Vocabulary:
    """The symbols that a model knows, sorted by code points; symbol i of them has id i + 1.

    By default they are characters: `segmentation` says how texts are cut into symbols.
    Raises VocabularyError if a symbol repeats, is none by the segmentation, or has half of a surrogate pair.
    """

    def __init__(self, characters: Iterable[str], segmentation: Segmentation = CHARACTERS) -> None:
        self.characters: tuple[str, ...] = tuple(sorted(characters))
        """The text of each symbol without END: one character, or several."""
        self.segmentation: Segmentation = segmentation
        if segmentation.plain and any(len(c) != 1 or 0xD800 <= ord(c) <= 0xDFFF for c in self.characters):
            raise VocabularyError("a vocabulary is made of single Unicode characters, none of them a surrogate")
        if len(set(self.characters)) != len(self.characters):
            raise VocabularyError("a vocabulary must not name a character twice")
        if not segmentation.plain:
            self._check_symbols()
            self._ids = {symbol: place for place, symbol in enumerate(self.characters, start=1)}
            return
        self._codes = np.array([ord(c) for c in self.characters], dtype="<u4")
        self._ascii = np.full(128, -1)  # a shortcut for most texts
        plain = self._codes[self._codes < 128]
        self._ascii[plain] = np.arange(1, len(plain) + 1)

    def _check_symbols(self) -> None:
        for symbol in self.characters:
            half = any(0xD800 <= ord(c) <= 0xDFFF for c in symbol)
            whole = symbol == BREAK or (self.segmentation.split(symbol) == [symbol] and BREAK not in symbol)
            if half or not whole or len(symbol) > LONGEST_SYMBOL:
                raise VocabularyError(
                    f"{shorten(symbol)!r} cannot be a symbol: it must be whole where texts are cut into symbols, of at "
                    f"most {LONGEST_SYMBOL} characters, and without half of a surrogate pair"
                )

    @classmethod
    def of(cls, documents: Iterable[str], segmentation: Segmentation = CHARACTERS) -> Vocabulary:
        """Every symbol that occurs in `documents`."""
        split = documents if segmentation.plain else map(segmentation.split, documents)
        return cls(set(chain.from_iterable(split)), segmentation)

    @property
    def unit(self) -> str:
        """The word for a symbol: character, token or phoneme."""
        return self.segmentation.unit(self.characters)

    def counted(self, count: int) -> str:
        """So many symbols in words: `1 character`."""
        return counted(count, self.unit)

    def __len__(self) -> int:
        """The number of symbols, END included."""
        return len(self.characters) + 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return False
        return self.characters == other.characters and self.segmentation == other.segmentation

    def __hash__(self) -> int:
        return hash((self.characters, self.segmentation))

    def __repr__(self) -> str:
        shown = "".join(self.characters) if self.segmentation.plain else list(self.characters)
        return f"Vocabulary({shown!r})"

    def split(self, text: str) -> Sequence[str]:
        """The symbols of `text`, known or not: a text of characters is the sequence of them."""
        return text if self.segmentation.plain else self.segmentation.split(text)

    def find(self, text: str) -> IntArray:
        """Ids of the symbols of `text`, shape (symbols,), with -1 for each symbol outside the vocabulary."""
        if not self.segmentation.plain:
            return self.find_symbols(self.segmentation.split(text))
        if text.isascii():
            return self._ascii[np.frombuffer(text.encode("ascii"), dtype=np.uint8)]
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        if not self.characters:
            return np.full(len(codes), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[places] == codes, places + 1, -1).astype(np.int64)

    def as_separated(self, text: str) -> str:
        """A text that may have `join` between its tokens, as samples are written, as the separator parts them.

        The tokens are known ones: with an empty `join`, the longest that fits is taken.
        """
        cut = self.segmentation
        if cut.join is None or cut.plain or cut.join == cut.separator:
            return text
        if not cut.separator:
            parts = cut.join and not any(cut.join in symbol for symbol in self.characters)
            return text.replace(cut.join, "") if parts else text
        tokens = cut.split(text)
        if not cut.join and len(tokens) > 1:  # the separator parts them
            return text
        return cut.text_of(chain.from_iterable(map(self._parted, tokens)))

    def _parted(self, token: str) -> list[str]:
        """The tokens in one, which `join` parts; itself if it is known, or if nothing of it is."""
        join = self.segmentation.join
        if token in self._ids or token == BREAK:
            return [token]
        if join:
            parts = [part for part in token.split(join) if part]
            unclear = any(join in symbol for symbol in self.characters)
            known = map(self._ids.__contains__, parts)
            return parts if (all(known) if unclear else any(known)) else [token]
        longest_first = "|".join(map(re.escape, sorted(self._ids, key=len, reverse=True)))
        return [part for part in re.split(f"({longest_first})", token) if part]

    def find_symbols(self, symbols: Sequence[str]) -> IntArray:
        """Ids of symbols, shape (symbols,), with -1 for each outside the vocabulary."""
        if not self.segmentation.plain:
            return np.array([self._ids.get(symbol, -1) for symbol in symbols], dtype=np.int64)
        # Half of a surrogate pair is in no vocabulary; it stands for what is no single character.
        return self.find("".join(symbol if len(symbol) == 1 else "\ud800" for symbol in symbols))

    def encode(self, text: str) -> IntArray:
        """Ids of the symbols of `text`, shape (symbols,), without END. `text` should be in NFC.

        Raises UnknownCharacterError, which names the first symbol outside the vocabulary.
        """
        ids = self.find(text)
        unknown = np.flatnonzero(ids < 0)
        if len(unknown):
            raise self.unknown(text, int(unknown[0]))
        return ids

    def unknown(self, text: str, place: int) -> UnknownCharacterError:
        """The error that names symbol number `place`, from 0, of `text`, which is outside the vocabulary."""
        from difflib import get_close_matches  # it takes time

        near, symbol = "", self.split(text)[place]
        if self.characters and self.segmentation.plain:
            near = f"; the nearest that it knows is {' '.join(map(describe, nearest(symbol, self.characters)))}"
        elif alike := get_close_matches(symbol, self.characters, 1):
            near = f"; the nearest that it knows is {describe(alike[0])}"
        within = shorten(text, place=place) if self.segmentation.plain else shorten(text)
        return UnknownCharacterError(
            f"the model has never seen the {self.unit} {describe(symbol)}, number {place + 1} of {within!r}{near}; it "
            f"knows {self.summary()}"
        )

    def encode_all(self, texts: Sequence[str]) -> list[IntArray]:
        """`encode` of every text, in the narrowest unsigned integers. It is made for long lists and long texts."""
        if not self.segmentation.plain:
            narrow = np.min_scalar_type(len(self.characters))
            return [self.encode(text).astype(narrow) for text in texts]
        whole = "".join(texts)
        ids = np.empty(len(whole), dtype=np.min_scalar_type(len(self.characters)))
        for first in range(0, len(whole), CHUNK):
            ids[first : first + CHUNK] = self.encode(whole[first : first + CHUNK])
        ends = np.cumsum([len(text) for text in texts])
        return np.split(ids, ends[:-1])

    def decode(self, ids: IntArray) -> str:
        """The text of `ids`, of shape (length,). END has no text, and does not end it."""
        ids = np.asarray(ids)
        if not self.segmentation.plain:
            return self.segmentation.text_of(self.characters[id - 1] for id in ids.tolist() if id != END)
        codes: bytes = self._codes[ids[ids != END] - 1].tobytes()
        return codes.decode("utf-32-le")

    def decode_rows(self, ids: IntArray, lengths: IntArray) -> list[str]:
        """The texts of the first `lengths` symbols of each row of `ids`, (rows, width). None of them is END."""
        if not self.segmentation.plain:
            return [self.decode(row[: int(length)]) for row, length in zip(ids, lengths, strict=True)]
        width = 4 * ids.shape[1]
        codes: bytes = self._codes[np.maximum(ids, 1) - 1].tobytes() if self.characters else b""
        # The width is 0 if every sample of a sampler ended at once.
        starts = range(0, width * len(ids), width) if width else [0] * len(ids)
        return [codes[a : a + 4 * int(n)].decode("utf-32-le") for a, n in zip(starts, lengths, strict=True)]

    def summary(self, most: int = 80) -> str:
        """The symbols in one line, such as `53 characters: abc…`, at most `most` of them shown."""
        shown = [c if c.isprintable() else repr(c)[1:-1] for c in self.characters[:most]]
        more = "…" if len(self.characters) > most else ""
        between = "" if self.segmentation.plain else " "
        return f"{len(self.characters)} {self.unit}s: {between.join(shown)}{more}"


def shorten(text: str, most: int = 40, place: int = 0) -> str:
    """`text` for an error message, or about `most` characters of it around `place`."""
    first = max(0, place - most // 2)
    return ("…" if first else "") + text[first : first + most] + ("…" if first + most < len(text) else "")
