"""Hashes of the documents that a model was trained on: the model file tells known names without holding the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from mangosaurus.core.arrays import BoolArray, Hashes

MOST_IN_A_SET = 1_000_000
"""A Python set takes a hundred bytes a number. With more hashes than this, their array is searched instead."""


class DocumentHashes:
    """A set of documents, kept as 64-bit hashes only: sorted and distinct.

    A document outside the set is mistaken for a member with probability (size of the set) / 2^64.
    """

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self._set = set(hashes.tolist()) if len(hashes) <= MOST_IN_A_SET else None

    @classmethod
    def of(cls, documents: Iterable[str]) -> DocumentHashes:
        return cls(np.unique(fingerprints(documents)))

    @classmethod
    def union(cls, sets: Sequence[Hashes]) -> DocumentHashes:
        """The documents that are in any of `sets`."""
        return cls(np.unique(np.concatenate(sets)))

    @classmethod
    def of_blocks(cls, blocks: Iterable[Hashes], count: int) -> DocumentHashes:
        """The set of `count` hashes, sorted and distinct, from consecutive blocks."""
        hashes = np.empty(count, dtype=np.uint64)
        place = 0
        for block in blocks:
            hashes[place : place + len(block)] = block
            place += len(block)
        return cls(hashes)

    def __contains__(self, document: str) -> bool:
        hashed = int.from_bytes(_hash(document), "little")
        if self._set is not None:
            return hashed in self._set
        place = int(np.searchsorted(self.hashes, np.uint64(hashed)))
        return place < len(self.hashes) and int(self.hashes[place]) == hashed

    def holds(self, hashes: Hashes) -> BoolArray:
        """Which of `hashes`, (n,), are members: shape (n,)."""
        return _among(hashes, self.hashes)

    def missing(self, documents: Iterable[str]) -> int:
        """The number of members that are not among `documents`."""
        return len(np.setdiff1d(self.hashes, fingerprints(documents)))

    def __len__(self) -> int:
        return len(self.hashes)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, DocumentHashes) and np.array_equal(self.hashes, other.hashes)


class GrowingHashes:
    """A set of hashes that grows, in 8 bytes each: sorted runs, of which each is longer than the one after it."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def holds(self, hashes: Hashes) -> BoolArray:
        """Which of `hashes`, (n,), are members: shape (n,)."""
        found = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            found |= _among(hashes, run)
        return found

    def add(self, hashes: Hashes) -> None:
        """Adds hashes that are distinct and not yet members."""
        while self._runs and len(self._runs[-1]) <= len(hashes):
            hashes = np.concatenate([self._runs.pop(), hashes])
        self._runs.append(np.sort(hashes))


def _among(hashes: Hashes, members: Hashes) -> BoolArray:
    """Which of `hashes` are among sorted `members`."""
    if not len(members):
        return np.zeros(len(hashes), dtype=bool)
    found: BoolArray = members.take(np.searchsorted(members, hashes), mode="clip") == hashes
    return found


def fingerprints(documents: Iterable[str]) -> Hashes:
    """The first 64 bits of each document's BLAKE2b hash in UTF-8, little-endian; in their order."""
    return np.frombuffer(b"".join(map(_hash, documents)), dtype="<u8").astype(np.uint64)


def _hash(document: str) -> bytes:
    return blake2b(document.encode(), digest_size=8).digest()
