"""The options of a training run, as one record: the command line, Python, HTTP and checkpoints are made from it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from mangosaurus.core.errors import MissingExtraError, Option, OptionError
from mangosaurus.core.options import check_limits, option
from mangosaurus.core.units import parse_duration, parse_memory
from mangosaurus.data.reading import READING, Reading, check_reading, reading_of

if TYPE_CHECKING:  # the command line reads this module for `--help`, and starts sooner without NumPy
    from mangosaurus.core.casing import Language, Lowering
    from mangosaurus.core.segmentation import Segmentation
    from mangosaurus.data.corpus import Corpus
    from mangosaurus.models.networks import AnyCell

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "32", "bf16"]
WITHOUT_TORCH = (
    "no network was trained, because torch is not installed; with it, networks learn from the corpus too, and predict "
    'it better: run pip install "mangosaurus[train]"'
)
NETWORK = ("cell", "hidden", "layers", "members", "batch", "device", "precision")
"""Options that have no effect without a network."""


@dataclass(frozen=True)
class Settings(Reading):
    """How a corpus is read and a model is trained. None leaves an option to the recipe.

    Raises OptionError for a value of a wrong type, out of range, or that does not fit the others.
    """

    budget: float = option(
        10.0, "Seconds of training, or a time such as 2m; 0 trains no network.", metavar="SECONDS", typed=str, least=0
    )
    steps: int | None = option(
        None,
        "Train each network for at most this many updates, instead of a budget. Reproducible.",
        least=0,
        most=10**9,
    )
    seed: int = option(0, "Random seed.", least=0, most=2**63 - 1)
    language: Language | None = option(
        None,
        "With --lowercase: tr, az or lt, whose lower case differs from that of all other languages.",
        typed=str | None,
    )
    separator: str = option("", "What parts the symbols of a name, such as a space between phonemes.", metavar="TEXT")
    inventory: Iterable[str] | None = option(
        None,
        "Symbols of several characters, such as tʃ,dʒ,aː, or a file of them; the longest that fits is taken.",
        metavar="SYMBOLS",
        typed=str | None,
    )
    """Sorted, as a tuple. Empty: every character is a symbol, also where grapheme clusters would be."""
    join: str | None = option(None, "What to write between symbols. Default: what is between them in the corpus.")
    prior: bool = option(True, "Whether a model of names has the prior, which knows what names in general are like.")
    cell: AnyCell = option("lstm", "rnn, gru, lstm or transformer.", typed=str)
    hidden: int | None = option(
        None,
        "Units per layer. Default: the prior's if networks start from it, or chosen from the corpus.",
        least=1,
        most=8192,
    )
    layers: int | None = option(None, "Number of layers. Default: 1, or 4 for a transformer.", least=1, most=8)
    order: int | None = option(None, "The longest n-gram. Default: chosen from the corpus.", least=1, most=32)
    members: int | None = option(
        None,
        "Networks to ensemble: an upper bound with a budget, an exact count with steps (1 by default).",
        least=1,
        most=64,
    )
    batch: int | None = option(
        None,
        "Batch size, in names or text streams, over all processes.",
        least=1,
        most=2**20,
    )
    device: Device = option("auto", "Train networks on cpu, cuda or mps; auto uses CUDA if available.", typed=str)
    precision: Precision = option(
        "auto", "Precision of matrix products: 32 or bf16; auto uses bf16 on devices that run it fast.", typed=str
    )
    memory: int | None = option(
        None,
        "Memory limit in bytes, or a size such as 2GB; large files are then streamed.",
        metavar="SIZE",
        typed=str | None,
    )

    def __post_init__(self) -> None:
        from mangosaurus.core.arguments import fitting
        from mangosaurus.core.casing import check_language
        from mangosaurus.models.networks import KINDS

        if self.inventory is not None:
            object.__setattr__(self, "inventory", _inventory(self.inventory))
        for name, kind in _types().items():
            value = fitting(name, getattr(self, name), kind)
            known = tuple(KINDS) if name == "cell" else get_args(kind)  # a user may add a cell to KINDS
            if get_origin(kind) is Literal and value not in known:
                raise OptionError(Option(name), f" is {value!r}; it must be one of {', '.join(known)}")
        check_limits(self)
        check_reading(self)
        if self.language is not None:
            check_language(self.language)
            if not self.lowercase:
                message = "{language} is {!r}, and nothing is lower-cased: it goes with {lowercase}"
                raise OptionError.of(message, self.language)
        segmentation_of(self)  # which checks what is to be a symbol
        if self.cell == "transformer" and self.hidden is not None and self.hidden % 2:
            raise OptionError.of("{hidden} is {}; a transformer's must be even, best a multiple of 32", self.hidden)

    @property
    def lowering(self) -> Lowering:
        """Whether the corpus is lower-cased, and by the rules of which language."""
        return self.language if self.lowercase and self.language is not None else self.lowercase

    @property
    def segmentation(self) -> Segmentation | None:
        """What a symbol is; None if the options do not say it."""
        return segmentation_of(self)

    @property
    def wants_network(self) -> bool:
        """Whether networks are to be trained, beside the n-gram and the prior."""
        return self.budget > 0 if self.steps is None else self.steps > 0


def segmentation_of(settings: Settings) -> Segmentation | None:
    """What a symbol is; None if the settings do not say it. Raises OptionError if they contradict each other."""
    from unicodedata import normalize

    from mangosaurus.core.segmentation import Segmentation

    if not settings.separator and settings.inventory is None:
        return None
    separator = normalize("NFC", settings.separator.replace("\\t", "\t"))
    inventory = frozenset(entry for entry in settings.inventory or () if len(entry) > 1)
    return Segmentation(separator, inventory, join=settings.join)


def _inventory(given: str | os.PathLike[str] | Iterable[str]) -> tuple[str, ...]:
    """The entries of an inventory. Raises OptionError for what is none."""
    from mangosaurus.core.arguments import fitting
    from mangosaurus.data.inventory import inventory_of

    return inventory_of(fitting("inventory", given, str | os.PathLike[str] | Iterable[str]))


@cache
def _types() -> dict[str, Any]:
    """The type of each option."""
    from mangosaurus.core.casing import Language
    from mangosaurus.data.corpus import Format, Labels
    from mangosaurus.models.networks import AnyCell

    local = {"Format": Format, "Labels": Labels, "AnyCell": AnyCell, "Language": Language, "Iterable": Iterable}
    return get_type_hints(Settings, localns=local)


def stated(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the `options` that are settings and not None, with durations and sizes as numbers.

    Raises OptionError for one that cannot be read, and for one that has no effect beside the others.
    """
    given = {each.name: options[each.name] for each in fields(Settings) if options.get(each.name) is not None}
    given |= {name: value for name, value in vars(reading_of(given)).items() if name in given}
    if given.get("format") == "auto":
        del given["format"]
    if given.get("separator") == "":
        raise OptionError.of("{separator} is empty: leave it out, and every character is a symbol")
    if "inventory" in given:
        given["inventory"] = _inventory(given["inventory"])
    if "budget" in given:
        given["budget"] = parse_duration(given["budget"])
    if "memory" in given:
        given["memory"] = parse_memory(given["memory"])
    if "budget" in given and "steps" in given:
        raise OptionError.of("{budget} is {:g} s and {steps} is {}; use one of them", given["budget"], given["steps"])
    ended = next((name for name in ("budget", "steps") if given.get(name) == 0), None)
    useless = next((name for name in NETWORK if ended is not None and name in given), None)
    if ended is not None and useless is not None:
        idle = Option(useless)
        raise OptionError.of(
            "{} is {!r}, but {} 0 trains no network: leave {} out", idle, given[useless], Option(ended), idle
        )
    return given


def check_read(corpus: Corpus, given: Mapping[str, Any]) -> None:
    """Raises OptionError for a stated option by which `corpus`, which is read already, was not read."""
    language = corpus.lowercased if isinstance(corpus.lowercased, str) else None
    theirs = {"format": corpus.kind, "lowercase": bool(corpus.lowercased), "language": language}
    theirs |= {"labels": corpus.labels is not None}
    ours = dict(given) | ({"labels": True} if "label_column" in given or given.get("labels") == "any" else {})
    for name, value in theirs.items():
        if ours.get(name, value) != value:
            message = "{} is {!r}, but the Corpus was read with {} {!r}: set it in read_corpus"
            raise OptionError.of(message, Option(name), ours[name], Option(name), value)
    for name in READING:
        if name in given and name not in (*theirs, "label_column"):
            message = "{} is {!r}, but the Corpus is read already: set it in read_corpus"
            raise OptionError.of(message, Option(name), given[name])


def resumed(given: Mapping[str, Any], begun: Settings, folder: Path) -> Settings:
    """The settings of the run in `folder`, which was `begun` with them.

    Raises OptionError if a stated option differs.
    """
    if "budget" in given and begun.steps is not None:
        message = "{budget} is {:g} s, and the run in {} is of {:,} steps: leave it out"
        raise OptionError.of(message, given["budget"], folder, begun.steps)
    for name, value in given.items():
        if value != getattr(begun, name):
            raise OptionError.of(
                "{} is {!r}, and the run in {} has {!r}: leave it out to resume, or begin a new run in another folder",
                *(Option(name), value, folder, getattr(begun, name)),
            )
    return begun


def possible(given: Mapping[str, Any]) -> dict[str, Any]:
    """The stated options, with a budget of 0 where torch is not installed and none of them asks for a network."""
    asks = any(name in given for name in ("budget", "steps", *NETWORK))
    return dict(given) if asks or has_torch() else {**given, "budget": 0.0}


def check_prior(given: Mapping[str, Any], text: bool, large: bool) -> None:
    """Raises OptionError if the prior was asked for, or left out, of a model that has none."""
    if "prior" in given and (text or (large and given["prior"])):
        what = "a model of texts" if text else "a list of this size"
        raise OptionError.of("{prior} is {!r}, but {} has no prior: leave it out", given["prior"], what)


def has_torch() -> bool:
    """Whether torch is installed. It is not imported."""
    return find_spec("torch") is not None


def check_torch(settings: Settings) -> None:
    """Raises MissingExtraError if a network is asked for and torch is not installed."""
    if settings.wants_network:
        require_torch(", or train no network, with a budget of 0s")


def require_torch(otherwise: str = "") -> None:
    """Raises MissingExtraError if torch is not installed; the message ends in what to do `otherwise`."""
    if not has_torch():
        raise MissingExtraError(
            'training a network needs torch, which is not installed: run pip install "mangosaurus[train]"' + otherwise
        )
