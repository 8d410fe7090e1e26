"""A model with labels in a file: every bit kept, the layout pinned, damage noticed."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import LABELS, NAMES, small_labelled
from model_files import Parts, flip_bytes
from safetensors.numpy import load_file

from mangosaurus.errors import ModelFileError, OptionError
from mangosaurus.known import Known
from mangosaurus.model import Model
from mangosaurus.models.labelled import Labelled
from mangosaurus.storage import ENTRY, Contents, load, save


def contents(model: Labelled) -> Contents:
    return Contents(model, "names", Known.of(NAMES), {"seed": 3})


def header_of(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    return header


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.safetensors"
    save(contents(small_labelled()), path)
    return path


@pytest.mark.parametrize("networks", [0, 2])
def test_every_bit_is_kept(networks: int, tmp_path: Path) -> None:
    model = small_labelled(networks=networks)
    path = tmp_path / "model.safetensors"
    save(contents(model), path)
    read = load(path).distribution
    assert isinstance(read, Labelled)
    assert read.labels == ("boy", "girl")
    assert read.counts.tolist() == [LABELS.count("boy"), LABELS.count("girl")]
    documents = [model.vocabulary.encode(name) for name in NAMES]
    np.testing.assert_array_equal(model.posterior(documents), read.posterior(documents))
    for old, new in zip(model.score(documents), read.score(documents), strict=True):
        np.testing.assert_array_equal(old, new)
    again = tmp_path / "again.safetensors"
    save(contents(read), again)
    assert again.read_bytes() == path.read_bytes()


def test_the_layout_is_the_one_described(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(contents(small_labelled(order=3, networks=1)), path)
    header = header_of(path)
    described = json.loads(header.pop("__metadata__")[ENTRY])
    assert described == {
        "format": 3,
        "kind": "names",
        "characters": "".join(sorted(set("".join(NAMES)))),
        "cells": ["lstm"],
        "training": {"seed": 3},
        "labels": [["boy", LABELS.count("boy")], ["girl", LABELS.count("girl")]],
    }
    symbols = len(described["characters"]) + 1
    kinds = {name: (entry["dtype"], entry["shape"]) for name, entry in header.items()}
    nodes, arcs = kinds["labels.suffix"][1][0], kinds["labels.symbol"][1][0]
    named = {name: kind for name, kind in kinds.items() if name.startswith("labels.")}
    assert named == {
        "labels.levels": ("I64", [2, 4]),
        "labels.suffix": ("U8", [nodes]),
        "labels.oldest": ("U8", [nodes]),
        "labels.degree": ("U8", [nodes]),
        "labels.symbol": ("U8", [arcs]),
        "labels.target": ("U8", [arcs]),
        "labels.count": ("U8", [arcs]),
        "labels.discounts": ("F64", [3, 3]),
    }
    assert kinds["mixture.weights"] == ("F64", [12, 3])
    assert kinds["network0.embedding"] == ("F32", [symbols + 2, 5])
    assert kinds["network0.output"] == ("F32", [6, symbols])
    levels = load_file(path)["labels.levels"]
    assert nodes == levels[:, -1].sum()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["boy", 3]], "shape"),
        ([["boy", 3], ["boy", 4]], "not different names"),
        ([["boy", 3], ["", 4]], "not different names"),
        ([["boy", 3], [4, 4]], "not different names"),
        ([["boy", 3], ["girl", 0]], "no number of names"),
        ([["boy", 3], ["girl", "4"]], "no number of names"),
        ([["boy", 3], ["girl", 10**30]], "no number of names"),
        ([["boy", 3], "girl"], "damaged"),
        (7, "damaged"),
    ],
)
def test_labels_that_do_not_fit(labels: object, message: str, good: Path) -> None:
    parts = Parts.of(good.read_bytes())
    parts.described["labels"] = labels
    good.write_bytes(parts.joined())
    with pytest.raises(ModelFileError, match=message):
        load(good)


def test_every_flipped_byte_is_harmless_or_noticed(tmp_path: Path) -> None:
    """A damaged file either fails with its one line or holds probabilities."""
    path = tmp_path / "model.safetensors"
    save(contents(small_labelled(order=3, networks=0)), path)
    assert 20 < flip_bytes(path, 200, steps=3) < 200


def test_a_model_with_a_label_chosen_is_not_saved(good: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="save the one with all its labels"):
        Model.load(good).with_label("boy").save(tmp_path / "boy.safetensors")
