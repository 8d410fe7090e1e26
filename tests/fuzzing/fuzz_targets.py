"""What is read from outside, by name: how inputs are made and what must hold of each."""

from __future__ import annotations

import codecs
import encodings
import pkgutil
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fuzz_asked import asked, use_wishes
from fuzz_checkpoints import damaged_folder, good_folder, use_folder
from fuzz_corpora import GOOD, corpus, use_corpus
from fuzz_counts import GOOD as GOOD_COUNTS
from fuzz_counts import counts, use_counts
from fuzz_keras import damaged_keras, good, use_keras
from fuzz_models import damaged_model
from fuzz_requests import raw_request, send_request
from fuzz_seeds import SEEDS
from fuzz_uses import FORBIDDEN, use_model

for module in pkgutil.iter_modules(encodings.__path__):  # Python imports each when bytes are first read by it
    with suppress(LookupError):
        codecs.lookup(module.name)


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
    seconds: float = 2.0
    """Of the processor, for one."""
    memory: int = 500_000_000
    """Bytes that one may take."""
    forbidden: tuple[str, ...] = FORBIDDEN
    """Events of Python's audit that none may cause."""


EXECUTED = ("pickle.find_class", "os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect")
"""Of what imports torch and writes files of its own."""
IN_COPIES = tuple(event for event in FORBIDDEN if event not in ("os.fork", "os.posix_spawn", "subprocess.Popen"))
"""Of what is read in a process of its own."""

TARGETS = {
    "models": Target(damaged_model, use_model, lambda: [make() for make in SEEDS.values()], 10_000),
    "wishes": Target(
        asked, use_wishes, lambda: [b'{"pattern": "a.*", "min_length": 3, "avoid": ["anna"]}'], 2_000, 10, 2**31
    ),
    "corpora": Target(corpus, use_corpus, lambda: [text.encode() for text in GOOD], 5_000),
    "counts": Target(counts, use_counts, lambda: [text.encode() for text in GOOD_COUNTS], 2_000),
    "keras": Target(damaged_keras, use_keras, good, 2_000, forbidden=IN_COPIES),
    "checkpoints": Target(
        damaged_folder, use_folder, lambda: [good_folder()], 500, seconds=20, memory=2**32, forbidden=EXECUTED
    ),
    "requests": Target(raw_request, send_request, lambda: [b"GET / HTTP/1.0\r\n\r\n"], 2_000, forbidden=()),
}
