"""Model files that are taken apart, changed and put together again."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from mangosaurus.formats.native import CHECKSUM, ENTRY, checksum

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


def resealed(data: bytes) -> bytes:
    """A file with the checksum of what is in it now, so that what it holds is looked at; as it is if it has no parts.

    What is changed in a header that still says where the arrays are is kept.
    """
    try:
        return Parts.of(data).joined()
    except Exception:  # whatever is not found where it should be
        return data
