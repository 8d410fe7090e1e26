"""The model that users hold: a distribution over documents, what it was trained on, and what one does with it."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mangosaurus import storage
from mangosaurus.arrays import FloatArray
from mangosaurus.classification import Classification
from mangosaurus.corpus import Corpus, CorpusLike, Kind, Labels, as_corpus
from mangosaurus.errors import OptionError, UnknownCharacterError
from mangosaurus.evaluation import Evaluation, evaluate, evaluate_in_windows, known_characters
from mangosaurus.folding import fold as fold_character
from mangosaurus.folding import fold_text
from mangosaurus.generation.collect import Samples, collect
from mangosaurus.generation.sampler import Filter
from mangosaurus.generation.writer import write
from mangosaurus.known import Known
from mangosaurus.labels import LabelLike, label_weights
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Blend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.vocabulary import Vocabulary, normalize

TEXT_LENGTH = 400
"""Characters of a sampled text, unless said otherwise."""


@dataclass(frozen=True)
class Model:
    """A trained model. `mangosaurus.fit` makes one, `mangosaurus.load` reads one."""

    distribution: CharModel
    """p(next symbol | symbols before), and nothing else."""
    kind: Kind
    """Whether a document is a name or a text."""
    known: Known
    """The training documents, as hashes."""
    training: dict[str, Any]
    """How it was made; JSON. Losses are nats per symbol, END counted as one."""

    @property
    def vocabulary(self) -> Vocabulary:
        return self.distribution.vocabulary

    def sample(
        self,
        n: int = 20,
        *,
        prefix: str = "",
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        max_length: int | None = None,
        seed: int | None = None,
        allow_known: bool = False,
        allow_duplicates: bool = False,
        label: LabelLike | None = None,
    ) -> Samples:
        """Draws `n` documents; of names, distinct ones that are not in the training list, unless allowed.

        The same seed gives the same names in the same order, however many are asked for; without one, a seed is drawn
        and told in the result. `max_length` counts characters, the prefix included: longer names are left out, by
        default those twice as long as any in the training list; texts are cut there, by default at 400. `label` is
        that of `with_label`. The other options are those of `generation.sampler.Filter`.

        Raises OptionError for a value out of range, UnknownCharacterError for a prefix outside the vocabulary.
        """
        text = self.kind == "text"
        return collect(
            self.distribution if label is None else self.with_label(label).distribution,
            n,
            seed=secrets.randbits(32) if seed is None else seed,
            max_length=self.default_length if max_length is None else max_length,
            keep=Filter(temperature, top_k, top_p, min_p),
            prefix=normalize(prefix),
            known=None if allow_known or text else self.known,
            unique=not (allow_duplicates or text),
            cut_long=text,
            alone=text,
        )

    @property
    def labels(self) -> dict[str, int]:
        """The labels that the model knows, and how many training names had each; empty for a model without labels."""
        if not isinstance(self.distribution, Labelled):
            return {}
        return dict(zip(self.distribution.labels, self.distribution.counts.tolist(), strict=True))

    def with_label(self, label: LabelLike) -> Model:
        """The model of the names of one label, such as "elf", or of a blend of several.

        A blend is asked for by weights, as "elf:0.6,dwarf:0.4" or {"elf": 0.6, "dwarf": 0.4}. The labels are then
        weighed at every character (models/labelled.py): its names have something of each.
        Raises OptionError for a label that the model does not have, and for weights that are negative, not numbers or
        all zero.
        """
        weights = label_weights(label, list(self.labels))
        assert isinstance(self.distribution, Labelled)  # of others, there is no label to choose
        return replace(self, distribution=self.distribution.blend(weights))

    def classify(self, names: Sequence[str]) -> Classification:
        """The probability of each label for each name, by Bayes' rule from p(name | label) and the labels' shares.

        Characters that the model does not know are left out of a name. Raises OptionError if it has no labels.
        """
        if not isinstance(self.distribution, Labelled):
            raise OptionError("this model has no labels to tell apart; train one on lines of a name, a TAB and a label")
        cleaned = [normalize(name) for name in names]
        known, _ = known_characters(self.vocabulary, cleaned)
        return Classification(tuple(cleaned), self.distribution.labels, self.distribution.posterior(known))

    def read(
        self,
        corpus: CorpusLike,
        lowercase: bool = False,
        *,
        labels: Labels | Sequence[str] = None,
        label_column: str | None = None,
        name_column: str | None = None,
    ) -> Corpus:
        """A corpus of the model's kind; the options are those of `corpus.as_corpus`.

        A model with labels takes one TAB in a file for a sign that its lines have labels; one that has learnt the TAB
        as a character takes no line for labelled.
        """
        if labels is None and label_column is None:
            labels = "any" if self.labels else False if "\t" in self.vocabulary.characters else None
            if isinstance(corpus, Sequence) and not isinstance(corpus, str):
                labels = None if all(isinstance(item, str) for item in corpus) else labels
        return as_corpus(
            corpus, self.kind, lowercase, labels=labels, label_column=label_column, name_column=name_column
        )

    def write(self, prompt: str = "", **options: Any) -> str:
        """`prompt` exactly as it is given, and what `stream` yields behind it."""
        return prompt + "".join(self.stream(prompt, **options))

    def stream(
        self,
        prompt: str = "",
        *,
        length: int = TEXT_LENGTH,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        seed: int | None = None,
        index: int = 0,
        until: str | None = None,
        fold: bool = False,
    ) -> Iterator[str]:
        """The characters with which the model continues `prompt`, each as soon as it is drawn; at most `length`.

        The text ends before that behind the first `until`, and where the model ends it, if it has learnt how: of a
        single text it has not. `index` says which sample of the seed is written; without a seed, one is drawn. The
        model reads the prompt in NFC with plain line feeds, and with `fold` another character in place of each it does
        not know, where one is near enough: see `folding.fold`. The other options are those of
        `generation.sampler.Filter`.

        Raises OptionError for a value out of range, UnknownCharacterError for a character outside the vocabulary.
        """
        known = self.vocabulary.characters
        read = normalize(prompt.replace("\r\n", "\n").replace("\r", "\n"))
        try:
            ids = self.vocabulary.encode(fold_text(read, known) if fold else read)
        except UnknownCharacterError as error:
            unknown = next(c for c in read if c not in known)
            if fold or fold_character(unknown, known) is None:
                raise
            raise UnknownCharacterError(f"{error}; with --fold the nearest is taken instead") from None
        return write(
            self.distribution,
            ids,
            length=length,
            keep=Filter(temperature, top_k, top_p, min_p),
            seed=secrets.randbits(32) if seed is None else seed,
            index=index,
            until=normalize(until or ""),
            endless=self.kind == "text" and len(self.known) < 2,
        )

    @property
    def default_length(self) -> int:
        """The `max_length` of `sample` where none is given."""
        return TEXT_LENGTH if self.kind == "text" else max(20, 2 * int(self.training.get("longest", 50)))

    def score(self, documents: Sequence[str]) -> list[FloatArray]:
        """log p of every character of each document and of its END: shapes (length + 1,), natural logarithms.

        Raises UnknownCharacterError for a character outside the vocabulary.
        """
        return self.distribution.score([self.vocabulary.encode(normalize(document)) for document in documents])

    def evaluate(
        self, corpus: CorpusLike, window: int | None = None, stride: int = 1, labels: Sequence[str] | None = None
    ) -> Evaluation:
        """How well the model predicts a corpus: a file or folder, a Corpus, or a list of documents of its kind.

        A model with labels predicts names with labels given those; `labels` are those of a list.
        With a `window`, each character is predicted from so many before it and no others, and only every `stride`-th
        one that has so many: see `evaluation.evaluate_in_windows`.
        Raises CorpusError if the corpus cannot be read, or if none of its characters is in the vocabulary or no window
        is full; OptionError if window or stride is below 1, or a label is unknown.
        """
        read = self.read(corpus, labels=labels)
        if window is None:
            return evaluate(self.distribution, read)
        return evaluate_in_windows(self.distribution, read, window, stride)

    def info(self) -> dict[str, Any]:
        """What the model is, how it was made and how good it was on held-out documents; JSON."""
        return {
            "kind": self.kind,
            "model": describe(self.distribution),
            "characters": "".join(self.vocabulary.characters),
            "symbols": len(self.vocabulary),
            **({"labels": self.labels} if self.labels else {}),
            "training_documents": len(self.known),
            "training": {key: value for key, value in self.training.items() if key != "curves"},
        }

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes the model to one .safetensors file, atomically.

        Raises OutputError if the file exists and `overwrite` is false, or if it cannot be written; OptionError for a
        model with a label chosen.
        """
        if isinstance(self.distribution, Blend):
            raise OptionError("a model with a label chosen is part of another; save the one with all its labels")
        contents = storage.Contents(self.distribution, self.kind, self.known.hashes, self.training)
        storage.save(contents, path, overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Reads a model file; needs neither torch nor trust. Raises ModelFileError if it is not a good one."""
        contents = storage.load(path)
        return cls(contents.model, contents.kind, Known(contents.known), contents.training)


def describe(model: CharModel) -> str:
    """A model in a phrase, such as `7-gram mixed with 2 times LSTM of 192 units`."""
    if isinstance(model, NGram):
        return f"{model.order}-gram"
    if isinstance(model, Recurrent):
        layers = len(model.parameters.layers)
        return f"{model.parameters.cell.upper()} of {f'{layers} x ' if layers > 1 else ''}{model.hidden} units"
    if isinstance(model, Mixture):
        return f"{describe(model.ngram)} mixed with {_describe_all(model.networks)}"
    if isinstance(model, Labelled):
        mixed = f" mixed with {_describe_all(model.networks)}" if model.networks else ""
        labels = "1 label" if len(model.labels) == 1 else f"{len(model.labels)} labels"
        return f"{describe(model.common)} of all names and of each of {labels}{mixed}"
    if isinstance(model, Blend):
        shares = zip(model.labels.tolist(), model.weights, strict=True)
        asked = ", ".join(f"{model.whole.labels[label]} {weight:.0%}" for label, weight in shares)
        return f"{describe(model.whole)}, as {asked}"
    return type(model).__name__


def _describe_all(networks: Sequence[Recurrent]) -> str:
    kinds = Counter(describe(network) for network in networks)
    return " and ".join(f"{count} times {kind}" if count > 1 else kind for kind, count in kinds.items())
