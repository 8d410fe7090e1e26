"""Drawing names until enough of them are new and distinct."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import Option, OptionError, Spelling
from mangosaurus.core.segmentation import CHARACTERS, Segmentation
from mangosaurus.core.table import Table
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.conditional import condition
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.composed import composed
from mangosaurus.generation.constraints.options import LARGEST_LENGTH, Constraints
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

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if self.segmentation.join is None:
            return self.documents[place]
        if isinstance(place, slice):
            return tuple(map(self.segmentation.shown, self.documents[place]))
        return self.segmentation.shown(self.documents[place])

    def __len__(self) -> int:
        return len(self.documents)

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
        reasons = [
            f"{count:,} {why}"
            for count, why in (
                (self.known, f"are in the training list ({spelling(Option('allow_known'))} keeps them)"),
                (self.repeated, f"were drawn before ({spelling(Option('allow_duplicates'))} keeps them)"),
                (self.too_long, f"were longer than {spelling(Option('max_length'))}"),
                (self.empty, "were empty, or began or ended with a space"),
                (self.unmet, unmet),
                (self.near, f"were too like a name of the training list ({spelling(Option('not_like'))})"),
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
        """`of_model`, `manner` and `shortfall`, where there is something to say."""
        return [remark for remark in (*self.of_model, self.manner(), self.shortfall(spelling)) if remark]

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

    def why(self, document: str) -> str | None:
        """Which of the counts of `Samples` a document that was not drawn before belongs to; None if it is wanted."""
        if self.training is not None and document in self.training:
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
    automaton = automaton_of(constraints, model.vocabulary) if constraints.need_automaton else None
    most, prefix = limits(model, n, constraints, automaton, default_length)
    found = _Found(n, unwanted, cut_long)
    # All samples are the same at temperature 0: more of them are of no use.
    limit = 1 if parameters.temperature == 0 and unwanted.repeated else FEWEST_DRAWS + DRAWS_A_NAME * n
    limit_of_symbols = math.inf if cut_long else most_symbols(n, needed(automaton))
    threads = min(2, os.cpu_count() or 1) if n > MANY and not alone else 1
    exact, probability = True, None
    if automaton is None:
        in_nfc = composed(model.vocabulary)
        rejecting, mask = (None, in_nfc) if cut_long else (in_nfc, None)
        largest = 1 if alone else LARGEST_BLOCK
        blocks = sample_blocks(model, parameters, most, prefix, largest, threads, rejecting, mask)
    else:
        exact, probability, blocks = condition(model, automaton, prefix, parameters, most, threads)
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
    )


class _Found:
    """The documents that `collect` has found so far, and how many were left out, by reason."""

    def __init__(self, n: int, unwanted: Unwanted, cut_long: bool) -> None:
        self.n, self.unwanted, self.cut_long = n, unwanted, cut_long
        self.documents: list[str] = []
        self.weights: list[float] = []
        self.seen: set[str] = set()
        self.drawn = 0
        self.counts: dict[str, Any] = Counter()

    def take(self, block: Block, vocabulary: Vocabulary) -> None:
        """Reads a block's samples until there are enough."""
        documents = vocabulary.decode_rows(block.symbols, np.where(block.dropped, 0, block.lengths))
        shown = vocabulary.segmentation.shown  # what is written may be the same of different symbols
        rows = zip(documents, block.finished, block.dropped, block.weights, strict=True)
        for document, finished, dropped, weight in rows:
            self.drawn += 1
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
            if why is not None:
                self.counts[why] += 1
                continue
            self.seen.add(shown(document))
            self.documents.append(document)
            self.weights.append(float(weight))
            if len(self.documents) == self.n:
                break


def whole(name: str) -> bool:
    """Whether there is a name, without a space around it: no name of a list has one."""
    return name != "" and " " not in (name[0], name[-1])


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
    model: CharModel, n: int, constraints: Constraints, automaton: Automaton | None, default_length: int
) -> tuple[int, IntArray]:
    """The most characters of a sample, and the ids of the prefix."""
    if not 1 <= n <= LARGEST_NUMBER:
        raise OptionError.of("{n} is {}; it must be from 1 to {:,}", n, LARGEST_NUMBER)
    most = constraints.max_length or max(default_length, 2 * needed(automaton))
    prefix = model.vocabulary.encode(constraints.prefix)
    if len(prefix) > most:
        raise OptionError.of("{prefix} has {}, and {max_length} is {}", model.vocabulary.counted(len(prefix)), most)
    return most, prefix


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
