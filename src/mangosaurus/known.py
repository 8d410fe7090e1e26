"""Which documents a model was trained on, kept as hashes, so that a model file can tell without holding the list."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fingerprint(document: str) -> int:
    """The first 64 bits of the document's BLAKE2b hash in UTF-8, little-endian."""
    return int.from_bytes(blake2b(document.encode(), digest_size=8).digest(), "little")


class Known:
    """A set of documents of which only 64-bit hashes are kept.

    A document outside the set is taken for one of it with probability (size of the set) / 2^64.
    """

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        self.hashes = hashes
        self._set = set(hashes.tolist())

    @classmethod
    def of(cls, documents: Iterable[str]) -> Known:
        hashes = sorted({fingerprint(document) for document in documents})
        return cls(np.array(hashes, dtype=np.uint64))

    def __contains__(self, document: str) -> bool:
        return fingerprint(document) in self._set

    def __len__(self) -> int:
        return len(self.hashes)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Known) and np.array_equal(self.hashes, other.hashes)

    __hash__ = None  # type: ignore[assignment]
