"""The training record of a model file: what is read again is checked, and curves and parts are taken out."""

from __future__ import annotations

from typing import Any

from mangosaurus.core.errors import ModelFileError
from mangosaurus.models.blend import MOST_MODELS

LARGEST = 2**64
"""Above all whole numbers that are read again; the largest may be the seed."""
COUNTS = ("longest", "documents", "symbols", "held_out_symbols", "steps", "members", "order", "seed")
NUMBERS = ("held_out", "held_out_ngram", "held_out_network", "seconds", "epochs")
TEXTS = ("corpus", "note", "imported", "format")


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
    """The record without its curves and those of a blend's parts, which are long."""
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
    """The parts in a blend's record, each with weight, model and training; empty for other models."""
    blend = training.get("blend")
    parts = blend.get("parts") if isinstance(blend, dict) else None
    kinds = {"weight": float, "model": str, "training": dict}
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return []  # a record from a file may hold anything
    return [part for part in parts if all(isinstance(part.get(key), kind) for key, kind in kinds.items())]
