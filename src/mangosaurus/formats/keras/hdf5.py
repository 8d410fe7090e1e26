"""Arrays and texts from an untrusted HDF5 file.

The format can link to other files, keep numbers in them, unpack a few bytes into gigabytes, and load plug-ins. Here
only hard links are followed, and an array must lie uncompressed and whole in the file itself and have the expected
shape. What is read is therefore never larger than the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import MissingExtraError, ModelFileError, plain
from mangosaurus.formats.native.weights import check_numbers

if TYPE_CHECKING:
    import h5py

LARGEST_FILE = 2**30
"""Bytes: 50 million numbers, an optimizer's two for each of them, and room to spare."""
LARGEST_TEXT = 4 * 2**20
"""Bytes of an attribute, such as the description of all layers."""


def library() -> Any:
    """The module h5py. Raises MissingExtraError if it is not installed."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(
            'Keras files are read by h5py, which is not installed: pip install "mangosaurus[keras]"'
        ) from error
    return h5py


def quoted(name: object) -> str:
    """A name from the file for an error message: in one line, and not too long."""
    return plain(repr(name), 60)


def subgroup(group: h5py.Group, path: str) -> h5py.Group:
    """The group at `path`, names separated by slashes.

    Raises ModelFileError if there is none, or for a link to another place or another file.
    """
    return _find(group, path, "group", library().Group)


def dataset(group: h5py.Group, path: str) -> h5py.Dataset:
    """The array at `path`, not read yet. Raises ModelFileError as `subgroup`, or if it is compressed or elsewhere."""
    h5py = library()
    found = _find(group, path, "array", h5py.Dataset)
    # First of all: asking a virtual array for its shape can open other files.
    created = found.id.get_create_plist()
    layout = created.get_layout()
    if layout == h5py.h5d.VIRTUAL or created.get_external_count():
        raise ModelFileError(f"the array {quoted(path)} keeps its numbers in another file, and none is opened")
    if layout not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):  # none but chunks can be compressed
        raise ModelFileError(f"the array {quoted(path)} is compressed or cut into chunks, which Keras never does")
    return found


def _find(group: h5py.Group, path: str, what: str, kind: type) -> Any:
    h5py = library()
    found: Any = group
    for name in path.split("/"):
        if not isinstance(found, h5py.Group) or name in ("", ".", "..") or name not in found.keys():  # noqa: SIM118
            raise ModelFileError(f"the {what} {quoted(path)} is missing")
        if not isinstance(found.get(name, getlink=True), h5py.HardLink):
            raise ModelFileError(f"{quoted(path)} is a link to another place, and links are not followed")
        found = found[name]
    if not isinstance(found, kind):
        raise ModelFileError(f"the {what} {quoted(path)} is missing")
    return found


def read(found: h5py.Dataset, shape: tuple[int, ...]) -> FloatArray:
    """The numbers of an array from `dataset`: float64 as they are, float16 and float32 as float32.

    Raises ModelFileError for another type or shape, for numbers that were never written, and as `check_numbers` does.
    """
    name = quoted(found.name)
    if found.shape != shape:
        raise ModelFileError(f"the array {name} has shape {found.shape}, and the layer's description says {shape}")
    size = found.dtype.itemsize
    if found.dtype.kind != "f" or size not in (2, 4, 8):
        raise ModelFileError(f"the array {name} has type {found.dtype}, and only float16, 32 and 64 are read")
    if found.id.get_storage_size() != size * found.size:
        raise ModelFileError(f"the array {name} is not all there: its numbers were never written")
    array: FloatArray = np.asarray(found[()], dtype=np.float64 if size == 8 else np.float32)
    check_numbers(f"the array {name}", array)
    return array


def texts(holder: h5py.Group, name: str, most: int) -> list[str] | None:
    """The attribute `name`, one text or several; None if there is none.

    Raises ModelFileError if it is anything else, or has more than `most` texts.
    """
    if name not in holder.attrs:
        return None
    kept = holder.attrs.get_id(name)
    count = kept.shape[0] if kept.shape else 1
    if count == 0:
        return []
    if count > most:
        raise ModelFileError(f"the attribute {quoted(name)} has {count:,} entries, and {most} at most are read")
    # Only texts of fixed length can claim to be longer than the file.
    if count * kept.dtype.itemsize > LARGEST_TEXT:
        raise ModelFileError(f"the attribute {quoted(name)} has {count * kept.dtype.itemsize:,} bytes")
    if len(kept.shape) <= 1 and library().check_string_dtype(kept.dtype) is not None:
        value = holder.attrs[name]
        values = list(value) if kept.shape else [value]
        return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]
    raise ModelFileError(f"the attribute {quoted(name)} is not a text, nor a row of texts")
