"""The verbs, except `fit` and `report`, which have files of their own."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence, Set
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.api.model import Model
from mangosaurus.core.arguments import checked
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.data.corpus import NamesLike, source_of
from mangosaurus.formats.native.contents import TEXT_LENGTH
from mangosaurus.generation.constraints.options import Length
from mangosaurus.generation.parameters import Case, Method
from mangosaurus.models.blend import BLENDS, How
from mangosaurus.models.describe import describe
from mangosaurus.models.label_weights import LabelLike

if TYPE_CHECKING:  # what trains is imported when it is needed: sampling starts sooner without it
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.evaluation.classification import Classification
    from mangosaurus.evaluation.loss import Evaluation
    from mangosaurus.generation.samples import Samples
    from mangosaurus.generation.search import Top

ModelLike = Model | str | os.PathLike[str] | None
"""A model, the path of a model file, the name of a bundled model, or None for the bundled dinosaurs."""
BUNDLED = ("dinosaurs", "sonnets")
"""The bundled models: of the bundled list of dinosaurs, and of Shakespeare's sonnets."""


@checked
def load(path: ModelLike = None) -> Model:
    """Reads a model file, or a bundled model by its name; without a path, that of dinosaurs.

    A file with that name takes precedence. Raises ModelFileError if it is not a model file.
    """
    if isinstance(path, Model):
        return path
    if path is None:
        return bundled_model("dinosaurs")
    if str(path) in BUNDLED and not Path(path).exists():
        return bundled_model(str(path))
    return Model.load(path)


@cache
def bundled_model(name: str) -> Model:
    """The bundled model of one of BUNDLED."""
    with as_file(files("mangosaurus.bundled") / f"{name}.safetensors") as path:
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
    diverse: bool = False,
    label: LabelLike | None = None,
    like: NamesLike | None = None,
    unlike: NamesLike | None = None,
    strength: float | None = None,
    method: Method = "independent",
    case: Case | None = None,
    not_like: int | None = None,
    training: CorpusLike = None,
    prefix: str | Iterable[str] = (),
    suffix: str | Iterable[str] = (),
    contains: str | Iterable[str] = (),
    pattern: str | Iterable[str] = (),
    not_pattern: str | Iterable[str] = (),
    min_length: int | None = None,
    max_length: int | None = None,
    length: Length | None = None,
    without: str = "",
    max_repeat: int | None = None,
    ignore_case: bool = False,
    avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
    avoid_parts: bool = False,
    exact: bool = False,
    clean: bool = False,
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
    like: NamesLike | None = None,
    unlike: NamesLike | None = None,
    strength: float | None = None,
    not_like: int | None = None,
    training: CorpusLike = None,
    memory: int = 1000,
    prefix: str | Iterable[str] = (),
    suffix: str | Iterable[str] = (),
    contains: str | Iterable[str] = (),
    pattern: str | Iterable[str] = (),
    not_pattern: str | Iterable[str] = (),
    min_length: int | None = None,
    max_length: int | None = None,
    length: Length | None = None,
    without: str = "",
    max_repeat: int | None = None,
    ignore_case: bool = False,
    avoid: str | os.PathLike[str] | Set[str] | Iterable[str] | None = None,
    avoid_parts: bool = False,
    exact: bool = False,
    clean: bool = False,
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
    weights: Iterable[int] | None = None,
) -> Evaluation:
    """`Model.evaluate` of a model, a model file, or the bundled model."""
    return load(model).evaluate(corpus, window, stride, labels, weights)


@checked
def classify(model: ModelLike, names: str | Iterable[str]) -> Classification:
    """`Model.classify` of a model or a model file."""
    return load(model).classify(names)


@checked
def blend(models: Iterable[ModelLike], weights: Iterable[float] | None = None, how: How = "product") -> Model:
    """One model out of two or more models of one kind, each with a weight.

    With `how` "product", all models choose every symbol together, so that each name resembles all of them. With
    "mixture", each name comes from a single model, which the weights choose. `models.blend` has the formulas, and says
    what happens to characters that only some models know. The weights are scaled to the sum one; by default all are
    equal. The known documents are those of all models. The training record's `blend` has `how`, and for each part its
    weight, its description and its training record.

    Raises OptionError for fewer than two models, more than 64 in all, blends more than 8 deep, models of names together
    with models of text, another number of weights than of models, weights that are not positive numbers, or another
    `how`; ModelFileError for a file that is no model.
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
    kind = loaded[0].kind
    for number, part in enumerate(loaded, start=1):
        if part.kind != kind:
            which = f"the first is of {kind} and number {number} of {part.kind}"
            raise OptionError(f"the models differ in kind: {which}; blend models of one kind")
    shares = np.array(given) / np.max(given)  # first, so that no sum overflows
    shares /= shares.sum()
    parts = [
        {"weight": float(share), "model": describe(part.distribution), "training": part.training}
        for share, part in zip(shares, loaded, strict=True)
    ]
    training = {
        "blend": {"how": how, "parts": parts},
        "format": kind,
        "lowercased": all(part.lowercased for part in loaded),
        **_language(loaded),
        "longest": max(part.training.get("longest") or 50 for part in loaded),
    }
    known = DocumentHashes.union([part.known.hashes for part in loaded])
    return Model(BLENDS[how]([part.distribution for part in loaded], shares), kind, known, training)


def _language(models: Sequence[Model]) -> dict[str, str]:
    """The language by whose rules all of the models lower-case, for a training record."""
    rules = {model.lowering for model in models}
    rule = rules.pop()
    return {"language": rule} if not rules and isinstance(rule, str) else {}


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
    from mangosaurus.data.read import as_corpus
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
    return Model(WindowModel(vocabulary, kept.parameters), "text", DocumentHashes.of(read.documents), training)


@checked
def import_counts(path: str | os.PathLike[str], *, encoding: str | None = None, skip_bad_lines: bool = False) -> Model:
    """A model of names from a file of n-gram counts, as SRILM and KenLM write them: see `formats.counts`.

    It is an n-gram alone, which knows no names of the list. A string may be "-", standard input. `encoding` is that of
    the file, UTF-8 or what its bytes look like by default; `skip_bad_lines` leaves out lines that do not decode.

    Raises OptionError for an unknown encoding; CorpusError for a file that cannot be read, with the number of a line
    that is none, and for counts that do not say how names begin and end.
    """
    from mangosaurus.data.read import read_decoded
    from mangosaurus.formats.counts import model_of

    name = "standard input" if str(path) == "-" else source_of(str(path))
    text, notes = read_decoded(path if isinstance(path, str) else Path(path), encoding, skip_bad_lines)
    contents = model_of(text, name)
    contents.training["corpus"] = "; ".join([contents.training["corpus"], *notes])
    return Model(**vars(contents))


@checked
def export(
    model: ModelLike, path: str | os.PathLike[str], *, to: str | None = None, overwrite: bool = False
) -> tuple[str, ...]:
    """Writes a model for other programs, atomically, and returns notes about the file, one line each.

    `to` is "onnx", the step of the networks, see `formats.onnx`; "html", a page that writes names or texts by itself,
    see `formats.webpage`; or "arpa", the n-gram, see `formats.arpa`. If it is not given, the end of the path says
    which.

    Raises OptionError if `to` is unknown, does not fit the end of the path, or cannot hold this kind of model;
    OutputError if the file exists and `overwrite` is false, or if it cannot be written; ModelFileError for a file that
    is no model; and MissingExtraError if what writes such files is not installed.
    """
    from mangosaurus.core.files import check_writable
    from mangosaurus.formats.export import format_of, write_export

    to = format_of(Path(path), to)
    check_writable(path, overwrite)  # before the work
    return write_export(load(model), Path(path), to, overwrite)


@checked
def export_workshop(path: str | os.PathLike[str], *, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the workshop, a page that learns from lists of names by itself; returns notes about the file.

    Any browser opens the file, without a network: see `formats.workshop`.

    Raises OptionError if the path does not end in .html or .htm, and OutputError if the file exists and `overwrite` is
    false, or if it cannot be written.
    """
    from mangosaurus.formats.export import format_of
    from mangosaurus.formats.workshop import write_workshop

    format_of(Path(path), "html")
    return write_workshop(Path(path), overwrite)


@checked
def info(model: ModelLike = None) -> dict[str, Any]:
    """`Model.info` of a model, a model file, or the bundled model."""
    return load(model).info()
