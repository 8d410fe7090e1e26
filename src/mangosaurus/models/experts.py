"""What a mixture multiplies with its n-grams: the prior and the mean of its networks."""

from __future__ import annotations

from collections.abc import Sequence

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.models.interface import Network, State, split_state
from mangosaurus.models.prior_network import PriorNetwork


class Experts:
    """What a mixture multiplies with its n-grams: the prior, if any, and the mean of the networks, if any.

    A state has the prior's arrays, then those of each network.
    """

    def __init__(self, prior: PriorNetwork | None, networks: Sequence[Network]) -> None:
        self._prior = [] if prior is None else [prior]
        self._networks = tuple(networks)
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
