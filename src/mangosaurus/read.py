"""Reading a corpus: files, folders, registered names, standard input or Python lists, into documents of clean text.

Characters are Unicode in NFC; a byte order mark and carriage returns are taken away; nothing else is changed unless it
is asked for.

Names may carry labels: see labelled_lines.py for which files are read so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import IO

from mangosaurus.arguments import checked, listed, shown
from mangosaurus.corpora import registry
from mangosaurus.corpus import (
    FORMATS,
    STANDARD_INPUT,
    Corpus,
    Format,
    Kind,
    Labels,
    decode,
    guess_kind,
    read_stream,
    source_of,
    unreadable,
)
from mangosaurus.errors import CorpusError, OptionError
from mangosaurus.labelled_lines import NAME_COLUMN, looks_labelled, read_columns, read_lines
from mangosaurus.large import keep_streams, read_large
from mangosaurus.vocabulary import normalize

BUNDLED = "the bundled list of dinosaurs"


CorpusLike = Corpus | str | os.PathLike[str] | Iterable[str] | Iterable[Path] | None


"""What stands for a corpus in Python: a Corpus; the path of a file or folder, or a list of Path objects; the name of a
registered corpus; a list of strings, which are the documents themselves; or None, the bundled dinosaurs.

A tuple, an array of strings, a column of a table (`frame["name"]`) and a generator do as a list. A table, a dict and a
set do not: of a table only the columns' names would be read, and a set has no order."""


@checked
def read_corpus(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    format: Format = "auto",
    lowercase: bool = False,
    quiet: bool = False,
    *,
    labels: Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus in files, in folders of .txt files, or on standard input ("-"); of no path, the bundled dinosaurs.

    `paths` is one of them, or a list.

    A string that is no path of anything may be the name of a corpus in `corpora.registry`, such as "sonnets"; it is
    downloaded if need be, which is told on standard error unless `quiet`.
    `auto` looks at the lines: short ones without the punctuation of sentences are names.

    `labels` says whether lines are `name<TAB>label`: True, False, or None, which looks at them; "any" takes one TAB
    for a sign that they are. With `label_column`, the files are tables with the names in `name_column`, "name" if not
    given, and their labels beside them.
    Files of more than `encoded_from` bytes together are not read into memory but encoded into a file, see large.py, but
    for names with labels, which must fit into `memory` bytes if that is given.
    Raises CorpusError if something is missing, empty, not UTF-8, too large or cannot be downloaded, or if a line lacks
    its label, and OptionError for an unknown format, or labels of what are not names.
    """
    if name_column is not None and label_column is None:
        raise OptionError(f"name-column is {name_column!r}, and there is no label-column: it goes with one")
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    places = [each if isinstance(each, str) else Path(each) for each in given]
    if "" in places:  # which is what a shell makes of a variable that is not set; as a path it is this folder
        raise CorpusError("the path of a corpus is empty; name a file, a folder, or - for standard input")
    with ExitStack() as stack:
        kept: dict[str, IO[bytes]] = {}
        if encoded_from is not None:
            kept = {name: stack.enter_context(file) for name, file in keep_streams(places, encoded_from)}
            labelled: Labels = True if label_column is not None else labels
            large = read_large(places, format, lowercase, quiet, labelled, encoded_from, kept, memory)
            if large is not None:
                return large
        texts = [(BUNDLED, bundled())] if not places else [pair for path in places for pair in _read(path, quiet, kept)]
    sources = [source for source, _ in texts]
    return make_corpus([text for _, text in texts], format, lowercase, sources, labels, label_column, name_column)


def corpus_of(
    documents: Iterable[str], kind: Kind = "names", lowercase: bool = False, labels: Sequence[str] | None = None
) -> Corpus:
    """A corpus of Python strings, each one document: a name, or with kind "text" a whole text.

    `labels` has a label for every name. Raises CorpusError if there is no document, if a string holds half of a
    surrogate pair, or if a name lacks its label or is empty beside it; OptionError for labels of texts.
    """
    documents = list(documents)
    if labels is not None:
        return _labelled_list(documents, labels, kind, lowercase)
    if kind == "text":
        read = make_corpus(documents, "text", lowercase, ["a list"] * len(documents))
        return replace(read, sources=("a list",))
    if any("\n" in document.strip() or "\r" in document.strip() for document in documents):
        raise CorpusError("a name must not have a line break in it; for longer texts, use kind='text'")
    return make_corpus(["\n".join(documents)], "names", lowercase, ["a list"], labels=False)


def as_corpus(
    corpus: CorpusLike,
    format: Format = "auto",
    lowercase: bool = False,
    *,
    labels: Labels | Iterable[str] = None,
    label_column: str | None = None,
    name_column: str | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus that `corpus` stands for: see CorpusLike. A list of strings is of names unless `format` says text.

    A Corpus is taken as it is. `labels` is a label for every string of a list, or as the columns what `read_corpus`
    takes. Raises what `read_corpus` and `corpus_of` raise.
    """
    if isinstance(labels, str) and labels != "any":
        raise OptionError(f"labels is {labels!r}; give a list of labels, True, False or 'any'")
    own = None if labels is None or isinstance(labels, bool | str) else [*labels]
    if own is not None and (corpus is None or isinstance(corpus, Corpus | str | os.PathLike)):
        raise OptionError("labels are a list, and belong to a list of names; those of a file stand in the file")
    if isinstance(corpus, Corpus):
        return corpus
    read = partial(
        read_corpus,
        format=format,
        lowercase=lowercase,
        labels=labels if own is None else None,  # type: ignore[arg-type]
        label_column=label_column,
        name_column=name_column,
        encoded_from=encoded_from,
        memory=memory,
    )
    if corpus is None:
        return read(())
    if isinstance(corpus, str | os.PathLike):
        return read([corpus])
    try:
        items = listed("the corpus", corpus)
    except TypeError:
        raise CorpusError(f"a corpus is a path or a list of strings or of paths, and this is {shown(corpus)}") from None
    paths = [item for item in items if isinstance(item, Path)]
    if paths and len(paths) == len(items):
        return read(paths)
    for number, item in enumerate(items, start=1):
        if not isinstance(item, str):
            raise CorpusError(
                f"a corpus is a list of strings or of paths, and its item number {number:,} is {shown(item)}"
            )
    for option, value in (("label-column", label_column), ("name-column", name_column)):
        if value is not None:
            raise OptionError(f"{option} is {value!r}, and the corpus is a list: give the labels as a list, by labels")
    if labels is True:
        raise CorpusError("labels is True, but the corpus is a plain list: pass the labels as a list")
    return corpus_of(items, "text" if format == "text" else "names", lowercase, own)


def make_corpus(
    texts: Sequence[str],
    format: Format,
    lowercase: bool,
    sources: Sequence[str],
    labels: Labels = None,
    label_column: str | None = None,
    name_column: str | None = None,
) -> Corpus:
    """The corpus of the contents of files; the options are those of `read_corpus`.

    Raises CorpusError if there is nothing in them, or if labels are missing; OptionError for options that do not fit.
    """
    if format not in FORMATS:
        raise OptionError(f"format is {format!r}; it must be one of {', '.join(FORMATS)}")
    if label_column is not None and labels is False:
        raise OptionError(f"label-column is {label_column!r}, and labels are not to be read: leave one of them out")
    if format == "text" and (labels is True or label_column is not None):
        raise OptionError("labels belong to names, one a line, and format is 'text'")
    if format != "text" and labels is not False:
        found = _labelled(texts, lowercase, sources, labels, label_column, name_column)
        if found is not None:
            return found
    cleaned = [_clean(text, lowercase, source) for text, source in zip(texts, sources, strict=True)]
    kind = guess_kind(cleaned) if format == "auto" else format
    if kind == "text":
        documents = [text for text in cleaned if text.strip()]
        blank = 0
    else:
        # Only line feeds end a name: splitlines() would also cut at characters that some scripts use inside lines.
        lines = [line.strip() for text in cleaned for line in text.split("\n")]
        documents = [line for line in lines if line]
        blank = len(lines) - len(documents) - sum(text.endswith("\n") or not text for text in cleaned)
    if not documents:
        named = ", ".join(sources) or "the corpus"
        raise CorpusError(f"{named} is empty: there is no {'name' if kind == 'names' else 'text'} to learn from")
    return Corpus(tuple(documents), kind, tuple(sources), max(blank, 0), lowercase)


def _labelled(
    texts: Sequence[str],
    lowercase: bool,
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
    names = [normalize(name.lower()) for name in read.names] if lowercase else read.names
    return Corpus(tuple(names), "names", tuple(sources), read.blank, lowercase, tuple(read.labels))


def _labelled_list(names: Sequence[str], labels: Sequence[str], kind: Kind, lowercase: bool) -> Corpus:
    if kind == "text":
        raise OptionError("labels belong to names, and kind or format is 'text'")
    if len(names) != len(labels):
        raise CorpusError(f"there are {len(names):,} names and {len(labels):,} labels; every name needs one")
    for number, (name, label) in enumerate(zip(names, labels, strict=True), start=1):
        for what, value in (("name", name), ("label", label)):
            if not isinstance(value, str) or not value.strip() or "\n" in value or "\r" in value:
                raise CorpusError(f"the {what} number {number:,} is {value!r}; it must be text on one line")
    cleaned, cleaned_labels = (
        tuple(_clean(value, lower, "a list").strip() for value in values)
        for values, lower in ((names, lowercase), (labels, False))
    )
    if not cleaned:
        raise CorpusError("a list is empty: there is no name to learn from")
    return Corpus(cleaned, "names", ("a list",), 0, lowercase, cleaned_labels)


def bundled() -> str:
    """The bundled list of dinosaur genera, one a line."""
    return (files("mangosaurus") / "corpora" / "dinosaurs.txt").read_text(encoding="utf-8")


def read_text(path: str | Path) -> str:
    """What is in one file, or on standard input ("-"), character by character. Raises CorpusError as `read_corpus`."""
    if path == "":
        raise CorpusError("the path of a file is empty; name a file, or - for standard input")
    if Path(path).is_dir():
        raise CorpusError(f"{path} is a folder; name a file in it")
    ((_, text),) = _read(path)
    return text


def _read(path: str | Path, quiet: bool = False, kept: Mapping[str, IO[bytes]] | None = None) -> list[tuple[str, str]]:
    """(name, content) of a file, of every .txt file in a folder, of a registered corpus, or of standard input.

    What is in `kept` by the name of its path is read from there.
    """
    source = "standard input" if str(path) == STANDARD_INPUT else source_of(path)
    if kept and str(path) in kept:
        return [(source, decode(kept[str(path)].read(), source))]
    if str(path) == STANDARD_INPUT:
        return [(source, decode(read_stream(sys.stdin.buffer, source), source))]
    if "\n" in str(path):
        raise CorpusError("a corpus given as one string is the path of a file, and this is a text; give it as [text]")
    named = isinstance(path, str) and (path == registry.BUNDLED or path in registry.ENTRIES)
    if named and not Path(path).exists():
        return [_registered(str(path), quiet)]
    path = Path(path)
    try:
        if path.is_dir():
            found = sorted(path.glob("*.txt"))
            if not found:
                raise CorpusError(f"the folder {path} has no .txt files")
            return [pair for file in found for pair in _read(file)]
        return [(source, decode(path.read_bytes(), source))]
    except FileNotFoundError:
        raise CorpusError(f"the file {path} does not exist{registry.suggestion(str(path))}") from None
    except CorpusError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _registered(name: str, quiet: bool) -> tuple[str, str]:
    """(name, content) of a registered corpus, downloaded if need be."""
    if name == registry.BUNDLED:
        return BUNDLED, bundled()
    if registry.ENTRIES[name].format == "model":
        raise CorpusError(
            f"{name} is a Keras model and no corpus; mangosaurus import-keras {name} --corpus sonnets reads it"
        )
    return name, decode(registry.find(name, quiet).read_bytes(), name)


def _clean(text: str, lowercase: bool, source: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    surrogate = next((c for c in text if "\ud800" <= c <= "\udfff"), None) if not text.isascii() else None
    if surrogate is not None:
        raise CorpusError(f"{source} has half of a surrogate pair, U+{ord(surrogate):04X}, which is no character")
    if lowercase:
        text = text.lower()
    return normalize(text)
