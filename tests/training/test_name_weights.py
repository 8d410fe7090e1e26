"""Names with weights: a list with weights is the list with lines repeated, and what is held out is new."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from commands import run
from examples import LABELS, NAMES
from hypothesis import given, settings
from hypothesis import strategies as st
from rounding import rounding

import mangosaurus
from mangosaurus.core.errors import CheckpointError, CorpusError, OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.sources import bundled
from mangosaurus.models.ngram import NGramCounts
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.training.batches import IGNORED, names
from mangosaurus.training.folds import Fold, split
from mangosaurus.training.hyperparameters import Hyperparameters
from mangosaurus.training.label_ngrams import mark, with_every_label
from mangosaurus.training.name_weights import counts_of
from mangosaurus.training.ngram_counts import count_ngrams, fit_ngrams
from mangosaurus.training.torch_recurrent import Network
from mangosaurus.training.trainer import total_loss

DINOSAURS = bundled().split()[::14][:100]
ZIPF = [4000 // (place + 1) for place in range(len(DINOSAURS))]
"""Every one of them is above 3: a discount is nothing beside it."""
VOCABULARY = Vocabulary.of(NAMES)
DOCUMENTS = [VOCABULARY.encode(name) for name in NAMES]
ALONE = np.zeros(len(NAMES), dtype=np.int64)
SMALL = [1 + place * place % 5 for place in range(len(NAMES))]


def lines_of(items: list[Any], weights: list[int]) -> list[Any]:
    """Each item as often as its weight, in an order in which the first ones stay in theirs."""
    rng, lines = np.random.default_rng(5), list(items)
    for item, weight in zip(items, weights, strict=True):
        for _ in range(weight - 1):
            lines.insert(int(rng.integers(lines.index(item) + 1, len(lines) + 1)), item)
    return lines


@pytest.mark.parametrize(
    ("options", "labelled"),
    [
        ({"steps": 0}, False),
        ({"steps": 0}, True),
        ({"steps": 6, "hidden": 8, "order": 3}, True),
        pytest.param({"steps": 6, "hidden": 8, "members": 2}, False, marks=pytest.mark.slow),
        pytest.param({"steps": 4}, False, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_weights_and_repeated_lines_give_the_same_file(options: dict[str, Any], labelled: bool) -> None:
    lines = lines_of(list(zip(NAMES, LABELS, strict=True)), SMALL)
    theirs = [label for _, label in lines] if labelled else None
    repeated = mangosaurus.fit([name for name, _ in lines], labels=theirs, **options)
    weighted = mangosaurus.fit(NAMES, weights=SMALL, labels=LABELS if labelled else None, **options)
    assert weighted.to_bytes() == repeated.to_bytes()
    assert 0 < weighted.training["held_out_symbols"] <= sum(len(name) + 1 for name in NAMES)
    assert weighted.training["held_out_weighted"] != weighted.training["held_out"]


@pytest.mark.parametrize(
    ("options", "labels"), [({"steps": 6, "hidden": 8, "order": 3}, None), ({"steps": 0, "order": 3}, LABELS)]
)
def test_a_list_repeated_three_times_is_the_list(options: dict[str, Any], labels: list[str] | None) -> None:
    once = mangosaurus.fit(NAMES, labels=labels, **options)
    thrice = mangosaurus.fit(NAMES * 3, labels=labels and labels * 3, **options)
    assert "each of them 3 times, which changes nothing" in thrice.training["corpus"]
    assert "held_out_weighted" not in thrice.training
    assert thrice.training.pop("corpus") != once.training.pop("corpus")
    assert thrice.to_bytes() == once.to_bytes()


def test_frequent_names_come_more_often_and_new_ones_as_easily() -> None:
    once = mangosaurus.fit(DINOSAURS, steps=0)
    skewed = mangosaurus.fit(DINOSAURS, weights=ZIPF, steps=0)
    heavy = mangosaurus.fit(DINOSAURS, weights=[1000 + place % 7 for place in range(len(DINOSAURS))], steps=0)
    assert heavy.training["held_out"] == once.training["held_out"]
    assert skewed.training["held_out"] < once.training["held_out"] + 0.06
    assert skewed.training["held_out_symbols"] == once.training["held_out_symbols"]
    for number, factor in ((0, 20), (1, 10), (5, 3)):
        one, other = (model.surprisal([DINOSAURS[number]])[0].nats.sum() for model in (once, skewed))
        assert other < one - np.log(factor)
    drawn = skewed.sample(100, seed=1)
    assert len(drawn) == 100
    assert drawn.drawn < 200


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30), st.integers(1, 1000))
def test_counts_follow_the_weights_and_are_few(weights: list[int], factor: int) -> None:
    given, groups = np.array(weights), np.zeros(len(weights), dtype=np.int64)
    counts = counts_of(given, groups)
    assert counts.min() >= 1
    assert counts.sum() <= 2 * len(weights)
    assert (np.diff(counts[np.argsort(given, kind="stable")]) >= 0).all()
    assert counts_of(np.array([1, 1, 2]), np.zeros(3, dtype=np.int64)).tolist() == [1, 1, 2]
    assert counts_of(np.append(given, 1), np.append(groups, 1)).tolist() == [*counts.tolist(), 1]


def test_counts_are_those_of_repeated_documents() -> None:
    counts = np.array(SMALL)
    repeated = [DOCUMENTS[place] for place in np.repeat(np.arange(len(counts)), counts)]
    for order in (1, 2, 5):
        one = count_ngrams(DOCUMENTS, len(VOCABULARY), order, counts)
        other = count_ngrams(repeated, len(VOCABULARY), order)
        for field in fields(NGramCounts):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)
    assert one.count.sum() > count_ngrams(DOCUMENTS, len(VOCABULARY), 5).count.sum()


def test_a_fold_knows_the_counts_of_what_it_learns_and_the_weights_of_what_it_holds_out() -> None:
    numbers = {document.tobytes(): 10 + place for place, document in enumerate(DOCUMENTS)}
    labels = np.array([LABELS.index("boy") == LABELS.index(label) for label in LABELS]).astype(np.int64)
    marked = mark(DOCUMENTS, labels, len(VOCABULARY))
    given = np.arange(10, 10 + len(NAMES))
    plain = split(DOCUMENTS, False, 0, given, given)
    labelled = with_every_label(split(marked, False, 0, given, given), 2, seed=0)
    assert len(plain) == len(labelled) == 10
    for fold, first in [*((fold, 0) for fold in plain), *((fold, 1) for fold in labelled)]:
        assert fold.counts is not None
        assert fold.weights is not None
        assert [numbers[document[first:].tobytes()] for document in fold.train] == fold.counts.tolist()
        assert [numbers[document[first:].tobytes()] for document in fold.held_out] == fold.weights.tolist()
        assert not {each.tobytes() for each in fold.train} & {each.tobytes() for each in fold.held_out}


def test_both_losses_are_of_names_not_seen() -> None:
    record = mangosaurus.fit(NAMES, weights=SMALL, steps=0, prior=False).training
    weights = np.array(SMALL)
    counts = counts_of(weights, ALONE)
    folds = split(DOCUMENTS, False, 0, counts, weights)
    models, _ = fit_ngrams(DOCUMENTS, folds, VOCABULARY, record["order"], counts)
    nats, symbols, theirs = [], [], []
    for model, fold in zip(models, folds, strict=True):
        nats += [-score.sum() for score in model.score(fold.held_out)]
        symbols += [len(document) + 1 for document in fold.held_out]
        theirs += fold.weights.tolist()  # type: ignore[union-attr]
    assert record["held_out"] == pytest.approx(sum(nats) / sum(symbols))
    assert record["held_out_weighted"] == pytest.approx(np.dot(theirs, nats) / np.dot(theirs, symbols))


def test_batches_read_names_as_often_as_they_are_counted_and_numpy_agrees_on_their_loss() -> None:
    counts = np.array(SMALL)
    network = Network(len(VOCABULARY), Hyperparameters(hidden=8, embedding=4), torch.Generator().manual_seed(1)).eval()
    batches = -(-int(counts.sum()) // 8)
    read = dict.fromkeys((tuple(document.tolist()) for document in DOCUMENTS), 0)
    total = 0.0
    for batch in islice(names(DOCUMENTS, 8, np.random.default_rng(0), counts=counts), batches):
        with torch.no_grad():
            total += float(total_loss(network(batch.inputs)[0], batch.targets))
        for row in batch.targets.T.numpy():
            read[tuple(row[row != IGNORED][:-1].tolist())] += 1
    assert [*read.values()] == SMALL
    scores = Recurrent(VOCABULARY, network.export()).score(DOCUMENTS)
    expected = -sum(count * float(score.sum()) for count, score in zip(counts, scores, strict=True))
    assert total == pytest.approx(expected, abs=rounding(np.float32, 100, size=expected))


def test_a_run_resumes_with_the_same_weights_only(tmp_path: Path) -> None:
    options: dict[str, Any] = {"steps": 4, "hidden": 8, "order": 3}
    begun = mangosaurus.fit(NAMES, weights=SMALL, checkpoint=tmp_path / "kept", **options)
    again = mangosaurus.fit(lines_of(NAMES, SMALL), resume=tmp_path / "kept")
    assert again.to_bytes() == begun.to_bytes()
    other = [*SMALL[:-1], SMALL[-1] + 1]
    for weights in (other, None):
        with pytest.raises(CheckpointError, match="has another corpus"):
            mangosaurus.fit(NAMES, weights=weights, resume=tmp_path / "kept")


def test_what_is_held_out_on_purpose_counts_once_and_by_weight() -> None:
    record = mangosaurus.fit(NAMES[4:], holdout=lines_of(NAMES[:4], [1, 2, 5, 1]), steps=0).training
    alone = mangosaurus.fit(NAMES[4:], holdout=NAMES[:4], steps=0).training
    assert record["held_out"] == alone["held_out"]
    assert record["held_out_symbols"] == alone["held_out_symbols"]
    assert record["held_out_weighted"] != record["held_out"]


@settings(max_examples=8)
@given(st.lists(st.integers(1, 4), min_size=len(NAMES), max_size=len(NAMES)))
def test_an_evaluation_counts_names_as_often_as_they_stand_there(weights: list[int]) -> None:
    model, unknown = mangosaurus.load(), ["ʘnna", "beʘʘ", *NAMES[2:]]
    weighted = model.evaluate(unknown, weights=weights)
    assert weighted == model.evaluate(lines_of(unknown, weights))
    assert weighted.documents == sum(weights)
    assert weighted.symbols == sum(w * (1 + sum(c != "ʘ" for c in n)) for n, w in zip(unknown, weights, strict=True))
    assert weighted.unknown_characters == weights[0] + 2 * weights[1]
    once = model.evaluate(unknown)
    by_name = weighted.nats_per_symbol_by_name
    assert (by_name or weighted.nats_per_symbol) == pytest.approx(once.nats_per_symbol)
    assert once.nats_per_symbol_by_name is None
    if by_name is not None:
        windows = model.evaluate(NAMES, window=3, weights=weights)
        once = model.evaluate(NAMES, window=3)
        assert windows.symbols == sum(w * max(0, len(name) - 3) for name, w in zip(NAMES, weights, strict=True))
        assert (windows.nats_per_symbol_by_name or windows.nats_per_symbol) == pytest.approx(once.nats_per_symbol)


def test_labels_have_the_shares_of_their_weights() -> None:
    model = mangosaurus.fit(NAMES, labels=LABELS, weights=[9 if label == "boy" else 1 for label in LABELS], steps=0)
    assert model.labels == {"boy": 9 * LABELS.count("boy"), "girl": LABELS.count("girl")}


def test_the_command_line_says_both_losses(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("\n".join(lines_of(NAMES, SMALL)))
    done = run("train", "lines.txt", "--budget", "0s", "--out", "names.safetensors", cwd=tmp_path)
    assert "of them count more than once (most often" in done.stderr
    assert "each name once; " in done.stderr
    assert " by weight, on " in run("info", "names.safetensors", cwd=tmp_path).stdout
    said = run("evaluate", "names.safetensors", "lines.txt", cwd=tmp_path).stdout
    assert "nats per symbol if each name counts once\n" in said


@pytest.mark.parametrize(
    ("corpus", "weights", "error", "message"),
    [
        (NAMES, [1], CorpusError, "names and 1 weight;"),
        (["a", "b"], [1, 0], CorpusError, "the weight number 2 is 0; it must be a whole number, 1 or more"),
        (["a", ""], [1, 1], CorpusError, "the name number 2 is ''"),
        (["a", "b"], [1.5, 1], OptionError, "weights is 1.5; each must be a whole number"),
        (
            ["a", "b", "c"],
            [2**53, 1, 1],
            CorpusError,
            "the weights are too large: the largest is 9,007,199,254,740,992",
        ),
        ("dinosaurs", [1], OptionError, "weights is a list, which belongs to a list of names"),
    ],
)
def test_weights_that_fit_no_list_are_refused(corpus: Any, weights: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        mangosaurus.fit(corpus, weights=weights, budget=0)
    with pytest.raises(OptionError, match="weights belong to names"):
        mangosaurus.fit(["a text"], weights=[2], format="text", budget=0)


def test_a_fold_of_names_without_weights_has_none() -> None:
    fold = Fold(DOCUMENTS[3:], DOCUMENTS[:3])
    assert fold.counts is None
    assert fold.weights is None
