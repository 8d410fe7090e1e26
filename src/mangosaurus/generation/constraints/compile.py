"""The automaton of the names that satisfy all constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import Message, Option, OptionError, UnknownCharacterError
from mangosaurus.core.vocabulary import END, Vocabulary, shorten
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.composed import composed_dfa
from mangosaurus.generation.constraints.dfa import (
    DEAD,
    DFA,
    MOST_CELLS,
    TooLargeError,
    complement,
    everything,
    longest,
    minimized,
    product,
    trimmed,
    with_lengths,
)
from mangosaurus.generation.constraints.exclusion import exclude
from mangosaurus.generation.constraints.options import LARGEST_LENGTH, Constraints, check_length
from mangosaurus.generation.constraints.regex import compile_pattern
from mangosaurus.generation.constraints.rude import free_of_rude_words
from mangosaurus.generation.constraints.spelling import Spelling, exactly, ignoring_accents, ignoring_case
from mangosaurus.generation.constraints.strings import (
    Strings,
    beginning_with,
    containing,
    ending_with,
    free_of,
    strings_of,
    without,
)

NAMED = 4
"""So many of several prefixes or suffixes are named in a message."""


class _Part(NamedTuple):
    """One constraint by itself."""

    label: Message
    dfa: DFA


def compile_constraints(constraints: Constraints, vocabulary: Vocabulary) -> Automaton:
    """The automaton over the ids of `vocabulary` that accepts a name if and only if it satisfies the constraints and is
    in NFC. `not_like` is not looked at.

    It is minimal, except where that would take too long: tables of millions of cells, and lists to avoid of more than
    some ten thousand names. Raises OptionError if no name satisfies the constraints, naming as few of them as cannot be
    satisfied together and the character that the vocabulary lacks; if a pattern is broken or cannot be compiled; if a
    length is too large; and if more than a million states would be needed. Raises MissingExtraError for `clean` without
    its list.
    """
    least, most = max(constraints.min_length or 0, 1), constraints.max_length
    if most is not None:
        check_length("max_length", most, 1)
    spelling = _of_avoided(constraints, vocabulary)
    avoided = strings_of(word for word in map(spelling.find, constraints.avoid) if (word > END).all())
    parts = _parts(constraints, vocabulary, spelling, avoided)
    dfa = everything(len(vocabulary))
    for place, part in enumerate(parts):
        try:
            dfa = minimized(product(dfa, part.dfa))
        except TooLargeError as error:
            raise _too_large(part.label, parts[:place], error) from None
        if dfa.empty:
            others = _fewest(parts[:place], lambda some: _joined(some).empty, [part])
            raise OptionError(*part.label, " cannot be met together with ", *_labels(others))
    try:
        limited = minimized(with_lengths(dfa, least, most))
    except TooLargeError as error:
        raise _too_large(("the lengths asked for",), parts, error) from None
    if limited.empty:
        raise OptionError(*_no_length(parts, constraints, most, vocabulary))
    edges = _without_spaces_around(vocabulary)
    if edges is not None and parts and product(limited, edges).empty:
        guilty = _fewest(parts, lambda some: product(with_lengths(_joined(some), least, most), edges).empty)
        raise OptionError("no name can meet ", *_labels(guilty), ": names neither begin nor end with a space")
    whole = avoided.select(avoided.lengths == 0) if constraints.avoid_parts else avoided
    automaton, excluded = exclude(limited, whole, spelling)
    if automaton.start == DEAD:
        asked = [part.label for part in parts]
        lengths = (("min_length", constraints.min_length), ("max_length", most))
        asked += [(Option(name), f" {length}") for name, length in lengths if length is not None]
        count = "the only name" if excluded == 1 else f"all {excluded:,} names"
        allow = " allows" if len(asked) == 1 else " allow"
        raise OptionError(Option("avoid"), f" leaves nothing: it has {count} that ", *_and(asked), allow)
    return automaton


def _of_avoided(constraints: Constraints, vocabulary: Vocabulary) -> Spelling:
    """As what names are compared with those to avoid."""
    if not constraints.exact:
        return ignoring_accents(vocabulary)
    return ignoring_case(vocabulary) if constraints.ignore_case else exactly(vocabulary)


def _without_spaces_around(vocabulary: Vocabulary) -> DFA | None:
    """What neither begins nor ends with a space; None if the vocabulary has none."""
    spaces = [place for place, symbol in enumerate(vocabulary.characters, start=1) if symbol == " "]
    if not spaces:
        return None
    columns = np.zeros(len(vocabulary), np.int64)
    columns[spaces] = 1
    return trimmed(columns, np.array([[1, DEAD], [1, 2], [1, 2]], np.int32), np.array([True, True, False]))


def _parts(constraints: Constraints, vocabulary: Vocabulary, spelling: Spelling, avoided: Strings) -> list[_Part]:
    """Every constraint by itself, the cheapest first, without the lengths and the whole names to avoid.

    Each of them accepts some name. `spelling` is that of the names to avoid.
    """
    ignore_case = constraints.ignore_case
    alike = ignoring_case(vocabulary) if ignore_case else exactly(vocabulary)
    in_nfc = composed_dfa(vocabulary)
    form = "the composed form of Unicode (NFC)" if vocabulary.segmentation.plain else "symbols that are read as drawn"
    parts = [] if in_nfc is None else [_Part((form,), in_nfc)]
    if constraints.without:
        letters = alike.find(constraints.without)
        dfa = without(letters[letters > END], alike.size)
        parts.append(_Part(_label("without", constraints.without), alike.symbols(dfa)))
    texts = [("prefix", constraints.prefix, beginning_with), ("suffix", constraints.suffix, ending_with)]
    texts += [("contains", (text,), containing) for text in constraints.contains if text]
    for name, some, build in texts:
        if some:
            words = strings_of(_spelt(name, text, alike, vocabulary) for text in some)
            parts.append(_built(_label(name, *some), partial(build, words), alike))
    for text in constraints.pattern:
        dfa = compile_pattern(text, vocabulary, ignore_case=ignore_case)
        parts.append(_Part(_label("pattern", text), dfa))
    for text in constraints.not_pattern:
        refused = compile_pattern(text, vocabulary, Option("not_pattern"), ignore_case=ignore_case)
        parts.append(_Part(_label("not_pattern", text), minimized(complement(refused))))
        if parts[-1].dfa.empty:
            raise OptionError("no name can meet ", *parts[-1].label, ": it matches every name")
    if constraints.max_repeat is not None:
        label = Option("max_repeat"), f" {constraints.max_repeat}"
        parts.append(_built(label, partial(_without_runs, constraints.max_repeat), ignoring_case(vocabulary)))
    if constraints.avoid_parts and len(avoided):
        parts.append(_built((Option("avoid_parts"),), partial(free_of, avoided), spelling))
    if constraints.clean:
        parts.append(_Part((Option("clean"),), free_of_rude_words(vocabulary)))
    return parts


def _built(label: Message, build: Callable[[int], DFA], spelling: Spelling) -> _Part:
    """The constraint of which `build` makes the automaton over as many letters as there are in `spelling`."""
    try:
        return _Part(label, minimized(spelling.symbols(build(spelling.size))))
    except TooLargeError as error:
        raise _too_large(label, [], error) from None


def _spelt(name: str, text: str, spelling: Spelling, vocabulary: Vocabulary) -> IntArray:
    """The letters of a text. Raises OptionError if the vocabulary cannot spell it."""
    word = spelling.find(text)
    if len(word) and min(word) > END:
        return word
    try:
        vocabulary.encode(text)
    except UnknownCharacterError as error:
        raise OptionError("no name can meet ", *_label(name, text), f": {error}", *beside_comma(name, text)) from None
    raise OptionError("no name can meet ", *_label(name, text))


def beside_comma(name: str, text: str) -> Message:
    """What to say beside an error about a text that may be meant as several."""
    if name not in ("prefix", "suffix") or "," not in text:
        return ()
    return "; several are a list of texts, or follow ", Option(name), " with commas between"


def _without_runs(most: int, size: int) -> DFA:
    """What has no letter more than `most` times in a row; `size` is the number of letters, with that of END."""
    letters, used = size - 1, min(most, LARGEST_LENGTH)
    if (1 + letters * used) * letters > MOST_CELLS:
        raise TooLargeError(f"{1 + letters * used:,} states with {letters:,} different characters would be needed")
    # State 1 + used * letter + n: that letter has just stood n + 1 times.
    first = 1 + used * np.arange(letters)
    moves = np.tile(first, (1 + letters * used, 1)).astype(np.int32)
    letter, times = np.divmod(np.arange(letters * used), used)
    moves[1 + np.arange(letters * used), letter] = np.where(times + 1 < used, 2 + np.arange(letters * used), DEAD)
    columns = np.maximum(np.arange(-1, letters), 0)
    return trimmed(columns, moves, np.ones(len(moves), bool))


def _label(name: str, *texts: str) -> Message:
    """An option with its text, or with the first few of those of which one is to hold."""
    shown = [repr(shorten(text)) for text in texts[:NAMED]]
    if len(texts) > NAMED:
        shown[-1] = f"{len(texts) - NAMED + 1:,} others"
    return Option(name), " " + (f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0])


def _joined(parts: Sequence[_Part]) -> DFA:
    """The automaton that meets all of `parts`, at least one."""
    dfa = parts[0].dfa
    for part in parts[1:]:
        dfa = minimized(product(dfa, part.dfa))
    return dfa


def _fewest(
    parts: Sequence[_Part], fails: Callable[[Sequence[_Part]], bool], fixed: Sequence[_Part] = ()
) -> list[_Part]:
    """As few of `parts` as still fail together with `fixed`: without any one of them they would not."""
    kept = list(parts)
    for part in parts:
        fewer = [other for other in kept if other is not part]
        try:
            if fewer and fails([*fewer, *fixed]):
                kept = fewer
        except TooLargeError:  # in this order they are too many states, in the order of `parts` they were not
            continue
    return kept


def _no_length(parts: Sequence[_Part], constraints: Constraints, most: int | None, vocabulary: Vocabulary) -> Message:
    """Why no name that meets `parts` is of the length asked for."""
    if not parts:
        return (f"no name can be written: the vocabulary has no {vocabulary.unit}s",)
    counted = vocabulary.counted
    least = max(constraints.min_length or 0, 1)
    guilty = _fewest(parts, lambda some: with_lengths(_joined(some), least, most).empty)
    dfa, labels = _joined(guilty), _labels(guilty)
    allow = " allows" if len(guilty) == 1 else " together allow"
    shortest, top = int(dfa.needed[dfa.start]), longest(dfa)
    if top == 0:
        return *labels, f"{allow} only the empty name, which never counts"
    if top is not None and top < least:
        which, count, option, limit = "longest", top, "min_length", least
    elif most is not None and shortest > most:
        which, count, option, limit = "shortest", shortest, "max_length", most
    else:
        asked = counted(least) if least == most else f"from {least} to {most} {vocabulary.unit}s"
        return "no name that ", *labels, f"{allow} has {asked}"
    return f"the {which} name that ", *labels, f"{allow} has {counted(count)}, and ", Option(option), f" is {limit}"


def _too_large(label: Message, others: Sequence[_Part], error: TooLargeError) -> OptionError:
    together: Message = (" together with ", *_labels(others)) if others else ()
    return OptionError(*label, *together, f" cannot be compiled: {error}; ask for less at once")


def _labels(parts: Sequence[_Part]) -> Message:
    return _and([part.label for part in parts])


def _and(labels: Sequence[Message]) -> Message:
    """A list of labels in words."""
    between = [", "] * (len(labels) - 2) + [" and "] * (len(labels) > 1) + [""]
    return tuple(part for label, mark in zip(labels, between, strict=True) for part in (*label, mark))
