"""Drawing names under constraints: they follow the model's own distribution given the constraints, p(x | x in C).

p is the distribution that the sampler draws from: the model's, filtered symbol by symbol by temperature and the cuts,
after the prefix, of which nothing is drawn. C is what the automaton accepts, up to the maximum length. Masking alone
would not do: it forces an ending on names that were about to end otherwise.

If the model satisfies the constraints often enough, names are drawn and the others rejected, each as soon as it is
lost: that is exact. Otherwise, names are proposed symbol by symbol from

    q(w | x) = p(w | x) h(x w) / Z(x),    Z(x) = sum over symbols w of p(w | x) h(x w)

where h is the guide's probability of eventually being accepted (1 after END), so that a proposal x has the weight

    p(x) / q(x) = product over all its beginnings of Z / h, except the h of the first

whose mean over proposals is p(C). A proposal is taken with the probability of this weight divided by a ceiling, the
largest weight of a pilot run: rejection sampling, exact except for proposals above the ceiling. Those are always taken,
count for more in the effective sample size, and are reported.

Twisting a model by a look-ahead function and weighting by Z / h is due to Whiteley and Lee 2014, "Twisted particle
filters"; taking what is above the ceiling as it is, to Liu, Chen and Wong 1998, "Rejection control and sequential
importance sampling".
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.beginnings import Tree
from mangosaurus.generation.block import Block
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.guide import Guide, build_guide
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import (
    DRAWS,
    FEWEST_SYMBOLS,
    LARGEST_BLOCK,
    WHEN_ASKED,
    Ahead,
    draw,
    filtered,
    in_blocks,
    most_rows,
    sample_blocks,
    uniforms,
)
from mangosaurus.models.interface import CharModel, select, state_after

TRIAL_BLOCKS = 3
"""Blocks of the plain sampler that are drawn to see how often it satisfies the constraints: 1,344 names."""
OFTEN = 0.1
"""If at least this share of them does, names are drawn and rejected; that costs less than looking ahead."""
PILOT = 1024
"""Proposals that set the ceiling. Like the trial they are the same for any number of names asked for."""
HIGHEST = 200.0
"""The ceiling is at most this many times the pilot's mean weight, so that one proposal in 200 is taken, or more."""
PROPOSALS, PILOTS, TAKING = 1 << 32, 2 << 32, 3 << 32
"""Pages of uniform numbers that plain sampling never reaches: for proposals, for the pilot, and for taking."""


@dataclass(frozen=True)
class Proposer:
    """Draws names that the automaton accepts, and their weights."""

    model: CharModel
    automaton: Automaton
    guide: Guide
    prefix: IntArray
    max_length: int
    parameters: SamplingParameters
    tree: Tree | None = None
    """What may follow the prefix at first: see `beginnings`."""

    @cached_property
    def _ahead(self) -> tuple[FloatArray, FloatArray]:
        """h of every node of the tree, and after every symbol of it."""
        assert self.tree is not None
        state, left = self.automaton.after(self.prefix), self.max_length - len(self.prefix)
        return self.tree.ahead(self.automaton, self.guide, state, left)

    def propose(self, first: int, count: int, pages: int) -> tuple[IntArray, IntArray, FloatArray]:
        """Proposals `first` to `first + count` - 1 of the seed, by the uniform numbers from page `pages` on.

        Returns their symbols, (count, width), their lengths, (count,), and their log-weights, (count,): minus infinity
        for the few that the filter led to a state from which nothing is accepted, and for those that have not ended
        after FEWEST_SYMBOLS, all together, and twice the characters that they need.
        """
        begun, longest = len(self.prefix), self.max_length
        state = select(state_after(self.model, self.prefix), np.zeros(count, dtype=np.int64))
        states = np.full(count, self.automaton.after(self.prefix))
        pairs = np.full(count, self.guide.start)
        nodes: IntArray | None = None if self.tree is None else np.zeros(count, dtype=np.int64)
        symbols = np.full((count, begun), END)
        symbols[:] = self.prefix
        lengths, log_weights, rows = np.full(count, begun), np.zeros(count), np.arange(count)
        left = FEWEST_SYMBOLS + 2 * count * int(self.automaton.needed[self.automaton.start])
        for t in range(begun, longest + 1):
            page, place = divmod(t - begun, DRAWS)
            if place == 0:
                uniform = uniforms(self.parameters.seed, first, count, pages + page)
            _, weighted, total = self.weigh(self.model.log_probs(state), states, pairs, longest - t, nodes)
            if t > begun:
                total = total / self.value(pairs, longest - t, nodes)
            with np.errstate(divide="ignore"):
                log_weights[rows] += np.log(total)
            drawn = draw(weighted, uniform[rows, place])
            alive = (drawn != END) & (total > 0)
            lengths[rows] = t
            rows, drawn = rows[alive], drawn[alive]
            left -= len(rows)
            if left < 0:
                log_weights[rows] = -np.inf
            if not len(rows) or left < 0:
                break
            if t == symbols.shape[1]:  # columns are added as names grow into them
                symbols = np.pad(symbols, ((0, 0), (0, max(DRAWS, t))), constant_values=END)
            symbols[rows, t] = drawn
            states, pairs = self.automaton.step(states[alive], drawn), self.guide.step(pairs[alive], drawn)
            nodes = self.step(nodes, alive, drawn)
            state = self.model.advance(select(state, alive), drawn)
        return symbols, lengths, log_weights

    def weigh(
        self, log_probs: FloatArray, states: IntArray, pairs: IntArray, left: int, nodes: IntArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """p(w | x) of every symbol, p(w | x) h(x w), zero where nothing accepted can follow, and Z(x).

        They are (B, V), (B, V) and (B,); `left` is the number of characters that may still come. `nodes` (B,) are those
        of the tree, if there is one: within it, p and h are the tree's.
        """
        p = filtered(log_probs, self.parameters)
        p = p / p.sum(axis=1, keepdims=True)
        weighted = p * self.guide.after(pairs, left) * self.automaton.allowed(states, left)
        if self.tree is not None and nodes is not None:
            begins = self.tree.begins(nodes)
            p[begins] = self.tree.chance[nodes[begins]]
            weighted[begins] = p[begins] * self._ahead[1][nodes[begins]]
        return p, weighted, weighted.sum(axis=1)

    def value(self, pairs: IntArray, left: int, nodes: IntArray | None) -> FloatArray:
        """h(x), (B,)."""
        found = self.guide.value(pairs, left)
        if nodes is None or self.tree is None:
            return found
        return np.where(self.tree.begins(nodes), self._ahead[0][nodes], found)

    def step(self, nodes: IntArray | None, alive: BoolArray | IntArray, symbols: IntArray) -> IntArray | None:
        """The nodes of the rows `alive` after one symbol each."""
        return None if nodes is None or self.tree is None else self.tree.step(nodes[alive], symbols)


def pilot(log_weights: FloatArray) -> tuple[float, float]:
    """The logarithms of the ceiling and of the mean weight, from a pilot's log-weights, (n,)."""
    top = float(log_weights.max())
    if top == -np.inf:
        return top, top
    log_mean = top + float(np.log(np.exp(log_weights - top).mean()))
    return min(top, log_mean + float(np.log(HIGHEST))), log_mean


def condition(
    model: CharModel,
    automaton: Automaton,
    prefix: IntArray,
    parameters: SamplingParameters,
    max_length: int,
    ahead: Ahead = WHEN_ASKED,
    tree: Tree | None = None,
    freer: Automaton | None = None,
) -> tuple[bool, float, Generator[Block, None, None]]:
    """Names of at most `max_length` characters that begin with `prefix` and that `automaton` accepts.

    Returns whether each follows p(x | x in C) exactly, the estimate of p(C) given the prefix, and samples 0, 1, 2, …,
    without end.

    The way that is taken depends on the seed and the constraints, not on how many names are asked for. The automaton
    accepts some name of at most `max_length` characters, and none that does not begin with `prefix`. `tree` and `freer`
    are those of `sample_block`.
    """
    plain = sample_blocks(
        model, parameters, max_length, prefix, LARGEST_BLOCK, ahead, automaton, tree=tree, freer=freer
    )
    trial = [next(plain)]
    while len(trial) < TRIAL_BLOCKS and sum(block.read for block in trial) < FEWEST_SYMBOLS:
        trial.append(next(plain))
    met = float(np.mean(np.concatenate([block.finished & ~block.dropped for block in trial])))

    if met < OFTEN:
        proposer, log_ceiling, log_mean = guided(model, automaton, prefix, parameters, max_length, tree)
        # With a ceiling of 1 or more, fewer proposals would be taken than names drawn are accepted.
        if -np.inf < log_ceiling < 0:
            plain.close()
            return False, float(np.exp(log_mean)), _taken(proposer, log_ceiling, ahead)

    def rejecting() -> Generator[Block, None, None]:
        with closing(plain):
            yield from chain(trial, plain)

    return True, met, rejecting()


def guided(
    model: CharModel,
    automaton: Automaton,
    prefix: IntArray,
    parameters: SamplingParameters,
    max_length: int,
    tree: Tree | None = None,
) -> tuple[Proposer, float, float]:
    """A proposer with a guide, and the logarithms of the ceiling and of the mean weight, from a pilot run."""
    guide = build_guide(model, automaton, prefix, max_length - len(prefix), parameters.temperature or 1.0)
    proposer = Proposer(model, automaton, guide, prefix, max_length, parameters, tree)
    return proposer, *pilot(proposer.propose(0, PILOT, PILOTS)[2])


def _taken(proposer: Proposer, log_ceiling: float, ahead: Ahead) -> Generator[Block, None, None]:
    """Blocks of proposals, in which those that are not taken count as dropped."""

    def compute(first: int, count: int) -> Block:
        symbols, lengths, log_weights = proposer.propose(first, count, PROPOSALS)
        chance = uniforms(proposer.parameters.seed, first, count, TAKING)[:, 0]
        with np.errstate(divide="ignore"):
            taken: BoolArray = np.log(chance) < log_weights - log_ceiling
        counting = np.exp(np.maximum(log_weights - log_ceiling, 0))
        return Block(symbols, lengths, np.ones(count, dtype=bool), ~taken, counting)

    with threads_of_products(1):
        yield from in_blocks(compute, most_rows(proposer.model, LARGEST_BLOCK), ahead)
