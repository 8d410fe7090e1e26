"""The verbs: each a command of the same name, with the same words for its options."""

from __future__ import annotations

import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from mangosaurus.arguments import checked
from mangosaurus.arrays import IntArray
from mangosaurus.corpus import Corpus, Format, Labels
from mangosaurus.errors import CorpusError, Option, OptionError, plain
from mangosaurus.generation.asked import Length
from mangosaurus.generation.parameters import Method
from mangosaurus.known import Known
from mangosaurus.labels import LabelLike, fits_on_a_line
from mangosaurus.model import Model
from mangosaurus.models.blend import BLENDS, How
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.networks import KINDS, AnyCell
from mangosaurus.models.ngram import LARGEST_ORDER
from mangosaurus.read import CorpusLike, as_corpus
from mangosaurus.storage.contents import TEXT_LENGTH
from mangosaurus.storage.kinds import MOST_ROWS
from mangosaurus.storage.mixture import MOST_NETWORKS
from mangosaurus.vocabulary import Vocabulary

if TYPE_CHECKING:  # what trains is imported when it is needed: sampling starts sooner without it
    from mangosaurus.classification import Classification
    from mangosaurus.evaluation import Evaluation
    from mangosaurus.generation.collect import Samples
    from mangosaurus.generation.search import Top
    from mangosaurus.training.checkpoint import Checkpoints
    from mangosaurus.training.recipe import Device, Precision, Settings, Status
    from mangosaurus.training.windows import Epoch

ModelLike = Model | str | os.PathLike[str] | None
"""A model, the path of a model file, the name of a bundled model ("dinosaurs" or "sonnets"), or None, dinosaurs."""

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@checked
def fit(
    corpus: CorpusLike = None,
    *,
    budget: float | str | None = None,
    steps: int | None = None,
    seed: int | None = None,
    format: Format = "auto",
    lowercase: bool | None = None,
    labels: Iterable[str] | Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
    holdout: CorpusLike = None,
    cell: AnyCell | None = None,
    hidden: int | None = None,
    layers: int | None = None,
    order: int | None = None,
    members: int | None = None,
    batch: int | None = None,
    device: Device | None = None,
    precision: Precision | None = None,
    memory: int | str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: float | str | None = None,
    resume: str | os.PathLike[str] | None = None,
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
) -> Model:
    """Learns a model from a corpus; without one, from the bundled dinosaurs.

    `budget` is seconds of wall time, or a string such as "10s" or "2m", and 10 if it is not given; 0 is the n-gram
    alone, which needs no torch.
    `steps` is given in its place: so many updates of each of `members` networks (1), the same model for the same
    number.
    `seed` (0) is what chance starts from.
    `labels` has a label for each name of a list, and of files says whether their lines are `name<TAB>label`, which is
    looked at if it is not given; with `label_column`, the files are tables (CSV), with the names in `name_column`,
    "name" if not given. The model then knows them all: see `Model.with_label` and `Model.classify`.
    `holdout` is held out instead of parts of the corpus: the recipe is steered by it and its loss is reported, so that
    it is no test. `cell` is the kind of network: "rnn", "gru", "lstm" (the default) or "transformer". `hidden` (units a
    layer), `layers`, `order` (the longest n-gram), `members` (networks to average) and `batch` (names, or streams of a
    text, side by side in a step) follow from it, the corpus and the budget where they are not given. `device` is
    "cpu", "cuda", "mps" or "auto" (the default), CUDA where there is some and the processor elsewhere; `precision` is
    "32", "bf16" or "auto", bfloat16 where the device is fast at it. Both can change the last digits of a model.
    `memory`, bytes or a string such as "2GB", is what the process may use: it says how much of a large corpus is
    counted at once. Files of more than 16 MB, or of less where memory is little, are not read into it but encoded into
    one in the cache folder: see large.py. `watch`
    is told of every step; once `stop` is set, the best model so far is returned.

    `checkpoint` is a folder that a checkpoint is written to when the run begins, `every` so many seconds (60, or a
    string such as "5m"), and at the end. `resume` is such a folder: the run goes on from its last checkpoint, with the
    options that it was begun with, on the same corpus, which is to be named again, and the same `holdout`; with
    `steps`, the model is bit for bit that of a run that was never broken off. A checkpoint that cannot be written does
    not end the run: `watch` is told, in `Status.checkpoints`.

    In processes that torchrun has started, all call it alike, share out every batch, and return the same model.

    Raises OptionError for a value out of range, a device that is not there, an option that has no effect beside the
    others (see `check_together`), or one that contradicts the run that is resumed or the Corpus, CorpusError for a
    corpus that cannot be read, CheckpointError if there is nothing to resume or it is of another corpus or version,
    OutputError for a folder that cannot be written, holds an earlier run, or is in use, MissingExtraError if a network
    is wanted and torch is not installed, and ProcessLostError if another process ends or cannot be reached.
    """
    started = time.monotonic()
    from mangosaurus.large import parse_memory
    from mangosaurus.training.identity import OPTIONS, agreed

    listed = None if labels is None or isinstance(labels, bool | str) else [*labels]
    given: dict[str, Any] = {
        "budget": None if budget is None else parse_duration(budget),
        "steps": steps,
        "members": members,
        "seed": seed,
        "cell": cell,
        "hidden": hidden,
        "layers": layers,
        "order": order,
        "batch": batch,
        "device": device,
        "precision": precision,
        "memory": parse_memory(memory),
        "format": None if format == "auto" else format,
        "lowercase": lowercase,
        "labels": labels if listed is None else None,
        "label_column": label_column,
        "name_column": name_column,
    }
    given = {name: value for name, value in given.items() if value is not None}
    check_together(given)
    if isinstance(corpus, Corpus):
        _check_read(corpus, given)
    options = OPTIONS | given
    if checkpoint is None and resume is None:
        if every is not None:
            raise OptionError(f"every is {every!r}, and there is no folder for checkpoints: it goes with checkpoint")
        return _fit(corpus, listed, holdout, options, None, watch, stop, started)
    if checkpoint is not None and resume is not None and Path(checkpoint) != Path(resume):
        raise OptionError(f"resume is {resume}, where the checkpoints go too: leave checkpoint, {checkpoint}, out")
    from mangosaurus.training.checkpoint import opened

    folder = Path(checkpoint if resume is None else resume)  # type: ignore[arg-type]
    seconds = None if every is None else parse_duration(every, "every")
    with opened(folder, resume is not None, seconds) as checkpoints:
        if checkpoints.found is not None:
            options = agreed(given, folder, checkpoints.found.heading)
        return _fit(corpus, listed, holdout, options, checkpoints, watch, stop, started)


train = fit
"""`fit`, by the name of the command."""


def _fit(
    corpus: CorpusLike,
    labels: Sequence[str] | None,
    holdout: CorpusLike,
    options: dict[str, Any],
    checkpoints: Checkpoints | None,
    watch: Callable[[Status], None],
    stop: threading.Event | None,
    started: float,
) -> Model:
    """`fit` with all options of `identity.OPTIONS`; `labels` is a list of them."""
    from mangosaurus.large import LargeCorpus, some_of, threshold
    from mangosaurus.training.identity import heading_of
    from mangosaurus.training.mapped import Mapped
    from mangosaurus.training.recipe import Settings
    from mangosaurus.training.recipe import fit as fit_documents

    settings = Settings(**{each.name: options[each.name] for each in fields(Settings)})
    check(settings)
    columns: dict[str, Any] = {
        "label_column": options["label_column"],
        "name_column": options["name_column"],
        "memory": options["memory"],
        "encoded_from": threshold(options["memory"]),
    }
    if labels is None:
        labels = options["labels"]
    read = as_corpus(corpus, options["format"], options["lowercase"], labels=labels, **columns)
    check_enough(read)
    if isinstance(corpus, LargeCorpus):
        started -= corpus.seconds  # it was read for this, and that is part of the budget
    held_out = None
    if holdout is not None:
        alike: Labels = None if options["label_column"] is not None else read.labels is not None
        held_out = as_corpus(holdout, read.kind, read.lowercased, labels=alike, **columns)
    held_out_documents = () if held_out is None else some_of(held_out)
    characters = read.open.header.characters if isinstance(read, LargeCorpus) else ""
    documents = () if isinstance(read, LargeCorpus) else read.documents
    vocabulary = Vocabulary.of([characters, *documents, *held_out_documents])
    known_labels = () if read.labels is None else tuple(sorted(set(read.labels)))
    encoded: Sequence[IntArray]
    if isinstance(read, LargeCorpus):
        encoded = Mapped.whole(read.open, vocabulary)
    else:
        encoded = _encoded(read, documents, vocabulary, known_labels)
    encoded_apart = None if held_out is None else _encoded(held_out, held_out_documents, vocabulary, known_labels)
    summary = read.summary()
    if checkpoints is not None:
        heading = checkpoints.begin(heading_of(options, read, held_out))
        summary = str(heading["corpus"]["summary"])  # of a run that goes on, with the file's name as it was
    # The products of many small n-grams: on several threads they wait for each other, and round differently.
    with threadpool_limits(1 if known_labels else None, user_api="blas"):
        fitted = fit_documents(
            encoded,
            vocabulary,
            read.kind == "text",
            settings,
            encoded_apart,
            watch,
            stop,
            started,
            known_labels,
            checkpoints,
        )
    return made_of(read, fitted.model, {"corpus": summary, "holdout": held_out is not None, **fitted.record})


def made_of(read: Corpus, model: CharModel, record: dict[str, Any]) -> Model:
    """The Model of a distribution that was learnt from `read`, with `record` of how."""
    from mangosaurus.large import LargeCorpus

    training = {
        "corpus": read.summary(),
        "lowercased": read.lowercased,
        "format": read.kind,
        **({"labelled": True} if read.labels is not None else {}),
        "longest": read.longest,
        **record,
    }
    if isinstance(read, LargeCorpus):
        known = Known.of_blocks(read.open.known(), read.open.header.known)
    else:
        known = Known.of(read.documents)
    return Model(model, read.kind, known, training)


def _encoded(corpus: Corpus, documents: Sequence[str], vocabulary: Vocabulary, labels: Sequence[str]) -> list[IntArray]:
    """The ids of a corpus's documents; where there are `labels`, each behind its own: see training/label_ngrams.py."""
    from mangosaurus.labels import numbers_of
    from mangosaurus.training.label_ngrams import mark

    encoded = vocabulary.encode_all(documents)
    if not labels:
        return encoded
    if corpus.labels is None:
        raise CorpusError(f"{', '.join(corpus.sources)} has names without labels, and those of the corpus have some")
    return mark(encoded, numbers_of(corpus.labels, labels), len(vocabulary))


@checked
def blend(models: Iterable[ModelLike], weights: Iterable[float] | None = None, how: How = "product") -> Model:
    """One model out of two or more, of one kind: each model, model file or bundled model with its weight.

    With `how` "product" every symbol is chosen by all models together, so that each name has something of all of them;
    with "mixture" each name comes from one model alone, chosen by the weights. `models.blend` has the formulas, and
    what becomes of characters that not all models know. The weights are scaled to the sum one; without any, all are
    equal. Known documents are those of all models. The training record's `blend` has how, and of each part its weight,
    what it is and its own training record.

    Raises OptionError for fewer than two models, more than 64 in all, blends more than 8 deep, models of names together
    with models of text, weights that are not as many as the models or not positive numbers, or another `how`;
    ModelFileError for a file that is no model.
    """
    models = list(models)
    if how not in BLENDS:
        raise OptionError(Option("how"), f" is {how!r}; it must be one of {', '.join(BLENDS)}")
    if len(models) < 2:
        raise OptionError(f"a blend is made of two models or more, and {len(models)} is given")
    given = [1.0] * len(models) if weights is None else list(weights)
    if len(given) != len(models):
        raise OptionError(f"there are {len(models)} models and {len(given)} weights; give each model one")
    for weight in given:
        if not 0 < weight < math.inf:
            raise OptionError(f"a weight is {weight}; it must be a positive number")
    loaded = [load(model) for model in models]
    other = next((place for place, part in enumerate(loaded) if part.kind != loaded[0].kind), None)
    if other is not None:
        names_or_text = f"the first is of {loaded[0].kind} and number {other + 1} of {loaded[other].kind}"
        raise OptionError(f"the models differ in kind: {names_or_text}; blend models of one kind")
    shares = np.array(given) / np.max(given)  # first, so that no sum overflows
    shares /= shares.sum()
    parts = [
        {"weight": float(share), "model": describe(part.distribution), "training": part.training}
        for share, part in zip(shares, loaded, strict=True)
    ]
    training = {
        "blend": {"how": how, "parts": parts},
        "format": loaded[0].kind,
        "lowercased": all(bool(part.training.get("lowercased")) for part in loaded),
        "longest": max(part.training.get("longest") or 50 for part in loaded),
    }
    known = Known.union([part.known.hashes for part in loaded])
    return Model(BLENDS[how]([part.distribution for part in loaded], shares), loaded[0].kind, known, training)


@checked
def import_keras(path: str | os.PathLike[str], corpus: CorpusLike) -> Model:
    """A model of text from an `.h5` file or `.keras` archive that Keras wrote, of versions 1 to 3.

    In place of a path, `path` may be the name of a registered file, "sonnets-keras".
    The file holds no characters: `corpus`, the text that it was trained on, gives them, sorted by code point. It is
    taken as it is, or lower-cased if only so it has as many different characters as the network has outputs.

    Raises ModelFileError for a file that is damaged or of another kind of network, CorpusError for a corpus that
    cannot be read or has another number of characters, and MissingExtraError if h5py is not installed.
    """
    from mangosaurus.corpora import registry
    from mangosaurus.exchange.apart import read_keras
    from mangosaurus.exchange.keras import join_corpus
    from mangosaurus.models.window import WindowModel

    name = str(path)
    kept = read_keras(registry.find(name) if name in registry.ENTRIES and not Path(name).exists() else path)
    read, vocabulary = join_corpus(as_corpus(corpus, "text"), len(kept.parameters.output_bias))
    training = {
        "corpus": read.summary(),
        "lowercased": read.lowercased,
        "format": "text",
        "imported": f"Keras {kept.version}",
        "window": kept.parameters.window,
        "longest": max(len(document) for document in read.documents),
    }
    return Model(WindowModel(vocabulary, kept.parameters), "text", Known.of(read.documents), training)


@checked
def train_further(
    model: ModelLike,
    corpus: CorpusLike,
    *,
    epochs: int = 1,
    batch_size: int = 128,
    seed: int = 0,
    begun: Callable[[], None] = lambda: None,
    watch: Callable[[Epoch], None] = lambda epoch: None,
    stop: threading.Event | None = None,
) -> Model:
    """Trains a network that reads windows, such as an imported Keras model, for some epochs more.

    The corpus is read as the model's own was, lower-cased if that was. Its windows begin three characters apart, as in
    the course, and are learnt in Keras's manner: `training.windows`. `seed` decides their order and the dropout; the
    same seed gives the same model. `begun` is called once all is read and checked, and `watch` is told of every epoch;
    once `stop` is set, the model after the last whole epoch is returned. Its record, `Model.training`, has an entry
    for this training in the list `further`.

    Raises OptionError if the model reads no windows or a number is out of range, UnknownCharacterError for a character
    outside its vocabulary, CorpusError for a corpus that cannot be read or is shorter than a window, and
    MissingExtraError if torch is not installed.
    """
    from mangosaurus.models.window import WindowModel
    from mangosaurus.training.further import train_documents

    start = load(model)
    distribution = start.distribution
    if not isinstance(distribution, WindowModel):
        raise OptionError(
            "only a network that reads windows, such as import-keras makes, can be trained further, and this model is "
            f"{describe(distribution)}; fit a new one to the corpus"
        )
    read = as_corpus(corpus, start.kind, bool(start.training.get("lowercased")))
    losses: list[float] = []

    def tell(epoch: Epoch) -> None:
        losses.append(epoch.loss)
        watch(epoch)

    parameters = train_documents(
        distribution.parameters,
        distribution.vocabulary.encode_all(read.documents),
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        begun=begun,
        watch=tell,
        stop=stop,
    )
    entry = {"corpus": read.summary(), "epochs": len(losses), "batch_size": batch_size, "seed": seed, "losses": losses}
    training = {**start.training, "further": [*start.training.get("further", []), entry]}
    known = Known.union([start.known.hashes, Known.of(read.documents).hashes])
    return Model(WindowModel(distribution.vocabulary, parameters), start.kind, known, training)


@checked
def load(path: ModelLike = None) -> Model:
    """Reads a model file, or a bundled model by its name; without a path, that of dinosaurs.

    A file with that name takes precedence. Raises ModelFileError if it is not a model file.
    """
    if isinstance(path, Model):
        return path
    from mangosaurus.bundled import NAMES, bundled_model

    if path is None:
        return bundled_model("dinosaurs")
    if str(path) in NAMES and not Path(path).exists():
        return bundled_model(str(path))
    return Model.load(path)


@checked
def sample(
    n: int = 20,
    model: ModelLike = None,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    seed: int | None = None,
    allow_known: bool = False,
    allow_duplicates: bool = False,
    label: LabelLike | None = None,
    method: Method = "independent",
    not_like: int | None = None,
    training: CorpusLike = None,
    prefix: str = "",
    suffix: str = "",
    contains: str | Iterable[str] = (),
    pattern: str | Iterable[str] = (),
    min_length: int | None = None,
    max_length: int | None = None,
    length: Length | None = None,
    without: str = "",
    avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
    avoid_parts: bool = False,
) -> Samples:
    """`Model.sample` of a model, a model file, or the bundled model, with the same options."""
    options = locals()
    return load(options.pop("model")).sample(**options)


@checked
def top(
    n: int = 20,
    model: ModelLike = None,
    *,
    new: bool = False,
    not_like: int | None = None,
    training: CorpusLike = None,
    memory: int = 1000,
    prefix: str = "",
    suffix: str = "",
    contains: str | Iterable[str] = (),
    pattern: str | Iterable[str] = (),
    min_length: int | None = None,
    max_length: int | None = None,
    length: Length | None = None,
    without: str = "",
    avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
    avoid_parts: bool = False,
) -> Top:
    """`Model.top` of a model, a model file, or the bundled model, with the same options."""
    options = locals()
    return load(options.pop("model")).top(**options)


@checked
def write(
    prompt: str = "",
    model: ModelLike = "sonnets",
    *,
    length: int = TEXT_LENGTH,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    seed: int | None = None,
    index: int = 0,
    until: str | None = None,
    fold: bool = False,
) -> str:
    """`Model.write` of a model, a model file, or the bundled model of the sonnets, with the same options."""
    options = locals()
    return load(options.pop("model")).write(**options)


@checked
def evaluate(
    model: ModelLike,
    corpus: CorpusLike,
    window: int | None = None,
    stride: int = 1,
    labels: Iterable[str] | None = None,
) -> Evaluation:
    """`Model.evaluate` of a model, a model file, or the bundled model."""
    return load(model).evaluate(corpus, window, stride, labels)


@checked
def classify(model: ModelLike, names: str | Iterable[str]) -> Classification:
    """`Model.classify` of a model or a model file."""
    return load(model).classify(names)


@checked
def report(model: ModelLike = None, holdout: CorpusLike = None, training: CorpusLike = None, seed: int = 0) -> str:
    """One HTML page about a model: see `pages.report.report`, which also says what is left out without `training`."""
    from mangosaurus.pages.report import report as report_of

    return report_of(load(model), holdout, training, seed)


@checked
def export(
    model: ModelLike, path: str | os.PathLike[str], *, to: str | None = None, overwrite: bool = False
) -> tuple[str, ...]:
    """Writes a model for other programs, atomically, and returns what to know of the file, a line each.

    `to` is "onnx", the step of the networks, see `exchange.onnx`; or "html", a page that writes names or texts by
    itself, see `exchange.webpage`. If it is not given, the end of the path says which.

    Raises OptionError if `to` is unknown, does not fit the end of the path, or cannot hold this kind of model;
    OutputError if the file exists and `overwrite` is false, or if it cannot be written; ModelFileError for a file that
    is no model; and MissingExtraError if what writes such files is not installed.
    """
    from mangosaurus.exchange.export import format_of, write_export
    from mangosaurus.storage.files import check_writable

    to = format_of(Path(path), to)
    check_writable(path, overwrite)  # before the work
    return write_export(load(model), Path(path), to, overwrite)


@checked
def info(model: ModelLike = None) -> dict[str, Any]:
    """`Model.info` of a model, a model file, or the bundled model."""
    return load(model).info()


def parse_duration(duration: float | str, name: str = "budget") -> float:
    """Seconds: of a number itself, of a string such as "10s", "1.5m" or "2h" what it says.

    Raises OptionError, with the option's `name`, if it is negative or cannot be read.
    """
    if isinstance(duration, int | float) and 0 <= duration < math.inf:
        return float(duration)
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(s|m|min|h|)\s*", str(duration))
    if not match:
        alone = "; 0s is the n-gram alone" if name == "budget" else ""
        raise OptionError(f"{name} is {str(duration)!r}; give seconds, as 10s, or minutes, as 2m{alone}")
    return float(match[1]) * UNITS[match[2]]


NETWORK = ("cell", "hidden", "layers", "members", "batch", "device", "precision")
"""Options that only a network has."""


def check_together(given: Mapping[str, Any]) -> None:
    """Raises OptionError if one of the options given has no effect beside the others.

    `budget`, in seconds, is not read with `steps`, and without time or steps there is no network.
    """
    if "budget" in given and "steps" in given:
        raise OptionError(f"budget is {given['budget']:g} s and steps is {given['steps']}; use one of them")
    for ended in ("budget", "steps"):
        for name in NETWORK if given.get(ended) == 0 else ():
            if name in given:
                raise OptionError(f"{name} is {given[name]!r}, but {ended} 0 trains no network: leave {name} out")


def _check_read(corpus: Corpus, given: Mapping[str, Any]) -> None:
    """Raises OptionError for an option by which a corpus that is read already was not read."""
    theirs = {"format": corpus.kind, "lowercase": corpus.lowercased, "labels": corpus.labels is not None}
    ours = dict(given) | ({"labels": True} if "label_column" in given or given.get("labels") == "any" else {})
    for name, value in theirs.items():
        if ours.get(name, value) != value:
            raise OptionError(
                f"{name} is {ours[name]!r}, but the Corpus was read with {name} {value!r}: set it in read_corpus"
            )


def check_enough(corpus: Corpus) -> None:
    """Raises CorpusError if no model can be made of a corpus: of one name, or of labels that no model file can hold."""
    if corpus.kind == "names" and len(corpus.documents) < 2:
        raise CorpusError(f"{', '.join(corpus.sources)} has only one name; a model needs two or more, one a line")
    labels = set(corpus.labels or ())
    for label in labels:
        if not fits_on_a_line(label):
            raise CorpusError(f"the label '{plain(label)}' has a control character; labels are plain text on one line")
    if labels and (len(labels) + 1) * corpus.distinct > MOST_ROWS:
        raise CorpusError(
            f"{len(labels):,} labels and {corpus.distinct:,} different characters are more than a model holds: their "
            f"product must be below {MOST_ROWS:,}; take fewer labels"
        )


def check(settings: Settings) -> None:
    """Raises OptionError if a setting is out of range."""
    ranges: dict[str, tuple[int | None, int, int]] = {
        "steps": (settings.steps, 0, 10**9),
        "members": (settings.members, 1, MOST_NETWORKS),
        "seed": (settings.seed, 0, 2**63 - 1),
        "hidden": (settings.hidden, 1, 8192),
        "layers": (settings.layers, 1, 8),
        "order": (settings.order, 1, LARGEST_ORDER),
        "batch": (settings.batch, 1, 2**20),
    }
    for name, (value, least, most) in ranges.items():
        if value is not None and not least <= value <= most:
            raise OptionError(f"{name} is {value}; it must be from {least} to {most}")
    choices = (
        ("cell", settings.cell, tuple(KINDS)),
        ("device", settings.device, ("auto", "cpu", "cuda", "mps")),
        ("precision", settings.precision, ("auto", "32", "bf16")),
    )
    for name, chosen, known in choices:
        if chosen not in known:
            raise OptionError(f"{name} is {chosen!r}; it must be one of {', '.join(known)}")
    if settings.cell == "transformer" and settings.hidden is not None and settings.hidden % 2:
        raise OptionError(f"hidden is {settings.hidden}; a transformer's must be even, best a multiple of 32")
