"""Characters in place of unknown ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.folding import fold, fold_text, nearest

LOWER = "abcdefghijklmnopqrstuvwxyz' -."


@pytest.mark.parametrize(
    ("character", "known", "expected"),
    [
        ("S", LOWER, "s"),
        ("s", "ABCS", "S"),
        ("’", LOWER, "'"),
        ("'", "abc’", "’"),
        ("“", LOWER + '"', '"'),
        ("“", LOWER, "'"),
        ("—", LOWER, "-"),
        ("\u00a0", LOWER, " "),
        ("é", LOWER, "e"),
        ("É", LOWER, "e"),
        ("…", LOWER, "..."),
        ("ﬁ", LOWER, "fi"),
        ("7", LOWER, None),
        ("字", LOWER, None),
        ("ß", LOWER, "ss"),
        ("ß", LOWER.upper() + LOWER, "ss"),
        ("ﬁ", LOWER.upper() + LOWER, "fi"),
        ("‚", LOWER, "'"),
    ],
)
def test_what_stands_for_what(character: str, known: str, expected: str | None) -> None:
    assert fold(character, known) == expected


def test_known_characters_are_left_alone_and_so_are_hopeless_ones() -> None:
    assert fold_text("Shall “I” 7", "shalI '") == "shall 'I' 7"


@given(st.characters(exclude_categories=["Cs"]))
def test_the_nearest_is_always_known(character: str) -> None:
    assert set(nearest(character, LOWER + "0SÄ")) <= set(LOWER + "0SÄ")


def test_the_nearest_is_of_the_same_sort_if_it_can_be() -> None:
    assert nearest("7", "abc05!") == "5"
    assert nearest("字", "abc05!") == "c"
    assert nearest("?", "abc05!") == "!"
