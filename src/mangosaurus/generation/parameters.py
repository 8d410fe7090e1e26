"""How names and texts are drawn: the sampling parameters, and the method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.options import check_limits, option

LARGEST_SEED = 2**64 - 1
USUAL_STRENGTH = 0.5
MOST_STEERING = 1000
"""Names to resemble, and names to differ from. A longer list is one to learn from."""
Method = Literal["independent", "gumbel"]
Case = Literal["title", "upper", "lower", "list"]


@dataclass(frozen=True)
class SamplingParameters:
    """How a symbol is drawn from the model's distribution; the default leaves the distribution as it is.

    They are applied in this order: temperature, top_k, top_p, min_p; what is left is scaled to the sum one. Raises
    OptionError for a value out of range, and for a cut at temperature 0, where it has no effect.
    """

    temperature: float = option(
        1.0, "Below 1 favours likely characters, above 1 unlikely ones; 0 always takes the likeliest.", least=0
    )
    """Divides the log-probabilities; 0 takes the most probable symbol (arg-max)."""
    top_k: int | None = option(None, "Draw only from the k likeliest characters.", least=1)
    top_p: float | None = option(None, "Draw only from the likeliest characters that together have this probability.")
    """Nucleus sampling (Holtzman et al. 2020)."""
    min_p: float | None = option(
        None, "Draw only from characters at least this fraction as likely as the likeliest.", least=0, most=1
    )
    """Nguyen et al. 2024."""
    seed: int = option(
        None, "The same seed gives the same result; without one, a random seed is used.", least=0, most=LARGEST_SEED
    )

    @cached_property
    def plain(self) -> bool:
        """Whether the distribution stays as it is."""
        return self.temperature == 1 and self.top_k is None and self.top_p in (None, 1) and not self.min_p

    def __post_init__(self) -> None:
        if self.seed is None:
            from secrets import randbits  # for `--help`, nothing is imported

            object.__setattr__(self, "seed", randbits(32))
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            why = "{temperature} is {:g}; it must be 0 (always the most probable character) or more; 1 changes nothing"
            raise OptionError.of(why, self.temperature)
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise OptionError.of("{top_p} is {:g}; it must be above 0 and at most 1", self.top_p)
        check_limits(self)
        for name, off in (("top_k", None), ("top_p", 1), ("min_p", 0)):
            value = getattr(self, name)
            if self.temperature == 0 and value not in (None, off):
                why = "{} is {}, but {temperature} 0 always picks the most probable character: leave one out"
                raise OptionError.of(why, Option(name), value)


@dataclass(frozen=True)
class Drawing:
    """By which method names are drawn, and which of them are kept."""

    method: Method = option(
        "independent", "gumbel samples without replacement in one pass; likelier names tend to come first."
    )
    allow_known: bool = option(False, "Keep names of the training list.")
    allow_duplicates: bool = option(False, "Keep repeated names.")
    diverse: bool = option(False, "Spread the names: none is within two edits of one before it.")
    case: Case | None = option(
        None, "Write names in this case; list: in that of most names of the list. The constraints hold in any case."
    )

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise OptionError.of("{method} is {!r}; it must be {}", self.method, " or ".join(get_args(Method)))
        if self.case not in (None, *get_args(Case)):
            raise OptionError.of("{case} is {!r}; it must be {}", self.case, " or ".join(get_args(Case)))
        if self.allow_duplicates and self.method == "gumbel":
            raise OptionError.of("{allow_duplicates} has no effect: the method gumbel never draws a name twice")
        if self.diverse and self.allow_duplicates:
            raise OptionError.of("{allow_duplicates} keeps repeated names, and {diverse} leaves them out: choose one")
        if self.diverse and self.method == "gumbel":
            raise OptionError.of(
                "{diverse} leaves names out, and the inclusion probabilities of {} would not hold: choose one",
                Option("method", "gumbel"),
            )


@dataclass(frozen=True)
class Steering:
    """Names that steer a model: what it writes becomes more like some, and less like others.

    Raises OptionError for a strength out of range, or without names.
    """

    like: Any = option(
        None,
        'Names to resemble, such as "Galadriel, Elrond, Legolas", or a file of names.',
        metavar="NAMES",
        typed=str | None,
        sent=list[str] | None,
    )
    """As `mangosaurus.like` takes them: a list, one string with commas between them, or a file."""
    unlike: Any = option(
        None, "Names to differ from, in the same form.", metavar="NAMES", typed=str | None, sent=list[str] | None
    )
    strength: float | None = option(
        None,
        f"How strongly these names steer the model, from 0, not at all, to 1. Default: {USUAL_STRENGTH}.",
        least=0,
        most=1,
    )

    def __post_init__(self) -> None:
        check_limits(self)
        if self.strength is not None and self.like is None and self.unlike is None:
            raise OptionError.of("{strength} has no effect without names: give {like} or {unlike} too")

    @property
    def has_names(self) -> bool:
        """Whether any are given."""
        return self.like is not None or self.unlike is not None
