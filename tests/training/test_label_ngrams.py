"""Training on names with labels: what is held out, what each label is given, what comes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from examples import LABELS, NAMES

import mangosaurus
from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.data.read import corpus_of
from mangosaurus.models.labelled import Labelled
from mangosaurus.training import batches
from mangosaurus.training.folds import Fold
from mangosaurus.training.label_ngrams import (
    by_label,
    cut,
    fit_labelled_ngrams,
    labelled_predictions,
    mark,
    with_every_label,
)
from mangosaurus.training.recipe import _share_of

VOCABULARY = Vocabulary.of(NAMES)
SYMBOLS = len(VOCABULARY)
NUMBERS = np.array([("boy", "girl").index(label) for label in LABELS])
MARKED = mark(VOCABULARY.encode_all(NAMES), NUMBERS, SYMBOLS)


def many(seed: int = 0, names: int = 600) -> tuple[list[str], list[str]]:
    """Names that begin alike and end as their label says."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["elf", "orc"], names, p=[0.7, 0.3]).tolist()
    begun = ["".join(rng.choice(list("aeiklnrt"), rng.integers(3, 7))) for _ in labels]
    return [begin + ("iel" if label == "elf" else "gruk") for begin, label in zip(begun, labels, strict=True)], labels


def test_a_document_begins_with_its_label_and_is_found_under_it() -> None:
    assert MARKED[0].tolist() == [SYMBOLS + 1, *VOCABULARY.encode(NAMES[0])]
    boys, girls = by_label(MARKED, SYMBOLS, 2)
    assert [VOCABULARY.decode(document) for document in boys] == [
        n for n, of in zip(NAMES, LABELS, strict=True) if of == "boy"
    ]
    assert len(girls) == LABELS.count("girl")


def test_networks_read_the_label_in_place_of_end_and_never_predict_it() -> None:
    batch = next(batches.names(MARKED, len(MARKED), np.random.default_rng(0), labelled=True))
    assert set(batch.inputs[0].tolist()) == {SYMBOLS, SYMBOLS + 1}
    assert int(batch.inputs[1:].max()) < SYMBOLS
    assert int(batch.targets.max()) < SYMBOLS
    assert int((batch.targets == END).sum()) == len(NAMES)


def test_no_part_holds_out_all_names_of_a_label() -> None:
    lonely = np.append(SYMBOLS + 2, VOCABULARY.encode("anna"))
    folds = [Fold(MARKED[4:], [*MARKED[:4], lonely]), Fold(MARKED, [lonely])]
    (fold,) = with_every_label(folds, 3, seed=0)
    assert sorted(document.tolist() for document in fold.held_out) == sorted(d.tolist() for d in MARKED[:4])
    assert fold.train[-1].tolist() == lonely.tolist()
    assert len(with_every_label([Fold(MARKED[4:], MARKED[:4])] * 10, 100, seed=0)) == 2


def test_a_share_of_the_corpus_has_every_label() -> None:
    labels = np.array([0] * 500 + [1] + [2] * 500)
    marked = mark([VOCABULARY.encode("anna")] * len(labels), labels, SYMBOLS)
    share, _ = _share_of(marked, 0.01, text=False, labelled=True)
    assert {int(document[0]) - SYMBOLS for document in share} == {0, 1, 2}
    assert len(share) < 20


def test_held_out_predictions_are_those_of_the_models() -> None:
    fold = Fold(MARKED[5:], MARKED[:5])
    (model,), whole, losses = fit_labelled_ngrams(MARKED, [fold], VOCABULARY, 4, ("boy", "girl"), np.array([3, 5]))
    said = labelled_predictions(model, cut(fold.held_out, 10_000))
    documents, labels = [document[1:] for document in fold.held_out], NUMBERS[:5]
    assert said.symbols.tolist() == [symbol for document in documents for symbol in [*document, END]]
    assert len(losses[0].nats) == len(said.symbols)
    assert whole.counts.tolist() == [3, 5]
    expected = -np.concatenate(model.score_with(documents, labels))
    np.testing.assert_allclose(said.losses(said.mixed(model.weights)), expected)
    few = labelled_predictions(model, cut(fold.held_out, 12))
    assert len(few.symbols) <= 12


def test_a_model_of_all_labels_is_better_than_each_alone_and_than_none() -> None:
    names, labels = many()
    test, test_labels = many(seed=1)
    model = mangosaurus.fit(names, labels=labels, budget=0)
    given = model.evaluate(test, labels=test_labels).nats_per_symbol
    assert given < mangosaurus.fit(names, budget=0).evaluate(test).nats_per_symbol - 0.02
    apart = symbols = 0.0
    for label in ("elf", "orc"):
        alone = mangosaurus.fit([n for n, of in zip(names, labels, strict=True) if of == label], budget=0)
        measured = alone.evaluate([n for n, of in zip(test, test_labels, strict=True) if of == label])
        apart, symbols = apart + measured.nats_per_symbol * measured.symbols, symbols + measured.symbols
    assert given < apart / symbols
    assert model.training["held_out"] == pytest.approx(given, abs=0.05)
    found = model.classify(test)
    assert np.mean([a == b for a, b in zip(found.best, test_labels, strict=True)]) > 0.98
    assert model.labels == {"elf": labels.count("elf"), "orc": labels.count("orc")}


def test_networks_learn_the_labels_and_steps_give_the_same_file(tmp_path: Path) -> None:
    names, labels = many()
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        model = mangosaurus.fit(names, labels=labels, steps=150, members=2, hidden=32)
        model.save(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert isinstance(model.distribution, Labelled)
    assert len(model.distribution.networks) == 2
    record = model.training
    assert record["held_out"] < record["held_out_ngram"] - 0.02
    assert record["symbols"] == sum(len(name) + 1 for name, _ in set(zip(names, labels, strict=True)))
    for label, ending in (("orc", "gruk"), ("elf", "iel")):
        assert sum(name.endswith(ending) for name in model.sample(50, seed=1, label=label)) > 40
    # By themselves, too, the networks know how a name ends whose label they have read.
    for network in model.distribution.networks:
        state = network.start_with(len(model.vocabulary) + np.array([0, 1]))
        for symbol in model.vocabulary.encode("ateka"):
            state = network.advance(state, np.full(2, symbol))
        elf, orc = network.log_probs(state)
        (i, g) = model.vocabulary.encode("ig")
        assert elf[i] - elf[g] > orc[i] - orc[g] + 2
    assert model.info()["model"].startswith(
        "7-gram of all names and of each of 2 labels mixed with the prior of names and 2 times LSTM"
    )


@pytest.mark.parametrize("labels", [["x"] * len(NAMES), NAMES, ["x", *["y"] * (len(NAMES) - 1)]])
def test_one_label_and_labels_of_one_name(labels: list[str]) -> None:
    for options in ({"budget": 0}, {"steps": 5, "hidden": 8}):
        model = mangosaurus.fit(NAMES, labels=labels, **options)  # type: ignore[arg-type]
        assert set(model.labels) == set(labels)
        np.testing.assert_allclose(model.classify(["anna"]).probabilities.sum(), 1)
        assert len(model.sample(3, seed=1, label=labels[0], allow_known=True)) == 3


def test_a_holdout_has_labels_of_the_corpus() -> None:
    holdout = corpus_of(NAMES[:6], labels=LABELS[:6])
    model = mangosaurus.fit(NAMES[6:], labels=LABELS[6:], holdout=holdout, budget=0)
    assert model.training["held_out_symbols"] == sum(len(name) + 1 for name in NAMES[:6])
    with pytest.raises(CorpusError, match="a list has names without labels, and those of the corpus have some"):
        mangosaurus.fit(NAMES[6:], labels=LABELS[6:], holdout=NAMES[:6], budget=0)
    with pytest.raises(OptionError, match="no label 'elf'"):
        mangosaurus.fit(NAMES, labels=LABELS, holdout=corpus_of(["anna"], labels=["elf"]), budget=0)


def test_without_labels_nothing_is_classified() -> None:
    model = mangosaurus.fit(NAMES, budget=0)
    assert model.labels == {}
    with pytest.raises(OptionError, match="this model has no labels"):
        model.classify(["anna"])
    with pytest.raises(OptionError, match="this model has no labels"):
        model.sample(3, label="boy")
