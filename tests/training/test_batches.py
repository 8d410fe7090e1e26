"""Every symbol is read and predicted, once an epoch."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import numpy as np
import torch

from mangosaurus.training.batches import IGNORED, LONGEST_PIECE, names, streams


def test_an_epoch_of_names_predicts_every_symbol_from_the_one_before() -> None:
    rng = np.random.default_rng(0)
    documents = [rng.integers(1, 9, length) for length in [3, 1, 7, 7, 2, 12, 2 * LONGEST_PIECE + 5, 4]]
    expected: Counter[tuple[int, int]] = Counter()
    for document in documents:
        whole = [0, *document.tolist(), 0]
        expected.update(pairwise(whole))
    seen: Counter[tuple[int, int]] = Counter()
    pieces = 7 + 3
    for batch in islice(names(documents, 3, np.random.default_rng(1)), -(-pieces // 3)):
        assert not batch.carried
        real = batch.targets != IGNORED
        seen.update(zip(batch.inputs[real].tolist(), batch.targets[real].tolist(), strict=True))
    assert seen == expected


def test_streams_go_on_where_they_were() -> None:
    documents = [np.arange(1, 1000), np.arange(1000, 1500)]
    fed = streams(documents, 4, 50, np.random.default_rng(0))
    rows: list[torch.Tensor] = []
    for batch in islice(fed, 20):
        if not batch.carried:
            rows = []
        if rows:
            assert torch.equal(batch.inputs[0], rows[-1])
        assert torch.equal(batch.inputs[1:], batch.targets[:-1])
        rows.append(batch.targets[-1])
    successor = {i: i + 1 for i in range(1, 1499) if i != 999} | {999: 0, 1499: 0}
    real = batch.inputs != 0
    for before, after in zip(batch.inputs[real].tolist(), batch.targets[real].tolist(), strict=True):
        assert successor[before] == after


def test_streams_of_tiny_texts() -> None:
    batch = next(streams([np.array([1, 2, 3])], 16, 32, np.random.default_rng(0)))
    assert batch.inputs.numel() >= 1
