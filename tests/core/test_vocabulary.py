"""Characters to ids and back; known characters in place of unknown ones."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.errors import UnknownCharacterError, VocabularyError
from mangosaurus.core.folding import fold, fold_text, nearest
from mangosaurus.core.vocabulary import END, Vocabulary, normalize

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(texts=st.lists(TEXT, max_size=5))
def test_decoding_undoes_encoding(texts: list[str]) -> None:
    vocabulary = Vocabulary.of(texts)
    for text in texts:
        ids = vocabulary.encode(text)
        assert len(ids) == len(text)
        assert END not in ids
        assert vocabulary.decode(np.append(ids, END)) == text


def test_ids_follow_the_order_of_code_points() -> None:
    vocabulary = Vocabulary("ba🦕é")
    assert vocabulary.characters == ("a", "b", "é", "🦕")
    assert vocabulary.encode("🦕bé").tolist() == [4, 2, 3]
    assert len(vocabulary) == 5


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(UnknownCharacterError, match=r"never seen the character 'x' \(U\+0078, LATIN SMALL LETTER X\)"):
        Vocabulary("abc").encode("abxc")
    assert Vocabulary("abc").find("axc").tolist() == [1, -1, 3]
    assert Vocabulary("").find("a").tolist() == [-1]


def test_rows_that_ended_at_once_are_empty_texts() -> None:
    vocabulary = Vocabulary("abc")
    assert vocabulary.decode_rows(np.zeros((2, 0), int), np.zeros(2, int)) == ["", ""]
    assert vocabulary.decode_rows(np.array([[1, 2], [3, 0]]), np.array([2, 1])) == ["ab", "c"]


@pytest.mark.parametrize("characters", [["a", "a"], ["ab"], ["\ud800"], [""]])
def test_what_is_no_vocabulary_is_refused(characters: list[str]) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary(characters)


def test_normalizing_composes() -> None:
    assert normalize("e\u0301") == "é"
    assert unicodedata.is_normalized("NFC", normalize("a\u0323\u0302"))


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
