"""No name breaks a rule: random sets of all rules, and a checker that knows nothing of automata."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from wishes import meets, plain

from mangosaurus.api.model import Model, records
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints.rude import rude_words
from mangosaurus.generation.parameters import Case
from mangosaurus.training.ngram_counts import build_ngram

WORDS = (
    *(
        "Anna",
        "Annika",
        "Zoë",
        "Émile",
        "ella",
        "ELLA",
        "Öst",
        "Großmann",
        "Strauß",
        "Aaron",
        "Bébé",
        "Dick",
        "Anne Marie",
    ),
    *("Émilie", "Kollektiv", "Søren", "Ægir", "Llŷr", "Nana", "NANA", "Otto", "Fuchs", "Essen", "Massen", "Jean-Luc"),
)
CASES: tuple[Case, ...] = ("title", "upper", "lower")


def model() -> Model:
    """An n-gram of names in every case, with accents, ligatures and spaces."""
    vocabulary = Vocabulary.of(WORDS)
    ngram = build_ngram([vocabulary.encode(word) for word in WORDS], vocabulary, order=3)
    return Model(ngram, "names", DocumentHashes.of(WORDS), {"longest": 12})


def rules(chance: random.Random) -> dict[str, Any]:
    """A few rules, whose texts are parts of names in any case."""

    def part(most: int = 2) -> str:
        word = chance.choice(WORDS)
        first = chance.randrange(len(word))
        text = word[first : first + chance.randint(1, most)]
        return chance.choice((text, text, text.lower(), text.upper() if len(text.upper()) == len(text) else text))

    def parts(most: int) -> list[str]:
        return [part() for _ in range(chance.randint(1, most))]

    def pattern() -> str:
        return chance.choice((f".*[{re.escape(part())}].*", r"[A-Z]\w+", ".*a.?n.*", ".{3,}", f"{re.escape(part())}.*"))

    every: dict[str, Any] = {
        "prefix": [word[: chance.randint(1, 2)] for word in chance.sample(WORDS, chance.randint(1, 4))],
        "suffix": [word[-chance.randint(1, 2) :] for word in chance.sample(WORDS, chance.randint(1, 4))],
        "contains": [part()],
        "pattern": [pattern()],
        "not_pattern": [pattern() for _ in range(chance.randint(1, 2))],
        "length": f"{chance.randint(1, 4)}..{chance.randint(6, 14)}",
        "without": "".join(parts(2)),
        "max_repeat": chance.randint(1, 2),
        "avoid": [*parts(3), *chance.sample(WORDS, 5)],
        "clean": True,
        "case": chance.choice(CASES),
    }
    chosen = {name: every[name] for name in chance.sample(list(every), chance.randint(2, 5))}
    if "avoid" in chosen:
        chosen |= {"avoid_parts": chance.random() < 0.5, "exact": chance.random() < 0.5}
        if chosen["avoid_parts"]:
            chosen["avoid"] = parts(3)
    texts = {"prefix", "suffix", "contains", "pattern", "not_pattern", "without"}
    if chance.random() < 0.5 and (texts & set(chosen) or chosen.get("exact")):
        chosen["ignore_case"] = True
    return chosen


def breaks(name: str, asked: dict[str, Any]) -> bool:
    """Whether a name breaks one of the rules."""
    constraints, _, drawing = records(asked)
    if drawing.case is not None:
        constraints = constraints.in_any_case()
    wrong_case = (drawing.case == "upper" and name.upper() != name) or (
        drawing.case == "lower" and name.lower() != name
    )
    if drawing.case == "title":
        wrong_case = any(word[:1] != word[:1].upper() for word in re.split("[ -]", name))
    words = re.sub(r"[^\w]", " ", plain(name))
    rude = constraints.clean and any(word in f" {words} " for word in rude_words())
    return not meets(name, constraints) or wrong_case or rude


def broken(sets: int, n: int) -> tuple[int, list[tuple[str, dict[str, Any]]]]:
    """How many names were drawn under so many sets of rules that some name can meet, and those that break one."""
    drawn, found, place, written = 0, [], 0, model()
    while sets:
        place += 1
        asked = rules(random.Random(place))
        try:
            names = written.sample(n, seed=place, allow_known=True, allow_duplicates=True, **asked)
        except OptionError:
            continue  # no name meets them: the message is tested elsewhere
        sets, drawn = sets - 1, drawn + len(names)
        found += [(name, asked) for name in set(names) if breaks(name, asked)]
    return drawn, found


def test_no_name_breaks_a_rule() -> None:
    drawn, found = broken(12, 40)
    assert found == []
    assert drawn > 300


@pytest.mark.slow
def test_no_name_breaks_a_rule_of_many_sets() -> None:
    drawn, found = broken(40, 50)
    assert found == []
    assert drawn > 1600
