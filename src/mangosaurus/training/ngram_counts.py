"""Counting n-grams by sorting, and fitting the discounts of modified Kneser-Ney smoothing on held-out documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray, smallest_unsigned
from mangosaurus.core.vocabulary import END, Vocabulary, join
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, Evidence, NGram, NGramCounts
from mangosaurus.training.folds import Fold
from mangosaurus.training.mixing import Likelihood, maximize

USUAL = np.array([0.7, 1.1, 1.35])
"""D(1), D(2) and D(3 or more) at the start of the fit, or if there is nothing to fit on."""
KINDS = np.array([[1], [2], [3]])
"""The counts that have a discount of their own; the last one stands for all larger ones."""


def count_ngrams(
    documents: Sequence[IntArray], symbols: int, order: int, counted: IntArray | None = None
) -> NGramCounts:
    """The automaton of all contexts of up to `order` - 1 symbols in `documents`, whose ids are below `symbols`.

    `counted`, (documents,), says how often each document is counted; None: once.

    The contexts of level k are ranked by sorting pairs (rank of the context of the k - 1 latest symbols, symbol
    before them), so that any alphabet and any order fit into 64-bit keys. A level costs two sorts of the corpus.
    """
    stream = join(documents)
    position = np.arange(1, len(stream))
    times = None if counted is None else np.append(0, by_symbol(documents, counted))
    latest_end = np.maximum.accumulate(np.where(stream == END, np.arange(len(stream)), 0))
    available = position - latest_end[:-1]  # how many symbols of context a position has, the document's END included

    suffix, oldest = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.int64)]
    arc_keys, arc_counts, arc_first = [], [], []
    context = np.zeros(len(position), dtype=np.int64)
    node_before = np.zeros((order, len(stream)), dtype=np.int32)  # the node before each position, level by level
    levels = [0, 1]
    for level in range(order):
        if level:
            inside = available[position - 1] >= level
            position = position[inside]
            ranked, context = np.unique(context[inside] * symbols + stream[position - level], return_inverse=True)
            suffix.append(levels[-2] + ranked // symbols)
            oldest.append(ranked % symbols)
            levels.append(levels[-1] + len(ranked))
        node_before[level, position] = levels[-2] + context
        pairs = context * symbols + stream[position]
        if times is None:
            keys, first, counts = np.unique(pairs, return_index=True, return_counts=True)
        else:
            keys, first, place = np.unique(pairs, return_index=True, return_inverse=True)
            counts = np.bincount(place, weights=times[position]).astype(np.int64)
        arc_keys.append(keys)
        arc_first.append(position[first])
        arc_counts.append(counts)

    degrees, targets, arc_symbols = [], [], []
    start = node_before[min(1, order - 1), 1]
    for level in range(order):
        keys, low = arc_keys[level], levels[level]
        node, symbol = low + keys // symbols, keys % symbols
        degrees.append(np.bincount(node - low, minlength=levels[level + 1] - low))
        arc_symbols.append(symbol)
        deeper = node_before[min(level + 1, order - 1)]
        after = np.minimum(arc_first[level] + 1, len(stream) - 1)
        targets.append(np.where(symbol == END, start, deeper[after]))
        if level + 1 < order:
            # Kneser and Ney count the symbols that stand before; before END, in a document's first characters, none.
            above = arc_keys[level + 1]
            shorter = (suffix[level + 1][above // symbols] - low) * symbols + above % symbols
            extensions = np.bincount(np.searchsorted(keys, shorter), minlength=len(keys))
            arc_counts[level] = np.where(extensions > 0, extensions, arc_counts[level])
    return joined(np.array(levels), suffix, oldest, degrees, arc_symbols, targets, arc_counts)


def by_symbol(documents: Sequence[IntArray], numbers: IntArray) -> IntArray:
    """The number of its document for each predicted symbol, END included."""
    return np.repeat(numbers, [len(document) + 1 for document in documents])


def joined(levels: IntArray, *arrays: Sequence[IntArray]) -> NGramCounts:
    """The automaton of arrays given level by level, in the order of its fields."""
    return NGramCounts(levels, *(smallest_unsigned(np.concatenate(array)) for array in arrays))


def build_ngram(
    documents: Sequence[IntArray],
    vocabulary: Vocabulary,
    order: int,
    discounts: FloatArray | None = None,
    counted: IntArray | None = None,
) -> NGram:
    """The n-gram of `documents` with `discounts` of shape (order, 3), or with the usual ones."""
    if discounts is None:
        discounts = np.tile(USUAL, (order, 1))
    return NGram(vocabulary, count_ngrams(documents, len(vocabulary), order, counted), discounts)


def fit_ngrams(
    documents: Sequence[IntArray],
    folds: Sequence[Fold],
    vocabulary: Vocabulary,
    order: int,
    counted: IntArray | None = None,
) -> tuple[list[NGram], NGram]:
    """The n-gram of each fold's training part, and that of everything, with discounts fitted on the held-out parts.

    `counted` says how often each of `documents` is counted. What is held out counts once: a name that stands in the
    list a thousand times is still one new name.
    """
    unfitted = [build_ngram(fold.train, vocabulary, order, counted=fold.counts) for fold in folds]
    if not folds:
        return [], build_ngram(documents, vocabulary, order, counted=counted)
    evidence = Evidence.of(model.evidence(fold.held_out) for model, fold in zip(unfitted, folds, strict=True))
    discounts = fit_discounts(evidence, len(vocabulary))
    return (
        [NGram(vocabulary, model.counts, discounts) for model in unfitted],
        build_ngram(documents, vocabulary, order, discounts, counted),
    )


def fit_discounts(held_out: Evidence, symbols: int) -> FloatArray:
    """The discounts, shape (order, 3), under which held-out symbols are most probable; `symbols` is V.

    The models that the evidence comes from have not seen the documents that it is of. The fit is over the logits of
    D / largest D, with the usual discounts as the prior's centre.
    """

    def likelihood(logits: FloatArray) -> Likelihood:
        probability, gradient = _differentiate(held_out, _discounts(logits), 1 / symbols)
        gradient /= probability
        return float(np.log(probability).sum()), gradient.sum(axis=1), gradient @ gradient.T

    center = np.tile(np.log(USUAL / (LARGEST_DISCOUNTS - USUAL)), len(held_out.count))
    return _discounts(maximize(likelihood, center))


def _discounts(logits: FloatArray) -> FloatArray:
    discounts: FloatArray = LARGEST_DISCOUNTS / (1 + np.exp(-logits.reshape(-1, 3)))
    return discounts


def _differentiate(evidence: Evidence, discounts: FloatArray, uniform: float) -> tuple[FloatArray, FloatArray]:
    """p of the n symbols, and its derivative by each logit, (3 x order, n): `Evidence.interpolate`, differentiated."""
    probability = np.full(evidence.count.shape[1], uniform)
    levels = []
    for level, discount in enumerate(discounts):
        seen = np.flatnonzero(evidence.total[level])
        count, total, types = evidence.count[level, seen], evidence.total[level, seen], evidence.types[level][:, seen]
        kind, below = np.minimum(count, 3), probability[seen]
        backoff = discount @ types / total
        levels.append((seen, (types * below - (kind == KINDS)) / total, backoff))
        probability[seen] = (count - np.append(0.0, discount)[kind]) / total + backoff * below
    gradient, passed = np.zeros((discounts.size, len(probability))), np.ones(len(probability))
    for level, (seen, slope, backoff) in reversed([*enumerate(levels)]):
        gradient[3 * level : 3 * level + 3, seen] = slope * passed[seen]
        passed[seen] *= backoff  # the share of a shorter context in the longest one
    by_logit = discounts * (1 - discounts / LARGEST_DISCOUNTS)  # dD / dlogit
    gradient *= by_logit.reshape(-1, 1)
    return probability, gradient
