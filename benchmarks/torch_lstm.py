"""A plain torch LSTM, as tutorials on character-level models teach it: `nn.Embedding`, `nn.LSTM`, `nn.Linear`.

Embeddings of 64 numbers, one layer of 256 units, no dropout; cross entropy; Adam at its default rate of 0.001, the
gradient's norm clipped to 5. Batches have 32 names, in a new random order each epoch, padded to the longest; padding
does not count. END comes before each name and is predicted after it. A text is cut into pieces of 100 characters, each
read from a state of zeros, also in batches of 32. A held-out text is read with its state carried, which only helps
this model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.held_out import Split, nats, watched
from benchmarks.parts import Result
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import END

EMBEDDING, HIDDEN, BATCH, PIECE, RATE, LARGEST_NORM = 64, 256, 32, 100, 0.001, 5.0
PADDING = -100
"""A target that cross entropy ignores."""
SCORED = 256
"""Documents in a batch of the measurement."""


class PlainNetwork(nn.Module):
    """Symbols in, (B, T); logits of the next ones out, (B, T, V)."""

    def __init__(self, symbols: int, cell: type[nn.LSTM | nn.GRU] = nn.LSTM, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, EMBEDDING)
        self.cell = cell(EMBEDDING, hidden, batch_first=True)
        self.output = nn.Linear(hidden, symbols)

    def forward(self, symbols: Tensor) -> Tensor:
        logits: Tensor = self.output(self.cell(self.embedding(symbols))[0])
        return logits


def padded(documents: Sequence[IntArray]) -> tuple[Tensor, Tensor]:
    """END and the symbols of each document; and the symbols and END after them: both (B, longest + 1)."""
    longest = max(map(len, documents)) + 1
    inputs, targets = np.full((len(documents), longest), END), np.full((len(documents), longest), PADDING)
    for row, document in enumerate(documents):
        inputs[row, 1 : len(document) + 1] = document
        targets[row, : len(document) + 1] = [*document, END]
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def batches(split: Split, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets, epoch after epoch, forever."""
    rng = np.random.default_rng(seed)
    documents = split.vocabulary.encode_all(split.train)
    if split.kind == "names":
        while True:
            order = rng.permutation(len(documents))
            for first in range(0, len(order), BATCH):
                yield padded([documents[place] for place in order[first : first + BATCH]])
    text = np.concatenate([[END], documents[0]])
    length = min(PIECE, len(text) - 1)
    pieces = torch.from_numpy(np.lib.stride_tricks.sliding_window_view(text, length + 1)[::length].copy())
    while True:
        for places in torch.from_numpy(rng.permutation(len(pieces))).split(BATCH):  # type: ignore[no-untyped-call]
            yield pieces[places, :-1], pieces[places, 1:]


def score(model: nn.Module, documents: Sequence[IntArray]) -> list[FloatArray]:
    """log p of every symbol of each document, END last."""
    scores = []
    with torch.inference_mode():
        for first in range(0, len(documents), SCORED):
            some = documents[first : first + SCORED]
            inputs, targets = padded(some)
            log_probs = model(inputs).double().log_softmax(-1)
            rows = log_probs.gather(2, targets.clamp(min=0)[:, :, None])[:, :, 0].numpy()
            scores += [row[: len(document) + 1] for row, document in zip(rows, some, strict=True)]
    return scores


def train(split: Split, marks: Sequence[float], seed: int) -> Iterator[Result]:
    """Trains until the last of `marks`, in seconds, and measures at each of them."""
    torch.manual_seed(seed)
    symbols = len(split.vocabulary)
    model = PlainNetwork(symbols)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    source = batches(split, seed)

    def step() -> None:
        inputs, targets = next(source)
        loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_NORM)
        optimizer.step()

    return watched("torch", step, lambda: nats(lambda documents: score(model, documents), split), marks)
