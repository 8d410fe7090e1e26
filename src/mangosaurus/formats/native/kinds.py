"""Every kind of model as a header and arrays, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from unicodedata import is_normalized

import numpy as np

from mangosaurus.core.arrays import Arrays, smallest_unsigned
from mangosaurus.core.errors import ModelFileError, OptionError, plain
from mangosaurus.core.segmentation import CHARACTERS, LONGEST_SYMBOL, Segmentation
from mangosaurus.core.vocabulary import Vocabulary, describe
from mangosaurus.formats.native.network import (
    dump_network,
    dump_prior,
    dump_window,
    load_network,
    load_prior,
    load_window,
    within,
)
from mangosaurus.formats.native.weights import shaped
from mangosaurus.models.blend import BLENDS, MOST_MODELS, Blend
from mangosaurus.models.interface import CharModel, Network
from mangosaurus.models.label_weights import fits_on_a_line
from mangosaurus.models.labelled import LabelBlend, Labelled, equal_labelled_weights
from mangosaurus.models.mixture import Mixture, equal_weights
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, NGram, NGramCounts
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.steered import Steered
from mangosaurus.models.window import WindowModel
from mangosaurus.models.words import WordCounts, Words

MOST_ROWS = 16_000_000
"""The most numbers in the rows, one for each model and label, that have a number for each character: 128 MB of them."""
MOST_NETWORKS = 64
"""The most that can be trained together; each reads every symbol."""
LARGEST_COUNT = 2**53
LEAST_PROBABILITY = 1e-300
"""Much smaller ones are zero in float64, and have no logarithm."""
COUNTS = [field.name for field in fields(NGramCounts)]
WORD_COUNTS = [field.name for field in fields(WordCounts)]


def check_size(header: dict[str, Any]) -> None:
    """Raises ModelFileError if labels, or parts of a blend, times characters would fill the memory.

    A file of a few megabytes can have thousands of each. Raises KeyError or TypeError for what is no header.
    """
    numbers = _row_numbers(header)
    if numbers > MOST_ROWS:
        raise ModelFileError(f"labels times characters is {numbers:,}; the limit is {MOST_ROWS:,}")


def _row_numbers(header: dict[str, Any]) -> int:
    parts = header["blend"]["parts"] if "blend" in header else []
    # The entries of an inventory count too, as every text is searched for them.
    symbols = len(header["characters"]) + len(header.get("segmentation", {}).get("inventory", []))
    own = symbols * (1 + len(header.get("labels", [])) + len(parts))
    return own + sum(map(_row_numbers, parts))


def dump_model(model: CharModel) -> tuple[dict[str, Any], Arrays]:
    """A model's entries of the header, and its arrays."""
    if isinstance(model, Blend):
        described, arrays = _dump_blend(model)
    elif isinstance(model, WindowModel):
        settings, arrays = dump_window(model.parameters)
        described = {"window": settings}
    elif isinstance(model, NGram | Mixture | Labelled):
        described, arrays = _dump_mixture(model)
    elif isinstance(model, LabelBlend):
        raise OptionError("a model with a label chosen is part of another; save the one with all its labels")
    elif isinstance(model, Steered):
        raise OptionError.of("a steered model is not saved: save the model that was steered, and steer it again")
    else:
        raise TypeError(
            f"a file holds an n-gram, a mixture with one, a WindowModel or a blend, not a {type(model).__name__}"
        )
    return described | _dump_vocabulary(model.vocabulary), arrays


def load_model(header: dict[str, Any], arrays: Arrays) -> CharModel:
    """The inverse of `dump_model`, for a file or a blend's part."""
    vocabulary = _load_vocabulary(header)
    other = next((c for c in vocabulary.characters if not is_normalized("NFC", c)), None)
    if other is not None:
        raise ModelFileError(f"its characters include {describe(other)}, which is not in Unicode normal form (NFC)")
    if "blend" in header:
        return _load_blend(vocabulary, header["blend"], arrays)
    if "window" in header:
        return WindowModel(vocabulary, load_window(header["window"], arrays, len(vocabulary) - 1))
    return _load_mixture(vocabulary, header, arrays)


def _dump_vocabulary(vocabulary: Vocabulary) -> dict[str, Any]:
    """The entries `characters` and `segmentation`."""
    cut = vocabulary.segmentation
    if cut == CHARACTERS:
        return {"characters": "".join(vocabulary.characters)}
    described: dict[str, Any] = {"separator": cut.separator} if cut.separator else {"inventory": sorted(cut.inventory)}
    described |= {"clusters": True} if cut.clusters else {}
    described |= {} if cut.join is None else {"join": cut.join}
    return {"characters": list(vocabulary.characters), "segmentation": described}


def _load_vocabulary(header: dict[str, Any]) -> Vocabulary:
    """The inverse of `_dump_vocabulary`. Raises ModelFileError or OptionError for entries that make no sense."""
    characters, described = header["characters"], header.get("segmentation")
    if described is None:
        if not isinstance(characters, str):
            raise ModelFileError("its characters are no string")
        return Vocabulary(characters)
    if not isinstance(described, dict) or not set(described) <= {"separator", "inventory", "clusters", "join"}:
        raise ModelFileError(f"its segmentation is {plain(described)}")
    separator, inventory = described.get("separator", ""), described.get("inventory", [])
    clusters, join = described.get("clusters", False), described.get("join")
    texts = (separator, *([] if join is None else [join]))
    if not all(isinstance(each, str) and len(each) <= LONGEST_SYMBOL for each in texts) or not isinstance(
        clusters, bool
    ):
        raise ModelFileError(f"its segmentation is {plain(described)}")
    for what, symbols in (("characters", characters), ("inventory", inventory)):
        if not isinstance(symbols, list) or not all(isinstance(each, str) and each for each in symbols):
            raise ModelFileError(f"its {what} are no list of symbols")
    return Vocabulary(characters, Segmentation(separator, frozenset(inventory), clusters, join))


def _dump_blend(model: Blend) -> tuple[dict[str, Any], Arrays]:
    parts, arrays = [], {"blend.weights": model.weights}
    for number, part in enumerate(model.models):
        described, of_part = dump_model(part)
        parts.append(described)
        arrays |= {f"part{number}.{name}": array for name, array in of_part.items()}
    return {"blend": {"how": model.how, "parts": parts}}, arrays


def _load_blend(vocabulary: Vocabulary, described: dict[str, Any], arrays: Arrays) -> CharModel:
    how, parts, weights = described["how"], described["parts"], arrays["blend.weights"]
    if how not in BLENDS:
        raise ModelFileError(f"the blend is a {how!r}; known are {', '.join(BLENDS)}")
    if not 2 <= len(parts) <= MOST_MODELS:
        raise ModelFileError(f"the blend has {len(parts):,} parts; it must have from 2 to {MOST_MODELS}")
    shaped("blend.weights", weights, (len(parts),), np.float64)
    if not (weights > 0).all() or abs(weights.sum() - 1) > 1e-9:
        raise ModelFileError("the weights of the blend are not positive with a sum of one")
    models = [load_model(part, within(arrays, f"part{number}.")) for number, part in enumerate(parts)]
    blend = BLENDS[how](models, weights)
    if blend.vocabulary != vocabulary:
        raise ModelFileError("the characters of the blend are not those of its parts")
    return blend


def _dump_mixture(model: NGram | Mixture | Labelled) -> tuple[dict[str, Any], Arrays]:
    """An n-gram, with words, the prior, networks or labels."""
    ngram = model if isinstance(model, NGram) else model.ngram if isinstance(model, Mixture) else model.common
    networks = () if isinstance(model, NGram) else model.networks
    arrays: Arrays = {"ngram.discounts": ngram.discounts}
    arrays |= {f"ngram.{name}": getattr(ngram.counts, name) for name in COUNTS}
    if isinstance(model, Mixture | Labelled):
        arrays["mixture.weights"] = model.weights
    described: dict[str, Any] = {"cells": []}
    if isinstance(model, Mixture) and model.words is not None:
        described["words"] = True
        arrays |= {f"words.{name}": getattr(model.words.counts, name) for name in WORD_COUNTS}
    if isinstance(model, Mixture | Labelled) and model.prior is not None:
        described["prior"] = True
        arrays |= dump_prior(model.prior)
    for number, network in enumerate(networks):
        cell, of_network = dump_network(network, number)
        described["cells"].append(cell)
        arrays |= of_network
    if isinstance(model, Labelled):
        described["labels"] = [[label, count] for label, count in zip(model.labels, model.counts.tolist(), strict=True)]
        # The labels' n-grams are joined field by field; each is cut off again by its levels and degrees.
        for name in COUNTS[1:]:
            joined = np.concatenate([getattr(own.counts, name) for own in model.own])
            arrays[f"labels.{name}"] = smallest_unsigned(joined)
        arrays["labels.levels"] = np.stack([own.counts.levels for own in model.own])
        arrays["labels.discounts"] = model.own[0].discounts
    return described, arrays


def _load_mixture(vocabulary: Vocabulary, header: dict[str, Any], arrays: Arrays) -> CharModel:
    counts = NGramCounts(**{name: _integers(arrays[f"ngram.{name}"]) for name in COUNTS})
    ngram = _ngram(vocabulary, counts, _discounts("ngram.discounts", counts.order, arrays))
    labels, cells = header.get("labels", []), header["cells"]
    if len(cells) > MOST_NETWORKS:
        raise ModelFileError(f"the mixture has {len(cells):,} networks; {MOST_NETWORKS} at most are read")
    networks = [load_network(vocabulary, m, cell, len(labels), arrays) for m, cell in enumerate(cells)]
    prior = None
    if "prior" in header:
        if header["prior"] is not True:
            raise ModelFileError(f"the header's prior is {plain(header['prior'])}, not true")
        prior = load_prior(vocabulary, len(labels) or 1, arrays)
    words = None
    if "words" in header:
        if header["words"] is not True:
            raise ModelFileError(f"the header's words is {plain(header['words'])}, not true")
        if labels:
            raise ModelFileError("a model with labels has no words")
        words = _words(vocabulary, arrays)
    if labels:
        return _labelled(ngram, networks, prior, labels, arrays)
    if not networks and prior is None and words is None:
        return ngram
    weights, models = arrays["mixture.weights"], 1 + (words is not None) + (prior is not None) + bool(networks)
    shaped("mixture.weights", weights, equal_weights(counts.order, models, words is not None).shape, np.float64)
    return Mixture(ngram, networks, weights, prior, words)


def _words(vocabulary: Vocabulary, arrays: Arrays) -> Words:
    counts = WordCounts(**{name: _integers(arrays[f"words.{name}"]) for name in WORD_COUNTS})
    counts.check(len(vocabulary))
    return Words(counts)


def _ngram(vocabulary: Vocabulary, counts: NGramCounts, discounts: np.ndarray[Any, Any]) -> NGram:
    counts.check(len(vocabulary))
    ngram = NGram(vocabulary, counts, discounts)
    if ngram.least() < LEAST_PROBABILITY:
        raise ModelFileError("the n-gram's discounts leave next to nothing for symbols that it has not counted")
    return ngram


def _discounts(name: str, order: int, arrays: Arrays) -> np.ndarray[Any, Any]:
    discounts = arrays[name]
    shaped(name, discounts, (order, 3), np.float64)
    if not ((discounts > 0) & (discounts < LARGEST_DISCOUNTS)).all():
        raise ModelFileError("a discount is not between 0 and the count that it is taken from")
    return discounts


def _labelled(
    ngram: NGram, networks: list[Network], prior: PriorNetwork | None, labels: list[Any], arrays: Arrays
) -> Labelled:
    names = [name for name, _ in labels]
    counts = np.array([count for _, count in labels])
    if len(set(names)) < len(names) or not all(isinstance(name, str) and name for name in names):
        raise ModelFileError("the labels are not different names")
    if not all(map(fits_on_a_line, names)):
        raise ModelFileError("a label has a control character")
    if counts.dtype.kind != "i" or not ((counts > 0) & (counts < LARGEST_COUNT)).all():
        raise ModelFileError("a label has no number of names")
    discounts = _discounts("labels.discounts", ngram.order, arrays)
    levels = arrays["labels.levels"]
    if levels.shape != (len(names), ngram.order + 1) or levels.dtype.kind not in "ui":
        raise ModelFileError(f"labels.levels has shape {levels.shape} and type {levels.dtype}")
    joined = {name: _integers(arrays[f"labels.{name}"]) for name in COUNTS[1:]}
    own, node, arc = [], 0, 0
    for row in levels:
        nodes = slice(node, node + int(row[-1]))
        arcs = slice(arc, arc + int(joined["degree"][nodes].sum(dtype=np.int64)))
        cut = {name: joined[name][nodes if name in ("suffix", "oldest", "degree") else arcs] for name in joined}
        own.append(_ngram(ngram.vocabulary, NGramCounts(levels=row, **cut), discounts))
        node, arc = nodes.stop, arcs.stop
    if node != len(joined["suffix"]) or arc != len(joined["symbol"]):
        raise ModelFileError("the labels' n-grams do not fill their arrays")
    weights, models = arrays["mixture.weights"], 2 + (prior is not None) + bool(networks)
    shaped("mixture.weights", weights, equal_labelled_weights(ngram.order, models).shape, np.float64)
    return Labelled(names, counts, own, ngram, networks, weights, prior)


def _integers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`array`. Raises ModelFileError unless it is a row of integers."""
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise ModelFileError(f"an n-gram's array has shape {array.shape} and type {array.dtype}, not a row of integers")
    return array
