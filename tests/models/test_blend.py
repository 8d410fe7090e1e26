"""Blends against enumeration: every document's probability, from the models' own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from examples import random_network, small_ngram, small_window_model
from rounding import rounding

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.blend import DocumentMixture, Product
from mangosaurus.models.interface import CharModel, concatenate, predict, score_by_advancing, select
from mangosaurus.models.ngram import NGram

FIRST, SECOND = ["ab", "aab", "ba", "b", "abba"], ["bc", "cb", "c", "bcc", "cbcb", "b"]
WEIGHTS = [0.7, 0.3]
WITHIN = rounding(np.float32, 30 * 12, size=4)
"""Of natural logarithms, in networks of 12 units that have read 30 symbols."""


def pair() -> tuple[NGram, NGram]:
    """Models of a, b and of b, c."""
    return small_ngram(3, FIRST), small_ngram(3, SECOND)


def documents(characters: str, most: int) -> list[str]:
    return ["".join(d) for n in range(most + 1) for d in itertools.product(characters, repeat=n)]


def probability(model: CharModel, text: str) -> float:
    """Of the whole document; 0 with a character that the model does not know."""
    if not set(text) <= set(model.vocabulary.characters):
        return 0.0
    return float(np.exp(score_by_advancing(model, [model.vocabulary.encode(text)])[0].sum()))


def test_a_mixture_is_that_of_the_documents() -> None:
    models = pair()
    blend = DocumentMixture(models, WEIGHTS)
    assert blend.vocabulary == Vocabulary("abc")
    texts = documents("abc", 5)
    expected = [sum(w * probability(m, text) for w, m in zip(WEIGHTS, models, strict=True)) for text in texts]
    found = np.exp([score.sum() for score in blend.score([blend.vocabulary.encode(text) for text in texts])])
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert expected[texts.index("ac")] == 0


def row_of(model: NGram, read: str) -> dict[str, float]:
    """log p(next | read), END as ""."""
    row = predict(model, [model.vocabulary.encode(read)])[0][-1]
    return dict(zip(("", *model.vocabulary.characters), map(float, row), strict=True))


def product_by_hand(models: tuple[NGram, NGram], context: str) -> dict[str, float]:
    """p(next | context), END as "", of models that all know some letter: all characters are small letters."""
    logs: dict[str, float] = dict.fromkeys(("", "a", "b", "c"), 0.0)
    for weight, model in zip(WEIGHTS, models, strict=True):
        read = ""
        for character in context:
            own = row_of(model, read)
            del own[""]
            read += character if character in own else max(own, key=lambda each: own[each])
        row = row_of(model, read)
        letters = [p for symbol, p in row.items() if symbol]
        for symbol in logs:
            logs[symbol] += weight * row.get(symbol, float(np.mean(letters)))
    total = sum(map(np.exp, logs.values()))
    return {symbol: float(np.exp(log) / total) for symbol, log in logs.items()}


def test_a_product_is_the_geometric_mean_of_what_its_models_say() -> None:
    models = pair()
    blend = Product(models, WEIGHTS)
    for text in documents("abc", 4):
        row = np.exp(predict(blend, [blend.vocabulary.encode(text)])[0][-1])
        by_hand = product_by_hand(models, text)
        np.testing.assert_allclose(row, [by_hand[symbol] for symbol in ("", "a", "b", "c")], rtol=1e-9)


def test_a_category_that_a_model_does_not_know_is_left_to_the_other() -> None:
    letters, digits = small_ngram(3, ["ab", "b"]), small_ngram(3, ["b1", "b2"])
    blend = Product([letters, digits], WEIGHTS)
    row = predict(blend, [blend.vocabulary.encode("b")])[0][-1]
    said, other = (row_of(model, "b") for model in (letters, digits))
    found = dict(zip(("", *blend.vocabulary.characters), row, strict=True))
    assert found["1"] - found["b"] == pytest.approx(other["1"] - 0.7 * said["b"] - 0.3 * other["b"])
    assert found["a"] - found["b"] == pytest.approx(0.7 * (said["a"] - said["b"]))  # b is the only letter of digits
    after = blend.advance(blend.start(1), blend.vocabulary.encode("1"))
    np.testing.assert_array_equal(after[0], letters.start(1)[0])  # it has no digit to read


def test_capitals_stay_at_the_beginning() -> None:
    """Of lists whose capitals are different ones, as those of most short lists are."""
    one = ["Anor", "Belen", "Caras", "Dolor", "Finwel", "Galdor", "Hathel", "Lorien", "Celond", "Findor"]
    other = ["Throk", "Ulmar", "Vrog", "Wulfgar", "Kragh", "Mogar", "Skarn", "Zurgo", "Ragnok", "Urzul"]
    names = mangosaurus.blend([mangosaurus.like(one), mangosaurus.like(other)]).sample(50, seed=1)
    assert np.mean([name[0].isupper() and name[1:].islower() for name in names]) > 0.85


@pytest.mark.parametrize("kind", [Product, DocumentMixture])
def test_rows_sum_to_one_everywhere_and_do_not_depend_on_their_neighbours(
    kind: type[Product] | type[DocumentMixture],
) -> None:
    first, second = pair()
    network = random_network(Vocabulary("bcd"))
    blend = kind([first, kind([second, network], [0.5, 0.5])], WEIGHTS)
    assert blend.vocabulary == Vocabulary("abcd")
    rng = np.random.default_rng(0)
    symbols = rng.integers(1, 5, (20, 30))  # of all alphabets: most rows are impossible as documents of a mixture
    state = blend.start(20)
    for t in range(30):
        log_probs = blend.log_probs(state)
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, rtol=WITHIN)
        state = blend.advance(state, symbols[:, t])
    alone = blend.start(1)
    for t in range(30):
        alone = blend.advance(alone, symbols[3:4, t])
    np.testing.assert_allclose(blend.log_probs(alone)[0], blend.log_probs(select(state, np.array([3])))[0], rtol=WITHIN)
    assert len(blend.log_probs(concatenate([state, alone]))) == 21


def test_a_mixture_goes_on_behind_what_no_model_knows_all_of() -> None:
    blend = DocumentMixture(pair(), WEIGHTS)
    (score,) = blend.score([blend.vocabulary.encode("ac")])
    assert np.isneginf(score[1])
    assert np.isfinite(score[[0, 2]]).all()
    state = blend.advance(blend.start(1), blend.vocabulary.encode("a"))
    np.testing.assert_allclose(np.exp(state[0]), [[1, 0]])
    state = blend.advance(state, blend.vocabulary.encode("c"))
    np.testing.assert_allclose(np.exp(state[0]), [WEIGHTS])


def test_one_model_twice_is_that_model() -> None:
    model = small_ngram()
    texts = [model.vocabulary.encode(name) for name in ("anna", "nolem", "")]
    for kind in (Product, DocumentMixture):
        for score, expected in zip(kind([model, model], WEIGHTS).score(texts), model.score(texts), strict=True):
            np.testing.assert_allclose(score, expected, rtol=1e-9)


def test_models_that_never_end_a_text() -> None:
    """A product with one never ends either; of a mixture only the other part does."""
    ngram, window = small_ngram(), small_window_model()
    product, mixture = Product([ngram, window], WEIGHTS), DocumentMixture([ngram, window], WEIGHTS)
    ids = ngram.vocabulary.encode("anna")
    assert np.isneginf(product.score([ids])[0][-1])
    (score,) = mixture.score([ids])
    assert score.sum() == pytest.approx(np.log(0.7) + ngram.score([ids])[0].sum(), rel=WITHIN)
    for blend in (product, mixture):
        np.testing.assert_allclose(np.exp(blend.log_probs(blend.start(3))).sum(axis=1), 1, rtol=WITHIN)
