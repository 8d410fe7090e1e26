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
    return Parts.of(as_bytes(Contents(model, "names", Known.of(NAMES), {"seed": 3})))


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
        as_bytes(Contents(small_ngram(), "names", Known.of(NAMES), record))


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


@pytest.mark.parametrize("odd", ["\u212b", "\u0344"])
def test_characters_that_are_not_in_nfc(path: Path, odd: str) -> None:
    parts = parts_of(small_ngram())
    parts.described["characters"] = parts.described["characters"][1:] + odd
    refused(path, parts, r"not in Unicode normal form \(NFC\)")


@pytest.mark.parametrize("end_of_line", ["\n", "\r"])
def test_ends_of_lines_in_names(path: Path, end_of_line: str) -> None:
    parts = parts_of(small_ngram())
    parts.described["characters"] = end_of_line + parts.described["characters"][1:]
    refused(path, parts, "an end of line, which no name has")
    parts.described |= {"kind": "text", "training": {"documents": 3}}
    path.write_bytes(parts.joined())
    Model.load(path)


@pytest.mark.parametrize("count", [2**53, 2**62, 2**63, 2**64 - 1])
def test_counts_whose_sums_overflow(path: Path, count: int) -> None:
    parts = parts_of(small_ngram())
    parts.arrays["ngram.count"] = np.full(len(parts.arrays["ngram.count"]), count, "<u8")
    refused(path, parts, "counts are larger")


@pytest.mark.parametrize("name", ["ngram.degree", "labels.degree"])
def test_degrees_whose_sum_overflows(path: Path, name: str) -> None:
    parts = parts_of(small_labelled(networks=0))
    degrees = parts.arrays[name].astype("<u8")
    degrees[-4:] += np.uint64(2**62)  # four times that is nothing in 64 bits, and np.repeat would write 2^62 numbers
    parts.arrays[name] = degrees
    refused(path, parts, "do not fit together")


def test_symbols_below_zero(path: Path) -> None:
    parts = parts_of(small_ngram())
    first = int(parts.arrays["ngram.degree"][0])
    parts.arrays["ngram.symbol"] = parts.arrays["ngram.symbol"].astype("<i8")
    parts.arrays["ngram.symbol"][first] = -1
    refused(path, parts, "do not fit together")


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


@pytest.mark.parametrize("change", [lost, shortened, elsewhere, twice, unsuffixed])
def test_arcs_that_lead_astray(path: Path, change: Callable[[Parts], None]) -> None:
    parts = parts_of(small_ngram(4))
    change(parts)
    refused(path, parts, r"arcs do not lead where their contexts say|arcs are not sorted")


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


HALF = r"half of a surrogate pair, U\+D800"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda described: described["training"].update(corpus="\ud800.txt: 3 names"), HALF),
        (lambda described: described["training"].update(more={"\ud800": 1}), HALF),
        (lambda described: described["labels"][0].__setitem__(0, "\ud800"), HALF),
        (lambda described: described.update(characters="\ud800"), HALF),
        (lambda described: described["training"].update(held_out=math.nan), "a number that is not finite"),
        (lambda described: described["training"].update(curves=[[1, -math.inf]]), "a number that is not finite"),
        (lambda described: described["labels"][0].__setitem__(0, "boy\x1b[2J"), "a label has a control character"),
        (lambda described: described["labels"][0].__setitem__(0, "boy\u2028"), "a label has a control character"),
    ],
)
def test_text_that_no_json_could_hold_or_that_a_terminal_obeys(
    path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    parts = parts_of(small_labelled(networks=0))
    change(parts.described)
    refused(path, parts, message)


@pytest.mark.parametrize("record", [{"corpus": "\ud800"}, {"held_out": math.nan}, {"curves": [[1, math.inf]]}])
def test_no_record_is_written_that_is_not_read(record: dict[str, Any]) -> None:
    with pytest.raises(OutputError, match=r"the model cannot be saved: its header has (half|a number)"):
        as_bytes(Contents(small_ngram(), "names", Known.of(NAMES), record))


def test_every_flipped_bit_is_noticed_or_changes_nothing(path: Path) -> None:
    model = small_mixture(networks=1)
    good = as_bytes(Contents(model, "names", Known.of(NAMES), {"seed": 3}))
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


def no_arrays(parts: Parts) -> None:
    parts.arrays.clear()


def too_new(parts: Parts) -> None:
    parts.described["format"] = 9


def too_old(parts: Parts) -> None:
    parts.described["format"] = 1


def nested(parts: Parts) -> None:
    parts.described = json.dumps(parts.described)[:-1] + ', "more": ' + "[" * 5000 + "]" * 5000 + "}"


def no_format(parts: Parts) -> None:
    parts.described = "[]"


@pytest.mark.parametrize("change", [too_new, too_old, nested, no_format, lost, no_arrays])
def test_bytes_are_refused_as_files_are(path: Path, change: Callable[[Parts], None]) -> None:
    parts = parts_of(small_ngram())
    change(parts)
    data = parts.joined()
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as of_file:
        Model.load(path)
    with pytest.raises(ModelFileError) as of_bytes:
        Model.from_bytes(data)
    assert str(of_bytes.value) == str(of_file.value).replace(str(path), "the model in these bytes")


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


def deep_record(parts: Parts) -> None:
    record: dict[str, Any] = {}
    for _ in range(80):
        record = {"blend": {"parts": [{"training": record}]}}
    parts.described["training"] = record


def strange_kind(parts: Parts) -> None:
    parts.described["kind"] = "\033[2J\n" * 10_000


def strange_key(parts: Parts) -> None:
    parts.described["cells"] = ["lstm\n\033[31m" * 1000] * 2


@pytest.mark.parametrize("change", [deep_record, strange_kind, strange_key, no_arrays])
def test_messages_are_one_short_line(path: Path, change: Callable[[Parts], None]) -> None:
    parts = parts_of(small_mixture())
    change(parts)
    refused(path, parts, "damaged")


def test_a_newer_format_of_endless_digits(path: Path) -> None:
    parts = parts_of(small_ngram())
    text = json.dumps(parts.described)
    parts.described = text.replace('"format": 3', '"format": ' + "9" * 4000)
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
