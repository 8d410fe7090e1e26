"""NumPy's run of a transformer against torch's, step by step against all at once, and its sliding window."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from examples import random_transformer
from rounding import rounding

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import predict, score_by_advancing, select
from mangosaurus.models.transformer import Transformer
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.torch_transformer import TransformerNetwork

VOCABULARY = Vocabulary("abcdefgh")
WITHIN = rounding(np.float32, 2 * (8 + 16 + 8 + 20 + 8), size=4)
"""Sums of as many products in the two layers of `random_transformer`, on logarithms of such a size."""


def torch_network(hidden: int, layers: int, window: int) -> TransformerNetwork:
    hyper = Hyperparameters(cell="transformer", hidden=hidden, layers=layers, window=window)
    network = TransformerNetwork(len(VOCABULARY), hyper, torch.Generator().manual_seed(3))
    with torch.no_grad():  # away from the ones and zeros of the initial gains and biases, so that none can hide
        for parameter in network.parameters():
            draw = torch.Generator().manual_seed(parameter.numel())
            parameter.add_(torch.randn(parameter.shape, generator=draw), alpha=0.1)
    return network.eval()


def documents(*lengths: int) -> list[IntArray]:
    rng = np.random.default_rng(0)
    return [rng.integers(1, len(VOCABULARY), length) for length in lengths]


@pytest.mark.parametrize(("hidden", "layers", "window"), [(32, 1, 64), (64, 3, 64), (128, 2, 9), (24, 2, 1)])
def test_equals_torch(hidden: int, layers: int, window: int) -> None:
    """Also where the window is shorter than what is read, and with one head or several."""
    network = torch_network(hidden, layers, window)
    symbols = np.random.default_rng(0).integers(0, len(VOCABULARY), (40, 7))
    symbols[0] = 0
    with torch.no_grad():
        expected = torch.log_softmax(network(torch.from_numpy(symbols))[0], dim=-1).numpy()
    model = Transformer(VOCABULARY, network.export())
    state = model.start(7)
    within = rounding(np.float32, layers * (4 * hidden + window))  # sums of so many products, one after the other
    for t in range(40):
        np.testing.assert_allclose(model.log_probs(state), expected[t], rtol=0, atol=within)
        state = model.advance(state, symbols[t + 1] if t < 39 else symbols[t])


@pytest.mark.parametrize("context", [1, 2, 7, 16, 200])
def test_all_at_once_equals_step_by_step(context: int) -> None:
    """For documents shorter than the window, as long, a little longer, and many windows long."""
    model = random_transformer(VOCABULARY, context=context)
    chosen = documents(0, 1, context - 1, context, context + 1, 5 * context + 3)
    for found, expected in zip(model.score(chosen), score_by_advancing(model, chosen), strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=WITHIN)


def test_many_documents_are_read_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_transformer(VOCABULARY, context=8)
    chosen = documents(*range(30))
    expected = model.score(chosen)
    monkeypatch.setattr("mangosaurus.models.transformer.ROWS_AT_ONCE", 1000)
    for found, score in zip(model.score(chosen), expected, strict=True):
        np.testing.assert_allclose(found, score, rtol=0, atol=WITHIN)


def test_it_sees_as_far_as_its_layers_reach_and_no_further() -> None:
    """Two layers with a context of 5 reach back 8 symbols; in a long document, from everywhere alike."""
    model = random_transformer(VOCABULARY, layers=2, context=5)
    (document,) = documents(40)
    changed = document.copy()
    changed[20] = changed[20] % 8 + 1
    before, after = predict(model, [document, changed])
    differs = np.abs(before - after).max(axis=1) > 1e-4
    assert np.flatnonzero(differs).tolist() == list(range(21, 30))


def test_where_a_document_begins_does_not_matter_once_it_is_out_of_sight() -> None:
    model = random_transformer(VOCABULARY, layers=2, context=5)
    (document,) = documents(60)
    whole, tail = predict(model, [document, document[30:]])
    np.testing.assert_allclose(whole[30 + 9 :], tail[9:], rtol=0, atol=WITHIN)
    assert np.abs(whole[30:33] - tail[:3]).max() > 1e-2


def test_rows_of_different_lengths_share_a_batch() -> None:
    """Rows of a state are selected and joined by their first axis alone, however much each has read."""
    model = random_transformer(VOCABULARY, context=6)

    def read(document: IntArray) -> tuple[FloatArray, ...]:
        state = model.start(1)
        for symbol in document:
            state = model.advance(state, np.array([symbol]))
        return state

    states = [read(document) for document in documents(0, 3, 20)]
    joined = tuple(np.concatenate(arrays) for arrays in zip(*states, strict=True))
    together = model.log_probs(model.advance(select(joined, np.array([2, 0, 1, 2])), np.array([4, 4, 4, 4])))
    alone = [model.log_probs(model.advance(state, np.array([4])))[0] for state in states]
    np.testing.assert_allclose(together, [alone[2], alone[0], alone[1], alone[2]], rtol=0, atol=WITHIN)


def test_far_into_a_long_document_the_rotations_are_still_exact() -> None:
    """Distances decide, not places: what is read a million symbols in is what is read at the beginning."""
    model = random_transformer(VOCABULARY, context=8)
    _, *arrays = model.start(1)
    empty = [np.zeros_like(array) for array in arrays]
    late = model.advance((np.array([10**6]), *empty), np.array([3]))
    early = model.advance((np.array([8]), *empty), np.array([3]))
    for symbol in (1, 2, 3, 4):
        late, early = (model.advance(state, np.array([symbol])) for state in (late, early))
    np.testing.assert_allclose(model.log_probs(late), model.log_probs(early), rtol=0, atol=WITHIN)
