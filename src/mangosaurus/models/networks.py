"""The kinds of networks that a mixture may have. Another one has a line here, and one in each of

training/members.py   what trains it
storage/network.py    what is read of it from a file
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mangosaurus.models.interface import AnyParameters, Network
from mangosaurus.models.recurrent import GATES, Recurrent
from mangosaurus.models.transformer import Transformer
from mangosaurus.vocabulary import Vocabulary

AnyCell = Literal["rnn", "gru", "lstm", "transformer"]


@dataclass(frozen=True)
class Kind:
    """What runs a kind of network."""

    network: Callable[[Vocabulary, Any], Network]
    """Makes it from a vocabulary and its parameters."""
    format: int
    """The first version of the file's layout that has such networks: see storage/__init__.py."""


KINDS: dict[str, Kind] = {cell: Kind(Recurrent, 1) for cell in GATES} | {"transformer": Kind(Transformer, 2)}


def network_of(vocabulary: Vocabulary, parameters: AnyParameters) -> Network:
    """The network that runs with these parameters."""
    return KINDS[parameters.cell].network(vocabulary, parameters)
