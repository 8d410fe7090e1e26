"""Ranges of an encoded corpus: kept or held out and never both, and fed to networks as small corpora are."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.data.decoding import Source
from mangosaurus.data.symbol_file import Encoded, encode
from mangosaurus.training.batches import IGNORED, names, streams
from mangosaurus.training.large import documents as mapped
from mangosaurus.training.large.documents import Mapped, documents_in, documents_of, symbols_in

NAMES = [f"{chr(97 + i % 26)}{i}" for i in range(3000)]
TEXTS = ["".join(f" {i}" for i in range(4000)), "short", "x" * 700]


def encoded(folder: Path, kind: str) -> Encoded:
    texts = TEXTS if kind == "text" else ["\n".join(NAMES)]
    sources = [Source("a text", lambda text=text: io.BytesIO(text.encode())) for text in texts]  # type: ignore[misc]
    return encode(sources, kind, False, folder)


@pytest.mark.parametrize("kind", ["names", "text"])
@pytest.mark.parametrize("seed", range(5))
def test_every_symbol_is_kept_or_held_out(kind: str, seed: int, tmp_path: Path) -> None:
    made = encoded(tmp_path, kind)
    whole = Mapped.whole(made, made.vocabulary)
    assert symbols_in(whole) == len(made.stream) - 1
    assert documents_in(whole) == (3000 if kind == "names" else 3)
    (fold,) = whole.split(seed)
    kept = fold.train
    assert isinstance(kept, Mapped)
    held = sum(len(document) for document in fold.held_out)
    assert 0.05 < held / whole.symbols < 0.15
    if kind == "names":
        held_names = [made.vocabulary.decode(document) for document in fold.held_out]
        kept_names = [made.vocabulary.decode(name) for piece in kept for name in documents_of(piece)]
        assert sorted([*held_names, *kept_names]) == sorted(NAMES)
    else:
        taken = np.zeros(len(made.stream), dtype=int)
        for first, predicted in zip(kept.first, kept.predicted, strict=True):
            taken[first + 1 : first + 1 + predicted] += 1
        assert taken.max() == 1
        pieces = "\0".join(made.vocabulary.decode(document) for document in fold.held_out)
        missing = np.flatnonzero(taken[1:] == 0) + 1
        assert sorted(pieces.replace("\0", "")) == sorted(made.vocabulary.decode(made.stream[missing]))
        assert all(any(piece in text for text in TEXTS) for piece in pieces.split("\0"))


def test_another_vocabulary(tmp_path: Path) -> None:
    made = encoded(tmp_path, "text")
    larger = Vocabulary([*made.vocabulary.characters, "é", "!"])
    whole = Mapped.whole(made, larger)
    assert [larger.decode(document) for document in whole] == TEXTS
    counts = whole.occurring(len(larger))
    np.testing.assert_array_equal(counts, np.bincount(np.concatenate([*whole]), minlength=len(larger)))
    assert counts[END] == 3


def test_streams_are_those_of_the_documents(tmp_path: Path) -> None:
    made = encoded(tmp_path, "text")
    whole = Mapped.whole(made, made.vocabulary)
    documents = [made.vocabulary.encode(text) for text in TEXTS]
    both = zip(
        streams(whole, 4, 48, np.random.default_rng(0)),
        streams(documents, 4, 48, np.random.default_rng(0)),
        strict=False,
    )
    for one, other in islice(both, 400):
        assert one.inputs.equal(other.inputs)
        assert one.targets.equal(other.targets)
        assert one.carried.equal(other.carried)


def test_names_are_drawn_whole_and_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "DRAWN", 4000)
    monkeypatch.setattr(mapped, "DRAWN_AT_ONCE", 64)
    made = encoded(tmp_path, "names")
    (fold,) = Mapped.whole(made, made.vocabulary).split(1)
    held_out = {made.vocabulary.decode(document) for document in fold.held_out}
    seen = set()
    for batch in islice(names(fold.train, 16, np.random.default_rng(0)), 600):
        assert not batch.carried.any()
        for column in batch.targets.T:
            seen.add(made.vocabulary.decode(column[column != IGNORED].numpy()))
    assert seen <= set(NAMES) - held_out
    assert len(seen) > 0.8 * (3000 - len(held_out))


def test_a_line_without_end_among_names_is_read_in_stretches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "DRAWN", 1000)
    monkeypatch.setattr(mapped, "DRAWN_AT_ONCE", 64)
    made = encode([Source("one", lambda: io.BytesIO(b"Anna\n" + b"ab" * 9000))], "names", False, tmp_path)
    drawn = Mapped.whole(made, made.vocabulary).draw_names(np.random.default_rng(0))
    assert all(len(name) <= 64 for name in drawn)
    assert len(drawn) > 10


def test_what_is_too_small_is_not_divided(tmp_path: Path) -> None:
    made = encode([Source("one", lambda: io.BytesIO(b"too short"))], "text", False, tmp_path)
    assert Mapped.whole(made, made.vocabulary).split(0) == []
