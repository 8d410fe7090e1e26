"""The model that users hold: a distribution over documents, what it was trained on, and what one does with it."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

from mangosaurus import storage
from mangosaurus.arrays import FloatArray
from mangosaurus.corpus import CorpusLike, Kind, as_corpus
from mangosaurus.errors import OptionError, UnknownCharacterError
from mangosaurus.evaluation import Evaluation, evaluate, evaluate_in_windows
from mangosaurus.folding import fold as fold_character
from mangosaurus.folding import fold_text
from mangosaurus.generation.asked import Asked, wishes_of
from mangosaurus.generation.automaton import Automaton
from mangosaurus.generation.collect import Samples, collect, collect_distinct
from mangosaurus.generation.constraint import Wishes, compile_wishes
from mangosaurus.generation.nearest import Ranked, rank, unlike
from mangosaurus.generation.sampler import Filter
from mangosaurus.generation.search import Top, search
from mangosaurus.generation.writer import write
from mangosaurus.known import Known
from mangosaurus.models.interface import CharModel
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
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        seed: int | None = None,
        allow_known: bool = False,
        allow_duplicates: bool = False,
        method: str = "independent",
        not_like: int | None = None,
        training: CorpusLike = None,
        **asked: Unpack[Asked],
    ) -> Samples:
        """Draws `n` documents; of names, distinct ones that are not in the training list, unless allowed.

        The same seed gives the same names in the same order, however many are asked for; without one, a seed is drawn
        and told in the result. What can be asked of names is in `generation.asked.Asked`: `prefix`, `suffix` and so on.
        All of it always holds, and the names follow the model's distribution given that it holds, as
        `generation.conditional` says; the result tells whether they do so exactly. With `not_like`, names are at least
        so many edits from every one of `training`, the list that the model was trained on, for of that it has only
        hashes; the bundled dinosaurs need none.

        The `method` "gumbel" draws names without replacement, in one pass and never twice the same, by
        `generation.beam`, and gives the probability with which each was to be among so many; `allow_duplicates` is
        then of no effect.

        `max_length` counts characters, the prefix included: longer names are left out, by default those twice as long
        as any in the training list; texts are cut there, by default at 400. The other options are those of
        `generation.sampler.Filter`.

        Raises OptionError for a value out of range and for wishes that no name can meet, UnknownCharacterError for a
        prefix outside the vocabulary, CorpusError for a list that cannot be read.
        """
        text = self.kind == "text"
        wishes = wishes_of(asked)
        automaton = None
        if wishes != Wishes(prefix=wishes.prefix, max_length=wishes.max_length):
            if text:
                raise OptionError("this model writes texts, of which nothing but prefix and max-length can be asked")
            automaton = self._automaton(wishes)
        prefix, keep = wishes.prefix, Filter(temperature, top_k, top_p, min_p)
        longest = self._longest(wishes, automaton)
        known = None if allow_known or text else self.known
        far = None if not_like is None else unlike(self._names(training, "not-like"), not_like)
        seed = secrets.randbits(32) if seed is None else seed
        if method == "gumbel":
            if text:
                raise OptionError("method gumbel draws names, and this model writes texts")
            distinct = collect_distinct(
                self.distribution,
                n,
                seed=seed,
                max_length=longest,
                keep=keep,
                automaton=automaton or self._automaton(wishes),
                prefix=prefix,
                known=known,
                far=far,
            )
            return distinct if automaton else replace(distinct, probability=None)
        if method != "independent":
            raise OptionError(f"method is {method!r}; it must be independent or gumbel")
        return collect(
            self.distribution,
            n,
            seed=seed,
            max_length=longest,
            keep=keep,
            prefix=prefix,
            known=known,
            unique=not (allow_duplicates or text),
            cut_long=text,
            alone=text,
            automaton=automaton,
            far=far,
        )

    def best(self, k: int = 20, n: int = 1000, *, training: CorpusLike = None, **options: Any) -> list[Ranked]:
        """The best `k` of `n` names drawn by `sample` with these options, from the best on: see `generation.nearest`.

        `training` is the list that the model was trained on; the bundled dinosaurs need none. Raises OptionError if k
        is below 1, and what `sample` raises.
        """
        if k < 1:
            raise OptionError(f"best is {k}; keep 1 or more")
        known = self._names(training, "best")
        samples = self.sample(max(n, k), training=known, **options)
        return rank(samples, [-float(each.mean()) for each in self.score(samples)], known)[:k]

    def top(
        self,
        n: int = 20,
        *,
        new: bool = False,
        not_like: int | None = None,
        training: CorpusLike = None,
        memory: int = 1000,
        **asked: Unpack[Asked],
    ) -> Top:
        """The `n` most probable names of all that have what is asked of them: exactly, by `generation.search`.

        What can be asked is in `generation.asked.Asked`; unlike in `sample`, without `max_length` no name is too long.
        `new` leaves out names of the training list; `not_like` and `training` are those of `sample`. The search ends
        with what it has proved so far when its open prefixes take more than `memory` megabytes.

        Raises OptionError for a value out of range, for wishes that no name can meet, and for a model of texts;
        CorpusError for a list that cannot be read.
        """
        if self.kind == "text":
            raise OptionError("this model writes texts; the most probable of all can be found for names only")
        wishes = wishes_of(asked)
        far = None if not_like is None else unlike(self._names(training, "not-like"), not_like)

        def wanted(name: str) -> bool:
            return not (new and name in self.known) and (far is None or far(name))

        automaton, prefix = self._automaton(wishes), self.vocabulary.encode(wishes.prefix)
        return search(
            self.distribution,
            n,
            automaton,
            prefix=prefix,
            max_length=wishes.max_length,
            wanted=wanted,
            memory=memory * 1_000_000,
        )

    def _automaton(self, wishes: Wishes) -> Automaton:
        """What accepts names with all that is wished for, but for the maximum length, with which some still are."""
        automaton = compile_wishes(replace(wishes, max_length=None), self.vocabulary)
        if wishes.max_length is not None and wishes.max_length < max(int(automaton.needed[automaton.start]), 1):
            compile_wishes(wishes, self.vocabulary)  # says why
        return automaton

    def _longest(self, wishes: Wishes, automaton: Automaton | None) -> int:
        """The most characters of a sample."""
        if wishes.max_length is not None:
            return wishes.max_length
        needed = 0 if automaton is None else int(automaton.needed[automaton.start])
        return max(self.default_length, 2 * needed)

    def _names(self, training: CorpusLike, option: str) -> tuple[str, ...]:
        """The training list, from which the model file has only hashes. Raises OptionError if this is not the one."""
        given = training is not None
        names = as_corpus(training, "names", bool(self.training.get("lowercased"))).documents
        missing = len(set(self.known.hashes.tolist()) - set(Known.of(names).hashes.tolist()))
        if missing and not given:
            raise OptionError(
                f"{option} needs the names that the model was trained on, of which it holds only hashes: name their "
                "file by training (--training FILE)"
            )
        if missing:
            raise OptionError(
                f"{option} needs the names that the model was trained on: {missing:,} of its {len(self.known):,} are "
                "not in the list given by training (--training FILE)"
            )
        return names

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

    def evaluate(self, corpus: CorpusLike, window: int | None = None, stride: int = 1) -> Evaluation:
        """How well the model predicts a corpus: a file or folder, a Corpus, or a list of documents of its kind.

        With a `window`, each character is predicted from so many before it and no others, and only every `stride`-th
        one that has so many: see `evaluation.evaluate_in_windows`.
        Raises CorpusError if the corpus cannot be read, or if none of its characters is in the vocabulary or no window
        is full; OptionError if window or stride is below 1.
        """
        read = as_corpus(corpus, self.kind)
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
            "training_documents": len(self.known),
            "training": {key: value for key, value in self.training.items() if key != "curves"},
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
    return type(model).__name__
