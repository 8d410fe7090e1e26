"""Drawing names until enough of them are new and distinct."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.errors import OptionError
from mangosaurus.generation.automaton import Automaton
from mangosaurus.generation.beam import draw_distinct
from mangosaurus.generation.composed import composed
from mangosaurus.generation.conditional import condition
from mangosaurus.generation.sampler import FEWEST_SYMBOLS, LARGEST_BLOCK, Filter, sample_blocks
from mangosaurus.known import Known
from mangosaurus.models.interface import CharModel

MANY = 500
"""More names than this are drawn on two threads."""
LARGEST_NUMBER = 10**9
"""So many documents can be asked for; a machine takes days for them."""
FEWEST_DRAWS = 20_000
DRAWS_A_NAME = 200
"""Looking for names ends after FEWEST_DRAWS + DRAWS_A_NAME times the number asked for, found or not."""
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
    known: int
    """How many of those were left out because they are in the training list."""
    repeated: int
    """How many because they had been drawn before."""
    too_long: int
    """How many because they had not ended at the maximum length."""
    empty: int
    """How many because they ended before their first character."""
    unmet: int
    """How many because they were not what was wished for, not in NFC, or proposals that were not taken."""
    near: int
    """How many because they are too like a name of the training list."""
    seed: int
    exact: bool = True
    """Whether each follows the model's distribution under the wishes exactly; if not, see `effective`."""
    effective: float | None = None
    """If not exact: how many exact draws the documents are worth, from 1 to their number (effective sample size)."""
    probability: float | None = None
    """With wishes: the estimated probability that the model meets them, behind the prefix."""
    inclusion: tuple[float, ...] | None = None
    """By the method gumbel: of each, the probability that it is among so many; see `beam`."""
    given_up: bool = False
    """Whether the looking ended because so many symbols had been drawn: see `most_symbols`."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self.documents[place]

    def __len__(self) -> int:
        return len(self.documents)

    def manner(self) -> str | None:
        """How the wishes were met, in one line; None where nothing was wished for but a prefix or a length."""
        if self.probability is None:
            return None
        if not self.probability:
            return "no name that was tried met these wishes"
        often = f"the model meets these wishes about {_share(self.probability)}"
        if self.exact:
            return f"{often}; the names follow its distribution exactly"
        return (
            f"{often}; effective sample size {self.effective or 0:,.1f} of {len(self):,}, of {self.drawn:,} proposals "
            "guided by the n-gram"
        )

    def shortfall(self) -> str | None:
        """Why there are fewer than asked for, in one line; None if there are not."""
        if len(self) >= self.asked:
            return None
        reasons = [
            f"{count:,} {why}"
            for count, why in (
                (self.known, "are in the training list (--allow-known keeps them)"),
                (self.repeated, "were drawn before (--allow-duplicates keeps them)"),
                (self.too_long, "were longer than --max-length"),
                (self.empty, "were empty"),
                (
                    self.unmet,
                    "were not in Unicode normal form (NFC)"
                    if self.probability is None
                    else "were not what was wished for",
                ),
                (self.near, "were too like a name of the training list (--not-like)"),
            )
            if count
        ]
        if not reasons:
            reasons = ["none was wanted"]
        if self.given_up:
            reasons[-1] += ", and the search stopped at its limit"
        return (
            f"found {len(self):,} of the {self.asked:,} asked for: of {self.drawn:,} drawn, {', '.join(reasons)}; "
            "fewer wishes or a higher temperature give more"
        )


def collect(
    model: CharModel,
    n: int,
    *,
    seed: int,
    max_length: int,
    keep: Filter,
    prefix: str = "",
    known: Known | None = None,
    unique: bool = True,
    cut_long: bool = False,
    alone: bool = False,
    automaton: Automaton | None = None,
    far: Callable[[str], bool] | None = None,
) -> Samples:
    """The first `n` samples of `seed` that are wanted, in the order of their indices.

    `known` holds the documents to leave out; `unique` leaves out what came before; a document that has not ended at
    `max_length` is left out too, so that the rest keep the model's distribution, or with `cut_long` is cut there.
    What is not in NFC is left out as well, or with `cut_long` never drawn: see `composed`.
    `alone` draws one sample at a time instead of blocks of them. With an `automaton`, what it accepts is drawn, none of
    which begins otherwise than with `prefix`: see `conditional`. `far` says whether a document is unlike enough to
    those of the training list. Raises OptionError if n or max_length is below 1 or
    the prefix is longer than max_length, UnknownCharacterError for a prefix outside the vocabulary.
    """
    given = _checked(model, n, max_length, prefix)
    found: list[str] = []
    seen: set[str] = set()
    weights: list[float] = []
    drawn = repeated = too_long = left_out = empty = unmet = near = 0
    # At temperature 0 all samples are one, so that looking on for another is no use.
    limit = 1 if keep.temperature == 0 and unique else FEWEST_DRAWS + DRAWS_A_NAME * n
    needed = 0 if automaton is None else int(automaton.needed[automaton.start])
    most = math.inf if cut_long else most_symbols(n, needed)
    threads = min(2, os.cpu_count() or 1) if n > MANY and not alone else 1
    conditioned = None
    if automaton is None:
        in_nfc = composed(model.vocabulary)
        refusing, mask = (None, in_nfc) if cut_long else (in_nfc, None)
        largest = 1 if alone else LARGEST_BLOCK
        blocks = sample_blocks(model, seed, max_length, keep, given, largest, threads, refusing, mask)
    else:
        conditioned = condition(model, automaton, given, seed=seed, max_length=max_length, keep=keep, threads=threads)
        blocks = conditioned.blocks
    read = 0
    while len(found) < n and drawn < limit and read < most:
        block = next(blocks)
        read += block.read
        documents = model.vocabulary.decode_rows(block.symbols, np.where(block.dropped, 0, block.lengths))
        rows = zip(documents, block.finished, block.dropped, block.weights, strict=True)
        for document, finished, dropped, weight in rows:
            drawn += 1
            if dropped:
                unmet += 1
            elif not finished and not cut_long:
                too_long += 1
            elif not document:
                empty += 1
            elif unique and document in seen:
                repeated += 1
            elif known is not None and document in known:
                left_out += 1
            elif far is not None and not far(document):
                near += 1
            else:
                seen.add(document)
                found.append(document)
                weights.append(float(weight))
                if len(found) == n:
                    break
    blocks.close()
    exact = conditioned is None or conditioned.exact
    return Samples(
        tuple(found),
        n,
        drawn,
        left_out,
        repeated,
        too_long,
        empty,
        unmet,
        near,
        seed,
        exact,
        None if exact else effective_size(np.array(weights)),
        None if conditioned is None else conditioned.probability,
        given_up=len(found) < n and read >= most,
    )


def collect_distinct(
    model: CharModel,
    n: int,
    *,
    seed: int,
    max_length: int,
    keep: Filter,
    automaton: Automaton,
    prefix: str = "",
    known: Known | None = None,
    far: Callable[[str], bool] | None = None,
) -> Samples:
    """`n` distinct documents drawn in one pass by stochastic beam search: see `beam`.

    The options are those of `collect`, which raises the same.
    """
    given = _checked(model, n, max_length, prefix)
    left_out, near = set(), set()

    def wanted(name: str) -> bool:
        if known is not None and name in known:
            left_out.add(name)
            return False
        if far is not None and not far(name):
            near.add(name)
            return False
        return True

    drawn = draw_distinct(
        model,
        n,
        automaton,
        prefix=given,
        seed=seed,
        max_length=max_length,
        keep=keep,
        wanted=wanted,
        most=most_symbols(n, int(automaton.needed[automaton.start])),
    )
    return Samples(
        drawn.names,
        n,
        drawn.complete,
        len(left_out),
        0,
        0,
        0,
        drawn.complete - len(left_out) - len(near) - len(drawn.names),
        len(near),
        seed,
        drawn.exact,
        None if drawn.exact else effective_size(np.array(drawn.weights)),
        drawn.probability,
        drawn.inclusion,
        drawn.given_up,
    )


def _checked(model: CharModel, n: int, max_length: int, prefix: str) -> IntArray:
    """The ids of the prefix."""
    if not 1 <= n <= LARGEST_NUMBER:
        raise OptionError(f"n is {n}; it must be from 1 to {LARGEST_NUMBER:,}")
    if max_length < 1:
        raise OptionError(f"max-length is {max_length}; it must be 1 or more")
    given = model.vocabulary.encode(prefix)
    if len(given) > max_length:
        raise OptionError(f"the prefix has {len(given)} characters and max-length is {max_length}")
    return given


def _share(probability: float) -> str:
    if probability >= 0.1:
        return f"{probability:.0%} of the time"
    return f"once in {1 / probability:,.0f} names" if probability > 1e-15 else f"once in {1 / probability:.0e} names"


def effective_size(weights: FloatArray) -> float:
    """Kish's effective sample size of weights (n,): the square of their sum by the sum of their squares; 0 of none."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
