"""`fit`: from a corpus and some seconds to a model. The whole recipe, from top to bottom.

1. Hold out: small corpora in up to ten parts, large ones in one.
2. Count the n-grams that each part keeps, fit the discounts on what it holds out, then count everything. Of a corpus
   too large for the time or the memory, n-grams are counted in a share; networks draw from all of it.
3. Train networks, each without one of the parts, as many as there is time for.
4. Fit the weights of the mixture on what n-gram and network say of documents that neither has seen.

Names with labels take the same way; each label's names are also counted by themselves, and networks read the label
first (training/label_ngrams.py). Their held-out losses are those of names whose labels are known.

The held-out losses are those of one n-gram and one network, trained without the documents in question. The model that
is handed back has counted everything and averages its networks, and so does a little better than they say. A name
that is in the list more than once may be on both sides, as it may be in any list that the model meets later.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.evaluation import in_pieces
from mangosaurus.models.interface import CharModel, Network, predict
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import features
from mangosaurus.models.networks import network_of
from mangosaurus.models.ngram import NGram
from mangosaurus.training.distributed import broadcast, world_size
from mangosaurus.training.kneser_ney import fit_ngrams
from mangosaurus.training.label_ngrams import fit_labelled_ngrams, labelled_predictions, with_every_label
from mangosaurus.training.large_ngram import fit_large_ngram
from mangosaurus.training.mapped import Mapped, documents_in, symbols_in
from mangosaurus.training.plan import Plan, plan_for
from mangosaurus.training.settings import Settings, check_torch
from mangosaurus.training.split import Part, split
from mangosaurus.training.status import Status
from mangosaurus.training.weights import Predictions, cross_fitted_loss, fit_weights, join, mixed
from mangosaurus.vocabulary import END, Vocabulary

if TYPE_CHECKING:
    from mangosaurus.training.checkpoint import Checkpoints

MOST_WEIGHED, MOST_CELLS = 20_000, 10_000_000
"""Held-out symbols of a part that the mixture's weights are fitted on; and of all, times the vocabulary's size."""
LEAST_SECONDS = 2.5
"""Below this many seconds, importing torch and training a network is not begun."""
ORDER, LEAST_ORDER = 7, 5
SECONDS_A_SYMBOL = 0.5e-6
"""To sort a symbol into one more order of n-grams, twice: without the held-out part, and with it."""
MOST_COUNTED = 4_000_000
"""Symbols whose n-grams are counted, so that they fit into about half a gigabyte of memory."""
USUAL_MEMORY = 2_000_000_000
"""Bytes that the training on a large corpus keeps to if nothing is said."""
SHARE_OF_BUDGET = 0.35
"""The share of the time left behind reading that goes into the n-gram of a large corpus if a network follows."""
UNITS_BY_STEPS = 512
"""Units of a network on a large corpus where no time decides: by the corpus alone it would fill the memory."""
STRETCHES = 16
"""Where only a share of a text is counted, it is made of so many stretches."""


@dataclass
class Fitted:
    """The model, and how it came about."""

    model: CharModel
    record: dict[str, Any] = field(default_factory=dict)
    """JSON: settings, sizes, steps, seconds, held-out losses in nats per symbol."""


def fit(
    documents: Sequence[IntArray],
    vocabulary: Vocabulary,
    text: bool,
    settings: Settings,
    held_out: Sequence[IntArray] | None = None,
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
    started: float | None = None,
    labels: Sequence[str] = (),
    checkpoints: Checkpoints | None = None,
) -> Fitted:
    """Fits a mixture of an n-gram and networks to `documents`, ids without END, of which there is at least one.

    `text` says that they are long texts, read as streams, and not names. `held_out` takes the place of parts of the
    corpus. `watch` is told of every step; once `stop` is set, the best model so far is handed back. The budget runs
    from `started`, a reading of `time.monotonic()`, now if it is not given. With `labels`, every document, held out or
    not, is a name whose first symbol is its label: len(vocabulary) for the first of them, and so on. With
    `checkpoints`, networks go on from where those are; n-grams are counted anew, which gives the same ones.
    Raises MissingExtraError if a network is wanted and torch is not installed, and CheckpointError if a checkpoint does
    not fit.
    """
    started = time.monotonic() if started is None else started
    stop = stop or threading.Event()
    symbols = symbols_in(documents) - (len(documents) if labels else 0)
    check_torch(settings)
    wants_network = settings.wants_network
    status = Status("counting", started, checkpoints=checkpoints)
    watch(status)
    notes: list[str] = []
    if isinstance(documents, Mapped):
        counting = _count_large(documents, vocabulary, text, settings, held_out, started, stop, checkpoints)
    else:
        counting = _count(documents, vocabulary, text, settings, held_out, started, labels, checkpoints)
    parts, part_ngrams, ngram, losses = counting.parts, counting.part_ngrams, counting.ngram, counting.losses
    order = counting.order
    notes += [counting.note] if counting.note else []
    status.ngram = ngram
    counted = time.monotonic() - started
    resumed = checkpoints is not None and checkpoints.training is not None
    if checkpoints is not None:
        started = status.started = checkpoints.count_from(started)

    record: dict[str, Any] = {
        "documents": documents_in(documents),
        "symbols": symbols,
        "order": order,
        "held_out": float(np.concatenate(losses).mean()) if losses else None,
        "held_out_symbols": int(sum(len(loss) for loss in losses)),
        "members": 0,
        "seed": settings.seed,
    }
    model: CharModel = ngram

    measured = min(MOST_WEIGHED, max((sum(map(len, part.held_out)) for part in parts), default=0))
    reserve = 0.1 + 0.03 * settings.budget + 5e-5 * measured  # for the mixture's weights, at the end
    seconds = settings.budget - counted - reserve if settings.steps is None else math.inf
    if wants_network:
        (seconds,) = broadcast(seconds, patient=True)
    if not wants_network:
        notes.append("the n-gram alone, as asked")
    elif not parts:
        notes.append("too little to hold any out: the n-gram alone")
    elif seconds < LEAST_SECONDS and not resumed:
        notes.append(f"the budget of {settings.budget:g} s is too short for a network: the n-gram alone")
    else:
        status.stage = "training"
        watch(status)  # before torch is imported, which takes a moment
        from mangosaurus.training.hardware import hardware_for
        from mangosaurus.training.members import train_members

        device = hardware_for(settings.device, settings.precision).device.type

        def planned(hidden: int | None) -> Plan:
            return plan_for(symbols, text, settings.cell, settings.layers, hidden, seconds * world_size(), device)

        hidden = settings.hidden
        if isinstance(documents, Mapped) and settings.steps is not None:
            hidden = hidden or UNITS_BY_STEPS
        plan = planned(hidden)
        if checkpoints is not None:
            plan = planned(checkpoints.decide("hidden", plan.hidden))
        plan = replace(plan, batch=settings.batch or plan.batch)
        members = train_members(
            parts,
            len(vocabulary),
            len(labels),
            text,
            plan,
            settings,
            started,
            reserve,
            status,
            watch,
            stop,
            checkpoints,
        )
        skipped = sum(member.progress.skipped for member in members)
        if skipped:
            notes.append(f"skipped {skipped:,} training steps whose loss was not finite")
        if members:
            status.stage = "mixing"
            watch(status)
            networks = [network_of(vocabulary, member.parameters) for member in members]
            apart = [
                _predictions(part_ngrams[member.part], network, parts[member.part].held_out, text, len(members))
                for member, network in zip(members, networks, strict=True)
            ]
            mixture_loss, held = cross_fitted_loss(apart, order), join(apart)
            record |= {
                "held_out_ngram": cross_fitted_loss([each.without_network() for each in apart], order),
                "held_out_network": float(held.losses(held.models[-1]).mean()),
                "held_out_symbols": len(held.symbols),
                "steps": members[0].progress.step,
                "finished": members[0].progress.step == members[0].progress.steps,
                "epochs": round(members[0].progress.symbols / symbols, 2),
                "plan": asdict(plan),
                "curves": [member.progress.curve for member in members],
            }
            if record["held_out_ngram"] <= mixture_loss:
                record["held_out"] = record["held_out_ngram"]
                notes.append("the networks did not help on what was held out: the n-gram alone")
            else:
                model = mixed(ngram, networks, fit_weights(held, order))
                record |= {"held_out": mixture_loss, "members": len(members)}
        else:
            why = "stopped" if stop.is_set() else "the budget was used up"
            why = f"{why} before a network had learnt anything"
            if status.progress is not None and status.progress.skipped:
                why = "no network was learnt, since the loss was not finite"
            notes.append(f"{why}: the n-gram alone")
    if notes:
        record["note"] = "; ".join(notes)
    if stop.is_set():
        record["interrupted"] = True
    if settings.steps is None:  # by steps, the same run gives the same file, however long it took
        record["seconds"] = round(time.monotonic() - started, 3)
    return Fitted(model, record)


@dataclass(frozen=True)
class Counting:
    """The n-grams of a corpus, and on what they are measured."""

    parts: list[Part]
    part_ngrams: Sequence[NGram | Labelled]
    """The n-gram of what each part keeps."""
    ngram: NGram | Labelled
    """That of everything."""
    losses: list[FloatArray]
    """-log p of what is held out, in nats."""
    order: int
    note: str


def _count(
    documents: Sequence[IntArray],
    vocabulary: Vocabulary,
    text: bool,
    settings: Settings,
    held_out: Sequence[IntArray] | None,
    started: float,
    labels: Sequence[str],
    checkpoints: Checkpoints | None,
) -> Counting:
    """Counts a corpus that is in memory, or as much of it as there is time and memory for; see `fit`."""
    symbols = symbols_in(documents) - (len(documents) if labels else 0)
    note = ""
    order = settings.order or ORDER
    counted_symbols = min(symbols, MOST_COUNTED)
    if settings.budget > 0 and settings.steps is None:
        left = max(0.2, 0.8 * settings.budget + 1.0 - (time.monotonic() - started))
        affordable = left / SECONDS_A_SYMBOL  # symbols times orders
        if settings.order is None:
            order = int(np.clip(affordable // counted_symbols, LEAST_ORDER, ORDER))
        counted_symbols = min(counted_symbols, round(affordable / order))
    if settings.wants_network:
        order, counted_symbols = map(int, broadcast(order, counted_symbols, patient=True))
    if checkpoints is not None:  # what time had a say in stays as it was
        order = checkpoints.decide("order", order)
        counted_symbols = min(symbols, checkpoints.decide("counted", counted_symbols))
    share = counted_symbols / symbols
    if share < 1:
        note = f"the n-gram has counted {share:.0%} of the corpus, as much as the time and the memory allow"
    given = None if held_out is None else [Part(list(documents), list(held_out))]
    parts = given or split(documents, text, settings.seed)
    if labels:
        parts = with_every_label(parts, len(labels), settings.seed)
    counting = [Part(_share_of(part.kept, share, text, labelled=bool(labels)), part.held_out) for part in parts]
    part_ngrams: Sequence[NGram | Labelled]
    ngram: NGram | Labelled
    if labels:
        chosen = _share_of(documents, share, text, labelled=True)
        counts = np.bincount([int(document[0]) - len(vocabulary) for document in documents], minlength=len(labels))
        part_ngrams, ngram, losses = fit_labelled_ngrams(chosen, counting, vocabulary, order, labels, counts)
    else:
        part_ngrams, ngram = fit_ngrams(_share_of(documents, share, text), counting, vocabulary, order)
        losses = [_losses(model, part.held_out, text) for model, part in zip(part_ngrams, parts, strict=True)]
    return Counting(parts, part_ngrams, ngram, losses, order, note)


def _count_large(
    documents: Mapped,
    vocabulary: Vocabulary,
    text: bool,
    settings: Settings,
    held_out: Sequence[IntArray] | None,
    started: float,
    stop: threading.Event,
    checkpoints: Checkpoints | None,
) -> Counting:
    """Counts a corpus in a file, or as much of it as there is time for; see `fit`."""
    seconds = math.inf
    if settings.wants_network and settings.steps is None:
        seconds = SHARE_OF_BUDGET * max(0.0, settings.budget - (time.monotonic() - started))
    large = fit_large_ngram(
        documents,
        held_out,
        vocabulary,
        settings.order or ORDER,
        settings.memory or USUAL_MEMORY,
        seconds,
        settings.seed,
        stop,
        None if checkpoints is None else checkpoints.decided("groups"),
    )
    if checkpoints is not None and not stop.is_set():  # counting that was stopped is done anew
        checkpoints.decide("groups", large.groups)
    losses = [_losses(large.ngram, part.held_out, text) for part in large.parts]
    part_ngrams = [large.ngram] * len(large.parts)
    return Counting(large.parts, part_ngrams, large.ngram, losses, large.ngram.order, large.note)


def _share_of(documents: Sequence[IntArray], share: float, text: bool, labelled: bool = False) -> list[IntArray]:
    """About that share of the corpus, from all over it: stretches of each text, or some of the names of every label."""
    if share >= 1:
        return list(documents)
    if not text:
        chosen = np.linspace(0, len(documents) - 1, max(2, round(share * len(documents))))
        if labelled:
            first_of_each = np.unique([document[0] for document in documents], return_index=True)[1]
            chosen = np.union1d(chosen.astype(np.int64), first_of_each)
        return [documents[i] for i in chosen.astype(np.int64)]
    stretches = []
    for document in documents:
        size = max(1, round(share * len(document) / STRETCHES))
        starts = np.linspace(0, len(document) - size, STRETCHES).astype(np.int64)
        stretches += [document[start : start + size] for start in starts if len(document)]
    return stretches


def _losses(ngram: NGram, documents: Sequence[IntArray], text: bool) -> FloatArray:
    """-log p of every held-out symbol; a stretch of a text does not end where it is cut, so its END is left out."""
    return -np.concatenate([score[:-1] if text else score for score in ngram.score(documents)])


def _predictions(
    ngram: NGram | Labelled, network: Network, documents: Sequence[IntArray], text: bool, members: int
) -> Predictions:
    """What all say of held-out documents, or of as many of their first symbols as there is memory and time for."""
    most = min(MOST_WEIGHED, MOST_CELLS // (members * len(ngram.vocabulary)))
    if isinstance(ngram, Labelled):  # more models and twice the features: half the symbols take as long
        return labelled_predictions(ngram, network, documents, most // 2)
    if text:
        documents = [document[: max(1, most // len(documents))] for document in documents]
    else:
        ends = np.cumsum([len(document) + 1 for document in documents])
        documents = documents[: max(1, int(np.searchsorted(ends, most)))]
    last = -1 if text else None  # as in _losses
    nodes = np.concatenate([ngram.nodes([document])[:last] for document in documents])
    said = in_pieces(partial(predict, network), documents)
    return Predictions(
        symbols=np.concatenate([np.append(document, END)[:last] for document in documents]),
        features=features(ngram, nodes),
        models=(np.log(ngram.probabilities(nodes)), np.concatenate([each[:last] for each in said])),
    )
