"""Random wishes about names of the letters a, b and c, and what a name must have to meet them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters


def meets(name: str, wishes: Constraints) -> bool:
    """What a name must have, said plainly."""
    avoided = [word for word in wishes.avoid if word]
    return (
        name != ""
        and name.startswith(wishes.prefix)
        and name.endswith(wishes.suffix)
        and all(part in name for part in wishes.contains)
        and all(re.fullmatch(pattern, name) for pattern in wishes.pattern)
        and len(name) >= (wishes.min_length or 0)
        and (wishes.max_length is None or len(name) <= wishes.max_length)
        and not set(name) & set(wishes.without)
        and (not any(word in name for word in avoided) if wishes.avoid_parts else name not in avoided)
    )


CUTS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.5, "top_k": 3},
    {"top_p": 0.9},
    {"min_p": 0.1},
]
cuts = st.sampled_from(CUTS).map(lambda given: SamplingParameters(**given))
"""Sampling parameters."""
short = st.text("abc", max_size=3)
wishes_strategy = st.builds(
    Constraints,
    prefix=st.just("") | st.text("abc", max_size=2),
    suffix=st.just("") | st.text("abc", max_size=2),
    contains=st.lists(short, max_size=2).map(tuple),
    pattern=st.lists(
        st.sampled_from(["a?b?c?", ".*a.{2}", "(ab|c)+", "[^b]*", "(aa|b|cab)*", "a.*", "(..)*", "(a|ba|cab){1,3}"]),
        max_size=2,
    ).map(tuple),
    min_length=st.none() | st.integers(0, 5),
    max_length=st.none() | st.integers(5, 7),
    without=st.sampled_from(["", "", "", "a", "c", "cz"]),
    avoid=st.lists(st.text("abcz", max_size=4), max_size=8).map(tuple) | st.lists(short, max_size=40).map(tuple),
    avoid_parts=st.booleans(),
)
