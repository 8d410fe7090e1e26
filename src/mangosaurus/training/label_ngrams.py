"""N-grams of names with labels. Every document begins with its label, whose id is V + its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.labelled import Labelled, equal_labelled_weights, labelled_features
from mangosaurus.models.ngram import Evidence, NGram
from mangosaurus.training.folds import Fold
from mangosaurus.training.mixing import HeldOutLosses, Predictions, center_of, cross_fitted_losses, fit_weights, join
from mangosaurus.training.ngram_counts import build_ngram, by_symbol, fit_discounts, fit_ngrams

MOST_COUNTED_APART = 200
"""The most labels times folds to count n-grams of: each takes some milliseconds, however small."""
MOST_WEIGHED, MOST_CELLS = 20_000, 2_000_000
"""The most held-out symbols to fit the weights of the n-grams alone on; and these times the vocabulary's size."""


def mark(documents: Sequence[IntArray], labels: IntArray, symbols: int) -> list[IntArray]:
    """The documents, each after its label; `symbols` is V."""
    return [np.append(symbols + label, document) for document, label in zip(documents, labels, strict=True)]


def unmark(documents: Sequence[IntArray]) -> list[IntArray]:
    """The documents without their labels."""
    return [document[1:] for document in documents]


def by_label(documents: Sequence[IntArray], symbols: int, labels: int) -> list[list[IntArray]]:
    """The documents of each label, without it."""
    found: list[list[IntArray]] = [[] for _ in range(labels)]
    for document in documents:
        found[int(document[0]) - symbols].append(document[1:])
    return found


def numbers_by_label(
    documents: Sequence[IntArray], numbers: IntArray | None, symbols: int, labels: int
) -> list[IntArray | None]:
    """The number of each document, if there are any, in the order of `by_label`."""
    if numbers is None:
        return [None] * labels
    label_of = np.array([int(document[0]) - symbols for document in documents])
    return [numbers[label_of == label] for label in range(labels)]


def with_every_label(folds: Sequence[Fold], labels: int, seed: int) -> list[Fold]:
    """The folds, changed so that none holds out all names of a label, and without those that then hold out nothing.

    The held-out documents are shuffled, since the recipe uses their first symbols, and each half separately. With many
    labels there are fewer folds, since each counts the n-grams of every label.
    """
    found = []
    for number, fold in enumerate(folds[: max(1, MOST_COUNTED_APART // labels)]):
        kept = {int(document[0]) for document in fold.train}
        measured = np.array([int(document[0]) in kept for document in fold.held_out], dtype=bool)
        alone, held_out = list(compress(fold.held_out, ~measured)), list(compress(fold.held_out, measured))
        order = np.random.default_rng([seed, 2, number]).permutation(len(held_out))
        weights = None if fold.weights is None else fold.weights[measured][order]
        # Names that are alone with their label count alike.
        counts = None if fold.counts is None else np.append(fold.counts, np.ones(len(alone), dtype=np.int64))
        if held_out:
            found.append(Fold([*fold.train, *alone], [held_out[i] for i in order], counts, weights))
    return found


def fit_labelled_ngrams(
    documents: Sequence[IntArray],
    folds: Sequence[Fold],
    vocabulary: Vocabulary,
    order: int,
    labels: Sequence[str],
    shares: IntArray,
    counted: IntArray | None = None,
) -> tuple[list[Labelled], Labelled, list[HeldOutLosses]]:
    """The n-grams of each fold's training part, those of the whole corpus, and the held-out losses.

    All labels share the discounts. These and the weights are fitted on the held-out documents. The losses, in
    nats, are those of at most MOST_WEIGHED symbols, each half under weights fitted on the other. Every label must occur
    in `documents` and in each fold's training part; `shares` has the number of names of each label, or the sum of their
    weights, and `counted` says how often each document is counted.
    """
    symbols, count = len(vocabulary), len(labels)
    unmarked = [replace(fold, train=unmark(fold.train), held_out=unmark(fold.held_out)) for fold in folds]
    fold_commons, common = fit_ngrams(unmark(documents), unmarked, vocabulary, order, counted)

    def apart_of(
        kept: Sequence[IntArray], counted: IntArray | None, discounts: FloatArray | None = None
    ) -> list[NGram]:
        parts = zip(by_label(kept, symbols, count), numbers_by_label(kept, counted, symbols, count), strict=True)
        return [build_ngram(names, vocabulary, order, discounts, theirs) for names, theirs in parts]

    def assembled(own: Sequence[NGram], beside: NGram) -> Labelled:
        return Labelled(labels, shares, own, beside, (), equal_labelled_weights(order, 2))

    if not folds:
        return [], assembled(apart_of(documents, counted), common), []
    unfitted = [apart_of(fold.train, fold.counts) for fold in folds]
    discounts = fit_discounts(
        Evidence.of(
            ngram.evidence(held_out)
            for own, fold in zip(unfitted, folds, strict=True)
            for ngram, held_out in zip(own, by_label(fold.held_out, symbols, count), strict=True)
            if held_out
        ),
        symbols,
    )
    fold_models = [
        assembled([NGram(vocabulary, each.counts, discounts) for each in own], beside)
        for own, beside in zip(unfitted, fold_commons, strict=True)
    ]
    whole = assembled(apart_of(documents, counted, discounts), common)
    most = max(1, min(MOST_WEIGHED // len(folds), MOST_CELLS // symbols // len(folds)))
    apart = [
        labelled_predictions(model, cut(fold.held_out, most), weights=fold.weights)
        for model, fold in zip(fold_models, folds, strict=True)
    ]
    center = center_of(order, 2, 0)
    return (
        fold_models,
        whole.mixed_with(None, (), fit_weights(join(apart), center)),
        [cross_fitted_losses(apart, center)],
    )


def cut(documents: Sequence[IntArray], most: int) -> list[IntArray]:
    """The first documents, of about `most` predicted symbols: END is one, the label is none."""
    return list(documents[: max(1, int(np.searchsorted(np.cumsum([len(document) for document in documents]), most)))])


def labelled_predictions(
    model: Labelled,
    documents: Sequence[IntArray],
    said: Sequence[Sequence[FloatArray]] = (),
    weights: IntArray | None = None,
) -> Predictions:
    """The predictions of the label's n-gram, the n-gram of all labels, and experts, for held-out symbols given the
    labels. `said` has what each expert predicts for each document, and `weights` their weights, if not all are 1."""
    symbols = len(model.vocabulary)
    labels = np.array([int(document[0]) - symbols for document in documents])
    names = unmark(documents)
    label_of = np.repeat(labels, [len(document) for document in documents])
    common_node = model.common.nodes(names)
    own_log_p = np.empty((len(label_of), symbols))
    features = np.empty((len(label_of), len(model.weights)))
    for label in np.unique(labels):
        rows = np.flatnonzero(label_of == label)
        own = model.own[label]
        node = own.nodes([names[i] for i in np.flatnonzero(labels == label)])
        own_log_p[rows] = np.log(own.probabilities(node))
        features[rows] = labelled_features(own, node, model.common, common_node[rows])
    models = [own_log_p, np.log(model.common.probabilities(common_node)), *map(np.concatenate, said)]
    return Predictions(
        np.concatenate([np.append(name, END) for name in names]),
        features,
        tuple(models),
        None if weights is None else by_symbol(names, weights[: len(names)]),
    )
