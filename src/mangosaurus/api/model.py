"""The model that users hold: a distribution over documents, hashes of its training data, and methods."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.casing import SHAPES, Lowering, lower, lower_pattern, shape_of, small
from mangosaurus.core.errors import Option, OptionError, UnknownCharacterError, plain
from mangosaurus.core.folding import fold as fold_character
from mangosaurus.core.folding import fold_text
from mangosaurus.core.options import made
from mangosaurus.core.vocabulary import normalize
from mangosaurus.data.corpus import Corpus, Format, Kind, Labels, NamesLike
from mangosaurus.formats import native as storage
from mangosaurus.formats.native.contents import TEXT_LENGTH, Contents, without_curves
from mangosaurus.generation.casing import Casing
from mangosaurus.generation.constraints.options import Constraints, Length, check_length
from mangosaurus.generation.parameters import (
    MOST_STEERING,
    USUAL_STRENGTH,
    Case,
    Drawing,
    Method,
    SamplingParameters,
    Steering,
)
from mangosaurus.generation.writer import write
from mangosaurus.models.blend import DocumentMixture
from mangosaurus.models.describe import describe
from mangosaurus.models.label_weights import LabelLike
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.steered import Steered

if TYPE_CHECKING:  # each verb imports what it needs when it is called: a text begins sooner without all the others
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.evaluation.classification import Classification
    from mangosaurus.evaluation.loss import Evaluation
    from mangosaurus.evaluation.surprisal import Surprisal
    from mangosaurus.generation.ranking import Ranking
    from mangosaurus.generation.samples import Samples
    from mangosaurus.generation.search import Top

KNOWN_SAID = 300
"""Of a longer training list, about as many names, evenly spaced, say how easy to say is enough: see `rank`."""
SHOWN = 200
"""Names that are drawn to see in which case a model writes."""


MOST_SHOWN = 80
"""Characters of each part of a model's `repr`."""


@dataclass(frozen=True, repr=False)
class Model(Contents):
    """A trained model. `mangosaurus.fit` makes one, `mangosaurus.load` reads one."""

    def __repr__(self) -> str:
        of = self.training.get("corpus")
        trained = f", trained on {plain(of, MOST_SHOWN)}" if isinstance(of, str) else ""
        return f"<Model of {self.kind}: {plain(describe(self.distribution), MOST_SHOWN)}{trained}>"

    def _repr_html_(self) -> str:
        from mangosaurus.api.facts import model_block

        return model_block(self)

    @property
    def lowercased(self) -> bool:
        """Whether it was trained on lower-cased documents."""
        return bool(self.training.get("lowercased"))

    @property
    def lowering(self) -> Lowering:
        """The same; where they were lower-cased by the rules of a language, that language."""
        return (self.training.get("language") or True) if self.lowercased else False

    def as_read(self, text: str) -> str:
        """A text as the model's own documents were read: in NFC, lower-cased if they were, tokens by the separator."""
        return self.vocabulary.as_separated(normalize(lower(text, self.lowering)))

    def _document(self, given: str | Iterable[str]) -> str:
        """`as_read` of a document, which may be a list of its symbols."""
        return self.as_read(given if isinstance(given, str) else self.vocabulary.segmentation.text_of(given))

    def _asked(self, constraints: Constraints) -> Constraints:
        """Constraints in the symbols of the model, and lower-cased as its documents."""
        segmentation = self.vocabulary.segmentation
        if not self.lowercased and (segmentation.plain or segmentation.join is None):
            return constraints
        texts: dict[str, Any] = {
            name: tuple(map(self.as_read, getattr(constraints, name)))
            for name in ("prefix", "suffix", "contains", "avoid")
        }
        without = self.as_read(constraints.without)
        if not self.lowercased:
            return replace(constraints, without=without, **texts)
        patterns: dict[str, Any] = {
            name: tuple(lower_pattern(pattern, self.lowering) for pattern in getattr(constraints, name))
            for name in ("pattern", "not_pattern")
        }
        # All is in small letters, by the rules of the language: i and ı are two letters in Turkish.
        return replace(constraints, without=without, ignore_case=False, **texts, **patterns)

    def _casing(self, case: Case | None) -> Casing | None:
        """In which case names are written. Raises OptionError for "list" if the names have no one case."""
        if case is None:
            return None
        language = self.training.get("language")
        if case != "list":
            return Casing(case, language or False)
        shape = self.training.get("case")
        if shape not in SHAPES:
            from mangosaurus.generation.collect import collect

            if self.lowercased:
                why = "{case} list: the list had no one case when it was lower-cased: choose title, upper or lower"
                raise OptionError.of(why)
            drawn = collect(self.distribution, SHOWN, Constraints(), SamplingParameters(seed=0), default_length=50)
            shape = shape_of(drawn.documents, language or False)
            if shape is None:
                raise OptionError.of("{case} list: the names have no one case: choose title, upper or lower")
        return Casing(shape, language or False)

    def _corpus(self, corpus: CorpusLike, kind: Kind) -> Corpus:
        """A corpus read as the model's own was."""
        from mangosaurus.data.encodings import without_options
        from mangosaurus.data.read import as_corpus

        with without_options():
            return self.in_symbols(as_corpus(corpus, lowercase=self.lowering, kind=kind))

    def in_symbols(self, read: Corpus) -> Corpus:
        """A corpus, cut into symbols as the model's own was."""
        segmentation = self.vocabulary.segmentation
        if read.segmentation == segmentation:
            return read
        cut = read.with_symbols(segmentation)
        if segmentation.plain or segmentation.join is None:
            return cut
        return replace(cut, documents=tuple(map(self.vocabulary.as_separated, cut.documents)))

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
        diverse: bool = False,
        label: LabelLike | None = None,
        like: NamesLike | None = None,
        unlike: NamesLike | None = None,
        strength: float | None = None,
        method: Method = "independent",
        case: Case | None = None,
        not_like: int | None = None,
        training: CorpusLike = None,
        prefix: str | Iterable[str] = (),
        suffix: str | Iterable[str] = (),
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        not_pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: Length | None = None,
        without: str = "",
        max_repeat: int | None = None,
        ignore_case: bool = False,
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
        exact: bool = False,
        clean: bool = False,
    ) -> Samples:
        """Draws `n` documents. Names are distinct and not in the training list, unless allowed.

        The same seed gives the same names in the same order, whatever `n` is. Without one, a random seed is used; the
        result has it.

        - `temperature` to `min_p` and `seed`: see `generation.parameters.SamplingParameters`.
        - `prefix` to `avoid_parts` and `not_like`: see `generation.constraints.options.Constraints`. All of them hold,
          and the names follow the model's distribution given the constraints (`generation.conditional`); the result
          says whether they do so exactly.
        - `max_length` counts characters, the prefix included. Longer names are left out, by default those more than
          twice as long as any in the training list. Texts are cut there, by default at 400.
        - `training` is the list that the model was trained on. `not_like` needs it, because the model has only hashes;
          the bundled dinosaurs need none.
        - `method="gumbel"` draws names without replacement, in one pass (`generation.beam`), and gives the probability
          with which each is included.
        - `diverse` leaves out names within two edits of one drawn before.
        - `case` is how names are written: "title", "upper", "lower", or "list", the case of most names of the list. The
          constraints then hold in any case, and so does what is known.
        - `label`: see `with_label`. `like`, `unlike` and `strength`: see the methods `like` and `unlike`.

        The search ends with fewer than `n` names after 20,000 draws and 200 more a name, or after two million symbols
        and 20,000 more a name, or 200 times the characters that each needs, if that is more.

        Raises OptionError for a value out of range, for constraints that no name satisfies, and for an option that has
        no effect: `training` without `not_like`, `avoid_parts` without `avoid`, `allow_duplicates` with "gumbel",
        `allow_known` with `not_like`, `diverse` with "gumbel" or `allow_duplicates`, `allow_known`, `allow_duplicates`
        and `diverse` for texts; UnknownCharacterError for a prefix outside the vocabulary, CorpusError for a list that
        cannot be read.
        """
        given = locals()
        return self._chosen(label, given).draw(n, *records(given), training)

    def draw(
        self,
        n: int,
        constraints: Constraints,
        parameters: SamplingParameters,
        drawing: Drawing,
        training: CorpusLike = None,
        *,
        choose: int | None = None,
        watch: Callable[[int, int], None] = lambda found, n: None,
        give: Callable[[Samples], None] | None = None,
    ) -> Samples:
        """`sample`, with its options as records; `choose`, `watch` and `give` are those of `generation.collect`, and
        have no effect by the method gumbel."""
        from mangosaurus.generation.collect import Unwanted, collect

        text, casing = self.kind == "text", self._casing(drawing.case)
        constraints = self._asked(constraints if casing is None else constraints.in_any_case())
        if text:
            _check_for_texts(constraints, drawing)
        elif constraints.max_length is not None:
            check_length("max_length", constraints.max_length, 1)
        if drawing.allow_known and constraints.not_like is not None:
            raise OptionError.of(
                "{allow_known} keeps the names of the training list, and {not_like} leaves them out: choose one"
            )
        unwanted = Unwanted(
            None if drawing.allow_known or text else self.known,
            not (drawing.allow_duplicates or text),
            self._near(constraints.not_like, training, casing is not None),
            drawing.diverse,
            casing,
        )
        asked = self.distribution, n, constraints, parameters
        length = self.default_length
        if drawing.method == "gumbel":
            from mangosaurus.generation.beam import collect_distinct

            found = collect_distinct(*asked, default_length=length, unwanted=unwanted)
        else:
            found = collect(
                *asked,
                default_length=length,
                unwanted=unwanted,
                cut_long=text,
                alone=text,
                choose=choose,
                watch=watch,
                give=give,
            )
        return replace(found, of_model=self.remarks) if self.remarks else found

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
        diverse: bool = False,
        label: LabelLike | None = None,
        like: NamesLike | None = None,
        unlike: NamesLike | None = None,
        strength: float | None = None,
        method: Method = "independent",
        case: Case | None = None,
        not_like: int | None = None,
        training: CorpusLike = None,
        prefix: str | Iterable[str] = (),
        suffix: str | Iterable[str] = (),
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        not_pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: Length | None = None,
        without: str = "",
        max_repeat: int | None = None,
        ignore_case: bool = False,
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
        exact: bool = False,
        clean: bool = False,
    ) -> Ranking:
        """The best `k` of `n` names drawn by `sample` with these options, the best first: see `generation.ranking`.

        `n` is 1000 by default, or `k` if that is more. Without it, there are fewer where new names are rare: the search
        ends after 2,000 draws if it has 10 `k` names, and in inverse proportion later if it has fewer. `training` is
        the list that the model was trained on; the bundled dinosaurs need none. With `diverse`, none of the best is
        within two edits of a better one.
        Raises OptionError if k is below 1 or above n, and what `sample` raises.
        """
        given = locals()
        return self._chosen(label, given).rank(k, n, *records(given), training)

    def rank(
        self,
        k: int,
        n: int | None,
        constraints: Constraints,
        parameters: SamplingParameters,
        drawing: Drawing,
        training: CorpusLike = None,
        *,
        watch: Callable[[int, int], None] = lambda found, n: None,
    ) -> Ranking:
        """`best`, with its options as records; `watch` is that of `generation.collect`."""
        from mangosaurus.generation.collect import cut_as
        from mangosaurus.generation.ranking import Enough, Ranking, best, rank
        from mangosaurus.models.saying import nats_to_say

        if k < 1:
            raise OptionError.of("{best} is {}; keep 1 or more", k)
        if n is not None and n < k:
            raise OptionError.of("{best} is {} of {n}, {}: the best are chosen from more than are kept", k, n)
        names = self._names(training, "best")
        choose, n = (k, max(1000, k)) if n is None else (None, n)
        among, theirs = replace(drawing, diverse=False), None if constraints.not_like is None else names
        samples = self.draw(n, constraints, parameters, among, theirs, choose=choose, watch=watch)
        documents, vocabulary = samples.documents, self.vocabulary
        losses = self.losses(documents)
        some = sorted(names)[:: 1 + len(names) // KNOWN_SAID]
        enough = Enough.of(losses, nats_to_say(some, vocabulary))
        ranked = rank(documents, losses, nats_to_say(documents, vocabulary), names, enough, vocabulary.split)
        written = tuple(
            replace(each, text=samples.shown(each.text), nearest=vocabulary.segmentation.shown(each.nearest))
            for each in best(ranked, k, drawing.diverse, cut_as(vocabulary.split, samples.casing))
        )
        return Ranking(written, k, samples, enough, drawing.diverse)

    @checked
    def top(
        self,
        n: int = 20,
        *,
        new: bool = False,
        like: NamesLike | None = None,
        unlike: NamesLike | None = None,
        strength: float | None = None,
        not_like: int | None = None,
        training: CorpusLike = None,
        memory: int = 1000,
        prefix: str | Iterable[str] = (),
        suffix: str | Iterable[str] = (),
        contains: str | Iterable[str] = (),
        pattern: str | Iterable[str] = (),
        not_pattern: str | Iterable[str] = (),
        min_length: int | None = None,
        max_length: int | None = None,
        length: Length | None = None,
        without: str = "",
        max_repeat: int | None = None,
        ignore_case: bool = False,
        avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
        avoid_parts: bool = False,
        exact: bool = False,
        clean: bool = False,
    ) -> Top:
        """The `n` most probable names of all that satisfy the constraints: exactly, by `generation.search`.

        The constraints are those of `sample`, but without `max_length` no name is too long. `like` to `strength`,
        `not_like` and `training` are those of `sample` too; `new` leaves out names of the training list. The search
        ends with what it has proved when its open prefixes take more than `memory` megabytes, or after a million
        prefixes and a thousand more for each of the `n` names; a batch of fewer than 64 prefixes counts as 64.

        Raises OptionError for a value out of range, for constraints that no name satisfies, for `new` with `not_like`,
        and for a model of texts; CorpusError for a list that cannot be read.
        """
        given = locals()
        return self._chosen(None, given).most_probable(n, made(Constraints, given), new, training, memory)

    def most_probable(
        self, n: int, constraints: Constraints, new: bool = False, training: CorpusLike = None, memory: int = 1000
    ) -> Top:
        """`top`, with its constraints as a record."""
        from mangosaurus.generation.beginnings import common_beginning, words_of
        from mangosaurus.generation.collect import automaton_of, check_beginnings
        from mangosaurus.generation.search import search

        if self.kind == "text":
            raise OptionError("this model writes texts; the most probable of all can be found for names only")
        if new and constraints.not_like is not None:
            raise OptionError.of("{new} has no effect: {not_like} leaves out the names of the training list too")
        constraints, near = self._asked(constraints), self._near(constraints.not_like, training)
        check_beginnings(constraints)
        words = words_of(constraints, self.vocabulary)
        return search(
            self.distribution,
            n,
            automaton_of(constraints, self.vocabulary),
            prefix=common_beginning(words),
            max_length=constraints.max_length,
            wanted=lambda name: not (new and name in self.known) and not near(name),
            memory=memory * 1_000_000,
        )

    def _near(self, not_like: int | None, training: CorpusLike, any_case: bool = False) -> Callable[[str], bool]:
        """Whether a name is too similar to one of the training list, perhaps in another case.

        Raises OptionError for the list alone.
        """
        from mangosaurus.generation.nearest import near

        if not_like is not None and any_case:
            is_near = near([small(name) for name in self._names(training, "not_like")], not_like, self.vocabulary.split)
            return lambda name: is_near(small(name))
        if not_like is not None:
            return near(self._names(training, "not_like"), not_like, self.vocabulary.split)
        if training is not None:
            raise OptionError.of("{training} is used only with {not_like} or {best}")
        return lambda name: False

    def _names(self, training: CorpusLike, option: str) -> Sequence[str]:
        """The training list, from which the model file has only hashes. Raises OptionError if this is not the one."""
        names = [*self._corpus(training, "names").documents, *self._steering_names()]
        missing = self.known.missing(names)
        why = ", because it has only their hashes: give them by "
        if training is not None:
            why = f": {missing:,} of its {len(self.known):,} are not in the list given by "
        if missing:
            message = "{} needs the names that the model was trained on{}{training}"
            raise OptionError.of(message, Option(option), why)
        return names

    def _steering_names(self) -> tuple[str, ...]:
        """The names that steer the model, which count as known too."""
        return self.distribution.names if isinstance(self.distribution, Steered) else ()

    def _chosen(self, label: LabelLike | None, given: Mapping[str, Any]) -> Model:
        """The model of a label, steered as the options among those `given` say."""
        chosen, steering = self if label is None else self.with_label(label), made(Steering, given)
        return chosen.steered(steering)._warned(5) if steering.has_names else chosen

    @checked
    def like(self, names: NamesLike, *, strength: float = USUAL_STRENGTH) -> Model:
        """The model, steered towards names to resemble, such as those of its samples that one likes.

        `names` are as `mangosaurus.like` takes them; a thousand at most. `strength` is from 0, not at all, to 1. What
        it writes is new: neither these names nor those of the training list, unless known ones are allowed. Any
        constraints hold, and the probabilities are those of the steered model (`models.steered`), which is made in
        memory: it is not saved. A label is chosen before.

            >>> elves = mangosaurus.like(["Galadriel", "Elrond", "Legolas", "Celebrimbor", "Thranduil"])
            >>> rather = elves.like(["Galadriel", "Celebrimbor"]).unlike(["Elrond"], strength=0.2)

        A character that the model does not know stays out of what it writes; a UserWarning says so.
        Raises OptionError for a strength out of range, for no name or too many, for names of unknown characters alone,
        and for a model of texts; CorpusError for a file that cannot be read.
        """
        return self.steered(Steering(like=names, strength=strength))._warned(4)

    @checked
    def unlike(self, names: NamesLike, *, strength: float = USUAL_STRENGTH) -> Model:
        """The model, steered away from names: see `like`."""
        return self.steered(Steering(unlike=names, strength=strength))._warned(4)

    def steered(self, steering: Steering) -> Model:
        """`like` and `unlike` at once, with their options as a record; the model itself without names."""
        if not steering.has_names:
            return self
        if self.kind == "text":
            raise OptionError.of("this model writes texts; {like} and {unlike} steer models of names")
        from mangosaurus.api.steering import steered

        strength = USUAL_STRENGTH if steering.strength is None else steering.strength
        return steered(self, self._read("like", steering.like), self._read("unlike", steering.unlike), strength)

    def _read(self, option: str, given: NamesLike | None) -> list[str]:
        """The names that an option of steering has. Raises OptionError for none or too many."""
        from mangosaurus.api.like import names_of

        names = [] if given is None else names_of(given, option=option).documents
        if len(names) > MOST_STEERING:
            message = "{} has {:,} names; {:,} at most steer a model, and more are a list to learn from"
            raise OptionError.of(message, Option(option), len(names), MOST_STEERING)
        return [*dict.fromkeys(map(self.as_read, names))]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know of a steered model, a line each: which characters of the names it does not know."""
        return self.distribution.remarks if isinstance(self.distribution, Steered) else ()

    def _warned(self, level: int) -> Model:
        for remark in self.remarks:
            warnings.warn(remark, stacklevel=level)
        return self

    @checked
    def with_label(self, label: LabelLike) -> Model:
        """The model of the names of one label, such as "elf", or of a blend of several.

        Weights ask for a blend, as "elf:0.6,dwarf:0.4" or {"elf": 0.6, "dwarf": 0.4}. The labels are then weighted at
        every character (models/labelled.py), so that each name resembles all of them. Of labels that combine columns,
        such as "elf/female", a part may be asked for: each name then has one of the labels with this part, in the
        proportions of the list.
        Raises OptionError for a label that the model does not have, and for weights that are negative, not numbers or
        all zero.
        """
        from mangosaurus.models.label_weights import label_weights, with_part

        chosen = with_part(label, list(self.labels)) if isinstance(label, str) else []
        if chosen and isinstance(self.distribution, Labelled):
            shares = self.distribution.counts[chosen] / self.distribution.counts[chosen].sum()
            given = [self.distribution.given(place) for place in chosen]
            return replace(self, distribution=given[0] if len(given) == 1 else DocumentMixture(given, shares))
        weights = label_weights(label, list(self.labels))
        assert isinstance(self.distribution, Labelled)  # `label_weights` refuses all labels of other models
        return replace(self, distribution=self.distribution.blend(weights))

    @checked
    def classify(self, names: str | Iterable[str | Iterable[str]]) -> Classification:
        """The probability of each label for each name, by Bayes' rule from p(name | label) and the labels' shares.

        `names` is a list of them, or one; one of a list may be a list of its symbols. Characters that the model does
        not know are left out of a name.
        Raises OptionError if it has no labels.
        """
        from mangosaurus.evaluation.classification import Classification
        from mangosaurus.models.scoring import known_characters

        if not isinstance(self.distribution, Labelled):
            raise OptionError("this model has no labels to tell apart; train one on lines of a name, a TAB and a label")
        given = [names] if isinstance(names, str) else [*names]
        cleaned = [normalize(name if isinstance(name, str) else self._document(name)) for name in given]
        known, _ = known_characters(self.vocabulary, [self.as_read(name) for name in cleaned])
        return Classification(tuple(cleaned), self.distribution.labels, self.distribution.posterior(known))

    @checked
    def read(
        self,
        corpus: CorpusLike,
        lowercase: Lowering = False,
        *,
        format: Format = "auto",
        labels: Labels | Iterable[str] = None,
        weights: Iterable[int] | None = None,
        column: str | int | None = None,
        label_column: str | Iterable[str] | None = None,
        weight_column: str | int | None = None,
        sheet: str | int | None = None,
        records: str | None = None,
        encoding: str | None = None,
        skip_bad_lines: bool = False,
    ) -> Corpus:
        """A corpus of the model's kind; the options are those of `read_corpus`.

        A model with labels reads the lines of a file as labelled if it has a single TAB. A model that knows the TAB as
        a character reads no line as labelled.
        """
        from mangosaurus.data.read import as_corpus

        _given(corpus)
        documents = isinstance(corpus, list | tuple) and all(isinstance(item, str | list) for item in corpus)
        if labels is None and label_column is None and not documents:
            labels = "any" if self.labels else False if "\t" in self.vocabulary.characters else None
        return self.in_symbols(
            as_corpus(
                corpus,
                format,
                lowercase,
                labels=labels,
                weights=weights,
                column=column,
                label_column=label_column,
                weight_column=weight_column,
                sheet=sheet,
                records=records,
                encoding=encoding,
                skip_bad_lines=skip_bad_lines,
                kind=self.kind,
            )
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
        """`prompt` as it is, followed by what `stream` yields with these options."""
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
        """The symbols with which the model continues `prompt`, each as soon as it is drawn; at most `length`.

        The text ends after the first `until`, and where the model ends it; a model of a single text never does.
        `index` is the number of the sample of this seed. The model reads the prompt in NFC with plain line feeds, and
        lower-cased if it was trained so; with `fold`, it reads a character that it does not know as the nearest one
        that it knows (`folding.fold`).
        `temperature` to `min_p` and `seed` are those of `generation.parameters.SamplingParameters`.

        Raises OptionError for a value out of range, UnknownCharacterError for a character outside the vocabulary.
        """
        given = locals()
        return self.continuation(prompt, made(SamplingParameters, given), length, index, until, fold)

    def continuation(
        self,
        prompt: str,
        parameters: SamplingParameters,
        length: int = TEXT_LENGTH,
        index: int = 0,
        until: str | None = None,
        fold: bool = False,
    ) -> Iterator[str]:
        """`stream`, with its sampling parameters as a record."""
        written = write(
            self.distribution,
            self._readable(prompt, fold),
            parameters,
            length=length,
            index=index,
            until=self.vocabulary.decode(self._readable(until or "", fold)),
            endless=self.endless,
        )
        cut = self.vocabulary.segmentation
        ended = bool(cut.separator) and prompt.endswith(cut.separator)
        return _without_first(written, cut.between(".", ".")) if ended else written

    def _readable(self, typed: str, fold: bool) -> IntArray:
        """The ids of a text as it was typed: see `stream`."""
        known = self.vocabulary.characters
        read = self.as_read(typed.replace("\r\n", "\n").replace("\r", "\n"))
        if not self.vocabulary.segmentation.plain:
            return self._readable_symbols(self.vocabulary.split(read), fold)
        folded = fold_text(read, known) if fold else read
        ids = self.vocabulary.find(folded)
        if (ids < 0).any():
            # The place in the text as typed: folding may have made other characters longer.
            place = next(i for i, c in enumerate(read) if c not in known and not (fold and fold_character(c, known)))
            error = self.vocabulary.unknown(read, place)
            if fold or fold_character(read[place], known) is None:
                raise error
            raise UnknownCharacterError(f"{error}; with ", Option("fold"), " the nearest is taken instead")
        return ids

    def _readable_symbols(self, symbols: Sequence[str], fold: bool) -> IntArray:
        """The same of symbols of several characters; only a symbol that is one character is folded."""
        known = self.vocabulary.characters
        nearest = [
            fold_character(each, known) if fold and len(each) == 1 and each not in known else None for each in symbols
        ]
        folded = self.vocabulary.segmentation.text_of(
            new if new in known else each for each, new in zip(symbols, nearest, strict=True)
        )
        return self.vocabulary.encode(folded)

    @checked
    def score(self, documents: str | Iterable[str | Iterable[str]]) -> list[FloatArray]:
        """log p of every symbol of each document and of its END: shapes (symbols + 1,), natural logarithms.

        `documents` is a list of them, or one; one of a list may be a list of its symbols. They are lower-cased if the
        model's own were. Raises UnknownCharacterError for a symbol outside the vocabulary.
        """
        given = [documents] if isinstance(documents, str) else documents
        read = [self.vocabulary.encode(self._document(document)) for document in given]
        return self.distribution.score(read)

    def losses(self, documents: str | Iterable[str | Iterable[str]]) -> list[float]:
        """Nats per symbol of each document, END counted unless the model never ends one."""
        from mangosaurus.models.scoring import without_impossible_end

        return [-float(without_impossible_end(score).mean()) for score in self.score(documents)]

    @checked
    def surprisal(self, names: CorpusLike) -> Surprisal:
        """The surprisal of each symbol, and which names are outliers. A notebook shows every character shaded.

        `names` is a list of documents of the model's kind, or one of them: a string is never a path. A file or folder
        is a Path, or a Corpus that was read from it. It is lower-cased as in `evaluate`. Characters outside the
        vocabulary are no error. `mangosaurus.evaluation.surprisal` has the rule for outliers.
        Raises CorpusError if there is nothing to read.
        """
        from mangosaurus.evaluation.surprisal import surprisal as surprisal_of

        _given(names)
        names = [names] if isinstance(names, str) else names
        read = self._corpus(names, self.kind)
        return surprisal_of(self.distribution, read.documents, self.kind, self.known)

    @checked
    def evaluate(
        self,
        corpus: CorpusLike,
        window: int | None = None,
        stride: int = 1,
        labels: Iterable[str] | None = None,
        weights: Iterable[int] | None = None,
    ) -> Evaluation:
        """How well the model predicts a corpus: a file or folder, a Corpus, or a list of documents of its kind.

        It is lower-cased for a model that was trained on lower-cased ones, unless it is a Corpus, which stays as it is.
        A model with labels predicts each name given its label; `labels` are the labels of a list, and `weights` say how
        often each name of a list counts.
        With a `window`, each character is predicted from this many before it and no others, and only every `stride`-th
        one that has as many: see `evaluation.evaluate_in_windows`.
        Raises CorpusError if the corpus cannot be read, or if none of its characters is in the vocabulary or no window
        is full; OptionError if window or stride is below 1, a label is unknown, or `labels` are of no use: with a
        window, or for a model without labels.
        """
        from mangosaurus.evaluation.loss import evaluate, evaluate_in_windows

        if labels is not None and (window is not None or not self.labels):
            why = "this model has none" if window is None else "a window is given, which is read without them"
            raise OptionError.of("{labels} are given, and {}: leave them out", why)
        read = self.read(corpus, self.lowering, labels=labels, weights=weights)
        if window is None and stride != 1:
            raise OptionError.of("{stride} is {} without a window; give {window} too, such as 40", stride)
        once = read.once
        weighed = zip(once.documents, once.weights or [1] * len(once.documents), strict=True)
        known = sum(weight for document, weight in weighed if document in self.known)
        if window is None:
            return replace(evaluate(self.distribution, read), known=known)
        return replace(evaluate_in_windows(self.distribution, read, window, stride), known=known)

    def info(self) -> dict[str, Any]:
        """What the model is, how it was made and how good it was on held-out documents; JSON."""
        return {
            "kind": self.kind,
            "model": describe(self.distribution),
            "characters": "".join(sorted(set().union(*self.vocabulary.characters))),
            "symbols": len(self.vocabulary),
            **self._units(),
            **({"labels": self.labels} if self.labels else {}),
            "training_documents": len(self.known),
            "training": without_curves(self.training),
        }

    def _units(self) -> dict[str, Any]:
        """What `info` says of symbols of several characters."""
        if self.vocabulary.segmentation.plain:
            return {}
        separator = self.vocabulary.segmentation.separator
        return {f"{self.vocabulary.unit}s": list(self.vocabulary.characters), "separator": separator or None}

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
        """Reads a model file. It needs no torch, and the file need not be trusted. Raises ModelFileError if invalid."""
        return cls(**vars(storage.load(path)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """The model whose `to_bytes` these are. Raises ModelFileError if they are no valid model file."""
        return cls(**vars(storage.from_bytes(data)))


def _without_first(pieces: Iterator[str], beginning: str) -> Iterator[str]:
    """Pieces of a text, the first of them without its beginning."""
    yield next(pieces, "").removeprefix(beginning)
    yield from pieces


def records(given: Mapping[str, Any]) -> tuple[Constraints, SamplingParameters, Drawing]:
    """The records of the options of `sample`; other entries of `given` are ignored."""
    return made(Constraints, given), made(SamplingParameters, given), made(Drawing, given)


def _check_for_texts(constraints: Constraints, drawing: Drawing) -> None:
    """Raises OptionError for options that only models of names have."""
    if drawing.case is not None:
        raise OptionError.of("{case} is for names, and this model writes texts")
    if len(constraints.prefix) > 1:
        why = "{prefix} has {} beginnings, and a text has one; typed on the command line, a comma within it is \\,"
        raise OptionError.of(why, len(constraints.prefix))
    for name in ("allow_known", "allow_duplicates", "diverse"):
        if getattr(drawing, name):
            raise OptionError(Option(name), " has no effect: this model writes texts, and keeps all of them")
    if constraints.need_automaton:
        raise OptionError.of("this model writes texts; they can have no constraints but {prefix} and {max_length}")
    if drawing.method == "gumbel":
        raise OptionError.of("{method} gumbel draws names, and this model writes texts")


def _given(corpus: CorpusLike) -> None:
    """Raises OptionError for None. It is the bundled list for `fit`, but a model is never measured on it by default."""
    if corpus is None:
        raise OptionError("the corpus is None; give a list of names, a path or a Corpus")
