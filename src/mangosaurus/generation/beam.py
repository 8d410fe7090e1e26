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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import FloatArray, Hashes, IntArray, splitmix64
from mangosaurus.core.document_hashes import fingerprints
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.beginnings import Tree, usual_beginning, words_of
from mangosaurus.generation.collect import (
    OFTENER,
    REPEATED,
    Unwanted,
    automaton_of,
    effective_size,
    kept_out,
    limits,
    most_symbols,
    needed,
    whole,
)
from mangosaurus.generation.conditional import Proposer, guided
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.options import LARGEST_LENGTH, Constraints
from mangosaurus.generation.guide import no_guide
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import FIRST_BLOCK, sample_block
from mangosaurus.generation.samples import Samples
from mangosaurus.models.interface import CharModel, State, concatenate, select, state_after

TRIAL, MOSTLY = 256, 0.5
"""If at least this share of 256 names is accepted, no guide is needed."""
SPARE, WIDEST = 50, 50_000
"""How much wider than five quarters of the names asked for the beam is at first, and how wide it may become."""
ROWS = 2048
"""Prefixes that the model reads at once."""


@dataclass(frozen=True)
class _Leaves:
    """Names that came to their end; N of them."""

    symbols: IntArray
    """(N, width)"""
    lengths: IntArray
    log_q: FloatArray
    log_p: FloatArray
    g: FloatArray


def collect_distinct(
    model: CharModel,
    n: int,
    constraints: Constraints,
    parameters: SamplingParameters,
    *,
    default_length: int = LARGEST_LENGTH,
    unwanted: Unwanted = REPEATED,
) -> Samples:
    """`n` distinct documents drawn in one pass. The options are those of `collect`, which raises the same.

    There are fewer if there are no more, or if more would take a beam of more than WIDEST prefixes or more symbols
    than `most_symbols` allows.
    """
    automaton = automaton_of(constraints, model.vocabulary)
    words = words_of(constraints, model.vocabulary)
    constrained = constraints.need_automaton or words is None
    asked = automaton if constrained else None
    max_length, prefix, tree = limits(model, n, constraints, words, asked, default_length, parameters.temperature)
    left, width = most_symbols(n, needed(automaton)), n + n // 4 + SPARE
    with threads_of_products(1):
        proposer, log_ceiling, probability, exact = _proposer(model, automaton, prefix, parameters, max_length, tree)
        while True:
            leaves, lost, read = _beam(proposer, width, left)
            left -= read
            gumbel = leaves.log_p - leaves.log_q + leaves.g
            order = np.argsort(-gumbel, kind="stable")
            names = model.vocabulary.decode_rows(leaves.symbols[order], leaves.lengths[order])
            why = _why(names, unwanted)
            places = np.flatnonzero([reason is None for reason in why])
            wanted = order[places]
            sure = int((gumbel[wanted] > lost + log_ceiling).sum())
            if sure > n or lost == -np.inf or width >= WIDEST or left <= 0:
                break
            width = min(4 * width, WIDEST)
    count = min(n, sure)
    # The largest sum that is not drawn, or what it is at most.
    following = gumbel[wanted[count : count + 1]].tolist()
    threshold = max([lost + log_ceiling, *following]) if sure <= n else following[0]
    log_p, log_q = leaves.log_p[wanted[:count]], leaves.log_q[wanted[:count]]
    known, near, repeated = (why.count(reason) for reason in ("known", "near", "repeated"))
    return Samples(
        tuple(names[place] for place in places[:count]),
        n,
        len(names),
        parameters.seed,
        known=known,
        near=near,
        repeated=repeated,
        unmet=len(names) - known - near - repeated - count,
        exact=exact,
        effective=None if exact else effective_size(np.exp(np.maximum(log_p - log_q - log_ceiling, 0))),
        probability=probability if constrained else None,
        begun=bool(constraints.prefix) and words is not None,
        inclusion=tuple((-np.expm1(-np.exp(log_p - threshold))).tolist()),
        given_up=left <= 0 and count < n,
        segmentation=model.vocabulary.segmentation,
        casing=unwanted.casing,
        keeps_out=kept_out(constraints),
        usual=usual_beginning(model, constraints, OFTENER),
    )


def _why(names: Sequence[str], unwanted: Unwanted) -> list[str | None]:
    """Of each name why it is left out, or None; names that are shown as the same are repeated."""
    reasons: list[str | None] = []
    seen: set[str] = set()
    for name, known in zip(names, unwanted.known(names, fingerprints(names)), strict=True):
        reason = "empty" if not whole(name) else "known" if known else "near" if unwanted.near(name) else None
        if reason is None and unwanted.casing is not None:
            shown = unwanted.casing(name)
            reason = "repeated" if shown in seen else None
            seen.add(shown)
        reasons.append(reason)
    return reasons


def _proposer(
    model: CharModel,
    automaton: Automaton,
    prefix: IntArray,
    parameters: SamplingParameters,
    max_length: int,
    tree: Tree | None,
) -> tuple[Proposer, float, float, bool]:
    """What proposes names, the logarithm of the weights' ceiling, the estimate of p(C), and whether names are exact."""
    # The trial is the sampler's own: constraints that it satisfies often need no guide here either.
    block = sample_block(model, parameters, FIRST_BLOCK, TRIAL, max_length, prefix, automaton, tree=tree)
    met = float((block.finished & ~block.dropped).mean())
    if met >= MOSTLY:
        unguided = Proposer(model, automaton, no_guide(automaton.symbols), prefix, max_length, parameters, tree)
        return unguided, 0.0, met, True
    proposer, log_ceiling, log_mean = guided(model, automaton, prefix, parameters, max_length, tree)
    # If nothing can be proposed, no ceiling is needed.
    return proposer, 0.0 if log_mean == -np.inf else log_ceiling, float(np.exp(log_mean)), False


def _beam(proposer: Proposer, width: int, most: float) -> tuple[_Leaves, float, int]:
    """The names with the `width` largest sums in the tree of proposals, the largest sum that was lost, and how many
    symbols were read; after `most` of them, all prefixes that have not ended are lost."""
    model, begun = proposer.model, len(proposer.prefix)
    state = state_after(model, proposer.prefix)
    states = np.array([proposer.automaton.after(proposer.prefix)])
    pairs = np.array([proposer.guide.start])
    nodes: IntArray | None = None if proposer.tree is None else np.zeros(1, np.int64)
    symbols = np.array(proposer.prefix, dtype=np.int64)[None]
    log_q, log_p = np.zeros(1), np.zeros(1)
    hashes = splitmix64(np.array([proposer.parameters.seed], dtype=np.uint64))
    g = _gumbel(hashes)
    none = np.zeros(0)
    leaves = _Leaves(np.zeros((0, begun), np.int64), np.zeros(0, np.int64), none, none, none)
    lost, symbols_read = -np.inf, 0
    for t in range(begun, proposer.max_length + 1):
        filtered, proposed = _followers(proposer, state, states, pairs, proposer.max_length - t, nodes)
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
        nodes = proposer.step(nodes, rows, read)
        places = [slice(first, first + ROWS) for first in range(0, len(rows), ROWS)]
        state = concatenate([model.advance(select(state, rows[part]), read[part]) for part in places])
    return leaves, lost, symbols_read


def _followers(
    proposer: Proposer, state: State, states: IntArray, pairs: IntArray, left: int, nodes: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """p and q of every symbol, (B, V); of a row from which nothing accepted can be reached, q is all zeros."""
    filtered, proposed = [], []
    for first in range(0, len(states), ROWS):
        rows = slice(first, first + ROWS)
        part = tuple(array[rows] for array in state)
        part_nodes = None if nodes is None else nodes[rows]
        p, weighted, total = proposer.weigh(proposer.model.log_probs(part), states[rows], pairs[rows], left, part_nodes)
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
