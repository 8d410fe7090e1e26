"""Distinct names in one pass: stochastic beam search (Kool, van Hoof and Welling 2019).

Add to log p of every name an independent Gumbel variable. The names with the largest sums are then distributed as if
drawn one after the other from p without those drawn before, the largest first. The largest sum G below a prefix is
itself a Gumbel variable plus log p of the prefix, so that sums are drawn from the top down: those of a prefix's
children are Gumbel variables conditioned on their maximum, the prefix's own. A beam that keeps the k largest loses
none of the k best names.

Under constraints, the tree is that of the proposals q of `conditional`. A name's sum is taken from q to p by adding
log p - log q, the logarithm of its weight. Weights have a ceiling, so that nothing that the beam has lost can be above
its largest lost sum plus the logarithm of the ceiling; the beam is widened until the names are above that. Without a
guide the ceiling is 1, strictly, and the names are exact; with one it is the pilot's, as in `conditional`.

The Gumbel variable of a prefix is a hash of the prefix and the seed: a wider beam grows the same tree, and more names
asked for begin with the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from mangosaurus.core.arrays import FloatArray, Hashes, IntArray, splitmix64
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.conditional import PILOT, PILOTS, Proposer, pilot
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.guide import build_guide, no_guide
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import FIRST_BLOCK, sample_block
from mangosaurus.models.interface import CharModel, State, behind, concatenate, select

TRIAL, MOSTLY = 256, 0.5
"""If at least this share of 256 names is accepted, no guide is needed."""
SPARE, WIDEST = 50, 50_000
"""How much wider than five quarters of the names asked for the beam is at first, and how wide it may become."""
ROWS = 2048
"""Prefixes that the model reads side by side."""


@dataclass(frozen=True)
class Drawn:
    """Distinct names in the order in which they were drawn."""

    names: tuple[str, ...]
    log_probs: tuple[float, ...]
    """Of each, log p given the prefix, as the sampler has it: filtered, and not divided by p(C)."""
    inclusion: tuple[float, ...]
    """Of each, the probability that it is included, given what was not drawn: 1 - exp(-exp(log p - k)), where k is
    the sum of the best one not drawn. The sum of f(x) p(x) / inclusion(x) over the names drawn has the mean of f."""
    complete: int
    """How many names the last beam had, unwanted ones included."""
    exact: bool
    weights: tuple[float, ...]
    """How much each should count; 1 where it is exact."""
    probability: float
    """The estimate of p(C), given the prefix."""
    given_up: bool
    """Whether the search ended at its limit of symbols."""


@dataclass(frozen=True)
class _Leaves:
    """Names that came to their end; N of them."""

    symbols: IntArray
    """(N, width)"""
    lengths: IntArray
    log_q: FloatArray
    log_p: FloatArray
    g: FloatArray


def draw_distinct(
    model: CharModel,
    n: int,
    automaton: Automaton,
    parameters: SamplingParameters,
    *,
    prefix: IntArray,
    max_length: int,
    wanted: Callable[[str], bool] = lambda name: True,
    most: float = np.inf,
) -> Drawn:
    """`n` distinct names that `automaton` accepts and that are `wanted`, of at most `max_length` characters.

    All of them begin with `prefix`. There are fewer if there are no more, or if more would take a beam of more than
    WIDEST prefixes or more than `most` symbols.
    """
    with threadpool_limits(1, user_api="blas"):
        # The trial is the sampler's own: constraints that it satisfies often need no guide here either.
        block = sample_block(model, parameters, FIRST_BLOCK, TRIAL, max_length, prefix, automaton)
        met = float((block.finished & ~block.dropped).mean())
        guide, log_ceiling, probability = no_guide(automaton.symbols), 0.0, met
        if met < MOSTLY:
            guide = build_guide(model, automaton, prefix, max_length - len(prefix), parameters.temperature or 1.0)
        proposer = Proposer(model, automaton, guide, prefix, max_length, parameters)
        if met < MOSTLY:
            log_ceiling, log_mean = pilot(proposer.propose(0, PILOT, PILOTS)[2])
            probability = float(np.exp(log_mean))
            if log_mean == -np.inf:  # nothing can be proposed, so that there is nothing to be sure of
                log_ceiling = 0.0
        width = n + n // 4 + SPARE
        while True:
            leaves, lost, read = _beam(proposer, width, most)
            most -= read
            gumbel = leaves.log_p - leaves.log_q + leaves.g
            order = np.argsort(-gumbel, kind="stable")
            names = model.vocabulary.decode_rows(leaves.symbols[order], leaves.lengths[order])
            places = [place for place, name in zip(order, names, strict=True) if wanted(name)]
            sure = int((gumbel[places] > lost + log_ceiling).sum())
            if sure > n or lost == -np.inf or width >= WIDEST or most <= 0:
                break
            width = min(4 * width, WIDEST)
        chosen = places[: min(n, sure)]
        following = [float(gumbel[place]) for place in places[len(chosen) : len(chosen) + 1]]
        threshold = max([lost + log_ceiling, *following]) if sure <= n else following[0]
        by_place = dict(zip(order.tolist(), names, strict=True))
        log_weights = leaves.log_p[chosen] - leaves.log_q[chosen]
        return Drawn(
            tuple(by_place[int(place)] for place in chosen),
            tuple(leaves.log_p[chosen].tolist()),
            tuple((-np.expm1(-np.exp(leaves.log_p[chosen] - threshold))).tolist()),
            len(order),
            met >= MOSTLY,
            tuple(np.exp(np.maximum(log_weights - log_ceiling, 0)).tolist()),
            probability,
            most <= 0 and len(chosen) < n,
        )


def _beam(proposer: Proposer, width: int, most: float) -> tuple[_Leaves, float, int]:
    """The names with the `width` largest sums in the tree of proposals, the largest sum that was lost, and how many
    symbols were read; after `most` of them, all prefixes that have not ended are lost."""
    model, begun = proposer.model, len(proposer.prefix)
    state = behind(model, proposer.prefix)
    states = np.array([proposer.automaton.after(proposer.prefix)])
    pairs = np.array([proposer.guide.start])
    symbols = np.array(proposer.prefix, dtype=np.int64)[None]
    log_q, log_p = np.zeros(1), np.zeros(1)
    hashes = splitmix64(np.array([proposer.parameters.seed], dtype=np.uint64))
    g = _gumbel(hashes)
    none = np.zeros(0)
    leaves = _Leaves(np.zeros((0, begun), np.int64), np.zeros(0, np.int64), none, none, none)
    lost, symbols_read = -np.inf, 0
    for t in range(begun, proposer.max_length + 1):
        filtered, proposed = _followers(proposer, state, states, pairs, proposer.max_length - t)
        with np.errstate(divide="ignore"):
            child_q = log_q[:, None] + np.log(proposed)
        child_hashes = splitmix64(hashes[:, None] ^ splitmix64(np.arange(1, proposed.shape[1] + 1, dtype=np.uint64)))
        child_g = _below(child_q, g, child_hashes)
        rows, read = np.nonzero(child_g > -np.inf)
        sums = np.concatenate([leaves.g, child_g[rows, read]])
        if len(sums) > width:
            order = np.argpartition(-sums, width)
            lost = max(lost, float(sums[order[width:]].max()))
            kept = np.sort(order[:width])
        else:
            kept = np.arange(len(sums))
        count = len(leaves.g)
        old, new = kept[kept < count], kept[kept >= count] - count
        rows, read = rows[new], read[new]
        child_p = log_p[rows] + np.log(filtered[rows, read])
        ended, on = read == END, read != END
        leaves = _Leaves(
            np.concatenate(
                [np.pad(leaves.symbols[old], ((0, 0), (0, t - leaves.symbols.shape[1]))), symbols[rows[ended]]]
            ),
            np.append(leaves.lengths[old], np.full(int(ended.sum()), t)),
            np.append(leaves.log_q[old], child_q[rows[ended], END]),
            np.append(leaves.log_p[old], child_p[ended]),
            np.append(leaves.g[old], child_g[rows[ended], END]),
        )
        rows, read = rows[on], read[on]
        symbols_read += len(rows)
        if symbols_read >= most:
            lost = max(lost, float(child_g[rows, read].max(initial=-np.inf)))
        if not len(rows) or symbols_read >= most:
            break
        log_q, log_p, g, hashes = child_q[rows, read], child_p[on], child_g[rows, read], child_hashes[rows, read]
        symbols = np.column_stack([symbols[rows], read])
        states, pairs = proposer.automaton.step(states[rows], read), proposer.guide.step(pairs[rows], read)
        places = [slice(first, first + ROWS) for first in range(0, len(rows), ROWS)]
        state = concatenate([model.advance(select(state, rows[part]), read[part]) for part in places])
    return leaves, lost, symbols_read


def _followers(
    proposer: Proposer, state: State, states: IntArray, pairs: IntArray, left: int
) -> tuple[FloatArray, FloatArray]:
    """p and q of every symbol, (B, V); of a row from which nothing accepted can be reached, q is all zeros."""
    filtered, proposed = [], []
    for first in range(0, len(states), ROWS):
        rows = slice(first, first + ROWS)
        part = tuple(array[rows] for array in state)
        p, weighted, total = proposer.weigh(proposer.model.log_probs(part), states[rows], pairs[rows], left)
        filtered.append(p)
        proposed.append(weighted / np.where(total > 0, total, 1)[:, None])
    return np.concatenate(filtered), np.concatenate(proposed)


def _below(log_q: FloatArray, g: FloatArray, hashes: Hashes) -> FloatArray:
    """Gumbel variables at `log_q` (B, V) conditioned on the maximum `g` (B,) of each row: appendix B.3 of the paper."""
    drawn = log_q + _gumbel(hashes)
    largest = drawn.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = g[:, None] - drawn + np.log(-np.expm1(drawn - largest))
        below: FloatArray = g[:, None] - np.maximum(v, 0) - np.log1p(np.exp(-np.abs(v)))
    return np.where(log_q > -np.inf, below, -np.inf)


def _gumbel(hashes: Hashes) -> FloatArray:
    uniform = ((hashes >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    drawn: FloatArray = -np.log(-np.log(uniform))
    return drawn
