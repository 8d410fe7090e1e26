"""The training and the test part of a corpus, and the loss that every contender is measured by.

All losses are nats per symbol over the same symbols: every character of each held-out name and its END. (A contender
that reads names as one text has a line feed for END.) Of a text, only the characters count. Characters that are not in
the training part are removed from the test part.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.parts import Result
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import CorpusError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Corpus, Kind
from mangosaurus.models.scoring import in_pieces, known_characters

SHARE = 10
"""One in this many names, or the last one of this many parts of a text, is held out."""
MOST_NAMES, MOST_CHARACTERS = 10_000, 100_000
"""The most to hold out of a large corpus: otherwise measuring would take longer than training."""

Score = Callable[[Sequence[IntArray]], list[FloatArray]]
"""log p of every symbol of documents, END last, as `CharModel.score` gives it."""


@dataclass(frozen=True)
class Split:
    """A corpus in two parts."""

    kind: Kind
    train: tuple[str, ...]
    test: tuple[str, ...]

    @property
    def vocabulary(self) -> Vocabulary:
        """Of the training part."""
        return Vocabulary.of(self.train)

    def documents(self) -> list[IntArray]:
        """The test part as ids, without the characters that the training part lacks."""
        return known_characters(self.vocabulary, self.test)[0]

    def symbols(self) -> int:
        """The divisor of every loss."""
        documents = self.documents()
        return sum(map(len, documents)) + (len(documents) if self.kind == "names" else 0)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(path: Path) -> Split:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Split(content["kind"], tuple(content["train"]), tuple(content["test"]))


def split(corpus: Corpus, seed: int = 0) -> Split:
    """Holds out a random tenth of the names, or the last tenth of a text. Names are shuffled.

    Raises:
        CorpusError: one of the parts is empty.
    """
    if corpus.kind == "names":
        names = [corpus.documents[place] for place in np.random.default_rng(seed).permutation(len(corpus.documents))]
        held_out = min(len(names) // SHARE, MOST_NAMES)
        train, test = names[held_out:], names[:held_out]
    else:
        text = "\n".join(corpus.documents)
        held_out = len(text) - len(text) // SHARE
        train, test = [text[:held_out]], [text[held_out:][:MOST_CHARACTERS]]
    if not any(train) or not any(test):
        raise CorpusError(f"{corpus.summary()}: too little to hold a tenth out; give ten names or more")
    return Split(corpus.kind, tuple(train), tuple(test))


def nats(score: Score, split: Split) -> float:
    """Nats per symbol of the test part."""
    scores = in_pieces(score, split.documents())
    counted = np.concatenate(scores if split.kind == "names" else [each[:-1] for each in scores])
    return -float(counted.sum()) / split.symbols()


def watched(
    name: str, step: Callable[[], object], measure: Callable[[], float], marks: Sequence[float]
) -> Iterator[Result]:
    """Trains a peer until the last of `marks`, in seconds, and measures at each of them. The clock stops meanwhile.

    The last result is the best point, chosen by the held-out part itself, which favours the peer. A first step that
    takes longer than a mark (it may compile) is measured when it has ended.
    """
    spent, found, left = 0.0, [], sorted(marks)
    while left:
        started = time.perf_counter()
        step()
        spent += time.perf_counter() - started
        if spent < left[0]:
            continue
        loss = measure()
        found.append((loss, spent))
        while left and left[0] <= spent:
            mark = f"{name}.{left.pop(0):g}"
            yield Result(f"{mark}.nats", loss, "nats per symbol")
            yield Result(f"{mark}.seconds", spent, "s")
    loss, spent = min(found)
    yield Result(f"{name}.best.nats", loss, "nats per symbol")
    yield Result(f"{name}.best.seconds", spent, "s")
