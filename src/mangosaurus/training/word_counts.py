"""Counting the words of a text by sorting, letter by letter: see models/words.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.core.arrays import IntArray, ranges, smallest_unsigned
from mangosaurus.core.vocabulary import END, join
from mangosaurus.models.words import LONGEST_WORD, WordCounts, Words


class CountedWords:
    """The words of all that is counted, and of what each fold trains on."""

    def __init__(self, documents: Sequence[IntArray], folds: Sequence[Sequence[IntArray]], letters: IntArray) -> None:
        """`folds` are the documents that each trains on; `letters` are those of `models.words.letters_of`."""
        self.whole: Words = Words(count_words(documents, letters))
        self._folds, self._letters = folds, letters
        self._of_fold: dict[int, Words] = {}

    def of_fold(self, number: int) -> Words:
        """The words that a fold trains on. They are counted when they are first asked for: not all folds are used."""
        if number not in self._of_fold:
            self._of_fold[number] = Words(count_words(self._folds[number], self._letters))
        return self._of_fold[number]


def count_words(documents: Sequence[IntArray], letters: IntArray) -> WordCounts:
    """The counts of all contexts in `documents`; `letters`, (V,), are those of their vocabulary."""
    size, stream = len(letters), join(documents).astype(np.int64)
    letter, document = letters[stream], np.cumsum(stream == END)
    begins = np.flatnonzero((letter[1:] > 0) & (letter[:-1] == 0)) + 1
    ends = np.flatnonzero((letter[1:] == 0) & (letter[:-1] > 0)) + 1
    short = ends - begins <= LONGEST_WORD  # neither longer words are counted nor what leads to them
    spelt, lengths = begins[short], (ends - begins)[short]

    last = np.cumsum(lengths + 1) - 1
    reached = _spell(letter, size, spelt, lengths, np.zeros(len(spelt), dtype=np.int64), 1)[last]
    followed = stream[ends[short]] != END
    words = np.unique(reached[followed])
    number = np.zeros(len(begins), dtype=np.int64)  # the node of each word as the word before; 0 if it has none
    number[np.flatnonzero(short)[followed]] = 1 + np.searchsorted(words, reached[followed])
    same = document[begins[1:]] == document[begins[:-1]]
    before = np.append(np.zeros(1, dtype=np.int64), np.where(same, number[:-1], 0))[: len(begins)][short]

    after = np.flatnonzero(before)
    some = np.concatenate([np.arange(len(spelt)), after])
    start = np.append(np.zeros(len(spelt), dtype=np.int64), before[after])
    nodes = _spell(letter, size, spelt[some], lengths[some], start, 1 + len(words))
    place = ranges(spelt[some], lengths[some] + 1)

    between = np.flatnonzero((letter[1:] == 0) & (letter[:-1] == 0)) + 1
    latest = np.searchsorted(ends, between) - 1
    of_document = document[between - 1] == np.append(document[begins], -1)[latest]  # -1: there is none before
    root = np.where(of_document, np.append(number, 0)[latest], 0)
    keys, counts = np.unique(
        np.concatenate(
            [
                nodes * size + stream[place],
                stream[between],  # in the empty context, node 0
                (root * size + stream[between])[root > 0],
            ]
        ),
        return_counts=True,
    )
    degree = np.bincount(keys // size, minlength=1 + max(len(words), int(nodes.max(initial=0))))
    return WordCounts(*map(smallest_unsigned, (letters, degree, keys % size, counts)))


def _spell(letter: IntArray, size: int, begins: IntArray, lengths: IntArray, start: IntArray, roots: int) -> IntArray:
    """The nodes before each letter of words and after the last, word by word: (sum of `lengths` + 1,).

    The words begin at `begins` of a text, whose letters are `letter`; their first nodes are `start`, of which there
    are `roots`.
    """
    first = np.cumsum(lengths + 1) - lengths - 1
    found = np.empty(int((lengths + 1).sum()), dtype=np.int64)
    found[first] = start
    word, node, nodes = np.arange(len(begins)), start, roots
    for depth in range(int(lengths.max(initial=0))):
        longer = lengths[word] > depth
        word = word[longer]
        keys, node = np.unique(node[longer] * size + letter[begins[word] + depth], return_inverse=True)
        node, nodes = node + nodes, nodes + len(keys)
        found[first[word] + depth + 1] = node
    return found
