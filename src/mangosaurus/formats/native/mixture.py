"""N-grams, mixtures and models with labels in a model file."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from mangosaurus.core.arrays import Arrays, smallest_unsigned
from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.native.checks import integers, shaped
from mangosaurus.formats.native.network import dump_network, load_network
from mangosaurus.models.interface import CharModel, Network
from mangosaurus.models.label_weights import fits_on_a_line
from mangosaurus.models.labelled import Labelled, equal_labelled_weights
from mangosaurus.models.mixture import Mixture, equal_weights
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, NGram, NGramCounts

LARGEST_COUNT = 2**53
LEAST_PROBABILITY = 1e-300
"""Much smaller ones are zero in float64, and have no logarithm."""
MOST_NETWORKS = 64
"""The most that can be trained together; each reads every symbol."""


def dump_mixture(model: NGram | Mixture | Labelled) -> tuple[dict[str, Any], Arrays]:
    """Serialises an n-gram, a mixture or a model with labels to entries of the header, and arrays."""
    ngram = model if isinstance(model, NGram) else model.ngram if isinstance(model, Mixture) else model.common
    networks = () if isinstance(model, NGram) else model.networks
    arrays: Arrays = {"ngram.discounts": ngram.discounts}
    arrays |= {f"ngram.{field.name}": getattr(ngram.counts, field.name) for field in fields(NGramCounts)}
    if isinstance(model, Mixture | Labelled):
        arrays["mixture.weights"] = model.weights
    described: dict[str, Any] = {"cells": []}
    for number, network in enumerate(networks):
        cell, of_network = dump_network(network, number)
        described["cells"].append(cell)
        arrays |= of_network
    if isinstance(model, Labelled):
        arrays |= _label_arrays(model)
        described["labels"] = [[label, count] for label, count in zip(model.labels, model.counts.tolist(), strict=True)]
    return described, arrays


def load_mixture(vocabulary: Vocabulary, header: dict[str, Any], arrays: Arrays) -> CharModel:
    """The inverse of `dump_mixture`."""
    counts = NGramCounts(**{field.name: integers(arrays[f"ngram.{field.name}"]) for field in fields(NGramCounts)})
    ngram = _ngram(vocabulary, counts, _discounts("ngram.discounts", counts.order, arrays))
    labels = header.get("labels", [])
    if len(header["cells"]) > MOST_NETWORKS:
        raise ModelFileError(f"the mixture has {len(header['cells']):,} networks; {MOST_NETWORKS} at most are read")
    networks = [load_network(vocabulary, m, cell, len(labels), arrays) for m, cell in enumerate(header["cells"])]
    if labels:
        return _labelled(ngram, networks, labels, arrays)
    if not networks:
        return ngram
    weights = arrays["mixture.weights"]
    shaped("mixture.weights", weights, equal_weights(counts.order).shape, np.float64)
    return Mixture(ngram, networks, weights)


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


def _label_arrays(model: Labelled) -> Arrays:
    """The n-grams of the labels, joined field by field; each is cut off again by its levels and degrees."""
    levels, *others = [field.name for field in fields(NGramCounts)]
    joined = {name: np.concatenate([getattr(own.counts, name) for own in model.own]) for name in others}
    arrays: Arrays = {f"labels.{name}": smallest_unsigned(array) for name, array in joined.items()}
    arrays[f"labels.{levels}"] = np.stack([own.counts.levels for own in model.own])
    arrays["labels.discounts"] = model.own[0].discounts
    return arrays


def _labelled(ngram: NGram, networks: list[Network], labels: list[Any], arrays: Arrays) -> Labelled:
    """The model with labels of `_label_arrays`."""
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
    joined = {f.name: integers(arrays[f"labels.{f.name}"]) for f in fields(NGramCounts) if f.name != "levels"}
    own, node, arc = [], 0, 0
    for row in levels:
        nodes = slice(node, node + int(row[-1]))
        arcs = slice(arc, arc + int(joined["degree"][nodes].sum(dtype=np.int64)))
        cut = {name: joined[name][nodes if name in ("suffix", "oldest", "degree") else arcs] for name in joined}
        counted = NGramCounts(levels=row, **cut)
        own.append(_ngram(ngram.vocabulary, counted, discounts))
        node, arc = nodes.stop, arcs.stop
    if node != len(joined["suffix"]) or arc != len(joined["symbol"]):
        raise ModelFileError("the labels' n-grams do not fill their arrays")
    weights = arrays["mixture.weights"]
    models = 3 if networks else 2
    shaped("mixture.weights", weights, equal_labelled_weights(ngram.order, models).shape, np.float64)
    return Labelled(names, counts, own, ngram, networks, weights)
