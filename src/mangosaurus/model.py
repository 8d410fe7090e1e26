"""The model that users hold: a distribution over documents, what it was trained on, and what one does with it."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mangosaurus import storage
from mangosaurus.arrays import FloatArray
from mangosaurus.corpus import CorpusLike, Kind, as_corpus
from mangosaurus.errors import OptionError, UnknownCharacterError
from mangosaurus.evaluation import Evaluation, evaluate, evaluate_in_windows
from mangosaurus.folding import fold as fold_character
from mangosaurus.folding import fold_text
from mangosaurus.generation.collect import Samples, collect
from mangosaurus.generation.sampler import Filter
from mangosaurus.generation.writer import write
from mangosaurus.known import Known
from mangosaurus.models.blend import Blend
from mangosaurus.models.interface import CharModel
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.models.window import WindowModel
from mangosaurus.surprise import Surprise
from mangosaurus.surprise import surprise as surprise_of
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
    ) -> Samples:
        """Draws `n` documents; of names, distinct ones that are not in the training list, unless allowed.

        The same seed gives the same names in the same order, however many are asked for; without one, a seed is drawn
        and told in the result. `max_length` counts characters, the prefix included: longer names are left out, by
        default those twice as long as any in the training list; texts are cut there, by default at 400. The other
        options are those of `generation.sampler.Filter`.

        Raises OptionError for a value out of range, UnknownCharacterError for a prefix outside the vocabulary.
        """
        text = self.kind == "text"
        return collect(
            self.distribution,
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
            endless=self.kind == "text" and (len(self.known) < 2 or _of_single_texts(self.training)),
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

    def surprise(self, names: CorpusLike) -> Surprise:
        """How surprising each symbol is, and which names are odd ones out; a notebook shows every character shaded.

        `names` is a list of documents of the model's kind, a file or folder, or a Corpus; it is lower-cased as in
        `evaluate`. Characters outside the vocabulary are no error. `mangosaurus.surprise` has the rule by which names
        are marked. Raises CorpusError if there is nothing to read.
        """
        read = as_corpus(names, self.kind, bool(self.training.get("lowercased")))
        return surprise_of(self.distribution, read.documents, self.kind, self.known)

    def evaluate(self, corpus: CorpusLike, window: int | None = None, stride: int = 1) -> Evaluation:
        """How well the model predicts a corpus: a file or folder, a Corpus, or a list of documents of its kind.

        It is lower-cased for a model that was trained on lower-cased ones, unless it is a Corpus, which stays as it is.
        With a `window`, each character is predicted from so many before it and no others, and only every `stride`-th
        one that has so many: see `evaluation.evaluate_in_windows`.
        Raises CorpusError if the corpus cannot be read, or if none of its characters is in the vocabulary or no window
        is full; OptionError if window or stride is below 1.
        """
        read = as_corpus(corpus, self.kind, bool(self.training.get("lowercased")))
        if window is None:
            if stride != 1:
                raise OptionError(f"stride is {stride} without a window; give --window too, such as 40")
            return evaluate(self.distribution, read)
        return evaluate_in_windows(self.distribution, read, window, stride)

    def info(self) -> dict[str, Any]:
        """What the model is, how it was made and how good it was on held-out documents; JSON."""
        return {
            "kind": self.kind,
            "model": describe(self.distribution),
            "characters": "".join(self.vocabulary.characters),
            "symbols": len(self.vocabulary),
            "training_documents": len(self.known),
            "training": without_curves(self.training),
        }

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes the model to one .safetensors file, atomically.

        Raises OutputError if the file exists and `overwrite` is false, or if it cannot be written.
        """
        contents = storage.Contents(self.distribution, self.kind, self.known.hashes, self.training)
        storage.save(contents, path, overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Reads a model file; needs neither torch nor trust. Raises ModelFileError if it is not a good one."""
        contents = storage.load(path)
        return cls(contents.model, contents.kind, Known(contents.known), contents.training)


def _of_single_texts(training: dict[str, Any]) -> bool:
    """Whether the model of this training record, or each part of a blend, has learnt one text, and no end of it."""
    parts = [part["training"] for part in parts_of(training)]
    return all(map(_of_single_texts, parts)) if parts else training.get("documents") == 1


def without_curves(training: dict[str, Any]) -> dict[str, Any]:
    """A training record without the curves, its own and those of a blend's parts: they are long."""
    kept = {key: value for key, value in training.items() if key != "curves"}
    if parts_of(training):
        parts = [part | {"training": without_curves(part["training"])} for part in parts_of(training)]
        kept["blend"] = kept["blend"] | {"parts": parts}
    return kept


def parts_of(training: dict[str, Any]) -> list[dict[str, Any]]:
    """What the training record of a blend says of its parts: weight, model and training; empty for other models."""
    blend = training.get("blend")
    parts = blend.get("parts") if isinstance(blend, dict) else None
    kinds = {"weight": float, "model": str, "training": dict}
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return []  # a record is from a file, and may say anything
    return [part for part in parts if all(isinstance(part.get(key), kind) for key, kind in kinds.items())]


def describe(model: CharModel) -> str:
    """A model in a phrase, such as `7-gram mixed with 2 times LSTM of 192 units`."""
    if isinstance(model, NGram):
        return f"{model.order}-gram"
    if isinstance(model, Recurrent):
        layers = len(model.parameters.layers)
        return f"{model.parameters.cell.upper()} of {f'{layers} x ' if layers > 1 else ''}{model.hidden} units"
    if isinstance(model, Mixture):
        kinds = Counter(describe(network) for network in model.networks)
        networks = " and ".join(f"{count} times {kind}" if count > 1 else kind for kind, count in kinds.items())
        return f"{describe(model.ngram)} mixed with {networks}"
    if isinstance(model, WindowModel):
        counts = Counter((layer.cell, len(layer.recurrent)) for layer in model.parameters.layers)
        described = " and ".join(
            f"{f'{count} x ' if count > 1 else ''}{cell.upper()} of {units} units"
            for (cell, units), count in counts.items()
        )
        return f"{described} reading {model.parameters.window} characters afresh"
    if isinstance(model, Blend):
        parts = zip(model.weights, model.models, strict=True)
        return f"{model.how} of {', '.join(f'{weight:.4g} × ({describe(part)})' for weight, part in parts)}"
    return type(model).__name__
