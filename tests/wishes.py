"""Random wishes about names of the letters a, b and c, and what a name must have to meet them."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Any

from hypothesis import strategies as st

from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters


def meets(name: str, wishes: Constraints) -> bool:
    """What a name must have, said plainly."""
    cased = str.lower if wishes.ignore_case else str
    flags = re.IGNORECASE if wishes.ignore_case else 0
    small = cased(name)
    compared = plain if not wishes.exact else cased
    avoided = {compared(word) for word in wishes.avoid} - {""}
    shown = compared(name)
    runs = [len(list(run)) for _, run in itertools.groupby(name.lower())]
    return (
        name.strip(" ") == name != ""
        and (not wishes.prefix or small.startswith(tuple(map(cased, wishes.prefix))))
        and (not wishes.suffix or small.endswith(tuple(map(cased, wishes.suffix))))
        and all(cased(part) in small for part in wishes.contains)
        and all(re.fullmatch(pattern, name, flags) for pattern in wishes.pattern)
        and not any(re.fullmatch(pattern, name, flags) for pattern in wishes.not_pattern)
        and len(name) >= (wishes.min_length or 0)
        and (wishes.max_length is None or len(name) <= wishes.max_length)
        and not set(small) & set(cased(wishes.without))
        and (wishes.max_repeat is None or all(run <= wishes.max_repeat for run in runs))
        and (not any(word in shown for word in avoided) if wishes.avoid_parts else shown not in avoided)
    )


def plain(text: str) -> str:
    """The text in small letters without accents."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("æ", "ae").replace("ø", "o")


CUTS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.5, "top_k": 3},
    {"top_p": 0.9},
    {"min_p": 0.1},
]
cuts = st.sampled_from(CUTS).map(lambda given: SamplingParameters(**given))
"""Sampling parameters."""
PATTERNS = ["a?b?c?", ".*a.{2}", "(ab|c)+", "[^b]*", "(aa|b|cab)*", "a.*", "(..)*", "(a|ba|cab){1,3}"]


def wishes_of(letters: str, rare: str = "z") -> st.SearchStrategy[Constraints]:
    """Wishes about names of these letters; `rare` are some that no name has."""
    short, shorter = st.text(letters, max_size=3), st.text(letters, max_size=2)
    ends = st.just(()) | st.lists(shorter, max_size=3).map(tuple)
    given = {
        "prefix": ends,
        "suffix": ends,
        "contains": st.lists(short, max_size=2).map(tuple),
        "pattern": st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple),
        "not_pattern": st.just(()) | st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple),
        "min_length": st.none() | st.integers(0, 5),
        "max_length": st.none() | st.integers(5, 7),
        "without": st.sampled_from(["", "", "", "a", "c", "c" + rare]),
        "max_repeat": st.none() | st.integers(1, 3),
        "ignore_case": st.booleans(),
        "avoid": st.lists(st.text(letters + rare, max_size=4), max_size=8).map(tuple)
        | st.lists(short, max_size=40).map(tuple),
        "avoid_parts": st.booleans(),
        "exact": st.booleans(),
    }
    return st.fixed_dictionaries(given).map(of_wishes)


def of_wishes(given: dict[str, Any]) -> Constraints:
    """The record, without `ignore_case` where it would have no effect."""
    texts = ("prefix", "suffix", "contains", "pattern", "not_pattern", "without")
    some = given.get("exact") or any("".join(given.get(name, ())) for name in texts)
    return Constraints(**given | {"ignore_case": bool(given.get("ignore_case") and some)})


wishes_strategy = wishes_of("abc")
