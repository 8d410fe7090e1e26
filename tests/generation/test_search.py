"""The most probable names against brute force, and what is proved when the memory is used up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from examples import NAMES, TINY, endless_ngram, every_name, small_mixture, tiny_mixture
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wishes import meets, wishes_strategy

from mangosaurus.core.errors import OptionError
from mangosaurus.generation import search as searching
from mangosaurus.generation.beginnings import common_beginning, words_of
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.search import Top, search
from mangosaurus.models.interface import CharModel

LONGEST = 5
ANYTHING = Constraints()


def top(model: CharModel, n: int, wishes: Constraints = ANYTHING, longest: int | None = LONGEST, **options: Any) -> Top:
    automaton = compile_constraints(wishes, model.vocabulary)
    prefix = common_beginning(words_of(wishes, model.vocabulary))
    return search(model, n, automaton, prefix=prefix, max_length=longest, **options)


def brute_force(model: CharModel, wishes: Constraints) -> list[tuple[float, str]]:
    names = every_name(model, LONGEST)
    return sorted(((float(np.log(p)), name) for name, p in names.items() if meets(name, wishes)), reverse=True)


def odd(name: str) -> bool:
    return sum(map(ord, name)) % 2 == 1


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(TINY)), st.integers(0, 99), wishes_strategy, st.integers(1, 40), st.booleans())
def test_the_names_are_those_of_brute_force(
    kind: str, seed: int, wishes: Constraints, n: int, some_are_unwanted: bool
) -> None:
    wishes = replace(wishes, max_length=None)
    model = TINY[kind](seed)
    try:
        automaton = compile_constraints(wishes, model.vocabulary)
    except OptionError:
        assume(False)
    assume(int(automaton.needed[automaton.start]) <= LONGEST)
    expected = brute_force(model, wishes)
    if some_are_unwanted:
        expected = [each for each in expected if odd(each[1])]

    def wanted(name: str) -> bool:
        return not some_are_unwanted or odd(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "BATCH", 7)
        found = top(model, n, wishes, wanted=wanted)
    np.testing.assert_allclose(found.log_probs, [log_p for log_p, _ in expected[:n]], rtol=1e-5)
    assert set(found) <= {name for _, name in expected}
    assert len(set(found)) == len(found) == min(n, len(expected))
    assert not found.ended_early
    assert list(found.log_probs) == sorted(found.log_probs, reverse=True)


def test_names_without_a_limit_of_length() -> None:
    """Those more probable than all names together that brute force did not see must come first."""
    model = tiny_mixture(3)
    longer = 1 - sum(every_name(model, LONGEST).values())
    expected = [name for log_p, name in brute_force(model, Constraints()) if np.exp(log_p) > longer]
    assert len(expected) > 0
    assert list(top(model, 5, longest=None))[: len(expected)] == expected


def test_it_says_how_many_prefixes_it_looked_at() -> None:
    found = top(tiny_mixture(3), 3)
    assert 0 < found.prefixes < 50
    assert found.summary() == f"looked at {found.prefixes} prefixes; no other name is as probable"
    few = top(tiny_mixture(3), 3, Constraints(pattern=("ab|ba",)))
    assert set(few) == {"ab", "ba"}
    assert few.summary().endswith("there are only 2 such names")


def test_what_a_limit_of_memory_leaves_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "BATCH", 4)
    model = small_mixture()
    whole = top(model, 300, longest=None)
    proved = []
    for memory in (3_000, 30_000, 100_000, 300_000, 30_000_000):
        found = top(model, 300, longest=None, memory=memory)
        assert list(found) == list(whole)[: len(found)]
        assert found.ended_early == (len(found) < 300)
        proved.append(len(found))
    assert proved == sorted(proved)
    assert proved[0] < 5 < proved[2] < 300 == proved[-1]
    message = top(model, 300, longest=None, memory=100_000).summary()
    assert "of 300 names are proved" in message


def test_tidying_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_mixture()
    expected = top(model, 50, longest=None)
    monkeypatch.setattr(searching, "BATCH", 4)
    monkeypatch.setattr(searching._Search, "_bytes", lambda search: 95)
    assert list(top(model, 50, longest=None, memory=94)) == []
    sizes = iter([95, 1] * 10_000)
    monkeypatch.setattr(searching._Search, "_bytes", lambda search: next(sizes))
    found = top(model, 50, longest=None, memory=94)
    assert next(sizes) == 95
    assert 20_000 - len(list(sizes)) > 20  # tidied more than ten times
    assert list(found) == list(expected)


@pytest.mark.parametrize(("n", "memory", "message"), [(0, 1, "n is 0"), (1, 0, "memory is 0")])
def test_values_out_of_range_are_refused(n: int, memory: int, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        top(tiny_mixture(), n, memory=memory)


@pytest.mark.parametrize(
    ("names", "longest", "least", "most"), [(NAMES, 8, 20_000, 30_000), (["aaa", "aa"], None, 23_000 / 64, 400)]
)
def test_a_model_whose_names_never_end_is_given_up(
    names: list[str], longest: int | None, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 19^8 prefixes are about as probable; of one letter, each prefix takes a batch."""
    monkeypatch.setattr(searching, "FEWEST_PREFIXES", 20_000)
    found = top(endless_ngram(names), 3, longest=longest)
    assert found.ended_early
    assert least < found.prefixes < most
    assert found.summary() == (
        f"stopped after {found.prefixes:,} prefixes, the limit for 3 names; 0 are proved to be the most probable; add "
        "constraints to narrow the search"
    )
