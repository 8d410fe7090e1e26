"""Markov chains of letters, as the popular name generators have them; for `benchmarks.short_lists`.

Without back-off the next letter is drawn by how often it followed the last `order` letters. With back-off it is drawn
as markov-namegen does: by the longest context that was seen, of `order` letters to one, and every letter of the list
has `prior` added to its count there. Its README advises a small prior; 0.01 is the one of its example.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.likeness import LONGEST

EDGE = "\0"
"""What stands before a name, and after it."""
PRIOR = 0.01


class Chain:
    """The counts of a list."""

    def __init__(self, names: Sequence[str], order: int, back_off: bool) -> None:
        self.order, self.back_off = order, back_off
        self.alphabet = sorted({EDGE, *"".join(names)})
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for name in names:
            padded = EDGE * order + name + EDGE
            for place in range(order, len(padded)):
                for length in range(1, order + 1) if back_off else (order,):
                    self.counts[padded[place - length : place]][padded[place]] += 1

    def weights(self, before: str) -> list[float]:
        """How likely each letter of the alphabet is after `before`, which begins with edges; not normalised."""
        lengths = range(self.order, 0, -1) if self.back_off else (self.order,)
        counts = next(self.counts[before[-length:]] for length in lengths if before[-length:] in self.counts)
        return [counts[letter] + (PRIOR if self.back_off else 0.0) for letter in self.alphabet]

    def draw(self, rng: random.Random) -> str:
        """A name; one that does not end is cut."""
        name = EDGE * self.order
        while len(name) < self.order + LONGEST:
            letter = rng.choices(self.alphabet, self.weights(name))[0]
            if letter == EDGE:
                break
            name += letter
        return name[self.order :]
