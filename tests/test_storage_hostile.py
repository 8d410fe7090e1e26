"""Model files made to do harm: each is refused in one line, or comes to no harm."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import (
    NAMES,
    random_window,
    small_blend,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
)
from model_files import Parts

import mangosaurus
from mangosaurus.errors import ModelFileError, OptionError, OutputError
from mangosaurus.known import Known
from mangosaurus.model import Model
from mangosaurus.models.blend import MOST_LEVELS, MOST_MODELS, Product
from mangosaurus.models.interface import CharModel
from mangosaurus.storage import LARGEST_HEADER, Contents, as_bytes
from mangosaurus.storage.mixture import MOST_NETWORKS
from mangosaurus.vocabulary import END


def parts_of(model: CharModel) -> Parts:
    return Parts.of(as_bytes(Contents(model, "names", Known.of(NAMES).hashes, {"seed": 3})))


def refused(path: Path, data: bytes | Parts, message: str) -> None:
    path.write_bytes(data.joined() if isinstance(data, Parts) else data)
    with pytest.raises(ModelFileError, match=message) as raised:
        Model.load(path)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_headers_of_a_gigabyte(path: Path) -> None:
    data = parts_of(small_ngram()).joined()
    refused(path, struct.pack("<Q", 10**9) + data[8:], "damaged")
    with path.open("wb") as file:  # a file of that size takes no room, being empty
        file.write(struct.pack("<Q", 10**9) + data[8:])
        file.truncate(2 * 10**9)
    with pytest.raises(ModelFileError, match="its header has 1,000,000,000 bytes"):
        Model.load(path)


def test_a_header_whose_lists_would_fill_the_memory(path: Path) -> None:
    parts = parts_of(small_ngram())
    parts.described["training"]["more"] = [[]] * (LARGEST_HEADER // 4)
    refused(path, parts, f"{LARGEST_HEADER:,} are the most")


def test_no_file_is_written_that_is_not_read() -> None:
    record = {"note": "x" * LARGEST_HEADER}
    with pytest.raises(OutputError, match="its description takes more than"):
        as_bytes(Contents(small_ngram(), "names", Known.of(NAMES).hashes, record))


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


@pytest.mark.parametrize("count", [2**53, 2**62, 2**63, 2**64 - 1])
def test_counts_whose_sums_overflow(path: Path, count: int) -> None:
    parts = parts_of(small_ngram())
    parts.arrays["ngram.count"] = np.full(len(parts.arrays["ngram.count"]), count, "<u8")
    refused(path, parts, "counts are larger")


def test_discounts_that_leave_no_probability(path: Path) -> None:
    for model, name in ((small_ngram(), "ngram.discounts"), (small_labelled(networks=0), "labels.discounts")):
        parts = parts_of(model)
        parts.arrays[name] = np.full_like(parts.arrays[name], 1e-200)
        refused(path, parts, "leave next to nothing")


def test_the_least_probability_is_a_bound() -> None:
    ngram = small_ngram()
    every = ngram.probabilities(np.arange(len(ngram.counts.suffix)))
    assert ngram.least() <= every.min() < 2 * ngram.least()


def test_too_many_networks(path: Path) -> None:
    parts = parts_of(small_mixture(networks=1))
    parts.described["cells"] *= MOST_NETWORKS + 1
    refused(path, parts, f"has {MOST_NETWORKS + 1} networks; {MOST_NETWORKS} at most")


def test_too_many_parts_of_a_blend(path: Path) -> None:
    parts = parts_of(small_blend())
    parts.described["blend"]["parts"] *= 50
    refused(path, parts, "has 150 parts")


def test_blends_of_too_many_models_or_levels(path: Path) -> None:
    few = Product([small_ngram(2)] * 32, np.full(32, 1 / 32))
    with pytest.raises(OptionError, match=f"65 models in 2 levels.*at most {MOST_MODELS} in {MOST_LEVELS}"):
        Product([few, few, small_ngram(2)], [0.3, 0.3, 0.4])
    deep: CharModel = small_ngram(2)
    for _ in range(MOST_LEVELS):
        deep = Product([deep, small_ngram(2)], [0.5, 0.5])
    with pytest.raises(OptionError, match=f"{MOST_LEVELS + 1} levels"):
        mangosaurus.blend([Model(model, "names", Known.of(NAMES), {}) for model in (deep, small_ngram(2))])
    parts = parts_of(deep)
    bare = {"blend": {"how": "product", "parts": [parts.bare, parts_of(small_ngram(2)).bare]}}
    own = {f"part0.{name}": array for name, array in parts.own.items()}
    own |= {f"part1.{name}": array for name, array in parts_of(small_ngram(2)).own.items()}
    parts.replace(bare | {"characters": parts.described["characters"]}, own | {"blend.weights": np.full(2, 0.5)})
    refused(path, parts, f"{MOST_LEVELS + 1} levels")


@pytest.mark.parametrize(
    "changes",
    [
        {"longest": [9]},
        {"longest": "9"},
        {"longest": 1e300},
        {"longest": -1},
        {"longest": True},
        {"longest": math.inf},
        {"longest": 2**64},
        {"held_out": "1.5"},
        {"held_out_symbols": 1.5},
        {"seconds": {}},
        {"seconds": 10**400},
        {"corpus": ["a\nb"]},
        {"note": 7},
        {"further": 1},
        {"blend": {"parts": [{"training": {"longest": None, "seconds": "x" * 10_000}}]}},
    ],
)
def test_training_records_that_say_something_else(path: Path, changes: dict[str, Any]) -> None:
    parts = parts_of(small_ngram())
    parts.described["training"] |= changes
    refused(path, parts, "the training record")


def test_names_have_an_end_whatever_the_record_says(path: Path) -> None:
    for longest, expected in ((None, 100), (3, 20), (2**63, 10_000)):
        parts = parts_of(small_ngram())
        parts.described["training"]["longest"] = longest
        path.write_bytes(parts.joined())
        assert Model.load(path).default_length == expected


def deep_record(parts: Parts) -> None:
    record: dict[str, Any] = {}
    for _ in range(80):
        record = {"blend": {"parts": [{"training": record}]}}
    parts.described["training"] = record


def strange_kind(parts: Parts) -> None:
    parts.described["kind"] = "\033[2J\n" * 10_000


def strange_key(parts: Parts) -> None:
    parts.described["cells"] = ["lstm\n\033[31m" * 1000] * 2


def no_arrays(parts: Parts) -> None:
    parts.arrays.clear()


@pytest.mark.parametrize("change", [deep_record, strange_kind, strange_key, no_arrays])
def test_messages_are_one_short_line(path: Path, change: Callable[[Parts], None]) -> None:
    parts = parts_of(small_mixture())
    change(parts)
    refused(path, parts, "damaged")


def test_a_newer_format_of_endless_digits(path: Path) -> None:
    parts = parts_of(small_ngram())
    text = json.dumps(parts.described)
    parts.described = text.replace('"format": 1', '"format": ' + "9" * 4000)
    refused(path, parts, "has format 99999999999999999999…, and this version")


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
