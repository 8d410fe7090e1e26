"""`fit` as a whole, small: what it promises of reproducibility, budgets and stopping."""

from __future__ import annotations

import math
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import LABELS, NAMES
from rounding import rounding

import mangosaurus
from mangosaurus.cli.info import repeat_line
from mangosaurus.core.errors import CorpusError, MissingExtraError, OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Corpus, Kind
from mangosaurus.data.sources import bundled
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.training.folds import split
from mangosaurus.training.priors import priors_of
from mangosaurus.training.recipe import _share_of
from mangosaurus.training.status import Status

FEW = bundled().split()[:300]


def test_steps_give_the_same_file_bit_for_bit(tmp_path: Path) -> None:
    def fitted(name: str, seed: int) -> Mixture:
        model = mangosaurus.fit(FEW, steps=24, members=2, seed=seed, hidden=16, order=1, prior=False)
        model.save(tmp_path / name)
        assert isinstance(model.distribution, Mixture)
        assert len(model.distribution.networks) == 2
        return model.distribution

    fitted("one", 5)
    model = fitted("two", 5)
    record = mangosaurus.load(tmp_path / "two").training
    assert record["held_out"] < min(record["held_out_ngram"], record["held_out_network"])
    assert 2.4 < record["held_out"] < 2.7
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert not np.array_equal(fitted("three", 6).weights, model.weights)


@pytest.mark.slow
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("text", [False, True])
def test_a_run_by_budget_is_repeated_by_its_steps(text: bool) -> None:
    corpus = [" ".join(FEW)] if text else FEW
    kind: Kind = "text" if text else "names"
    options: dict[str, Any] = {"format": kind, "members": 1, "hidden": 16, "order": 1}
    options |= {} if text else {"prior": False}
    first = mangosaurus.fit(corpus, budget=4, **options)
    assert isinstance(first.distribution, Mixture)
    record = first.training
    assert record["members"] == 1
    again = mangosaurus.fit(corpus, steps=record["steps"], **options)
    assert again.training["held_out"] == record["held_out"]
    documents = [first.vocabulary.encode(document[:3000]) for document in corpus[:300]]
    for one, two in zip(first.distribution.score(documents), again.distribution.score(documents), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.usefixtures("clock")
def test_a_fine_tuned_run_by_budget_is_repeated_by_its_steps() -> None:
    names = FEW[:40]
    first = mangosaurus.fit(names, budget=3, members=1, order=3)
    record = first.training
    assert record["plan"]["fine_tuned"]
    again = mangosaurus.fit(names, steps=record["steps"], members=1, order=3)
    assert again.training["held_out"] == record["held_out"] < record["held_out_prior"]
    assert isinstance(again.distribution, Mixture)
    assert len(again.distribution.networks) == 1
    for one, two in zip(first.score(names), again.score(names), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("budget", [1, 4])
def test_a_budget_is_kept(budget: float, clock: Callable[[], float]) -> None:
    """To 10 % and 2 seconds; benchmarks measure it by a real clock."""
    started = clock()
    mangosaurus.fit(FEW, budget=budget, hidden=8, order=3)
    took = clock() - started
    assert took < 1.1 * budget + 2
    if budget > 1:
        assert took > 0.5 * budget


def test_no_budget_is_no_network_and_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("mangosaurus.training.settings.find_spec", lambda name: None)
    model = mangosaurus.fit(NAMES, budget=0)
    assert isinstance(model.distribution, Mixture)
    assert not model.distribution.networks
    assert model.training["note"] == "the n-gram and the prior alone, as asked"
    usual = mangosaurus.fit(NAMES, order=3)
    assert isinstance(usual.distribution, Mixture)
    assert not usual.distribution.networks
    assert re.search(r'with it, networks learn.*pip install "mangosaurus\[train\]"', usual.training["note"])
    for asked in ({"budget": 5}, {"budget": 10}, {"steps": 3}, {"cell": "gru"}, {"members": 1}, {"device": "auto"}):
        with pytest.raises(MissingExtraError, match=r'pip install "mangosaurus\[train\]"'):
            mangosaurus.fit(NAMES, **asked)


def test_too_little_time_or_text_gives_no_network_and_says_so() -> None:
    for model, why in (
        (mangosaurus.fit(NAMES, budget="1s"), "the budget of 1 s is too short for a network: {}"),
        (mangosaurus.fit(["A short text."], format="text", budget=5), "too little to hold any out: {}"),
        (mangosaurus.fit(["Anna"], budget=5), "too little to hold any out: {}"),
    ):
        one = model.training["documents"] == 1
        rest = "the n-gram" if model.kind == "text" else "the prior" if one else "the n-gram and the prior"
        assert isinstance(model.distribution, NGram if model.kind == "text" else Mixture)
        assert model.training["note"] == why.format(f"{rest} alone")


def test_one_name_is_what_the_prior_makes_of_it() -> None:
    model = mangosaurus.fit(["Galadriel"], budget=0)
    assert isinstance(model.distribution, Mixture)
    assert model.distribution.prior is not None
    documents = [model.vocabulary.encode(name) for name in ("Galadriel", "Geriald")]
    ours, priors = (each.score(documents) for each in (model.distribution, model.distribution.prior))
    for one, other in zip(ours, priors, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert model.training["shares"] == {"n-gram": 0.0, "prior": 1.0}


def test_the_prior_of_a_text_is_refused() -> None:
    with pytest.raises(OptionError, match="a model of texts has no prior"):
        mangosaurus.fit(["A short text."], format="text", budget=0, prior=False)


def test_the_options_that_info_prints_repeat_the_training() -> None:
    for settings in ({}, {"prior": False}, {"labels": LABELS * 4}):
        model = mangosaurus.fit(NAMES * 4, steps=25, order=1, **settings)
        line = repeat_line(model.training)
        assert line is not None
        words = re.sub(r"^.*repeat it with | and the same .*$", "", line).split()
        options: dict[str, Any] = {}
        for word, value in zip(words, [*words[1:], ""], strict=True):
            if word == "--no-prior":
                options["prior"] = False
            elif word.startswith("--"):
                options[word[2:]] = int(value) if value.isdigit() else value
        again = mangosaurus.fit(NAMES * 4, labels=settings.get("labels"), **options)
        assert again.to_bytes() == model.to_bytes()


@pytest.mark.parametrize("run", [{"budget": 0}, {"steps": 3, "members": 2}], ids=["no network", "networks"])
@pytest.mark.parametrize(
    "labels", [None, ["elf", "elf"], ["elf", "orc"]], ids=["without labels", "one label", "two labels"]
)
@pytest.mark.parametrize("names", [["Anna"], ["Anna", "Nann"]], ids=["one name", "two names"])
def test_one_name_or_two_are_enough(names: list[str], labels: list[str] | None, run: dict[str, Any]) -> None:
    of_names = None if labels is None else labels[: len(names)]
    of_held = None if of_names is None else (of_names[0], of_names[-1])
    for holdout in (None, Corpus(("Hanna", "Nan"), "names", ("held out",), labels=of_held)):
        model = mangosaurus.fit(names, labels=of_names, holdout=holdout, order=3, **run)
        distribution = mangosaurus.Model.from_bytes(model.to_bytes()).distribution
        assert holdout is None or math.isfinite(model.training["held_out"])
        assert isinstance(distribution, Mixture | Labelled)
        assert distribution.prior is not None
        parts: list[CharModel] = [distribution]
        if isinstance(distribution, Labelled):
            assert distribution.labels == tuple(sorted(set(of_names or [])))
            parts += [distribution.given(number) for number in range(len(distribution.labels))]
        for part in parts:
            state = part.start(1)
            for symbol in distribution.vocabulary.encode(names[0]):
                assert np.exp(part.log_probs(state)).sum() == pytest.approx(1, abs=1e-9)
                state = part.advance(state, np.array([symbol]))
        assert len(model.sample(3, seed=1, allow_known=True, allow_duplicates=True)) == 3


def test_without_the_prior_a_list_is_learnt_from_itself() -> None:
    model = mangosaurus.fit(NAMES, budget=0, prior=False)
    assert isinstance(model.distribution, NGram)
    assert model.training["note"] == "the n-gram alone, as asked"
    mixed = mangosaurus.fit(NAMES, steps=3, hidden=8, order=3, prior=False)
    assert "held_out_prior" not in mixed.training


def test_networks_start_from_the_prior_and_are_one_in_the_end() -> None:
    model = mangosaurus.fit(NAMES, steps=4, members=3, order=3)
    assert model.training["members"] == 3
    assert model.training["plan"]["fine_tuned"]
    assert isinstance(model.distribution, Mixture)
    (network,) = model.distribution.networks
    assert isinstance(network, Recurrent)
    assert model.distribution.prior is not None
    assert network.hidden == model.distribution.prior.hidden
    # The first held-out loss, after four small steps, is far below that of weights at random, log V.
    assert model.training["held_out_network"] < 0.9 * np.log(len(model.vocabulary))


def test_list_vectors_of_folds_have_not_seen_what_the_folds_hold_out() -> None:
    vocabulary = Vocabulary.of(NAMES)
    documents = vocabulary.encode_all(NAMES)
    folds = split(documents, text=False, seed=0)
    priors = priors_of(documents, folds, vocabulary, 0)
    alone = priors_of(folds[0].train, [], vocabulary, 0)
    # The same numbers, from products of batches of other sizes: sums of some hundred in float32.
    (fold, all_names), own = (priors.folds.parameters.vectors[0], priors.whole.parameters.vectors[0]), alone.whole
    within = rounding(np.float32, 1000)
    np.testing.assert_allclose(fold, own.parameters.vectors[0], atol=within)
    assert np.abs(fold - all_names).max() > 10 * within


def test_stopping_gives_the_best_so_far() -> None:
    stop = threading.Event()

    def watch(status: Status) -> None:
        if status.progress is not None and status.progress.step == 30:
            stop.set()

    model = mangosaurus.fit(FEW, budget=300, hidden=16, watch=watch, stop=stop)
    assert model.training["steps"] == 30
    assert isinstance(model.distribution, Mixture)
    assert model.training["interrupted"]


def test_a_holdout_takes_the_place_of_parts() -> None:
    model = mangosaurus.fit(NAMES[4:], holdout=NAMES[:4], steps=8, hidden=16)
    assert model.training["held_out_symbols"] == sum(len(name) + 1 for name in NAMES[:4])
    with pytest.raises(CorpusError):
        mangosaurus.fit(NAMES, holdout=[], budget=0)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_cell_and_depth_trains(cell: Cell) -> None:
    """Beside an n-gram that only counts single characters, so that the network is sure to help."""
    model = mangosaurus.fit(FEW, steps=60, hidden=32, layers=2, cell=cell, order=1, prior=False)
    assert model.info()["model"] == f"1-gram mixed with {cell.upper()} of 2 x 32 units"


def test_networks_that_do_not_help_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.training.recipe.cross_fitted_loss", lambda held, center: 0.0)
    model = mangosaurus.fit(NAMES, steps=5, hidden=8, prior=False)
    assert isinstance(model.distribution, NGram)
    assert model.training["note"] == "the networks did not help on what was held out: the n-gram alone"
    model = mangosaurus.fit(NAMES, steps=5, hidden=8)
    assert isinstance(model.distribution, Mixture)
    assert not model.distribution.networks
    assert model.training["note"] == "the networks did not help on what was held out: the n-gram and the prior alone"


def test_of_a_large_corpus_a_share_is_counted_and_all_of_it_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.training.recipe.MOST_COUNTED", 2_000)
    text = " ".join(bundled().split())
    model = mangosaurus.fit([text], format="text", steps=20, hidden=16, seed=3)
    record = model.training
    assert record["note"].startswith(f"the n-gram has counted {2000 / len(text):.0%} of the corpus")
    assert record["symbols"] == len(text) + 1
    assert isinstance(model.distribution, Mixture)
    counts = model.distribution.ngram.counts
    assert counts.count[: counts.degree[0]].sum() < 2_100
    # Stretches from all over the text are counted, its last twentieth among them.
    start, size = len(text) - 125, 125
    assert model.distribution.ngram.score([model.vocabulary.encode(text[start : start + size])])[0].mean() > -1.2


def test_a_share_of_names_is_some_of_all_over_the_list() -> None:
    names = [np.full(3, number) for number in range(100)]
    share, counts = _share_of(names, 0.1, text=False, counts=np.arange(1, 101))
    assert [int(name[0]) for name in share] == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
    assert counts is not None
    assert counts.tolist() == [1, 12, 23, 34, 45, 56, 67, 78, 89, 100]
    assert sum(map(len, _share_of([np.arange(1000)], 0.2, text=True)[0])) == pytest.approx(200, abs=16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": "ten"}, "budget is 'ten'; give seconds"),
        ({"budget": -1}, "budget is '-1'"),
        ({"budget": "٩s"}, "budget is '٩s'"),
        ({"steps": -1}, "steps is -1; it must be from 0"),
        ({"hidden": 0}, "hidden is 0"),
        ({"layers": 99}, "layers is 99"),
        ({"order": 0}, "order is 0"),
        ({"cell": "xlstm"}, "cell is 'xlstm'; it must be one of rnn, gru, lstm, transformer"),
        ({"cell": "transformer", "hidden": 33}, "hidden is 33; a transformer's must be even"),
        ({"device": "tpu"}, "device is 'tpu'; it must be one of auto, cpu, cuda, mps"),
        ({"precision": "16"}, "precision is '16'; it must be one of auto, 32, bf16"),
        ({"seed": -1}, "seed is -1"),
        ({"members": 0}, "members is 0"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        mangosaurus.fit(NAMES, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", [0, 30])
def test_a_text_has_its_words_where_they_help(steps: int) -> None:
    sentences = [f"{one} met {other}, and {other} was glad" for one, other in zip(FEW[::2], FEW[1::2], strict=True)]
    with_words = [". ".join(sentences * 3)]
    options: dict[str, Any] = {"steps": steps, "hidden": 16} if steps else {"budget": 0}
    model = mangosaurus.fit(with_words, format="text", seed=1, **options)
    assert isinstance(model.distribution, Mixture)
    assert model.distribution.words is not None
    assert "words" in model.training["shares"]
    assert model.training["held_out"] < model.training["held_out_ngram"]
    none = mangosaurus.fit(["".join(FEW)], format="text", seed=1, **options)  # a single long word
    assert getattr(none.distribution, "words", None) is None
    assert "held_out_words" not in none.training
