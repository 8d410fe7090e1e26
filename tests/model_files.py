"""Model files that are changed: taken apart and put together again, or with bytes turned."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.core.errors import ModelFileError
from mangosaurus.formats.native import CHECKSUM, ENTRY, checksum, load
from mangosaurus.models.interface import CharModel

Array = np.ndarray[Any, Any]
TYPES = {
    **{f"F{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    **{f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)},
    "BOOL": "?",
}
"""NumPy's types by safetensors' names for them."""


@dataclass
class Parts:
    """What is in a model file; nothing of it need fit."""

    described: Any
    """The entry of the metadata, or its text."""
    arrays: dict[str, Array]

    @classmethod
    def of(cls, data: bytes) -> Parts:
        """The parts of a good file."""
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        described = json.loads(header.pop("__metadata__")[ENTRY])
        arrays = {}
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            flat = np.frombuffer(data[8 + length + first : 8 + length + last], TYPES[entry["dtype"]])
            arrays[name] = flat.reshape(entry["shape"]).copy()
        return cls(described, arrays)

    def joined(self, **entries: Any) -> bytes:
        """The file, with the checksum of the parts; `entries` replace what the header says of arrays."""
        described = self.described if isinstance(self.described, str) else json.dumps(self.described)
        whole = {name: np.asarray(array, order="C") for name, array in self.arrays.items()}
        header: dict[str, Any] = {"__metadata__": {ENTRY: described, CHECKSUM: checksum(described, whole)}}
        names, place, blocks = {np.dtype(kind): name for name, kind in TYPES.items()}, 0, []
        for name, array in self.arrays.items():
            block = np.ascontiguousarray(array).tobytes()
            header[name] = {
                "dtype": names[array.dtype.newbyteorder("<")],
                "shape": list(array.shape),
                "data_offsets": [place, place + len(block)],
            }
            place += len(block)
            blocks.append(block)
        text = json.dumps(header | entries).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + b"".join(blocks)

    @property
    def own(self) -> dict[str, Array]:
        """The arrays of the model itself."""
        return {name: array for name, array in self.arrays.items() if name != "known"}

    @property
    def bare(self) -> dict[str, Any]:
        """What the header says of the model itself, as a part of a blend has it."""
        return {key: value for key, value in self.described.items() if key not in ("format", "kind", "training")}

    def replace(self, bare: dict[str, Any], own: dict[str, Array]) -> None:
        """Puts another model in the file."""
        kept = {key: self.described[key] for key in ("format", "kind", "training")}
        self.described = kept | bare
        self.arrays = {"known": self.arrays["known"]} | own


def load_or_message(path: Path) -> CharModel | str:
    """The model in a file, or why there is none."""
    try:
        return load(path).distribution
    except ModelFileError as error:
        return str(error)


def resealed(data: bytes) -> bytes:
    """A file with the checksum of what is in it now, so that what it holds is looked at; as it is if it has no parts.

    What is changed in a header that still says where the arrays are is kept.
    """
    try:
        return Parts.of(data).joined()
    except Exception:  # whatever is not found where it should be
        return data


def flip_bytes(path: Path, times: int, steps: int) -> int:
    """Turns one byte of the file at `path` after another, and back, and returns how often it was refused.

    Asserts that each such file is refused for its checksum, and once it has the right one either fails with its one
    line or holds probabilities, `steps` symbols on.
    """
    data = bytearray(path.read_bytes())
    random = np.random.default_rng(0)
    refused = 0
    for place in random.integers(0, len(data), times):
        old = data[place]
        data[place] ^= int(random.integers(1, 256))
        path.write_bytes(data)
        changed = bytes(data)
        data[place] = old
        assert isinstance(load_or_message(path), str)
        path.write_bytes(resealed(changed))
        model = load_or_message(path)
        if isinstance(model, str):
            assert "\n" not in model
            refused += 1
            continue
        state = model.start(2)
        for _ in range(steps):
            assert abs(np.exp(model.log_probs(state)).sum() - 2) < 1e-6
            state = model.advance(state, np.array([1, 2]))
    return refused
