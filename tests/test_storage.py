"""One file in, the same model out; and whatever is not a model file gets one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from examples import (
    LABELS,
    NAMES,
    every_cell,
    random_transformer,
    small_blend,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
)
from model_files import Parts, flip_bytes
from safetensors.numpy import save as serialize

from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import ModelFileError, OptionError, OutputError
from mangosaurus.core.files import check_writable
from mangosaurus.formats.native import Contents, as_bytes, load, save
from mangosaurus.formats.native.window import WINDOW_SETTINGS
from mangosaurus.models.blend import Product
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.transformer import Transformer
from mangosaurus.models.window import WindowModel

TRAINING = {"seed": 3, "note": "żółw"}
LAYOUTS = ROOT / "tests" / "guards" / "layouts.json"
"""The header and the arrays, [name, type, shape] in the file's order, of each of MODELS but "cells"."""


def transformer_mixture() -> Mixture:
    ngram = small_ngram(order=3)
    return Mixture(ngram, [random_transformer(ngram.vocabulary, layers=1, context=7)], np.full((6, 2), 0.25))


MODELS: dict[str, Callable[[], CharModel]] = {
    "n-gram": small_ngram,
    "mixture": lambda: small_mixture(order=3),
    "transformer": transformer_mixture,
    "cells": every_cell,
    "window": small_window_model,
    "blend": small_blend,
    "labels": lambda: small_labelled(order=3),
    "labels alone": lambda: small_labelled(networks=0),
    "blend of two": lambda: Product([small_ngram()] * 2, [0.5, 0.5]),
}


def contents(model: CharModel) -> Contents:
    return Contents(model, "names", DocumentHashes.of(NAMES), TRAINING)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("name", MODELS)
def test_every_bit_is_kept(name: str, path: Path) -> None:
    model = MODELS[name]()
    save(contents(model), path)
    read = load(path)
    assert (read.kind, read.training) == ("names", TRAINING)
    assert read.vocabulary == model.vocabulary
    np.testing.assert_array_equal(read.known.hashes, DocumentHashes.of(NAMES).hashes)
    documents = [model.vocabulary.encode(name) for name in NAMES]
    for old, new in zip(model.score(documents), read.distribution.score(documents), strict=True):
        np.testing.assert_array_equal(old, new)
    if isinstance(model, Labelled):
        assert read.labels == {label: LABELS.count(label) for label in ("boy", "girl")}
    if isinstance(model, WindowModel):
        assert isinstance(read.distribution, WindowModel)
        for ours, theirs in zip(model.parameters.layers, read.distribution.parameters.layers, strict=True):
            assert all(getattr(ours, setting) == getattr(theirs, setting) for setting in WINDOW_SETTINGS)
    assert as_bytes(read) == path.read_bytes()


def layout_of(model: CharModel) -> Any:
    data = as_bytes(contents(model))
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata = header.pop("__metadata__")
    assert list(metadata) == ["checksum", "mangosaurus"]
    arrays = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    return [json.loads(metadata["mangosaurus"]), [[name, entry["dtype"], entry["shape"]] for name, entry in arrays]]


@pytest.mark.parametrize("name", json.loads(LAYOUTS.read_text(encoding="utf-8")))
def test_the_layout_is_the_one_that_was_agreed(name: str) -> None:
    """To change it is to change the format's version, its documentation and LAYOUTS."""
    wanted = json.loads(LAYOUTS.read_text(encoding="utf-8"))[name]
    assert json.dumps(layout_of(MODELS[name]()), ensure_ascii=False) == json.dumps(wanted, ensure_ascii=False)


LSTM = {"cell": "lstm", "activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": False, "dropout": 0}
TRANSFORMERS: list[tuple[object, str]] = [
    ({"heads": 2, "context": 10**9}, "network 0: context is 1000000000; it must be from 1 to 1024"),
    ({"heads": 2, "context": 0}, "context is 0"),
    ({"heads": 2, "context": True}, "context is True"),
    ({"heads": 0, "context": 7}, "heads is 0; it must be from 1 to 8"),
    ({"heads": 3, "context": 7}, "3 heads do not share 8 units"),
    ({"heads": 8, "context": 7}, "8 heads do not share 8 units evenly, in pairs"),
    ({"heads": 1, "context": 7}, "layer0.attention has shape"),
    ({"context": 7}, "damaged"),
    (None, "damaged"),
]
WINDOWS: list[tuple[object, str]] = [
    ({"length": 0, "layers": [LSTM]}, "the window has 0 symbols; it must have from 1 to 1024"),
    ({"length": 10**9, "layers": [LSTM]}, "the window has 1000000000 symbols"),
    ({"length": "5", "layers": [LSTM]}, "the window has '5' symbols"),
    ({"length": 5, "layers": []}, "has no layers"),
    ({"length": 5, "layers": [LSTM] * 2}, "window.layer1.kernel has shape"),
    ({"length": 5, "layers": [LSTM | {"cell": "transformer"}]}, "has the cell 'transformer'; known are rnn"),
    ({"length": 5, "layers": [LSTM | {"activation": "system"}]}, "has the activation 'system'; known are"),
    ({"length": 5, "layers": [LSTM | {"activation": []}]}, "damaged"),
    ({"length": 5, "layers": [LSTM | {"dropout": 1}]}, "a dropout that is none"),
    ({"length": 5, "layers": [LSTM | {"reset_after": 1}]}, "a reset_after"),
    ({"length": 5}, "damaged"),
    ([], "damaged"),
]
LABELLED: list[tuple[object, str]] = [
    ([["boy", 3]], "shape"),
    ([["boy", 3], ["boy", 4]], "not different names"),
    ([["boy", 3], ["", 4]], "not different names"),
    ([["boy", 3], [4, 4]], "not different names"),
    ([["boy", 3], ["girl", 0]], "no number of names"),
    ([["boy", 3], ["girl", "4"]], "no number of names"),
    ([["boy", 3], ["girl", 10**30]], "no number of names"),
    ([["boy", 3], "girl"], "damaged"),
    (7, "damaged"),
]
PART = {"cells": [], "characters": "".join(sorted(set("".join(NAMES))))}
UNFIT: list[tuple[str, dict[str, Any], str]] = [
    *(("transformer", {"cells": [{"transformer": cell}]}, message) for cell, message in TRANSFORMERS),
    *(("window", {"window": window}, message) for window, message in WINDOWS),
    *(("labels", {"labels": labels}, message) for labels, message in LABELLED),
    ("blend of two", {"blend": {"how": "sum", "parts": [PART] * 2}}, "the blend is a 'sum'; known are product"),
    ("blend of two", {"blend": {"how": "product", "parts": []}}, "0 parts; it must have from 2 to 64"),
    ("blend of two", {"blend": {"how": "product", "parts": [PART | {"characters": "an"}] * 2}}, "damaged"),
    ("blend of two", {"blend": {"how": "product", "parts": [{"cells": []}] * 2}}, "damaged"),
    ("blend of two", {"blend": {"how": "product", "parts": None}}, "damaged"),
    ("blend of two", {"characters": "abc"}, "characters of the blend"),
    ("mixture", {"format": 4}, "has format 4, and this version of Mangosaurus reads format 3"),
    ("mixture", {"format": 2}, "has format 2, and this version of Mangosaurus reads format 3"),
    ("mixture", {"format": None}, "names no format"),
    ("mixture", {"characters": "abc"}, "damaged"),
    ("mixture", {"characters": "aab"}, "damaged"),
    ("mixture", {"cells": ["transformer", "lstm"]}, "transformer"),
    ("mixture", {"cells": ["gru", "gru"]}, "has shape"),
    ("mixture", {"cells": [{"lstm": {}}, "lstm"]}, "a lstm has none"),
    ("mixture", {"cells": [{"lstm": None}, "lstm"]}, "a lstm has none"),
    ("mixture", {"kind": "poems"}, "poems"),
    ("mixture", {"training": 3}, "damaged"),
]


@pytest.mark.parametrize(("name", "changes", "message"), UNFIT)
def test_headers_that_do_not_fit(name: str, changes: dict[str, Any], message: str, path: Path) -> None:
    parts = Parts.of(as_bytes(contents(MODELS[name]())))
    parts.described |= changes
    path.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=message):
        load(path)


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.0, 0.0], [-0.5, 1.5], [np.nan, 1.0], [1.0]])
def test_weights_of_blends_that_do_not_fit(path: Path, weights: list[float]) -> None:
    parts = Parts.of(as_bytes(contents(MODELS["blend of two"]())))
    parts.arrays["blend.weights"] = np.array(weights)
    path.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=r"blend.weights|weights of the blend"):
        load(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_numbers_that_do_not_fit_are_neither_written_nor_read(path: Path, value: float) -> None:
    mixture = transformer_mixture()
    parts = Parts.of(as_bytes(contents(mixture)))
    parts.arrays["network0.layer0.feeding_gain"][3] = value
    path.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=r"network 0: layer0.feeding_gain holds a number that is not finite"):
        load(path)
    network = mixture.networks[0]
    assert isinstance(network, Transformer)
    network.parameters.layers[0].feeding_gain[3] = value
    with pytest.raises(OutputError, match=r"cannot be saved: network0.layer0.feeding_gain holds a number that"):
        save(contents(mixture), path.with_name("other"))
    assert not path.with_name("other").exists()


@pytest.fixture
def good(path: Path) -> Path:
    save(contents(small_mixture()), path)
    return path


def test_nothing_is_overwritten_unasked(good: Path) -> None:
    before = good.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        save(contents(small_ngram()), good)
    assert good.read_bytes() == before
    save(contents(small_ngram()), good, overwrite=True)
    assert good.read_bytes() != before


def test_a_failed_write_leaves_the_old_file_and_no_other(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = good.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        save(contents(small_ngram()), good, overwrite=True)
    assert good.read_bytes() == before
    assert list(good.parent.iterdir()) == [good]


def test_a_written_file_has_the_usual_permissions(good: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    assert good.stat().st_mode & 0o777 == 0o666 & ~mask


def test_paths_that_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "missing" / "model.safetensors")
    with pytest.raises(OutputError, match="is a folder"):
        check_writable(tmp_path)
    for name in ("a" * 300, "a\0b"):
        with pytest.raises(OutputError, match="cannot be written"):
            check_writable(tmp_path / name)
        with pytest.raises(ModelFileError, match=r"cannot be read|damaged|does not exist"):
            load(tmp_path / name)
    with pytest.raises(ModelFileError, match="does not exist"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(ModelFileError, match="is a folder"):
        load(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_truncated_files(good: Path, share: float) -> None:
    good.write_bytes(good.read_bytes()[: int(share * good.stat().st_size)])
    with pytest.raises(ModelFileError, match="truncated"):
        load(good)


def test_other_formats(path: Path) -> None:
    path.write_text("Anna\nBerta\n" * 50, encoding="utf-8")
    with pytest.raises(ModelFileError, match="not a model file"):
        load(path)
    path.write_bytes(serialize({"weights": np.zeros(3)}))
    with pytest.raises(ModelFileError, match="not a Mangosaurus model"):
        load(path)


@pytest.mark.parametrize("name", ["n-gram", "labels alone"])
def test_every_flipped_byte_is_harmless_or_noticed(name: str, path: Path) -> None:
    """A damaged file either fails with its one line or holds probabilities."""
    save(contents(MODELS[name]()), path)
    assert 20 < flip_bytes(path, 200, steps=4) < 200


def test_a_model_with_a_label_chosen_is_not_saved(path: Path) -> None:
    with pytest.raises(OptionError, match="save the one with all its labels"):
        Model(small_labelled(), "names", DocumentHashes.of(NAMES), {}).with_label("boy").save(path)
