"""Regular expressions as automata agree with `re.fullmatch` on every string that is short."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints.dfa import DEAD, DFA
from mangosaurus.generation.constraints.regex import compile_pattern

ENGLISH = Vocabulary("abcdefghijklmnopqrstuvwxyz")
PATTERNS = [
    *("a*b", "a{2,4}|b+", "(a|ab)*?b", "(a*)*b", "(a?){3}b", "a{3,}", "(a(b(a)?)?)?", "(?:a|)(?:b|)+", "a{0}b", "a|b|"),
    *("[^a]*", "[^-a]b", "[a-c]é", r"[^\W]+", "(?i)A.É", "(?i:a)A?", "(?i)[^É]b", r"\w+-\w", r"(?a)\w+", r"(?a:\w)\w"),
    *("^a$", "^a$\n?", "(a|^b)*", "(?m)(^a$\n?)*", "$\na?|ab$", "(?:$|b)*\n", "a$(?:\n|\n\n)", "b(?:$|\n)*$"),
    *(r"\Aa\Z", r"\ba.*b\b", r"a\b-\Bé?|b", r"\Bb|b\B.*", r"(?a)a\b.*", "(?:^|a)+b", "(?s).*a.b", ".*a.b", r"\s|\S\s"),
    *("(?x) a  b # a", "(?P<name>a)b", "[ab]{2}é?", r"a.?\n", r"[\n-b]+", r"[\d\]a^]*", r"(?m)a$\n^b"),
    *("(?-i:a)|(?i:B)", r"(?a)a(?u:\w)\W?"),
]


def every(letters: str, longest: int) -> list[str]:
    return ["".join(word) for n in range(longest + 1) for word in itertools.product(letters, repeat=n)]


def accepts(table: DFA, ids: np.ndarray) -> bool:
    state = table.start
    for symbol in ids:
        state = int(table.moves[state, table.columns[symbol]])
        if state == DEAD:
            return False
    return bool(table.accepting[state])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_short_strings_match_as_they_do_in_python(pattern: str) -> None:
    vocabulary = Vocabulary("abé-\n")
    table = compile_pattern(pattern, vocabulary)
    expected = [text for text in every("abé-\n", 5) if re.fullmatch(pattern, text)]
    assert [text for text in every("abé-\n", 5) if accepts(table, vocabulary.find(text))] == expected
    assert expected


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}", "{0,3}?", "{2,}"])
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.builds(lambda part, repeat: f"(?:{part}){repeat}", inner, repeats),
    )


LEAVES = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", r"\w", r"\W", "", "^", "$", r"\b", r"\B"])


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, _grown, max_leaves=8))
def test_random_expressions_match_as_they_do_in_python(pattern: str) -> None:
    vocabulary = Vocabulary("ab-")
    expected = {text for text in every("ab-", 5)[1:] if re.fullmatch(pattern, text)}
    try:
        table = compile_pattern(pattern, vocabulary)
    except OptionError as error:
        table, refusal = None, str(error)
    if table is None:
        assert "no text at all matches" in refusal
        assert not expected
    else:
        assert {text for text in every("ab-", 5)[1:] if accepts(table, vocabulary.find(text))} == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a(b", "pattern 'a(b' is not a regular expression: missing ), unterminated subpattern at character 2"),
        ("a**", "multiple repeat at character 3"),
        ("(?P\ufeff)", r"unknown extension ?P\ufeff at character 2"),
        ("[z-a]", "bad character range z-a at character 2"),
        ("(a)\\1", "uses back-references, unsupported"),
        ("(?P<n>a)(?P=n)", "uses back-references, unsupported"),
        ("(?=a)a", "uses look-around, unsupported"),
        ("(?<!a)b", "uses look-around, unsupported"),
        ("(?!)", "uses look-around, unsupported"),
        ("(a)?(?(1)b|c)", "uses conditional groups, unsupported"),
        ("(?>a)b", "uses atomic groups, unsupported"),
        ("a++", "uses possessive repeats, unsupported"),
        ("a{99999999999}", "repeats or nests too much"),
        ("(" * 9000 + ")" * 9000, "repeats or nests too much"),
    ],
)
def test_broken_and_unsupported_expressions_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        compile_pattern(pattern, ENGLISH)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    ["(a|b)*a(a|b){20}", "(.{0,200}){200}", "(a?){5000}", "(.{0,90}){90}", "((a{0}){60000}){60000}", ".{30000}"],
)
def test_expressions_that_explode_are_refused(pattern: str) -> None:
    with pytest.raises(OptionError, match="explodes: it would take more than 20,000 states"):
        compile_pattern(pattern, ENGLISH)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("q.*9", "the model has never seen the character '9' (U+0039, DIGIT NINE); it knows 26 characters: abc"),
        ("8.|9a", "the model has never seen the character '8' (U+0038, DIGIT EIGHT) or '9' (U+0039, DIGIT NINE); it"),
        ("a(8|9a)É", "the model has never seen the character 'É'"),
        ("a[0-9]+", "the model has never seen a character of [0-9]; it knows"),
        ("a\\.", "the model has never seen the character '.' (U+002E, FULL STOP)"),
        ("a^b", "no text at all matches it"),
    ],
)
def test_impossible_expressions_name_the_missing_character(pattern: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        compile_pattern(pattern, ENGLISH)
    assert f"no name can meet pattern '{pattern}': {message}" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "states"),
    [
        ("(a|b)*a(a|b){3}", 16),
        ("tap|taps|top|tops", 5),
        ("(ab|ab|ab)*", 2),
        (".*", 1),
        ("a*a*a*", 1),
        ("z.*qu.*don", 7),
    ],
)
def test_automata_are_minimal(pattern: str, states: int) -> None:
    assert len(compile_pattern(pattern, ENGLISH).moves) == states


def test_characters_that_make_no_difference_share_a_column() -> None:
    assert compile_pattern("(a|b)*c|(b|a)*d", ENGLISH).moves.shape[1] == 3
