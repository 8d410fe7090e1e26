"""The words of a text against a plain count of its contexts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
from examples import VERSES, small_worded
from hypothesis import given
from hypothesis import strategies as st
from rounding import rounding

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.words import LONGEST_WORD, Words, letters_of
from mangosaurus.training.word_counts import CountedWords, count_words

SYMBOLS = "aAbB'é ,\n"
TEXTS = st.lists(st.text(SYMBOLS, min_size=1, max_size=60), min_size=1, max_size=3)
Context = tuple[str | None, str]
"""The word before, None if there is none, and the letters of this one."""


def walk(text: str, known: set[str] | None = None) -> Iterator[Context]:
    """The contexts before each symbol of `text` and before END; all words are known by default."""
    before, letters = None, ""
    yield before, letters
    for symbol in text:
        if symbol.isalpha() or symbol == "'":
            letters += symbol.lower()
        else:
            if letters:
                before = letters if known is None or letters in known else None
            letters = ""
        yield before, letters


def counted(texts: list[str]) -> dict[Context, Counter[str]]:
    """How often each symbol, or "" for END, follows the letters of a word after any word, (None, letters), and after
    the one before it."""
    found: dict[Context, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for (before, letters), symbol in zip(walk(text), [*text, ""], strict=True):
            found[None, letters][symbol] += 1
            if before is not None:
                found[before, letters][symbol] += 1
    return found


def vocabulary_and_words(texts: list[str]) -> tuple[Vocabulary, Words]:
    vocabulary = Vocabulary.of([SYMBOLS])
    return vocabulary, Words(count_words([vocabulary.encode(text) for text in texts], letters_of(vocabulary)))


@given(TEXTS, st.text(SYMBOLS, max_size=30))
def test_says_what_was_counted(texts: list[str], text: str) -> None:
    """In the text itself and in others, whose words it may not know."""
    vocabulary, words = vocabulary_and_words(texts)
    counts = counted(texts)
    followed = {
        letters for (before, letters), symbols in counts.items() if before is None and symbols.keys() & {*" ,\n"}
    }
    others = np.random.default_rng(1).dirichlet(np.ones(len(vocabulary)), 1)
    for each in (*texts, text):
        ids = vocabulary.encode(each)
        nodes, state = words.nodes([ids]), words.start(1)
        assert len(nodes) == len(each) + 1
        for place, (before, letters) in enumerate(walk(each, followed)):
            assert state[0][0] == nodes[place]
            expected = others[0]
            for context in [(None, letters)] if before is None else [(None, letters), (before, letters)]:
                if seen := counts.get(context):
                    own = np.zeros(len(vocabulary))
                    for symbol, count in seen.items():
                        own[vocabulary.encode(symbol)[0] if symbol else END] = count
                    expected = (own + 0.3 * len(seen) * expected) / (own.sum() + 0.3 * len(seen))
            found = words.probabilities(state[0], others)[0]
            np.testing.assert_allclose(found, expected, rtol=rounding(np.float64, 10))
            one = np.empty(len(vocabulary))
            words.one_row(int(nodes[place]), others[0], one)
            np.testing.assert_allclose(one, expected, rtol=rounding(np.float64, 10))
            if place < len(each):
                state = words.advance(state, ids[place : place + 1])


def test_rows_of_a_batch_are_apart() -> None:
    vocabulary, words = vocabulary_and_words(["aab, b a'a\nbé a"])
    texts = ["aab, b", "bé a'a", "éé b, a", "a,a,a,"]
    others = np.full((len(texts), len(vocabulary)), 1 / len(vocabulary))
    state = words.start(len(texts))
    for place in range(6):
        state = words.advance(state, np.array([vocabulary.encode(text)[place] for text in texts]))
        for row, text in enumerate(texts):
            node = words.nodes([vocabulary.encode(text[: place + 1])])[-1]
            assert state[0][row] == node
            expected = words.probabilities(np.array([node]), others[:1])[0]
            found = words.probabilities(state[0], others)[row]
            np.testing.assert_allclose(found, expected, rtol=rounding(np.float64, 10))
    after_end = words.advance(state, np.full(len(texts), END))
    np.testing.assert_array_equal(after_end[0], words.start(len(texts))[0])


def test_features_describe_the_context() -> None:
    vocabulary, words = vocabulary_and_words(["a b, a b, a, b"])
    last = words.nodes([vocabulary.encode(text) for text in ("a b", "b", "é")])[[3, 5, 7]]
    # "b" after "a" was followed by a comma twice and by END; "b" by itself likewise; "é" is unknown.
    expected = [[0, 1, np.log(3), np.log(2)], [1, 0, np.log(3), np.log(2)], [0, 0, 0, 0]]
    np.testing.assert_allclose(words.features[last], expected)


@pytest.mark.parametrize("length", [LONGEST_WORD, LONGEST_WORD + 1])
def test_words_that_are_too_long_are_not_counted(length: int) -> None:
    long = "b" * length
    vocabulary, words = vocabulary_and_words([f"a {long} a {long} b"])
    uniform = np.full((1, len(vocabulary)), 1 / len(vocabulary))
    nodes = words.nodes([vocabulary.encode(f"a {long}")])
    row = words.probabilities(nodes[-1:], uniform)[0]
    assert (row[vocabulary.encode(" ")[0]] > 0.5) == (length == LONGEST_WORD)
    assert len(nodes) == length + 3


def test_letters() -> None:
    vocabulary = Vocabulary.of(["aAbÉ1 '’\u0301-"])
    of = dict(zip(["", *vocabulary.characters], letters_of(vocabulary).tolist(), strict=True))
    numbers = {symbol: place for place, symbol in enumerate(["", *vocabulary.characters])}
    assert {symbol for symbol, number in of.items() if number} == {*"aAbÉ'’\u0301"}
    assert of["A"] == numbers["a"]
    assert of["É"] == numbers["É"]  # no é is there to stand for it


def documents() -> tuple[Vocabulary, list[IntArray]]:
    vocabulary = Vocabulary.of([VERSES])
    return vocabulary, [vocabulary.encode(VERSES), vocabulary.encode(VERSES[:30])]


def test_each_fold_has_its_own_words() -> None:
    vocabulary, (first, second) = documents()
    letters = letters_of(vocabulary)
    words = CountedWords([first, second], [[first], [second]], letters)
    for found, expected in ((words.whole, [first, second]), (words.of_fold(1), [second]), (words.of_fold(0), [first])):
        np.testing.assert_array_equal(found.counts.symbol, count_words(expected, letters).symbol)
        np.testing.assert_array_equal(found.counts.count, count_words(expected, letters).count)


def test_is_one_of_the_models_of_a_mixture() -> None:
    """By the formula of the mixture, with exponents from the nodes of the n-gram and of the words."""
    model = small_worded(2)
    assert model.words is not None
    state = model.start(1)
    parts = [each.start(1) for each in (model.ngram, *model.networks)]
    nodes = model.words.nodes([model.vocabulary.encode(VERSES)])
    for place, symbol in enumerate(model.vocabulary.encode(VERSES)):
        length, total, types = (float(array[0]) for array in model.ngram.seen(parts[0][0]))
        row = np.array([*(np.arange(4) == length), np.log(total), np.log(types), float(total == 1)])
        exponents = (np.append(row, model.words.features[nodes[place]]) @ model.weights).clip(0, 2)
        models = (model.ngram, *model.networks)
        ngram, *networks = (each.log_probs(part)[0].astype(float) for each, part in zip(models, parts, strict=True))
        words = np.log(model.words.probabilities(nodes[place : place + 1], np.exp(ngram)[None])[0])
        logits: FloatArray = sum(networks) / len(networks) * exponents[2] + ngram * exponents[0] + words * exponents[1]
        expected = logits - np.log(np.exp(logits).sum())
        np.testing.assert_allclose(model.log_probs(state)[0], expected, atol=rounding(np.float32, 500, size=4))
        read = np.array([symbol])
        state = model.advance(state, read)
        parts = [each.advance(part, read) for each, part in zip(models, parts, strict=True)]
