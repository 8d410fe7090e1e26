"""How well the prior tells names from the same names with their letters shuffled: what `sample --best` calls to say.

    python -m benchmarks.saying [--record]

The lists are held out from the prior's training, and the words are those of the sonnets, which are no names. The area
under the ROC curve is the share of pairs of a name and a shuffled name in which the name has the lower surprisal; 0.5
is chance. Capitals stay where they stand, so that they tell nothing.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.record import data_folder, figure, record_if, recording_parser
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.saying import nats_to_say

HELD_OUT = {
    "dogs": "animals/dog_names",
    "girls": "humans/norwayFirstNamesGirls",
    "fabrics": "materials/fabrics",
}
"""Lists of the Corpora Project on which the prior was not trained: BENCHMARKED in tools/prior_lists.py."""
SHORTEST = 4
"""Letters of a name; the shuffled letters of a shorter one are too often a name."""


def shuffled(name: str, draw: random.Random) -> str:
    """The name with its letters in another order; signs and capitals stay in their places."""
    places = [place for place, symbol in enumerate(name) if symbol.isalpha()]
    symbols = [*name.lower()]
    if len({symbols[place] for place in places}) < 2 or len(symbols) != len(name):
        return name
    while (new := _drawn(symbols, places, draw)) == symbols:
        pass
    return "".join(c.upper() if old.isupper() else c for c, old in zip(new, name, strict=True))


def _drawn(symbols: Sequence[str], places: Sequence[int], draw: random.Random) -> list[str]:
    new, order = [*symbols], [*places]
    draw.shuffle(order)
    for place, other in zip(places, order, strict=True):
        new[place] = symbols[other]
    return new


def told_apart(names: Sequence[str], seed: int) -> float:
    """The area under the ROC curve of the surprisal under the prior, of names and of the same names shuffled."""
    draw = random.Random(seed)
    names = [name for name in names if sum(map(str.isalpha, name)) >= SHORTEST]
    others = [shuffled(name, draw) for name in names]
    vocabulary = Vocabulary.of([*names, *others])
    real, false = (np.array([n for n in nats_to_say(each, vocabulary) if n is not None]) for each in (names, others))
    return float((real[:, None] < false).mean() + (real[:, None] == false).mean() / 2)


def lists() -> Mapping[str, Sequence[str]]:
    """The lists, by a short name. Raises FileNotFoundError without the data."""
    folder = data_folder()
    named = {}
    for line in (folder / "lists" / "corpora.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        named[entry["list"]] = entry["names"]
    words = sorted(set(re.findall("[a-z]{4,}", (folder / "sonnets.txt").read_text(encoding="utf-8").lower())))
    return {short: named[name] for short, name in HELD_OUT.items()} | {"words": words[::4]}


def main() -> None:
    """Prints the areas, and records them with --record."""
    asked = recording_parser(__doc__).parse_args()
    figures = {}
    for name, names in lists().items():
        figures[f"{name}.auc"] = figure([told_apart(names, seed) for seed in range(5)])
        figures[f"{name}.names"] = figure([len(names)])
        print(f"{name:8} {len(names):5,} names  area under the ROC curve {figures[f'{name}.auc'].median:.3f}")
    record_if(asked.record, "saying", figures)


if __name__ == "__main__":
    main()
