"""The constraints that names can be asked to satisfy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.core.options import check_limits, is_file, option, several

if TYPE_CHECKING:
    from mangosaurus.data.corpus import Corpus

LARGEST_LENGTH = 10_000
"""Greater lengths are refused: an automaton counts characters by having states for each number of them."""
Length = str | int | tuple[int | None, int | None]


@dataclass(frozen=True)
class Constraints:
    """What a name must be like: all of it holds. The default asks for nothing. The empty name is never accepted.

    Each field takes every form that `Model.sample` does, and then holds what its annotation says, in NFC.

    Raises OptionError for lengths that are out of range or contradict each other, for `avoid_parts` and `exact` without
    `avoid`, and for `ignore_case` without a text that it concerns; CorpusError if the file of names to avoid cannot be
    read.
    """

    prefix: tuple[str, ...] = option(
        (), "Required prefix, or several, such as A,L,G: one of them.", metavar="TEXT", commas=True
    )
    """One string is one prefix. An empty one is left out."""
    suffix: tuple[str, ...] = option(
        (), "Required suffix, or several, such as don,raptor: one of them.", metavar="TEXT", commas=True
    )
    """Likewise. It may overlap with the prefix."""
    contains: tuple[str, ...] = option((), "Required substrings.")
    """All of them; they may overlap. One string is one substring."""
    pattern: tuple[str, ...] = option(
        (), "Regular expressions, each of which the whole name must match.", metavar="REGEX"
    )
    """Python's syntax; each matches as `re.fullmatch` does. One string is one expression."""
    not_pattern: tuple[str, ...] = option(
        (), "Regular expressions, none of which the whole name may match.", metavar="REGEX"
    )
    min_length: int | None = option(None, "Minimum length, in characters or tokens.")
    """None is 1."""
    max_length: int | None = option(None, "Maximum length, in characters or tokens, the prefix included.")
    """None is no limit."""
    length: Length | None = option(
        None,
        "Minimum and maximum length, such as 6..12, 6.., ..12 or 8.",
        metavar="A..B",
        typed=str | None,
        sent=str | int | None,
    )
    """Sets `min_length` and `max_length`, and is None afterwards; a pair such as (6, 12) is fine too."""
    without: str = option("", "Characters or tokens to exclude; x and X are two.", metavar="CHARS")
    max_repeat: int | None = option(
        None, "The most times that a character or token may occur in a row, whatever its case.", metavar="K", least=1
    )
    ignore_case: bool = option(
        False, "Ignore case in prefixes, suffixes, substrings, patterns and characters to exclude."
    )
    """Unicode's simple folding; with `exact`, it holds of the names to avoid as well."""
    avoid: tuple[str, ...] = option(
        None,
        "Names that must not be generated, in any case, with or without accents.",
        more="A file with one name per line, - for standard input, or names with commas between.",
        metavar="FILE",
        typed=str | None,
        sent=list[str] | None,
    )
    """A list or a set of names, or the path of a file of them; another string is names with commas."""
    avoid_parts: bool = option(False, "Also exclude names that contain a name to avoid.")
    exact: bool = option(False, "Compare with the names to avoid exactly, including case and accents.")
    clean: bool = option(False, "Leave out rude words of 24 languages.", more="Needs the package's extra `clean`.")
    """See `rude`."""
    not_like: int | None = option(None, "Minimum number of edits from every training name.", metavar="K")
    """It needs the training list, and is no part of the automaton: see `nearest`."""

    def __post_init__(self) -> None:
        from mangosaurus.core.vocabulary import normalize

        for name in ("avoid_parts", "exact"):
            if self.avoid is None and getattr(self, name):
                raise OptionError.of("{} needs {avoid}, the names to look for", Option(name))
        check_limits(self)
        least, most = self.min_length, self.max_length
        if self.length is not None:
            if least is not None or most is not None:
                raise OptionError.of("{length} sets both ends; leave out {min_length} and {max_length}")
            least, most = _ends(self.length)
        if least is not None:
            check_length("min_length", least, 0)
        if most is not None and most < 1:
            check_length("max_length", most, 1)
        if least is not None and most is not None and least > most:
            raise OptionError.of("{min_length} is {} and {max_length} is {}; no name has both", least, most)
        if self.not_like is not None and self.not_like < 1:
            raise OptionError.of("{not_like} is {}; it must be 1 or more edits", self.not_like)
        for name, value in {
            "prefix": _not_empty(self.prefix),
            "suffix": _not_empty(self.suffix),
            "contains": tuple(map(normalize, several(self.contains))),
            "pattern": tuple(map(normalize, several(self.pattern))),
            "not_pattern": tuple(map(normalize, several(self.not_pattern))),
            "min_length": least,
            "max_length": most,
            "length": None,
            "without": normalize(self.without),
            "avoid": tuple(map(normalize, _names(self.avoid))),
        }.items():
            object.__setattr__(self, name, value)
        if self.ignore_case and not (self.exact or self._has_texts):
            raise OptionError.of("{ignore_case} has no effect here: it goes with {prefix}, {suffix} and other texts")

    @property
    def _has_texts(self) -> bool:
        """Whether there is a text that `ignore_case` concerns, without the names to avoid."""
        texts = self.prefix, self.suffix, self.contains, self.pattern, self.not_pattern, self.without
        return any(texts)

    @property
    def need_automaton(self) -> bool:
        """Whether an automaton is needed: for all but prefixes, a maximum length and `not_like`."""
        few = replace(Constraints(), prefix=self.prefix, max_length=self.max_length, not_like=self.not_like)
        return self not in (few, replace(few, ignore_case=True) if self.prefix else few)

    @property
    def kept_out(self) -> bool:
        """Whether there is something to keep out: names to avoid, or rude words."""
        return self.clean or bool(self.avoid)

    def without_avoid(self) -> Constraints:
        """All the others."""
        ignore_case = self.ignore_case and self._has_texts
        return replace(self, avoid=(), avoid_parts=False, exact=False, clean=False, ignore_case=ignore_case)

    def in_any_case(self) -> Constraints:
        """The same, and no text tells capitals from small letters."""
        return replace(self, ignore_case=True) if self.exact or self._has_texts else self


def check_length(name: str, length: int, least: int) -> None:
    """Raises OptionError if a length of names is below `least` or above LARGEST_LENGTH."""
    if not least <= length <= LARGEST_LENGTH:
        raise OptionError(Option(name), f" is {length}; it must be from {least} to {LARGEST_LENGTH:,}")


def _not_empty(texts: str | Iterable[str]) -> tuple[str, ...]:
    from mangosaurus.core.vocabulary import normalize

    return tuple(dict.fromkeys(normalize(text) for text in several(texts) if text))


def _names(avoid: str | os.PathLike[str] | Iterable[str] | None) -> Sequence[str]:
    """The names to avoid. Raises CorpusError if their file cannot be read."""
    if not isinstance(avoid, str | os.PathLike):
        return [*(avoid or ())]
    if isinstance(avoid, str) and avoid and not is_file(avoid):
        from mangosaurus.data.items import BETWEEN, parts_of

        names = [name.strip() for name in parts_of(avoid, BETWEEN) if name.strip()]
        if not BETWEEN.search(avoid) or not names:
            raise CorpusError(f"there is no file {plain(avoid)}; if it is a name to avoid, write a comma after it")
        return names
    return names_to_avoid(os.fspath(avoid)).documents


def names_to_avoid(path: str, column: str | None = None) -> Corpus:
    """The names to avoid in a file, or on standard input; `column` is theirs in a table.

    Raises CorpusError if it cannot be read.
    """
    from mangosaurus.data.encodings import without_options
    from mangosaurus.data.read import read_corpus

    try:
        with without_options():
            return read_corpus([path if path in ("-", "") else Path(path)], column=column, kind="names")
    except CorpusError as error:
        if path not in ("-", "") and Path(path).is_file() and not Path(path).read_bytes().strip():
            raise CorpusError(f"{plain(path)} is empty: there is no name to avoid") from error
        raise


def _ends(length: Length) -> tuple[int | None, int | None]:
    if isinstance(length, int):
        return length, length
    if isinstance(length, str):
        found = re.fullmatch(r"\s*(?:([0-9]{1,9})|([0-9]{0,9})\s*\.\.\s*([0-9]{0,9}))\s*", length)
        if not found or not any(found.groups()):
            from mangosaurus.core.vocabulary import shorten

            raise OptionError.of(
                "{length} is {!r}; write 6..12, or 6.. or ..12 for one end, or one number for both", shorten(length)
            )
        exact, least, most = (int(part) if part else None for part in found.groups())
        return (exact, exact) if exact is not None else (least, most)
    return length
