"""Training: `fit`, `like`, `train_further`, and what the command line and the server share with them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from mangosaurus.api.model import Model
from mangosaurus.api.notebook import watching
from mangosaurus.api.verbs import ModelLike, load
from mangosaurus.core.arguments import checked
from mangosaurus.core.arrays import IntArray
from mangosaurus.core.casing import Language
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.core.vocabulary import Vocabulary, shorten
from mangosaurus.data.corpus import Corpus, Format, Labels, NamesLike
from mangosaurus.data.read import CorpusLike, as_corpus
from mangosaurus.data.reading import READING
from mangosaurus.formats.native.kinds import MOST_ROWS
from mangosaurus.models.describe import describe
from mangosaurus.models.interface import CharModel
from mangosaurus.models.label_weights import fits_on_a_line
from mangosaurus.models.networks import AnyCell

if TYPE_CHECKING:  # what trains is imported when it is needed: sampling starts sooner without it
    from mangosaurus.training.checkpoint import Checkpoints
    from mangosaurus.training.settings import Device, Precision, Settings
    from mangosaurus.training.status import Data, Status
    from mangosaurus.training.torch_window import Epoch


@checked
def fit(
    corpus: CorpusLike = None,
    *,
    budget: float | str | None = None,
    steps: int | None = None,
    seed: int | None = None,
    format: Format | None = None,
    lowercase: bool | None = None,
    language: Language | None = None,
    separator: str | None = None,
    inventory: str | os.PathLike[str] | Iterable[str] | None = None,
    join: str | None = None,
    labels: Iterable[str] | Labels = None,
    weights: Iterable[int] | None = None,
    column: str | int | None = None,
    label_column: str | Iterable[str] | None = None,
    weight_column: str | int | None = None,
    sheet: str | int | None = None,
    records: str | None = None,
    encoding: str | None = None,
    skip_bad_lines: bool | None = None,
    holdout: CorpusLike = None,
    prior: bool | None = None,
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
    watch: Callable[[Status], None] | None = None,
    stop: threading.Event | None = None,
) -> Model:
    """Trains a model on a corpus; without one, on the bundled dinosaurs.

    **What to learn from**

    - `corpus`: names or texts, or files of them: see `read_corpus`.
    - `format`: "names", "text" or "auto" (default), which looks at what a file is.
    - `lowercase`: lower-case the corpus; `language`: by the rules of "tr", "az" or "lt", which differ from the others'.
    - `separator`: what parts the symbols of a document, such as " " between phonemes; a list of lists of strings needs
      none. `inventory`: symbols of several characters, as a list, a string such as "tʃ,dʒ,aː" or a file, of which the
      longest that fits is taken. By default every character is a symbol, and in lists with letters whose marks do not
      compose, or emoji of several parts, every grapheme cluster; with an empty inventory, every character even there.
    - `join`: what stands between the symbols of samples; by default what stands between those of the corpus.
    - `labels`: a label for each name of a list; of files, True if their lines are `name<TAB>label`, which is detected
      by default. The model then knows them all: see `Model.with_label` and `Model.classify`.
    - `weights`: how often each name of a list counts, whole numbers above 0. A name that stands in a list twice is a
      name of weight two; of two lists of names with the same weights, however written, the models are the same.
    - `column`, `label_column`, `weight_column`: columns of a table, by name or number: of the names, of their labels
      (a list of columns combines them), and of how often each name counts; `sheet`: that of a workbook.
    - `records`: a token that parts the names or texts of a file, or "blank" for blank lines.
    - `encoding`: that of the files; `skip_bad_lines`: leave out lines that cannot be read.
    - `holdout`: documents to hold out instead of folds of the corpus. The recipe is tuned to them, and their loss is
      reported, so it is not a test loss. `evaluate` finds another: the reported one is of weights that were fitted on
      the other half of them, and the model's own are fitted on all.

    **How long**

    - `budget`: seconds of wall time, or a string such as "2m"; 10 by default, or 0 where torch is not installed and no
      option asks for a network. 0 trains no network and needs no torch.
    - `steps`: train each network for exactly this many updates instead of for a time; reproducible.
    - `seed`: 0 by default.

    **How large** (each follows from the corpus and the budget by default)

    - `prior`: whether a model of names has the prior, which knows what names in general are like; True by default.
    - `cell`: "lstm" (default), "rnn", "gru" or "transformer".
    - `hidden`: units a layer, those of the prior if networks start from it; `layers`: how many.
    - `order`: the longest n-gram.
    - `members`: networks to ensemble: an upper bound with a budget, an exact count with `steps` (1 by default).
    - `batch`: names, or streams of a text, in a step.

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
    - `resume`: a folder of checkpoints. The run continues from the last one with its original options; pass the same
      `corpus` and `holdout` again. With `steps`, the model is bit for bit that of an uninterrupted run.
    - `watch`: called after every step. By default, a notebook shows a bar if tqdm is installed.
    - `stop`: once it is set, the best model so far is returned.

    In processes that torchrun started, all call it alike, share every batch, and return the same model.

    Raises OptionError for a value out of range, a device that is missing, an option that has no effect with the
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
    counts = None if weights is None else [*weights]
    given = stated(options if names is None else options | {"labels": None})
    if isinstance(corpus, Corpus):
        check_read(corpus, given)
    if isinstance(corpus, LargeCorpus):
        started -= corpus.seconds  # it was read for this, and that is part of the budget

    def read(settings: Settings) -> tuple[Corpus, Corpus | None]:
        return read_both(as_corpus, corpus, holdout, settings, names, counts)

    with opened(checkpoint, resume, every) as checkpoints, nullcontext(watch) if watch else watching() as told:
        return run_fit(read, given, checkpoints, told, stop, started)


train = fit
"""The name of the command."""


def read_both(
    read: Callable[..., Corpus],
    corpus: Any,
    holdout: Any,
    settings: Settings,
    labels: Sequence[str] | None = None,
    weights: Sequence[int] | None = None,
) -> tuple[Corpus, Corpus | None]:
    """The corpus, and the holdout read alike. `read` is `as_corpus` or `read_corpus`; `labels` is a list of them, and
    `weights` of how often each name counts."""
    from mangosaurus.data.large import threshold

    options: dict[str, Any] = {name: getattr(settings, name) for name in READING if name not in ("lowercase", "labels")}
    options |= {"memory": settings.memory, "encoded_from": threshold(settings.memory)}
    if settings.segmentation is not None and not settings.segmentation.plain:
        options["encoded_from"] = None  # only characters are streamed
    if settings.separator.strip() and not settings.columns and settings.format == "auto":
        options["format"] = "names"  # a look would take commas between tokens for a table
    theirs = settings.labels if labels is None else labels
    given = {} if weights is None else {"weights": weights}
    found = read(corpus, lowercase=settings.lowering, labels=theirs, **options, **given)
    if holdout is None:
        return cut([found], settings)[0], None
    alike: Labels = None if settings.label_column else "any" if found.labels is not None else settings.labels
    held_out = read(holdout, kind=found.kind, lowercase=found.lowercased, labels=alike, **options)
    held_out = replace(held_out, labels=None) if found.labels is None else held_out
    found, held_out = cut([found, held_out], settings)
    return found, _with_overlap(found, held_out)


def _with_overlap(found: Corpus, held_out: Corpus) -> Corpus:
    """What is held out, with a note if some of it is in the corpus too; a large corpus is not searched."""
    from mangosaurus.core.units import counted

    if not isinstance(found.documents, tuple):
        return held_out
    both = set(found.documents).intersection(held_out.documents)
    count = sum(document in both for document in held_out.documents)
    if not count:
        return held_out
    of = counted(len(held_out.documents), "document")
    note = f"{count:,} of {of} held out {'is' if count == 1 else 'are'} in the corpus too, which lowers the loss"
    return replace(held_out, notes=(*held_out.notes, note))


def cut(corpora: Sequence[Corpus], settings: Settings) -> Sequence[Corpus]:
    """Corpora with the symbols that the settings say; names without any, with grapheme clusters if they have some.

    Texts and large corpora have characters unless the settings say otherwise.
    """
    from mangosaurus.core.segmentation import CHARACTERS, clusters_of
    from mangosaurus.data.large import LargeCorpus

    asked, large = settings.segmentation, any(isinstance(each, LargeCorpus) for each in corpora)
    if large and asked is not None and not asked.plain:
        raise OptionError.of("a Corpus of this size has characters; give its path, with {separator} or {inventory}")
    if asked is not None and not asked.plain and not any(map(asked.occurs_in, corpora[0].documents)):
        named = Option("separator" if asked.separator else "inventory")
        value = shorten(asked.separator or ",".join(sorted(asked.inventory)))
        raise OptionError.of("{} is {!r}, and nothing of it stands in the corpus", named, value)
    segmentation = corpora[0].segmentation if asked is None else asked
    if not segmentation.separator:
        _check_no_tab(corpora)
    joined = settings.inventory if asked is None or asked.plain else asked.inventory  # empty: characters even there
    if not segmentation.separator and joined != () and corpora[0].kind == "names" and not large:
        clusters = clusters_of([document for each in corpora for document in each.documents])
        both = segmentation.inventory | clusters.inventory
        segmentation = replace(segmentation, inventory=both, clusters=asked is None and bool(both))
    if settings.join is not None:
        segmentation = replace(segmentation, join=settings.join)
    if segmentation == CHARACTERS:
        return corpora
    return [each if each.segmentation == segmentation else each.with_symbols(segmentation) for each in corpora]


def _check_no_tab(corpora: Sequence[Corpus]) -> None:
    """Raises CorpusError for a TAB in a list of names of Python, where it may part a name and its label."""
    for corpus in corpora:
        listed = corpus.kind == "names" and corpus.sources == ("a list",)
        for number, name in enumerate(corpus.documents if listed else (), start=1):
            if "\t" in name:
                raise CorpusError.of(
                    "the name number {:,} of the list has a TAB in it, {!r}: give {labels} or {weights} as a list of "
                    "its own, or name the TAB as {separator}",
                    number,
                    plain(name, 40),
                )


def run_fit(
    read: Callable[[Settings], tuple[Corpus, Corpus | None]],
    given: Mapping[str, Any],
    checkpoints: Checkpoints | None,
    watch: Callable[[Status], None] = lambda status: None,
    stop: threading.Event | None = None,
    started: float | None = None,
) -> Model:
    """The part that `fit` and `mangosaurus train` share.

    `given` are the options that `settings.stated` returns, and `read` reads the corpus and the holdout once all options
    are known. The budget runs from `started`, or from when both are read.
    """
    from mangosaurus.data.large import LargeCorpus
    from mangosaurus.training.manifest import manifest_of, settings_of
    from mangosaurus.training.recipe import fit as fit_documents
    from mangosaurus.training.settings import WITHOUT_TORCH, Settings, check_prior, possible, resumed

    if checkpoints is None or checkpoints.found is None:
        settings = Settings(**possible(given))
    else:
        folder = checkpoints.folder
        settings = resumed(given, settings_of(checkpoints.found.manifest, folder), folder)
    corpus, holdout = read(settings)
    check_enough(corpus)
    check_prior(given, corpus.kind == "text", isinstance(corpus, LargeCorpus))
    if started is None:
        started = time.monotonic() - (corpus.seconds if isinstance(corpus, LargeCorpus) else 0.0)
    data = _data(corpus, holdout)
    if checkpoints is not None:
        manifest = checkpoints.begin(manifest_of(settings, corpus, holdout))
        data = replace(data, summary=str(manifest["corpus"]["summary"]))  # with the file's name as it was
    # The products of a list are small: several threads would wait for each other, and round differently.
    with threadpool_limits(None if data.text else 1, user_api="blas"):
        fitted = fit_documents(data, settings, started, watch, stop, checkpoints)
    if settings.budget == 0 and "budget" not in given:
        fitted.record["note"] = WITHOUT_TORCH
    return made_of(corpus, fitted.model, {"corpus": data.summary, "holdout": holdout is not None, **fitted.record})


def _data(corpus: Corpus, holdout: Corpus | None) -> Data:
    """The recipe's data: ids of a vocabulary with all characters of both."""
    from mangosaurus.data.large import LargeCorpus, some_of
    from mangosaurus.training.large.documents import Mapped
    from mangosaurus.training.status import Data

    corpus, summary = corpus.reduced(), corpus.summary()
    holdout = None if holdout is None else holdout.reduced()
    held_out = () if holdout is None else some_of(holdout)
    known = [corpus.encoded.header.characters] if isinstance(corpus, LargeCorpus) else corpus.documents
    vocabulary = Vocabulary.of([*known, *held_out], corpus.segmentation)
    labels = tuple(sorted(set(corpus.labels or ())))
    documents: Sequence[IntArray]
    if isinstance(corpus, LargeCorpus):
        documents = Mapped.whole(corpus.encoded, vocabulary)
    else:
        documents = _encoded(corpus, corpus.documents, vocabulary, labels)
    theirs = None if holdout is None else _encoded(holdout, held_out, vocabulary, labels)
    weights = _weights(corpus), None if holdout is None else _weights(holdout)
    names = () if corpus.kind == "text" or isinstance(corpus, LargeCorpus) else corpus.documents
    return Data(documents, vocabulary, corpus.kind == "text", theirs, labels, *weights, summary, names)


def _weights(corpus: Corpus) -> IntArray | None:
    import numpy as np

    return None if corpus.weights is None else np.array(corpus.weights, dtype=np.int64)


def made_of(read: Corpus, model: CharModel, record: dict[str, Any]) -> Model:
    """The Model of a distribution that was trained on `read`, with the training's `record`."""
    from mangosaurus.data.large import LargeCorpus

    training = {
        "corpus": read.summary(),
        "lowercased": bool(read.lowercased),
        **({"language": read.lowercased} if isinstance(read.lowercased, str) else {}),
        **({"case": read.case} if read.case is not None else {}),
        **({"separator": read.segmentation.separator} if read.segmentation.separator else {}),
        **_inventory(read),
        "format": read.kind,
        **({"labelled": True} if read.labels is not None else {}),
        **({"read": list(read.notes)} if read.notes else {}),
        "longest": read.longest,
        **record,
    }
    if isinstance(read, LargeCorpus):
        known = DocumentHashes.of_blocks(read.encoded.known(), read.encoded.header.known)
    else:
        known = DocumentHashes.of(read.documents)
    return Model(model, read.kind, known, training)


def _inventory(read: Corpus) -> dict[str, int]:
    """How many entries the inventory has, if one was given."""
    entries = 0 if read.segmentation.clusters else len(read.segmentation.inventory)
    return {"inventory": entries} if entries else {}


def _encoded(corpus: Corpus, documents: Sequence[str], vocabulary: Vocabulary, labels: Sequence[str]) -> list[IntArray]:
    """The ids of a corpus's documents. With `labels`, each follows its label: see training/label_ngrams.py."""
    from mangosaurus.models.label_weights import numbers_of
    from mangosaurus.training.label_ngrams import mark

    encoded = vocabulary.encode_all(documents)
    if not labels:
        return encoded
    if corpus.labels is None:
        raise CorpusError(f"{', '.join(corpus.sources)} has names without labels, and those of the corpus have some")
    return mark(encoded, numbers_of(corpus.labels, labels), len(vocabulary))


@checked
def like(names: NamesLike) -> Model:
    """A model of names like these, made at once without torch: `fit` with a budget of 0.

    `names` is a list of them, or one string with commas, semicolons, TABs or line breaks between them. A string may
    also be what a file may: a list of Python, one with bullets or quotes, a table. A Path, and a string that is the
    path of a file, stands for the names in the file, read as `read_corpus` does; "-" is standard input.
    Names are put into NFC, white space around them is removed, and each counts once.

        >>> model = mangosaurus.like(["Galadriel", "Elrond", "Legolas"])

    Raises OptionError if there is no name, and CorpusError for a file that cannot be read.
    """
    from mangosaurus.api.like import names_of

    return fit(names_of(names), budget=0)


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
    the course, and are trained on as Keras does: `training.torch_window`. The same `seed` gives the same order,
    dropout and model. `begun` is called once everything is read and checked, and `watch` after every epoch. Once `stop`
    is set, the model after the last whole epoch is returned. The list `further` of its record, `Model.training`, gets
    an entry.

    Raises OptionError if the model reads no windows or a number is out of range, UnknownCharacterError for a character
    outside its vocabulary, CorpusError for a corpus that cannot be read or is shorter than a window, and
    MissingExtraError if torch is not installed.
    """
    from mangosaurus.models.window import WindowModel
    from mangosaurus.training.settings import require_torch
    from mangosaurus.training.windows import windows_of

    start = load(model)
    distribution = start.distribution
    if not isinstance(distribution, WindowModel):
        raise OptionError(
            "only a network that reads windows, such as import-keras makes, can be trained further, and this model is "
            f"{describe(distribution)}; fit a new one to the corpus"
        )
    read = start.in_symbols(as_corpus(corpus, lowercase=start.lowering, kind=start.kind))
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
    from mangosaurus.training.torch_window import train_windows

    begun()
    options: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "seed": seed, "on_epoch": tell, "stop": stop}
    parameters = train_windows(parameters, windows, targets, **options)
    entry = {"corpus": read.summary(), "epochs": len(losses), "batch_size": batch_size, "seed": seed, "losses": losses}
    training = {**start.training, "further": [*start.training.get("further", []), entry]}
    known = DocumentHashes.union([start.known.hashes, DocumentHashes.of(read.documents).hashes])
    return Model(WindowModel(distribution.vocabulary, parameters), start.kind, known, training)


def check_enough(corpus: Corpus) -> None:
    """Raises CorpusError for a corpus with labels that no model file can hold."""
    labels = set(corpus.labels or ())
    for label in labels:
        if not fits_on_a_line(label):
            raise CorpusError(f"the label '{plain(label)}' has a control character; labels are plain text on one line")
    if labels and (len(labels) + 1) * corpus.distinct > MOST_ROWS:
        raise CorpusError(
            f"{len(labels):,} labels and {corpus.distinct:,} different characters are more than a model holds: their "
            f"product must be below {MOST_ROWS:,}; take fewer labels"
        )
