"""NumPy's run of a network against torch's own modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rounding import rounding

from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.torch_recurrent import Network

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


@pytest.mark.parametrize("rows", [7, 300], ids=["few", "many"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_equals_torch(cell: Cell, layers: int, rows: int) -> None:
    network = torch_network(cell, layers)
    symbols = np.random.default_rng(0).integers(0, len(VOCABULARY), (40, rows))
    symbols[0] = 0
    with torch.no_grad():
        expected = torch.log_softmax(network(torch.from_numpy(symbols))[0], dim=-1).numpy()
    model = Recurrent(VOCABULARY, network.export())
    state = model.start(rows)
    within = rounding(np.float32, 40 * layers * network.hyper.hidden)  # sums of so many products, one after the other
    for t in range(40):
        np.testing.assert_allclose(model.log_probs(state), expected[t], rtol=0, atol=within)
        state = model.advance(state, symbols[t + 1] if t < 39 else symbols[t])
