"""The n-gram against a brute-force Kneser-Ney that follows the formulas word by word."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.ngram import SEARCHED, NGram
from mangosaurus.training.ngram_counts import build_ngram

ALPHABET = "abc"
NAMES = st.lists(st.text(ALPHABET, max_size=6), min_size=1, max_size=8)
DISCOUNTS = np.array([[0.6, 0.9, 1.2], [0.75, 1.1, 1.5], [0.5, 0.8, 1.9], [0.9, 1.7, 2.5], [0.3, 0.4, 0.5]])


def brute_force(names: list[str], order: int, context: str, symbol: str) -> float:
    """p(symbol | context), with "$" for END, by Chen and Goodman's equations over dictionaries of strings."""
    counts: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(order)]
    for length in range(order - 1, -1, -1):
        for name in names:
            whole = "$" + name + "$"
            for place in range(1, len(whole)):
                before = whole[max(0, place - length) : place]
                if len(before) == length and (length == order - 1 or before.startswith("$")):
                    counts[length][before][whole[place]] += 1
        if length < order - 1:
            for longer, followers in counts[length + 1].items():
                for follower in followers:
                    counts[length][longer[1:]][follower] += 1

    def probability(context: str) -> float:
        length = len(context)
        below = probability(context[1:]) if context else 1 / (len(ALPHABET) + 1)
        followers = counts[length].get(context)
        if not followers:
            return below
        discount = [0.0, *DISCOUNTS[length]]
        kept = followers[symbol] - discount[min(followers[symbol], 3)]
        backoff = sum(discount[min(count, 3)] for count in followers.values())
        return float(kept + backoff * below) / followers.total()

    return probability(("$" + context)[-(order - 1) :] if order > 1 else "")


def model_of(names: list[str], order: int) -> NGram:
    vocabulary = Vocabulary(ALPHABET)
    return build_ngram([vocabulary.encode(name) for name in names], vocabulary, order, DISCOUNTS[:order])


def read(model: NGram, text: str) -> FloatArray:
    """p(next symbol | text), read symbol by symbol."""
    state = model.start(1)
    for symbol in model.vocabulary.encode(text):
        state = model.advance(state, np.array([symbol]))
    row: FloatArray = np.exp(model.log_probs(state))[0]
    return row


@given(names=NAMES, order=st.integers(1, 5), context=st.text(ALPHABET, max_size=7))
@settings(max_examples=150, deadline=None)
def test_equals_brute_force(names: list[str], order: int, context: str) -> None:
    expected = [brute_force(names, order, context, symbol) for symbol in "$" + ALPHABET]
    np.testing.assert_allclose(read(model_of(names, order), context), expected, rtol=1e-10)


@given(names=NAMES, order=st.integers(1, 5), others=st.lists(st.text(ALPHABET, max_size=9), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_score_equals_reading_symbol_by_symbol(names: list[str], order: int, others: list[str]) -> None:
    model = model_of(names, order)
    scores = model.score([model.vocabulary.encode(other) for other in others])
    for other, score in zip(others, scores, strict=True):
        ids = [*model.vocabulary.encode(other), 0]
        expected = [np.log(read(model, other[:place])[symbol]) for place, symbol in enumerate(ids)]
        np.testing.assert_allclose(score, expected, rtol=1e-10)


@given(names=NAMES, order=st.integers(1, 5), seed=st.integers(0, 1000), many=st.sampled_from([9, SEARCHED]))
@settings(max_examples=60, deadline=None)
def test_rows_sum_to_one_wherever_one_walks_and_one_row_equals_many(
    names: list[str], order: int, seed: int, many: int
) -> None:
    model = model_of(names, order)
    rng = np.random.default_rng(seed)
    state = model.start(many)
    for _ in range(12):
        rows = np.exp(model.log_probs(state))
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_allclose(model.probabilities(state[0][:1]), rows[:1], rtol=1e-12)
        symbols = rng.integers(0, len(model.vocabulary), many)
        alone = model.advance((state[0][:1],), symbols[:1])
        state = model.advance(state, symbols)
        assert alone[0][0] == state[0][0]


def test_a_value_by_hand() -> None:
    """Order 1, one name "a": counts a 1, END 1; p(a) = ((1 - D) + 2 D / V) / 2 with V = 4 symbols and D = 0.6."""
    expected = (0.4 + 1.2 / 4) / 2
    np.testing.assert_allclose(read(model_of(["a"], 1), ""), [expected, expected, 0.15, 0.15])


def test_large_alphabets_fit_into_the_keys() -> None:
    characters = [chr(0x4E00 + i) for i in range(5000)]
    names = ["".join(characters[i : i + 9]) for i in range(0, 4990, 7)]
    vocabulary = Vocabulary(characters)
    model = build_ngram([vocabulary.encode(name) for name in names], vocabulary, 8)
    assert float(np.mean([score.mean() for score in model.score([vocabulary.encode(names[3])])])) > -1.5


@settings(max_examples=30)
@given(NAMES, st.integers(2, 5), st.data())
def test_many_rows_from_the_table_are_those_of_the_formula(names: list[str], order: int, data: st.DataObject) -> None:
    kept, fresh = model_of(names, order), model_of(names, order)
    node = st.integers(0, len(fresh.backoff) - 1)
    for _ in range(3):
        nodes = np.array(data.draw(st.lists(node, min_size=2, max_size=6)))
        expected = np.log(fresh.probabilities(nodes))
        np.testing.assert_array_equal(kept.log_probs((nodes,)), expected)
        kept.log_probs((nodes,))[:] = 0  # the caller may write to it
