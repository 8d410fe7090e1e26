"""Which documents a model was trained on, kept as hashes, so that a model file can tell without holding the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fingerprint(document: str) -> int:
    """The first 64 bits of the document's BLAKE2b hash in UTF-8, little-endian."""
    return int.from_bytes(blake2b(document.encode(), digest_size=8).digest(), "little")


Hashes = NDArray[np.uint64] | NDArray[np.uint32]
"""Ascending, each once: fingerprints, or of very many documents the first 32 bits of theirs."""
MOST_WIDE = 16_000_000
"""Of more documents 32 bits each are kept, so that 100 million take 400 MB."""
MOST_IN_A_SET = 1_000_000
"""Of more, a Python set would take a hundred bytes each; they are searched instead."""


class Known:
    """A set of documents of which only hashes are kept: 64 bits of each, or of very many 32.

    A document outside the set is taken for one of it with probability (size of the set) / 2^64, or / 2^32: of a hundred
    million, one in 43.
    """

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self._shift = 64 - 8 * hashes.itemsize
        self._set = set(hashes.tolist()) if len(hashes) <= MOST_IN_A_SET else None

    @classmethod
    def of(cls, documents: Iterable[str]) -> Known:
        hashes = sorted({fingerprint(document) for document in documents})
        return cls(np.array(hashes, dtype=np.uint64))

    @classmethod
    def union(cls, sets: Sequence[Hashes]) -> Known:
        """All that are in some of `sets`; of more than MOST_WIDE, or if one has 32 bits only, 32 bits of each."""
        narrow = sum(map(len, sets)) > MOST_WIDE or any(hashes.dtype == np.uint32 for hashes in sets)
        if not narrow:
            return cls(np.unique(np.concatenate(sets)))
        found = np.concatenate(
            [hashes if hashes.dtype == np.uint32 else _narrowed([hashes.astype(np.uint64)]) for hashes in sets]
        )
        return cls(np.unique(found))

    @classmethod
    def of_blocks(cls, blocks: Iterable[NDArray[np.uint64]], count: int) -> Known:
        """The set of `count` fingerprints, ascending and each once, that come in blocks."""
        return cls(_narrowed(blocks) if count > MOST_WIDE else np.concatenate([*blocks]))

    def __contains__(self, document: str) -> bool:
        hashed = fingerprint(document) >> self._shift
        if self._set is not None:
            return hashed in self._set
        place = int(np.searchsorted(self.hashes, self.hashes.dtype.type(hashed)))
        return place < len(self.hashes) and int(self.hashes[place]) == hashed

    def missing(self, documents: Iterable[str]) -> int:
        """How many of the set are not among `documents`."""
        found = np.array(sorted({fingerprint(document) >> self._shift for document in documents}), self.hashes.dtype)
        return len(np.setdiff1d(self.hashes, found, assume_unique=True))

    def __len__(self) -> int:
        return len(self.hashes)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Known) and np.array_equal(self.hashes, other.hashes)


def _narrowed(blocks: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    """The first 32 bits of ascending fingerprints, each once."""
    found: list[NDArray[np.uint32]] = []
    for block in blocks:
        halves = (block >> np.uint64(32)).astype(np.uint32)
        before = bool(found and len(halves) and found[-1][-1] == halves[0])
        different = np.append(not before, halves[1:] != halves[:-1])[: len(halves)]
        if different.any():
            found.append(halves[different])
    return np.concatenate(found)
