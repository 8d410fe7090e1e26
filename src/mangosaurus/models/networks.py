"""The kinds of networks that a mixture may have, and its experts. Another kind has a line here, and one in each of

training/ensemble.py   what trains it
formats/native/network.py    what is read of it from a file
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray, rounded_to_8_bits, rounded_to_16_bits
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import AnyParameters, Network, State, split_state
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import GATES, Layer, Parameters, Recurrent
from mangosaurus.models.transformer import Transformer

AnyCell = Literal["rnn", "gru", "lstm", "transformer"]
KINDS: dict[str, Callable[[Vocabulary, Any], Network]] = dict.fromkeys(GATES, Recurrent) | {"transformer": Transformer}
"""What makes the network of each kind that runs, from a vocabulary and its parameters."""


def network_of(vocabulary: Vocabulary, parameters: AnyParameters) -> Network:
    """The network that runs with these parameters."""
    return KINDS[parameters.cell](vocabulary, parameters)


def mean_of(all_parameters: Sequence[Parameters]) -> Parameters:
    """The mean of recurrent networks' parameters, which have the same sizes.

    Of networks that started from the same weights and were trained little, the mean is about as good as all of them
    together (Wortsman et al. 2022, "Model soups").
    """

    def mean(arrays: Iterable[FloatArray]) -> FloatArray:
        found: FloatArray = np.stack([*arrays]).mean(axis=0, dtype=np.float64).astype(np.float32)
        return found

    layers = zip(*(each.layers for each in all_parameters), strict=True)
    names = [each.name for each in fields(Layer)]
    return replace(
        all_parameters[0],
        embedding=mean(each.embedding for each in all_parameters),
        layers=tuple(Layer(*(mean(getattr(one, name) for one in level) for name in names)) for level in layers),
        output=mean(each.output for each in all_parameters),
        output_bias=mean(each.output_bias for each in all_parameters),
    )


def rounded(parameters: Parameters) -> Parameters:
    """The parameters as a model file stores them in a quarter of the space: the large matrices in 8 bits."""
    layers = tuple(
        replace(layer, input=rounded_to_8_bits(layer.input), recurrent=rounded_to_8_bits(layer.recurrent))
        for layer in parameters.layers
    )
    return replace(parameters, layers=layers, output=rounded_to_16_bits(parameters.output))


class Experts:
    """What a mixture multiplies with its n-grams: the prior, if any, and the mean of the networks, if any.

    A state has the prior's arrays, then those of each network.
    """

    def __init__(self, prior: PriorNetwork | None, networks: Sequence[Network]) -> None:
        self._prior = [] if prior is None else [prior]
        self._networks = tuple(networks)
        self.count: int = bool(self._prior) + bool(networks)
        """How many experts there are: the networks count as one."""
        self._widths = [len(network.start(1)) for network in (*self._prior, *networks)]

    def start(self, batch: int) -> State:
        """The state of `batch` documents of a list without labels."""
        return tuple(array for each in (*self._prior, *self._networks) for array in each.start(batch))

    def start_with(self, labels: IntArray, symbols: int) -> State:
        """The state of documents with labels of these numbers, (B,); the vocabulary has `symbols` symbols."""
        states = [prior.start_with(labels) for prior in self._prior]
        states += [network.start_with(symbols + labels) for network in self._networks]
        return tuple(array for state in states for array in state)

    def logits(self, state: State) -> list[FloatArray]:
        """log p(next symbol) of each expert, up to a constant a row: (B, V) each, float32. The caller may write to
        them."""
        parts = split_state(state, self._widths)
        found = [prior.logits(part) for prior, part in zip(self._prior, parts, strict=False)]
        if self._networks:
            own = parts[len(self._prior) :]
            total = self._networks[0].logits(own[0])
            for network, part in zip(self._networks[1:], own[1:], strict=True):
                total += network.logits(part)
            total /= len(self._networks)
            found.append(total)
        return found

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every network reads the symbols, which have shape (B,)."""
        parts = zip((*self._prior, *self._networks), split_state(state, self._widths), strict=True)
        return tuple(array for network, part in parts for array in network.advance(part, symbols))
