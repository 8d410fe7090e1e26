"""Drawing names until enough of them are new and distinct."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from mangosaurus.errors import OptionError
from mangosaurus.generation.sampler import LARGEST_BLOCK, Filter, sample_blocks
from mangosaurus.known import Known
from mangosaurus.models.interface import CharModel

MANY = 500
"""More names than this are drawn on two threads."""
FEWEST_DRAWS = 20_000
DRAWS_A_NAME = 200
"""Looking for names ends after FEWEST_DRAWS + DRAWS_A_NAME times the number asked for, found or not."""


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
    seed: int

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self.documents[place]

    def __len__(self) -> int:
        return len(self.documents)

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
            )
            if count
        ]
        return (
            f"found {len(self):,} of the {self.asked:,} asked for: of {self.drawn:,} drawn, {', '.join(reasons)}; "
            "a higher temperature gives more variety"
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
) -> Samples:
    """The first `n` samples of `seed` that are wanted, in the order of their indices.

    `known` holds the documents to leave out; `unique` leaves out what came before; a document that has not ended at
    `max_length` is left out too, so that the rest keep the model's distribution, or with `cut_long` is cut there.
    `alone` draws one sample at a time instead of blocks of them. Raises OptionError if n or max_length is below 1 or
    the prefix is longer than max_length, UnknownCharacterError for a prefix outside the vocabulary.
    """
    if n < 1:
        raise OptionError(f"n is {n}; ask for 1 or more")
    if max_length < 1:
        raise OptionError(f"max-length is {max_length}; it must be 1 or more")
    given = model.vocabulary.encode(prefix)
    if len(given) > max_length:
        raise OptionError(f"the prefix has {len(given)} characters and max-length is {max_length}")
    found: list[str] = []
    seen: set[str] = set()
    drawn = repeated = too_long = left_out = empty = 0
    # At temperature 0 all samples are one, so that looking on for another is no use.
    limit = 1 if keep.temperature == 0 and unique else FEWEST_DRAWS + DRAWS_A_NAME * n
    threads = min(2, os.cpu_count() or 1) if n > MANY and not alone else 1
    blocks = sample_blocks(model, seed, max_length, keep, given, 1 if alone else LARGEST_BLOCK, threads)
    while len(found) < n and drawn < limit:
        block = next(blocks)
        documents = model.vocabulary.decode_rows(block.symbols, block.lengths)
        for document, finished in zip(documents, block.finished, strict=True):
            drawn += 1
            if not finished and not cut_long:
                too_long += 1
            elif not document:
                empty += 1
            elif unique and document in seen:
                repeated += 1
            elif known is not None and document in known:
                left_out += 1
            else:
                seen.add(document)
                found.append(document)
                if len(found) == n:
                    break
    blocks.close()
    return Samples(tuple(found), n, drawn, left_out, repeated, too_long, empty, seed)
