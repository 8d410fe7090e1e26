"""What folds hold out, and what n-grams, the prior and networks predict for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END
from mangosaurus.models.interface import Network, log_softmax, predict
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import features
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior import bundled_prior
from mangosaurus.models.scoring import LEAD_IN, LONGEST_PIECE, in_pieces
from mangosaurus.training.folds import Fold
from mangosaurus.training.label_ngrams import cut, labelled_predictions, unmark
from mangosaurus.training.mixing import HeldOutLosses, Predictions, center_of
from mangosaurus.training.ngram_counts import by_symbol
from mangosaurus.training.priors import Priors
from mangosaurus.training.word_counts import CountedWords


@dataclass(frozen=True)
class Counted:
    """The n-grams of a corpus, and the folds to measure them on."""

    folds: list[Fold]
    fold_ngrams: Sequence[NGram | Labelled]
    """The n-gram of the documents that each fold trains on."""
    ngram: NGram | Labelled
    """The n-gram of all documents."""
    losses: list[HeldOutLosses]
    """Those of the held-out symbols."""
    order: int
    note: str
    words: CountedWords | None = None
    """The words of a text; None of names, and if they do not help."""


def center_for(counted: Counted, priors: Priors | None, networks: bool) -> FloatArray:
    """The weights of the mixture before anything is measured."""
    usual = None if priors is None else bundled_prior().usual_weights(counted.order)
    ngrams = 1 + isinstance(counted.ngram, Labelled)
    return center_of(counted.order, ngrams, int(networks), usual, counted.words is not None)


def losses_of(ngram: NGram, fold: Fold, text: bool) -> HeldOutLosses:
    """-log p of every held-out symbol; a stretch of a text does not end where it is cut, so its END is left out."""
    nats = -np.concatenate([score[:-1] if text else score for score in ngram.score(fold.held_out)])
    return HeldOutLosses(nats, None if fold.weights is None else by_symbol(fold.held_out, fold.weights))


def cut_of(counted: Counted, documents: Sequence[IntArray], most: int, text: bool) -> list[IntArray]:
    """As many of the first symbols of held-out documents as memory and time allow, about `most`."""
    if isinstance(counted.ngram, Labelled):  # more models and twice the features: half the symbols take as long
        return cut(documents, most // 2)
    if text:
        return [document[: max(1, most // len(documents))] for document in documents]
    ends = np.cumsum([len(document) + 1 for document in documents])
    return list(documents[: max(1, int(np.searchsorted(ends, most)))])


def said_by(
    network: Network,
    documents: Sequence[IntArray],
    labelled: bool,
    piece: int = LONGEST_PIECE,
    lead_in: int = LEAD_IN,
) -> list[FloatArray]:
    """What a network predicts for documents, which begin with their label if they are `labelled`; long ones are read
    as `in_pieces` does."""
    if labelled:
        return predict(network, unmark(documents), np.array([document[0] for document in documents]))
    return in_pieces(partial(predict, network), documents, piece, lead_in)


def said_together(networks: Sequence[Network], documents: Sequence[IntArray], labelled: bool) -> list[FloatArray]:
    """What networks predict together, as `said_by` has it for one: their logits have a mean in models/mixture.py."""
    said = [said_by(network, documents, labelled) for network in networks]
    return said[0] if len(said) == 1 else [log_softmax(np.mean(rows, axis=0)) for rows in zip(*said, strict=True)]


def predictions_of(
    counted: Counted, fold: int, documents: Sequence[IntArray], said: Sequence[Sequence[FloatArray]], text: bool
) -> Predictions:
    """The predictions of n-grams, words and experts for `documents`, the first that a fold holds out; `said` has those
    of each expert."""
    ngram, weights = counted.fold_ngrams[fold], counted.folds[fold].weights
    if isinstance(ngram, Labelled):
        return labelled_predictions(ngram, documents, said, weights)
    symbols = np.concatenate([np.append(document, END) for document in documents])
    nodes = ngram.nodes(documents)
    inside: IntArray | slice = slice(None)
    if text:  # as in losses_of
        inside = np.flatnonzero(symbols != END)
        symbols, nodes = symbols[inside], nodes[inside]
        said = [[row[:-1] for row in each] for each in said]
    found = Predictions(
        symbols=symbols,
        features=features(ngram, nodes),
        models=(np.log(ngram.probabilities(nodes)), *(np.concatenate(each) for each in said)),
        weights=None if weights is None else by_symbol(documents, weights[: len(documents)]),
    )
    if counted.words is None:
        return found
    words = counted.words.of_fold(fold)
    return found.with_words(words, words.nodes(documents)[inside])
