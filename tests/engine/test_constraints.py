"""Constraints in JavaScript: the engine of pages writes the names that Python writes, and refuses what Python refuses."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from examples import NAMES, small_labelled, small_mixture, small_ngram
from node import ask_engine, needs_node

from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.models.interface import CharModel

pytestmark = needs_node

LISTS: dict[str, list[str]] = {
    "latin": ["Anna", "Annabel", "Élan", "Zoë", "Ægir", "Straße", "O'Brien", "van Dam", "anna-lena", "Nora", "Noël"],
    "greek": ["Ελένη", "Σοφία", "Νίκος", "Άννα", "ΜΑΡΊΑ", "Θησεύς"],
    "hebrew": ["שלום", "רָחֵל", "נועה", "דָּוִד", "אנה"],
    "hangul": ["민준", "서연", "지우", "서준", "민서"],
    "wide": ["𝒜da", "𝒜𐍈a", "😀ñandú", "さくら", "a\u200db", "ﬁn"],
}
Options = dict[str, Any]


def model_of(distribution: CharModel, names: list[str] = NAMES, **training: Any) -> Model:
    return Model(distribution, "names", DocumentHashes.of(names), {"longest": 9, "documents": len(names)} | training)


def some_constraints(names: list[str], rng: random.Random) -> Options:
    """A few constraints at random, about texts of which many stand in the names."""

    def part(most: int = 2) -> str:
        name = rng.choice(names)
        first = rng.randrange(len(name))
        return name[first : first + rng.randint(1, most)]

    def case(text: str) -> str:
        return rng.choice([str, str.upper, str.lower])(text)

    def escaped(text: str) -> str:
        return "".join(f"\\{c}" if c in ".^$*+?{}[]|()\\" else c for c in text)

    a, b = escaped(part(1)), escaped(part())
    patterns = [
        f".*{b}.*",
        f"[^{a}]+",
        f"(?:{a}|{b}|\\w)+",
        "\\w{2,6}",
        f"(?i:{b}).*",
        f".*{a}$",
        "^.{3,}(?<!x)?",
        "\\D+",
    ]
    patterns[6] = f".+\\b{a}?.*|{b}.*"
    asked: Options = {}
    for name, value in {
        "prefix": [case(part()) for _ in range(rng.randint(1, 3))],
        "suffix": [case(part()) for _ in range(rng.randint(1, 3))],
        "contains": [case(part()) for _ in range(rng.randint(1, 2))],
        "without": case(part(1)),
        "min_length": rng.randint(0, 6),
        "max_length": rng.randint(6, 12),
        "pattern": [rng.choice(patterns)],
        "not_pattern": [rng.choice(patterns)],
        "max_repeat": rng.randint(1, 3),
        "avoid": [case(rng.choice(names)) for _ in range(5)] + [part(3) for _ in range(5)],
        "temperature": rng.choice([0.5, 1.5]),
        "top_k": rng.randint(1, 6),
        "top_p": rng.choice([0.5, 0.9]),
        "min_p": rng.choice([0.05, 0.5]),
        "allow_known": True,
        "case": rng.choice(["title", "upper", "lower"]),
    }.items():
        if rng.random() < 0.2:
            asked[name] = value
    if rng.random() < 0.3:
        asked["diverse" if rng.random() < 0.5 else "allow_duplicates"] = True
    if "avoid" in asked:
        asked |= {name: True for name in ("avoid_parts", "exact") if rng.random() < 0.3}
    if asked.keys() & {"prefix", "suffix", "contains", "without", "pattern", "not_pattern"} and rng.random() < 0.5:
        asked["ignore_case"] = True
    return asked | {"n": rng.randint(1, 20), "seed": rng.randrange(2**64)}


def in_python(model: Model, options: Options) -> tuple[list[str], Any] | MangosaurusError:
    try:
        found = model.sample(**options)
    except MangosaurusError as error:
        return error
    return list(found), found


def check(model: Model, asked: list[Options]) -> Counter[str]:
    """Names and refusals are Python's; how many of each."""
    counts: Counter[str] = Counter()
    for options, answer in zip(asked, ask_engine(model, *(("sample", each) for each in asked)), strict=True):
        assert "failure" not in answer, (options, answer)
        python = in_python(model, options)
        if isinstance(python, MangosaurusError):
            assert "refusal" in answer, (options, str(python), answer["result"])
            wanted = [part["option"] for part in python.as_json if "option" in part]
            assert [part["option"] for part in answer["parts"] if "option" in part] == wanted, (options, str(python))
            counts["refused"] += 1
            continue
        assert "result" in answer, (options, answer)
        names, found = python
        assert [each["text"] for each in answer["result"]["samples"]] == names, options
        assert answer["result"]["drawn"] == found.drawn
        counts["guided" if not found.exact else "drawn"] += 1
    return counts


@pytest.mark.parametrize("script", LISTS)
def test_random_constraints(script: str) -> None:
    names = LISTS[script]
    rng = random.Random(script)
    model = model_of(small_ngram(3, names), names)
    counts = check(model, [some_constraints(names, rng) for _ in range(60)])
    assert counts["drawn"] > 5
    assert counts["refused"] > 5


def test_constraints_of_networks_and_labels() -> None:
    rng = random.Random(1)
    for distribution in (small_mixture(prior=True), small_labelled()):
        check(model_of(distribution), [some_constraints(NAMES, rng) for _ in range(10)])
