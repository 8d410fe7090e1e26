"""Samples: the documents drawn, with a remark on everything that a user should know about the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from mangosaurus.core.arguments import checked
from mangosaurus.core.briefly import first_of
from mangosaurus.core.errors import Option, OptionError, Spelling, plain
from mangosaurus.core.segmentation import CHARACTERS, Segmentation
from mangosaurus.core.table import Table
from mangosaurus.core.vocabulary import normalize
from mangosaurus.generation.casing import Casing

if TYPE_CHECKING:
    from pandas import DataFrame


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
    """How many because they were empty, or began or ended with a space: see `collect.whole`."""
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
    """With constraints: the estimated probability that the model satisfies them, given the prefix if `begun`."""
    begun: bool = False
    """Whether `probability` is that of names with the prefix, one of the prefixes that were asked for."""
    inclusion: tuple[float, ...] | None = None
    """By the method gumbel: of each, the probability that it is among this many; see `beam`."""
    given_up: bool = False
    """Whether the search ended at its limit of symbols: see `collect.most_symbols`."""
    of_model: tuple[str, ...] = ()
    """What to know of the model that wrote them: see `Model.remarks`."""
    segmentation: Segmentation = CHARACTERS
    """How the documents are cut into symbols. As items of the sequence, they are written as its `join` says."""
    given: int = 0
    """How many were handed over as they were drawn, and are not among the documents: see `collect`."""
    _stars: dict[str, None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The names that are starred."""
    casing: Casing | None = None
    """In which case they are written as items of the sequence; None leaves them as they were drawn."""
    keeps_out: tuple[str, ...] = ()
    """The options that keep names out: avoid, clean."""
    losses: tuple[float, ...] | None = field(default=None, repr=False, compare=False)
    """Nats per symbol of each document, as `Model.losses` has them but for rounding, if they are known from drawing."""
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

    @property
    def found(self) -> int:
        """How many there are, those handed over included."""
        return len(self) + self.given

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

    @checked
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

    @checked
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
        often = f"{_share(self.probability, self.begun)} the constraints"
        if self.exact:
            return f"{often}; the names follow the model's distribution exactly"
        worth = f"effective sample size {self.effective or 0:,.1f} of {self.found:,}"
        return f"{often}; {worth}, of {self.drawn:,} proposals guided by the n-gram"

    def shortfall(self, spelling: Spelling = str) -> str | None:
        """Why there are fewer than asked for, in one line; None if there are not. `spelling` is that of options."""
        if self.found >= self.asked:
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
            f"found {self.found:,} of the {self.asked:,} asked for: of {self.drawn:,} drawn, {', '.join(reasons)}; "
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
        """A row for each document: text; starred, if any is; nats_per_symbol, if `Model.losses` of them is given;
        inclusion, by gumbel."""
        columns: dict[str, Sequence[Any]] = {"text": self}
        if self._stars:
            columns["starred"] = [text in self._stars for text in self]
        if losses is not None:
            columns["nats_per_symbol"] = losses
        if self.inclusion is not None:
            columns["inclusion"] = self.inclusion
        return Table(tuple(columns), list(zip(*columns.values(), strict=True)))

    def to_frame(self, losses: Sequence[float] | None = None) -> DataFrame:
        """`table` as a data frame. Raises MissingExtraError if pandas is not installed."""
        return self.table(losses).to_frame()

    def as_dict(self, losses: Sequence[float]) -> dict[str, Any]:
        """The same as JSON, and how the drawing went; `losses` has the nats per symbol of each document."""
        table = self.table(losses)
        return {"samples": [dict(zip(table.columns, row, strict=True)) for row in table.rows], **self.facts()}

    def facts(self) -> dict[str, Any]:
        """What `as_dict` has beside the samples."""
        result: dict[str, Any] = {"asked": self.asked, "drawn": self.drawn, "seed": self.seed}
        if self.probability is not None:
            result |= {"probability": self.probability, "exact": self.exact, "effective": self.effective}
        if self.keeps_out:
            result["avoided"] = self.avoided
        return result


def _share(probability: float, begun: bool) -> str:
    """How often samples, or those that have the beginning, satisfy something; the beginning of a sentence."""
    samples = "samples that begin so" if begun else "unconstrained samples"
    if probability >= 0.1:
        return f"about {probability:.0%} of {samples} satisfy"
    once = f"{1 / probability:,.0f}" if probability > 1e-15 else f"{1 / probability:.0e}"
    return f"about 1 in {once} {samples} satisfies"
