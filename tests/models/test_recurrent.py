"""NumPy's run of a network against torch's own modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from examples import random_network
from rounding import rounding

from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.training.network import Network
from mangosaurus.training.plan import Hyperparameters
from mangosaurus.vocabulary import Vocabulary

VOCABULARY = Vocabulary("abcdefgh")
CELLS: list[Cell] = ["rnn", "gru", "lstm"]


def torch_network(cell: Cell, layers: int) -> Network:
    hyper = Hyperparameters(cell=cell, hidden=24, layers=layers, embedding=10)
    network = Network(len(VOCABULARY), hyper, torch.Generator().manual_seed(3))
    with torch.no_grad():  # away from the zeros and ones of the initial biases, so that no bias can hide
        for parameter in network.parameters():
            draw = torch.Generator().manual_seed(parameter.numel())
            parameter.add_(torch.randn(parameter.shape, generator=draw), alpha=0.3)
    return network.eval()


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_equals_torch(cell: Cell, layers: int) -> None:
    network = torch_network(cell, layers)
    symbols = np.random.default_rng(0).integers(0, len(VOCABULARY), (40, 7))
    symbols[0] = 0
    with torch.no_grad():
        expected = torch.log_softmax(network(torch.from_numpy(symbols))[0], dim=-1).numpy()
    model = Recurrent(VOCABULARY, network.export())
    state = model.start(7)
    within = rounding(np.float32, 40 * layers * network.hyper.hidden)  # sums of so many products, one after the other
    for t in range(40):
        np.testing.assert_allclose(model.log_probs(state), expected[t], rtol=0, atol=within)
        state = model.advance(state, symbols[t + 1] if t < 39 else symbols[t])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_rows_sum_to_one_and_score_equals_advancing(cell: Cell, layers: int) -> None:
    model = random_network(VOCABULARY, cell, layers=layers)
    documents = [VOCABULARY.encode(text) for text in ("abcabc", "", "hgfedcbaabc", "a")]
    for document, score in zip(documents, model.score(documents), strict=True):
        state, expected = model.start(1), []
        for symbol in [*document, 0]:
            row = model.log_probs(state)[0]
            assert np.exp(row.astype(np.float64)).sum() == pytest.approx(
                1, abs=rounding(np.float32, model.hidden, size=4)
            )
            expected.append(row[symbol])
            state = model.advance(state, np.array([symbol]))
        within = rounding(np.float32, (len(document) + 1) * layers * model.hidden)
        np.testing.assert_allclose(score, expected, rtol=0, atol=within)


@pytest.mark.parametrize("cell", CELLS)
def test_advancing_leaves_the_old_state_as_it_was(cell: Cell) -> None:
    model = random_network(VOCABULARY, cell)
    state = model.start(3)
    before = [array.copy() for array in state]
    model.advance(state, np.array([1, 2, 3]))
    for array, copy in zip(state, before, strict=True):
        np.testing.assert_array_equal(array, copy)
