"""Choosing among a model's labels: one, or several with weights."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.briefly import few
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.vocabulary import normalize

MOST_NAMED = 20
JOINT = "/"
"""Joins the labels of several columns, as in elf/female."""

LabelLike = str | Mapping[str, float]
"""One label, such as "elf"; or several with weights, as "elf:0.6,dwarf:0.4" or {"elf": 0.6, "dwarf": 0.4}."""


def fits_on_a_line(label: str) -> bool:
    """Whether a label has no control characters and no line breaks, which would break every message."""
    return not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in label)


def label_weights(label: LabelLike, labels: Sequence[str]) -> FloatArray:
    """The weight of each of `labels`, (L,), that `label` asks for, scaled to sum to one.

    A string that equals a label is that label. In other strings, commas separate labels, and a weight follows the last
    colon of each; the default weight is 1.
    Raises OptionError for an unknown label, naming the nearest, and for weights that are negative, not numbers, or all
    zero.
    """
    if isinstance(label, str):
        asked = [(normalize(label), 1.0)] if normalize(label) in labels else _parse(label, labels)
    else:
        asked = [(normalize(name), _number(name, weight)) for name, weight in label.items()]
    weights = np.zeros(len(labels))
    for name, weight in asked:
        weights[number_of(name, labels)] += weight
    if not 0 < weights.sum() < math.inf:
        raise OptionError(Option("label"), f" is {label!r}; at least one weight must be above zero, and all finite")
    scaled: FloatArray = weights / weights.sum()
    return scaled


def with_part(label: str, labels: Sequence[str]) -> list[int]:
    """The places of the labels that have all parts of `label`, as elf/female has elf; none if it is a label itself."""
    asked = set(normalize(label.strip()).split(JOINT))
    if normalize(label.strip()) in labels:
        return []
    return [place for place, each in enumerate(labels) if asked <= set(each.split(JOINT))]


def number_of(label: str, labels: Sequence[str]) -> int:
    """The place of `label` in `labels`. Raises OptionError, naming the nearest if one is near, if it is not there."""
    if not labels:
        why = "this model has no labels; train one on lines of a name, a TAB, a label"
        raise OptionError.of("{label} is {!r}, and {}", label, why)
    if label in labels:
        return labels.index(label)
    # Imported here, so that what names known labels starts sooner.
    from rapidfuzz import process

    nearest = process.extractOne(label.casefold(), labels, processor=str.casefold, score_cutoff=60)
    meant = f"did you mean {nearest[0]!r}? It has" if nearest else "it has"
    raise OptionError(f"the model has no label {label!r}; {meant} {few(labels, MOST_NAMED, 300)}")


def numbers_of(names: Sequence[str], labels: Sequence[str]) -> IntArray:
    """The places of all `names` in `labels`. Raises OptionError as `number_of`."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[name] if name in places else number_of(name, labels) for name in names], dtype=np.int64)


def _parse(text: str, labels: Sequence[str]) -> list[tuple[str, float]]:
    asked = []
    for part in text.split(","):
        name, colon, weight = part.rpartition(":")
        if not colon or normalize(part.strip()) in labels:
            name, weight = part, "1"
        asked.append((normalize(name.strip()), _number(name.strip(), weight)))
    return asked


def _number(name: str, weight: float | str) -> float:
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = math.nan
    if not number >= 0 or math.isinf(number):
        raise OptionError(f"the weight of the label {name!r} is {str(weight)!r}; it must be a number from 0 upwards")
    return number
