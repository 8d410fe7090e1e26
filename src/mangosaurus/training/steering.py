"""Steering a model by some names to resemble and some to differ from: fits what `models/steered.py` adds to it.

The prior reads each list of names together with OWN of the model's own. What it then does not yet explain is fitted in
turn, the general before the particular: when names end, by the number of symbols read (a logistic regression with two
weights, which only keeps the rest from saying it: see `generation/name_lengths.py`); then, for n-gram contexts of 0, 1
and 2 symbols, END among them, what follows more often than expected,

    log (c(u, w) + k) / (e(u, w) + k)

with c(u, w) how often the names have w after u, and e(u, w) how often what is fitted so far expects it. k is FIRM for
how a name begins and ends, and FAINT within it, where copies of the names would come from.

All of it is what makes the names most like those of the list, if multiplied by 1. Steering multiplies it by s, which is
above 1: ten names say little, and what is asked for is more of it. The fewer the names, the less it is multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import CharModel, log_softmax, predict
from mangosaurus.models.ngram import NGram, NGramCounts
from mangosaurus.models.prior import Prior, bundled_prior, names_read
from mangosaurus.models.scoring import known_characters
from mangosaurus.models.steered import Steered
from mangosaurus.training.ngram_counts import build_ngram

STRONGEST = 6.0
"""s of the strength 1. Measured on lists that the prior had not read and that `benchmarks.steering` does not have."""
ORDER = 3
FIRM, FAINT = 1.0, 4.0
OWN = 5.0
"""As many of the model's own names are read with each list: what few names have in common may be chance."""
EVIDENCE = 4.0
"""n names steer by n / (n + EVIDENCE) of s. What one name has more of than the others is mostly chance."""
PASSES = 2
"""How often all of it is fitted: what is found later changes what is expected before."""
NEWTON = 3
STIFFNESS = np.array([0.25, 2.0])
"""The penalties of the squares of e_0 and e_1."""
LARGEST_STEP = 2.0
MOST_CELLS = 4_000_000
"""Symbols of the names times V: of more, evenly spaced names are learnt from."""


def steer(
    model: CharModel,
    like: Sequence[str],
    unlike: Sequence[str],
    own: Sequence[str],
    strength: float,
    remarks: Sequence[str] = (),
) -> Steered:
    """The model, steered towards the names `like` and away from `unlike` (either may be empty, not both).

    `own` are names that the model wrote, and `strength` is from 0 to 1. Characters that the model does not know have a
    part in what the prior reads, and none in the rest.
    """
    prior, vocabulary = bundled_prior(), model.vocabulary
    given = [names for names in (like, unlike) if names]
    signs = np.array([sign * _share(names, EVIDENCE) for sign, names in ((1.0, like), (-1.0, unlike)) if names])
    size = max(len(set(names)) for names in given)
    read = [_read(prior, names, vocabulary) for names in (*given, own or given[0])]
    shares = [_share(names, OWN) for names in given]
    moved = [share * each + (1 - share) * read[-1] for share, each in zip(shares, read, strict=False)]
    vectors = np.stack([prior.vector(each, size) for each in (*moved, read[-1])])
    network = prior.network(vocabulary, vectors)
    documents = [_learnt(names, vocabulary) for names in given]
    ngram = build_ngram([each for names in documents for each in names], vocabulary, ORDER)
    nothing = np.zeros((len(ngram.counts.suffix), len(vocabulary)))
    table = nothing
    for place, (sign, names) in enumerate(zip(signs, documents, strict=True)):
        weights = np.eye(len(vectors))[place] - np.eye(len(vectors))[-1]
        expected = predict(Steered(model, network, weights, ngram, nothing), names)
        table = table + sign * _fit(ngram, names, np.concatenate(expected))
    weights = np.append(signs, -signs.sum())
    return Steered(model, network, weights, ngram, table, STRONGEST * strength, [*like, *unlike], remarks)


def _share(names: Sequence[str], others: float) -> float:
    """The share of different names among them and so many others."""
    number = len(set(names))
    return number / (number + others)


def _read(prior: Prior, names: Sequence[str], vocabulary: Vocabulary) -> FloatArray:
    """The mean of what names contribute to a list vector."""
    every = Vocabulary.of(names, vocabulary.segmentation)
    found = prior.contributions([*names_read(every.encode_all(names)).values()], every)
    mean: FloatArray = found.mean(axis=0, dtype=np.float64)
    return mean


def _learnt(names: Sequence[str], vocabulary: Vocabulary) -> list[IntArray]:
    """The ids of the known characters of the names, or of as many as MOST_CELLS allow."""
    known, _ = known_characters(vocabulary, names)
    known = [each for each in known if len(each)]
    symbols = sum(len(each) + 1 for each in known)
    most = max(1, int(len(known) * min(1.0, MOST_CELLS / (symbols * len(vocabulary))))) if known else 0
    return [*names_read(known, most).values()]


def _fit(ngram: NGram, names: Sequence[IntArray], expected: FloatArray) -> FloatArray:
    """The table of what names have more of than expected, (nodes, V): what they add to log p, if multiplied by 1.

    `expected` is log p of every symbol before each of theirs, (n, V).
    """
    counts, following = ngram.counts, np.concatenate([np.append(each, END) for each in names])
    read = np.concatenate([np.arange(len(each) + 1) for each in names])
    start = int(ngram.start(1)[0][0])
    contexts = _contexts(counts, ngram.nodes(names), start)
    ending, added = np.zeros(2), np.zeros((len(counts.suffix), expected.shape[1]))
    firmness = np.full_like(added, FAINT)
    firmness[:, END] = firmness[start] = FIRM
    logits: FloatArray = expected.astype(np.float64)
    for _ in range(PASSES):
        for _ in range(NEWTON):
            step = _step(ending, read, following == END, np.exp(logits[:, END]))
            ending += step
            logits[:, END] += step[0] + step[1] * read
            logits = log_softmax(logits)
        for nodes in contexts:
            has = np.flatnonzero(nodes >= 0)
            seen, usual = np.zeros_like(added), np.zeros_like(added)
            np.add.at(seen, (nodes[has], following[has]), 1.0)
            np.add.at(usual, nodes[has], np.exp(logits[has]))
            more = np.log((seen + firmness) / (usual + firmness))
            added += more
            logits[has] += more[nodes[has]]
            logits = log_softmax(logits)
    table = added.copy()
    for first, last in zip(counts.levels[1:-1], counts.levels[2:], strict=True):
        table[first:last] += table[counts.suffix[first:last]]
        table[start] = added[start]
    return table


def _step(ending: FloatArray, read: IntArray, ends: FloatArray, expected: FloatArray) -> FloatArray:
    """A step of Newton's method towards the log odds of END, (2,), given its probabilities as `expected` so far."""
    inputs = np.column_stack([np.ones(len(read)), read])
    slope = inputs.T @ (ends - expected) - STIFFNESS * ending
    curvature = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + np.diag(STIFFNESS)
    step: FloatArray = np.linalg.solve(curvature, slope).clip(-LARGEST_STEP, LARGEST_STEP)
    return step


def _contexts(counts: NGramCounts, nodes: IntArray, start: int) -> list[IntArray]:
    """For each level, the node of that level among the contexts of each of `nodes`, (n,), or -1."""
    levels = counts.levels.astype(np.int64)
    depth = np.repeat(np.arange(counts.order), np.diff(levels))
    first = nodes == start
    found = []
    for level in range(counts.order - 1, -1, -1):
        here = depth[nodes] == level
        found.append(np.where(here & ~((level == 0) & (first)), nodes, -1))
        nodes = np.where(here, counts.suffix[nodes], nodes)
    return found[::-1]
