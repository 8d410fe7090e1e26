"""The surprisal under the prior alone: names are easier to say than their letters shuffled, and what it cannot say."""

from __future__ import annotations

import random

import pytest

import mangosaurus
from benchmarks.saying import lists, shuffled, told_apart
from mangosaurus.models.saying import nats_to_say

WORDS = """
bakery candle garden harbour island kettle lantern meadow needle orchard pepper quarter ribbon silver timber umbrella
valley window yellow blanket carpet dragon engine feather ginger hammer jacket kitchen ladder marble button saddle
""".split()  # noqa: SIM905


def test_words_are_easier_to_say_than_their_letters_shuffled() -> None:
    assert told_apart(WORDS, seed=0) > 0.9


def test_so_are_names_that_the_prior_has_not_read() -> None:
    try:
        found = lists()
    except FileNotFoundError:
        pytest.skip("the lists are not here")
    for name, names in found.items():
        assert told_apart(names[:150], seed=0) > 0.85, name


def test_a_shuffled_name_has_the_same_letters_and_its_capitals_and_signs_where_they_were() -> None:
    draw = random.Random(1)
    for name in ("Anna-Maria", "O'Neil", "bob"):
        new = shuffled(name, draw)
        assert sorted(new.lower()) == sorted(name.lower())
        assert new != name
        assert [c.isupper() for c in new] == [c.isupper() for c in name]
        assert [c for c in new if not c.isalpha()] == [c for c in name if not c.isalpha()]
    assert shuffled("aa", draw) == "aa"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Anna", "Ирина"], [True, True]),
        (["Ἀθήνη", "さくら"], [True, True]),
        (["Anna", "\U00012000\U00012001"], [True, False]),
        (["東京", "ソニー"], [False, True]),
        (["किरण", "मोहन"], [True, True]),
    ],
)
def test_letters_are_said_and_signs_of_words_are_not(names: list[str], said: list[bool]) -> None:
    vocabulary = mangosaurus.like(names).vocabulary
    assert [nats is not None for nats in nats_to_say(names, vocabulary)] == said


def test_tokens_are_no_spelling() -> None:
    model = mangosaurus.fit([["k", "a"], ["t", "a"]], budget=0)
    assert nats_to_say(model.sample(2, seed=1, allow_known=True).documents, model.vocabulary) == [None, None]
