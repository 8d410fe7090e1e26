"""Drawing names until enough of them are new and distinct."""

from __future__ import annotations

import math
import os
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mangosaurus.core.arrays import FloatArray, Hashes, IntArray
from mangosaurus.core.document_hashes import DocumentHashes, GrowingHashes, fingerprints
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.beginnings import Tree, Word, common_beginning, tree_of, usual_beginning, words_of
from mangosaurus.generation.block import Block
from mangosaurus.generation.casing import Casing
from mangosaurus.generation.constraints.automaton import Automaton
from mangosaurus.generation.constraints.composed import composed
from mangosaurus.generation.constraints.options import LARGEST_LENGTH, Constraints
from mangosaurus.generation.nearest import apart
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.processes import can_fork
from mangosaurus.generation.sampler import FEWEST_SYMBOLS, LARGEST_BLOCK, WHEN_ASKED, Ahead, sample_blocks
from mangosaurus.generation.samples import Samples
from mangosaurus.models.interface import CharModel

MANY = 500
"""More names than this are drawn on two threads, or by two processes where they are given as they are found."""
LARGEST_NUMBER = 10**9
"""More documents cannot be asked for; they would take days."""
OFTENER = 100.0
"""A beginning in another case that is this many times as likely is told."""
FEWEST_DRAWS = 20_000
DRAWS_A_NAME = 200
"""The search for names ends after FEWEST_DRAWS + DRAWS_A_NAME times the number asked for, found or not."""
SYMBOLS_A_NAME = 20_000
"""And after FEWEST_SYMBOLS + SYMBOLS_A_NAME times that number, for names of more than a hundred characters."""
CHOICE, TRIED = 10, 2_000
"""Where K names are to be chosen, the search ends after TRIED draws if it has CHOICE K names, and in inverse proportion
later if it has fewer."""


def most_symbols(n: int, shortest: int = 0) -> int:
    """How many symbols are drawn at most to find `n` names; `shortest` has as many characters as each needs."""
    return FEWEST_SYMBOLS + n * max(SYMBOLS_A_NAME, DRAWS_A_NAME * shortest)


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

    def known(self, documents: Sequence[str], hashes: Hashes) -> list[bool]:
        """Which documents are left out as those of the training list; `hashes` are their fingerprints."""
        known = self.training
        if known is None:
            return [False] * len(documents)
        if self.casing is None:
            found: list[bool] = known.holds(hashes).tolist()
            return found
        return [any(form in known for form in self.casing.forms(document)) for document in documents]


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
    choose: int | None = None,
    watch: Callable[[int, int], None] = lambda found, n: None,
    give: Callable[[Samples], None] | None = None,
) -> Samples:
    """The first `n` samples of the seed that satisfy the constraints and are not unwanted, in their order.

    `constraints.not_like` is not looked at. Samples have at most `constraints.max_length` characters; if it is None, at
    most `default_length`, or twice as many as the constraints need.
    A document that has not ended there is left out, so that the rest keep the model's distribution, or with `cut_long`
    is cut there. One that is not in NFC is left out as well, or with `cut_long` never drawn: see `composed`.
    `alone` draws one sample at a time instead of blocks of them. With `choose`, how many of them are to be chosen,
    fewer than `n` are enough where new names are rare: see CHOICE. `watch` is called with how many are found, and `n`.
    `give` gets the samples of every block as they are found. They are then not kept: of each, 8 bytes tell whether it
    was drawn before.
    With constraints beyond a prefix and a length, names are drawn by `conditional`. Raises OptionError if n is out of
    range, if the prefix is longer than the maximum length, or if no name satisfies the constraints;
    UnknownCharacterError for a prefix outside the vocabulary.
    """
    if not cut_long:
        check_beginnings(constraints)
    words = words_of(constraints, model.vocabulary)
    constrained = constraints.need_automaton or words is None
    automaton = automaton_of(constraints, model.vocabulary) if constrained else None
    freer = None
    if automaton is not None and constraints.kept_out:
        freer = automaton_of(constraints.without_avoid(), model.vocabulary)
    most, prefix, tree = limits(model, n, constraints, words, automaton, default_length, parameters.temperature)
    found = _Found(n, unwanted, cut_long, model.vocabulary.split)
    # All samples are the same at temperature 0: more of them are of no use.
    limit = 1 if parameters.temperature == 0 and unwanted.repeated else FEWEST_DRAWS + DRAWS_A_NAME * n
    limit_of_symbols = math.inf if cut_long else most_symbols(n, needed(automaton))
    ahead = WHEN_ASKED
    if n > MANY and not alone:
        cores = min(2, os.cpu_count() or 1)
        forked = cores > 1 and give is not None and can_fork()
        ahead = Ahead(cores, forked, lambda drawn: 0 < n * found.drawn <= drawn * found.count)
    exact, probability = True, None
    if automaton is None:
        in_nfc = composed(model.vocabulary)
        rejecting, mask = (None, in_nfc) if cut_long else (in_nfc, None)
        largest = 1 if alone else LARGEST_BLOCK
        blocks = sample_blocks(model, parameters, most, prefix, largest, ahead, rejecting, mask, tree)
    else:
        from mangosaurus.generation.conditional import condition

        exact, probability, blocks = condition(model, automaton, prefix, parameters, most, ahead, tree, freer)
    segmentation, casing = model.vocabulary.segmentation, unwanted.casing
    documents: list[str] = []
    losses: list[float] | None = []
    read = 0
    watch(0, n)
    while found.count < n and found.drawn < limit and read < limit_of_symbols:
        if choose is not None and found.drawn * min(found.count, CHOICE * choose) >= TRIED * CHOICE * choose:
            break
        block = next(blocks)
        read += block.read
        new, theirs = found.take(block, model.vocabulary)
        if give is None:
            documents += new
            losses = None if losses is None or theirs is None else losses + theirs
        elif new:
            known = None if theirs is None else tuple(theirs)
            some = Samples(tuple(new), n, found.drawn, parameters.seed, segmentation=segmentation, casing=casing)
            give(replace(some, losses=known))
        watch(found.count, n)
    blocks.close()
    return Samples(
        tuple(documents),
        n,
        found.drawn,
        parameters.seed,
        **found.counts,
        given=0 if give is None else found.count,
        exact=exact,
        effective=None if exact else effective_size(np.array(found.weights)),
        probability=probability,
        begun=bool(constraints.prefix) and words is not None,
        given_up=found.count < n and read >= limit_of_symbols,
        segmentation=segmentation,
        avoided=found.avoided if freer is not None and exact else None,
        casing=casing,
        keeps_out=kept_out(constraints),
        losses=None if losses is None else tuple(losses),
        usual=None if cut_long else usual_beginning(model, constraints, OFTENER),
    )


class _Found:
    """How many documents `collect` has found so far, and how many were left out, by reason."""

    def __init__(self, n: int, unwanted: Unwanted, cut_long: bool, split: Callable[[str], Sequence[str]] = str) -> None:
        self.n, self.unwanted, self.cut_long = n, unwanted, cut_long
        self.count = 0
        self.weights = array("d")
        self.seen = GrowingHashes()
        """The hashes of what was found, as it is written."""
        self.is_apart = apart(cut_as(split, unwanted.casing)) if unwanted.alike else None
        self.drawn = self.avoided = 0
        self.counts: dict[str, Any] = Counter()

    def take(self, block: Block, vocabulary: Vocabulary) -> tuple[list[str], list[float] | None]:
        """Reads a block's samples until there are enough; returns those found, and their losses if they are known."""
        documents = vocabulary.decode_rows(block.symbols, np.where(block.dropped, 0, block.lengths))
        hashes = fingerprints(documents)
        known = self.unwanted.known(documents, hashes)
        # What is written may be the same of different symbols.
        casing, cut = self.unwanted.casing, vocabulary.segmentation
        if not cut.plain or casing is not None:
            written = map(cut.shown, documents)
            hashes = fingerprints(written if casing is None else map(casing, written))
        seen: set[int] = set()
        before = self.seen.holds(hashes).tolist() if self.unwanted.repeated else [False] * len(documents)
        avoided = np.zeros(len(documents), bool) if block.avoided is None else block.avoided
        columns = (array.tolist() for array in (hashes, block.finished, block.dropped, block.weights, avoided))
        found: list[str] = []
        places: list[int] = []
        for place, (document, again, familiar, hashed, finished, dropped, weight, kept_out) in enumerate(
            zip(documents, before, known, *columns, strict=True)
        ):
            self.drawn += 1
            if kept_out:
                self.avoided += 1
                continue
            if dropped:
                why = "unmet"
            elif not finished and not self.cut_long:
                why = "too_long"
            elif not (document if self.cut_long else whole(document)):
                why = "empty"
            elif self.unwanted.repeated and (again or hashed in seen):
                why = "repeated"
            elif familiar:
                why = "known"
            elif self.unwanted.near(document):
                why = "near"
            elif self.is_apart is not None and not self.is_apart(document):
                why = "alike"
            else:
                seen.add(hashed)
                found.append(document)
                places.append(place)
                self.weights.append(weight)
                if self.count + len(found) == self.n:
                    break
                continue
            self.counts[why] += 1
        self.count += len(found)
        if self.unwanted.repeated:
            self.seen.add(np.fromiter(seen, np.uint64, len(seen)))
        if block.nats is None or self.cut_long:  # what was cut has not drawn its END
            return found, None
        return found, (block.nats[places] / (block.lengths[places] + 1)).tolist()


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
    from mangosaurus.generation.constraints.compile import compile_constraints  # names without constraints need none

    automaton = compile_constraints(replace(constraints, max_length=None), vocabulary)
    most = constraints.max_length
    if most is not None and most < max(needed(automaton), 1):
        compile_constraints(constraints, vocabulary)  # says why
    return automaton


def limits(
    model: CharModel,
    n: int,
    constraints: Constraints,
    words: Sequence[Word] | None,
    automaton: Automaton | None,
    default_length: int,
    temperature: float,
) -> tuple[int, IntArray, Tree | None]:
    """The most characters of a sample, the ids with which it begins, and the tree of what may follow these.

    `words` are those of `words_of`.
    """
    if not 1 <= n <= LARGEST_NUMBER:
        raise OptionError.of("{n} is {}; it must be from 1 to {:,}", n, LARGEST_NUMBER)
    most = constraints.max_length or max(default_length, 2 * needed(automaton))
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


def effective_size(weights: FloatArray) -> float:
    """Kish's effective sample size of weights (n,): the square of their sum by the sum of their squares; 0 of none."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
