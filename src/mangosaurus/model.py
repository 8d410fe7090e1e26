"""The model that users hold: a distribution over documents, what it was trained on, and what one does with it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from mangosaurus import storage
from mangosaurus.arguments import checked, several
from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.corpus import Corpus, Labels
from mangosaurus.errors import OptionError, UnknownCharacterError
from mangosaurus.folding import fold as fold_character
from mangosaurus.folding import fold_text
from mangosaurus.generation.sampler import Filter
from mangosaurus.generation.writer import write
from mangosaurus.labels import LabelLike
from mangosaurus.models.describe import describe
from mangosaurus.models.labelled import Labelled
from mangosaurus.read import CorpusLike, as_corpus
from mangosaurus.storage.contents import TEXT_LENGTH, Contents
from mangosaurus.storage.record import without_curves
from mangosaurus.vocabulary import normalize

if TYPE_CHECKING:  # each verb imports what it needs when it is called: a text begins sooner without all the others
    from mangosaurus.classification import Classification
    from mangosaurus.evaluation import Evaluation
    from mangosaurus.generation.automaton import Automaton
    from mangosaurus.generation.collect import Samples
    from mangosaurus.generation.constraint import Wishes
    from mangosaurus.generation.nearest import Ranked
    from mangosaurus.generation.search import Top
    from mangosaurus.surprise import Surprise


@dataclass(frozen=True)
class Model(Contents):
    """A trained model. `mangosaurus.fit` makes one, `mangosaurus.load` reads one."""

    @checked
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
        label: LabelLike | None = None,
        method: str = "independent",
        not_like: int | None = None,
        training: CorpusLike = None,
        prefix: str = "",
        suffix: str = "",
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: str | int | tuple[int | None, int | None] | None = None,
        without: str = "",
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
    ) -> Samples:
        """Draws `n` documents; of names, distinct ones that are not in the training list, unless allowed.

        The same seed gives the same names in the same order, however many are asked for; without one, a seed is drawn
        and told in the result. What can be asked of names, `prefix` to `avoid_parts`, is in `generation.asked.Asked`.
        All of it always holds, and the names follow the model's distribution given that it holds, as
        `generation.conditional` says; the result tells whether they do so exactly. With `not_like`, names are at least
        so many edits from every one of `training`, the list that the model was trained on, for of that it has only
        hashes; the bundled dinosaurs need none.

        The `method` "gumbel" draws names without replacement, in one pass and never twice the same, by
        `generation.beam`, and gives the probability with which each was to be among so many.

        `max_length` counts characters, the prefix included: longer names are left out, by default those twice as long
        as any in the training list; texts are cut there, by default at 400. `label` is that of `with_label`. The other
        options are those of `generation.sampler.Filter`.

        Drawing ends with fewer than `n` names after 20,000 draws and 200 more a name, or after two million symbols and
        20,000 more a name, or 200 times the characters that each needs, if that is more.

        Raises OptionError for a value out of range, for wishes that no name can meet, and for an option that has no
        effect beside the others: `training` without `not_like`, `avoid_parts` without `avoid`, `allow_duplicates` with
        "gumbel", `allow_known` with `not_like`, `allow_known` and `allow_duplicates` for texts; UnknownCharacterError
        for a prefix outside the vocabulary, CorpusError for a list that cannot be read.
        """
        given = locals()
        from mangosaurus.generation.asked import Asked, wishes_of
        from mangosaurus.generation.collect import collect, collect_distinct
        from mangosaurus.generation.constraint import Wishes

        text = self.kind == "text"
        distribution = self.distribution if label is None else self.with_label(label).distribution
        wishes = wishes_of(cast("Asked", {name: given[name] for name in Asked.__annotations__}))
        for option, value in (("allow-known", allow_known), ("allow-duplicates", allow_duplicates)):
            if text and value:
                raise OptionError(f"{option} has no effect: this model writes texts, and keeps known and repeated ones")
        if allow_known and not_like is not None:
            raise OptionError(
                "allow-known keeps the names of the training list, and not-like leaves them out: choose one"
            )
        if allow_duplicates and method == "gumbel":
            raise OptionError("allow-duplicates has no effect: the method gumbel never draws a name twice")
        far = self._unlike(not_like, training)
        automaton = None
        if wishes != Wishes(prefix=wishes.prefix, max_length=wishes.max_length):
            if text:
                raise OptionError("this model writes texts, of which nothing but prefix and max-length can be asked")
            automaton = self._automaton(wishes)
        prefix, keep = wishes.prefix, Filter(temperature, top_k, top_p, min_p)
        longest = self._longest(wishes, automaton)
        known = None if allow_known or text else self.known
        seed = secrets.randbits(32) if seed is None else seed
        if method == "gumbel":
            if text:
                raise OptionError("method gumbel draws names, and this model writes texts")
            distinct = collect_distinct(
                distribution,
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
            distribution,
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

    @checked
    def best(
        self,
        k: int = 20,
        n: int | None = None,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        seed: int | None = None,
        allow_known: bool = False,
        allow_duplicates: bool = False,
        label: LabelLike | None = None,
        method: str = "independent",
        not_like: int | None = None,
        training: CorpusLike = None,
        prefix: str = "",
        suffix: str = "",
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: str | int | tuple[int | None, int | None] | None = None,
        without: str = "",
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
    ) -> list[Ranked]:
        """The best `k` of `n` names drawn by `sample` with these options, from the best on: see `generation.nearest`.

        `n` is 1000, or `k` if that is more, where it is not given. `training` is the list that the model was trained
        on; the bundled dinosaurs need none. Raises OptionError if k is below 1 or above n, and what `sample` raises.
        """
        options = locals()  # all but these are those of `sample`
        for name in ("self", "k", "n", "training"):
            del options[name]
        from mangosaurus.generation.nearest import rank

        if k < 1:
            raise OptionError(f"best is {k}; keep 1 or more")
        if n is not None and n < k:
            raise OptionError(f"best is {k} of n, {n}: the best are chosen from more than are kept")
        known = self._names(training, "best")
        samples = self.sample(max(1000, k) if n is None else n, training=None if not_like is None else known, **options)
        return rank(samples, [-float(each.mean()) for each in self.score(samples)], known)[:k]

    @checked
    def top(
        self,
        n: int = 20,
        *,
        new: bool = False,
        not_like: int | None = None,
        training: CorpusLike = None,
        memory: int = 1000,
        prefix: str = "",
        suffix: str = "",
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: str | int | tuple[int | None, int | None] | None = None,
        without: str = "",
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
    ) -> Top:
        """The `n` most probable names of all that have what is asked of them: exactly, by `generation.search`.

        What can be asked is in `generation.asked.Asked`; unlike in `sample`, without `max_length` no name is too long.
        `new` leaves out names of the training list; `not_like` and `training` are those of `sample`. The search ends
        with what it has proved so far when its open prefixes take more than `memory` megabytes, or after a million
        prefixes and a thousand more for each of the `n` names; a batch of fewer than 64 prefixes counts as 64.

        Raises OptionError for a value out of range, for wishes that no name can meet, for `new` with `not_like`, and
        for a model of texts; CorpusError for a list that cannot be read.
        """
        given = locals()
        from mangosaurus.generation.asked import Asked, wishes_of
        from mangosaurus.generation.search import search

        if self.kind == "text":
            raise OptionError("this model writes texts; the most probable of all can be found for names only")
        wishes = wishes_of(cast("Asked", {name: given[name] for name in Asked.__annotations__}))
        if new and not_like is not None:
            raise OptionError("new has no effect: not-like leaves out the names of the training list too")
        far = self._unlike(not_like, training)

        def wanted(name: str) -> bool:
            return not (new and name in self.known) and (far is None or far(name))

        return search(
            self.distribution,
            n,
            self._automaton(wishes),
            prefix=self.vocabulary.encode(wishes.prefix),
            max_length=wishes.max_length,
            wanted=wanted,
            memory=memory * 1_000_000,
        )

    def _automaton(self, wishes: Wishes) -> Automaton:
        """What accepts names with all that is wished for, but for the maximum length, with which some still are."""
        from mangosaurus.generation.constraint import compile_wishes

        automaton = compile_wishes(replace(wishes, max_length=None), self.vocabulary)
        if wishes.max_length is not None and wishes.max_length < max(int(automaton.needed[automaton.start]), 1):
            compile_wishes(wishes, self.vocabulary)  # says why
        return automaton

    def _longest(self, wishes: Wishes, automaton: Automaton | None) -> int:
        """The most characters of a sample. Raises OptionError if more are asked for than a name can have."""
        from mangosaurus.generation.constraint import check_length

        if wishes.max_length is not None:
            if self.kind == "names":
                check_length("max-length", wishes.max_length, 1)
            return wishes.max_length
        needed = 0 if automaton is None else int(automaton.needed[automaton.start])
        return max(self.default_length, 2 * needed)

    def _unlike(self, not_like: int | None, training: CorpusLike) -> Callable[[str], bool] | None:
        """Whether a name is unlike enough to those of the training list. Raises OptionError for the list alone."""
        from mangosaurus.generation.nearest import unlike

        if not_like is not None:
            return unlike(self._names(training, "not-like"), not_like)
        if training is not None:
            raise OptionError("training is used only with not-like or best")
        return None

    def _names(self, training: CorpusLike, option: str) -> Sequence[str]:
        """The training list, from which the model file has only hashes. Raises OptionError if this is not the one."""
        given = training is not None
        names = as_corpus(training, "names", bool(self.training.get("lowercased"))).documents
        missing = self.known.missing(names)
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

    @checked
    def with_label(self, label: LabelLike) -> Model:
        """The model of the names of one label, such as "elf", or of a blend of several.

        A blend is asked for by weights, as "elf:0.6,dwarf:0.4" or {"elf": 0.6, "dwarf": 0.4}. The labels are then
        weighed at every character (models/labelled.py): its names have something of each.
        Raises OptionError for a label that the model does not have, and for weights that are negative, not numbers or
        all zero.
        """
        from mangosaurus.labels import label_weights

        weights = label_weights(label, list(self.labels))
        assert isinstance(self.distribution, Labelled)  # of others, there is no label to choose
        return replace(self, distribution=self.distribution.blend(weights))

    @checked
    def classify(self, names: str | Iterable[str]) -> Classification:
        """The probability of each label for each name, by Bayes' rule from p(name | label) and the labels' shares.

        `names` is a list of them, or one. Characters that the model does not know are left out of a name.
        Raises OptionError if it has no labels.
        """
        from mangosaurus.classification import Classification
        from mangosaurus.evaluation import known_characters

        if not isinstance(self.distribution, Labelled):
            raise OptionError("this model has no labels to tell apart; train one on lines of a name, a TAB and a label")
        cleaned = [normalize(name) for name in several(names)]
        known, _ = known_characters(self.vocabulary, cleaned)
        return Classification(tuple(cleaned), self.distribution.labels, self.distribution.posterior(known))

    @checked
    def read(
        self,
        corpus: CorpusLike,
        lowercase: bool = False,
        *,
        labels: Labels | Iterable[str] = None,
        label_column: str | None = None,
        name_column: str | None = None,
    ) -> Corpus:
        """A corpus of the model's kind; the options are those of `corpus.as_corpus`.

        A model with labels takes one TAB in a file for a sign that its lines have labels; one that has learnt the TAB
        as a character takes no line for labelled.
        """
        _given(corpus)
        if labels is None and label_column is None:
            labels = "any" if self.labels else False if "\t" in self.vocabulary.characters else None
            if isinstance(corpus, list | tuple):
                labels = None if all(isinstance(item, str) for item in corpus) else labels
        return as_corpus(
            corpus, self.kind, lowercase, labels=labels, label_column=label_column, name_column=name_column
        )

    @checked
    def write(
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
    ) -> str:
        """`prompt` exactly as it is given, and what `stream` yields behind it with these options."""
        options = locals()
        del options["self"]
        return prompt + "".join(self.stream(**options))

    @checked
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
        return write(
            self.distribution,
            self._readable(prompt, fold),
            length=length,
            keep=Filter(temperature, top_k, top_p, min_p),
            seed=secrets.randbits(32) if seed is None else seed,
            index=index,
            until=self.vocabulary.decode(self._readable(until or "", fold)),
            endless=self.endless,
        )

    def _readable(self, typed: str, fold: bool) -> IntArray:
        """The ids of a text as it was typed: see `stream`."""
        known = self.vocabulary.characters
        read = normalize(typed.replace("\r\n", "\n").replace("\r", "\n"))
        folded = fold_text(read, known) if fold else read
        ids = self.vocabulary.find(folded)
        if (ids < 0).any():
            # The place is looked up in what was typed: folding may have made other characters longer.
            place = next(i for i, c in enumerate(read) if c not in known and not (fold and fold_character(c, known)))
            error = self.vocabulary.unknown(read, place)
            if fold or fold_character(read[place], known) is None:
                raise error
            raise UnknownCharacterError(f"{error}; with --fold the nearest is taken instead")
        return ids

    @checked
    def score(self, documents: str | Iterable[str]) -> list[FloatArray]:
        """log p of every character of each document and of its END: shapes (length + 1,), natural logarithms.

        `documents` is a list of them, or one. Raises UnknownCharacterError for a character outside the vocabulary.
        """
        return self.distribution.score([self.vocabulary.encode(normalize(document)) for document in several(documents)])

    @checked
    def surprise(self, names: CorpusLike) -> Surprise:
        """How surprising each symbol is, and which names are odd ones out; a notebook shows every character shaded.

        `names` is a list of documents of the model's kind, or one of them: a string is never a path. A file or folder
        is a Path, or a Corpus that was read from it. It is lower-cased as in `evaluate`. Characters outside the
        vocabulary are no error. `mangosaurus.surprise` has the rule by which names are marked.
        Raises CorpusError if there is nothing to read.
        """
        from mangosaurus.surprise import surprise as surprise_of

        _given(names)
        names = [names] if isinstance(names, str) else names
        read = as_corpus(names, self.kind, bool(self.training.get("lowercased")))
        return surprise_of(self.distribution, read.documents, self.kind, self.known)

    @checked
    def evaluate(
        self, corpus: CorpusLike, window: int | None = None, stride: int = 1, labels: Iterable[str] | None = None
    ) -> Evaluation:
        """How well the model predicts a corpus: a file or folder, a Corpus, or a list of documents of its kind.

        It is lower-cased for a model that was trained on lower-cased ones, unless it is a Corpus, which stays as it is.
        A model with labels predicts names with labels given those; `labels` are those of a list.
        With a `window`, each character is predicted from so many before it and no others, and only every `stride`-th
        one that has so many: see `evaluation.evaluate_in_windows`.
        Raises CorpusError if the corpus cannot be read, or if none of its characters is in the vocabulary or no window
        is full; OptionError if window or stride is below 1, a label is unknown, or `labels` are of no use: with a
        window, or for a model without labels.
        """
        from mangosaurus.evaluation import evaluate, evaluate_in_windows

        if labels is not None and (window is not None or not self.labels):
            why = "this model has none" if window is None else "a window is given, which is read without them"
            raise OptionError(f"labels are given, and {why}: leave them out")
        read = self.read(corpus, bool(self.training.get("lowercased")), labels=labels)
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
            **({"labels": self.labels} if self.labels else {}),
            "training_documents": len(self.known),
            "training": without_curves(self.training),
        }

    @checked
    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes the model to one .safetensors file, atomically.

        Raises OutputError if the file exists and `overwrite` is false, or if it cannot be written; OptionError for a
        model with a label chosen.
        """
        storage.save(self, path, overwrite)

    def to_bytes(self) -> bytes:
        """The model file that `save` writes. Raises OptionError for a model with a label chosen."""
        return storage.as_bytes(self)

    @classmethod
    @checked
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Reads a model file; needs neither torch nor trust. Raises ModelFileError if it is not a good one."""
        return cls._of(storage.load(path))

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """The model of which these are the `to_bytes`. Raises ModelFileError if they are no good model file."""
        return cls._of(storage.from_bytes(data))

    @classmethod
    def _of(cls, contents: storage.Contents) -> Model:
        return cls(**vars(contents))


def _given(corpus: CorpusLike) -> None:
    """Raises OptionError for None, of which `fit` makes the bundled list: what a model is measured on must be named."""
    if corpus is None:
        raise OptionError("the corpus is None; give a list of names, a path or a Corpus")
