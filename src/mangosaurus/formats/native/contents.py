"""A trained model as a file holds it: a distribution, what it was trained on, and the record of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from mangosaurus.core.casing import Language
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Kind
from mangosaurus.models.blend import MOST_MODELS
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled

LONGEST_NAME = 10_000
"""The largest default length of a sampled name, in characters."""
TEXT_LENGTH = 400
"""The default length of a sampled text, in characters."""
LARGEST = 2**64
"""All whole numbers of a record are below it; the largest may be the seed."""
COUNTS = ("inventory", "longest", "documents", "symbols", "held_out_symbols", "steps", "members", "order", "seed")
NUMBERS = (
    *("held_out", "held_out_weighted", "held_out_ngram", "held_out_words", "held_out_prior", "held_out_network"),
    *("seconds", "epochs"),
)
TEXTS = ("corpus", "note", "imported", "format", "separator", "language")


@dataclass(frozen=True)
class Contents:
    """What a model file holds. `Model` adds what one can do with it."""

    distribution: CharModel
    """p(next symbol | symbols before)."""
    kind: Kind
    """Whether a document is a name or a text."""
    known: DocumentHashes
    """The training documents, as hashes."""
    training: dict[str, Any]
    """How it was made; JSON. Losses are nats per symbol, END counted as one."""

    @property
    def vocabulary(self) -> Vocabulary:
        return self.distribution.vocabulary

    @property
    def labels(self) -> dict[str, int]:
        """The labels that the model knows, and how often its training names count together; empty for a model without
        labels."""
        if not isinstance(self.distribution, Labelled):
            return {}
        return dict(zip(self.distribution.labels, self.distribution.counts.tolist(), strict=True))

    @property
    def endless(self) -> bool:
        """True if the model never emits END: it was trained on a single text."""
        return self.kind == "text" and (len(self.known) < 2 or _of_single_texts(self.training))

    @property
    def default_length(self) -> int:
        """The default of `max_length` in `sample`."""
        if self.kind == "text":
            return TEXT_LENGTH
        return min(max(20, 2 * (self.training.get("longest") or 50)), LONGEST_NAME)


def check_record(training: dict[str, Any], depth: int = 0) -> None:
    """Raises ModelFileError if an entry that is read again has another type than when it was written.

    None counts as missing. The records of a blend's parts are checked too; other entries may hold anything.
    """
    if depth > MOST_MODELS:
        raise ModelFileError("the training record has blends within blends without end")
    for name in (*COUNTS, *NUMBERS, *TEXTS):
        value = training.get(name)
        if value is not None and not _fits(name, value):
            raise ModelFileError(f"the training record has {name} {value!r}")
    if training.get("language") not in (None, *get_args(Language)):
        raise ModelFileError(f"the training record has language {training['language']!r}")
    shares = training.get("shares") or {}
    if not isinstance(shares, dict) or not all(isinstance(each, float) for each in shares.values()):
        raise ModelFileError(f"the training record has shares {shares!r}")
    if not isinstance(training.get("further", []), list):
        raise ModelFileError("the training record's further is no list")
    for part in _entries(training):
        if isinstance(part.get("training"), dict):
            check_record(part["training"], depth + 1)


def _fits(name: str, value: Any) -> bool:
    if name in TEXTS:
        return isinstance(value, str)
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value < LARGEST
    return name in NUMBERS and isinstance(value, float)


def _entries(training: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects among a blend's parts. A record from a file may hold anything."""
    blend = training.get("blend")
    parts = blend.get("parts") if isinstance(blend, dict) else None
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def parts_of(training: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts in a blend's record, each with weight, model and training; empty for other models."""
    kinds = {"weight": float, "model": str, "training": dict}
    return [part for part in _entries(training) if all(isinstance(part.get(key), kinds[key]) for key in kinds)]


def shares_in_words(training: dict[str, Any]) -> str | None:
    """How much of a mixture each expert is, by the means of their exponents: "n-gram 30%, prior 70%"."""
    shares = training.get("shares")
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items()) if shares else None


def parts_in_words(training: dict[str, Any]) -> list[str]:
    """The parts of a blend: "0.5 × 7-gram mixed with the prior of names (n-gram 30%, prior 70%), trained on a.txt"."""
    found = []
    for part in parts_of(training):
        shares, corpus = shares_in_words(part["training"]), part["training"].get("corpus")
        experts = f" ({shares})" if shares else ""
        found.append(f"{part['weight']:.4g} × {part['model']}{experts}" + (f", trained on {corpus}" if corpus else ""))
    return found


def without_curves(training: dict[str, Any]) -> dict[str, Any]:
    """The record without its curves and those of a blend's parts, which are long."""
    kept = {key: value for key, value in training.items() if key != "curves"}
    if parts := parts_of(training):
        parts = [part | {"training": without_curves(part["training"])} for part in parts]
        kept["blend"] = training["blend"] | {"parts": parts}
    return kept


def _of_single_texts(training: dict[str, Any]) -> bool:
    """Whether the model of this record, or each part of a blend, was trained on one text."""
    parts = parts_of(training)
    return all(_of_single_texts(part["training"]) for part in parts) if parts else training.get("documents") == 1
