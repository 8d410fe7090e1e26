"""Sets of documents, kept as hashes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.document_hashes import DocumentHashes, GrowingHashes, fingerprints

FEW = st.lists(st.text("ab", max_size=4), max_size=9)


@given(st.lists(FEW, max_size=6), FEW)
def test_a_set_that_grows_has_what_was_added(blocks: list[list[str]], asked: list[str]) -> None:
    grown, added = GrowingHashes(), set[str]()
    for block in blocks:
        new = sorted(set(block) - added)
        assert not grown.holds(fingerprints(new)).any()
        grown.add(fingerprints(new))
        added |= set(new)
    assert grown.holds(fingerprints(asked)).tolist() == [name in added for name in asked]
    fixed = DocumentHashes.of(added)
    assert fixed.holds(fingerprints(asked)).tolist() == [name in fixed for name in asked]


def test_it_takes_8_bytes_a_hash_in_few_runs() -> None:
    grown = GrowingHashes()
    for block in np.split(np.random.default_rng(1).permutation(np.arange(64_000, dtype=np.uint64)), 64):
        grown.add(block)
    assert sum(run.nbytes for run in grown._runs) == 8 * 64_000
    assert len(grown._runs) <= 7
