"""Merging gives back all numbers in order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mangosaurus.core.errors import OutputError
from mangosaurus.data.external_sort import Runs


@pytest.mark.parametrize("most", [1, 5000, 10**6])
def test_runs_are_merged_in_order(tmp_path: Path, most: int) -> None:
    rng = np.random.default_rng(0)
    parts = [
        np.sort(rng.integers(0, high, size, dtype=np.uint64)) for high, size in ((9, 5000), (2**63, 7000), (50, 1))
    ]
    runs = Runs(tmp_path / "new")
    for part in parts:
        runs.append(part)
    assert runs.entries == 12_001
    assert not list((tmp_path / "new").iterdir())  # it has no name: nothing is left if the process is killed
    blocks = list(runs.merged(most))
    np.testing.assert_array_equal(np.concatenate(blocks), np.sort(np.concatenate(parts)))
    runs.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"the cache folder .* cannot be written: .*XDG_CACHE_HOME"):
        Runs(tmp_path / "file")
