"""Which strings are in NFC and cut into symbols as they were drawn: what is drawn has to be read again as it was.

A model may put a mark after a letter with which it composes, or marks in an order that Unicode does not have. Such a
string is another one in NFC, perhaps of characters that the model does not know. What decides is the last character
that is no mark, by the set of characters that compose with it, and the combining class of the last mark after it: one
of a higher class composes, one of the same class is held off, and one of a lower class is out of order.

Where symbols are entries of an inventory, of which the longest is taken, no symbols may form a longer entry with those
after them: what decides is which entries have begun with the symbols read, and what each still needs.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END, Vocabulary, composed_with, composing
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.dfa import (
    DEAD,
    DFA,
    MOST_CELLS,
    TooLargeError,
    distinct_columns,
    minimized,
    product,
    trimmed,
)

MOST_PENDING = 20_000
"""States of what entries still need."""


@lru_cache(maxsize=8)
def composed_dfa(vocabulary: Vocabulary) -> DFA | None:
    """The strings over `vocabulary` that are in NFC and are read again as the same symbols.

    None if all of them are, as in vocabularies of characters without marks. Raises TooLargeError for an inventory whose
    entries begin in too many ways.
    """
    if vocabulary.segmentation.plain:
        return _in_nfc(vocabulary)
    both = [dfa for dfa in (_symbols_in_nfc(vocabulary), _read_again(vocabulary)) if dfa is not None]
    return minimized(product(*both)) if len(both) == 2 else both[0] if both else None


def _symbols_in_nfc(vocabulary: Vocabulary) -> DFA | None:
    """The strings of symbols of several characters whose text is in NFC; None if all are."""
    separator = vocabulary.segmentation.separator
    characters = Vocabulary(set(separator).union(*vocabulary.characters))
    dfa = _in_nfc(characters)
    if dfa is None:
        return None

    def after(states: IntArray, text: str) -> IntArray:
        for symbol in characters.find(text):
            states = np.where(states < 0, DEAD, dfa.moves[states, dfa.columns[symbol]])
        return states

    # A separator stands before each symbol but the first.
    states = np.arange(len(dfa.moves))
    parted = after(states, separator)
    moves = np.stack([after(parted, symbol) for symbol in vocabulary.characters], axis=1)
    first = np.array([after(np.array([dfa.start]), symbol)[0] for symbol in vocabulary.characters])
    moves = np.concatenate([moves, first[None]]).astype(np.int32)
    columns = np.arange(-1, len(vocabulary.characters))
    columns[END] = 0
    return _unless_all(trimmed(columns, moves, np.ones(len(moves), bool), len(moves) - 1))


def _read_again(vocabulary: Vocabulary) -> DFA | None:
    """The strings of symbols that are cut into the same symbols again; None if all are, as tokens between separators.

    A state has what entries of the inventory still need that have begun with the symbols read.
    """
    inventory, symbols = vocabulary.segmentation.inventory, vocabulary.characters
    starts: dict[str, list[str]] = {}
    for entry in inventory:
        starts.setdefault(entry[0], []).append(entry)
    by_first: dict[str, list[int]] = {}
    for place, symbol in enumerate(symbols):
        by_first.setdefault(symbol[0], []).append(place)

    def possible(needed: set[str]) -> frozenset[str]:
        """What some symbol of the vocabulary may go on with."""
        return frozenset(
            rest
            for rest in needed
            if any(rest.startswith(symbols[n]) or symbols[n].startswith(rest) for n in by_first.get(rest[0], ()))
        )

    begun = [
        possible(
            {
                entry[len(symbol) :]
                for entry in starts.get(symbol[0], ())
                if entry != symbol and entry.startswith(symbol)
            }
        )
        for symbol in symbols
    ]
    if not any(begun):
        return None
    numbers: dict[frozenset[str], int] = {frozenset(): 0}
    plain = [numbers.setdefault(needed, len(numbers)) for needed in begun]
    states, rows = list(numbers), []
    for state in states:
        row = [*plain]
        for first in {rest[0] for rest in state}:
            for place in by_first.get(first, ()):
                symbol = symbols[place]
                if any(symbol.startswith(rest) for rest in state):
                    row[place] = DEAD  # a longer entry would be read
                    continue
                going_on = {rest[len(symbol) :] for rest in state if rest.startswith(symbol)}
                needed = possible(going_on) | begun[place]
                if needed not in numbers:
                    numbers[needed] = len(states)
                    states.append(needed)
                    if len(states) * len(symbols) > MOST_CELLS or len(states) > MOST_PENDING:
                        raise TooLargeError("the inventory's entries begin in too many ways")
                row[place] = numbers[needed]
        rows.append(row)
    columns = np.arange(-1, len(symbols))
    columns[END] = 0
    return _unless_all(trimmed(columns, np.array(rows, np.int32), np.ones(len(rows), bool)))


def _unless_all(dfa: DFA) -> DFA | None:
    """The smallest automaton of the same; None if it accepts everything."""
    found = minimized(dfa)
    return None if len(found.moves) == 1 and (found.moves >= 0).all() else found


def _in_nfc(vocabulary: Vocabulary) -> DFA | None:
    """The strings over a vocabulary of characters that are in NFC; None if all of them are."""
    alone = {c for c in vocabulary.characters if unicodedata.is_normalized("NFC", c)}
    joining = [c for c in vocabulary.characters if c in alone and _may_join(c)]
    if not joining and len(alone) == len(vocabulary.characters):
        return None
    # The sets of characters that compose with some character, and by character which is in force after it; none
    # after a mark.
    sets: dict[frozenset[str], int] = {frozenset(): 0}
    following = [sets.setdefault(_composing_with(each, joining), len(sets)) for each in vocabulary.characters]
    # Characters are alike if they are in the same sets and have the same combining class and the same set after them,
    # and if both or neither may stand at all.
    traits = [[character in members for character in vocabulary.characters] for members in sets]
    traits.append([character in alone for character in vocabulary.characters])
    numbers = [[unicodedata.combining(character) for character in vocabulary.characters], following]
    chosen, columns = distinct_columns(np.array(traits + numbers))
    *composes, stands, marks, next_set = np.array(traits + numbers)[:, chosen]
    # A state is one of the sets and the class of the last mark since; 0 of none.
    levels, level_of = np.unique(np.append(marks, 0), return_inverse=True)
    moves = np.empty((len(sets), len(levels), len(marks)), np.int32)
    for group in range(len(sets)):
        for level, last in enumerate(levels):
            held_off = (last > 0) & ((marks == 0) | (marks == last))
            allowed = (stands > 0) & ((marks == 0) | (marks >= last)) & ((composes[group] == 0) | held_off)
            to = np.where(marks > 0, group * len(levels) + level_of[:-1], next_set * len(levels))
            moves[group, level] = np.where(allowed, to, DEAD)
    states = len(sets) * len(levels)
    return minimized(trimmed(np.append(0, columns), moves.reshape(states, -1), np.ones(states, bool)))


@lru_cache(maxsize=8)
def composed(vocabulary: Vocabulary) -> Automaton | None:
    """`composed_dfa` as an automaton."""
    dfa = composed_dfa(vocabulary)
    return None if dfa is None else Automaton(dfa)


def after_text(automaton: Automaton, ids: IntArray) -> int:
    """The state of `composed` after a text, (length,), that need not be in NFC itself."""
    states = (automaton.after(tail) for tail in (ids, ids[-1:]))
    return next((state for state in states if state != DEAD), automaton.start)


def _may_join(character: str) -> bool:
    """Whether the character changes with some string before it when that is brought into NFC."""
    # Of letters, only those of which Hangul puts its syllables together, and rare ones: most vocabularies need not
    # know what composes in all of Unicode.
    letter = unicodedata.category(character)[0] == "L" and not "\u1100" <= character < "\u1200"
    if character < "\u0300" or (letter and character < "\U00010000"):
        return False
    return unicodedata.combining(character) > 0 or character in composing()


def _composing_with(character: str, joining: list[str]) -> frozenset[str]:
    """Those of `joining` that compose with `character` when they stand after it; none with a mark."""
    if "\uac00" <= character <= "\ud7a3":  # a syllable of Hangul: without a final consonant it takes one
        return frozenset(
            each for each in joining if (ord(character) - 0xAC00) % 28 == 0 and "\u11a8" <= each < "\u11c3"
        )
    if unicodedata.combining(character) or character not in composed_with():
        return frozenset()
    if unicodedata.is_normalized("NFC", "".join(character + each for each in joining)):
        return frozenset()
    return frozenset(each for each in joining if not unicodedata.is_normalized("NFC", character + each))
