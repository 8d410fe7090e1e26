"""The n-grams of a large corpus are those of a small one, and stay a distribution when they are pruned."""

from __future__ import annotations

import threading
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from mangosaurus.data.decoding import Source
from mangosaurus.data.sources import bundled
from mangosaurus.data.symbol_file import Encoded, encode
from mangosaurus.models.ngram import NGram, NGramCounts
from mangosaurus.training.large import counts as counting
from mangosaurus.training.large.counts import _packed, _unpacked, count_mapped, packing_of
from mangosaurus.training.large.documents import Mapped, documents_of
from mangosaurus.training.ngram_counts import USUAL, count_ngrams

NAMES = bundled()
PROSE = " ".join(bundled().split()[:700]) + "\n"


def encoded(folder: Path, kind: str, *texts: str) -> Encoded:
    import io

    sources = [Source("a text", lambda text=text: io.BytesIO(text.encode())) for text in texts]  # type: ignore[misc]
    return encode(sources, kind, False, folder)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices and runs so small that there are many of them."""
    monkeypatch.setattr(counting, "SLICE", 700)


@pytest.mark.parametrize("order", [1, 2, 4, 7])
@pytest.mark.parametrize(("kind", "texts"), [("names", (NAMES,)), ("text", (PROSE, "x", "Ab " * 900, PROSE[::-1]))])
def test_unpruned_they_are_those_of_count_ngrams(tmp_path: Path, kind: str, texts: tuple[str, ...], order: int) -> None:
    made = encoded(tmp_path, kind, *texts)
    whole = Mapped.whole(made, made.vocabulary)
    found = count_mapped(whole, whole.occurring(len(made.vocabulary)), order, 10**8)
    documents = documents_of(np.array(made.stream[1:]))
    expected = count_ngrams(documents, len(made.vocabulary), order)
    assert (found.share, found.threshold) == (1, 1)
    found.counts.check(len(made.vocabulary))
    for field in fields(NGramCounts):
        one, other = getattr(found.counts, field.name), getattr(expected, field.name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, field.name)


def test_pruned_they_are_a_distribution_of_the_frequent_contexts(tmp_path: Path) -> None:
    made = encoded(tmp_path, "names", NAMES)
    whole = Mapped.whole(made, made.vocabulary)
    size = len(made.vocabulary)
    full = count_mapped(whole, whole.occurring(size), 6, 10**8).counts
    found = count_mapped(whole, whole.occurring(size), 6, 10**8, most_arcs=6_000)
    counts = found.counts
    counts.check(size)
    assert 4_000 < len(counts.symbol) <= 6_000
    assert found.threshold > 2
    assert len(full.symbol) > 12_000
    ngram = NGram(made.vocabulary, counts, np.tile(USUAL, (counts.order, 1)))
    every = np.exp(ngram.log_probs((np.arange(len(counts.suffix)),)))
    np.testing.assert_allclose(every.sum(axis=1), 1, atol=1e-9)
    assert (every > 0).all()
    # What follows a context that is left is what follows it in the corpus; the counts by hand, at level 1.
    stream = made.stream.astype(np.int64)
    pairs = np.bincount(stream[:-1] * size + stream[1:], minlength=size * size).reshape(size, size)
    first = np.cumsum(counts.degree) - counts.degree
    left = {}  # the contexts of two symbols that are left
    for node in range(int(counts.levels[2]), int(counts.levels[3])):
        left[int(counts.oldest[node]), int(counts.oldest[counts.suffix[node]])] = node
    triples: dict[tuple[int, int, int], int] = {}
    for a, b, c in zip(stream, stream[1:], stream[2:], strict=False):
        if b:
            triples[int(a), int(b), int(c)] = triples.get((int(a), int(b), int(c)), 0) + 1
    for node in range(1, int(counts.levels[2])):
        context = int(counts.oldest[node])
        arcs = slice(first[node], first[node] + counts.degree[node])
        np.testing.assert_array_equal(counts.symbol[arcs], np.flatnonzero(pairs[context]))
        for symbol, count in zip(counts.symbol[arcs], counts.count[arcs], strict=True):
            seen = [triples.get((a, context, int(symbol)), 0) for a in range(size) if (a, context) in left]
            assert count == pairs[context, symbol] - sum(max(0, each - 1) for each in seen)


def test_pruned_it_predicts_nearly_as_well(tmp_path: Path) -> None:
    lines = NAMES.split()
    made = encoded(tmp_path, "names", "\n".join(lines[::2]))
    whole = Mapped.whole(made, made.vocabulary)
    held_out = [made.vocabulary.find(line) for line in lines[1::2]]
    held_out = [ids for ids in held_out if (ids > 0).all()]
    losses = []
    for most in (10**6, 4_000):
        counts = count_mapped(whole, whole.occurring(len(made.vocabulary)), 5, 10**8, most_arcs=most).counts
        ngram = NGram(made.vocabulary, counts, np.tile(USUAL, (counts.order, 1)))
        losses.append(-float(np.concatenate(ngram.score(held_out)).mean()))
    assert losses[1] < losses[0] + 0.15


def test_in_little_time_a_share_is_counted(tmp_path: Path) -> None:
    made = encoded(tmp_path, "text", "The end of it. " * 2000)
    whole = Mapped.whole(made, made.vocabulary)
    found = count_mapped(whole, whole.occurring(len(made.vocabulary)), 5, 10**4, seconds=0.0)
    found.counts.check(len(made.vocabulary))
    assert 0 < found.share < 1
    again = count_mapped(whole, whole.occurring(len(made.vocabulary)), 5, 10**4, groups=found.groups)
    assert again.share == found.share
    np.testing.assert_array_equal(again.counts.count, found.counts.count)
    stop = threading.Event()
    stop.set()
    assert count_mapped(whole, whole.occurring(len(made.vocabulary)), 5, 10**4, stop=stop).share < 1


def test_of_a_large_alphabet_the_frequent_symbols_have_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 600)))
    text = "".join(rng.choice(list("abcde ") + list(rare[:1]), 6_000)) + rare + "abc" * 400_000
    monkeypatch.setattr(counting, "SLICE", 100_000)
    made = encoded(tmp_path, "text", text)
    size = len(made.vocabulary)
    whole = Mapped.whole(made, made.vocabulary)
    packing = packing_of(whole.occurring(size), 7)
    assert (packing.order, packing.bits, packing.rare) == (7, 8, 255)
    counts = count_mapped(whole, whole.occurring(size), 7, 10**8).counts
    counts.check(size)
    assert counts.order == 7
    ngram = NGram(made.vocabulary, counts, np.tile(USUAL, (7, 1)))
    unigram = np.exp(ngram.log_probs((np.zeros(1, dtype=np.int64),)))[0]
    assert (unigram[1:] > 1 / size / 100).all()
    assert packing_of(np.full(5000, 7), 7).order == 4


def test_counts_that_do_not_fit_are_split() -> None:
    keys, counts = np.array([3, 5, 9], dtype=np.uint64), np.array([1, 700, 15])
    packed = _packed(keys, counts, 4)
    assert (np.diff(packed.astype(np.int64)) >= 0).all()
    found_keys, found_counts = _unpacked(packed, 4)
    np.testing.assert_array_equal(found_keys, keys)
    np.testing.assert_array_equal(found_counts, counts)
