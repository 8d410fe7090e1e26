"""Names with labels: the product of experts, Bayes' rule, the sum over labels and blends, each by its formula."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from examples import LABELS, NAMES, small_labelled
from rounding import rounding

from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import features
from mangosaurus.training.ngram_counts import build_ngram

MODELS = [small_labelled(), small_labelled(networks=0)]
IDS = ["networks", "n-grams alone"]
WITHIN = rounding(np.float32, 10 * (7 + 5), size=4)
"""Sums of as many products in networks that read ten symbols, on logarithms of such a size."""


def probability(model: CharModel, document: str) -> float:
    """p(document), END included."""
    (score,) = model.score([model.vocabulary.encode(document)])
    return float(np.exp(score.sum()))


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_given_a_label_it_is_the_product_of_its_models(model: Labelled) -> None:
    for label in (0, 1):
        given = model.given(label)
        own, common = model.own[label], model.common
        state = given.start(1)
        nodes = own.start(1), common.start(1)
        networks = [network.start_with(np.array([len(model.vocabulary) + label])) for network in model.networks]
        for symbol in [*model.vocabulary.encode("johanna"), END]:
            row = np.append(features(own, nodes[0][0])[0], features(common, nodes[1][0])[0])
            exponents = (row @ model.weights).clip(0, 2)
            expected = exponents[0] * own.log_probs(nodes[0])[0] + exponents[1] * common.log_probs(nodes[1])[0]
            if model.networks:
                said = [net.log_probs(s)[0].astype(float) for net, s in zip(model.networks, networks, strict=True)]
                expected = expected + exponents[2] * np.mean(said, axis=0)
            expected = np.exp(expected) / np.exp(expected).sum()
            np.testing.assert_allclose(np.exp(given.log_probs(state)[0]), expected, rtol=WITHIN)
            read = np.array([symbol])
            state = given.advance(state, read)
            nodes = own.advance(nodes[0], read), common.advance(nodes[1], read)
            networks = [net.advance(s, read) for net, s in zip(model.networks, networks, strict=True)]


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_without_a_label_it_is_the_sum_over_labels(model: Labelled) -> None:
    boys = LABELS.count("boy") / len(LABELS)
    np.testing.assert_allclose(np.exp(model.log_prior), [boys, 1 - boys])
    for name in ("anna", "leon", "", "mmm"):
        expected = boys * probability(model.given(0), name) + (1 - boys) * probability(model.given(1), name)
        assert probability(model, name) == pytest.approx(expected, rel=WITHIN)


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_bayes_rule(model: Labelled) -> None:
    boys = LABELS.count("boy") / len(LABELS)
    names = ["anna", "leon", "", "mmm"]
    found = model.posterior([model.vocabulary.encode(name) for name in names])
    for name, row in zip(names, found, strict=True):
        joint = np.array([boys * probability(model.given(0), name), (1 - boys) * probability(model.given(1), name)])
        np.testing.assert_allclose(row, joint / joint.sum(), rtol=WITHIN)


def test_the_labels_differ_and_tell_names_apart() -> None:
    model = small_labelled(networks=0)
    found = model.posterior([model.vocabulary.encode(name) for name in NAMES]).argmax(axis=1)
    right = np.mean([model.labels[place] == label for place, label in zip(found, LABELS, strict=True)])
    assert right > 0.9


def test_all_short_documents_together_have_what_long_ones_leave() -> None:
    """Over every document of up to three of two letters, p is at most one, and all of it but what goes on."""
    vocabulary = Vocabulary("ab")
    counted = [["a", "ab"], ["b", "ba", "bb"]]
    own = [build_ngram([vocabulary.encode(n) for n in names], vocabulary, 3) for names in counted]
    common = build_ngram([vocabulary.encode(n) for names in counted for n in names], vocabulary, 3)
    weights = np.random.default_rng(0).uniform(0, 0.5, (12, 2))
    model = Labelled(("x", "y"), np.array([2, 3]), own, common, (), weights)
    texts = ["".join(letters) for length in range(4) for letters in product("ab", repeat=length)]
    for each in (model, model.given(1), model.blend(np.array([0.3, 0.7]))):
        ended = sum(probability(each, text) for text in texts)
        goes_on = 0.0
        for letters in product("ab", repeat=4):
            (score,) = each.score([vocabulary.encode("".join(letters))])
            goes_on += float(np.exp(score[:4].sum()))
        assert ended + goes_on == pytest.approx(1, rel=WITHIN)


def test_a_blend_weighs_its_labels_at_every_symbol() -> None:
    model = small_labelled()
    weights = np.array([0.3, 0.7])
    blend = model.blend(weights)
    state = blend.start(2)
    parts = [model.given(0).start(2), model.given(1).start(2)]
    for symbols in (np.array([1, 2]), np.array([3, 4]), np.array([2, 2])):
        rows = [model.given(label).log_probs(part) for label, part in enumerate(parts)]
        expected = np.exp(0.3 * rows[0] + 0.7 * rows[1])
        expected /= expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(np.exp(blend.log_probs(state)), expected, rtol=WITHIN)
        state = blend.advance(state, symbols)
        parts = [model.given(label).advance(part, symbols) for label, part in enumerate(parts)]
    document = [model.vocabulary.encode("anna")]
    (found,), (expected,) = model.blend(np.array([0.0, 2.0])).score(document), model.given(1).score(document)
    np.testing.assert_allclose(found, expected, rtol=0, atol=WITHIN)


def test_scores_with_labels_are_those_of_each_label() -> None:
    model = small_labelled()
    documents = [model.vocabulary.encode(name) for name in ("anna", "leon", "abel")]
    for label, document, score in zip(
        (1, 0, 1), documents, model.score_with(documents, np.array([1, 0, 1])), strict=True
    ):
        np.testing.assert_allclose(score, model.given(label).score([document])[0], rtol=0, atol=WITHIN)
