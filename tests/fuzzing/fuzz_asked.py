"""Patterns and other wishes as users type them, or as whoever asks a server does."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from examples import small_ngram
from fuzz_uses import FINE, REFUSED, draw_begins, message_of
from fuzz_values import damaged_bytes, damaged_text

from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.core.options import made
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints

ATOMS = (
    *("a", "e", "n", ".", r"\w", r"\d", r"\D", r"\s", "[a-m]", "[^an]", "[]a]", "[a-]", "é", "\\N{DIGIT ONE}", r"\x61"),
    *("^", "$", r"\b", r"\B", r"\A", r"\Z", r"\u0061", r"\1", "(?P=x)", "(?i)", "(?x) a", "[[:alpha:]]", "\n", "🦕"),
)
REPEATS = ("*", "+", "?", "{2}", "{3,}", "{,4}", "{2,5}", "*?", "+?", "??", "{1000}", "{65536}", "{4294967295}", "*+")
GROUPS = ("({})", "(?:{})", "(?P<x>{})", "(?={})", "(?!{})", "(?<={})", "(?>{})", "(?i:{})", "(?s-i:{})", "(?(1){}|b)")
RULES = ("not_pattern", "max_repeat", "ignore_case", "avoid_parts", "exact")
WISHES = ("prefix", "suffix", "contains", "without", "avoid", "length", "min_length", "max_length", *RULES)


def expression(random: random.Random, depth: int = 4) -> str:
    """A regular expression, or something like one."""
    how = random.randrange(6)
    usual = random.random() < 0.9
    if depth == 0 or how == 0:
        return random.choice(ATOMS[:5] if usual else ATOMS)
    if how == 1:
        return expression(random, depth - 1) + random.choice(REPEATS[:4] if usual else REPEATS)
    if how == 2:
        return random.choice(GROUPS[:2] if usual else GROUPS).format(expression(random, depth - 1))
    if how == 3:
        return "|".join(expression(random, depth - 1) for _ in range(random.choice((2, 3, 9))))
    return "".join(expression(random, depth - 1) for _ in range(random.choice((2, 3, 6))))


def asked(random: random.Random) -> tuple[str, bytes]:
    """Wishes as JSON: fields of `Constraints`."""
    pattern = expression(random, random.choice((1, 3, 5, 7)))
    how = random.randrange(12)
    if how == 0:
        pattern = damaged_text(random, pattern)
    elif how == 1:
        pattern = damaged_bytes(random, pattern.encode("utf-8", "replace")).decode("utf-8", "replace")
    elif how == 2:
        pattern *= random.choice((3, 40, 3000))
    elif how == 3:
        opened = random.choice(("(", "(a|", "(?:a*", "((a+)+", "[", "(?i:", "a{2}{2}", "(a?){9}"))
        pattern = opened * random.choice((5, 90, 1100, 20_000))
        pattern += ")" * (pattern.count("(") if random.random() < 0.7 else 0)
    wishes: dict[str, Any] = {"pattern": [pattern]}
    for name in random.sample(WISHES, random.choice((0, 0, 1, 3))):
        texts = ["", "a", "an", "anna", "zzz", "na" * 40, "a" * 3000, "\ud800", "é", "\0", "a\nb"]
        numbers = [0, 1, 5, 9, 10_000, 10_001, -1, 10**30]
        lengths = ["3..5", "..", "5..3", "..9999", "x", "1" * 5000, "٣..٥", 4, -4, [2, 3]]
        wishes[name] = {
            "contains": [random.choice(texts), random.choice(texts)],
            "prefix": random.choice((random.choice(texts), [random.choice(texts), random.choice(texts)])),
            "suffix": random.choice((random.choice(texts), [random.choice(texts), random.choice(texts)])),
            "not_pattern": [expression(random, 3)],
            "max_repeat": random.choice((1, 2, 9, 10**6, 0)),
            "avoid": [random.choice(texts) for _ in range(5)],
            **dict.fromkeys(("ignore_case", "exact", "avoid_parts"), True),
            "length": random.choice(lengths),
            "min_length": random.choice(numbers),
            "max_length": random.choice(numbers),
        }.get(name, random.choice(texts))
    return f"wishes {json.dumps(wishes)[:150]}", json.dumps(wishes).encode()


@cache
def _model() -> Model:
    return Model(small_ngram(3), "names", DocumentHashes(np.zeros(0, np.uint64)), {"longest": 9})


def use_wishes(path: Path) -> str:
    """Compiles the wishes and draws a few names, all of which must have them."""
    wishes = json.loads(path.read_bytes())
    try:
        compiled = compile_constraints(made(Constraints, wishes), _model().vocabulary)
        draw_begins()
        names = _model().sample(3, seed=1, allow_known=True, allow_duplicates=True, **wishes)
    except MangosaurusError as error:
        return f"{REFUSED}: {message_of(error)}"
    for name in names:
        assert compiled.accepts(_model().vocabulary.encode(name)), f"{name!r} is not what was asked for"
    return FINE
