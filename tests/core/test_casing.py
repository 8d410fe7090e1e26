"""Lower case by the rules of languages."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.casing import check_language, lower, lower_pattern
from mangosaurus.core.errors import OptionError


@pytest.mark.parametrize(
    ("text", "rule", "lowered"),
    [
        ("İZMİR ISPARTA", "tr", "izmir ısparta"),
        ("I\u0307zmir", "az", "izmir"),
        ("ISPARTA", True, "isparta"),
        ("ISPARTA", False, "ISPARTA"),
        ("Ì Í Ĩ I\u0301 Į\u0303 J\u0301 IX", "lt", "i̇̀ i̇́ i̇̃ i̇́ į̇̃ j̇́ ix"),
        ("ΟΔΟΣ", True, "οδος"),
    ],
)
def test_lower_case(text: str, rule: bool, lowered: str) -> None:
    assert lower(text, rule) == lowered


@given(st.text("abcxyzäéßıiσ ", max_size=20), st.sampled_from([True, "tr", "az", "lt"]))
def test_what_is_in_lower_case_stays(text: str, rule: bool) -> None:
    assert lower(text, rule) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("T.*S", "tus"), (r"\S+\w\D", "abc"), ("[A-C]+", "cab"), (r"(?P<First>A)B", "ab"), (r"\x41\u0041|A", "a")],
)
def test_patterns_match_names_in_lower_case(pattern: str, name: str) -> None:
    assert re.fullmatch(lower_pattern(pattern), name)


def test_patterns_by_the_rules_of_a_language() -> None:
    assert lower_pattern(r"I.[İ]\W", "tr") == r"ı.[i]\W"


def test_unknown_languages_are_refused() -> None:
    with pytest.raises(OptionError, match="language is 'de'; it must be one of tr, az, lt, whose lower case differs"):
        check_language("de")
