"""Constraints in JavaScript: the engine of pages writes the names that Python writes, and refuses what it refuses."""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from typing import Any

import pytest
from examples import NAMES, small_labelled, small_mixture, small_ngram
from node import ask_engine, in_node, needs_node

from mangosaurus.api.model import Model
from mangosaurus.core.casing import capitals, small, titled
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MangosaurusError, Option, in_json
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.webpage import engine_script
from mangosaurus.generation.constraints.regex import compile_pattern
from mangosaurus.generation.constraints.spelling import plain_letters, same_case
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
        return rng.choice([text, text.upper(), text.lower()])

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
@pytest.mark.parametrize(("cases", "seed"), [(6, 1), pytest.param(16, 2, marks=pytest.mark.slow)])
def test_random_constraints(script: str, cases: int, seed: int) -> None:
    names = LISTS[script]
    rng = random.Random(f"{script} {seed}")
    model = model_of(small_ngram(3, names), names)
    counts = check(model, [some_constraints(names, rng) for _ in range(cases)])
    assert counts["drawn"] > cases // 4


@pytest.mark.slow
def test_constraints_of_networks_and_labels() -> None:
    rng = random.Random(1)
    for distribution in (small_mixture(prior=True), small_labelled()):
        check(model_of(distribution), [some_constraints(NAMES, rng) for _ in range(4)])


IMPOSSIBLE: list[Options] = [
    {"min_length": 9, "max_length": 8},
    {"length": "7..3"},
    {"length": "a lot"},
    {"length": "3", "min_length": 2},
    {"max_length": 10_001},
    {"max_length": 0},
    {"min_length": -1},
    {"prefix": "hannele", "max_length": 3},
    {"prefix": "ann", "suffix": "elena", "max_length": 7},
    {"prefix": "annabell", "without": "b"},
    {"suffix": ["n", "a"], "contains": "zz", "pattern": "[^z]*"},
    {"prefix": " a"},
    {"avoid_parts": True},
    {"exact": True},
    {"ignore_case": True},
    {"avoid": ["anna"], "exact": True, "pattern": "anna"},
    {"diverse": True, "allow_duplicates": True},
    {"allow_known": True, "not_like": 2},
    {"not_like": 0},
    {"max_repeat": 0},
    {"top_k": 0},
    {"top_p": 1.5},
    {"min_p": -0.5},
    {"temperature": -1.0},
    {"temperature": 0.0, "top_k": 3},
    {"case": "small"},
    {"not_pattern": ".*"},
    {"pattern": "a{3}", "min_length": 4},
    {"pattern": "a(?=b)"},
    {"pattern": r"(a)\1"},
    {"pattern": "a++"},
    {"pattern": "(?>a)b"},
    {"pattern": "(a)?(?(1)b|c)"},
    {"pattern": "(?:.?.?.?){900}a"},
    {"pattern": "ß+"},
]


def test_what_is_refused_is_said_as_in_python() -> None:
    """Sentences may differ in what a page leaves out: names of characters, and the nearest that it knows."""
    model = model_of(small_ngram())
    answers = ask_engine(model, *(("sample", {"n": 3, "seed": 1, **options}) for options in IMPOSSIBLE))
    for options, answer in zip(IMPOSSIBLE, answers, strict=True):
        with pytest.raises(MangosaurusError) as refused:
            model.sample(3, **{"seed": 1, **options})
        python = refused.value.spelled(in_json)
        if "never seen" in python:
            assert answer["refusal"][:50] == python[:50]
        else:
            assert answer["refusal"] == python, options
            assert "".join(part.get("text", "") for part in answer["parts"]) == "".join(
                str(part.get("text", "")) for part in refused.value.as_json
            )


# fmt: off
BROKEN = [
    "(", "a)", "[a", "[b-a]", "*a", "a**", "a{3,2}", '\\', r"\q", "(?P<1>a)", "(?P<a>b)(?P<a>c)", "(?x", "(?z)",
    "a(?i)b", r"\1", r"(\1)", r"\x1", r"[\d-z]", r"\u12", "(?P=b)", "(?Pa)", "(?<a)", "(?#", r"\400", r"[\400]",
    "(?i-i:a)", "^*", "a{99999999999}",
]
# fmt: on
# fmt: off
PATTERNS = [
    "a|b|", "[]a]+", "[^]a]+", "a{,2}", "a{2", "a{}", "{", r"\d+|\w\s*", r"[\w-]+", "(?i)ANNA", "(?i:[A-C]+)z?",
    "(?i)[^a]+", r"\Aa.*\Z", "^a$", r"a$\n?", r"(?m)^a$\n^b$", r"\bann\b", r"\Bn+", r"(?a)\w+", "(?s).+",
    "(?x) a b # c", "a(?#comment)b", "(?P<n>a)b", r"\x61\u0062\U00000063?", r"\141b", r"\0?a", r"[\b]?a",
    "(?:ab?){2,3}c*?", "((a|b)*c){1,2}", "(?-i:A)a", "a{0}b", "ſ|K", "(?i)k+s", "(?i)ß", "(?i)[ß-ö]+", "(?i)ΣΑΣ",
    "(?i)i̇|ı", r"[\S\D]+", r"[^\W\d]+", "é+", "(?i)É+", "", "a?|^$",
]
# fmt: on


def test_patterns_are_read_as_python_reads_them() -> None:
    """Those that are no regular expressions are refused in the same words; automata of the others are the same size."""
    vocabulary = Vocabulary(sorted({*"abcnzABKksſßıİiΣσςασé\n #{}]-09_ öÅåẞ٣µμ", "\u212a"}))
    asked = [(pattern, flag) for pattern in (*BROKEN, *PATTERNS) for flag in (False, True)]
    found = engine(
        """asked.map(([pattern, flag]) => {
          try {
            const dfa = compilePattern(pattern, vocabulary, "not_pattern", flag);
            const { states, width, needed, start } = dfa;
            const first = (_, place) => dfa.moves[start * width + dfa.columns[place + 1]] >= 0;
            return states ? [states, width, needed[start], vocabulary.characters.map(first)] : [0];
          } catch (error) {
            return error.message;
          }
        })""",
        f"const vocabulary = new Vocabulary({json.dumps(vocabulary.characters)});",
        asked=asked,
    )
    for (pattern, flag), javascript in zip(asked, found, strict=True):
        try:
            dfa = compile_pattern(pattern, vocabulary, Option("not_pattern"), ignore_case=flag)
        except MangosaurusError as error:
            wanted: Any = error.spelled(in_json)
        else:
            wanted = [0]
            if len(dfa.moves):
                first = [bool(dfa.moves[dfa.start, column] >= 0) for column in dfa.columns[1:]]
                wanted = [len(dfa.moves), dfa.moves.shape[1], int(dfa.needed[dfa.start]), first]
        assert javascript == wanted, (pattern, flag)


def engine(expression: str, before: str = "", **values: Any) -> Any:
    """The value of an expression among the engine's names; `values` are names too."""
    given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    script = engine_script().removesuffix("})();")
    return json.loads(in_node(f"{script}{before}{given}process.stdout.write(JSON.stringify({expression}));}})();"))


def test_letters_that_are_alike() -> None:
    """Of all letters of the Basic Multilingual Plane, those are alike that are in Python, case and accents apart."""
    letters = [chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000]
    assigned = [c for c in letters if unicodedata.category(c) != "Cn"]
    for name, python in (("sameCase", same_case), ("plainLetters", plain_letters)):
        found = engine(f"given.map({name})", given=assigned)
        to_python: dict[str, str] = {}
        differ = [c for c, js in zip(assigned, found, strict=True) if to_python.setdefault(js, python(c)) != python(c)]
        assert differ == [], name


def test_cases() -> None:
    names = [
        "o'brien mcDONALD",
        "ǆungla straße",
        "qo'nos ǅ",
        "ΟΔΥΣΣΕΎΣ",
        "istanbul ıI",
        "İi",
        "van der 3d",
        "élan-vital",
    ]
    for rule in (False, "tr"):
        found = engine(
            "given.map((name) => SHAPES.map((shape) => new Casing(shape, rule).write(name)))", given=names, rule=rule
        )
        assert found == [[titled(name, rule), capitals(name, rule), small(name, rule)] for name in names]
