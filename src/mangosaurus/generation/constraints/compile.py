"""The automaton of the names that satisfy all constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from mangosaurus.core.errors import Message, Option, OptionError, UnknownCharacterError
from mangosaurus.core.vocabulary import END, Vocabulary, shorten
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.composed import composed_dfa
from mangosaurus.generation.constraints.dfa import (
    DEAD,
    DFA,
    TooLargeError,
    everything,
    longest,
    minimized,
    product,
    with_lengths,
)
from mangosaurus.generation.constraints.exclusion import exclude
from mangosaurus.generation.constraints.options import Constraints, check_length
from mangosaurus.generation.constraints.regex import compile_pattern
from mangosaurus.generation.constraints.strings import (
    Strings,
    beginning_with,
    containing,
    ending_with,
    free_of,
    without,
)


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
    length is too large; and if more than a million states would be needed.
    """
    least, most = max(constraints.min_length or 0, 1), constraints.max_length
    if most is not None:
        check_length("max_length", most, 1)
    avoided = _strings(constraints.avoid, vocabulary)
    parts = _parts(constraints, vocabulary, avoided)
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
    whole = avoided.select(avoided.lengths == 0) if constraints.avoid_parts else avoided
    automaton, excluded = exclude(limited, whole)
    if automaton.start == DEAD:
        asked = [part.label for part in parts]
        lengths = (("min_length", constraints.min_length), ("max_length", most))
        asked += [(Option(name), f" {length}") for name, length in lengths if length is not None]
        count = "the only name" if excluded == 1 else f"all {excluded:,} names"
        allow = " allows" if len(asked) == 1 else " allow"
        raise OptionError(Option("avoid"), f" leaves nothing: it has {count} that ", *_and(asked), allow)
    return automaton


def _strings(names: Sequence[str], vocabulary: Vocabulary) -> Strings:
    """The names that the vocabulary can spell, sorted, each once, the empty one left out."""
    chosen = sorted(set(names) - {""})
    if not vocabulary.segmentation.plain:
        found = {tuple(vocabulary.find(name).tolist()) for name in chosen}
        known = sorted(ids for ids in found if ids and min(ids) > END)
        lengths = np.array([len(ids) for ids in known], dtype=np.int64)
        return Strings(np.array([id for ids in known for id in ids], dtype=np.int64), lengths)
    symbols = vocabulary.find("".join(chosen))
    lengths = np.array([len(name) for name in chosen], dtype=np.int64)
    spelt = np.ones(len(chosen), bool)
    spelt[np.repeat(np.arange(len(chosen)), lengths)[symbols < 0]] = False
    return Strings(symbols, lengths).select(spelt)


def _parts(constraints: Constraints, vocabulary: Vocabulary, avoided: Strings) -> list[_Part]:
    """Every constraint by itself, the cheapest first, without the lengths and the whole names to avoid.

    Each of them accepts some name.
    """
    symbols = len(vocabulary)
    in_nfc = composed_dfa(vocabulary)
    form = "the composed form of Unicode (NFC)" if vocabulary.segmentation.plain else "symbols that are read as drawn"
    parts = [] if in_nfc is None else [_Part((form,), in_nfc)]
    if constraints.without:
        letters = vocabulary.find(constraints.without)
        parts.append(_Part(_label("without", constraints.without), without(letters[letters > END], symbols)))
    texts = [("prefix", constraints.prefix, beginning_with), ("suffix", constraints.suffix, ending_with)]
    texts += [("contains", text, containing) for text in constraints.contains]
    for name, text, build in texts:
        if text:
            try:
                parts.append(_Part(_label(name, text), build(vocabulary.encode(text), symbols)))
            except UnknownCharacterError as error:
                raise OptionError("no name can meet ", *_label(name, text), f": {error}") from None
    parts += [_Part(_label("pattern", text), compile_pattern(text, vocabulary)) for text in constraints.pattern]
    if constraints.avoid_parts and len(avoided):
        try:
            parts.append(_Part((Option("avoid_parts"),), minimized(free_of(avoided, symbols))))
        except TooLargeError as error:
            raise _too_large((Option("avoid_parts"),), [], error) from None
    return parts


def _label(name: str, text: str) -> Message:
    return Option(name), f" {shorten(text)!r}"


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
