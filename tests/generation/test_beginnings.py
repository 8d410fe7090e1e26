"""Several beginnings: each comes as often as the model writes it, by enumeration; and what is the same in any case."""

from __future__ import annotations

import itertools
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from chi_square import chi_square
from examples import endless_ngram, tiny_mixture, tiny_ngram
from hypothesis import given, settings
from test_conditional import LONGEST, beginnings, drawn, probabilities
from wishes import meets, wishes_of

from mangosaurus.core.errors import OptionError
from mangosaurus.core.segmentation import Segmentation
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation import collect as collecting
from mangosaurus.generation import conditional
from mangosaurus.generation.beam import collect_distinct
from mangosaurus.generation.beginnings import common_beginning, words_of
from mangosaurus.generation.collect import collect
from mangosaurus.generation.constraints import exclusion as cutting
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters

LETTERS = "aAbé"
CUTS = [SamplingParameters(), SamplingParameters(temperature=0.6), SamplingParameters(temperature=1.5, top_k=2)]


@pytest.mark.parametrize("parameters", CUTS)
@pytest.mark.parametrize(
    "wishes",
    [
        Constraints(prefix=("a", "bé", "ba")),
        Constraints(prefix=("ab", "aAé", "aA", "abb")),
        Constraints(prefix=("AB", "é"), ignore_case=True),
        Constraints(prefix=("ab", "b"), suffix=("a", "éb"), ignore_case=True),
        Constraints(prefix=("ab", "éé"), contains=("b", "éa")),
    ],
)
@pytest.mark.parametrize("often", [0.0, 2.0])
def test_each_beginning_comes_as_often_as_the_model_writes_it(
    wishes: Constraints, parameters: SamplingParameters, often: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditional, "OFTEN", often)
    for module in (collecting, conditional):
        monkeypatch.setattr(module, "LARGEST_BLOCK", 8192)
    model = tiny_ngram(3, LETTERS)
    expected = probabilities(model, wishes, parameters)
    found = drawn(model, wishes, 4000, 1, parameters)
    assert len(found) == 4000
    assert chi_square(found, expected) < 3.1
    if found.probability is not None:
        assert found.probability == pytest.approx(sum(expected.values()), rel=0.25)


@pytest.mark.parametrize("often", [0.0, 2.0])
def test_the_first_of_distinct_names_is_distributed_like_one_draw(
    often: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangosaurus.generation.beam.MOSTLY", often)
    monkeypatch.setattr("mangosaurus.generation.beam.SPARE", 4)
    monkeypatch.setattr(conditional, "PILOT", 128)
    model, wishes = tiny_ngram(3, LETTERS), Constraints(prefix=("a", "bé", "ba"), suffix=("b", "a"))
    expected = probabilities(model, wishes)
    firsts = [
        collect_distinct(model, 2, wishes, SamplingParameters(seed=seed), default_length=LONGEST)[0]
        for seed in range(150)
    ]
    assert chi_square(firsts, expected) < 3.1


def test_the_likeliest_beginning_comes_at_temperature_0() -> None:
    model, wishes = tiny_ngram(3, LETTERS), Constraints(prefix=("bé", "éa"), max_length=9)
    shares = beginnings(model, wishes, 1.0)
    (name,) = collect(model, 1, wishes, SamplingParameters(temperature=0, seed=1))
    assert name.startswith(max(shares, key=lambda word: shares[word]))


def test_one_beginning_is_read_as_before() -> None:
    """Beginnings of which one begins all others, or in a case that no other symbol has, are one."""
    model, parameters = tiny_mixture(3), SamplingParameters(seed=5)
    plain = collect(model, 20, Constraints(prefix=("ab",)), parameters, default_length=9)
    for wishes in (Constraints(prefix=("ab", "abc")), Constraints(prefix=("AB",), ignore_case=True)):
        assert collect(model, 20, wishes, parameters, default_length=9).documents == plain.documents


def test_beginnings_longer_than_a_name_may_be_are_left_out() -> None:
    model, wishes = tiny_ngram(3, LETTERS), Constraints(prefix=("bbbb", "a"), max_length=3)
    assert all(name[0] == "a" for name in collect(model, 9, wishes, SamplingParameters(seed=1)))
    with pytest.raises(OptionError, match="prefix has 4 characters, and max_length is 3"):
        collect(model, 9, replace(wishes, prefix=("bbbb", "abbbb")), SamplingParameters(seed=1))


def test_too_many_beginnings_are_a_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    model, wishes = tiny_ngram(3, LETTERS), Constraints(prefix=("aab",), ignore_case=True)
    expected = probabilities(model, wishes)
    monkeypatch.setattr("mangosaurus.generation.beginnings.MOST_WORDS", 3)
    assert words_of(wishes, model.vocabulary) is None
    found = drawn(model, wishes, 3000)
    assert chi_square(found, expected) < 3.1
    distinct = collect_distinct(model, 3, wishes, SamplingParameters(seed=1), default_length=6)
    assert all(name.lower().startswith("aab") for name in distinct)
    assert distinct.probability is not None


def test_names_that_hardly_end_begin_as_asked() -> None:
    model = endless_ngram()
    first, second = model.vocabulary.characters[:2]
    found = collect(model, 2, Constraints(prefix=(first, second)), SamplingParameters(seed=1), default_length=20)
    assert found.too_long == found.drawn


def test_what_all_beginnings_have_in_common() -> None:
    assert common_beginning([(1, 2, 3), (1, 2, 4)]).tolist() == [1, 2]
    assert common_beginning([(1, 2)]).tolist() == [1, 2]
    assert common_beginning([()]).tolist() == common_beginning(None).tolist() == []


MIXED = Vocabulary("aAéñ")
NAMES = ["".join(word) for n in range(6) for word in itertools.product(MIXED.characters, repeat=n)]


@settings(max_examples=25, deadline=None)
@given(wishes_of("aAéñn", rare="zÉ"))
def test_case_and_accents_are_ignored_as_the_predicate_says(wishes: Constraints) -> None:
    expected = [name for name in NAMES if meets(name, wishes)]
    for cells in (0, cutting.SMALL_CELLS):
        try:
            with mock.patch.object(cutting, "SMALL_CELLS", cells):
                automaton = compile_constraints(wishes, MIXED)
        except OptionError:  # perhaps for a letter that only other wishes make needless
            unknown = {"n", "z", "É"} & set("".join([*wishes.prefix, *wishes.suffix, *wishes.contains]))
            assert expected == [] or (unknown and not wishes.ignore_case) or unknown & {"n", "z"}
            return
        accepted = [name for name in NAMES if automaton.accepts(MIXED.encode(name))]
        assert accepted == expected
        for name in NAMES[::7]:
            state = automaton.after(MIXED.encode(name))
            left = [len(each) - len(name) for each in expected if each.startswith(name)]
            assert (automaton.distance(np.array([state]))[0] == min(left)) if left else True


@pytest.mark.parametrize(
    ("letters", "avoid", "kept_out", "kept"),
    [
        ("Straßenb", "STRASSE", ["Straße", "Strasse"], ["Straßen"]),
        ("aeœlimEbrs", "oeil", ["œil"], ["œils"]),
        ("abq\u0301", "bqa", ["bq\u0301a", "bqa", "b\u0301qa"], ["bq"]),
        ("aıInİ", "ana ini", ["ını", "InI"], ["ınıı"]),
        ("กำบ", "กบ", ["กบ"], ["กำบ"]),
    ],
)
def test_letters_without_accents_may_be_several_or_none(
    letters: str, avoid: str, kept_out: list[str], kept: list[str]
) -> None:
    vocabulary = Vocabulary(set(letters).union(*kept_out, *kept))
    for parts in (False, True):
        wishes = Constraints(avoid=tuple(avoid.split()), avoid_parts=parts)
        with mock.patch.object(cutting, "SMALL_CELLS", 0):
            automaton = compile_constraints(wishes, vocabulary)
        assert not any(automaton.accepts(vocabulary.encode(name)) for name in kept_out)
        assert parts or all(automaton.accepts(vocabulary.encode(name)) for name in kept)
    exact = compile_constraints(Constraints(avoid=tuple(avoid.split()), exact=True), vocabulary)
    assert exact.accepts(vocabulary.encode(kept_out[-1])) == (kept_out[-1] not in avoid.split())


def test_tokens_are_the_same_in_any_case() -> None:
    tokens = Vocabulary(["Ch", "ch", "a", "A", "é"], Segmentation(separator=" "))
    automaton = compile_constraints(
        Constraints(prefix=("CH a",), not_pattern=("ch.é",), max_repeat=1, ignore_case=True), tokens
    )
    assert [automaton.accepts(tokens.encode(name)) for name in ("Ch a", "ch A ch", "Ch a é", "ch a A", "a ch")] == [
        *(True, True, False, False, False)
    ]
    avoiding = compile_constraints(Constraints(avoid=("CH E",)), tokens)
    assert not avoiding.accepts(tokens.encode("ch é"))
    assert avoiding.accepts(tokens.encode("ch a"))
