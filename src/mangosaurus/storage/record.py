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
