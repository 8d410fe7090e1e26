"""Which strings are in NFC, as an automaton: what is drawn has to be read again as it was drawn.

A model may put a mark behind a letter with which it composes, or marks in an order that Unicode does not have. Such a
string is another one in NFC, perhaps of characters that the model does not know. What decides is the last character
that is no mark, by the set of characters that compose with it, and the combining class of the last mark behind it: one
of a higher class composes, one of the same class is held off, and one of a lower class is out of order.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np

from mangosaurus.arrays import IntArray
from mangosaurus.generation.automaton import Automaton
from mangosaurus.generation.minimal import minimised
from mangosaurus.generation.table import DEAD, Table, trimmed
from mangosaurus.vocabulary import Vocabulary, composing


@lru_cache(maxsize=8)
def composed_table(vocabulary: Vocabulary) -> Table | None:
    """The strings over `vocabulary` that are in NFC; None if all of them are, as in vocabularies without marks."""
    alone = {c for c in vocabulary.characters if unicodedata.is_normalized("NFC", c)}
    joining = [c for c in vocabulary.characters if c in alone and _may_join(c)]
    if not joining and len(alone) == len(vocabulary.characters):
        return None
    # A kind of characters: the one that joins others, None for the rest; whether it may stand at all; its combining
    # class; and the set of those that compose with it, which comes into force behind it unless it is a mark.
    sets: dict[frozenset[str], int] = {frozenset(): 0}
    kinds: dict[tuple[str | None, bool, int, int], int] = {}
    columns = np.zeros(len(vocabulary), np.int64)
    joins = set(joining)
    for place, character in enumerate(vocabulary.characters, start=1):
        mark = unicodedata.combining(character)
        behind = sets.setdefault(frozenset() if mark else _composing_with(character, joining), len(sets))
        kind = (character if character in joins else None, character in alone, mark, behind)
        columns[place] = kinds.setdefault(kind, len(kinds))
    stands, marks, following = (np.array([kind[field] for kind in kinds]) for field in (1, 2, 3))
    composes = np.array([[kind[0] in members for kind in kinds] for members in sets])
    # A state is one of the sets and the class of the last mark since; 0 of none.
    levels, level_of = np.unique(np.append(marks, 0), return_inverse=True)
    moves = np.empty((len(sets), len(levels), len(kinds)), np.int32)
    for group in range(len(sets)):
        for level, last in enumerate(levels):
            held_off = (last > 0) & ((marks == 0) | (marks == last))
            allowed = stands & ((marks == 0) | (marks >= last)) & (~composes[group] | held_off)
            to = np.where(marks > 0, group * len(levels) + level_of[:-1], following * len(levels))
            moves[group, level] = np.where(allowed, to, DEAD)
    states = len(sets) * len(levels)
    return minimised(trimmed(columns, moves.reshape(states, len(kinds)), np.ones(states, bool)))


@lru_cache(maxsize=8)
def composed(vocabulary: Vocabulary) -> Automaton | None:
    """`composed_table` as an automaton."""
    table = composed_table(vocabulary)
    return None if table is None else Automaton(table)


def behind_text(automaton: Automaton, ids: IntArray) -> int:
    """The state of `composed` behind a text, (length,), that need not be in NFC itself."""
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
    """Those of `joining` that compose with `character` when they stand behind it."""
    if unicodedata.is_normalized("NFC", "".join(character + each for each in joining)):
        return frozenset()
    return frozenset(each for each in joining if not unicodedata.is_normalized("NFC", character + each))
