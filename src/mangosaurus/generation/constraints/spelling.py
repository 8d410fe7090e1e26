"""As what the symbols of a vocabulary are compared with the texts of constraints: exactly, or with letters alike.

A spelling writes each symbol as letters of an alphabet of its own, such as the small letters without accents. Usually
it is one letter; a ligature has two, and an accent that stands alone none. An automaton of such letters becomes one of
symbols by reading the letters of each symbol one after the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.constraints.dfa import DEAD, DFA, trimmed

ACCENTS = (
    ("\u0300", "\u036f"),
    ("\u0591", "\u05c7"),  # points of Hebrew
    ("\u0610", "\u061a"),  # vowel signs of Arabic, and those below
    ("\u064b", "\u065f"),
    ("\u0670", "\u0670"),
    ("\u1ab0", "\u1aff"),
    ("\u1dc0", "\u1dff"),
    ("\u20d0", "\u20ff"),
    ("\ufe20", "\ufe2f"),
)
"""The first and the last of marks that are no letters of their own. Others are, such as a vowel of Hindi."""
PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
"""Letters whose stroke, missing dot or second letter Unicode does not take apart."""


def same_case(text: str) -> str:
    """`text` with letters that differ in case alone as one, by Unicode's simple folding: as many characters."""
    return "".join(map(_simple, text))


def _simple(character: str) -> str:
    # Full folding may write two letters for one, such as ss for ß; simple folding never does.
    folded = (character.casefold(), character.lower(), character)
    return next(each for each in folded if len(each) == 1)


def plain_letters(text: str) -> str:
    """`text` without accents and in small letters; ligatures and ß are two letters."""
    parts = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in parts if not any(first <= c <= last for first, last in ACCENTS))
    small = unicodedata.normalize("NFC", bare).casefold()
    again = (c for c in unicodedata.normalize("NFD", small) if not any(first <= c <= last for first, last in ACCENTS))
    return "".join(PLAIN.get(c, c) for c in unicodedata.normalize("NFC", "".join(again)))


@dataclass(frozen=True, eq=False)
class Spelling:
    """The letters of every symbol. Letter L: how many there are, with 0, which stands for END."""

    size: int
    """L"""
    letters: IntArray
    """Of all symbols, one after the other, that of END left out; ids from 1."""
    starts: IntArray
    """(V + 1,): where the letters of each symbol begin; the last entry is their number."""
    find: Callable[[str], IntArray]
    """The letters of a text, with -1 for each that no symbol has."""

    def symbols(self, dfa: DFA) -> DFA:
        """An automaton of letters as one of symbols."""
        if dfa.empty:
            return DFA(np.zeros(len(self.starts) - 1, np.int64), dfa.moves, dfa.needed)
        kinds: dict[tuple[int, ...], int] = {}
        columns = np.zeros(len(self.starts) - 1, np.int64)
        read = dfa.columns[self.letters].tolist()
        starts = self.starts.tolist()
        for symbol in range(END + 1, len(columns)):
            columns[symbol] = kinds.setdefault(tuple(read[starts[symbol] : starts[symbol + 1]]), len(kinds))
        states = np.arange(len(dfa.moves))
        moves = np.empty((len(states), len(kinds)), np.int32)
        for letters, column in kinds.items():
            after = states
            for letter in letters:
                after = np.where(after < 0, DEAD, dfa.moves[after, letter])
            moves[:, column] = after
        return trimmed(columns, moves, dfa.accepting, dfa.start)


def exactly(vocabulary: Vocabulary) -> Spelling:
    """Every symbol is a letter by itself."""
    size = len(vocabulary)
    return Spelling(size, np.arange(1, size), np.maximum(np.arange(-1, size), 0), vocabulary.find)


def _alike(
    vocabulary: Vocabulary,
    fold: Callable[[str], Iterable[str]],
    cut: Callable[[str], Sequence[str]],
    also: Sequence[str] = (),
) -> Spelling:
    """`fold` writes a symbol as letters, and `cut` cuts a text into symbols; there are the letters `also`, first."""
    ids = {letter: place for place, letter in enumerate(also, start=1)}
    rows = [[ids.setdefault(letter, len(ids) + 1) for letter in fold(symbol)] for symbol in vocabulary.characters]

    @cache
    def letters(symbol: str) -> list[int]:
        return [ids.get(letter, -1) for letter in fold(symbol)]

    starts = np.cumsum([0, 0, *map(len, rows)])

    def find(text: str) -> IntArray:
        return np.array([letter for symbol in cut(text) for letter in letters(symbol)], dtype=np.int64)

    return Spelling(len(ids) + 1, np.array([id for row in rows for id in row], dtype=np.int64), starts, find)


def ignoring_case(vocabulary: Vocabulary) -> Spelling:
    """Symbols that differ in case alone are one letter."""
    known = {same_case(symbol) for symbol in vocabulary.characters}

    def cut(text: str) -> Sequence[str]:
        # An inventory may have a symbol in one case only: `ch` is written Ch as well.
        written = vocabulary.split(text)
        if vocabulary.segmentation.plain or all(same_case(symbol) in known for symbol in written):
            return written
        return vocabulary.split(text.lower())

    return _alike(vocabulary, lambda symbol: (same_case(symbol),), cut)


def ignoring_accents(vocabulary: Vocabulary) -> Spelling:
    """Symbols that differ in case and accents alone are the same letters.

    A token or an entry of an inventory is one letter; a cluster has those of its characters.
    """
    segmentation = vocabulary.segmentation
    if segmentation.plain or segmentation.clusters:
        return _alike(vocabulary, plain_letters, str)
    return _alike(vocabulary, lambda symbol: filter(None, (plain_letters(symbol),)), vocabulary.split)


def words(vocabulary: Vocabulary) -> Spelling:
    """The same by characters, whatever a symbol is; what is no letter, mark or digit is a space, letter 1."""
    return _alike(vocabulary, in_words, str, (" ",))


def in_words(text: str) -> str:
    """`plain_letters` with a space for each character that is no letter, mark or digit."""
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain_letters(text))
