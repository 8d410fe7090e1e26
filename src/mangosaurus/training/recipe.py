"""The recipe of `fit`: from a corpus and a budget to a model.

1. Hold out: small corpora in up to ten folds, large ones in one.
2. Count the n-grams that each fold trains on, fit the discounts on what it holds out, then count everything. If the
   corpus is too large for the time or the memory, only a share of it is counted; networks draw from all of it.
3. Give names the prior: one for each fold, whose list vector is that of what the fold trains on, and one for all names.
   A text has its words in place of the prior (word_counts.py), if they help the n-gram.
4. Train networks, each without the held-out documents of one fold, as many as there is time for.
5. Fit the weights of the mixture on the predictions of n-gram, prior and network for documents that none has seen.

With labels, the n-grams of each label are also counted separately, and networks read the label first (label_ngrams.py).

The held-out losses are those of one n-gram and of the networks trained without the documents in question. The returned
model counts everything and averages its networks, so it does a little better. A name that is in the list more than
once is one document with a weight: what is learnt counts it so often, what is held out counts it once.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.models.interface import CharModel, Network
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import exponents
from mangosaurus.models.networks import mean_of, network_of, rounded
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import Parameters
from mangosaurus.models.words import letters_of
from mangosaurus.training.distributed import broadcast, world_size
from mangosaurus.training.folds import Fold, split
from mangosaurus.training.held_out import Counted, center_for, cut_of, losses_of, predictions_of, said_together
from mangosaurus.training.hyperparameters import Hyperparameters, fine_tuning_for, hyperparameters_for
from mangosaurus.training.label_ngrams import fit_labelled_ngrams, with_every_label
from mangosaurus.training.large.counts import count_mapped
from mangosaurus.training.large.documents import Mapped, documents_in
from mangosaurus.training.large.unseen import unseen
from mangosaurus.training.mixing import (
    HeldOutLosses,
    Predictions,
    center_of,
    cross_fitted_loss,
    cross_fitted_losses,
    fit_weights,
    join,
    joined_losses,
    mixed,
    prior_alone,
)
from mangosaurus.training.ngram_counts import USUAL, fit_discounts, fit_ngrams
from mangosaurus.training.priors import Priors, priors_of
from mangosaurus.training.settings import Settings, check_torch
from mangosaurus.training.so_far import SoFar
from mangosaurus.training.status import Data, Run, Status
from mangosaurus.training.word_counts import CountedWords

if TYPE_CHECKING:
    from mangosaurus.training.checkpoint import Checkpoints
    from mangosaurus.training.ensemble import Member

MOST_WEIGHED, MOST_WEIGHED_CELLS = 20_000, 10_000_000
"""The most held-out symbols of a fold to fit the mixture's weights on; and of all folds, times V."""
MOST_FITTED = 20_000
"""Held-out symbols to fit a large corpus's discounts on: three numbers a level need no more."""
LEAST_SECONDS = 2.5
"""With less time than this, no network is trained: importing torch alone takes a while."""
EARLY = 0.3
"""The share of the budget that must be left for a note why training ended."""
SECONDS_A_LOOK = 0.05
"""How often `stop` is looked at while torch is loaded."""
ORDER, LEAST_ORDER = 7, 5
SECONDS_A_SYMBOL = 0.5e-6
"""Time to sort a symbol into one more order of n-grams, twice: without and with the held-out documents."""
MOST_COUNTED = 4_000_000
"""Symbols whose n-grams are counted: they fit into about half a gigabyte of memory."""
USUAL_MEMORY = 2_000_000_000
"""Default memory limit of training on a large corpus, in bytes."""
SHARE_OF_BUDGET = 0.35
"""Share of the time left after reading that counting a large corpus may take if a network follows."""
UNITS_BY_STEPS = 512
"""Units of a network on a large corpus with `steps`: the corpus alone would suggest more than memory holds."""
STRETCHES = 16
"""Stretches of a text that make up a share of it."""


@dataclass
class Fitted:
    """The model, and how it came about."""

    model: CharModel
    record: dict[str, Any] = field(default_factory=dict)
    """JSON: settings, sizes, steps, seconds, held-out losses in nats per symbol."""


def fit(
    data: Data,
    settings: Settings,
    started: float | None = None,
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
    checkpoints: Checkpoints | None = None,
) -> Fitted:
    """Fits a mixture of an n-gram and networks.

    The budget runs from `started`, a reading of `time.monotonic()`, which defaults to now. `watch` is called after
    every step. Once `stop` is set, the best model so far is returned. A run with `checkpoints` resumes networks from
    the last one; n-grams are counted again, with the same result.

    Raises MissingExtraError if a network is asked for and torch is not installed, and CheckpointError if a checkpoint
    does not fit.
    """
    check_torch(settings)
    started = time.monotonic() if started is None else started
    status = Status("counting", started, settings, data.summary, data.known, checkpoints=checkpoints)
    run = Run(data, settings, status, watch, stop or threading.Event(), checkpoints)
    run.enter("counting")
    loading = _loading(run)
    counted = _count_large(run) if isinstance(data.documents, Mapped) else _count(run)
    small_names = settings.prior and not data.text and not isinstance(data.documents, Mapped)
    priors = priors_of(data.documents, counted.folds, data.vocabulary, len(data.labels)) if small_names else None
    record: dict[str, Any] = {
        "documents": documents_in(data.documents),
        "symbols": data.symbols,
        "order": counted.order,
        "members": 0,
        "seed": settings.seed,
    }
    reserve = _seconds_to_mix(run, counted)
    (seconds,) = broadcast(run.seconds_left() - reserve, patient=True) if settings.wants_network else (0.0,)
    if checkpoints is not None:
        status.started = checkpoints.count_from(status.started)
    model, said = _without_networks(run, counted, priors, record)
    if isinstance(model, NGram):  # words did not help
        counted = replace(counted, words=None)
    status.so_far = SoFar(counted, priors, model, said, record["held_out"], data.text)
    note = _why_no_network(run, counted, seconds) or _load_torch(run, reserve, loading)
    if note:
        note = note.format(_rest(priors, counted))
    else:
        members, hyperparameters = _train(run, counted, priors, seconds, reserve)
        model, note = _with_networks(run, counted, priors, members, hyperparameters, model, record)
    if counted.note or note:
        record["note"] = "; ".join(each for each in (counted.note, note) if each)
    if run.stop.is_set():
        record["interrupted"] = True
    if settings.steps is None:  # by steps, the same run gives the same file, however long it took
        record["seconds"] = round(time.monotonic() - status.started, 3)
    return Fitted(model, record)


def _count(run: Run) -> Counted:
    """Holds out folds of a corpus in memory, and counts it, or as much of it as time and memory allow."""
    data, settings, symbols, labels = run.data, run.settings, run.data.symbols, run.data.labels
    order, counted_symbols = _affordable(run)
    share = counted_symbols / symbols
    if data.held_out is None:
        folds = split(data.documents, data.text, settings.seed, data.counts, data.weights)
    else:
        folds = [Fold(list(data.documents), list(data.held_out), data.counts, data.held_out_weights)]
    if labels:
        folds = with_every_label(folds, len(labels), settings.seed)
    some, counted = _share_of(data.documents, share, data.text, bool(labels), data.counts)
    counting = [
        replace(fold, train=part, counts=counts)
        for fold in folds
        for part, counts in [_share_of(fold.train, share, data.text, bool(labels), fold.counts)]
    ]
    note = f"the n-gram has counted {share:.0%} of the corpus, as much as the time and the memory allow"
    note = note if share < 1 else ""
    if labels:
        shares = np.bincount(data.label_of, weights=data.weights, minlength=len(labels)).astype(np.int64)
        labelled = fit_labelled_ngrams(some, counting, data.vocabulary, order, labels, shares, counted)
        return Counted(folds, *labelled, order, note)
    fold_ngrams, ngram = fit_ngrams(some, counting, data.vocabulary, order, counted)
    losses = [losses_of(model, fold, data.text) for model, fold in zip(fold_ngrams, folds, strict=True)]
    words = None
    if data.text and folds:
        words = CountedWords(some, [fold.train for fold in counting], letters_of(data.vocabulary))
        words = words if len(words.whole.counts.symbol) else None  # it may be one long word
    return Counted(folds, fold_ngrams, ngram, losses, order, note, words)


def _affordable(run: Run) -> tuple[int, int]:
    """The longest n-gram, and how many symbols are counted."""
    settings, symbols = run.settings, run.data.symbols
    order, counted = settings.order or ORDER, min(symbols, MOST_COUNTED)
    if settings.budget > 0 and settings.steps is None:
        left = max(0.2, run.seconds_left() + 1.0 - 0.2 * settings.budget)
        affordable = left / SECONDS_A_SYMBOL  # symbols times orders
        if settings.order is None:
            order = int(np.clip(affordable // counted, LEAST_ORDER, ORDER))
        counted = min(counted, round(affordable / order))
    if settings.wants_network:
        order, counted = map(int, broadcast(order, counted, patient=True))
    if run.checkpoints is not None:  # what depended on time stays as it was
        order = run.checkpoints.decide("order", order)
        counted = min(symbols, run.checkpoints.decide("counted", counted))
    return order, counted


def _count_large(run: Run) -> Counted:
    """Holds out some of a corpus in a file, and counts the rest, or as much of it as there is time for.

    The held-out part is so small that the final model goes without it.
    """
    data, settings, checkpoints, documents = run.data, run.settings, run.checkpoints, run.data.documents
    assert isinstance(documents, Mapped)
    seconds = math.inf
    if settings.wants_network and settings.steps is None:
        seconds = SHARE_OF_BUDGET * max(0.0, run.seconds_left())
    if data.held_out is None:
        folds = [unseen(fold) for fold in documents.split(settings.seed)]
    else:
        folds = [Fold(documents, list(data.held_out), weights=data.held_out_weights)]
    kept = folds[0].train if folds else documents
    assert isinstance(kept, Mapped)
    counted = count_mapped(
        kept,
        documents.occurring(len(data.vocabulary)),
        settings.order or ORDER,
        settings.memory or USUAL_MEMORY,
        seconds,
        stop=run.stop,
        groups=None if checkpoints is None else checkpoints.decided.get("groups"),
    )
    ngram = NGram(data.vocabulary, counted.counts, np.tile(USUAL, (counted.counts.order, 1)))
    if folds:
        ends = np.cumsum([len(document) for document in folds[0].held_out])
        some = folds[0].held_out[: max(1, int(np.searchsorted(ends, MOST_FITTED)))]
        discounts = fit_discounts(ngram.evidence(some), len(data.vocabulary))
        del ngram  # before the other is made: they are large
        ngram = NGram(data.vocabulary, counted.counts, discounts)
    if checkpoints is not None and not run.stop.is_set():  # counting that was stopped is done again
        checkpoints.decide("groups", counted.groups)
    losses = [losses_of(ngram, fold, data.text) for fold in folds]
    notes = []
    if counted.share < 1:
        notes.append(f"the n-gram has counted {counted.share:.0%} of the corpus, as much as the time allows")
    if counted.threshold > 1:
        notes.append(
            f"its contexts seen fewer than {counted.threshold:,} times are left out, which leaves "
            f"{len(counted.counts.symbol):,} entries"
        )
    return Counted(folds, [ngram] * len(folds), ngram, losses, ngram.order, "; ".join(notes))


def _seconds_to_mix(run: Run, counted: Counted) -> float:
    """About the time that the mixture's weights take, at the end."""
    measured = min(MOST_WEIGHED, max((sum(map(len, fold.held_out)) for fold in counted.folds), default=0))
    return 0.1 + 0.03 * run.settings.budget + 5e-5 * measured


def _why_no_network(run: Run, counted: Counted, seconds: float) -> str:
    """Why no network is trained, with a place for what there is instead; empty if networks are trained."""
    resumed = run.checkpoints is not None and run.checkpoints.training is not None
    if not run.settings.wants_network:
        return "{}, as asked"
    if not counted.folds:
        return "too little to hold any out: {}"
    if seconds < LEAST_SECONDS and not resumed:
        return f"the budget of {run.settings.budget:g} s is too short for a network: {{}}"
    return ""


def _loading(run: Run) -> threading.Thread | None:
    """A thread that imports torch while n-grams are counted; None if it need not or must not be.

    Importing it takes seconds, on a busy machine many. A run with checkpoints waits for it where it needs it: the last
    one may have networks, however little time is left.
    """
    needed = run.settings.wants_network and run.checkpoints is None and "torch" not in sys.modules
    if not needed or run.seconds_left() < LEAST_SECONDS:
        return None
    thread = threading.Thread(target=_try_to_import, name="loading torch", daemon=True)
    thread.start()
    return thread


def _load_torch(run: Run, reserve: float, loading: threading.Thread | None) -> str:
    """Waits for torch. Returns why no network is trained, if `stop` is set meanwhile or less than `reserve` seconds are
    left afterwards; otherwise an empty string. An import cannot be broken off: its thread is left to itself then."""
    run.enter("training")
    begun = time.monotonic()
    while loading is not None and loading.is_alive():
        if run.stop.is_set():
            return "stopped before a network had learnt anything: {}"
        loading.join(SECONDS_A_LOOK)
    _import_torch()
    took = time.monotonic() - begun
    if run.checkpoints is None and world_size() == 1 and run.seconds_left() < reserve:
        return f"loading torch took {took:.0f} s of the budget of {run.settings.budget:g} s, give a longer one: {{}}"
    return ""


def _import_torch() -> None:
    import_module("mangosaurus.training.ensemble")


def _try_to_import() -> None:
    with suppress(Exception):  # it is imported once more, and what is wrong is raised there
        _import_torch()


def _rest(priors: Priors | None, counted: Counted) -> str:
    """What a model without networks is, for a note."""
    if priors is None:
        return "the n-gram alone" if counted.words is None else "the n-gram and the words alone"
    return "the n-gram and the prior alone" if counted.folds else "the prior alone"


def _train(
    run: Run, counted: Counted, priors: Priors | None, seconds: float, reserve: float
) -> tuple[list[Member], Hyperparameters]:
    """Networks, of hyperparameters that follow from the corpus and from `seconds` of training.

    Those of names start from the prior, unless the settings ask for another kind or size.
    """
    from mangosaurus.training.device import hardware_for
    from mangosaurus.training.ensemble import train_members

    data, settings = run.data, run.settings
    device = hardware_for(settings.device, settings.precision).device.type

    def sized(hidden: int | None) -> Hyperparameters:
        total = seconds * world_size()
        return hyperparameters_for(data.symbols, data.text, settings.cell, settings.layers, hidden, total, device)

    units = settings.hidden
    if isinstance(data.documents, Mapped) and settings.steps is not None:
        units = units or UNITS_BY_STEPS
    hyper = sized(units)
    if run.checkpoints is not None:
        hyper = sized(run.checkpoints.decide("hidden", hyper.hidden))
    starts: Sequence[Parameters] = ()
    if priors is not None and _fine_tunes(settings, priors.whole.hidden, hyper.hidden):
        starts = priors.starts()
        hyper = fine_tuning_for(data.symbols, priors.whole.hidden, starts[0].embedding.shape[1])
    hyper = replace(hyper, batch=settings.batch or hyper.batch)
    if run.status.so_far is not None:
        run.status.so_far.fine_tuned = hyper.fine_tuned
    return train_members(run, counted.folds, hyper, reserve, starts), hyper


def _fine_tunes(settings: Settings, units: int, wanted: int) -> bool:
    """Whether networks start from the prior, of so many `units`: unless the settings ask for another kind or size, or
    the corpus and the time want a larger network."""
    as_asked = settings.cell == "lstm" and settings.hidden in (None, units) and settings.layers in (None, 1)
    return as_asked and wanted <= units


def _without_networks(
    run: Run, counted: Counted, priors: Priors | None, record: dict[str, Any]
) -> tuple[CharModel, list[Predictions]]:
    """The mixture of n-gram and prior, or of n-gram and words, or the n-gram alone; and what they predict for the names
    that each fold holds out. Adds its held-out losses to `record`."""
    if priors is not None and not counted.folds:  # nothing tells how good the n-gram is; of so few names it is poor
        weights = prior_alone(counted.ngram)
        record |= {"held_out": None, "held_out_symbols": 0, "shares": {"n-gram": 0.0, "prior": 1.0}}
        return mixed(counted.ngram, priors.whole, (), weights), []
    if priors is not None or counted.words is not None:
        text, most = run.data.text, min(MOST_WEIGHED, MOST_WEIGHED_CELLS // len(run.data.vocabulary))
        held_out = {
            number: cut_of(counted, fold.held_out, most // len(counted.folds), text)
            for number, fold in enumerate(counted.folds)
        }
        of_prior = None if priors is None else priors.predict(held_out)
        apart = [
            predictions_of(counted, number, documents, [] if of_prior is None else [of_prior[number]], text)
            for number, documents in held_out.items()
        ]
        found: dict[str, Any] = {}
        model = _fitted(counted, priors, apart, [], found)
        if priors is not None or found["held_out"] < found["held_out_ngram"]:
            record |= found
            return model, [] if text else apart
    record |= {"held_out": None, "held_out_symbols": 0}
    if counted.losses:
        record |= _reported(joined_losses(counted.losses))
    return counted.ngram, []


def _fitted(
    counted: Counted,
    priors: Priors | None,
    apart: Sequence[Predictions],
    networks: Sequence[Network],
    record: dict[str, Any],
) -> CharModel:
    """The mixture with the weights that the held-out predictions ask for; adds its losses to `record`."""
    held, ngrams = join(apart), 1 + isinstance(counted.ngram, Labelled)
    center = center_for(counted, priors, bool(networks))
    names = ["n-gram"] * ngrams + ["words"] * (counted.words is not None)
    names += ["prior"] * (priors is not None) + ["network"] * bool(networks)
    weights = fit_weights(held, center)
    shares = exponents(held.features, weights).mean(axis=0)
    shares /= max(float(shares.sum()), np.finfo(np.float64).tiny)
    record |= _reported(cross_fitted_losses(apart, center))
    record |= {
        "held_out_ngram": cross_fitted_loss(
            [each.of(range(ngrams)) for each in apart], center_of(counted.order, ngrams, 0)
        ),
        "shares": {name: round(float(shares[[each == name for each in names]].sum()), 4) for name in names},
    }
    record |= {
        f"held_out_{name}": float(held.losses(held.models[place]).mean())
        for place, name in enumerate(names)
        if name != "n-gram"
    }
    words = None if counted.words is None else counted.words.whole
    return mixed(counted.ngram, None if priors is None else priors.whole, networks, weights, words)


def _reported(losses: HeldOutLosses) -> dict[str, Any]:
    """What a record says of held-out losses, nats per symbol: each document once, and by weight where that differs."""
    said: dict[str, Any] = {"held_out": losses.mean, "held_out_symbols": len(losses.nats)}
    return said | ({} if losses.weighted is None else {"held_out_weighted": losses.weighted})


def _with_networks(
    run: Run,
    counted: Counted,
    priors: Priors | None,
    members: Sequence[Member],
    hyper: Hyperparameters,
    without: CharModel,
    record: dict[str, Any],
) -> tuple[CharModel, str]:
    """The mixture with networks, or the one `without` where that is better, and a note for the user; adds to
    `record`."""
    data, status, folds = run.data, run.status, counted.folds
    skipped = sum(member.progress.skipped for member in members)
    notes = [f"skipped {skipped:,} training steps whose loss was not finite"] if skipped else []
    if not members:
        why = "stopped" if run.stop.is_set() else "the budget was used up"
        why = f"{why} before a network had learnt anything"
        if status.progress is not None and status.progress.skipped:
            why = "no network was learnt, since the loss was not finite"
        return without, "; ".join([*notes, f"{why}: {_rest(priors, counted)}"])
    run.enter("mixing")
    networks = [network_of(data.vocabulary, member.parameters) for member in members]
    used = sorted({member.fold for member in members})
    most = min(MOST_WEIGHED, MOST_WEIGHED_CELLS // (len(members) * len(data.vocabulary)))
    held_out = {fold: cut_of(counted, folds[fold].held_out, most, data.text) for fold in used}
    of_prior = None if priors is None else priors.predict(held_out)
    apart = []
    for fold, documents in held_out.items():
        said = [] if of_prior is None else [of_prior[fold]]
        own = [network for member, network in zip(members, networks, strict=True) if member.fold == fold]
        said.append(said_together(own, documents, labelled=bool(data.labels)))
        apart.append(predictions_of(counted, fold, documents, said, data.text))
    first = members[0].progress
    record |= {
        "steps": first.step,
        "finished": first.step == first.steps,
        "epochs": round(first.symbols / data.epoch, 2),
        "plan": asdict(hyper),
        "curves": [member.progress.curve for member in members],
    }
    others = range(len(apart[0].models) - 1)
    alone = cross_fitted_loss([each.of(others) for each in apart], center_for(counted, priors, networks=False))
    found: dict[str, Any] = {}
    if hyper.fine_tuned:  # their weights have a mean that is as good as they are together, and one network is quicker
        trained = [member.parameters for member in members if isinstance(member.parameters, Parameters)]
        networks = [network_of(data.vocabulary, rounded(mean_of(trained)))]
    model = _fitted(counted, priors, apart, networks, found)
    record["held_out_network"] = found["held_out_network"]
    if alone <= found["held_out"]:
        notes.append(f"the networks did not help on what was held out: {_rest(priors, counted)}")
        return without, "; ".join(notes)
    if run.settings.steps is None and not run.stop.is_set() and run.seconds_left() > EARLY * run.settings.budget:
        took = time.monotonic() - status.started
        whose = "the network has" if len(members) == 1 else f"all {len(members)} networks have"
        notes.append(f"done after {took:.0f} s of {run.settings.budget:g} s: {whose} learnt what there is")
    record.pop("held_out_weighted", None)  # that of the model without networks
    record |= found | {"members": len(members)}
    if status.so_far is not None:
        status.so_far.end(model, found["held_out"])
        run.watch(status)
    return model, "; ".join(notes)


def _share_of(
    documents: Sequence[IntArray],
    share: float,
    text: bool,
    labelled: bool = False,
    counts: IntArray | None = None,
) -> tuple[list[IntArray], IntArray | None]:
    """About this share of the corpus, from all over it: stretches of each text, or some names of every label; and their
    counts."""
    if share >= 1:
        return list(documents), counts
    if not text:
        chosen = np.linspace(0, len(documents) - 1, max(2, round(share * len(documents)))).astype(np.int64)
        if labelled:
            first_of_each = np.unique([document[0] for document in documents], return_index=True)[1]
            chosen = np.union1d(chosen, first_of_each)
        return [documents[i] for i in chosen], None if counts is None else counts[chosen]
    stretches = []
    for document in documents:
        size = max(1, round(share * len(document) / STRETCHES))
        starts = np.linspace(0, len(document) - size, STRETCHES).astype(np.int64)
        stretches += [document[start : start + size] for start in starts if len(document)]
    return stretches, None
