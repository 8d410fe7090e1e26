"""What may be asked of a name, and the one automaton that accepts the names that have all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from mangosaurus.errors import OptionError, UnknownCharacterError
from mangosaurus.generation.automaton import Automaton
from mangosaurus.generation.composed import composed_table
from mangosaurus.generation.cutting import cut_out
from mangosaurus.generation.minimal import minimised
from mangosaurus.generation.regular import compile_pattern
from mangosaurus.generation.table import DEAD, Table, TooLargeError, everything, longest, product, with_lengths
from mangosaurus.generation.words import Words, beginning_with, containing, ending_with, free_of, without
from mangosaurus.read import read_corpus
from mangosaurus.vocabulary import END, Vocabulary, normalize, shorten

LARGEST_LENGTH = 10_000
"""Lengths beyond it are refused: an automaton counts characters by having states for each number of them."""


@dataclass(frozen=True)
class Wishes:
    """What is asked of a name: all of it must hold. The default asks for nothing. The empty name never counts."""

    prefix: str = ""
    """How it begins."""
    suffix: str = ""
    """How it ends; it may overlap with the prefix."""
    contains: tuple[str, ...] = ()
    """What it has inside: each of these, which may overlap."""
    patterns: tuple[str, ...] = ()
    """Regular expressions in Python's syntax; each must match the whole name, as `re.fullmatch` does."""
    min_length: int | None = None
    """Fewest characters; None is 1."""
    max_length: int | None = None
    """Most characters; None is no limit. A limit of the search alone costs no states as `left` of Automaton.allowed."""
    without: str = ""
    """Characters that must not occur; unknown ones never do."""
    avoid: tuple[str, ...] = ()
    """Whole names that must not come out; those with unknown characters never do. Empty ones are passed over."""
    avoid_parts: bool = False
    """Whether those of `avoid` must not occur anywhere inside either."""

    def normalized(self) -> Wishes:
        """The same with every text in NFC."""
        return replace(
            self,
            prefix=normalize(self.prefix),
            suffix=normalize(self.suffix),
            contains=tuple(map(normalize, self.contains)),
            patterns=tuple(map(normalize, self.patterns)),
            without=normalize(self.without),
            avoid=tuple(map(normalize, self.avoid)),
        )


@dataclass(frozen=True)
class _Part:
    """One wish by itself."""

    label: str
    """As on the command line."""
    table: Table


def read_avoid(path: str | Path) -> tuple[str, ...]:
    """The names to avoid, one a line of a file or of standard input ("-"). Raises CorpusError as `read_corpus` does."""
    return tuple(read_corpus([path], "names").documents)


def compile_wishes(wishes: Wishes, vocabulary: Vocabulary) -> Automaton:
    """The automaton over the ids of `vocabulary` that accepts a name if and only if it has everything wished for and is
    in NFC.

    It is minimal, except where that would take too long: tables of millions of cells, and lists to avoid of more than
    some ten thousand names. Raises OptionError if no name can be so, saying which wishes cannot be met, if need be
    together, and which character the vocabulary lacks; if a pattern is broken or cannot be compiled; if lengths are out
    of range; and if more than a million states would be needed.
    """
    wishes = wishes.normalized()
    least, most = _lengths(wishes)
    words = _words(wishes.avoid, vocabulary)
    parts = _parts(wishes, vocabulary, words)
    table = everything(len(vocabulary))
    for place, part in enumerate(parts):
        try:
            table = minimised(product(table, part.table))
        except TooLargeError as error:
            raise _too_large(part.label, parts[:place], error) from None
        if table.empty:
            others = _fewest(parts[:place], partial(_clash, part))
            raise OptionError(f"{part.label} cannot be met together with {_labels(others)}")
    try:
        limited = minimised(with_lengths(table, least, most))
    except TooLargeError as error:
        raise _too_large("the lengths asked for", parts, error) from None
    if limited.empty:
        raise OptionError(_no_length(parts, wishes, least, most))
    automaton, avoided = cut_out(limited, words if not wishes.avoid_parts else words.select(words.lengths == 0))
    if automaton.start == DEAD:
        asked = [part.label for part in parts]
        asked += [f"--{name}-length {n}" for name, n in (("min", wishes.min_length), ("max", most)) if n is not None]
        raise OptionError(
            f"--avoid leaves nothing: it has {_all(avoided)} that {_and(asked)} "
            f"{'allows' if len(asked) == 1 else 'allow'}"
        )
    return automaton


def check_length(option: str, length: int, least: int) -> None:
    """Raises OptionError if a length of names is below `least` or beyond LARGEST_LENGTH."""
    if not least <= length <= LARGEST_LENGTH:
        raise OptionError(f"{option} is {length}; it must be from {least} to {LARGEST_LENGTH:,}")


def _lengths(wishes: Wishes) -> tuple[int, int | None]:
    """The least and the most characters. The empty name never counts, so that the least is 1."""
    least, most = wishes.min_length, wishes.max_length
    if least is not None:
        check_length("min-length", least, 0)
    if most is not None:
        check_length("max-length", most, 1)
    if least is not None and most is not None and least > most:
        raise OptionError(f"min-length is {least} and max-length is {most}; no name has both")
    return max(least or 0, 1), most


def _words(names: Sequence[str], vocabulary: Vocabulary) -> Words:
    """The names that the vocabulary can spell, sorted, each once, the empty one left out."""
    chosen = sorted(set(names) - {""})
    symbols = vocabulary.find("".join(chosen))
    lengths = np.array([len(name) for name in chosen], dtype=np.int64)
    spelt = np.ones(len(chosen), bool)
    spelt[np.repeat(np.arange(len(chosen)), lengths)[symbols < 0]] = False
    return Words(symbols, lengths).select(spelt)


def _parts(wishes: Wishes, vocabulary: Vocabulary, words: Words) -> list[_Part]:
    """Every wish by itself but for lengths and whole names to avoid, the cheapest first. None of them is impossible."""
    symbols = len(vocabulary)
    in_nfc = composed_table(vocabulary)
    parts = [] if in_nfc is None else [_Part("the composed form of Unicode (NFC)", in_nfc)]
    if wishes.without:
        letters = vocabulary.find(wishes.without)
        parts.append(_Part(f"--without {shorten(wishes.without)!r}", without(letters[letters > END], symbols)))
    texts = [("prefix", wishes.prefix, beginning_with), ("suffix", wishes.suffix, ending_with)]
    texts += [("contains", text, containing) for text in wishes.contains]
    for name, text, build in texts:
        if text:
            label = f"--{name} {shorten(text)!r}"
            try:
                parts.append(_Part(label, build(vocabulary.encode(text), symbols)))
            except UnknownCharacterError as error:
                raise OptionError(f"no name can meet {label}: {error}") from None
    parts += [_Part(f"--pattern {shorten(text)!r}", compile_pattern(text, vocabulary)) for text in wishes.patterns]
    if wishes.avoid_parts and len(words):
        try:
            parts.append(_Part("--avoid-parts", minimised(free_of(words, symbols))))
        except TooLargeError as error:
            raise _too_large("--avoid-parts", [], error) from None
    return parts


def _joined(parts: Sequence[_Part]) -> Table:
    """The automaton that meets all of `parts`, at least one."""
    table = parts[0].table
    for part in parts[1:]:
        table = minimised(product(table, part.table))
    return table


def _clash(part: _Part, others: Sequence[_Part]) -> bool:
    """Whether no string meets all of them."""
    return _joined([*others, part]).empty


def _fewest(parts: Sequence[_Part], fails: Callable[[Sequence[_Part]], bool]) -> list[_Part]:
    """As few of `parts` as still fail: without any one of them they would not."""
    kept = list(parts)
    for part in parts:
        fewer = [other for other in kept if other is not part]
        try:
            if fewer and fails(fewer):
                kept = fewer
        except TooLargeError:  # in this order they are too many states, in the order of `parts` they were not
            continue
    return kept


def _no_length(parts: Sequence[_Part], wishes: Wishes, least: int, most: int | None) -> str:
    """Why no name that meets `parts` is of the length asked for."""
    if not parts:
        return "no name can be written: the vocabulary has no characters"
    guilty = _fewest(parts, lambda some: with_lengths(_joined(some), least, most).empty)
    table, labels = _joined(guilty), _labels(guilty)
    allow = "allows" if len(guilty) == 1 else "together allow"
    shortest, top = int(table.needed[table.start]), longest(table)
    if top == 0:
        return f"{labels} {allow} only the empty name, which never counts"
    if top is not None and top < least:
        return f"the longest name that {labels} {allow} has {_characters(top)}, and --min-length is {least}"
    if most is not None and shortest > most:
        return f"the shortest name that {labels} {allow} has {_characters(shortest)}, and --max-length is {most}"
    asked = _characters(least) if least == most else f"from {least} to {most} characters"
    return f"no name that {labels} {allow} has {asked}"


def _too_large(label: str, others: Sequence[_Part], error: TooLargeError) -> OptionError:
    together = f" together with {_labels(others)}" if others else ""
    return OptionError(f"{label}{together} cannot be compiled: {error}; ask for less at once")


def _labels(parts: Sequence[_Part]) -> str:
    return _and([part.label for part in parts])


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _characters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"


def _all(count: int) -> str:
    return "the only name" if count == 1 else f"all {count:,} names"
