"""What a symbol is: a character, a token between separators, or the longest entry of an inventory.

`Segmentation.split` cuts a text into symbols, and `text_of` puts them together again as they stood. The symbols of a
text are known once for all: what is drawn from a model is read again as it was drawn (see `generation.constraints`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

from mangosaurus.core.errors import Option, OptionError

LONGEST_SYMBOL = 256
"""Characters of a symbol."""
MOST_ENTRIES = 100_000
"""Entries of an inventory."""
BREAK = "\n"
"""The line break in a text of tokens is a token that needs no separator beside it."""
PHONETIC = "ʰʲʷː\u035c\u0361"
"""Signs of the phonetic alphabet that hardly any spelling has, beside its own letters."""
JOINER = "\u200d"
JOINING = (
    ("\u0e33", "\u0e33"),  # vowels of Thai and Lao that Unicode counts as letters
    ("\u0eb3", "\u0eb3"),
    ("\u1100", "\u11ff"),  # single letters of Hangul
    ("\u200c", "\u200d"),  # joiners
    ("\uff9e", "\uff9f"),  # voicing of narrow Katakana
    ("\U0001f1e6", "\U0001f1ff"),  # letters of flags
    ("\U0001f3fb", "\U0001f3ff"),  # skin tones
    ("\U000e0020", "\U000e007f"),  # tags
)
"""The first and the last of characters that, as marks do, join another to what a reader sees as one character."""


@dataclass(frozen=True)
class Segmentation:
    """How texts are cut into symbols; the default makes every character one.

    Raises OptionError for a separator that cannot part tokens, and for an inventory of something else than symbols.
    """

    separator: str = ""
    """What parts tokens, with the white space that `text_of` puts around it; empty if nothing does."""
    inventory: frozenset[str] = frozenset()
    """Symbols of several characters. Where one of them stands, the longest is taken; any other character is one."""
    clusters: bool = False
    """Whether the inventory has the grapheme clusters of a list: letters with their marks, emoji of several parts."""
    join: str | None = None
    """What is written between symbols; None: what stood there when they were read."""

    def __post_init__(self) -> None:
        if self.separator and self.inventory:
            raise OptionError.of("{separator} and {inventory} both say what a symbol is: leave one of them out")
        mark = self._mark
        if "\n" in mark or "\r" in mark:
            raise OptionError.of("{separator} is {!r}; a line break ends a name and cannot part its tokens", mark)
        if any(mark.endswith(mark[:length]) for length in range(1, len(mark))):
            why = "{separator} is {!r}, which begins as it ends, so that what it parts would not be clear; take another"
            raise OptionError.of(why, self.separator)
        if len(self.inventory) > MOST_ENTRIES:
            raise OptionError.of("{inventory} has {:,} entries; {:,} are the most", len(self.inventory), MOST_ENTRIES)
        for entry in self.inventory:
            if not 1 < len(entry) <= LONGEST_SYMBOL or BREAK in entry or "\r" in entry:
                why = "{inventory} has {!r}; an entry has from 2 to {} characters on one line"
                raise OptionError.of(why, entry[: LONGEST_SYMBOL + 1], LONGEST_SYMBOL)

    @property
    def plain(self) -> bool:
        """Whether every character is a symbol."""
        return not self.separator and not self.inventory

    @property
    def _mark(self) -> str:
        """What parts tokens."""
        return self.separator.strip() or self.separator

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """The lengths of the entries that begin with a character, from the longest."""
        found: dict[str, set[int]] = {}
        for entry in self.inventory:
            found.setdefault(entry[0], set()).add(len(entry))
        return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}

    def occurs_in(self, text: str) -> bool:
        """Whether a text has a separator, or an entry of the inventory."""
        return self._mark in text if self.separator else any(entry in text for entry in self.inventory)

    def split(self, text: str) -> list[str]:
        """The symbols of a text."""
        if self.separator:
            return self._tokens(text)
        return self._longest(text) if self.inventory else list(text)

    def _tokens(self, text: str) -> list[str]:
        mark, found = self._mark, []
        for number, line in enumerate(text.split(BREAK)):
            if number:
                found.append(BREAK)
            parts = line.split(None if mark == " " else mark)  # a space stands for any white space
            found += [token for part in parts if (token := part.strip())]
        return found

    def _longest(self, text: str) -> list[str]:
        found, place, lengths = [], 0, self._lengths
        while place < len(text):
            symbol = text[place]
            for length in lengths.get(symbol, ()):
                entry = text[place : place + length]
                if entry in self.inventory:
                    symbol = entry
                    break
            found.append(symbol)
            place += len(symbol)
        return found

    def text_of(self, symbols: Iterable[str]) -> str:
        """The text of symbols, as they stood when they were read."""
        return self._together(symbols, self.separator)

    def canonical(self, text: str) -> str:
        """The text as `text_of` writes it: tokens have one separator between them."""
        return self.text_of(self.split(text)) if self.separator else text

    def shown(self, text: str) -> str:
        """A text as it is written for the user: its symbols with `join` between them, if that is given."""
        return text if self.join is None else self._together(self.split(text), self.join)

    def between(self, before: str, after: str) -> str:
        """What is written for the user between two symbols; there is none before the first, ""."""
        if not before or BREAK in (before, after):
            return ""
        return self.separator if self.join is None else self.join

    def _together(self, symbols: Iterable[str], between: str) -> str:
        text = between.join(symbols)
        if not between or BREAK not in text:
            return text
        return re.sub(f"(?:{re.escape(between)})?\n(?:{re.escape(between)})?", BREAK, text)

    def unit(self, symbols: Iterable[str]) -> str:
        """The word for one of a vocabulary's symbols: character, token or phoneme."""
        if self.plain or self.clusters:
            return "character"
        return "phoneme" if any(map(_phonetic, chain.from_iterable(symbols))) else "token"


CHARACTERS = Segmentation()
"""Every character is a symbol."""


def clusters_of(documents: Sequence[str]) -> Segmentation:
    """The segmentation into grapheme clusters, if `documents` have clusters of several characters.

    A cluster is what a reader takes for one character (Unicode Standard Annex 29). One that ends in a joiner takes the
    next with it, and one of more than LONGEST_SYMBOL characters is left apart.
    """
    if all(map(str.isascii, documents)):
        return CHARACTERS
    joining = {character for character in set().union(*documents) if _joins(character)}
    if not joining:
        return CHARACTERS
    import regex  # it takes time, and few lists need it

    found: set[str] = set()
    for document in documents:
        if document.isascii() or joining.isdisjoint(document):
            continue
        held = ""
        for cluster in regex.findall(r"\X", document):
            held += cluster
            if not cluster.endswith(JOINER):
                found.add(held)
                held = ""
        found.add(held)
    several = frozenset(cluster for cluster in found if 1 < len(cluster) <= LONGEST_SYMBOL and BREAK not in cluster)
    return Segmentation(inventory=several, clusters=True) if several else CHARACTERS


def _joins(character: str) -> bool:
    """Whether a reader may take the character together with one beside it."""
    if character < "\u0300":
        return False
    return unicodedata.category(character)[0] == "M" or any(first <= character <= last for first, last in JOINING)


def _phonetic(character: str) -> bool:
    return "\u0250" <= character <= "\u02af" or character in PHONETIC


def common(segmentations: Sequence[Segmentation]) -> Segmentation:
    """One for the symbols of several models. Raises OptionError if they differ in what a symbol is."""
    first = segmentations[0]
    if all(each.plain or each.clusters for each in segmentations):
        inventory = frozenset().union(*(each.inventory for each in segmentations))
        return Segmentation(inventory=inventory, clusters=bool(inventory), join=first.join)
    for before, after in pairwise(segmentations):
        if (before.separator, before.inventory) != (after.separator, after.inventory):
            same = Option("separator"), " or ", Option("inventory")
            raise OptionError("the models differ in what a symbol is; blend models trained with the same ", *same)
    return first
