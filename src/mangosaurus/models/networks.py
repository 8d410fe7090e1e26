"""The kinds of networks that a mixture may have. Another one has a line here, and one in each of

training/members.py   what trains it
storage/network.py    what is read of it from a file
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from mangosaurus.models.interface import AnyParameters, Network
from mangosaurus.models.recurrent import GATES, Recurrent
from mangosaurus.models.transformer import Transformer
from mangosaurus.vocabulary import Vocabulary

AnyCell = Literal["rnn", "gru", "lstm", "transformer"]


KINDS: dict[str, Callable[[Vocabulary, Any], Network]] = dict.fromkeys(GATES, Recurrent) | {"transformer": Transformer}
"""What makes the network of each kind that runs, from a vocabulary and its parameters."""


def network_of(vocabulary: Vocabulary, parameters: AnyParameters) -> Network:
    """The network that runs with these parameters."""
    return KINDS[parameters.cell](vocabulary, parameters)
