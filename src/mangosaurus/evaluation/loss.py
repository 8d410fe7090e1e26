"""Held-out loss, and the novelty of samples."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.briefly import LONGEST
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.core.table import Table
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.units import Unit, nats_in
from mangosaurus.data.corpus import Corpus
from mangosaurus.models.interface import CharModel
from mangosaurus.models.label_weights import numbers_of
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.scoring import known_characters, scores_of
from mangosaurus.models.window import WindowModel

if TYPE_CHECKING:
    from pandas import DataFrame

WINDOWS = 1024
"""Windows in a batch."""
LARGEST_EXPONENT = 709.0
"""e to a larger power is no float."""


@dataclass(frozen=True)
class DocumentLosses:
    """The losses of an evaluation, document by document: see `evaluation.comparison`."""

    documents: Sequence[str]
    nats: FloatArray
    """(documents,): the sum of -log p over the symbols of each, times its weight."""
    symbols: IntArray
    """(documents,): how many symbols that are, times its weight."""


@dataclass(frozen=True)
class Evaluation:
    """How well a model predicts a corpus. Both losses include END. A name of weight n counts as n names do.

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
    nats_per_symbol_by_name: float | None = None
    """`nats_per_symbol` if each name counted once; None if all count the same."""
    source: str = ""
    """The file, or what else was read."""
    known: int | None = None
    """How many of the documents are in the model's training list, which lowers their losses; None if that is unknown,
    as it is where a distribution alone is measured."""
    symbol: str = "character"
    """The word for a symbol: character, token or phoneme."""
    losses: DocumentLosses | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        of = f" of {plain(self.source, LONGEST)}" if self.source else ""
        return (
            f"<Evaluation: {self.nats_per_symbol:.4f} nats per symbol, {self.bits_per_character:.4f} bits per "
            f"{self.symbol}, {self.documents:,} documents{of}>"
        )

    def _repr_html_(self) -> str:
        from mangosaurus.html.notebook import block
        from mangosaurus.html.tables import facts_table

        facts: dict[str, str | None] = {
            "of": self.source,
            "nats per symbol": f"{self.nats_per_symbol:.4f}",
            "if each name counts once": _figure(self.nats_per_symbol_by_name),
            f"bits per {self.symbol}": f"{self.bits_per_character:.4f}",
            "perplexity": f"{self.perplexity:,.2f}",
            "accuracy": None if self.accuracy is None else f"{self.accuracy:.1%}",
            "symbols": f"{self.symbols:,}",
            f"{self.symbol}s": f"{self.characters:,}",
            "documents": f"{self.documents:,}",
            "in the training list": f"{self.known:,}" if self.known else None,
        }
        if self.unknown_characters:
            facts[f"unknown {self.symbol}s"] = f"{self.unknown_characters:,}: {' '.join(map(repr, self.unknown))}"
        return block([facts_table(facts)])

    @property
    def perplexity(self) -> float:
        """e to the power of the nats per symbol."""
        return math.exp(min(self.nats_per_symbol, LARGEST_EXPONENT))

    def as_dict(self, unit: Unit = "nats") -> dict[str, Any]:
        """JSON, without the losses of each document. With "bits", the keys `nats_per_...` are `bits_per_...`."""
        nats = nats_in(unit)
        found: dict[str, Any] = {"perplexity": self.perplexity}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name.startswith("nats_"):
                found[each.name.replace("nats", unit)] = None if value is None else value / nats
            elif each.name not in ("losses", "symbol"):
                found[each.name] = value
        return found

    def table(self, unit: Unit = "nats") -> Table:
        """One row: source, nats_per_symbol, bits_per_character, perplexity, symbols, characters, documents,
        unknown_characters; accuracy, which only a window has; nats_per_symbol_by_name, where counts differ; and known.
        With "bits", `nats` is `bits` in these names. Raises OptionError for an unknown unit."""
        return Table.of(columns(unit), [self.as_dict(unit)])

    def to_frame(self, unit: Unit = "nats") -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(unit).to_frame()


def columns(unit: Unit = "nats") -> tuple[str, ...]:
    """Those of the table of an evaluation."""
    first = "source", f"{unit}_per_symbol", "bits_per_character", "perplexity", "symbols", "characters", "documents"
    return (*first, "unknown_characters", "accuracy", f"{unit}_per_symbol_by_name", "known")


def _figure(nats: float | None) -> str | None:
    return None if nats is None else f"{nats:.4f}"


def evaluate(model: CharModel, corpus: Corpus) -> Evaluation:
    """The held-out loss of `model` on a corpus; long texts are read in pieces (see `in_pieces`).

    Symbols without probability, END included, are left out: they would make the loss infinite. If both the model and
    the corpus have labels, each name is predicted given its label. Raises CorpusError if the model knows none of the
    characters, OptionError for an unknown label.
    """
    corpus = corpus.once
    weights = corpus.weights or (1,) * len(corpus.documents)
    known, unknown = known_characters(model.vocabulary, corpus.documents, weights)
    if not any(map(len, known)):
        unit = model.vocabulary.unit
        raise CorpusError(f"the model knows none of the {unit}s in it; it knows {model.vocabulary.summary()}")
    with threads_of_products(1):  # products are small: two threads would wait for each other
        if isinstance(model, Labelled) and corpus.labels is not None:
            scores = model.score_with(known, numbers_of(corpus.labels, model.labels))
        else:
            scores = scores_of(model, known)
    counted = [score[np.isfinite(score)] for score in scores]
    characters = 0
    for ids, score, weight in zip(known, scores, weights, strict=True):
        impossible = Counter(model.vocabulary.characters[id - 1] for id in ids[~np.isfinite(score[:-1])])
        unknown.update({character: weight * count for character, count in impossible.items()})
        characters += weight * (len(ids) - impossible.total())
    nats = [-float(score.sum()) for score in counted]
    symbols = sum(weight * len(score) for weight, score in zip(weights, counted, strict=True))
    total = sum(weight * each for weight, each in zip(weights, nats, strict=True))
    return Evaluation(
        nats_per_symbol=total / symbols,
        bits_per_character=total / math.log(2) / characters,
        symbols=symbols,
        characters=characters,
        documents=sum(weights),
        unknown_characters=unknown.total(),
        unknown=_ten_most_common(unknown),
        nats_per_symbol_by_name=sum(nats) / sum(map(len, counted)) if len(set(weights)) > 1 else None,
        source=", ".join(corpus.sources),
        symbol=model.vocabulary.unit,
        losses=DocumentLosses(
            corpus.documents,
            np.array([weight * each for weight, each in zip(weights, nats, strict=True)]),
            np.array([weight * len(score) for weight, score in zip(weights, counted, strict=True)]),
        ),
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
    corpus = corpus.once
    weights = corpus.weights or (1,) * len(corpus.documents)
    known, unknown = known_characters(model.vocabulary, corpus.documents, weights)
    losses, times, right, documents = [], [], 0, 0
    each = np.zeros((2, len(known)))
    with threads_of_products(1):  # as in `evaluate`
        for number, (document, weight) in enumerate(zip(known, weights, strict=True)):
            targets = np.arange(window, len(document), stride)
            documents += weight * (len(targets) > 0)
            each[1, number] = weight * len(targets)
            for first in range(0, len(targets), WINDOWS):
                rows = targets[first : first + WINDOWS]
                log_probs = _after(model, document[rows[:, None] + np.arange(-window, 0)])
                losses.append(-log_probs[np.arange(len(rows)), document[rows]])
                times.append(np.full(len(rows), weight))
                each[0, number] += weight * losses[-1].sum()
                right += weight * int((log_probs.argmax(axis=1) == document[rows]).sum())
    if not losses:
        raise CorpusError(
            f"no text in it has more than {window} {model.vocabulary.unit}s that the model knows: no window is full"
        )
    nats, counted = np.concatenate(losses).astype(np.float64), np.concatenate(times)
    symbols = int(counted.sum())
    mean = float((counted * nats).sum()) / symbols
    return Evaluation(
        nats_per_symbol=mean,
        bits_per_character=mean / math.log(2),
        symbols=symbols,
        characters=symbols,
        documents=documents,
        unknown_characters=unknown.total(),
        unknown=_ten_most_common(unknown),
        accuracy=right / symbols,
        nats_per_symbol_by_name=float(nats.mean()) if len(set(counted.tolist())) > 1 else None,
        source=", ".join(corpus.sources),
        symbol=model.vocabulary.unit,
        losses=DocumentLosses(corpus.documents, each[0], each[1].astype(np.int64)),
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
