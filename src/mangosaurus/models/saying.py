"""How easy names are to say: their surprisal under the prior of names, told nothing of the list that they are from.

Its list vector is zero. Nothing measures speech itself; but of real names and the same names with their letters
shuffled, the real one nearly always has the lower surprisal (`python -m benchmarks.saying` measures it).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.prior import UNKNOWN, bundled_prior


def nats_to_say(names: Sequence[str], vocabulary: Vocabulary) -> list[float | None]:
    """Nats per character of each name under the prior, END counted: the lower, the easier it is to say.

    The characters that compete at each place are those of a model's `vocabulary`. None for a name with a character
    that the prior does not know, with a Chinese character, which is not a sound, and for tokens such as phonemes, which
    are no spelling.
    """
    segmentation = vocabulary.segmentation
    if not segmentation.plain and not segmentation.clusters:
        return [None] * len(names)
    prior = bundled_prior()
    letters = Vocabulary("".join(sorted(set().union(*vocabulary.characters))))
    known = {
        letter
        for letter, number in zip(letters.characters, prior.ids(letters)[1:].tolist(), strict=True)
        if number != UNKNOWN and not unicodedata.name(letter, "").startswith("CJK ")
    }
    sayable = [place for place, name in enumerate(names) if known.issuperset(name)]
    network = prior.network(letters, np.zeros((1, prior.width), dtype=np.float32))
    found: list[float | None] = [None] * len(names)
    for place, score in zip(sayable, network.score([letters.find(names[place]) for place in sayable]), strict=True):
        found[place] = -float(score.mean())
    return found
