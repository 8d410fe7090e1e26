"""The guide's foresight against enumeration: with whole contexts it is the n-gram's own probability."""

from __future__ import annotations

import numpy as np
import pytest
from examples import every_name, small_ngram, tiny_mixture, tiny_ngram
from wishes import meets

from mangosaurus.generation import guide
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.guide import build_guide, cut_contexts, ngram_of, no_guide

LONGEST = 5


@pytest.mark.parametrize(
    "wishes",
    [
        Constraints(suffix=("ab",)),
        Constraints(prefix=("b",), contains=("aa",)),
        Constraints(pattern=("a.*[bc]",), min_length=3),
    ],
)
def test_with_whole_contexts_it_is_the_n_grams_probability(wishes: Constraints) -> None:
    model = tiny_ngram(2, order=4)
    automaton = compile_constraints(wishes, model.vocabulary)
    beginning = "".join(wishes.prefix)
    prefix = model.vocabulary.encode(beginning)
    built = build_guide(model, automaton, prefix, LONGEST)
    names = every_name(model, LONGEST, beginning)
    pair = np.array([built.start])
    for left in range(1, LONGEST - len(prefix) + 1):
        most = len(prefix) + left
        expected = sum(p for name, p in names.items() if meets(name, wishes) and len(name) <= most)
        assert built.value(pair, left)[0] == pytest.approx(expected, rel=1e-9, abs=1e-30)
    # One character on, and what is said of every symbol is what is said behind it.
    symbol = model.vocabulary.encode("a")
    after = built.after(pair, 4)
    assert after[0, 0] == 1
    assert after[0, symbol[0]] == built.value(built.step(pair, symbol), 3)[0]


def test_cut_contexts_follow_the_mean_of_the_whole_ones() -> None:
    ngram = small_ngram(5)
    whole = cut_contexts(ngram, 4)
    nodes = np.arange(len(ngram.counts.suffix))
    np.testing.assert_allclose(whole.probability, ngram.probabilities(nodes))
    (after,) = ngram.advance((nodes,), np.full(len(nodes), 3))
    np.testing.assert_array_equal(whole.following[:, 3], after)
    cut = cut_contexts(ngram, 1)
    assert cut.probability.shape == (int(ngram.counts.levels[2]), len(ngram.vocabulary))
    np.testing.assert_allclose(cut.probability.sum(axis=1), 1)


def test_too_many_pairs_shorten_the_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_ngram(5)
    automaton = compile_constraints(Constraints(suffix=("anna",)), model.vocabulary)
    nothing = np.zeros(0, np.int64)
    sizes = []
    for cells in (2_000_000, 5000, 1500, 120, 10):
        monkeypatch.setattr(guide, "MOST_CELLS", cells)
        built = build_guide(model, automaton, nothing, 12)
        sizes.append(len(built))
        assert built.value(np.array([built.start]), 12)[0] > 0
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 5
    assert sizes[-1] == 0  # distances alone


def test_models_without_an_n_gram_and_guides_that_say_nothing() -> None:
    mixture = tiny_mixture()
    assert ngram_of(mixture) is mixture.ngram
    assert ngram_of(mixture.ngram) is mixture.ngram
    assert ngram_of(mixture.networks[0]) is None
    nothing = no_guide(4)
    assert (nothing.after(np.zeros(3, np.int64), 5) == 1).all()
    assert nothing.step(np.zeros(3, np.int64), np.array([1, 2, 3])).tolist() == [0, 0, 0]
