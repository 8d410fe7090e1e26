"""The GRU of makemore, by the sizes and rates that its program has by default; for `benchmarks.short_lists`.

Embeddings of 64 numbers, one layer of 64 units, AdamW at a rate of 5e-4 (betas 0.9 and 0.99, weight decay 0.01),
batches of 32 names. Like makemore, it keeps the weights that are best on held-out names: a tenth of the list, or one.
It looks at them every 50 steps where makemore does every 500. Torch's own cell stands for makemore's, whose steps are
slower. Both favour it.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.likeness import LONGEST
from benchmarks.torch_lstm import PlainNetwork, padded, score
from mangosaurus.core.arrays import IntArray
from mangosaurus.core.vocabulary import END, Vocabulary

HIDDEN, BATCH, LOOK = 64, 32, 50
RATE, BETAS, DECAY = 5e-4, (0.9, 0.99), 0.01
DRAWN = 256
"""Names drawn at once."""


def nats(model: PlainNetwork, documents: Sequence[IntArray]) -> float:
    """Nats per symbol, END included."""
    scores = np.concatenate(score(model, documents))
    return -float(scores.mean())


def trained(names: Sequence[str], vocabulary: Vocabulary, seconds: float, seed: int) -> PlainNetwork:
    """The network after so many seconds of steps and looks, with its best weights."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    documents = vocabulary.encode_all(names)
    left_out = max(1, len(documents) // 10)
    model = PlainNetwork(len(vocabulary), nn.GRU, HIDDEN)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=BETAS, weight_decay=DECAY)
    best, kept, step, started = float("inf"), copy.deepcopy(model.state_dict()), 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        inputs, targets = padded(rng.choices(documents[left_out:], k=BATCH))
        loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        if step % LOOK == 0 and (looked := nats(model, documents[:left_out])) < best:
            best, kept = looked, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return model


def drawn(model: PlainNetwork, vocabulary: Vocabulary, seed: int) -> Iterator[str]:
    """Names without end; one that does not end is cut."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        symbols, ended = torch.full((DRAWN, 1), END), torch.zeros(DRAWN, dtype=torch.bool)
        state: Tensor | None = None
        columns: list[Tensor] = []
        with torch.inference_mode():
            while len(columns) < LONGEST and not ended.all():
                hidden, state = model.cell(model.embedding(symbols), state)
                symbols = torch.multinomial(model.output(hidden[:, -1]).softmax(-1), 1, generator=generator)
                ended |= symbols[:, 0] == END
                columns.append(symbols)
        for row in torch.cat(columns, dim=1).numpy():
            yield vocabulary.decode(row[: np.append(np.flatnonzero(row == END), len(row))[0]])
