"""Which of the samples are handed back."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from examples import NAMES, TINY, endless_ngram, small_ngram
from rounding import rounding

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import OptionError, UnknownCharacterError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation import collect as collecting
from mangosaurus.generation import sampler
from mangosaurus.generation.beam import collect_distinct
from mangosaurus.generation.block import Block
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.samples import Samples
from mangosaurus.generation.search import search
from mangosaurus.training.ngram_counts import build_ngram

KNOWN = DocumentHashes.of(NAMES)


def names(
    n: int, prefix: str = "", unique: bool = True, known: DocumentHashes | None = KNOWN, max_length: int = 20
) -> Samples:
    constraints = Constraints(prefix=(prefix,), max_length=max_length)
    return collect(small_ngram(), n, constraints, SamplingParameters(seed=3), unwanted=Unwanted(known, unique))


def test_names_are_new_and_distinct() -> None:
    found = names(300)
    assert len(found) == len(set(found)) == 300
    assert not set(found) & set(NAMES)
    assert found.shortfall() is None


def test_known_and_repeated_names_can_be_kept() -> None:
    everything = names(300, known=None, unique=False)
    assert len(set(everything)) < 300
    assert set(everything) & set(NAMES)
    assert "" not in everything
    new = [name for name in dict.fromkeys(everything) if name not in NAMES]
    assert list(names(len(new))) == new


def test_no_name_begins_or_ends_with_a_space() -> None:
    """Though an n-gram of order 1 puts a space anywhere."""
    vocabulary = Vocabulary("ab ")
    model = build_ngram(vocabulary.encode_all(["a b", "b a", "a a b b"]), vocabulary, 1)
    plain, parameters = Constraints(max_length=6), SamplingParameters(seed=1)
    drawn = collect(model, 60, plain, parameters)
    found = [
        drawn,
        collect(model, 20, Constraints(contains=(" ",), max_length=6), parameters),
        collect_distinct(model, 20, plain, parameters),
        search(model, 20, compile_constraints(plain, vocabulary), prefix=vocabulary.encode("")),
    ]
    assert drawn.empty > 20
    for names in found:
        assert len(names) >= 20
        assert all(name == name.strip() != "" for name in names)
        assert any(" " in name for name in names)


@pytest.mark.parametrize("kind", TINY)
@pytest.mark.parametrize(
    ("constraints", "parameters"),
    [
        (Constraints(), SamplingParameters(seed=1)),
        (Constraints(prefix=("a",)), SamplingParameters(seed=1)),
        (Constraints(prefix=("ab", "ac", "b")), SamplingParameters(seed=1)),
        (Constraints(suffix=("a",)), SamplingParameters(seed=1, temperature=0.7)),
        (Constraints(), SamplingParameters(seed=1, temperature=1.5, top_k=3)),
    ],
    ids=["none", "prefix", "prefixes", "suffix", "temperature"],
)
def test_the_losses_known_from_drawing_are_the_models(
    constraints: Constraints, parameters: SamplingParameters, kind: str
) -> None:
    """Of the distribution before temperature, cuts and constraints."""
    model = TINY[kind]()
    found = collect(model, 40, constraints, parameters, default_length=12)
    scores = model.score([model.vocabulary.encode(document) for document in found.documents])
    assert found.losses is not None
    assert len(found.losses) == len(found) > 5
    operations = 13 * len(model.vocabulary) * 20
    tolerance = rounding(np.float32, operations, max(float(np.abs(score).max()) for score in scores))
    np.testing.assert_allclose(found.losses, [-score.mean() for score in scores], rtol=0, atol=tolerance)


def test_what_is_cut_has_no_losses() -> None:
    cut = collect(endless_ngram(), 2, Constraints(max_length=20), SamplingParameters(seed=1), cut_long=True)
    assert cut.losses is None


def test_names_are_given_as_they_are_found_and_not_kept() -> None:
    given: list[Samples] = []
    asked = small_ngram(), 300, Constraints(max_length=20), SamplingParameters(seed=3)
    samples = collect(*asked, unwanted=Unwanted(KNOWN), give=given.append)
    assert (len(samples), samples.given, samples.found) == (0, 300, 300)
    assert len(given) > 1
    whole = names(300)
    assert [name for each in given for name in each] == list(whole)
    assert [loss for each in given for loss in each.losses or ()] == list(whole.losses or ())
    assert (samples.drawn, samples.known, samples.repeated) == (whole.drawn, whole.known, whole.repeated)
    few = collect(small_ngram(), 100, Constraints(max_length=1), SamplingParameters(seed=3), give=given.append)
    assert (
        few.shortfall()
        == collect(small_ngram(), 100, Constraints(max_length=1), SamplingParameters(seed=3)).shortfall()
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_no_block_is_computed_that_nobody_needs(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    drawing = sampler.sample_block

    def counted(*given: Any) -> Block:
        computed.append(given[3])
        return drawing(*given)

    monkeypatch.setattr(sampler, "sample_block", counted)
    monkeypatch.setattr(os, "cpu_count", lambda: threads)
    found = names(4000, unique=False, known=None)
    assert found.drawn > sum(sorted(computed)[:-1])


def test_a_shortfall_is_told() -> None:
    found = names(100, max_length=1)
    assert 0 < len(found) < 100
    message = found.shortfall()
    assert message is not None
    assert message.startswith(f"found {len(found)} of the 100 asked for: of ")
    assert message.count("longer than max_length") == 1


def test_at_temperature_zero_there_is_one_name() -> None:
    coldest = SamplingParameters(temperature=0, seed=3)
    found = collect(small_ngram(), 3, Constraints(), coldest, default_length=20)
    assert len(found) == 1
    copies = collect(small_ngram(), 3, Constraints(), coldest, unwanted=Unwanted(repeated=False))
    assert list(copies) == [found[0]] * 3


def test_what_is_impossible_is_refused() -> None:
    with pytest.raises(OptionError, match="n is 0"):
        names(0)
    with pytest.raises(UnknownCharacterError, match=r"'é' \(U\+00E9, LATIN SMALL LETTER E WITH ACUTE\)"):
        names(3, prefix="hé")
    with pytest.raises(OptionError, match="prefix has 5 characters, and max_length is 4"):
        names(3, prefix="hanna", max_length=4)
    with pytest.raises(OptionError, match="max_length is 0"):
        names(3, max_length=0)


def test_a_model_whose_names_never_end_is_given_up() -> None:
    found = collect(endless_ngram(), 1, Constraints(max_length=2000), SamplingParameters(seed=3))
    assert len(found) == 0
    assert found.given_up
    assert found.drawn <= 64 + 256 + 1024
    said = found.shortfall()
    assert said is not None
    assert "were longer than max_length, and the search stopped at its limit" in said


def test_texts_as_long_as_they_are_asked_for_are_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "FEWEST_SYMBOLS", 10)
    wishes, kept = Constraints(max_length=25_000), Unwanted(repeated=False)
    found = collect(endless_ngram(), 3, wishes, SamplingParameters(seed=3), unwanted=kept, cut_long=True, alone=True)
    assert [len(text) for text in found] == [25_000] * 3
    assert not found.given_up
