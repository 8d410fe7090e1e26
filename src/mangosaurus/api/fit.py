"""The verbs: each a command of the same name, with the same words for its options."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from mangosaurus.api.model import Model
from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import IntArray
from mangosaurus.core.document_hashes import Known
from mangosaurus.core.errors import (
    CorpusError,
    Option,
    OptionError,
    plain,
)
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import (
    Corpus,
    Format,
    Labels,
)
from mangosaurus.data.read import (
    CorpusLike,
    as_corpus,
)
from mangosaurus.formats.native.contents import TEXT_LENGTH
from mangosaurus.formats.native.kinds import MOST_ROWS
from mangosaurus.generation.constraints.options import Length
from mangosaurus.generation.parameters import Method
from mangosaurus.models.blend import BLENDS, How
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.label_weights import (
    LabelLike,
    fits_on_a_line,
)
from mangosaurus.models.networks import AnyCell

if TYPE_CHECKING:  # what trains is imported when it is needed: sampling starts sooner without it
    from mangosaurus.evaluation.classification import Classification
    from mangosaurus.evaluation.loss import Evaluation
    from mangosaurus.generation.collect import Samples
    from mangosaurus.generation.search import Top
    from mangosaurus.training.checkpoint import Checkpoints
    from mangosaurus.training.settings import Device, Precision, Settings
    from mangosaurus.training.status import Data, Status
    from mangosaurus.training.windows.train import Epoch

ModelLike = Model | str | os.PathLike[str] | None
"""A model, the path of a model file, the name of a bundled model ("dinosaurs" or "sonnets"), or None, dinosaurs."""


@checked
def fit(
    corpus: CorpusLike = None,
    *,
    budget: float | str | None = None,
    steps: int | None = None,
    seed: int | None = None,
    format: Format | None = None,
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
    """Trains a model on a corpus; without one, on the bundled dinosaurs.

    **What to learn from**

    - `corpus`: names or texts, or files of them: see `read_corpus`.
    - `format`: "names", "text" or "auto" (default).
    - `lowercase`: lower-case the corpus.
    - `labels`: a label for each name of a list; of files, True if their lines are `name<TAB>label`, which is detected
      by default. The model then knows them all: see `Model.with_label` and `Model.classify`.
    - `label_column`, `name_column`: the files are tables (CSV) with labels, and with names in "name" by default.
    - `holdout`: documents to hold out instead of folds of the corpus. The recipe is tuned to them, and their loss is
      reported, so that they are no test.

    **How long**

    - `budget`: seconds of wall time, or a string such as "2m"; 10 by default. 0 is the n-gram alone, without torch.
    - `steps`: train each network for exactly this many updates instead of for a time; reproducible.
    - `seed`: 0 by default.

    **How large** (each follows from the corpus and the budget by default)

    - `cell`: "lstm" (default), "rnn", "gru" or "transformer".
    - `hidden`: units a layer; `layers`: how many.
    - `order`: the longest n-gram.
    - `members`: networks to ensemble: an upper bound with a budget, an exact count with `steps` (1 by default).
    - `batch`: names, or streams of a text, side by side in a step.

    **Where**

    - `device`: "cpu", "cuda", "mps" or "auto" (default), which uses CUDA if available.
    - `precision`: "32", "bf16" or "auto" (default): bfloat16 where the device is fast at it. Like `device`, it may
      change the last digits of a model.
    - `memory`: bytes, or a string such as "2GB", to keep to. Files of more than 16 MB, or of less where memory is
      little, are encoded into a file in the cache folder and streamed: see data/large.py.

    **Long runs**

    - `checkpoint`: a folder for checkpoints: one at the beginning, one at the end.
    - `every`: the seconds between two of them, or a string such as "5m"; 60 by default. If one cannot be written, the
      run goes on, and `Status.checkpoints` has a note.
    - `resume`: a folder of checkpoints. The run goes on from the last one with the options that it was begun with; pass
      the same `corpus` and `holdout` again. With `steps`, the model is bit for bit that of an uninterrupted run.
    - `watch`: called after every step.
    - `stop`: once it is set, the best model so far is returned.

    In processes that torchrun started, all call it alike, share every batch, and return the same model.

    Raises OptionError for a value out of range, a device that is not there, an option that has no effect beside the
    others, or one that contradicts the resumed run or the Corpus; CorpusError for a corpus that cannot be read;
    CheckpointError if there is nothing to resume, or it is of another corpus or version; OutputError for a folder that
    cannot be written, holds an earlier run, or is in use; MissingExtraError if a network is asked for and torch is not
    installed; and ProcessLostError if another process ends or cannot be reached.
    """
    options, started = locals(), time.monotonic()
    from mangosaurus.data.large import LargeCorpus
    from mangosaurus.training.checkpoint import opened
    from mangosaurus.training.settings import check_read, stated

    names = None if labels is None or isinstance(labels, bool | str) else [*labels]
    given = stated(options if names is None else options | {"labels": None})
    if isinstance(corpus, Corpus):
        check_read(corpus, given)
    if isinstance(corpus, LargeCorpus):
        started -= corpus.seconds  # it was read for this, and that is part of the budget

    def read(settings: Settings) -> tuple[Corpus, Corpus | None]:
        return read_both(as_corpus, corpus, holdout, settings, names)

    return run_fit(read, given, opened(checkpoint, resume, every), watch, stop, started)


train = fit
"""The name of the command."""


def read_both(
    read: Callable[..., Corpus], corpus: Any, holdout: Any, settings: Settings, labels: Sequence[str] | None = None
) -> tuple[Corpus, Corpus | None]:
    """The corpus, and the holdout read alike. `read` is `as_corpus` or `read_corpus`; `labels` is a list of them."""
    from mangosaurus.data.large import threshold

    options: dict[str, Any] = {name: getattr(settings, name) for name in ("label_column", "name_column", "memory")}
    options["encoded_from"] = threshold(settings.memory)
    theirs = settings.labels if labels is None else labels
    found = read(corpus, settings.format, settings.lowercase, labels=theirs, **options)
    if holdout is None:
        return found, None
    alike: Labels = None if settings.label_column is not None else found.labels is not None
    return found, read(holdout, found.kind, found.lowercased, labels=alike, **options)


def run_fit(
    read: Callable[[Settings], tuple[Corpus, Corpus | None]],
    given: Mapping[str, Any],
    checkpoints: AbstractContextManager[Checkpoints | None],
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
    started: float | None = None,
) -> Model:
    """What `fit` and `mangosaurus train` have in common.

    `given` are the options that `settings.stated` returns, and `read` reads the corpus and the holdout once all options
    are known. The budget runs from `started`, or from when both are read.
    """
    from mangosaurus.data.large import LargeCorpus
    from mangosaurus.training.manifest import (
        manifest_of,
        settings_of,
    )
    from mangosaurus.training.recipe import fit as fit_documents
    from mangosaurus.training.settings import Settings, resumed

    with checkpoints as kept:
        if kept is None or kept.found is None:
            settings = Settings(**given)
        else:
            settings = resumed(given, settings_of(kept.found.manifest, kept.folder), kept.folder)
        corpus, holdout = read(settings)
        check_enough(corpus)
        if started is None:
            started = time.monotonic() - (corpus.seconds if isinstance(corpus, LargeCorpus) else 0.0)
        data = _data(corpus, holdout)
        if kept is not None:
            manifest = kept.begin(manifest_of(settings, corpus, holdout))
            data = replace(data, summary=str(manifest["corpus"]["summary"]))  # with the file's name as it was
        # The products of many small n-grams: on several threads they wait for each other, and round differently.
        with threadpool_limits(1 if data.labels else None, user_api="blas"):
            fitted = fit_documents(data, settings, started, watch, stop, kept)
    return made_of(corpus, fitted.model, {"corpus": data.summary, "holdout": holdout is not None, **fitted.record})


def _data(corpus: Corpus, holdout: Corpus | None) -> Data:
    """What the recipe learns from: ids of a vocabulary with all characters of both."""
    from mangosaurus.data.large import (
        LargeCorpus,
        some_of,
    )
    from mangosaurus.training.large.documents import Mapped
    from mangosaurus.training.status import Data

    held_out = () if holdout is None else some_of(holdout)
    known = [corpus.open.header.characters] if isinstance(corpus, LargeCorpus) else corpus.documents
    vocabulary = Vocabulary.of([*known, *held_out])
    labels = () if corpus.labels is None else tuple(sorted(set(corpus.labels)))
    documents: Sequence[IntArray]
    if isinstance(corpus, LargeCorpus):
        documents = Mapped.whole(corpus.open, vocabulary)
    else:
        documents = _encoded(corpus, corpus.documents, vocabulary, labels)
    return Data(
        documents,
        vocabulary,
        corpus.kind == "text",
        None if holdout is None else _encoded(holdout, held_out, vocabulary, labels),
        labels,
        corpus.summary(),
    )


def made_of(read: Corpus, model: CharModel, record: dict[str, Any]) -> Model:
    """The Model of a distribution trained on `read`; `record` says how."""
    from mangosaurus.data.large import LargeCorpus

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
    """The ids of a corpus's documents; where there are `labels`, each after its own: see training/label_ngrams.py."""
    from mangosaurus.models.label_weights import numbers_of
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
    from mangosaurus.data import registry
    from mangosaurus.formats.keras.reader import join_corpus
    from mangosaurus.formats.keras.sandbox import read_keras
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
    """Fine-tunes a network that reads windows, such as an imported Keras model.

    The corpus is read as the model's own was, lower-cased if that was. Its windows start three characters apart, as in
    the course, and are trained on as Keras does: `training.windows.train`. The same `seed` gives the same order, dropout and
    model. `begun` is called once everything is read and checked, and `watch` after every epoch. Once `stop` is set, the
    model after the last whole epoch is returned. The list `further` of its record, `Model.training`, gets an entry.

    Raises OptionError if the model reads no windows or a number is out of range, UnknownCharacterError for a character
    outside its vocabulary, CorpusError for a corpus that cannot be read or is shorter than a window, and
    MissingExtraError if torch is not installed.
    """
    from mangosaurus.models.window import WindowModel
    from mangosaurus.training.settings import require_torch
    from mangosaurus.training.windows.fine_tune import windows_of

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

    for name, value, least in (("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)):
        if value < least:
            raise OptionError(Option(name), f" is {value}; it must be {least} or more")
    parameters, documents = distribution.parameters, distribution.vocabulary.encode_all(read.documents)
    windows, targets = windows_of(documents, parameters.window)
    require_torch()
    from mangosaurus.training.windows.train import train_windows

    begun()
    options: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "seed": seed, "on_epoch": tell, "stop": stop}
    parameters = train_windows(parameters, windows, targets, **options)
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
    """One HTML page about a model: see `api.report.report`, which also says what is left out without `training`."""
    from mangosaurus.api.report import report as report_of

    return report_of(load(model), holdout, training, seed)


@checked
def export(
    model: ModelLike, path: str | os.PathLike[str], *, to: str | None = None, overwrite: bool = False
) -> tuple[str, ...]:
    """Writes a model for other programs, atomically, and returns what to know of the file, a line each.

    `to` is "onnx", the step of the networks, see `formats.onnx`; or "html", a page that writes names or texts by
    itself, see `formats.webpage`. If it is not given, the end of the path says which.

    Raises OptionError if `to` is unknown, does not fit the end of the path, or cannot hold this kind of model;
    OutputError if the file exists and `overwrite` is false, or if it cannot be written; ModelFileError for a file that
    is no model; and MissingExtraError if what writes such files is not installed.
    """
    from mangosaurus.core.files import check_writable
    from mangosaurus.formats.export import (
        format_of,
        write_export,
    )

    to = format_of(Path(path), to)
    check_writable(path, overwrite)  # before the work
    return write_export(load(model), Path(path), to, overwrite)


@checked
def info(model: ModelLike = None) -> dict[str, Any]:
    """`Model.info` of a model, a model file, or the bundled model."""
    return load(model).info()


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
