"""Drawing names until enough of them are new and distinct."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.briefly import first_of
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import Option, OptionError, Spelling, plain
from mangosaurus.core.segmentation import CHARACTERS, Segmentation
from mangosaurus.core.table import Table
from mangosaurus.core.vocabulary import Vocabulary, normalize
from mangosaurus.generation.beginnings import Tree, common_beginning, tree_of, usual_beginning, words_of
from mangosaurus.generation.casing import Casing
from mangosaurus.generation.conditional import condition
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.composed import composed
from mangosaurus.generation.constraints.options import LARGEST_LENGTH, Constraints
from mangosaurus.generation.nearest import apart
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import FEWEST_SYMBOLS, LARGEST_BLOCK, Block, sample_blocks
from mangosaurus.models.interface import CharModel

if TYPE_CHECKING:
    from pandas import DataFrame

MANY = 500
"""More names than this are drawn on two threads."""
LARGEST_NUMBER = 10**9
"""More documents cannot be asked for; they would take days."""
FEWEST_DRAWS = 20_000
OFTENER = 100.0
"""A beginning in another case that is this many times as likely is told."""
DRAWS_A_NAME = 200
"""The search for names ends after FEWEST_DRAWS + DRAWS_A_NAME times the number asked for, found or not."""
SYMBOLS_A_NAME = 20_000
"""And after FEWEST_SYMBOLS + SYMBOLS_A_NAME times that number, for names of more than a hundred characters."""


def most_symbols(n: int, shortest: int = 0) -> int:
    """How many symbols are drawn at most to find `n` names; `shortest` has as many characters as each needs."""
    return FEWEST_SYMBOLS + n * max(SYMBOLS_A_NAME, DRAWS_A_NAME * shortest)


@dataclass(frozen=True)
class Samples(Sequence[str]):
    """The documents drawn, as a sequence of strings, and how the drawing went."""

    documents: tuple[str, ...]
    asked: int
    """How many were asked for."""
    drawn: int
    """How many the model drew to get them."""
    seed: int
    known: int = 0
    """How many of those drawn were left out because they are in the training list."""
    repeated: int = 0
    """How many because they had been drawn before."""
    too_long: int = 0
    """How many because they had not ended at the maximum length."""
    empty: int = 0
    """How many because they were empty, or began or ended with a space: see `whole`."""
    unmet: int = 0
    """How many because they did not satisfy the constraints, were not in NFC, or were proposals that were rejected."""
    near: int = 0
    """How many because they are too like a name of the training list."""
    alike: int = 0
    """How many because they are within two edits of one drawn before, with `diverse`."""
    avoided: int | None = None
    """How many because of names to avoid or rude words; None if there are none, or if such names are never drawn."""
    exact: bool = True
    """Whether each follows the model's distribution given the constraints exactly; if not, see `effective`."""
    effective: float | None = None
    """If not exact: how many exact draws the documents are worth, from 1 to their number (effective sample size)."""
    probability: float | None = None
    """With constraints: the estimated probability that the model satisfies them, given the prefix."""
    inclusion: tuple[float, ...] | None = None
    """By the method gumbel: of each, the probability that it is among this many; see `beam`."""
    given_up: bool = False
    """Whether the search ended at its limit of symbols: see `most_symbols`."""
    of_model: tuple[str, ...] = ()
    """What to know of the model that wrote them: see `Model.remarks`."""
    segmentation: Segmentation = CHARACTERS
    """How the documents are cut into symbols. As items of the sequence, they are written as its `join` says."""
    _stars: dict[str, None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The names that are starred."""
    casing: Casing | None = None
    """In which case they are written as items of the sequence; None leaves them as they were drawn."""
    keeps_out: tuple[str, ...] = ()
    """The options that keep names out: avoid, clean."""
    usual: tuple[str, float] | None = None
    """A beginning that differs from those asked for in case alone, and how many times as likely it is: OFTENER or more.
    """

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return tuple(map(self.shown, self.documents[place]))
        return self.shown(self.documents[place])

    def __len__(self) -> int:
        return len(self.documents)

    def __repr__(self) -> str:
        few = f" of {self.asked:,} asked for" if len(self) < self.asked else ""
        return f"<Samples: {len(self):,}{few}, seed {self.seed}: {first_of(self)}>"

    def _repr_html_(self) -> str:
        from mangosaurus.html.notebook import block, cut, remark, some
        from mangosaurus.html.tables import names_table

        first, more = some(self)
        starred = set(self.starred)
        table = names_table([cut(text) for text in first], [text in starred for text in first])
        stars = [f"starred: {', '.join(map(cut, self.starred))}"] if starred else []
        return block([table, *more, *map(remark, [*stars, *self.remarks(), f"seed {self.seed}"])])

    @property
    def starred(self) -> tuple[str, ...]:
        """The names that `star` was given, in its order."""
        return tuple(self._stars)

    def star(self, *names: str) -> Samples:
        """Remembers names that you like, so that `model.like(samples.starred)` gives more like them.

        Returns the samples themselves, which a notebook shows with their stars. Raises OptionError for a name that is
        not among them; then none is starred.
        """
        for name in names:
            if normalize(name) not in self:
                raise OptionError(f"{plain(name)!r} is not among these samples; star one that is: {first_of(self)}")
        self._stars.update(dict.fromkeys(map(normalize, names)))
        return self

    def unstar(self, *names: str) -> Samples:
        """Takes stars away. Raises OptionError for a name that has none; then all stay."""
        for name in names:
            if normalize(name) not in self._stars:
                raise OptionError(f"{plain(name)!r} has no star; these have one: {first_of(self.starred) or 'none'}")
        for name in names:
            self._stars.pop(normalize(name), None)
        return self

    def shown(self, document: str) -> str:
        """A document as it is written."""
        written = self.segmentation.shown(document)
        return written if self.casing is None else self.casing(written)

    def kept_out(self, spelling: Spelling = str) -> str | None:
        """How many names the names to avoid and the rude words kept out, in one line; None without any."""
        if not self.keeps_out:
            return None
        options = " and ".join(spelling(Option(name)) for name in self.keeps_out)
        if self.avoided is None:
            return f"{options}: such names are left out before they are complete, so there is no count of them"
        return f"{options} kept out {self.avoided:,} of {self.drawn:,} names drawn"

    def manner(self) -> str | None:
        """How the constraints were satisfied, in one line; None without constraints but a prefix or a length."""
        if self.probability is None:
            return None
        if not self.probability:
            return "no name that was tried satisfies the constraints"
        often = f"{_share(self.probability)} the constraints"
        if self.exact:
            return f"{often}; the names follow the model's distribution exactly"
        return (
            f"{often}; effective sample size {self.effective or 0:,.1f} of {len(self):,}, of {self.drawn:,} proposals "
            "guided by the n-gram"
        )

    def shortfall(self, spelling: Spelling = str) -> str | None:
        """Why there are fewer than asked for, in one line; None if there are not. `spelling` is that of options."""
        if len(self) >= self.asked:
            return None
        unmet = "do not satisfy the constraints"
        if self.probability is None:
            unmet = "were not in Unicode normal form (NFC)"
        repeats = spelling(Option("allow_duplicates"))
        reasons = [
            f"{count:,} {why}"
            for count, why in (
                (self.known, f"are in the training list ({spelling(Option('allow_known'))} keeps them)"),
                (self.repeated, "were drawn before" + ("" if self.alike else f" ({repeats} keeps them)")),
                (self.too_long, f"were longer than {spelling(Option('max_length'))}"),
                (self.empty, "were empty, or began or ended with a space"),
                (self.unmet, unmet),
                (self.avoided, "were kept out"),
                (self.near, f"were too like a name of the training list ({spelling(Option('not_like'))})"),
                (self.alike, f"were within two edits of one before ({spelling(Option('diverse'))})"),
            )
            if count
        ] or ["none was wanted"]
        if self.given_up:
            reasons[-1] += ", and the search stopped at its limit"
        return (
            f"found {len(self):,} of the {self.asked:,} asked for: of {self.drawn:,} drawn, {', '.join(reasons)}; "
            "fewer constraints or a higher temperature give more"
        )

    def remarks(self, spelling: Spelling = str) -> list[str]:
        """`of_model`, `manner`, `kept_out`, `shortfall` and what is `usual`, where there is something to say."""
        said = self.manner(), self.kept_out(spelling), self.shortfall(spelling), self._usual(spelling)
        return [remark for remark in (*self.of_model, *said) if remark]

    def _usual(self, spelling: Spelling) -> str | None:
        if self.usual is None:
            return None
        beginning, times = self.usual
        prefix, ignore_case = spelling(Option("prefix")), spelling(Option("ignore_case"))
        often = f"names begin with {beginning!r} {times:,.0f} times as often as with what {prefix} says"
        return f"{often}; {ignore_case} takes both"

    def table(self, losses: Sequence[float] | None = None) -> Table:
        """A row for each document: text; nats_per_symbol, if `Model.losses` of them is given; inclusion, by gumbel."""
        columns: dict[str, Sequence[Any]] = {"text": self}
        if losses is not None:
            columns["nats_per_symbol"] = losses
        if self.inclusion is not None:
            columns["inclusion"] = self.inclusion
        return Table(tuple(columns), list(zip(*columns.values(), strict=True)))

    def to_frame(self, losses: Sequence[float] | None = None) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(losses).to_frame()

    def as_dict(self, losses: Sequence[float]) -> dict[str, Any]:
        """The same as JSON; `losses` has the nats per symbol of each document."""
        table = self.table(losses)
        samples = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        result = {"samples": samples, "asked": self.asked, "drawn": self.drawn, "seed": self.seed}
        if self.probability is not None:
            result |= {"probability": self.probability, "exact": self.exact, "effective": self.effective}
        if self.keeps_out:
            result["avoided"] = self.avoided
        return result


@dataclass(frozen=True)
class Unwanted:
    """Which documents are left out. The default leaves out repeated ones."""

    training: DocumentHashes | None = None
    """Those of the training list."""
    repeated: bool = True
    """Those that were drawn before."""
    near: Callable[[str], bool] = lambda name: False
    """Those too like a name of the training list."""
    alike: bool = False
    """Those within two edits of one that was drawn before."""
    casing: Casing | None = None
    """In which case they are shown: then those of the training list are left out in any case."""

    def why(self, document: str) -> str | None:
        """Which of the counts of `Samples` a document that was not drawn before belongs to; None if it is wanted."""
        if self.training is not None:
            known = self.training
            forms = [document] if self.casing is None else self.casing.forms(document)
            if any(form in known for form in forms):
                return "known"
        return "near" if self.near(document) else None


REPEATED = Unwanted()


def collect(
    model: CharModel,
    n: int,
    constraints: Constraints,
    parameters: SamplingParameters,
    *,
    default_length: int = LARGEST_LENGTH,
    unwanted: Unwanted = REPEATED,
    cut_long: bool = False,
    alone: bool = False,
) -> Samples:
    """The first `n` samples of the seed that satisfy the constraints and are not unwanted, in their order.

    `constraints.not_like` is not looked at. Samples have at most `constraints.max_length` characters; if it is None, at
    most `default_length`, or twice as many as the constraints need.
    A document that has not ended there is left out, so that the rest keep the model's distribution, or with `cut_long`
    is cut there. One that is not in NFC is left out as well, or with `cut_long` never drawn: see `composed`.
    `alone` draws one sample at a time instead of blocks of them. With constraints beyond a prefix and a length, names
    are drawn by `conditional`. Raises OptionError if n is out of range, if the prefix is longer than the maximum
    length, or if no name satisfies the constraints; UnknownCharacterError for a prefix outside the vocabulary.
    """
    if not cut_long:
        check_beginnings(constraints)
    words = words_of(constraints, model.vocabulary)
    constrained = constraints.need_automaton or words is None
    automaton = automaton_of(constraints, model.vocabulary) if constrained else None
    freer = None
    if automaton is not None and constraints.kept_out:
        freer = automaton_of(constraints.without_avoid(), model.vocabulary)
    most, prefix, tree = limits(model, n, constraints, automaton, default_length, parameters.temperature)
    found = _Found(n, unwanted, cut_long, model.vocabulary.split)
    # All samples are the same at temperature 0: more of them are of no use.
    limit = 1 if parameters.temperature == 0 and unwanted.repeated else FEWEST_DRAWS + DRAWS_A_NAME * n
    limit_of_symbols = math.inf if cut_long else most_symbols(n, needed(automaton))
    threads = min(2, os.cpu_count() or 1) if n > MANY and not alone else 1
    exact, probability = True, None
    if automaton is None:
        in_nfc = composed(model.vocabulary)
        rejecting, mask = (None, in_nfc) if cut_long else (in_nfc, None)
        largest = 1 if alone else LARGEST_BLOCK
        blocks = sample_blocks(model, parameters, most, prefix, largest, threads, rejecting, mask, tree)
    else:
        exact, probability, blocks = condition(model, automaton, prefix, parameters, most, threads, tree, freer)
    read = 0
    while len(found.documents) < n and found.drawn < limit and read < limit_of_symbols:
        block = next(blocks)
        read += block.read
        found.take(block, model.vocabulary)
    blocks.close()
    return Samples(
        tuple(found.documents),
        n,
        found.drawn,
        parameters.seed,
        **found.counts,
        exact=exact,
        effective=None if exact else effective_size(np.array(found.weights)),
        probability=probability,
        given_up=len(found.documents) < n and read >= limit_of_symbols,
        segmentation=model.vocabulary.segmentation,
        avoided=found.avoided if freer is not None and exact else None,
        casing=unwanted.casing,
        keeps_out=kept_out(constraints),
        usual=None if cut_long else usual_beginning(model, constraints, OFTENER),
    )


class _Found:
    """The documents that `collect` has found so far, and how many were left out, by reason."""

    def __init__(self, n: int, unwanted: Unwanted, cut_long: bool, split: Callable[[str], Sequence[str]] = str) -> None:
        self.n, self.unwanted, self.cut_long = n, unwanted, cut_long
        self.documents: list[str] = []
        self.weights: list[float] = []
        self.seen: set[str] = set()
        self.is_apart = apart(cut_as(split, unwanted.casing)) if unwanted.alike else None
        self.drawn = self.avoided = 0
        self.counts: dict[str, Any] = Counter()

    def take(self, block: Block, vocabulary: Vocabulary) -> None:
        """Reads a block's samples until there are enough."""
        documents = vocabulary.decode_rows(block.symbols, np.where(block.dropped, 0, block.lengths))
        casing = self.unwanted.casing

        def shown(document: str) -> str:  # what is written may be the same of different symbols
            written = vocabulary.segmentation.shown(document)
            return written if casing is None else casing(written)

        avoided = np.zeros(len(documents), bool) if block.avoided is None else block.avoided
        rows = zip(documents, block.finished, block.dropped, block.weights, avoided, strict=True)
        for document, finished, dropped, weight, kept_out in rows:
            self.drawn += 1
            if kept_out:
                self.avoided += 1
                continue
            if dropped:
                why: str | None = "unmet"
            elif not finished and not self.cut_long:
                why = "too_long"
            elif not (document if self.cut_long else whole(document)):
                why = "empty"
            elif self.unwanted.repeated and shown(document) in self.seen:
                why = "repeated"
            else:
                why = self.unwanted.why(document)
                if why is None and self.is_apart is not None and not self.is_apart(document):
                    why = "alike"
            if why is not None:
                self.counts[why] += 1
                continue
            self.seen.add(shown(document))
            self.documents.append(document)
            self.weights.append(float(weight))
            if len(self.documents) == self.n:
                break


def cut_as(split: Callable[[str], Sequence[str]], casing: Casing | None) -> Callable[[str], Sequence[str]]:
    """`split` of a name in the case in which it is written."""
    return split if casing is None else lambda name: split(casing(name))


def whole(name: str) -> bool:
    """Whether there is a name, without a space around it: no name of a list has one."""
    return name != "" and " " not in (name[0], name[-1])


def kept_out(constraints: Constraints) -> tuple[str, ...]:
    """The options that keep names out."""
    return ("avoid",) * bool(constraints.avoid) + ("clean",) * constraints.clean


def check_beginnings(constraints: Constraints) -> None:
    """Raises OptionError for a prefix that no name has."""
    for text in constraints.prefix:
        if text.startswith(" "):
            raise OptionError.of("no name can meet {prefix} {!r}: names neither begin nor end with a space", text)


def automaton_of(constraints: Constraints, vocabulary: Vocabulary) -> Automaton:
    """What accepts names that satisfy all constraints but the maximum length.

    Raises OptionError if no name satisfies them, the maximum length included.
    """
    automaton = compile_constraints(replace(constraints, max_length=None), vocabulary)
    most = constraints.max_length
    if most is not None and most < max(needed(automaton), 1):
        compile_constraints(constraints, vocabulary)  # says why
    return automaton


def limits(
    model: CharModel,
    n: int,
    constraints: Constraints,
    automaton: Automaton | None,
    default_length: int,
    temperature: float,
) -> tuple[int, IntArray, Tree | None]:
    """The most characters of a sample, the ids with which it begins, and the tree of what may follow these."""
    if not 1 <= n <= LARGEST_NUMBER:
        raise OptionError.of("{n} is {}; it must be from 1 to {:,}", n, LARGEST_NUMBER)
    most = constraints.max_length or max(default_length, 2 * needed(automaton))
    words = words_of(constraints, model.vocabulary)
    if words is None:
        return most, common_beginning(None), None
    short = [word for word in words if len(word) <= most]
    if not short:
        shortest = model.vocabulary.counted(min(map(len, words)))
        raise OptionError.of("{prefix} has {}, and {max_length} is {}", shortest, most)
    return most, common_beginning(short), tree_of(model, short, temperature)


def needed(automaton: Automaton | None) -> int:
    """The fewest characters that are accepted."""
    return 0 if automaton is None else int(automaton.needed[automaton.start])


def _share(probability: float) -> str:
    """How often unconstrained samples satisfy something, as the beginning of a sentence."""
    if probability >= 0.1:
        return f"about {probability:.0%} of unconstrained samples satisfy"
    once = f"{1 / probability:,.0f}" if probability > 1e-15 else f"{1 / probability:.0e}"
    return f"about 1 in {once} unconstrained samples satisfies"


def effective_size(weights: FloatArray) -> float:
    """Kish's effective sample size of weights (n,): the square of their sum by the sum of their squares; 0 of none."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
