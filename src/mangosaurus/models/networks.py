"""The kinds of networks that a mixture may have, and their mean. Another kind has a line here, and one in each of

training/ensemble.py   what trains it
formats/native/network.py    what is read of it from a file
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import AnyParameters, Network, State, split_state
from mangosaurus.models.recurrent import GATES, Recurrent
from mangosaurus.models.transformer import Transformer

AnyCell = Literal["rnn", "gru", "lstm", "transformer"]
KINDS: dict[str, Callable[[Vocabulary, Any], Network]] = dict.fromkeys(GATES, Recurrent) | {"transformer": Transformer}
"""What makes the network of each kind that runs, from a vocabulary and its parameters."""


def network_of(vocabulary: Vocabulary, parameters: AnyParameters) -> Network:
    """The network that runs with these parameters."""
    return KINDS[parameters.cell](vocabulary, parameters)


class Ensemble:
    """Networks over one vocabulary, averaged. A state has their states one after the other; with none, it is empty."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks: tuple[Network, ...] = tuple(networks)
        self._widths = [len(network.start(1)) for network in self.networks]

    def start(self, batch: int) -> State:
        return self.start_with(np.full(batch, END))

    def start_with(self, first: IntArray) -> State:
        """The state after rows of the embedding that take END's place before a document: `first` has shape (B,)."""
        return tuple(array for network in self.networks for array in network.start_with(first))

    def logits(self, state: State) -> FloatArray:
        """The mean over the networks of log p(next symbol), up to a constant a row: shape (B, V), float32."""
        parts = split_state(state, self._widths)
        total = self.networks[0].logits(parts[0])
        for network, part in zip(self.networks[1:], parts[1:], strict=True):
            total += network.logits(part)
        total /= len(self.networks)
        return total

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every network reads the symbols, which have shape (B,)."""
        parts = zip(self.networks, split_state(state, self._widths), strict=True)
        return tuple(array for network, part in parts for array in network.advance(part, symbols))
