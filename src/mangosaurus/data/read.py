"""Reading a corpus: files, folders, registered names, standard input or Python lists become documents of clean text.

Characters are Unicode in NFC. A byte order mark and carriage returns are removed; nothing else changes unless the
caller asks for it. data/labelled_lines.py says which files have labels.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from mangosaurus.core.arguments import checked, listed, shown
from mangosaurus.core.casing import Lowering, check_language, lower
from mangosaurus.core.errors import CorpusError, Option, OptionError
from mangosaurus.core.segmentation import Segmentation
from mangosaurus.core.vocabulary import normalize
from mangosaurus.data import registry
from mangosaurus.data.corpus import FORMATS, Corpus, Format, Kind, Labels, guess_kind, source_of
from mangosaurus.data.decoding import BYTES_A_PIECE, Source, clean, read_stream, unreadable
from mangosaurus.data.labelled_lines import NAME_COLUMN, looks_labelled, read_columns, read_lines

BUNDLED = "the bundled list of dinosaurs"
SURROGATE = re.compile("[\ud800-\udfff]")

CorpusLike = Corpus | str | os.PathLike[str] | Iterable[str] | Iterable[Path] | Iterable[Sequence[str]] | None
"""What stands for a corpus in Python: a Corpus; the path of a file or folder, or a list of Path objects; the name of a
registered corpus; a list of strings, which are the documents themselves; a list of lists of strings, which are the
tokens of each document; or None, the bundled dinosaurs.

A tuple, an array of strings, a column of a table (`frame["name"]`) or a generator works as a list does. A table, a dict
or a set is refused: iterating a table gives only the names of its columns, and a set has no order."""


@checked
def read_corpus(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    format: Format = "auto",
    lowercase: Lowering = False,
    quiet: bool = False,
    *,
    labels: Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus in files, in folders of .txt files, or on standard input ("-"); of no path, the bundled dinosaurs.

    `paths` is one path or a list of them. A string that is not a path may be the name of a registered corpus, such as
    "sonnets"; it is downloaded if need be, with a note on standard error unless `quiet`.
    `format` "auto" looks at the lines: short ones without the punctuation of sentences are names. `lowercase` is True,
    or a language whose lower case differs from that of the others: "tr", "az" or "lt".

    `labels` says whether lines are `name<TAB>label`: True, False, or None, which looks at the lines; with "any", one
    TAB is enough. With `label_column`, the files are tables: labels stand in that column, names in `name_column`,
    "name" by default. Files of more than `encoded_from` bytes together are not read into memory but encoded into a file
    (see data/large.py). Names with labels are always read into memory; they must fit into `memory` bytes if that is
    given. Raises CorpusError if something is missing, empty, not UTF-8, too large or cannot be downloaded, or if a line
    lacks its label, and OptionError for an unknown format, or labels of what are not names.
    """
    if name_column is not None and label_column is None:
        raise OptionError.of("{name_column} is {!r}, and there is no {label_column}: it goes with one", name_column)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    places = [each if isinstance(each, str) else Path(each) for each in given]
    if "" in places:  # which is what a shell makes of a variable that is not set; as a path it is this folder
        raise CorpusError("the path of a corpus is empty; name a file, a folder, or - for standard input")
    _check_options(format, labels, label_column)
    if isinstance(lowercase, str):
        check_language(lowercase)
    with ExitStack() as stack:
        sources = _resolve(places, quiet, stack, encoded_from)
        if encoded_from is not None and sum(source.size for source in sources) > encoded_from:
            from mangosaurus.data.large import read_large  # a sample starts sooner without it

            large = read_large(sources, format, lowercase, quiet, True if label_column is not None else labels, memory)
            if large is not None:
                return large
        texts = [source.text() for source in sources]
    return make_corpus(texts, format, lowercase, [source.name for source in sources], labels, label_column, name_column)


def corpus_of(
    documents: Iterable[str],
    kind: Kind = "names",
    lowercase: Lowering = False,
    labels: Sequence[str] | None = None,
    weights: Sequence[int] | None = None,
) -> Corpus:
    """A corpus of Python strings, each one document: a name, or with kind "text" a whole text.

    `labels` has a label for every name, `weights` how often each counts. Raises CorpusError if there is no document, if
    a string holds half of a surrogate pair, if a name lacks its label or weight or is empty beside it, or if a weight
    is no whole number above 0; OptionError for labels or weights of texts.
    """
    documents = list(documents)
    if labels is not None or weights is not None:
        return _described_list(documents, labels, weights, kind, lowercase)
    if kind == "text":
        read = make_corpus(documents, "text", lowercase, ["a list"] * len(documents))
        return replace(read, sources=("a list",))
    if any("\n" in document.strip() or "\r" in document.strip() for document in documents):
        raise CorpusError("a name must not have a line break in it; for longer texts, use ", Option("format", "text"))
    return make_corpus(["\n".join(documents)], "names", lowercase, ["a list"], labels=False)


def as_corpus(
    corpus: CorpusLike,
    format: Format = "auto",
    lowercase: Lowering = False,
    *,
    labels: Labels | Iterable[str] = None,
    weights: Iterable[int] | None = None,
    label_column: str | None = None,
    name_column: str | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus that `corpus` stands for: see CorpusLike. A list of strings has names unless `format` is "text".

    A Corpus is returned as it is. `labels` is a label for every string of a list, or else what `read_corpus` takes, as
    are the columns; `weights` says how often each string of a list counts. Raises what `read_corpus` and `corpus_of`
    raise.
    """
    if isinstance(labels, str) and labels != "any":
        raise OptionError(Option("labels"), f" is {labels!r}; give a list of labels, True, False or 'any'")
    own = None if labels is None or isinstance(labels, bool | str) else [*labels]
    single = corpus is None or isinstance(corpus, Corpus | str | os.PathLike)
    try:
        items: list[Any] = [corpus] if single else listed("the corpus", corpus)
    except TypeError:
        raise CorpusError(f"a corpus is a path or a list of strings or of paths, and this is {shown(corpus)}") from None
    paths = single or (bool(items) and all(isinstance(item, Path) for item in items))
    if own is not None and paths:
        raise OptionError.of(
            "{labels} is a list, which belongs to a list of names; the labels of a file stand in the file"
        )
    if weights is not None and paths:
        raise OptionError.of(
            "{weights} is a list, which belongs to a list of names; the weights of a file stand in the file"
        )
    if isinstance(corpus, Corpus):
        return corpus
    columns: dict[str, Any] = {"label_column": label_column, "name_column": name_column}
    if paths:
        columns |= {"labels": labels, "encoded_from": encoded_from, "memory": memory}
        return read_corpus([] if corpus is None else items, format, lowercase, **columns)
    tokens = bool(items) and all(isinstance(item, list) for item in items)
    if tokens:
        items = [_tokens(number, item) for number, item in enumerate(items, start=1)]
    for number, item in enumerate(items, start=1):
        if not isinstance(item, str):
            raise CorpusError(
                f"a corpus is a list of strings or of paths, and its item number {number:,} is {shown(item)}"
            )
    for option, value in columns.items():
        if value is not None:
            raise OptionError(
                Option(option), f" is {value!r}, and the corpus is a list: give the labels as a list, by labels"
            )
    if labels is True:
        raise CorpusError.of("{labels} is True, but the corpus is a plain list: pass the labels as a list")
    theirs = None if weights is None else [*weights]
    read = corpus_of(items, "text" if format == "text" else "names", lowercase, own, theirs)
    return replace(read, segmentation=Segmentation(separator=" ")) if tokens else read


def _tokens(number: int, tokens: Sequence[Any]) -> str:
    """The name of tokens in a list. Raises CorpusError for what is none."""
    for token in tokens:
        if not isinstance(token, str) or token.split() != [token]:
            raise CorpusError(
                f"item number {number:,} of the corpus has the token {shown(token)}; a token is a string without white "
                "space"
            )
    if not tokens:
        raise CorpusError(f"item number {number:,} of the corpus has no token")
    return " ".join(tokens)


def make_corpus(
    texts: Sequence[str],
    format: Format,
    lowercase: Lowering,
    sources: Sequence[str],
    labels: Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
) -> Corpus:
    """The corpus of the contents of files; the options are those of `read_corpus`.

    Raises CorpusError if there is nothing in them, or if labels are missing; OptionError for options that do not fit.
    """
    _check_options(format, labels, label_column)
    if format != "text" and labels is not False:
        found = _labelled(texts, lowercase, sources, labels, label_column, name_column)
        if found is not None:
            return found
    cleaned = [_clean(text, lowercase, source) for text, source in zip(texts, sources, strict=True)]
    kind = guess_kind(cleaned) if format == "auto" else format
    blank = 0
    if kind == "text":
        documents = [text for text in cleaned if text.strip()]
    else:
        # Only line feeds end a name: splitlines() would also cut at characters that some scripts use inside lines.
        lines = [line.strip() for text in cleaned for line in text.split("\n")]
        documents = [line for line in lines if line]
        blank = len(lines) - len(documents) - sum(text.endswith("\n") or not text for text in cleaned)
    if not documents:
        named = ", ".join(sources) or "the corpus"
        raise CorpusError(f"{named} is empty: there is no {'name' if kind == 'names' else 'text'} to learn from")
    return Corpus(tuple(documents), kind, tuple(sources), max(blank, 0), lowercase)


def _check_options(format: Format, labels: Labels, label_column: str | None) -> None:
    """Raises OptionError for an unknown format, and for options that contradict each other."""
    if format not in FORMATS:
        raise OptionError(Option("format"), f" is {format!r}; it must be one of {', '.join(FORMATS)}")
    if label_column is not None and labels is False:
        given = label_column, Option("labels", False)
        raise OptionError.of("{label_column} is {!r}, and {}: leave one of them out", *given)
    if format == "text" and (labels is True or label_column is not None):
        raise OptionError.of("labels belong to names, one a line, and {format} is 'text'")


def _labelled(
    texts: Sequence[str],
    lowercase: Lowering,
    sources: Sequence[str],
    labels: Labels,
    label_column: str | None,
    name_column: str | None,
) -> Corpus | None:
    """The corpus of names with labels, or None if the files are not of that kind."""
    if label_column is None and labels is not True and not any("\t" in text for text in texts):
        return None
    cleaned = [_clean(text, False, source) for text, source in zip(texts, sources, strict=True)]
    if label_column is not None:
        read = read_columns(cleaned, sources, normalize(label_column), normalize(name_column or NAME_COLUMN))
    elif labels is True or looks_labelled(cleaned, labels == "any"):
        read = read_lines(cleaned, sources)
    else:
        return None
    if not read.names:
        raise CorpusError(f"{', '.join(sources) or 'the corpus'} is empty: there is no name to learn from")
    names = [normalize(lower(name, lowercase)) for name in read.names] if lowercase else read.names
    return Corpus(tuple(names), "names", tuple(sources), read.blank, lowercase, tuple(read.labels))


def _described_list(
    names: Sequence[str],
    labels: Sequence[str] | None,
    weights: Sequence[int] | None,
    kind: Kind,
    lowercase: Lowering,
) -> Corpus:
    """The corpus of names with a label, a weight or both for each."""
    beside: dict[str, Sequence[Any]] = {"labels": labels or (), "weights": weights or ()}
    for what, values in beside.items():
        if (labels if what == "labels" else weights) is None:
            continue
        if kind == "text":
            raise OptionError(f"{what} belong to names, and ", Option("format"), " is 'text'")
        if len(names) != len(values):
            raise CorpusError(f"there are {len(names):,} names and {len(values):,} {what}; every name needs one")
    for what, values in (("name", names), ("label", beside["labels"])):
        for number, value in enumerate(values, start=1):
            if not isinstance(value, str) or not value.strip() or "\n" in value or "\r" in value:
                raise CorpusError(f"the {what} number {number:,} is {value!r}; it must be text on one line")
    for number, value in enumerate(beside["weights"], start=1):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise CorpusError(f"the weight number {number:,} is {value!r}; it must be a whole number, 1 or more")
    cleaned, cleaned_labels = (
        tuple(_clean(value, rule, "a list").strip() for value in values)
        for values, rule in ((names, lowercase), (beside["labels"], False))
    )
    if not cleaned:
        raise CorpusError("a list is empty: there is no name to learn from")
    return Corpus(
        cleaned,
        "names",
        ("a list",),
        lowercased=lowercase,
        labels=None if labels is None else cleaned_labels,
        weights=None if weights is None else tuple(map(int, beside["weights"])),
    )


def read_text(path: str | Path) -> str:
    """What is in one file, or on standard input ("-"), character by character. Raises CorpusError as `read_corpus`."""
    if path == "":
        raise CorpusError("the path of a file is empty; name a file, or - for standard input")
    if Path(path).is_dir():
        raise CorpusError(f"{path} is a folder; name a file in it")
    with ExitStack() as stack:
        (source,) = _resolve([path], False, stack)
        return source.text()


def _clean(text: str, lowercase: Lowering, source: str) -> str:
    """`clean` of a text that may come from Python. Raises CorpusError if half of a surrogate pair is in it."""
    found = None if text.isascii() else SURROGATE.search(text)
    if found:
        raise CorpusError(f"{source} has half of a surrogate pair, U+{ord(found[0]):04X}, which is no character")
    return clean(text.removeprefix("\ufeff"), lowercase)


def bundled() -> str:
    """The bundled list of dinosaur genera, one a line."""
    return (files("mangosaurus") / "data" / "dinosaurs.txt").read_text(encoding="utf-8")


def _resolve(
    paths: Sequence[str | Path], quiet: bool, stack: ExitStack, most_in_memory: int | None = None
) -> list[Source]:
    """Every file of `paths`; of no path, the bundled list.

    Standard input, pipes and devices can be read only once. They are read here into memory, or into a nameless file
    that `stack` closes if they have more than `most_in_memory` bytes.
    Raises CorpusError if a file is missing, cannot be read or cannot be downloaded, and OutputError if the cache folder
    cannot be written.
    """
    if not paths:
        return [_in_memory(BUNDLED, bundled().encode())]

    def keep(stream: IO[bytes], name: str) -> Source:
        return _kept(stream, name, stack, most_in_memory)

    found = {path: _files(path, quiet, keep) for path in dict.fromkeys(paths)}
    return [source for path in paths for source in found[path]]


def _files(path: str | Path, quiet: bool, keep: Callable[[IO[bytes], str], Source]) -> list[Source]:
    """Every file of one path. `keep` makes a file of what can be read only once."""
    if str(path) == "-":
        return [keep(sys.stdin.buffer, "standard input")]
    if "\n" in str(path):
        raise CorpusError("a corpus given as one string is the path of a file, and this is a text; give it as [text]")
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        if path == registry.BUNDLED and isinstance(path, str):
            return [_in_memory(BUNDLED, bundled().encode())]
        if isinstance(path, str) and path in registry.ENTRIES:
            if registry.ENTRIES[path].format == "model":
                raise CorpusError(
                    f"{path} is a Keras model and no corpus; mangosaurus import-keras {path} --corpus sonnets reads it"
                ) from None
            return [_file(path, registry.find(path, quiet))]
        raise CorpusError(f"the file {path} does not exist{registry.suggestion(str(path))}") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        inside = sorted(Path(path).glob("*.txt"))
        if not inside:
            raise CorpusError(f"the folder {path} has no .txt files")
        return [source for file in inside for source in _files(file, quiet, keep)]
    source = _file(source_of(path), Path(path))
    if stat.S_ISREG(mode):
        return [source]
    with source.open() as stream:
        return [keep(stream, source.name)]


def _file(name: str, path: Path) -> Source:
    return Source(name, lambda: path.open("rb"), path.stat().st_size)


def _in_memory(name: str, data: bytes) -> Source:
    return Source(name, partial(io.BytesIO, data), len(data))


def _kept(stream: IO[bytes], name: str, stack: ExitStack, most: int | None) -> Source:
    """The rest of a stream: in memory if it has at most `most` bytes, else in a file."""
    begun = read_stream(stream, name, -1 if most is None else most + 1)
    if most is None or len(begun) <= most:
        return _in_memory(name, begun)
    folder = registry.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
        kept.write(begun)
        while block := read_stream(stream, name, BYTES_A_PIECE):
            kept.write(block)
        kept.flush()
    except OSError as error:
        raise registry.unwritable(folder, error) from error

    def opener() -> BinaryIO:
        copy = cast(BinaryIO, os.fdopen(os.dup(kept.fileno()), "rb"))
        copy.seek(0)
        return copy

    return Source(name, opener, kept.tell())
