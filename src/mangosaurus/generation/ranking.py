"""The best of many names: typical of their list, far from the known names, and easy to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING, Any, overload

from mangosaurus.core.briefly import first_of
from mangosaurus.core.errors import Option, Spelling
from mangosaurus.core.table import Table
from mangosaurus.core.units import counted
from mangosaurus.generation.nearest import APART, apart, nearest

if TYPE_CHECKING:
    from pandas import DataFrame

    from mangosaurus.generation.samples import Samples

HARD = 0.5
"""The weight of the surprisal under the prior in a score."""
TYPICAL = 0.25
"""This share of the names to choose from is as typical as can be: see `Enough`."""


@dataclass(frozen=True)
class Enough:
    """How typical, and how easy to say, is enough for a score; more is worth no more.

    The likeliest names of all are those that everyone knows, such as Albert and Florence. Without this they would come
    first in many lists.
    """

    nats_per_symbol: float
    """What the most typical quarter of the names to choose from have at most."""
    prior_nats_per_symbol: float | None
    """The median of the known names; None if the prior can say none of them."""

    @classmethod
    def of(cls, losses: Sequence[float], known_to_say: Sequence[float | None]) -> Enough:
        """That of the names to choose from, by their `losses`, and of known names, by their nats under the prior."""
        said = [nats for nats in known_to_say if nats is not None]
        quarter = sorted(losses)[int(TYPICAL * len(losses))] if losses else 0.0
        return cls(quarter, median(said) if said else None)


@dataclass(frozen=True)
class Ranked:
    """A name with its score and what that is made of."""

    text: str
    score: float
    """See `rank`."""
    nats_per_symbol: float
    """How typical it is: its loss under the model, END counted. Lower is more typical."""
    nearest: str
    """The name of the list to which it is closest."""
    edits: int
    """How many edits lead from one to the other."""
    prior_nats_per_symbol: float | None
    """How easy it is to say: its loss under the prior of names. Lower is easier. None where the prior cannot say it:
    see `models.saying`."""
    length: int
    """In symbols."""


COLUMNS = tuple(each.name for each in fields(Ranked))
FIGURES = ("score", "typical", "to say", "length", "edits")
HEADINGS = ("name", *FIGURES, "nearest")
"""Of the columns that a reader sees."""


def cells(each: Ranked) -> tuple[str, ...]:
    """The cells of a name below HEADINGS."""
    to_say = "" if each.prior_nats_per_symbol is None else f"{each.prior_nats_per_symbol:.2f}"
    figures = f"{each.score:.2f}", f"{each.nats_per_symbol:.2f}", to_say, str(each.length), str(each.edits)
    return each.text, *figures, each.nearest


@dataclass(frozen=True)
class Ranking(Sequence[Ranked]):
    """The best names, as a sequence of `Ranked`, the best first, and how many there were to choose from."""

    names: tuple[Ranked, ...]
    asked: int
    """How many were asked for."""
    samples: Samples
    """The names to choose from."""
    enough: Enough
    """What counted as enough in their scores."""
    diverse: bool = False
    """Whether those within two edits of a better one were left out."""

    @property
    def candidates(self) -> int:
        """How many names there were to choose from."""
        return len(self.samples)

    @property
    def seed(self) -> int:
        """With which they were drawn."""
        return self.samples.seed

    @overload
    def __getitem__(self, place: int) -> Ranked: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Ranked]: ...
    def __getitem__(self, place: int | slice) -> Ranked | Sequence[Ranked]:
        return self.names[place]

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<Ranking: the best {len(self):,} of {self.candidates:,}: {first_of([each.text for each in self])}>"

    def _repr_html_(self) -> str:
        from mangosaurus.html.notebook import block, remark, some
        from mangosaurus.html.tables import grid

        first, more = some(self.names)
        table = grid(HEADINGS, map(cells, first), range(1, 1 + len(FIGURES)))
        return block([table, *more, *map(remark, [self.explanation(), *self.remarks()])])

    def table(self) -> Table:
        """A row for each name: text, score, nats_per_symbol, nearest, edits, prior_nats_per_symbol and length."""
        return Table.of(COLUMNS, map(vars, self.names))

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON, and what counted as enough."""
        return {"best": [vars(each) for each in self.names], "enough": vars(self.enough), "seed": self.seed}

    def to_frame(self) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table().to_frame()

    def explanation(self) -> str:
        """What the columns of `HEADINGS` are, in one line."""
        typical, easy = self.enough.nats_per_symbol, self.enough.prior_nats_per_symbol
        least = f"{typical:.2f} is typical enough" + ("" if easy is None else f", {easy:.2f} easy enough to say")
        return (
            "typical: nats per symbol under the model; to say: under the prior of names; lower is better in both; "
            f"score = edits / length - typical - {HARD:g} x to say, where {least}"
        )

    def remarks(self, spelling: Spelling = str) -> list[str]:
        """How many names were kept out, why there are fewer than asked for, and what the prior cannot say; a line each.

        `spelling` is that of options.
        """
        kept_out = self.samples.kept_out(spelling)
        found = [*self.samples.of_model, *([] if kept_out is None else [kept_out])]
        if len(self) < self.asked:
            were = "was" if self.candidates == 1 else "were"
            few = f"only {counted(self.candidates, 'name')} to choose from {were} found"
            if self.diverse and len(self) < self.candidates:
                few = (
                    f"only {len(self):,} of the {self.candidates:,} names to choose from are {APART} edits or more "
                    f"from each other ({spelling(Option('diverse'))}); a larger {spelling(Option('n'))} gives more"
                )
            found.append(few)
        elif self.candidates < self.samples.asked:
            number, n = spelling(Option("n")), self.samples.asked
            found.append(
                f"the best of {self.candidates:,}: new names were rare among {self.samples.drawn:,} drawn; "
                f"{number} {n} searches longer"
            )
        unsaid = sum(each.prior_nats_per_symbol is None for each in self)
        if unsaid:
            which = "these names are" if unsaid == len(self) else f"{unsaid:,} of these names are"
            found.append(
                f"how easy {which} to say is not known: the prior knows only letters that it has read, no Chinese "
                "characters and no phonemes"
            )
        return found


def rank(
    names: Sequence[str],
    losses: Sequence[float],
    to_say: Sequence[float | None],
    known: Sequence[str],
    enough: Enough,
    split: Callable[[str], Sequence[str]] = str,
) -> list[Ranked]:
    """The names from the best to the worst; of two that are as good, the first stays first.

    `losses` are their nats per symbol, `known` the list to be unlike.
    `to_say` are their nats under the prior, as `models.saying` finds them. `split` cuts a name into its symbols, by
    default characters.

        score = edits / length - nats per symbol - 0.5 x nats per symbol under the prior

    with the edits to the nearest known name, and the length of the longer of these two. Either loss counts as what is
    `enough` where it is less. So a name that has nothing in common with any known one is worth as much as one nat per
    symbol. Where the prior has no figure, the mean of the others is taken; if it has none, that part is left out.
    """
    easy = enough.prior_nats_per_symbol or 0.0
    said = [max(nats, easy) for nats in to_say if nats is not None]
    usual = sum(said) / len(said) if said else 0.0
    ranked = []
    for name, loss, nats, (neighbour, edits) in zip(names, losses, to_say, nearest(names, known, split), strict=True):
        length = len(split(name))
        hard = usual if nats is None else max(nats, easy)
        score = edits / max(length, len(split(neighbour))) - max(loss, enough.nats_per_symbol) - HARD * hard
        ranked.append(Ranked(name, score, loss, neighbour, edits, nats, length))
    return sorted(ranked, key=lambda each: -each.score)


def best(ranked: Sequence[Ranked], k: int, diverse: bool, split: Callable[[str], Sequence[str]]) -> list[Ranked]:
    """The first `k`; if they are to be `diverse`, none within two edits of one before it."""
    if not diverse:
        return list(ranked[:k])
    is_apart = apart(split)
    found: list[Ranked] = []
    for each in ranked:
        if len(found) == k:
            break
        if is_apart(each.text):
            found.append(each)
    return found
