"""The training record of a model file: what of it is read again must be of the kind that it is read as."""

from __future__ import annotations

from typing import Any

from mangosaurus.errors import ModelFileError
from mangosaurus.models.blend import MOST_MODELS

LARGEST = 2**64
"""Of all whole numbers that are read again; the seed may be the largest of them."""
COUNTS = ("longest", "documents", "symbols", "held_out_symbols", "steps", "members", "order", "seed")
NUMBERS = ("held_out", "held_out_ngram", "held_out_network", "seconds", "epochs")
TEXTS = ("corpus", "note", "imported", "format")


def check_record(training: dict[str, Any], depth: int = 0) -> None:
    """Raises ModelFileError if an entry that is read again is of another type than it is written with.

    None stands for an entry that is missing. Records of a blend's parts are checked too; what else there is may say
    anything.
    """
    if depth > MOST_MODELS:
        raise ModelFileError("the training record has blends within blends without end")
    for name in (*COUNTS, *NUMBERS, *TEXTS):
        value = training.get(name)
        if value is not None and not _fits(name, value):
            raise ModelFileError(f"the training record has {name} {value!r}")
    if not isinstance(training.get("further", []), list):
        raise ModelFileError("the training record's further is no list")
    blend = training.get("blend")
    parts = blend.get("parts") if isinstance(blend, dict) else None
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and isinstance(part.get("training"), dict):
            check_record(part["training"], depth + 1)


def _fits(name: str, value: Any) -> bool:
    if name in TEXTS:
        return isinstance(value, str)
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value < LARGEST
    return name in NUMBERS and isinstance(value, float)


def without_curves(training: dict[str, Any]) -> dict[str, Any]:
    """A training record without the curves, its own and those of a blend's parts: they are long."""
    kept = {key: value for key, value in training.items() if key != "curves"}
    if parts_of(training):
        parts = [part | {"training": without_curves(part["training"])} for part in parts_of(training)]
        kept["blend"] = kept["blend"] | {"parts": parts}
    return kept


def of_single_texts(training: dict[str, Any]) -> bool:
    """Whether the model of this record, or each part of a blend, was trained on one text."""
    parts = [part["training"] for part in parts_of(training)]
    return all(map(of_single_texts, parts)) if parts else training.get("documents") == 1


def parts_of(training: dict[str, Any]) -> list[dict[str, Any]]:
    """What the training record of a blend says of its parts: weight, model and training; empty for other models."""
    blend = training.get("blend")
    parts = blend.get("parts") if isinstance(blend, dict) else None
    kinds = {"weight": float, "model": str, "training": dict}
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return []  # a record is from a file, and may say anything
    return [part for part in parts if all(isinstance(part.get(key), kind) for key, kind in kinds.items())]
