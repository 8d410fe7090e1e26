"""What is read from outside, by name: how inputs are made and what must hold of each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fuzz_asked import asked, use_wishes
from fuzz_corpora import GOOD, corpus, use_corpus
from fuzz_models import damaged_model
from fuzz_seeds import SEEDS
from fuzz_uses import use_model


@dataclass(frozen=True)
class Target:
    """One kind of input."""

    make: Callable[[random.Random], tuple[str, bytes]]
    """(what was done, the input)."""
    use: Callable[[Path], str]
    """Says "fine", or "refused: " and why; raises what it finds."""
    good: Callable[[], Iterable[bytes]]
    """Inputs without damage."""
    usual: int
    """How many are made if nobody says."""


TARGETS = {
    "models": Target(damaged_model, use_model, lambda: [make() for make in SEEDS.values()], 10_000),
    "wishes": Target(asked, use_wishes, lambda: [b'{"pattern": "a.*", "min_length": 3, "avoid": ["anna"]}'], 5_000),
    "corpora": Target(corpus, use_corpus, lambda: [text.encode() for text in GOOD], 5_000),
}
