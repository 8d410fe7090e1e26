"""Held-out loss, and the novelty of samples."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, Option, OptionError
from mangosaurus.data.corpus import Corpus
from mangosaurus.models.interface import CharModel
from mangosaurus.models.label_weights import numbers_of
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.scoring import known_characters, scores_of
from mangosaurus.models.window import WindowModel

WINDOWS = 1024
"""Windows in a batch."""


@dataclass(frozen=True)
class Evaluation:
    """How well a model predicts a corpus. Both losses include END.

    A model that gives END no probability, such as a WindowModel, never ends a text: its ENDs are left out of both
    losses.
    """

    nats_per_symbol: float
    """The sum of -log p, natural logarithm, divided by `symbols`."""
    bits_per_character: float
    """The same sum with the logarithm to base 2, divided by `characters`."""
    symbols: int
    """Characters that the model knows, plus one END per document, unless the model gives it no probability."""
    characters: int
    """The same without END."""
    documents: int
    unknown_characters: int
    """Characters without probability, which are left out of the losses: those outside the vocabulary, and in a mixture
    of documents those where no model knows all characters so far."""
    unknown: tuple[str, ...] = ()
    """The ten most frequent of these characters, most frequent first."""
    accuracy: float | None = None
    """The share of symbols that were the most probable; only with a window."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(model: CharModel, corpus: Corpus) -> Evaluation:
    """The held-out loss of `model` on a corpus; long texts are read in pieces (see `in_pieces`).

    Symbols without probability, END included, are left out: they would make the loss infinite. If both the model and
    the corpus have labels, each name is predicted given its label. Raises CorpusError if the model knows none of the
    characters, OptionError for an unknown label.
    """
    known, unknown = known_characters(model.vocabulary, corpus.documents)
    characters = sum(len(ids) for ids in known)
    if not characters:
        unit = model.vocabulary.unit
        raise CorpusError(f"the model knows none of the {unit}s in it; it knows {model.vocabulary.summary()}")
    with threadpool_limits(1, user_api="blas"):  # products are small: two threads would wait for each other
        if isinstance(model, Labelled) and corpus.labels is not None:
            scores = model.score_with(known, numbers_of(corpus.labels, model.labels))
        else:
            scores = scores_of(model, known)
    counted = [score[np.isfinite(score)] for score in scores]
    for ids, score in zip(known, scores, strict=True):
        impossible = [model.vocabulary.characters[id - 1] for id in ids[~np.isfinite(score[:-1])]]
        unknown.update(impossible)
        characters -= len(impossible)
    nats = -sum(float(score.sum()) for score in counted)
    symbols = sum(len(score) for score in counted)
    return Evaluation(
        nats_per_symbol=nats / symbols,
        bits_per_character=nats / math.log(2) / characters,
        symbols=symbols,
        characters=characters,
        documents=len(known),
        unknown_characters=unknown.total(),
        unknown=_ten_most_common(unknown),
    )


def _ten_most_common(unknown: Counter[str]) -> tuple[str, ...]:
    return tuple(character for character, _ in unknown.most_common(10))


def evaluate_in_windows(model: CharModel, corpus: Corpus, window: int, stride: int = 1) -> Evaluation:
    """The loss on every `stride`-th character that has `window` known ones before it, read from those alone.

    Use it to compare models with those that see only a window, such as the course's. Every window is read as if it
    began a document. END is not predicted. Raises OptionError if window or stride is below 1, CorpusError if no
    document is longer than `window`.
    """
    for name, value in (("window", window), ("stride", stride)):
        if value < 1:
            raise OptionError(Option(name), f" is {value}; it must be 1 or more")
    if isinstance(model, WindowModel) and window > model.parameters.window:
        most = model.parameters.window
        raise OptionError.of("{window} is {}, and this model reads at most {} characters", window, most)
    known, unknown = known_characters(model.vocabulary, corpus.documents)
    losses, right, documents = [], 0, 0
    with threadpool_limits(1, user_api="blas"):  # as in `evaluate`
        for document in known:
            targets = np.arange(window, len(document), stride)
            documents += len(targets) > 0
            for first in range(0, len(targets), WINDOWS):
                rows = targets[first : first + WINDOWS]
                log_probs = _after(model, document[rows[:, None] + np.arange(-window, 0)])
                losses.append(-log_probs[np.arange(len(rows)), document[rows]])
                right += int((log_probs.argmax(axis=1) == document[rows]).sum())
    if not losses:
        raise CorpusError(
            f"no text in it has more than {window} {model.vocabulary.unit}s that the model knows: no window is full"
        )
    nats = np.concatenate(losses).astype(np.float64)
    return Evaluation(
        nats_per_symbol=float(nats.mean()),
        bits_per_character=float(nats.mean()) / math.log(2),
        symbols=len(nats),
        characters=len(nats),
        documents=documents,
        unknown_characters=unknown.total(),
        unknown=_ten_most_common(unknown),
        accuracy=right / len(nats),
    )


def _after(model: CharModel, windows: IntArray) -> FloatArray:
    """log p of every symbol after each of the windows, (B, V); the windows are ids of shape (B, W)."""
    if isinstance(model, WindowModel):
        return model.read(windows)
    state = model.start(len(windows))
    for symbols in windows.T:
        state = model.advance(state, symbols)
    return model.log_probs(state)


@dataclass(frozen=True)
class Novelty:
    """How samples compare with each other and with the training documents."""

    samples: int
    new: float
    """The share that is not in the training list."""
    distinct: float
    """The number of different samples divided by the number of samples."""
    nearest: tuple[tuple[str, str, int], ...] = ()
    """(sample, nearest training document, edits between them), if the training documents are given."""


@checked
def novelty(
    samples: Iterable[str],
    known: DocumentHashes,
    training: Iterable[str] = (),
    split: Callable[[str], Sequence[str]] = str,
) -> Novelty:
    """The share of `samples` that is new, the share that is distinct, and the nearest `training` document of each.

    Edits are insertions, deletions and substitutions of one symbol (Levenshtein 1966); `split` cuts a document into its
    symbols, by default characters.
    Raises OptionError if `samples` is empty.
    """
    samples, training = [*samples], [*training]
    if not samples:
        raise OptionError("there are no samples to look at")
    nearest = []
    if training:
        # Imported here: loading it takes time.
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        choices = sorted(set(training))
        cut = [split(choice) for choice in choices]
        for sample in samples:
            _, edits, place = process.extractOne(split(sample), cut, scorer=Levenshtein.distance)
            nearest.append((sample, choices[place], int(edits)))
    return Novelty(
        samples=len(samples),
        new=sum(sample not in known for sample in samples) / len(samples),
        distinct=len(set(samples)) / len(samples),
        nearest=tuple(nearest),
    )
