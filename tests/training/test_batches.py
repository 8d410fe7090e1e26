"""Every symbol is read and predicted, once an epoch."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import numpy as np

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
        assert not batch.carried.any()
        real = batch.targets != IGNORED
        seen.update(zip(batch.inputs[real].tolist(), batch.targets[real].tolist(), strict=True))
    assert seen == expected


def test_streams_go_on_where_they_were() -> None:
    """Of numbered symbols, each is predicted from the one before; a row goes on where it was, or begins a text."""
    documents = [np.arange(1, 1000), np.arange(1000, 1500), np.arange(1500, 1510)]
    successor = {i: i + 1 for i in range(1, 1509)} | {999: 0, 1499: 0, 1509: 0}
    epochs: list[Counter[int]] = []
    lengths, begun, ends = set(), 0, [0] * 4
    for batch in islice(streams(documents, 4, 48, np.random.default_rng(0)), 40):
        lengths.add(len(batch.inputs))
        if not batch.carried.any():
            epochs.append(Counter())
        first = not epochs[-1]
        for row in range(4):
            real = batch.targets[:, row] != IGNORED
            inputs, targets = batch.inputs[real, row].tolist(), batch.targets[real, row].tolist()
            if batch.carried[row]:
                assert inputs[0] == ends[row]
            else:
                assert inputs[0] == 0 or first
                begun += inputs[0] == 0
            for before, after in zip(inputs, targets, strict=True):
                assert after == successor[before] if before else after in (1, 1000, 1500)
        ends = [int(batch.targets[batch.targets[:, row] != IGNORED, row][-1]) for row in range(4)]
        epochs[-1].update(batch.targets[batch.targets != IGNORED].tolist())
    assert len(epochs) > 3
    for predicted in epochs[:-1]:
        assert predicted.pop(0) <= 3
        assert set(predicted.values()) == {1}
        assert len(predicted) > 1509 - 3 * 54  # fewer windows are left over than there are streams
    assert len(lengths) > 1
    assert begun >= 6


def test_streams_of_tiny_texts() -> None:
    document = np.array([1, 2, 3], dtype=np.uint8)
    batch = next(streams([document, document[:1]], 16, 32, np.random.default_rng(0)))
    read = batch.targets != IGNORED
    assert set(batch.targets[read].tolist()) <= {0, 1, 2, 3}
    assert (batch.inputs.shape[1], int(read.sum())) == (1, 4) if batch.inputs[1, 0] == 2 else (1, 2)
