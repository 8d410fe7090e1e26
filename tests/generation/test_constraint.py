"""The automaton of wishes agrees with a plain predicate on every short name; what is impossible is named."""

from __future__ import annotations

import itertools
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wishes import meets, wishes_strategy

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.constraints import dfa as table
from mangosaurus.generation.constraints import exclusion as cutting
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.dfa import DEAD
from mangosaurus.generation.constraints.options import Constraints

ABC = Vocabulary("abc")
ENGLISH = Vocabulary("abcdefghijklmnopqrstuvwxyz")
LONGEST = 6
NAMES = ["".join(word) for n in range(LONGEST + 1) for word in itertools.product("abc", repeat=n)]


def states_of(automaton: Automaton) -> IntArray:
    """The state after each of NAMES, whose order is that of a tree with three branches a node."""
    levels = [np.array([automaton.start])]
    for _ in range(LONGEST):
        levels.append(automaton.step(np.repeat(levels[-1], 3), np.tile([1, 2, 3], len(levels[-1]))))
    return np.concatenate(levels)


@settings(max_examples=150, deadline=None)
@given(wishes_strategy, st.booleans())
@example(Constraints(avoid=("abcb", "bc", "ca"), avoid_parts=True), False)
@example(Constraints(avoid=("aabaa", "ab"), avoid_parts=True, suffix=("a",), max_length=5), False)
def test_the_automaton_accepts_what_the_predicate_accepts(wishes: Constraints, sparse: bool) -> None:
    expected = [meets(name, wishes) for name in NAMES]
    try:
        with mock.patch.object(cutting, "SMALL_CELLS", 0 if sparse else cutting.SMALL_CELLS):
            automaton = compile_constraints(wishes, ABC)
    except OptionError:
        automaton = None
    if automaton is None:
        assert not any(expected)
        return
    states = states_of(automaton)
    assert automaton.accepting(states).tolist() == expected
    assert all(automaton.accepts(ABC.find(name)) == met for name, met in list(zip(NAMES, expected, strict=True))[::97])

    # Fewest characters to acceptance, by looking at all names that begin so.
    nearest: dict[str, int] = {}
    for name, met in zip(NAMES, expected, strict=True):
        for length in range(len(name) + 1) if met else ():
            nearest.setdefault(name[:length], len(name) - length)
    for name, state in zip(NAMES, states, strict=True):
        found = automaton.needed[state] if state != DEAD else 99
        assert found == nearest[name] if name in nearest else found > LONGEST - len(name)

    # What may come next, for every number of characters left.
    for left in (None, 0, 1, 3, 8):
        allowed = automaton.allowed(states, left)
        assert allowed[:, END].tolist() == expected
        for symbol in range(1, len(ABC)):
            after = automaton.step(states, np.full(len(states), symbol))
            further = np.where(after == DEAD, 99, automaton.needed[after])
            assert (allowed[:, symbol] == (further <= (50 if left is None else left - 1))).all()
    if not sparse:
        assert automaton.states == merged(automaton)


def merged(automaton: Automaton) -> int:
    """How many states differ in what they accept: a partition refined until it stays, on the edges alone."""
    moves: dict[int, dict[int, int]] = {state: {} for state in range(automaton.states)}
    sources, symbols = np.nonzero(automaton.allowed(np.arange(automaton.states))[:, 1:])
    targets = automaton.step(sources, symbols + 1)
    for source, symbol, target in zip(sources.tolist(), symbols.tolist(), targets.tolist(), strict=True):
        moves[source][symbol] = target
    block = {state: int(automaton.needed[state] == 0) for state in moves}
    while True:
        rows = {s: (block[s], tuple(sorted((c, block[t]) for c, t in moves[s].items()))) for s in moves}
        kinds = {row: place for place, row in enumerate(dict.fromkeys(rows.values()))}
        refined = {state: kinds[row] for state, row in rows.items()}
        if len(kinds) == len(set(block.values())):
            return len(kinds)
        block = refined


@pytest.mark.parametrize("wishes", [Constraints(), Constraints(avoid=("ab", "abc"))])
def test_dead_states_and_end_lead_nowhere(wishes: Constraints) -> None:
    with mock.patch.object(cutting, "SMALL_CELLS", 0):
        automaton = compile_constraints(wishes, ABC)
    dead = np.array([DEAD, DEAD, automaton.start])
    assert automaton.step(dead, np.array([1, END, END])).tolist() == [DEAD] * 3
    assert automaton.allowed(dead).tolist() == [[False] * 4] * 2 + [[False] + [True] * 3]
    assert automaton.accepting(dead).tolist() == [False] * 3


def test_every_text_is_compared_in_composed_form() -> None:
    vocabulary, loose = Vocabulary("aé"), "e\u0301"
    pattern, avoid = (f"{loose}.*",), (f"{loose}a{loose}",)
    wishes = Constraints(prefix=(loose,), suffix=(loose,), contains=(loose + "a",), pattern=pattern, avoid=avoid)
    automaton = compile_constraints(wishes, vocabulary)
    assert automaton.accepts(vocabulary.find("éaaé"))
    assert not automaton.accepts(vocabulary.find("éaé"))
    assert not compile_constraints(Constraints(without=loose), vocabulary).accepts(vocabulary.find("é"))


def test_unknown_characters_do_no_harm_where_they_must_not_occur() -> None:
    wishes = Constraints(without="9é", avoid=("a9", "ba", ""))
    automaton = compile_constraints(wishes, ABC)
    assert [name for name in NAMES[:13] if automaton.accepts(ABC.find(name))] == [n for n in NAMES[1:13] if n != "ba"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Constraints(suffix=("x",), without="x"), "--suffix 'x' cannot be met together with --without 'x'"),
        (Constraints(pattern=("a..", "b..", "c?..")), "--pattern 'b..' cannot be met together with --pattern 'a..'"),
        (
            Constraints(prefix=("z",), pattern=("z[ab].*|y.", "z[bc].*|y.", "z[ac].*|y."), without="k"),
            "--pattern 'z[ac].*|y.' cannot be met together with --prefix 'z', --pattern 'z[ab].*|y.' and --pattern",
        ),
        (
            Constraints(pattern=("a?b?c?",), min_length=5, without="z"),
            "the longest name that --pattern 'a?b?c?' allows has 3 characters, and --min-length is 5",
        ),
        (
            Constraints(prefix=("abcdef",), max_length=5),
            "the shortest name that --prefix 'abcdef' allows has 6 characters, and --max-length is 5",
        ),
        (
            Constraints(prefix=("ab",), suffix=("cd",), contains=("a",), max_length=3),
            "the shortest name that --prefix 'ab' and --suffix 'cd' together allow has 4 characters, and --max-length",
        ),
        (
            Constraints(pattern=("aaa|a{7}",), min_length=4, max_length=5),
            "no name that --pattern 'aaa|a{7}' allows has from 4 to 5 characters",
        ),
        (
            Constraints(pattern=("(...)*",), min_length=4, max_length=4),
            "no name that --pattern '(...)*' allows has 4 characters",
        ),
        (
            Constraints(pattern=("a*",), without="a"),
            "--without 'a' and --pattern 'a*' together allow only the empty name",
        ),
        (Constraints(pattern=("a{0}",)), "--pattern 'a{0}' allows only the empty name, which never counts"),
        (Constraints(without="".join(ENGLISH.characters)), "allows only the empty name, which never counts"),
        (Constraints(avoid=ENGLISH.characters, avoid_parts=True), "--avoid-parts allows only the empty name"),
        (
            Constraints(pattern=("h?anna",), avoid=("anna", "hanna", "joanna")),
            "--avoid leaves nothing: it has all 2 names that --pattern 'h?anna' allows",
        ),
        (
            Constraints(prefix=("a",), max_length=1, avoid=("a", "aa")),
            "--avoid leaves nothing: it has the only name that --prefix 'a' and --max-length 1 allow",
        ),
        (
            Constraints(prefix=("aé",)),
            "no name can meet --prefix 'aé': the model has never seen the character 'é' (U+00E9, LATIN SMALL LETTER "
            "E WITH ACUTE), number 2 of 'aé'",
        ),
        (Constraints(suffix=("9",)), "no name can meet --suffix '9': the model has never seen the character '9'"),
    ],
)
def test_what_is_impossible_is_named(wishes: Constraints, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        compile_constraints(wishes, ENGLISH)
    assert message in caught.value.spelled(lambda option: f"--{option.name.replace('_', '-')}")
    assert "\n" not in str(caught.value)


def test_too_many_states_are_refused_with_the_wishes_that_need_them() -> None:
    wishes = Constraints(pattern=(".*a.{6}",), contains=("bbb",))
    with (
        mock.patch.object(table, "MOST_STATES", 200),
        pytest.raises(
            OptionError, match=r"pattern '.*' together with contains 'bbb' cannot be compiled: more than 200"
        ),
    ):
        compile_constraints(wishes, ENGLISH)
    with (
        mock.patch.object(table, "MOST_STATES", 1000),
        pytest.raises(OptionError, match="the lengths asked for together with contains 'bbb' and pattern"),
    ):
        compile_constraints(Constraints(pattern=wishes.pattern, contains=("bbb",), max_length=90), ENGLISH)


@pytest.mark.parametrize("most", [0, 50])
def test_what_is_not_minimised_accepts_the_same(most: int) -> None:
    wishes = Constraints(pattern=("(ab|c)+", ".*a.{2}"), avoid=("ab", "cc"), max_length=6)
    with mock.patch.object(table, "MOST_WORK", most):
        automaton = compile_constraints(wishes, ABC)
    assert [name for name in NAMES if automaton.accepts(ABC.find(name))] == [n for n in NAMES if meets(n, wishes)]


def test_many_names_are_cut_out_of_a_large_alphabet() -> None:
    vocabulary = Vocabulary(chr(0x4E00 + place) for place in range(800))
    rng = np.random.default_rng(0)
    names = tuple(vocabulary.decode(rng.integers(1, 801, rng.integers(1, 5))) for _ in range(3000))
    wishes = Constraints(avoid=names, min_length=2, max_length=5)
    automaton = compile_constraints(wishes, vocabulary)
    assert automaton.states > 3000
    tried = names[:300] + tuple(name + "一" for name in names[:300]) + tuple(name[:-1] for name in names[:300])
    assert [automaton.accepts(vocabulary.find(name)) for name in tried] == [
        2 <= len(name) <= 5 and name not in set(names) for name in tried
    ]
