"""A steered model: normalised, exact under sampling and search, itself at strength 0, and moved the right way."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chi_square import chi_square
from examples import NAMES, every_name, small_labelled, small_mixture, small_ngram, tiny_mixture
from rounding import rounding

import mangosaurus
from mangosaurus import Model, OptionError
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.vocabulary import END
from mangosaurus.models.blend import DocumentMixture, Product
from mangosaurus.models.interface import CharModel, predict, score_by_advancing
from mangosaurus.models.prior import bundled_prior
from mangosaurus.models.steered import FLOOR, Steered
from mangosaurus.training.steering import EVIDENCE, steer

GIRLS, BOYS = ["anna", "hannah", "johanna", "helena"], ["leon", "noel", "joel", "manuel"]
MODELS: dict[str, CharModel] = {
    "n-gram": small_ngram(),
    "mixture": small_mixture(),
    "labels": small_labelled(),
    "one label": small_labelled().given(0),
    "product": Product([small_ngram(), small_ngram(3, ["zoe", "anna"])], [0.5, 0.5]),
    "either": DocumentMixture([small_ngram(), small_ngram(3, ["zoe", "anna"])], [0.5, 0.5]),
}


def of(distribution: CharModel) -> Model:
    return Model(distribution, "names", DocumentHashes.of(NAMES), {})


@pytest.fixture(scope="module")
def girls() -> Model:
    return of(small_ngram()).like(GIRLS)


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_can_be_steered(kind: str) -> None:
    """Rows sum to one, the two ways to score agree, and the names liked are likelier than before."""
    model = MODELS[kind]
    steered = steer(model, GIRLS, BOYS, ["lena", "anton", "muriel"], 0.1)
    documents = [model.vocabulary.encode(name) for name in ("hannah", "anton", "")]
    for rows in predict(steered, documents):
        np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, rtol=rounding(np.float64, 100))
    for one, two in zip(steered.score(documents), score_by_advancing(steered, documents), strict=True):
        np.testing.assert_array_equal(one, two)
    liked, disliked = ([model.vocabulary.encode(name) for name in names] for names in (GIRLS, BOYS))
    moved = [
        sum(map(np.sum, steered.score(names))) - sum(map(np.sum, model.score(names))) for names in (liked, disliked)
    ]
    assert moved[0] > 0 > moved[1]


def test_the_formula() -> None:
    """Against the formula of models/steered.py, term by term."""
    base, own = small_ngram(), ["lena", "anton", "muriel"]
    found = steer(base, GIRLS, [], own, 0.5)
    found.ending = np.array([0.0, 0.0, 0.1, 0.5])
    prefix = base.vocabulary.encode("han")
    before, after = base.start(1), found.start(1)
    prior, node = found.prior.start_with(np.arange(2)), found.ngram.start(1)
    for symbol in prefix:
        read = np.array([symbol])
        before, after = base.advance(before, read), found.advance(after, read)
        prior, node = found.prior.advance(prior, np.repeat(read, 2)), found.ngram.advance(node, read)
    by_list = found.prior.log_probs(prior).astype(np.float64)
    more = found.weights[0] * (by_list[0] - by_list[1]) + found.table[node[0][0]]
    p = np.exp(base.log_probs(before)[0])
    fitted = p * np.exp(more) / (p * np.exp(more)).sum()
    expected = p * ((fitted + FLOOR) / (p + FLOOR)) ** found.scale
    expected[END] *= np.exp(0.5)
    within = rounding(np.float32, 1000)
    np.testing.assert_allclose(np.exp(found.log_probs(after)[0]), expected / expected.sum(), rtol=within)


def test_the_list_vectors_move_towards_the_names() -> None:
    found = steer(small_ngram(), GIRLS, BOYS, NAMES, 0.5)
    share = len(GIRLS) / (len(GIRLS) + EVIDENCE)
    np.testing.assert_allclose(found.weights, [share, -share, 0])
    vocabulary = small_ngram().vocabulary
    towards = bundled_prior().vector_of([vocabulary.encode(name) for name in GIRLS], vocabulary)
    liked, disliked, own = np.linalg.norm(found.prior.parameters.vectors - towards, axis=1)
    assert liked < min(disliked, own)


def test_samples_follow_the_steered_model_exactly() -> None:
    """Every name of up to four characters of a model of three letters, by chi-square against its probability."""
    model = of(tiny_mixture()).like(["abba", "abab"])
    p, unsteered = every_name(model.distribution, 4), every_name(tiny_mixture(), 4)
    del p[""], unsteered[""]  # no sample is empty
    asked: dict[str, Any] = {"allow_known": True, "allow_duplicates": True, "max_length": 4, "seed": 1}
    assert chi_square(model.sample(4_000, **asked), p) < 3.1
    assert chi_square(model.sample(4_000, **asked), unsteered) > 10
    within = {name: each for name, each in p.items() if name.startswith("a") and name.endswith("b")}
    assert chi_square(model.sample(2_000, prefix="a", suffix="b", **asked), within) < 3.1
    best = sorted(p, key=lambda name: -p[name])[:5]
    assert list(model.top(5, max_length=4)) == best


def test_strength_0_is_the_model_itself(girls: Model) -> None:
    model = of(small_ngram())
    asked: dict[str, Any] = {"n": 8, "seed": 3}
    same, steered = model.like(["otto"], strength=0), model.like(GIRLS)
    assert same.distribution is model.distribution
    assert "otto" in same.known
    assert list(model.sample(**asked, like=GIRLS, strength=0)) == list(model.sample(**asked))
    assert list(steered.sample(**asked)) == list(girls.sample(**asked)) == list(model.sample(**asked, like=GIRLS))
    assert list(steered.sample(**asked)) != list(model.sample(**asked))


def test_more_strength_is_more_of_it() -> None:
    model = of(small_ngram())
    ends = [
        np.mean([name.endswith("a") for name in model.sample(60, seed=1, like=GIRLS, strength=strength)])
        for strength in (0, 0.5, 1)
    ]
    assert ends[0] < ends[1]
    assert ends[0] < ends[2]
    away = model.sample(60, seed=1, unlike=GIRLS)
    assert np.mean([name.endswith("a") for name in away]) < ends[0]


def test_the_order_of_names_has_no_effect() -> None:
    one, two = (of(small_ngram()).like(names) for names in (GIRLS, [*GIRLS[::-1], GIRLS[0]]))
    assert list(one.sample(8, seed=1)) == list(two.sample(8, seed=1))


def test_names_that_steer_are_not_written(girls: Model) -> None:
    liked = ["annalena", "marlena"]
    model = of(small_ngram()).like(liked, strength=1)
    assert not {*liked} & {*model.sample(50, seed=1)}
    assert {*liked} & {*model.sample(50, seed=1, allow_known=True)}
    away = of(small_ngram()).unlike(["lenanna"], strength=0.1)
    assert "lenanna" in away.known
    near = model.sample(5, seed=1, not_like=2, training=NAMES)
    assert len(near) == 5
    assert model.best(3, 20, seed=1, training=NAMES)


def test_unknown_characters_are_told() -> None:
    model = of(small_ngram())
    with pytest.warns(UserWarning, match="cannot write, 'Z' .U.005A.*names to resemble") as warned:
        steered = model.like(["Zoe", "anna"])
    assert warned[0].filename == __file__
    assert len(steered.remarks) == 1
    with pytest.warns(UserWarning, match="names to differ from"):
        samples = model.sample(3, unlike="Zoe, anna", seed=1)
    assert "'Z'" in samples.remarks()[0]
    with pytest.raises(OptionError, match="unlike has no character that the model knows"):
        model.unlike(["ЖЖ"])


def test_refused() -> None:
    model = of(small_ngram())
    with pytest.raises(OptionError, match="strength is 2; it must be from 0 to 1"):
        model.like(["anna"], strength=2)
    with pytest.raises(OptionError, match="strength has no effect without names"):
        model.sample(1, strength=0.5)
    with pytest.raises(OptionError, match="unlike has no name"):
        model.unlike([])
    with pytest.raises(OptionError, match="like has 1,001 names; 1,000 at most"):
        model.like([f"a{number}" for number in range(1001)])
    with pytest.raises(OptionError, match="a steered model is not saved"):
        model.like(["anna"]).to_bytes()
    text = replace(model, kind="text")
    with pytest.raises(OptionError, match="writes texts"):
        text.like(["anna"])


def test_the_shape_of_the_list_stays() -> None:
    """Ten names of dinosaurs: what is written is like dinosaurs, a capital and then small letters."""
    model = mangosaurus.load()
    liked = [name for name in model.sample(100, seed=1) if name.endswith("us")][:10]
    steered = model.like(liked).sample(50, seed=2)
    assert np.mean([name[0].isupper() and name[1:].islower() for name in steered]) >= 0.95
    assert np.mean([name.endswith("us") for name in steered]) >= 0.7
    before, rather = model.sample(50, seed=2), model.unlike(liked, strength=1).sample(50, seed=2)
    assert np.mean([name.endswith("us") for name in rather]) <= 0.75 * np.mean([name.endswith("us") for name in before])
    assert isinstance(model.like(liked).distribution, Steered)


def test_few_names_keep_names_well_formed() -> None:
    """Three liked and three disliked: few of the samples stutter. Far more do if n names steer as ten do."""
    model = mangosaurus.load().like(["Hevingaceratops", "Steraceratops", "Duliceratops"])
    samples = model.unlike(["Rikensaurus", "Fagrochunieus", "Astrodontosaurus"]).sample(60, seed=1)
    assert np.mean([name[1:].islower() for name in samples]) >= 0.95
    assert np.mean([re.search(r"(..+)\1|(.)\2\2", name) is not None for name in samples]) <= 0.1


def test_the_more_names_the_more_they_steer() -> None:
    """n names have n / (n + EVIDENCE) of it, and a name given twice counts once."""
    of_one, of_three = (
        abs(steer(small_ngram(), names, [], NAMES, 0.5).weights) for names in (GIRLS[:1] * 2, GIRLS[:3])
    )
    np.testing.assert_allclose(of_one / of_three, (1 / (1 + EVIDENCE)) / (3 / (3 + EVIDENCE)))
