"""The verbs: each a command of the same name, with the same words for its options."""

from __future__ import annotations

import math
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from mangosaurus.arrays import IntArray
from mangosaurus.classification import Classification
from mangosaurus.corpus import Corpus, CorpusLike, Format, Labels, as_corpus
from mangosaurus.errors import CorpusError, OptionError
from mangosaurus.evaluation import Evaluation
from mangosaurus.generation.collect import Samples
from mangosaurus.known import Known
from mangosaurus.labels import numbers_of
from mangosaurus.model import Model
from mangosaurus.models.recurrent import GATES, Cell
from mangosaurus.vocabulary import Vocabulary

if TYPE_CHECKING:  # what trains is imported when it is needed: sampling starts sooner without it
    from mangosaurus.training.recipe import Settings, Status

ModelLike = Model | str | os.PathLike[str] | None
"""A model, the path of a model file, the name of a bundled model ("dinosaurs" or "sonnets"), or None, dinosaurs."""

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def fit(
    corpus: CorpusLike = None,
    *,
    budget: float | str = 10.0,
    steps: int | None = None,
    seed: int = 0,
    format: Format = "auto",
    lowercase: bool = False,
    labels: Sequence[str] | Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
    holdout: CorpusLike = None,
    cell: Cell = "lstm",
    hidden: int | None = None,
    layers: int = 1,
    order: int | None = None,
    members: int | None = None,
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
) -> Model:
    """Learns a model from a corpus; without one, from the bundled dinosaurs.

    `budget` is seconds of wall time, or a string such as "10s" or "2m"; 0 is the n-gram alone, which needs no torch.
    `steps` takes its place: so many updates of each of `members` networks (1), the same model for the same number.
    `labels` has a label for each name of a list, and of files says whether their lines are `name<TAB>label`, which is
    looked at if it is not given; with `label_column`, the files are tables (CSV), with the names in `name_column`,
    "name" if not given. The model then knows them all: see `Model.with_label` and `Model.classify`.
    `holdout` is held out instead of parts of the corpus: the recipe is steered by it and its loss is reported, so that
    it is no test. `cell`, `hidden` (units a layer), `layers`, `order` (the longest n-gram) and `members` (networks to
    average) follow from the corpus and the budget where they are not given. `watch` is told of every step; once
    `stop` is set, the best model so far is returned.

    Raises OptionError for a value out of range, CorpusError for a corpus that cannot be read, and MissingExtraError
    if a network is wanted and torch is not installed.
    """
    started = time.monotonic()
    from mangosaurus.training.recipe import Settings
    from mangosaurus.training.recipe import fit as fit_documents

    settings = Settings(
        budget=parse_duration(budget),
        steps=steps,
        members=members,
        seed=seed,
        cell=cell,
        hidden=hidden,
        layers=layers,
        order=order,
    )
    check(settings)
    columns: dict[str, Any] = {"label_column": label_column, "name_column": name_column}
    read = as_corpus(corpus, format, lowercase, labels=labels, **columns)
    if read.kind == "names" and len(read.documents) < 2:
        raise CorpusError(f"{', '.join(read.sources)} has only one name; a model needs two or more, one a line")
    held_out = None
    if holdout is not None:
        alike: Labels = None if label_column is not None else read.labels is not None
        held_out = as_corpus(holdout, read.kind, read.lowercased, labels=alike, **columns)
    vocabulary = Vocabulary.of(read.documents + (held_out.documents if held_out else ()))
    known_labels = () if read.labels is None else tuple(sorted(set(read.labels)))
    # The products of many small n-grams: on several threads they wait for each other, and round differently.
    with threadpool_limits(1 if known_labels else None, user_api="blas"):
        fitted = fit_documents(
            _encoded(read, vocabulary, known_labels),
            vocabulary,
            read.kind == "text",
            settings,
            None if held_out is None else _encoded(held_out, vocabulary, known_labels),
            watch,
            stop,
            started,
            known_labels,
        )
    training = {
        "corpus": read.summary(),
        "lowercased": read.lowercased,
        "format": read.kind,
        **({"labelled": True} if known_labels else {}),
        "holdout": held_out is not None,
        "longest": max(len(document) for document in read.documents),
        **fitted.record,
    }
    return Model(fitted.model, read.kind, Known.of(read.documents), training)


def _encoded(corpus: Corpus, vocabulary: Vocabulary, labels: Sequence[str]) -> list[IntArray]:
    """The documents' ids; where there are `labels`, each behind its own: see training/label_ngrams.py."""
    from mangosaurus.training.label_ngrams import mark

    documents = vocabulary.encode_all(corpus.documents)
    if not labels:
        return documents
    if corpus.labels is None:
        raise CorpusError(f"{', '.join(corpus.sources)} has names without labels, and those of the corpus have some")
    return mark(documents, numbers_of(corpus.labels, labels), len(vocabulary))


def load(path: ModelLike = None) -> Model:
    """Reads a model file, or a bundled model by its name; without a path, that of dinosaurs.

    A file of such a name goes before the bundled model. Raises ModelFileError if it is not a model file.
    """
    if isinstance(path, Model):
        return path
    from mangosaurus.bundled import NAMES, bundled_model

    if path is None:
        return bundled_model("dinosaurs")
    if str(path) in NAMES and not Path(path).exists():
        return bundled_model(str(path))
    return Model.load(path)


def sample(n: int = 20, model: ModelLike = None, **options: Any) -> Samples:
    """`Model.sample` of a model, a model file, or the bundled model."""
    return load(model).sample(n, **options)


def write(prompt: str = "", model: ModelLike = "sonnets", **options: Any) -> str:
    """`Model.write` of a model, a model file, or the bundled model of the sonnets."""
    return load(model).write(prompt, **options)


def evaluate(
    model: ModelLike,
    corpus: CorpusLike,
    window: int | None = None,
    stride: int = 1,
    labels: Sequence[str] | None = None,
) -> Evaluation:
    """`Model.evaluate` of a model, a model file, or the bundled model."""
    return load(model).evaluate(corpus, window, stride, labels)


def classify(model: ModelLike, names: Sequence[str]) -> Classification:
    """`Model.classify` of a model or a model file."""
    return load(model).classify(names)


def info(model: ModelLike = None) -> dict[str, Any]:
    """`Model.info` of a model, a model file, or the bundled model."""
    return load(model).info()


def parse_duration(duration: float | str) -> float:
    """Seconds: of a number itself, of a string such as "10s", "1.5m" or "2h" what it says.

    Raises OptionError if it is negative or cannot be read.
    """
    if isinstance(duration, int | float) and 0 <= duration < math.inf:
        return float(duration)
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h|)\s*", str(duration))
    if not match:
        raise OptionError(
            f"budget is {str(duration)!r}; give seconds, as 10s, or minutes, as 2m; 0s is the n-gram alone"
        )
    return float(match[1]) * UNITS[match[2]]


def check(settings: Settings) -> None:
    """Raises OptionError if a setting is out of range."""
    ranges: dict[str, tuple[int | None, int, int]] = {
        "steps": (settings.steps, 0, 10**9),
        "members": (settings.members, 1, 64),
        "seed": (settings.seed, 0, 2**63 - 1),
        "hidden": (settings.hidden, 1, 8192),
        "layers": (settings.layers, 1, 8),
        "order": (settings.order, 1, 32),
    }
    for name, (value, least, most) in ranges.items():
        if value is not None and not least <= value <= most:
            raise OptionError(f"{name} is {value}; it must be from {least} to {most}")
    if settings.cell not in GATES:
        raise OptionError(f"cell is {settings.cell!r}; it must be one of {', '.join(GATES)}")
