"""Sampling against enumeration, and against itself in other batches."""

from __future__ import annotations

import numpy as np
import pytest
from chi_square import chi_square
from examples import TINY, endless_ngram, every_name, small_mixture, small_ngram, tiny_ngram
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import END
from mangosaurus.generation import sampler
from mangosaurus.generation.block import Block
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import draw, filtered, largest, sample_block, sample_blocks, uniforms
from mangosaurus.models.interface import CharModel, State

NOTHING: IntArray = np.zeros(0, dtype=np.int64)
AS_IT_IS = SamplingParameters(seed=11)


def texts_of(model: CharModel, block: Block) -> list[str]:
    return model.vocabulary.decode_rows(block.symbols, block.lengths)


@pytest.mark.parametrize("kind", TINY)
@pytest.mark.parametrize("prefix", ["", "a"])
def test_samples_follow_the_exact_distribution(prefix: str, kind: str) -> None:
    """Pearson's chi-square over all documents of up to five characters, at the 0.1 % level."""
    model = TINY[kind](letters="ab")
    samples = sample_block(model, SamplingParameters(seed=7), 0, 20_000, 5, model.vocabulary.encode(prefix))
    texts = [text for text, finished in zip(texts_of(model, samples), samples.finished, strict=True) if finished]
    probability = every_name(model, 5, prefix)
    assert chi_square(texts, probability) < 3.1


@pytest.mark.parametrize(
    ("few", "first", "largest"), [(1, 1, 1), (3, 3, 7), (2, 3, 7), (24, 64, 1024), (500, 500, 500)]
)
def test_same_seed_same_names_for_any_batch_size(
    few: int, first: int, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small_mixture()

    def names(count: int) -> list[str]:
        found: list[str] = []
        for block in sample_blocks(model, AS_IT_IS, 30, NOTHING, largest):
            found += texts_of(model, block)
            if len(found) >= count:
                break
        return found[:count]

    expected = texts_of(model, sample_block(model, AS_IT_IS, 0, 200, 30, NOTHING))
    monkeypatch.setattr(sampler, "FIRST_BLOCK", first)
    monkeypatch.setattr(sampler, "FIRST_FEW", few)
    assert names(200) == expected
    assert len(set(expected)) > 100


def test_samples_share_states_while_they_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are the same, and of fewer rows."""
    model = small_ngram()
    parameters, nothing = SamplingParameters(seed=5), np.zeros(0, dtype=np.int64)
    read: list[int] = []
    advance = model.advance

    def counted(state: State, symbols: IntArray) -> State:
        read.append(len(symbols))
        return advance(state, symbols)

    monkeypatch.setattr(model, "advance", counted)
    shared = sample_block(model, parameters, 64, 256, 12, nothing)
    rows = sum(read)
    read.clear()
    monkeypatch.setattr(sampler, "SHARED", 0)
    apart = sample_block(model, parameters, 64, 256, 12, nothing)
    assert texts_of(model, shared) == texts_of(model, apart)
    assert sum(read) == apart.lengths.sum()
    assert rows < 0.8 * sum(read)


def test_the_largest_is_subtracted_of_every_row_where_rows_are_far_apart() -> None:
    near = np.array([[0.0, -3], [2, 1]])
    assert largest(near) == 2
    far = np.array([[0.0, -3], [-900, -901]])
    assert (np.exp(far - largest(far)).max(axis=1) == 1).all()
    assert np.isfinite(np.exp(np.array([[900.0, 0]]) - largest(np.array([[900.0, 0]])))).all()


def test_uniforms_of_a_sample_do_not_depend_on_the_block() -> None:
    whole = uniforms(5, 0, 100, 2)
    np.testing.assert_array_equal(uniforms(5, 37, 10, 2), whole[37:47])
    assert not np.array_equal(uniforms(5, 0, 100, 3), whole)
    assert not np.array_equal(uniforms(6, 0, 100, 2), whole)
    assert abs(whole.mean() - 0.5) < 0.02


def test_long_samples_use_fresh_numbers() -> None:
    """A model that does not end draws 200 symbols, and those after the first 64 are no repetition of them."""
    block = sample_block(endless_ngram(["ab"]), AS_IT_IS, 0, 2, 200, NOTHING)
    assert block.lengths.tolist() == [200, 200]
    assert not block.finished.any()
    first, second = block.symbols
    assert not np.array_equal(first[:64], first[64:128])
    assert not np.array_equal(first, second)


ROWS = hnp.arrays(np.float64, (3, 6), elements=st.floats(-8, 0)).map(
    lambda logits: logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
)


@given(log_probs=ROWS, temperature=st.floats(0.1, 5))
def test_temperature_divides_the_log_probabilities(log_probs: FloatArray, temperature: float) -> None:
    kept = filtered(log_probs, SamplingParameters(temperature))
    expected = np.exp(log_probs / temperature)
    np.testing.assert_allclose(
        kept / kept.sum(axis=1, keepdims=True), expected / expected.sum(axis=1, keepdims=True), rtol=1e-9
    )


@given(log_probs=ROWS, k=st.integers(1, 8))
def test_top_k_keeps_the_k_likeliest(log_probs: FloatArray, k: int) -> None:
    kept = filtered(log_probs, SamplingParameters(top_k=k))
    assert ((kept > 0).sum(axis=1) == min(k, 6)).all()
    for row, before in zip(kept, log_probs, strict=True):
        assert before[row > 0].min() >= before[row == 0].max(initial=-np.inf)


@given(log_probs=ROWS, p=st.floats(0.01, 1))
def test_top_p_keeps_the_fewest_that_reach_p(log_probs: FloatArray, p: float) -> None:
    probability = np.exp(log_probs)
    for row, whole in zip(filtered(log_probs, SamplingParameters(top_p=p)), probability, strict=True):
        kept = np.sort(whole[row > 0])
        assert kept.sum() >= p - 1e-9
        assert kept[1:].sum() < p + 1e-9 or len(kept) == 1  # ties may fall either way


@given(log_probs=ROWS, p=st.floats(0, 1))
def test_min_p_keeps_what_is_likely_enough(log_probs: FloatArray, p: float) -> None:
    kept = filtered(log_probs, SamplingParameters(min_p=p))
    threshold = p * np.exp(log_probs).max(axis=1, keepdims=True)
    clear = np.abs(np.exp(log_probs) - threshold) > 1e-12
    np.testing.assert_array_equal((kept > 0)[clear], (np.exp(log_probs) >= threshold)[clear])


def test_temperature_zero_is_arg_max() -> None:
    model = small_ngram()
    samples = sample_block(model, SamplingParameters(temperature=0), 0, 5, 30, NOTHING)
    state, symbols = model.start(1), list[int]()
    while (best := int(model.log_probs(state)[0].argmax())) != END and len(symbols) < 30:
        symbols.append(best)
        state = model.advance(state, np.array([best]))
    assert texts_of(model, samples) == [model.vocabulary.decode(np.array(symbols))] * 5


@pytest.mark.filterwarnings("error")
def test_a_tiny_temperature_is_nearly_zero_and_nothing_allowed_stays_nothing() -> None:
    log_probs = np.array([[-3.0, -1.0, -np.inf, -2.0], [-np.inf] * 4])
    for parameters in (SamplingParameters(1e-320), SamplingParameters(1e-320, top_k=2, top_p=0.9, min_p=0.1)):
        assert filtered(log_probs, parameters).tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]


def test_where_nothing_is_possible_the_end_is_drawn() -> None:
    assert draw(np.zeros((1, 3)), np.full(1, 0.5)).tolist() == [END]
    assert draw(np.array([[0.0, 0, 0], [0, 0.5, 0]]), np.full(2, 0.5)).tolist() == [END, 1]


def test_what_is_rounded_up_to_the_total_is_the_last_symbol() -> None:
    most = np.nextafter(1, 0)
    probability = np.array([[0.25, 0.25, np.nextafter(0.5, 0)]] * 2)
    assert draw(probability, np.full(2, most)).tolist() == [2, 2]


@given(
    log_probs=ROWS, uniform=hnp.arrays(np.float64, 3, elements=st.floats(0, 1, exclude_max=True)), k=st.integers(1, 5)
)
def test_nothing_impossible_is_ever_drawn(log_probs: FloatArray, uniform: FloatArray, k: int) -> None:
    probability = filtered(log_probs, SamplingParameters(top_k=k))
    assert (probability[np.arange(3), draw(probability, uniform)] > 0).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": -0.1}, "temperature is -0.1"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0.0}, "top_p is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"min_p": -1.0}, "min_p is -1"),
        ({"seed": -1}, "seed is -1; it must be from 0"),
        ({"seed": 2**64}, f"seed is {2**64}"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SamplingParameters(**values)  # type: ignore[arg-type]


def test_blocks_are_smaller_where_the_vocabulary_is_very_large() -> None:
    small, large = tiny_ngram(), tiny_ngram(letters="".join(map(chr, range(0x4E00, 0x9E00))))
    assert sampler.most_rows(small, 1024) == 1024
    rows = sampler.most_rows(large, 1024)
    assert 8 * rows * len(large.vocabulary) <= sampler.BLOCK_BYTES < 8 * 2 * rows * len(large.vocabulary)
    block = next(sample_blocks(large, AS_IT_IS, 5, NOTHING))
    assert len(block.symbols) == min(sampler.FIRST_FEW, rows)
