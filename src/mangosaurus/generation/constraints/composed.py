"""Which strings are in NFC, as an automaton: what is drawn has to be read again as it was drawn.

A model may put a mark after a letter with which it composes, or marks in an order that Unicode does not have. Such a
string is another one in NFC, perhaps of characters that the model does not know. What decides is the last character
that is no mark, by the set of characters that compose with it, and the combining class of the last mark after it: one
of a higher class composes, one of the same class is held off, and one of a lower class is out of order.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import Vocabulary, composed_with, composing
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.dfa import DEAD, DFA, distinct_columns, minimized, trimmed


@lru_cache(maxsize=8)
def composed_dfa(vocabulary: Vocabulary) -> DFA | None:
    """The strings over `vocabulary` that are in NFC; None if all of them are, as in vocabularies without marks."""
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
