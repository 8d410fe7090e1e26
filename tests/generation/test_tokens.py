"""Names of tokens: constraints count tokens, and what is drawn is read again as the same tokens."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from chi_square import chi_square
from examples import tiny_mixture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokens import SPACED, asked, of_tokens, spaced
from wishes import wishes_strategy

from mangosaurus.core.errors import OptionError
from mangosaurus.core.segmentation import Segmentation, clusters_of
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.beam import collect_distinct
from mangosaurus.generation.collect import Unwanted, automaton_of, collect
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.composed import composed
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.nearest import near
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.ranking import Enough, rank
from mangosaurus.generation.search import search
from mangosaurus.models.interface import CharModel, state_after

IPA = Vocabulary(["a", "aː", "k", "n", "t", "t͡ʃ", "ʃ"], SPACED)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.integers(0, 9), wishes_strategy)
def test_tokens_are_drawn_like_letters(seed: int, wishes: Constraints) -> None:
    letters, tokens = tiny_mixture(seed, prior=True), of_tokens(seed)
    wishes = replace(wishes, max_length=wishes.max_length or 6)
    try:
        compile_constraints(wishes, letters.vocabulary)
    except OptionError:
        with pytest.raises(OptionError):
            compile_constraints(asked(wishes), tokens.vocabulary)
        return
    parameters = SamplingParameters(seed=seed)
    plain = collect(letters, 8, wishes, parameters)
    found = collect(tokens, 8, asked(wishes), parameters)
    assert found.documents == tuple(map(spaced, plain.documents))
    assert (found.drawn, found.unmet, found.exact) == (plain.drawn, plain.unmet, plain.exact)


def test_the_most_probable_and_those_without_replacement() -> None:
    letters, tokens = tiny_mixture(prior=True), of_tokens()
    wishes = Constraints(contains=("bc",), max_length=4)
    top, names = (
        search(model, 9, automaton_of(each, model.vocabulary), prefix=np.array([], np.int64), max_length=4)
        for model, each in ((letters, wishes), (tokens, asked(wishes)))
    )
    assert names.names == tuple(map(spaced, top.names))
    assert [each["nats_per_symbol"] for each in names.as_dict()["names"]] == [
        each["nats_per_symbol"] for each in top.as_dict()["names"]
    ]
    parameters = SamplingParameters(seed=4)
    distinct = collect_distinct(letters, 9, wishes, parameters)
    assert collect_distinct(tokens, 9, asked(wishes), parameters).documents == tuple(map(spaced, distinct.documents))


def test_edits_are_of_tokens() -> None:
    is_near = near(["t͡ʃ aː n"], 2, IPA.split)
    assert is_near("t͡ʃ a n")
    assert not is_near("t a n")
    (best,) = rank(["k aː n"], [1.0], [None], ["t͡ʃ aː n"], Enough(0, None), IPA.split)
    assert (best.nearest, best.edits, best.score) == ("t͡ʃ aː n", 1, 1 / 3 - 1)


PATTERNS: list[tuple[str, list[str], list[str]]] = [
    ("t͡ʃaː.", ["t͡ʃ aː n", "t͡ʃ aː t͡ʃ"], ["t͡ʃ aː", "t ʃ aː n"]),
    ("t͡ʃ aː .", ["t͡ʃ aː n"], ["t͡ʃ aː n n"]),
    ("[t͡ʃk].*", ["t͡ʃ a", "k"], ["t a", "ʃ"]),
    ("[^aː]+", ["t͡ʃ a n"], ["t͡ʃ aː"]),
    ("[a-n]+", ["a k n"], ["aː", "t͡ʃ a"]),
    ("t ʃ", ["t ʃ"], ["t͡ʃ"]),
    (r"\w{2}", ["a n"], ["aː n"]),
    ("(?:t͡ʃ|k){2,}", ["k t͡ʃ"], ["k"]),
]


@pytest.mark.parametrize(("pattern", "matching", "others"), PATTERNS)
def test_patterns_of_tokens(pattern: str, matching: list[str], others: list[str]) -> None:
    automaton = compile_constraints(Constraints(pattern=(pattern,)), IPA)
    assert all(automaton.accepts(IPA.encode(name)) for name in matching)
    assert not any(automaton.accepts(IPA.encode(name)) for name in others)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Constraints(suffix=("k x",)), "never seen the phoneme 'x' .* number 2 of 'k x'"),
        (Constraints(pattern=("k x",)), "never seen the phoneme 'x'"),
        (Constraints(pattern=("t͡ʃ(",)), r"pattern 't͡ʃ\(' is not a regular expression: .* at character 4"),
        (Constraints(prefix=("t͡ʃ aː",), max_length=1), "has 2 phonemes, and max_length is 1"),
    ],
)
def test_what_no_name_can_be(wishes: Constraints, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        compile_constraints(wishes, IPA)


MARKED = "eẹ\u0301\u0323क\u094d\u093e\u200d🇩🇪👩🏿"
vocabularies = st.one_of(
    st.builds(
        lambda entries, letters: Vocabulary({*entries, *letters}, Segmentation(inventory=frozenset(entries))),
        st.sets(st.text("abc", min_size=2, max_size=4), min_size=1, max_size=4),
        st.sets(st.sampled_from("abc")),
    ),
    st.lists(st.text(MARKED, min_size=1, max_size=4), min_size=1, max_size=4)
    .map(lambda names: [unicodedata.normalize("NFC", name) for name in names])
    .map(lambda names: Vocabulary.of(names, clusters_of(names))),
    st.sets(st.text("e\u0301=\u0338a", min_size=1, max_size=2).map(lambda t: unicodedata.normalize("NFC", t))).map(
        lambda tokens: Vocabulary([t for t in tokens if "-" not in t], Segmentation(separator="-"))
    ),
)


@settings(max_examples=40, deadline=None)
@given(vocabularies)
def test_only_what_is_read_again_is_accepted(vocabulary: Vocabulary) -> None:
    automaton, symbols = composed(vocabulary), len(vocabulary)
    for length in range(1, 5 if symbols < 6 else 4 if symbols < 9 else 3):
        for ids in itertools.product(range(1, symbols), repeat=length):
            text = vocabulary.decode(np.array(ids))
            again = unicodedata.normalize("NFC", text) == text and vocabulary.find(text).tolist() == list(ids)
            assert (automaton is None or automaton.accepts(np.array(ids))) == again, ids


def probabilities(model: CharModel, longest: int) -> dict[str, float]:
    """Of each sequence of up to `longest` symbols that is read again as it is, by its text."""
    found: dict[str, float] = {}
    stack: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    while stack:
        ids, log_p = stack.pop()
        row = model.log_probs(state_after(model, np.array(ids, dtype=np.int64)))[0]
        text = model.vocabulary.decode(np.array(ids, dtype=np.int64))
        if ids and model.vocabulary.find(text).tolist() == list(ids):
            found[text] = float(np.exp(log_p + row[END]))
        if len(ids) < longest:
            stack += [((*ids, symbol), log_p + float(row[symbol])) for symbol in range(1, len(row))]
    return found


def chosen(probability: dict[str, float], model: CharModel, wishes: Constraints) -> dict[str, float]:
    split = model.vocabulary.split
    ends: Sequence[str] = split("".join(wishes.suffix))
    return {
        text: p
        for text, p in probability.items()
        if len(split(text)) >= (wishes.min_length or 0) and split(text)[len(split(text)) - len(ends) :] == ends
    }


@pytest.mark.parametrize(
    "wishes", [Constraints(), Constraints(suffix=("ab",), min_length=2), Constraints(min_length=4)]
)
def test_names_of_an_inventory_follow_the_models_distribution(wishes: Constraints) -> None:
    """Chi-square at the 0.1 % level. "a" before "b" would be read as "ab"."""
    cut = Segmentation(inventory=frozenset({"ab"}))
    model = of_tokens(3, cut, {"a": "a", "b": "ab", "c": "b"})
    wanted = chosen(probabilities(model, 4), model, wishes)
    asked_for = replace(wishes, max_length=4)
    names = collect(model, 8000, asked_for, SamplingParameters(seed=2), unwanted=Unwanted(repeated=False))
    assert set(names.documents) <= set(wanted)
    assert chi_square(names.documents, wanted) < 3.1
