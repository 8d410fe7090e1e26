"""Files that are damaged, or made to do harm: one line, no other file opened, no memory filled."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files import SYMBOLS, all_windows, archive, draw, small_layers, small_weights, write

from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.keras import hdf5, sandbox
from mangosaurus.formats.keras.reader import read_here
from mangosaurus.formats.keras.sandbox import pack, read_keras, unpack
from mangosaurus.models.window import WindowModel

KERNEL = "model_weights/lstm/lstm/kernel"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good.h5", small_layers(), small_weights())


def other_file(folder: Path) -> Path:
    with h5py.File(folder / "other.h5", "w") as file:
        file["kernel"] = draw(0, SYMBOLS, 12)
    (folder / "raw").write_bytes(draw(0, SYMBOLS, 12).tobytes())
    return folder / "other.h5"


def virtual(file: h5py.File, folder: Path) -> None:
    layout = h5py.VirtualLayout((SYMBOLS, 12), "f4")
    layout[:] = h5py.VirtualSource(other_file(folder), "kernel", (SYMBOLS, 12))
    file.create_virtual_dataset(KERNEL, layout)


def external(file: h5py.File, folder: Path) -> None:
    other_file(folder)
    file.create_dataset(KERNEL, (SYMBOLS, 12), "f4", external=[(str(folder / "raw"), 0, 240)])


def external_link(file: h5py.File, folder: Path) -> None:
    file[KERNEL] = h5py.ExternalLink(other_file(folder), "kernel")


def soft_link(file: h5py.File, folder: Path) -> None:
    file["elsewhere"] = draw(0, SYMBOLS, 12)
    file[KERNEL] = h5py.SoftLink("/elsewhere")


def made(*shape: int, **options: Any) -> Callable[[h5py.File, Path], object]:
    """An array without numbers."""
    return lambda file, folder: file.create_dataset(KERNEL, shape, "f4", **options)


def holding(value: Any) -> Callable[[h5py.File, Path], object]:
    return lambda file, folder: file.__setitem__(KERNEL, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (virtual, "keeps its numbers in another file"),
        (external, "keeps its numbers in another file"),
        (external_link, "is a link to another place"),
        (soft_link, "is a link to another place"),
        (made(SYMBOLS, 12, compression="gzip"), "is compressed or cut into chunks"),
        (made(SYMBOLS, 12, maxshape=(None, None), chunks=(10**4, 10**4)), "is compressed or cut into chunks"),
        (made(SYMBOLS, 12), "its numbers were never written"),
        (made(10**9, 10**9), r"has shape \(1000000000, 1000000000\)"),
        (lambda file, folder: file.create_group(KERNEL), "the array 'lstm/kernel' is missing"),
        (lambda file, folder: None, "the array 'lstm/kernel' is missing"),
        (holding(np.zeros((SYMBOLS, 12), dtype=np.longdouble)), "has type float128, and only float16, 32 and 64 are"),
        (holding(np.zeros((SYMBOLS, 12), dtype="i4")), "has type int32"),
        (holding(np.full((SYMBOLS, 12), b"text")), "has type"),
        (holding(np.full((SYMBOLS, 12), np.nan, dtype="f4")), "holds a number that is not finite"),
        (holding(np.full((SYMBOLS, 12), -np.inf, dtype="f4")), "holds a number that is not finite"),
        (holding(np.full((SYMBOLS, 12), 1e7, dtype="f4")), "or beyond 1e"),
        (holding(h5py.Empty("f4")), "has shape None"),
    ],
)
def test_arrays_that_are_not_there(
    good: Path, tmp_path: Path, change: Callable[[h5py.File, Path], object], message: str
) -> None:
    with h5py.File(good, "a") as file:
        del file[KERNEL]
        change(file, tmp_path)
    with pytest.raises(ModelFileError, match=message) as raised:
        read_here(good)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("written", "expected"), [("f2", "f4"), ("f8", "f8"), (">f4", "f4")])
def test_numbers_of_other_precisions_and_byte_orders_are_read(good: Path, written: str, expected: str) -> None:
    given = draw(3, SYMBOLS, 12).astype(written)
    with h5py.File(good, "a") as file:
        del file[KERNEL]
        file[KERNEL] = given
    parameters = unpack(pack(read_here(good))).parameters
    kernel = parameters.layers[0].kernel
    assert kernel.dtype == expected
    np.testing.assert_array_equal(kernel, given)


@pytest.mark.parametrize(
    ("place", "name", "value", "message"),
    [
        ("/", "model_config", 3, "'model_config' is not a text"),
        ("/", "model_config", ["{}", "{}"], "has 2 entries, and 1 at most"),
        ("/", "model_config", b"\xff", "truncated or damaged"),
        ("/", "model_config", "{", "truncated or damaged"),
        ("/", "model_config", "[" * 200_000, "nested too deeply"),
        ("/", "model_config", '{"a":' * 50_000, "nested too deeply"),
        ("/", "model_config", "[]", "the description has no class_name"),
        ("/", "model_config", " " * 5_000_000, "has 5,000,000 characters"),
        ("/", "model_config", '{"class_name": "Sequential", "config": {"layers": 3}}', "the description has no layers"),
        ("/", "model_config", '{"class_name": "Mine\\n", "config": []}', "the model is of class 'Mine\\\\n'"),
        ("/", "keras_version", np.zeros(3), "'keras_version' has 3 entries"),
        ("/", "keras_version", np.zeros((1, 1)), "'keras_version' is not a text"),
        ("model_weights/lstm", "weight_names", [b"lstm/kernel"] * 2_000, "has 2,000 entries, and 12 at most"),
        ("model_weights/lstm", "weight_names", [b"lstm/kernel"], "has 1 arrays, and its description needs 3"),
        ("model_weights/lstm", "weight_names", [b"../lstm/kernel", b"", b"/"], "is missing"),
        ("model_weights/lstm", "weight_names", [1.0, 2.0, 3.0], "'weight_names' is not a text"),
    ],
)
def test_attributes_that_are_wrong(good: Path, place: str, name: str, value: Any, message: str) -> None:
    with h5py.File(good, "a") as file:
        file[place].attrs[name] = value
    with pytest.raises(ModelFileError, match=message) as raised:
        read_here(good)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500


def encrypted(path: Path) -> Path:
    """The archive with the mark of encryption set on every member."""
    data = bytearray(path.read_bytes())
    for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(start)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(start, place + 1)
    path.write_bytes(data)
    return path


def test_archives_that_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    linked = io.BytesIO()
    with h5py.File(linked, "w") as file:
        file["layers"] = h5py.ExternalLink(other_file(tmp_path), "/")
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "truncated or damaged"),
        ({"metadata": b"{}"}, "written by Keras None"),
        ({"metadata": b"[3]"}, "written by Keras None"),
        ({"config": b"[" * 100_000}, "nested too deeply"),
        ({"config": b" " * 5_000_000}, "config.json would unpack into 5,000,000 bytes"),
        ({"packing": zipfile.ZIP_BZIP2}, "packed in a way that Keras never uses"),
        ({"packing": zipfile.ZIP_DEFLATED, "weights": bytes(4_000_000)}, "would unpack into 4,000,000 bytes"),
        ({"weights": bytes(5_000_000)}, "would unpack into 5,000,000 bytes"),
        ({"weights": linked.getvalue()}, "is a link to another place"),
    ]
    for changes, message in cases:
        with pytest.raises(ModelFileError, match=message) as raised:
            read_here(archive(path, **changes))
        assert "\n" not in str(raised.value)
    with pytest.raises(ModelFileError, match=r"metadata\.json is encrypted"):
        read_here(encrypted(archive(path)))
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("../config.json", b"{}")
    with pytest.raises(ModelFileError, match="the archive has no metadata"):
        read_here(path)


def test_what_is_described_as_huge_fills_no_memory(tmp_path: Path) -> None:
    layers = small_layers(units=10_000)
    path = write(tmp_path / "m.h5", layers, small_weights())
    with h5py.File(path, "a") as file:
        del file[KERNEL]
        file.create_dataset(KERNEL, (SYMBOLS, 40_000), "f4")
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="at most"):
        read_here(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_other_files(tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text.h5"
    path.write_text("not of this kind", encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"text\.h5 is not a Keras file, or it is truncated or damaged"):
        read_keras(path)
    with pytest.raises(ModelFileError, match="is a folder"):
        read_keras(tmp_path)
    for missing in (tmp_path / "none.h5", tmp_path / ("a" * 300), tmp_path / "a\0b"):
        with pytest.raises(ModelFileError, match=r"does not exist|cannot be read"):
            read_keras(missing)
    monkeypatch.setattr(hdf5, "LARGEST_FILE", 1000)
    with pytest.raises(ModelFileError, match="more than 1,000 bytes"):
        read_here(good)


def test_a_text_that_claims_gigabytes_gets_none(good: Path) -> None:
    """HDF5 would take the memory for it first, and find out later."""
    with h5py.File(good) as file:
        length = len(file.attrs["model_config"])
    data = good.read_bytes()
    assert data.count(struct.pack("<I", length)) >= 1
    good.write_bytes(data.replace(struct.pack("<I", length), struct.pack("<I", 2**32 - 16)))
    with pytest.raises(ModelFileError, match="damaged"):
        read_keras(good)


@pytest.mark.parametrize("harm", ["while True: pass", "bytearray(3 * 2**30)", "os.abort()"])
def test_reading_that_comes_to_no_end_does_no_harm(good: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    pytest.importorskip("resource")
    code = f"""
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
from mangosaurus.formats.keras import reader as keras, sandbox
sandbox.SECONDS = 1
def read_here(path):
    {harm}
keras.read_here = read_here
sandbox.read_and_exit(sys.argv[2], int(sys.argv[3]))
"""
    monkeypatch.setattr(sandbox, "CODE", code)
    with pytest.raises(ModelFileError, match="reading it did not finish"):
        read_keras(good)


def test_no_module_of_the_working_folder_is_imported(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that reads the file imports some before its limits stand."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("json", "resource", "numpy", "h5py", "mangosaurus"):
        (folder / f"{name}.py").write_text("open('imported', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    sandbox.run_sandbox(good)
    assert not (folder / "imported").exists()


def outcome(path: Path) -> bool:
    """Whether a damaged file was read; its model then predicts. Otherwise there was the one error, and no other."""
    try:
        parameters = read_here(path).parameters
    except ModelFileError:
        return False
    symbols = len(parameters.output_bias)
    model = WindowModel(Vocabulary("abcdefghij"[:symbols]), parameters)
    windows = np.minimum(all_windows(2)[:, :1], symbols).repeat(parameters.window, axis=1)
    np.testing.assert_allclose(np.exp(model.log_probs((windows,))).sum(axis=1), 1)
    return True


def test_damaged_files_are_refused_or_predict(good: Path) -> None:
    data = good.read_bytes()
    rng = np.random.default_rng(0)
    read = 0
    for number in range(200):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 1 + number % 4):
            changed[place] = int(rng.integers(0, 256))
        good.write_bytes(changed)
        read += outcome(good)
    assert 20 < read < 195
    for length in rng.integers(0, len(data), 30):
        good.write_bytes(data[:length])
        assert not outcome(good)
