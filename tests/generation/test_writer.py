"""Continuing a text: against sampling, which draws the same, and against the end of documents."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from examples import small_mixture, small_ngram
from hypothesis import given, settings
from hypothesis import strategies as st
from wishes import cuts

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import filtered, sample_block
from mangosaurus.generation.writer import write
from mangosaurus.models.interface import CharModel, state_after
from mangosaurus.training.ngram_counts import build_ngram


def written(model: CharModel, prompt: str, **options: object) -> str:
    choices: dict[str, object] = {"length": 30, "parameters": SamplingParameters(seed=1)} | options
    return "".join(write(model, model.vocabulary.encode(prompt), **choices))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1),
    index=st.integers(0, 70),
    length=st.integers(1, 90),
    prompt=st.sampled_from(["", "a", "johan"]),
    parameters=cuts,
)
def test_writes_the_sample_of_that_number(
    seed: int, index: int, length: int, prompt: str, parameters: SamplingParameters
) -> None:
    model = small_ngram()
    ids = model.vocabulary.encode(prompt)
    parameters = replace(parameters, seed=seed)
    block = sample_block(model, parameters, index, 1, len(prompt) + length, ids)
    expected = model.vocabulary.decode_rows(block.symbols, block.lengths)[0]
    assert prompt + written(model, prompt, parameters=parameters, index=index, length=length) == expected


def test_characters_come_one_by_one_as_they_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    model, calls = small_mixture(), list[int]()
    probabilities = filtered

    def counted(row: FloatArray, parameters: SamplingParameters) -> FloatArray:
        calls.append(1)
        return probabilities(row, parameters)

    monkeypatch.setattr("mangosaurus.generation.sampler.filtered", counted)
    text = write(
        model, model.vocabulary.encode("an"), SamplingParameters(seed=2, temperature=2), length=50, endless=True
    )
    assert not calls
    for count, character in enumerate(islice(text, 5), start=1):
        assert len(character) == 1
        assert len(calls) == count


def test_an_endless_text_never_ends_and_another_does() -> None:
    model = small_ngram()
    assert len(written(model, "", length=300, endless=True)) == 300
    assert all(len(written(model, "", length=300, index=index)) < 300 for index in range(5))


@pytest.mark.filterwarnings("error")
def test_even_an_endless_text_ends_where_nothing_may_follow() -> None:
    vocabulary = Vocabulary("\u212b")  # not in NFC
    model = build_ngram([vocabulary.encode("\u212b")], vocabulary, 1)
    assert [written(model, "", endless=True, parameters=SamplingParameters(t)) for t in (0, 0.5, 1)] == ["", "", ""]


def test_an_endless_text_follows_the_distribution_without_end() -> None:
    """Pearson's chi-square of the first character behind a prompt, at the 0.1 % level."""
    vocabulary = Vocabulary("ab")
    model = build_ngram([vocabulary.encode(name) for name in ("ab", "aab", "b", "a", "a")], vocabulary, 3)
    ids = vocabulary.encode("a")
    p = np.exp(model.log_probs(state_after(model, ids))[0])
    assert p[END] > 0.2
    drawn = [written(model, "a", length=1, index=index, endless=True) for index in range(400)]
    expected = 400 * p[1:] / p[1:].sum()
    observed = np.array([drawn.count("a"), drawn.count("b")])
    assert ((observed - expected) ** 2 / expected).sum() < 10.83


def test_until_ends_the_text_behind_its_first_occurrence() -> None:
    model = small_ngram()
    whole = written(model, "", length=400, endless=True)
    for until in ("a", "an", whole[7:11]):
        cut = written(model, "", length=400, endless=True, until=until)
        assert cut == whole[: whole.index(until) + len(until)]
    # What stands in the prompt does not count.
    assert len(written(model, "anna", length=3, endless=True, until="nn")) >= 2


def test_of_a_long_prompt_the_end_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.generation.writer.LONGEST_PROMPT", 2)
    assert written(small_ngram(), "johan") == written(small_ngram(), "an")


def test_values_out_of_range_are_refused_before_the_first_character() -> None:
    model = small_ngram()
    with pytest.raises(OptionError, match="length is 0; it must be 1 or more"):
        written(model, "", length=0)
    with pytest.raises(OptionError, match="index is -1"):
        written(model, "", index=-1)
