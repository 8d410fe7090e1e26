"""One file in, the same model out; and whatever is not a model file gets one line."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from examples import (
    NAMES,
    every_cell,
    random_transformer,
    small_blend,
    small_mixture,
    small_ngram,
    small_window_model,
)
from model_files import Parts, flip_bytes
from safetensors.numpy import save as serialize

from mangosaurus import storage
from mangosaurus.errors import ModelFileError, OutputError
from mangosaurus.known import Known
from mangosaurus.models.blend import Product
from mangosaurus.models.interface import CharModel
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.transformer import Transformer
from mangosaurus.models.window import WindowModel
from mangosaurus.storage import ENTRY, Contents, load, save
from mangosaurus.storage.window import WINDOW_SETTINGS

TRAINING = {"seed": 3, "note": "żółw"}


def contents(model: CharModel) -> Contents:
    return Contents(model, "names", Known.of(NAMES), TRAINING)


@pytest.mark.parametrize(
    "model",
    [small_ngram(), small_mixture(), every_cell(), small_window_model(), small_blend()],
    ids=["n-gram", "mixture", "cells", "window", "blend"],
)
def test_every_bit_is_kept(model: CharModel, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(model), path)
    read = load(path)
    assert (read.kind, read.training) == ("names", TRAINING)
    assert read.distribution.vocabulary == model.vocabulary
    np.testing.assert_array_equal(read.known.hashes, Known.of(NAMES).hashes)
    documents = [model.vocabulary.encode(name) for name in NAMES]
    for old, new in zip(model.score(documents), read.distribution.score(documents), strict=True):
        np.testing.assert_array_equal(old, new)
    again = tmp_path / "again.safetensors"
    save(Contents(read.distribution, read.kind, read.known, read.training), again)
    assert again.read_bytes() == path.read_bytes()


def test_the_layout_is_the_one_described(tmp_path: Path) -> None:
    """The file's keys, types and shapes: to change them is to change the format's version and the documentation."""
    path = tmp_path / "model.safetensors"
    save(contents(small_mixture(order=3, networks=1)), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header.pop("__metadata__")[ENTRY])
    assert described == {
        "format": 3,
        "kind": "names",
        "characters": "".join(sorted(set("".join(NAMES)))),
        "cells": ["lstm"],
        "training": TRAINING,
    }
    symbols = len(described["characters"]) + 1
    kinds = {name: (entry["dtype"], entry["shape"]) for name, entry in header.items()}
    nodes, arcs = kinds["ngram.suffix"][1][0], kinds["ngram.symbol"][1][0]
    assert kinds == {
        "known": ("U64", [len(set(NAMES))]),
        "ngram.levels": ("I64", [4]),
        "ngram.suffix": ("U8", [nodes]),
        "ngram.oldest": ("U8", [nodes]),
        "ngram.degree": ("U8", [nodes]),
        "ngram.symbol": ("U8", [arcs]),
        "ngram.target": ("U8", [arcs]),
        "ngram.count": ("U8", [arcs]),
        "ngram.discounts": ("F64", [3, 3]),
        "mixture.weights": ("F64", [6, 2]),
        "network0.embedding": ("F32", [symbols, 5]),
        "network0.output": ("F32", [6, symbols]),
        "network0.output_bias": ("F32", [symbols]),
        "network0.layer0.input": ("F32", [5, 24]),
        "network0.layer0.recurrent": ("F32", [6, 24]),
        "network0.layer0.input_bias": ("F32", [24]),
        "network0.layer0.recurrent_bias": ("F32", [24]),
    }


def small_transformer_mixture() -> Mixture:
    ngram = small_ngram(order=3)
    return Mixture(ngram, [random_transformer(ngram.vocabulary, layers=1, context=7)], np.full((6, 2), 0.25))


def test_the_layout_of_a_transformer(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_transformer_mixture()), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header.pop("__metadata__")[ENTRY])
    assert (described["format"], described["cells"]) == (3, [{"transformer": {"heads": 2, "context": 7}}])
    symbols = len(described["characters"]) + 1
    kinds = {name: (entry["dtype"], entry["shape"]) for name, entry in header.items() if name.startswith("network")}
    assert kinds == {
        "network0.embedding": ("F32", [symbols, 8]),
        "network0.output_gain": ("F32", [8]),
        "network0.output": ("F32", [8, symbols]),
        "network0.output_bias": ("F32", [symbols]),
        "network0.layer0.attention_gain": ("F32", [8]),
        "network0.layer0.attention": ("F32", [8, 16]),
        "network0.layer0.projection": ("F32", [8, 8]),
        "network0.layer0.feeding_gain": ("F32", [8]),
        "network0.layer0.expansion": ("F32", [8, 20]),
        "network0.layer0.contraction": ("F32", [20, 8]),
    }


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"heads": 2, "context": 10**9}, "network 0: context is 1000000000; it must be from 1 to 1024"),
        ({"heads": 2, "context": 0}, "context is 0"),
        ({"heads": 2, "context": True}, "context is True"),
        ({"heads": 2, "context": "7"}, "context is '7'"),
        ({"heads": 0, "context": 7}, "heads is 0; it must be from 1 to 8"),
        ({"heads": 3, "context": 7}, "3 heads do not share 8 units"),
        ({"heads": 8, "context": 7}, "8 heads do not share 8 units evenly, in pairs"),
        ({"heads": 1, "context": 7}, "layer0.attention has shape"),
        ({"context": 7}, "damaged"),
        (7, "damaged"),
        (None, "damaged"),
    ],
)
def test_headers_of_transformers_that_do_not_fit(tmp_path: Path, cell: object, message: str) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_transformer_mixture()), path)
    with pytest.raises(ModelFileError, match=message):
        load(rewritten(path, cells=[{"transformer": cell}]))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_numbers_that_do_not_fit_are_neither_written_nor_read(tmp_path: Path, value: float) -> None:
    mixture, path = small_transformer_mixture(), tmp_path / "model.safetensors"
    save(contents(mixture), path)
    parts = Parts.of(path.read_bytes())
    parts.arrays["network0.layer0.feeding_gain"][3] = value
    path.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=r"network 0: layer0.feeding_gain holds a number that is not finite"):
        load(path)
    network = mixture.networks[0]
    assert isinstance(network, Transformer)
    network.parameters.layers[0].feeding_gain[3] = value
    with pytest.raises(
        OutputError, match=r"the model cannot be saved: network0.layer0.feeding_gain holds a number that"
    ):
        save(contents(mixture), tmp_path / "other.safetensors")
    assert not (tmp_path / "other.safetensors").exists()


def test_the_layout_of_a_window_model(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_window_model()), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header.pop("__metadata__")[ENTRY])
    characters = len(described["characters"])
    layers = [
        ("lstm", "tanh", "hard_sigmoid", False, 0.5),
        ("gru", "tanh", "sigmoid", True, 0.0),
        ("rnn", "relu", "sigmoid", False, 0.25),
    ]
    names = ("cell", "activation", "recurrent_activation", "reset_after", "dropout")
    assert described == {
        "format": 3,
        "kind": "names",
        "characters": "".join(sorted(set("".join(NAMES)))),
        "window": {"length": 5, "layers": [dict(zip(names, layer, strict=True)) for layer in layers]},
        "training": TRAINING,
    }
    assert {name: (entry["dtype"], entry["shape"]) for name, entry in header.items()} == {
        "known": ("U64", [len(set(NAMES))]),
        "window.layer0.kernel": ("F32", [characters, 16]),
        "window.layer0.recurrent": ("F32", [4, 16]),
        "window.layer0.bias": ("F32", [16]),
        "window.layer0.recurrent_bias": ("F32", [16]),
        "window.layer1.kernel": ("F32", [4, 9]),
        "window.layer1.recurrent": ("F32", [3, 9]),
        "window.layer1.bias": ("F32", [9]),
        "window.layer1.recurrent_bias": ("F32", [9]),
        "window.layer2.kernel": ("F32", [3, 2]),
        "window.layer2.recurrent": ("F32", [2, 2]),
        "window.layer2.bias": ("F32", [2]),
        "window.layer2.recurrent_bias": ("F32", [2]),
        "window.output": ("F32", [2, characters]),
        "window.output_bias": ("F32", [characters]),
    }


def test_settings_of_a_window_model_are_kept(tmp_path: Path) -> None:
    model = small_window_model()
    save(contents(model), tmp_path / "model.safetensors")
    read = load(tmp_path / "model.safetensors").distribution
    assert isinstance(read, WindowModel)
    assert read.parameters.window == model.parameters.window
    for old, new in zip(model.parameters.layers, read.parameters.layers, strict=True):
        assert all(getattr(old, name) == getattr(new, name) for name in WINDOW_SETTINGS)


SETTINGS = {"cell": "lstm", "activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": False, "dropout": 0}


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"length": 0, "layers": [SETTINGS]}, "the window has 0 symbols; it must have from 1 to 1024"),
        ({"length": 10**9, "layers": [SETTINGS]}, "the window has 1000000000 symbols"),
        ({"length": "5", "layers": [SETTINGS]}, "the window has '5' symbols"),
        ({"length": 5, "layers": []}, "has no layers"),
        ({"length": 5, "layers": [SETTINGS] * 2}, "window.layer1.kernel has shape"),
        ({"length": 5, "layers": [SETTINGS | {"cell": "transformer"}]}, "has the cell 'transformer'; known are rnn"),
        ({"length": 5, "layers": [SETTINGS | {"activation": "system"}]}, "has the activation 'system'; known are"),
        ({"length": 5, "layers": [SETTINGS | {"activation": []}]}, "damaged"),
        ({"length": 5, "layers": [SETTINGS | {"dropout": 1}]}, "a dropout that is none"),
        ({"length": 5, "layers": [SETTINGS | {"reset_after": 1}]}, "a reset_after"),
        ({"length": 5}, "damaged"),
        ([], "damaged"),
    ],
)
def test_headers_of_window_models_that_do_not_fit(tmp_path: Path, window: object, message: str) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_window_model()), path)
    with pytest.raises(ModelFileError, match=message):
        load(rewritten(path, window=window))


def test_the_layout_of_a_blend(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_blend()), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header.pop("__metadata__")[ENTRY])
    assert described.keys() == {"format", "kind", "characters", "training", "blend"}
    assert described["characters"] == "".join(sorted({*"".join(NAMES), *"xyzann"}))
    assert described["blend"]["how"] == "product"
    first, inner, last = described["blend"]["parts"]
    assert first == {"cells": ["lstm", "lstm"], "characters": "".join(sorted(set("".join(NAMES))))}
    assert last == first | {"cells": []}
    assert inner.keys() == {"characters", "blend"}
    assert inner["blend"]["how"] == "mixture"
    assert [part.keys() for part in inner["blend"]["parts"]] == [{"characters", "cells"}, {"characters", "window"}]
    assert (header["blend.weights"]["dtype"], header["blend.weights"]["shape"]) == ("F64", [3])
    assert header["part1.blend.weights"]["shape"] == [2]
    beginnings = {name.rsplit(".", 1)[0] for name in header if "network" not in name and "layer" not in name}
    assert beginnings == {
        "known",
        "blend",
        "part0.ngram",
        "part0.mixture",
        "part1.blend",
        "part1.part0.ngram",
        "part1.part1.window",
        "part2.ngram",
    }


@pytest.mark.parametrize(
    ("blend", "message"),
    [
        ({"how": "sum"}, "the blend is a 'sum'; known are product, mixture"),
        ({"parts": []}, "0 parts; it must have from 2 to 64"),
        ({"parts": [{"cells": [], "characters": "an"}] * 3}, "damaged"),
        ({"parts": [{"cells": []}] * 3}, "damaged"),
        ({"parts": None}, "damaged"),
    ],
)
def test_headers_of_blends_that_do_not_fit(tmp_path: Path, blend: dict[str, object], message: str) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(Product([small_ngram()] * 3, [0.5, 0.3, 0.2])), path)
    part = {"cells": [], "characters": "".join(sorted(set("".join(NAMES))))}
    described = {"how": "product", "parts": [part] * 3}
    load(rewritten(path, blend=described))
    with pytest.raises(ModelFileError, match="characters of the blend"):
        load(rewritten(path, characters="abc"))
    rewritten(path, characters=part["characters"])
    with pytest.raises(ModelFileError, match=message):
        load(rewritten(path, blend=described | blend))


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.0, 0.0], [-0.5, 1.5], [np.nan, 1.0], [1.0]])
def test_weights_of_blends_that_do_not_fit(tmp_path: Path, weights: list[float]) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(Product([small_ngram()] * 2, [0.5, 0.5])), path)
    parts = Parts.of(path.read_bytes())
    parts.arrays["blend.weights"] = np.array(weights)
    path.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=r"blend.weights|weights of the blend"):
        load(path)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.safetensors"
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


def test_paths_that_cannot_be_written_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        storage.check_writable(tmp_path / "missing" / "model.safetensors")
    with pytest.raises(OutputError, match="is a folder"):
        storage.check_writable(tmp_path)
    for name in ("a" * 300, "a\0b"):
        with pytest.raises(OutputError, match="cannot be written"):
            storage.check_writable(tmp_path / name)
        with pytest.raises(ModelFileError, match=r"cannot be read|damaged|does not exist"):
            load(tmp_path / name)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="does not exist"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(ModelFileError, match="is a folder"):
        load(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_truncated_files(good: Path, share: float) -> None:
    good.write_bytes(good.read_bytes()[: int(share * good.stat().st_size)])
    with pytest.raises(ModelFileError, match="truncated"):
        load(good)


def test_other_formats(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("Anna\nBerta\n" * 50, encoding="utf-8")
    with pytest.raises(ModelFileError, match="not a model file"):
        load(path)
    path.write_bytes(serialize({"weights": np.zeros(3)}))
    with pytest.raises(ModelFileError, match="not a Mangosaurus model"):
        load(path)


def rewritten(path: Path, **changes: object) -> Path:
    """The file at `path` with entries of its header replaced."""
    parts = Parts.of(path.read_bytes())
    parts.described |= changes
    path.write_bytes(parts.joined())
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 4}, "has format 4, and this version of Mangosaurus reads format 3"),
        ({"format": 2}, "has format 2, and this version of Mangosaurus reads format 3"),
        ({"format": None}, "names no format"),
        ({"characters": "abc"}, "damaged"),
        ({"characters": "aab"}, "damaged"),
        ({"cells": ["transformer", "lstm"]}, "transformer"),
        ({"cells": ["gru", "gru"]}, "has shape"),
        ({"cells": [{"lstm": {}}, "lstm"]}, "a lstm has none"),
        ({"cells": [{"lstm": None}, "lstm"]}, "a lstm has none"),
        ({"kind": "poems"}, "poems"),
        ({"training": 3}, "damaged"),
    ],
)
def test_headers_that_do_not_fit(good: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        load(rewritten(good, **changes))


def test_every_flipped_byte_of_the_n_gram_is_harmless_or_noticed(tmp_path: Path) -> None:
    """A damaged file either fails with its one line or holds probabilities."""
    path = tmp_path / "model.safetensors"
    save(contents(small_ngram(order=3)), path)
    assert 30 < flip_bytes(path, 300, steps=5) < 300
