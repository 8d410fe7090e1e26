"""A small good model file of every family, from which the damaged ones are made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from examples import (
    NAMES,
    every_cell,
    random_transformer,
    random_window,
    small_blend,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
    small_worded,
)
from tokens import of_tokens

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.segmentation import Segmentation
from mangosaurus.data.corpus import Kind
from mangosaurus.formats.native import Contents, save
from mangosaurus.models.blend import DocumentMixture
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture, equal_weights
from mangosaurus.models.ngram import NGram

TRAINING = {
    "corpus": "a list: 33 names",
    "longest": 9,
    "held_out": 1.5,
    "held_out_symbols": 40,
    "seconds": 1.25,
    "finished": False,
    "curves": [[[1, 2.5], [2, 2.25]]],
}


def file_of(model: CharModel, kind: Kind = "names") -> bytes:
    """A model file as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save(Contents(model, kind, DocumentHashes.of(NAMES), TRAINING), path)
        return path.read_bytes()


def _text() -> NGram:
    return small_ngram(5, [" ".join(NAMES)])


def _transformer() -> Mixture:
    ngram = small_ngram(3)
    return Mixture(ngram, [random_transformer(ngram.vocabulary, context=7)], equal_weights(3))


def _labelled_transformer() -> Labelled:
    labelled = small_labelled(networks=0)
    return labelled.mixed_with(None, [random_transformer(labelled.vocabulary, layers=1, labels=2)])


_MODELS: dict[str, Callable[[], CharModel]] = {
    "n-gram": small_ngram,
    "n-gram of order 1": partial(small_ngram, 1, ["ab"]),
    "n-gram of a text": _text,
    "mixture": small_mixture,
    "every cell": every_cell,
    "transformer": _transformer,
    "labelled": small_labelled,
    "labelled transformer": _labelled_transformer,
    "words": small_worded,
    "prior": partial(small_mixture, prior=True),
    "prior alone": partial(small_mixture, networks=0, prior=True),
    "labelled prior": partial(small_labelled, networks=1, prior=True),
    "labelled n-grams": partial(small_labelled, networks=0),
    "window": small_window_model,
    "window of GRUs": partial(random_window, "gru", reset_after=True),
    "blend": small_blend,
    "tokens": of_tokens,
    "inventory": lambda: of_tokens(0, Segmentation(inventory=frozenset({"aː", "t͡ʃ"}), join="+")),
    "mixture of documents": lambda: DocumentMixture([small_ngram(3), small_ngram(2, ["xyz", "abel"])], [0.5, 0.5]),
}


@cache
def _file(family: str) -> bytes:
    return file_of(_MODELS[family](), "text" if "text" in family or "window" in family else "names")


SEEDS: dict[str, Callable[[], bytes]] = {family: partial(_file, family) for family in _MODELS}
"""The file of each family, made when it is first asked for."""
