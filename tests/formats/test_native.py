"""One file in, the same model out; whatever is no model file, or does harm, is refused in one line."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from examples import (
    LABELS,
    NAMES,
    every_cell,
    random_network,
    random_transformer,
    random_window,
    small_blend,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
    small_worded,
)
from model_files import Parts
from safetensors.numpy import save as serialize
from tokens import of_tokens

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.arrays import rounded_to_8_bits, rounded_to_16_bits
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import ModelFileError, OptionError, OutputError
from mangosaurus.core.files import check_writable
from mangosaurus.core.segmentation import Segmentation, clusters_of
from mangosaurus.core.vocabulary import END
from mangosaurus.formats.native import LARGEST_HEADER, Contents, as_bytes, from_bytes, load, save
from mangosaurus.formats.native.kinds import MOST_NETWORKS
from mangosaurus.formats.native.network import WINDOW_SETTINGS
from mangosaurus.models.blend import MOST_LEVELS, MOST_MODELS, Product
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.models.transformer import Transformer
from mangosaurus.models.window import WindowModel
from mangosaurus.models.words import LONGEST_WORD

TRAINING = {"seed": 3, "note": "żółw"}
LAYOUTS = ROOT / "tests" / "guards" / "layouts.json"
"""The header and the arrays, [name, type, shape] in the file's order, of each of MODELS but "cells"."""


def transformer_mixture() -> Mixture:
    ngram = small_ngram(order=3)
    return Mixture(ngram, [random_transformer(ngram.vocabulary, layers=1, context=7)], np.full((6, 2), 0.25))


PARTED = {"a": "a", "b": "ẹ\u0301", "c": "👩\u200d🚀"}
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
    "words": small_worded,
    "words alone": lambda: small_worded(networks=0),
    "prior": lambda: small_mixture(order=3, networks=1, prior=True),
    "prior alone": lambda: small_mixture(networks=0, prior=True),
    "labels, prior": lambda: small_labelled(order=3, networks=1, prior=True),
    "labels, prior alone": lambda: small_labelled(networks=0, prior=True),
    "blend with the prior": lambda: Product([small_mixture(prior=True), small_ngram()], [0.5, 0.5]),
    "tokens": of_tokens,
    "blend of tokens": lambda: Product([of_tokens(), of_tokens(1)], [0.5, 0.5]),
    "inventory": lambda: of_tokens(0, Segmentation(inventory=frozenset({"aː", "t͡ʃ", "x\u0301y"}), join="+")),
    "clusters": lambda: of_tokens(0, clusters_of(["👩\u200d🚀", "ẹ\u0301"]), PARTED),
}
TOKENS = {"tokens": "a aː t͡ʃ", "blend of tokens": "a aː t͡ʃ", "inventory": "aaːt͡ʃ", "clusters": "aẹ\u0301👩\u200d🚀"}
"""Of those whose symbols have several characters, a name."""


def contents(model: CharModel) -> Contents:
    return Contents(model, "names", DocumentHashes.of(NAMES), TRAINING)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def parts_of(model: CharModel) -> Parts:
    return Parts.of(as_bytes(contents(model)))


def refused(path: Path, data: bytes | Parts, message: str) -> None:
    """The file is refused in one short line, and its bytes with the same words unless the header itself is broken."""
    written = data.joined() if isinstance(data, Parts) else data
    path.write_bytes(written)
    with pytest.raises(ModelFileError, match=message) as of_file:
        Model.load(path)
    assert str(of_file.value).isprintable()
    assert len(str(of_file.value)) < 1000
    with pytest.raises(ModelFileError) as of_bytes:
        Model.from_bytes(written)
    if isinstance(data, Parts):
        assert str(of_bytes.value) == str(of_file.value).replace(str(path), "the model in these bytes")


@pytest.mark.parametrize("name", MODELS)
def test_every_bit_is_kept(name: str, path: Path) -> None:
    model = MODELS[name]()
    save(contents(model), path)
    read = load(path)
    assert (read.kind, read.training) == ("names", TRAINING)
    assert read.vocabulary == model.vocabulary
    np.testing.assert_array_equal(read.known.hashes, DocumentHashes.of(NAMES).hashes)
    documents = [model.vocabulary.encode(each) for each in ([TOKENS[name]] if name in TOKENS else NAMES)]
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
CUT: list[tuple[dict[str, Any], str]] = [
    ({"segmentation": None}, "damaged"),
    ({"segmentation": 7}, "damaged"),
    ({"segmentation": {"separator": 7}}, "its segmentation is {'separator': 7}"),
    ({"segmentation": {"separator": "x" * 257}}, "its segmentation is"),
    ({"segmentation": {"separator": " ", "more": 1}}, "its segmentation is"),
    ({"segmentation": {"separator": " ", "clusters": 1}}, "its segmentation is"),
    ({"segmentation": {"separator": " ", "join": 1}}, "its segmentation is"),
    ({"segmentation": {"separator": "--"}}, "begins as it ends"),
    ({"segmentation": {"separator": "\u02d0"}}, "'aː' cannot be a symbol"),
    ({"segmentation": {"separator": " ", "inventory": ["aː"]}}, "both say what a symbol is"),
    ({"segmentation": {"inventory": ["aː"]}}, "'t͡ʃ' cannot be a symbol"),
    ({"segmentation": {"inventory": "aː"}}, "its inventory are no list of symbols"),
    ({"segmentation": {"inventory": [7]}}, "its inventory are no list of symbols"),
    ({"segmentation": {"inventory": ["a"]}}, "an entry has from 2 to 256 characters"),
    ({"characters": "abc"}, "its characters are no list of symbols"),
    ({"characters": ["a", "b", ""]}, "its characters are no list of symbols"),
    ({"characters": ["a", "b", "b"]}, "must not name a character twice"),
    ({"characters": ["a", "a\u0301", "b"]}, "not in Unicode normal form"),
    ({"training": {"separator": 7}}, "the training record has separator 7"),
    ({"training": {"language": "de"}}, "the training record has language 'de'"),
]
UNFIT: list[tuple[str, dict[str, Any], str]] = [
    *(("tokens", changes, message) for changes, message in CUT),
    *(("transformer", {"cells": [{"transformer": cell}]}, message) for cell, message in TRANSFORMERS),
    *(("window", {"window": window}, message) for window, message in WINDOWS),
    *(("labels", {"labels": labels}, message) for labels, message in LABELLED),
    ("blend of two", {"blend": {"how": "sum", "parts": [PART] * 2}}, "the blend is a 'sum'; known are product"),
    ("blend of two", {"blend": {"how": "product", "parts": []}}, "0 parts; it must have from 2 to 64"),
    ("blend of two", {"blend": {"how": "product", "parts": [PART | {"characters": "an"}] * 2}}, "damaged"),
    ("blend of two", {"blend": {"how": "product", "parts": [{"cells": []}] * 2}}, "damaged"),
    ("blend of two", {"blend": {"how": "product", "parts": None}}, "damaged"),
    ("blend of two", {"characters": "abc"}, "characters of the blend"),
    ("mixture", {"format": 5}, "has format 5, and this version of Mangosaurus reads format 4"),
    ("mixture", {"format": 3}, "has format 3, and this version of Mangosaurus reads format 4"),
    ("mixture", {"format": None}, "names no format"),
    ("mixture", {"characters": "abc"}, "damaged"),
    ("mixture", {"characters": "aab"}, "damaged"),
    ("mixture", {"characters": ["a", "b"]}, "its characters are no string"),
    ("mixture", {"cells": ["transformer", "lstm"]}, "transformer"),
    ("mixture", {"cells": ["gru", "gru"]}, "has shape"),
    ("mixture", {"cells": [{"lstm": {}}, "lstm"]}, "a lstm has none"),
    ("mixture", {"cells": [{"lstm": None}, "lstm"]}, "a lstm has none"),
    ("mixture", {"kind": "poems"}, "poems"),
    ("mixture", {"prior": True}, "damaged"),
    ("prior", {"prior": False}, "the header's prior is False, not true"),
    ("prior", {"prior": 1}, "the header's prior is 1, not true"),
    ("prior", {"cells": []}, "mixture.weights has shape"),
    ("labels, prior", {"cells": []}, "mixture.weights has shape"),
    ("labels, prior alone", {"labels": [["boy", 3]]}, "prior.vectors has shape"),
    ("mixture", {"training": 3}, "damaged"),
]


@pytest.mark.parametrize(("name", "changes", "message"), UNFIT)
def test_headers_that_do_not_fit(name: str, changes: dict[str, Any], message: str, path: Path) -> None:
    parts = parts_of(MODELS[name]())
    parts.described |= changes
    refused(path, parts, message)


def stored_types(model: CharModel) -> dict[str, str]:
    return {name: array.dtype.str[1:] for name, array in parts_of(model).arrays.items()}


def test_a_matrix_is_in_the_smallest_type_that_holds_it() -> None:
    types = stored_types(small_mixture(networks=1, prior=True))
    wanted = {"recurrent": "i1", "recurrent.scale": "f4", "table": "f2", "output": "f2", "gates": "f4"}
    assert {name: types[f"prior.{name}"] for name in wanted} == wanted
    network = random_network(small_ngram().vocabulary, hidden=7)
    embedding, recurrent = rounded_to_16_bits(network.parameters.embedding), network.parameters.layers[0].recurrent
    recurrent[:] = rounded_to_8_bits(recurrent)
    network.parameters.layers[0].input[:] = 0
    network.parameters.output[:] = -0.0  # which 8 bits would turn into 0
    network = Recurrent(network.vocabulary, replace(network.parameters, embedding=embedding))
    model = Mixture(small_ngram(), [network], np.full((7, 2), 0.25))
    types, wanted = stored_types(model), {"embedding": "f2", "output": "f2", "output_bias": "f4"}
    wanted |= {"layer0.recurrent": "i1", "layer0.input": "i1", "layer0.input_bias": "f4"}
    assert {name: types[f"network0.{name}"] for name in wanted} == wanted
    data = as_bytes(contents(model))
    read = from_bytes(data)
    assert isinstance(read.distribution, Mixture)
    (again,) = read.distribution.networks
    assert isinstance(again, Recurrent)
    assert np.signbit(again.parameters.output).all()
    assert as_bytes(read) == data


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_prior_of_bad_numbers_is_not_written(value: float) -> None:
    for name in ("recurrent", "table", "output_bias", "scale"):
        model = small_mixture(networks=0, prior=True)
        assert model.prior is not None
        getattr(model.prior.parameters, name)[0, 3] = value
        with pytest.raises(OutputError, match=rf"cannot be saved: prior.{name} (times .*)?holds a number"):
            as_bytes(contents(model))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_numbers_that_do_not_fit_are_neither_written_nor_read(path: Path, value: float) -> None:
    mixture = transformer_mixture()
    parts = parts_of(mixture)
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


def test_a_model_with_a_label_chosen_is_not_saved(path: Path) -> None:
    with pytest.raises(OptionError, match="save the one with all its labels"):
        Model(small_labelled(), "names", DocumentHashes.of(NAMES), {}).with_label("boy").save(path)


Change = Callable[[Parts], object]


def lost(parts: Parts) -> None:
    parts.arrays["ngram.target"][:] = 0


def shortened(parts: Parts) -> None:
    """An arc that leads to the suffix of where it should lead."""
    target, suffix = parts.arrays["ngram.target"], parts.arrays["ngram.suffix"]
    arc = int(np.flatnonzero(suffix[target] > 0)[0])
    target[arc] = suffix[target[arc]]


def elsewhere(parts: Parts) -> None:
    target, levels = parts.arrays["ngram.target"], parts.arrays["ngram.levels"]
    target[-1] = levels[1] + (target[-1] == levels[1])


def twice(parts: Parts) -> None:
    parts.arrays["ngram.oldest"][2] = parts.arrays["ngram.oldest"][1]


def unsuffixed(parts: Parts) -> None:
    """The last node's first arc reads what its suffix has no arc for."""
    suffix, degree, symbol = (parts.arrays[f"ngram.{name}"] for name in ("suffix", "degree", "symbol"))
    ends = np.cumsum(degree)
    node = int(suffix[-1])
    missing = np.setdiff1d(np.arange(20), symbol[ends[node] - degree[node] : ends[node]])
    symbol[ends[-1] - degree[-1]] = missing[0]
    symbol[ends[-1] - degree[-1] :].sort()


def deep_record(parts: Parts) -> None:
    record: dict[str, Any] = {}
    for _ in range(80):
        record = {"blend": {"parts": [{"training": record}]}}
    parts.described["training"] = record


def no_arrays(parts: Parts) -> None:
    parts.arrays.clear()


def nested(parts: Parts) -> None:
    parts.described = json.dumps(parts.described)[:-1] + ', "more": ' + "[" * 5000 + "]" * 5000 + "}"


def below_zero(parts: Parts) -> None:
    parts.arrays["ngram.symbol"] = parts.arrays["ngram.symbol"].astype("<i8")
    parts.arrays["ngram.symbol"][int(parts.arrays["ngram.degree"][0])] = -1


def endless_digits(parts: Parts) -> None:
    parts.described = json.dumps(parts.described).replace('"format": 4', '"format": ' + "9" * 4000)


def entry(**changes: Any) -> Change:
    """Changes of the header."""
    return lambda parts: parts.described.update(changes)


def record(**changes: Any) -> Change:
    """Changes of the training record."""
    return lambda parts: parts.described["training"].update(changes)


def unworded(parts: Parts) -> None:
    """The last letter that follows "a" leads to another one, which words after others have not."""
    symbol, degree = parts.arrays["words.symbol"], parts.arrays["words.degree"]
    first = int(degree[0])  # what follows node 1 begins here
    symbol[first - 1] = len(parts.described["characters"])


def spelling(*nodes: int) -> Change:
    """Words whose nodes are followed by one symbol each: a letter, or END for 0."""

    def change(parts: Parts) -> None:
        letter = int(np.flatnonzero(parts.arrays["words.letters"])[0])
        ones = np.ones(len(nodes), "|u1")
        symbol = np.array([letter * each for each in nodes], "|u1")
        parts.arrays |= {"words.degree": ones, "words.symbol": symbol, "words.count": ones}

    return change


def label(name: str) -> Change:
    """Another name of the first label."""
    return lambda parts: parts.described["labels"][0].__setitem__(0, name)


def last_character(character: str) -> Change:
    return lambda parts: parts.described.update(characters=parts.described["characters"][1:] + character)


def filled(name: str, value: Any, kind: str) -> Change:
    """The array `name` with one value everywhere."""
    return lambda parts: parts.arrays.update({name: np.full_like(parts.arrays[name], value, kind)})


def overflowing(name: str) -> Change:
    """Four times 2^62 is nothing in 64 bits, and np.repeat would write 2^62 numbers."""

    def change(parts: Parts) -> None:
        parts.arrays[name] = parts.arrays[name].astype("<u8")
        parts.arrays[name][-4:] += np.uint64(2**62)

    return change


def weighted(weights: list[float]) -> Change:
    return lambda parts: parts.arrays.update({"blend.weights": np.array(weights)})


def reshaped(name: str, change: Callable[[Any], Any]) -> Change:
    """Another array in the place of the array `name`."""
    return lambda parts: parts.arrays.update({name: change(parts.arrays[name])})


def without(name: str) -> Change:
    return lambda parts: parts.arrays.pop(name)


WITH_PRIOR = small_mixture(networks=1, prior=True)
WORDED = small_worded()
OF_WORDS = ("letters", "degree", "symbol", "count")
WORDS_UNFIT = "arrays of the words do not fit together"
OF_PRIOR = ("table", "recurrent", "output", "vectors", "gates", "scale", "output_bias")
SCALES = "prior.recurrent.scale"
WEIGHTS = [[0.5, 0.6], [1.0, 0.0], [-0.5, 1.5], [np.nan, 1.0], [1.0]]
HALF = r"half of a surrogate pair, U\+D800"
ASTRAY = r"arcs do not lead where their contexts say|arcs are not sorted"
LABELS_ALONE = small_labelled(networks=0)
RECORDS: list[dict[str, Any]] = [
    {"longest": [9]},
    {"longest": "9"},
    {"longest": 1e300},
    {"longest": -1},
    {"longest": True},
    {"longest": 2**64},
    {"held_out": "1.5"},
    {"held_out_symbols": 1.5},
    {"seconds": {}},
    {"seconds": 10**400},
    {"corpus": ["a\nb"]},
    {"note": 7},
    {"further": 1},
    {"blend": {"parts": [{"training": {"longest": None, "seconds": "x" * 10_000}}]}},
]
HARMFUL: list[tuple[CharModel, Change, str]] = [
    *((small_ngram(4), change, ASTRAY) for change in (lost, shortened, elsewhere, twice, unsuffixed)),
    *((small_ngram(), filled("ngram.count", n, "<u8"), "counts are larger") for n in (2**53, 2**63, 2**64 - 1)),
    *((LABELS_ALONE, overflowing(name), "do not fit together") for name in ("ngram.degree", "labels.degree")),
    *((LABELS_ALONE, filled(f"{of}.discounts", 1e-200, "<f8"), "leave next to nothing") for of in ("ngram", "labels")),
    (small_ngram(), below_zero, "do not fit together"),
    (small_ngram(), record(more=[[]] * (LARGEST_HEADER // 4)), f"{LARGEST_HEADER:,} are the most"),
    (small_ngram(), last_character("\u212b"), r"not in Unicode normal form \(NFC\)"),
    (small_ngram(), last_character("\u0344"), r"not in Unicode normal form \(NFC\)"),
    (small_ngram(), last_character("\n"), "an end of line, which no name has"),
    (small_ngram(), last_character("\r"), "an end of line, which no name has"),
    (small_ngram(), endless_digits, "has format 99999999999999999999…, and this version"),
    (small_mixture(), entry(cells=["lstm"] * (MOST_NETWORKS + 1)), f"{MOST_NETWORKS + 1} networks; {MOST_NETWORKS} at"),
    (small_blend(), lambda parts: parts.described["blend"].update(parts=[0] * 150), "damaged"),
    (small_mixture(), deep_record, "damaged"),
    (small_mixture(), entry(kind="\033[2J\n" * 10_000), "damaged"),
    (small_mixture(), entry(cells=["lstm\n\033[31m" * 1000] * 2), "damaged"),
    (small_mixture(), no_arrays, "damaged"),
    (small_ngram(), nested, "damaged"),
    (small_ngram(), lambda parts: setattr(parts, "described", "[]"), "names no format"),
    *((MODELS["blend of two"](), weighted(weights), r"blend.weights|weights of the blend") for weights in WEIGHTS),
    *((small_ngram(), record(**changes), "the training record") for changes in RECORDS),
    *(
        (WITH_PRIOR, reshaped(f"prior.{name}", lambda a: a[..., :-1]), "damaged")
        for name in OF_PRIOR
        if name != "vectors"
    ),
    *((WITH_PRIOR, reshaped(f"prior.{name}", lambda a: a[0]), "damaged") for name in OF_PRIOR),
    *((WITH_PRIOR, without(f"prior.{name}"), "damaged") for name in OF_PRIOR),
    *((WITH_PRIOR, filled(SCALES, value, "<f4"), f"{SCALES[6:]} holds") for value in (0, -1, np.nan, np.inf, 1e7)),
    (WITH_PRIOR, filled(SCALES, 1e-3, "<f8"), "scale has shape .* and type float64"),
    (WITH_PRIOR, filled(SCALES, 1e5, "<f4"), "prior.recurrent holds a number that is not finite, or beyond"),
    (WITH_PRIOR, filled("prior.scale", 1e6, "<f4"), "prior.scale times prior.output holds a number"),
    (WITH_PRIOR, reshaped(SCALES, lambda a: a[:-1]), "scale has shape"),
    (WITH_PRIOR, without(SCALES), "prior.recurrent has shape .* and type int8"),
    (WITH_PRIOR, reshaped("prior.recurrent", lambda a: a.astype("<f4")), "only int8 has scales"),
    (WITH_PRIOR, reshaped("prior.recurrent", lambda a: a.ravel()), "only int8 has scales"),
    (WITH_PRIOR, filled("prior.output", np.nan, "<f2"), "prior.output holds a number"),
    (WITH_PRIOR, filled("network0.output_bias", 0, "<f2"), "output_bias has shape .* and type float16"),
    *((WORDED, without(f"words.{name}"), "damaged") for name in OF_WORDS),
    *((WORDED, reshaped(f"words.{name}", lambda a: a[:-1]), WORDS_UNFIT) for name in OF_WORDS),
    *((WORDED, reshaped(f"words.{name}", lambda a: a.astype("<f4")), "not a row of integers") for name in OF_WORDS),
    *((WORDED, filled(f"words.{name}", 250, "|u1"), WORDS_UNFIT) for name in OF_WORDS if name != "count"),
    (WORDED, overflowing("words.degree"), WORDS_UNFIT),
    (WORDED, filled("words.count", 0, "|u1"), WORDS_UNFIT),
    (WORDED, filled("words.count", 2**53, "<u8"), WORDS_UNFIT),
    (WORDED, filled("words.symbol", 0, "|u1"), "the symbols of the words are not sorted"),
    (WORDED, filled("words.letters", 0, "|u1"), "nodes are there for them"),
    (WORDED, unworded, "letters after another word that they have not without it"),
    (WORDED, spelling(1), "not those that their letters lead to"),
    (WORDED, spelling(*[1] * (LONGEST_WORD + 1), 0), "longer than they may be"),
    (WORDED, entry(words=False), "the header's words is False, not true"),
    (LABELS_ALONE, entry(words=True), "a model with labels has no words"),
    (LABELS_ALONE, record(corpus="\ud800.txt: 3 names"), HALF),
    (LABELS_ALONE, record(more={"\ud800": 1}), HALF),
    (LABELS_ALONE, label("\ud800"), HALF),
    (LABELS_ALONE, entry(characters="\ud800"), HALF),
    (LABELS_ALONE, record(held_out=math.nan), "a number that is not finite"),
    (LABELS_ALONE, record(curves=[[1, -math.inf]]), "a number that is not finite"),
    (LABELS_ALONE, label("boy\x1b[2J"), "a label has a control character"),
    (LABELS_ALONE, label("boy\u2028"), "a label has a control character"),
]


@pytest.mark.parametrize(("model", "change", "message"), HARMFUL)
def test_what_could_do_harm_is_refused(path: Path, model: CharModel, change: Change, message: str) -> None:
    parts = parts_of(model)
    change(parts)
    refused(path, parts, message)


def test_headers_of_a_gigabyte(path: Path) -> None:
    data = parts_of(small_ngram()).joined()
    refused(path, struct.pack("<Q", 10**9) + data[8:], "damaged")
    with path.open("wb") as file:  # a file of that size takes no room, being empty
        file.write(struct.pack("<Q", 10**9) + data[8:])
        file.truncate(2 * 10**9)
    with pytest.raises(ModelFileError, match="its header has 1,000,000,000 bytes"):
        Model.load(path)


def test_numbers_of_a_type_that_numpy_has_not(path: Path) -> None:
    parts = parts_of(small_ngram())
    length = len(parts.arrays["known"])
    entry = {"dtype": "F8_E4M3", "shape": [8 * length], "data_offsets": [0, 8 * length]}
    refused(path, parts.joined(known=entry), "damaged")


@pytest.mark.parametrize("more", [32 - 3, 255, 20_000])
def test_orders_without_end(path: Path, more: int) -> None:
    parts = parts_of(small_ngram(3))
    levels, discounts = parts.arrays["ngram.levels"], parts.arrays["ngram.discounts"]
    parts.arrays["ngram.levels"] = np.append(levels, levels[-1:].repeat(more))
    parts.arrays["ngram.discounts"] = np.concatenate([discounts, discounts[-1:].repeat(more, axis=0)])
    if more + 3 <= 32:
        path.write_bytes(parts.joined())
        Model.load(path)
    else:
        refused(path, parts, f"the order {more + 3:,}; 32 at most")


def test_texts_have_ends_of_lines(path: Path) -> None:
    parts = parts_of(small_ngram())
    parts.described["characters"] = "\n" + parts.described["characters"][1:]
    parts.described |= {"kind": "text", "training": {"documents": 3}}
    path.write_bytes(parts.joined())
    Model.load(path)


def test_labels_times_characters_that_would_fill_the_memory(path: Path) -> None:
    characters = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))
    parts = parts_of(small_labelled(networks=0))
    parts.described["characters"] += characters
    path.write_bytes(parts.joined())
    Model.load(path)
    parts.described["labels"] = [[f"label {number}", 1] for number in range(2_500)]
    refused(path, parts, "labels times characters is .*; the limit is 16,000,000")
    blend = parts_of(Product([small_ngram(2)] * 2, [0.5, 0.5]))
    for part in blend.described["blend"]["parts"]:
        part |= {"characters": characters, "labels": [["a", 1]] * 500}
    refused(path, blend, "labels times characters")


def test_the_least_probability_is_a_bound() -> None:
    ngram = small_ngram()
    every = ngram.probabilities(np.arange(len(ngram.counts.suffix)))
    assert ngram.least() <= every.min() < 2 * ngram.least()


def test_blends_of_too_many_models_or_levels(path: Path) -> None:
    few = Product([small_ngram(2)] * 32, np.full(32, 1 / 32))
    with pytest.raises(OptionError, match=f"65 models in 2 levels.*at most {MOST_MODELS} in {MOST_LEVELS}"):
        Product([few, few, small_ngram(2)], [0.3, 0.3, 0.4])
    deep: CharModel = small_ngram(2)
    for _ in range(MOST_LEVELS):
        deep = Product([deep, small_ngram(2)], [0.5, 0.5])
    with pytest.raises(OptionError, match=f"{MOST_LEVELS + 1} levels"):
        mangosaurus.blend([Model(model, "names", DocumentHashes.of(NAMES), {}) for model in (deep, small_ngram(2))])
    parts = parts_of(deep)
    bare = {"blend": {"how": "product", "parts": [parts.bare, parts_of(small_ngram(2)).bare]}}
    own = {f"part0.{name}": array for name, array in parts.own.items()}
    own |= {f"part1.{name}": array for name, array in parts_of(small_ngram(2)).own.items()}
    parts.replace(bare | {"characters": parts.described["characters"]}, own | {"blend.weights": np.full(2, 0.5)})
    refused(path, parts, f"{MOST_LEVELS + 1} levels")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"corpus": "\ud800"}, "its header has half"),
        ({"held_out": math.nan}, "its header has a number"),
        ({"curves": [[1, math.inf]]}, "its header has a number"),
        ({"note": "x" * LARGEST_HEADER}, "its description takes more than"),
    ],
)
def test_no_record_is_written_that_is_not_read(record: dict[str, Any], message: str) -> None:
    with pytest.raises(OutputError, match=f"the model cannot be saved: {message}"):
        as_bytes(Contents(small_ngram(), "names", DocumentHashes.of(NAMES), record))


def test_every_flipped_bit_is_noticed_or_changes_nothing(path: Path) -> None:
    model = small_mixture(networks=1)
    good = as_bytes(contents(model))
    data = bytearray(good)
    header = 8 + int.from_bytes(good[:8], "little")
    random = np.random.default_rng(0)
    places = np.concatenate([random.integers(0, header, 300), random.integers(header, len(data), 150)])
    noticed = 0
    for place in places:
        data[place] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        data[place], changed = good[place], bytes(data)
        try:
            assert Model.load(path).to_bytes() == good, f"byte {place}"
            assert Model.from_bytes(changed).to_bytes() == good, f"byte {place}"
        except ModelFileError:
            noticed += 1
    assert noticed > 0.98 * len(places)


@pytest.mark.parametrize("data", [b"", b"1234567", b"\xff" * 8, bytes(8), struct.pack("<Q", 10**7) + bytes(10**7 + 1)])
def test_bytes_that_are_nothing(data: bytes) -> None:
    with pytest.raises(ModelFileError, match=r"the model in these bytes is (not a|no) model file"):
        Model.from_bytes(data)


def test_names_have_an_end_whatever_the_record_says(path: Path) -> None:
    for longest, expected in ((None, 100), (3, 20), (2**63, 10_000)):
        parts = parts_of(small_ngram())
        parts.described["training"]["longest"] = longest
        path.write_bytes(parts.joined())
        assert Model.load(path).default_length == expected


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("recurrent_activation", ["relu", "linear", "sigmoid"])
def test_what_grows_at_every_step_stays_finite(cell: Any, activation: str, recurrent_activation: str) -> None:
    model = random_window(cell, activation, recurrent_activation, reset_after=cell == "gru", scale=1e6)
    model.parameters.output.clip(-1e6, 1e6, out=model.parameters.output)
    state = model.start(2)
    for symbol in range(1, 20):
        log_probs = model.log_probs(state)
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1)
        state = model.advance(state, np.array([1 + symbol % 3, 2]))
    assert all(np.isfinite(array).all() for array in state)


def test_the_windows_at_the_start_are_those_that_have_read_end() -> None:
    model = small_window_model()
    state = model.start(1)
    for _ in range(model.parameters.window):
        state = model.advance(state, np.array([END]))
    for begun, read in zip(model.start(1), state, strict=True):
        np.testing.assert_allclose(begun, read, rtol=0, atol=1e-14)
