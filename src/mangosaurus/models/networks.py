"""The kinds of networks that a mixture may have. Another kind has a line here, and one in each of

training/ensemble.py   what trains it
formats/native/network.py    what is read of it from a file
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np

from mangosaurus.core.arrays import FloatArray, rounded_to_8_bits, rounded_to_16_bits
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import AnyParameters, Network
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
