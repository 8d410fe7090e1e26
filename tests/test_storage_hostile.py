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
from examples import NAMES, random_window, small_blend, small_labelled, small_mixture, small_ngram, small_window_model
from model_files import Parts

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import ModelFileError, OptionError, OutputError
from mangosaurus.core.vocabulary import END
from mangosaurus.formats.native import LARGEST_HEADER, Contents, as_bytes
from mangosaurus.formats.native.mixture import MOST_NETWORKS
from mangosaurus.models.blend import MOST_LEVELS, MOST_MODELS, Product
from mangosaurus.models.interface import CharModel


def parts_of(model: CharModel) -> Parts:
    return Parts.of(as_bytes(Contents(model, "names", DocumentHashes.of(NAMES), {"seed": 3})))


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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


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
    parts.described = json.dumps(parts.described).replace('"format": 3', '"format": ' + "9" * 4000)


def entry(**changes: Any) -> Change:
    """Changes of the header."""
    return lambda parts: parts.described.update(changes)


def record(**changes: Any) -> Change:
    """Changes of the training record."""
    return lambda parts: parts.described["training"].update(changes)


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


HALF = r"half of a surrogate pair, U\+D800"
ASTRAY = r"arcs do not lead where their contexts say|arcs are not sorted"
LABELLED = small_labelled(networks=0)
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
    *((LABELLED, overflowing(name), "do not fit together") for name in ("ngram.degree", "labels.degree")),
    *((LABELLED, filled(f"{of}.discounts", 1e-200, "<f8"), "leave next to nothing") for of in ("ngram", "labels")),
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
    *((small_ngram(), record(**changes), "the training record") for changes in RECORDS),
    (LABELLED, record(corpus="\ud800.txt: 3 names"), HALF),
    (LABELLED, record(more={"\ud800": 1}), HALF),
    (LABELLED, label("\ud800"), HALF),
    (LABELLED, entry(characters="\ud800"), HALF),
    (LABELLED, record(held_out=math.nan), "a number that is not finite"),
    (LABELLED, record(curves=[[1, -math.inf]]), "a number that is not finite"),
    (LABELLED, label("boy\x1b[2J"), "a label has a control character"),
    (LABELLED, label("boy\u2028"), "a label has a control character"),
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
    good = as_bytes(Contents(model, "names", DocumentHashes.of(NAMES), {"seed": 3}))
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
