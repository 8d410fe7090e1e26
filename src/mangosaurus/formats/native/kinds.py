"""Serialises every kind of model to a header and arrays, and back."""

from __future__ import annotations

from typing import Any
from unicodedata import is_normalized

import numpy as np

from mangosaurus.core.arrays import Arrays
from mangosaurus.core.errors import ModelFileError, OptionError
from mangosaurus.core.vocabulary import Vocabulary, describe
from mangosaurus.formats.native.checks import shaped
from mangosaurus.formats.native.mixture import dump_mixture, load_mixture
from mangosaurus.formats.native.window import dump_window, load_window
from mangosaurus.models.blend import BLENDS, MOST_MODELS, Blend
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.window import WindowModel

MOST_ROWS = 16_000_000
"""The most numbers in the rows, one for each model and label, that have a number for each character: 128 MB of them."""


def check_size(header: dict[str, Any]) -> None:
    """Raises ModelFileError if labels, or parts of a blend, times characters would fill the memory.

    A file of a few megabytes can have thousands of each. Raises KeyError or TypeError for what is no header.
    """
    numbers = _row_numbers(header)
    if numbers > MOST_ROWS:
        raise ModelFileError(f"labels times characters is {numbers:,}; the limit is {MOST_ROWS:,}")


def _row_numbers(header: dict[str, Any]) -> int:
    parts = header["blend"]["parts"] if "blend" in header else []
    own = len(header["characters"]) * (1 + len(header.get("labels", [])) + len(parts))
    return own + sum(map(_row_numbers, parts))


def dump_model(model: CharModel) -> tuple[dict[str, Any], Arrays]:
    """Serialises a model to entries of the header, and arrays."""
    if isinstance(model, Blend):
        described, arrays = _dump_blend(model)
    elif isinstance(model, WindowModel):
        settings, arrays = dump_window(model.parameters)
        described = {"window": settings}
    elif isinstance(model, NGram | Mixture | Labelled):
        described, arrays = dump_mixture(model)
    elif isinstance(model, LabelBlend):
        raise OptionError("a model with a label chosen is part of another; save the one with all its labels")
    else:
        raise TypeError(
            f"a file holds an n-gram, a mixture with one, a WindowModel or a blend, not a {type(model).__name__}"
        )
    return described | {"characters": "".join(model.vocabulary.characters)}, arrays


def _dump_blend(model: Blend) -> tuple[dict[str, Any], Arrays]:
    """The same for a blend, by serialising its models."""
    parts, arrays = [], {"blend.weights": model.weights}
    for number, part in enumerate(model.models):
        described, of_part = dump_model(part)
        parts.append(described)
        arrays |= {f"part{number}.{name}": array for name, array in of_part.items()}
    return {"blend": {"how": model.how, "parts": parts}}, arrays


def load_model(header: dict[str, Any], arrays: Arrays) -> CharModel:
    """The model of a header, or of a blend's part, and its arrays."""
    vocabulary = Vocabulary(header["characters"])
    odd = next((c for c in vocabulary.characters if not is_normalized("NFC", c)), None)
    if odd is not None:
        raise ModelFileError(f"its characters include {describe(odd)}, which is not in Unicode normal form (NFC)")
    if "blend" in header:
        return _blend(vocabulary, header, arrays)
    if "window" in header:
        return WindowModel(vocabulary, load_window(header["window"], arrays, len(vocabulary) - 1))
    return load_mixture(vocabulary, header, arrays)


def _blend(vocabulary: Vocabulary, header: dict[str, Any], arrays: Arrays) -> CharModel:
    """A product or a mixture of models."""
    how, parts, weights = header["blend"]["how"], header["blend"]["parts"], arrays["blend.weights"]
    if how not in BLENDS:
        raise ModelFileError(f"the blend is a {how!r}; known are {', '.join(BLENDS)}")
    if not 2 <= len(parts) <= MOST_MODELS:
        raise ModelFileError(f"the blend has {len(parts):,} parts; it must have from 2 to {MOST_MODELS}")
    shaped("blend.weights", weights, (len(parts),), np.float64)
    if not (weights > 0).all() or abs(weights.sum() - 1) > 1e-9:
        raise ModelFileError("the weights of the blend are not positive with a sum of one")
    models = []
    for number, part in enumerate(parts):
        prefix = f"part{number}."
        inside = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        models.append(load_model(part, inside))
    blend = BLENDS[how](models, weights)
    if blend.vocabulary != vocabulary:
        raise ModelFileError("the characters of the blend are not those of its parts")
    return blend
