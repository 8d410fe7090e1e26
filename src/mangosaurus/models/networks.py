"""The kinds of networks that a mixture may have."""

from __future__ import annotations

from typing import Literal

from mangosaurus.models.interface import Network
from mangosaurus.models.recurrent import GATES, Parameters, Recurrent
from mangosaurus.models.transformer import Transformer, TransformerParameters
from mangosaurus.vocabulary import Vocabulary

AnyParameters = Parameters | TransformerParameters
AnyCell = Literal["rnn", "gru", "lstm", "transformer"]
CELLS = (*GATES, "transformer")


def network_of(vocabulary: Vocabulary, parameters: AnyParameters) -> Network:
    """The network that runs with these parameters."""
    if isinstance(parameters, TransformerParameters):
        return Transformer(vocabulary, parameters)
    return Recurrent(vocabulary, parameters)
