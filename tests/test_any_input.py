"""Whatever the list or the text: it trains, what is sampled is valid text, and scores are finite."""

from __future__ import annotations

import math
import random
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import mangosaurus
from mangosaurus.core.errors import CorpusError
from mangosaurus.data.corpus import Kind
from mangosaurus.data.decoding import clean

PLANES = [chr(code) for plane in range(17) for code in range(plane << 16, (plane << 16) + 0x10000, 1999)]
PLANES = [c for c in PLANES if not "\ud800" <= c <= "\udfff" and c.strip()]
"""Characters of every plane of Unicode, assigned, private or neither."""


def words(alphabet: str | list[str], count: int) -> list[str]:
    draw = random.Random(0)
    return ["".join(draw.choices(alphabet, k=draw.randint(1, 9))) for _ in range(count)]


NAMES = {
    "300 names": words("abcdefgh ", 300),
    "every plane": words(PLANES, 300),
    "right to left": words("אבגדהוזחטיכלמנסעפצקרשת ابتثجح\u200f\u202e", 200),
    "combining marks": words("aeo\u0301\u0308\u0323\u0345", 200),
    "emoji": words(["👩‍🚀", "🏳️‍🌈", "👍🏽", "🇨🇦", "😀", "e"], 200),
    "NUL": words("a\0b", 200),
    "one character": ["a"] * 50,
    "one-letter names": list("abcdefghij"),
    "line separators": [f"a{c}b" for c in "\u2028\u2029\x0b\x0c\x1c\x85"] * 9,
}


def check(model: mangosaurus.Model, corpus: list[str]) -> None:
    """Samples are text in NFC, of the corpus's characters; all scores are finite."""
    every = model.kind == "names"  # of texts, none is left out
    samples = model.sample(20, seed=1, allow_known=every, allow_duplicates=every, max_length=300)
    assert len(samples) > 0
    for sample in samples:
        sample.encode()
        assert set(sample) <= set(model.vocabulary.characters)
    # A single corpus may have characters that only together are in NFC, so that this is looked at for the corpus.
    assert all(unicodedata.is_normalized("NFC", character) for character in model.vocabulary.characters)
    lines = [line for text in corpus[:50] for line in clean(text, False).split("\n")]
    documents = [model.vocabulary.encode(line.strip()[:400]) for line in lines]
    for score in model.distribution.score([document for document in documents if len(document)]):
        assert np.isfinite(score).all()
        assert (score <= 1e-9).all()
    held_out = model.training["held_out"]
    assert held_out is None or math.isfinite(held_out)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["names", "text"])
def test_an_n_gram_of_any_characters(name: str, kind: Kind, tmp_path: Path) -> None:
    corpus = NAMES[name] if kind == "names" else ["\n".join(NAMES[name])]
    corpus = [text for text in corpus if text.strip()]
    model = mangosaurus.fit(corpus, format=kind, budget=0)
    check(model, corpus)
    model.save(tmp_path / "model")
    again = mangosaurus.load(tmp_path / "model")
    every = kind == "names"
    assert list(again.sample(5, seed=2, allow_known=every)) == list(model.sample(5, seed=2, allow_known=every))


@pytest.mark.parametrize("name", ["every plane", "combining marks", "NUL"])
def test_networks_of_any_characters(name: str) -> None:
    corpus = [text for text in NAMES[name] if text.strip()]
    check(mangosaurus.fit(corpus, steps=12, hidden=8), corpus)


@pytest.mark.parametrize("name", ["every plane", "right to left", "combining marks", "emoji", "line separators"])
@pytest.mark.parametrize("kind", ["names", "text"])
def test_large_corpora_of_any_characters(
    name: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 10)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(NAMES[name] * 3), encoding="utf-8", newline="")
    model = mangosaurus.fit(path, format=kind, budget=0)
    check(model, NAMES[name])
    assert model.vocabulary.characters == mangosaurus.fit([path], format=kind, budget=0).vocabulary.characters


@pytest.mark.parametrize("kind", ["names", "text"])
def test_a_line_of_millions_of_characters(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """benchmarks/memory.py has the one of 50 MB."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 1_000_000)
    path = tmp_path / "line.txt"
    path.write_text(" ".join(words("abcdé", 5000)) * 100 + ("\nAnna" if kind == "names" else ""), encoding="utf-8")
    model = mangosaurus.fit(path, format=kind, budget=0)
    check(model, ["abc d"])
    assert model.training["longest"] > 2_000_000


def test_one_name_is_enough_and_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 10)
    (tmp_path / "one.txt").write_text("a" * 100)
    (tmp_path / "blank.txt").write_text(" \n" * 100)
    check(mangosaurus.fit(tmp_path / "one.txt", format="names", budget=0), ["a" * 100])
    with pytest.raises(CorpusError, match="is empty"):
        mangosaurus.fit(tmp_path / "blank.txt", format="names", budget=0)
