"""Reading a corpus: files, folders, registered names, standard input or Python lists become documents of clean text.

Characters are Unicode in NFC. A byte order mark and carriage returns are removed; nothing else changes unless the
caller asks for it. data/recognise.py says what a file is, and data/labelled_lines.py which lines have labels.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mangosaurus.core.arguments import checked, listed, shown
from mangosaurus.core.briefly import few
from mangosaurus.core.casing import Lowering, check_language, lower, shape_of
from mangosaurus.core.errors import CorpusError, Option, OptionError
from mangosaurus.core.segmentation import Segmentation
from mangosaurus.core.units import counted
from mangosaurus.core.vocabulary import normalize
from mangosaurus.data.corpus import Corpus, Format, Kind, Labels, guess_kind
from mangosaurus.data.decoding import LOST, Decoding, clean, decode
from mangosaurus.data.reading import Reading, check_reading, reading_of
from mangosaurus.data.registry import ENTRIES
from mangosaurus.data.sources import resolve

if TYPE_CHECKING:  # what looks at files is imported when there is one: a sample starts sooner without it
    from mangosaurus.data.tables import Choice, Column, Names

SURROGATE = re.compile("[\ud800-\udfff]")
NAMED = 3
"""Files that a note names."""
SOME_LINES, LONGEST_TITLE = 2000, 60
"""Lines of a text that are looked at, and characters of each that may be a name."""
AS_IT_LOOKS = Reading()
"""No option: a look at the source decides."""

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
    column: str | int | None = None,
    label_column: str | Iterable[str] | None = None,
    weight_column: str | int | None = None,
    sheet: str | int | None = None,
    records: str | None = None,
    encoding: str | None = None,
    skip_bad_lines: bool = False,
    kind: Kind | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus in files, in folders of .txt files, or on standard input ("-"); of no path, the bundled dinosaurs.

    `paths` is one path or a list of them. A string that is not a path may be the name of a registered corpus, such as
    "sonnets"; it is downloaded if need be, with a note on standard error unless `quiet`.

    `format` "auto" looks at what a file is (data/recognise.py): a table, JSON, a workbook, items in one line, a list
    with comments, bullets or numbers, plain names, or a text. Short lines without the punctuation of sentences are
    names; `kind` says what plain lines are instead. "names" takes lines as they are, and "text" a whole file.
    `Corpus.notes` say what each file was taken for and what was left out. `lowercase` is True, or a language whose
    lower case differs from that of the others: "tr", "az" or "lt".

    `labels` says whether lines are `name<TAB>label`: True, False, or None, which looks at the lines; with "any", one
    TAB is enough. `column`, `label_column` and `weight_column` are columns of a table, by name or by number from 1: of
    the names, of their labels (several combine, as in "elf/female"), and of whole numbers that say how often each name
    counts. `sheet` is that of a workbook, by name or number, the first that is not empty by default. `records` is a
    token that parts the names or texts of a file, or "blank" for blank lines. `encoding` is that of the files, UTF-8 or
    what their bytes look like by default; `skip_bad_lines` leaves out lines that cannot be read.

    Files of more than `encoded_from` bytes together are not read into memory but encoded into a file (see
    data/large.py). Tables, JSON and names with labels are always read into memory; they must fit into `memory` bytes
    if that is given. Raises CorpusError if something is missing, empty, ambiguous, markup, too large, not in its
    encoding or cannot be downloaded, or if a line lacks what it should have; OptionError for options that do not fit;
    MissingExtraError for a workbook whose reader is not installed.
    """
    reading = reading_of(locals())
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    places = [each if isinstance(each, str) else Path(each) for each in given]
    if "" in places:  # which is what a shell makes of a variable that is not set; as a path it is this folder
        raise CorpusError("the path of a corpus is empty; name a file, a folder, or - for standard input")
    if isinstance(lowercase, str):
        check_language(lowercase)
    with ExitStack() as stack:
        sources = resolve(places, quiet, stack, encoded_from)
        left_out = tuple(dict.fromkeys(note for source in sources for note in source.notes))
        if encoded_from is not None and sum(source.size for source in sources) > encoded_from:
            from mangosaurus.data.large import read_large  # a sample starts sooner without it

            large = read_large(sources, reading, kind, quiet, memory)
            if large is not None:
                return replace(large, notes=(*left_out, *large.notes))
        parts = [read_part(source.read(), source.name, reading, kind) for source in sources]
    corpus = _joined(parts, [source.name for source in sources], reading, kind)
    return replace(corpus, notes=(*left_out, *corpus.notes))


def corpus_from(data: bytes, source: str, reading: Reading = AS_IT_LOOKS, kind: Kind | None = None) -> Corpus:
    """The corpus in the bytes of one file, read as `read_corpus` reads files. Raises what it raises."""
    return _joined([read_part(data, source, reading, kind)], [source], reading, kind)


@dataclass(frozen=True)
class Preview:
    """What a look at a source finds: the corpus, or the problem; and the columns of a table, to choose from."""

    corpus: Corpus | None
    problem: CorpusError | OptionError | None
    """Why there is no corpus."""
    columns: tuple[Column, ...] = ()
    """Of a table, also where there is a problem with them."""
    choice: Choice | None = None
    """Which of the columns are read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the source was taken for, and what was left out: a line each."""
        return () if self.corpus is None else self.corpus.notes

    def first(self, n: int = 10) -> list[str]:
        """The first `n` documents, at most 200 characters of each."""
        return [] if self.corpus is None else [document[:200] for document in self.corpus.documents[:n]]


def preview(data: bytes, source: str, reading: Reading = AS_IT_LOOKS, kind: Kind | None = None) -> Preview:
    """A look at the bytes of a file: what `corpus_from` reads, or why it does not, and the columns of a table."""
    from mangosaurus.data.tables import TableError

    try:
        check_reading(reading)
        part = read_part(data, source, reading, kind)
        return Preview(_joined([part], [source], reading, kind), None, part.columns, part.choice)
    except (CorpusError, OptionError) as error:
        return Preview(None, error, error.columns if isinstance(error, TableError) else ())


def read_part(data: bytes, source: str, reading: Reading, kind: Kind | None = None) -> Names:
    """What the bytes of one file are, and the names in it unless it is plain. Raises what `read_corpus` raises."""
    from mangosaurus.data.damaged import check_whole, mended, without_references
    from mangosaurus.data.encodings import encoding_of, plain_utf_8
    from mangosaurus.data.json_lists import looks_like_json
    from mangosaurus.data.recognise import names_of, recognise
    from mangosaurus.data.tables import Names
    from mangosaurus.data.workbooks import is_workbook, read_workbook, refuse_sheet

    if is_workbook(data):
        if reading.format == "text" or kind == "text":
            raise CorpusError(f"{source} is a workbook, and no text")
        part = _folded(names_of(read_workbook(data, source, reading.sheet), reading), source)
        return part.lowercased(reading.lowercase) if reading.lowercase else part
    refuse_sheet(source, reading.sheet)
    decoding = Decoding(skip_bad_lines=reading.skip_bad_lines)
    raw = None if reading.encoding is not None else plain_utf_8(data)
    if raw is None or (reading.skip_bad_lines and LOST in raw):
        found = encoding_of(data, source, reading.encoding, reading.skip_bad_lines)
        decoding = Decoding(found.encoding, reading.skip_bad_lines, why=found.why)
        raw = decode(data, source, decoding)
    looks = reading.format == "auto" and not raw.isascii()
    raw, damage = mended(raw, source) if looks else (raw, None)
    if damage and reading.encoding is not None and plain_utf_8(data) is not None:
        raise OptionError.of("{encoding} is {!r}, and {} is UTF-8: leave it out", reading.encoding, source)
    replaced = None
    if reading.format == "auto" and kind != "text" and "&" in raw and not looks_like_json(raw[:1000]):
        raw, replaced = without_references(raw)
    text = clean(raw, False, decoding.folded)
    part = Names(plain_text=text) if kind == "text" else recognise(text, source, reading)
    part = _folded(part, source) if part.unfolded else part
    if reading.format == "auto" and kind != "text":
        check_whole("\n".join(part.names) if part.plain_text is None else part.plain_text, source)
    part = part.lowercased(reading.lowercase) if reading.lowercase else part
    met = [*decoding.notes(), *([damage] if damage else []), *([replaced] if replaced else [])]
    part.notes = [*(f"{source}: {each}" for each in met), *part.notes]
    return part


def _folded(part: Names, source: str) -> Names:
    """The same names without the damage and the invisible characters that JSON and the cells of a workbook may have.

    Raises CorpusError for half of a surrogate pair, and as `mended`.
    """
    from mangosaurus.data import invisible
    from mangosaurus.data.damaged import mended, without_references

    every = "\n".join([*part.names, *(part.labels or ())])
    whole, damage = (every, None) if every.isascii() or SURROGATE.search(every) else mended(every, source)
    whole, replaced = without_references(whole)
    damage = "; ".join(filter(None, (damage, replaced)))
    if damage and whole.count("\n") + 1 == len(part.names) + len(part.labels or ()):
        lines = whole.split("\n")
        part.names = lines[: len(part.names)]
        part.labels = None if part.labels is None else lines[len(part.names) :]
        part.notes = [*part.notes, f"{source}: {damage}"]
    if not (invisible.INVISIBLE.search(whole) or SURROGATE.search(whole)):
        return part
    tally: Counter[str] = Counter()
    names = [_clean(name, False, source, tally).strip() for name in part.names]
    kept = [place for place, name in enumerate(names) if name]
    labels, weights = part.labels, part.weights
    folded = invisible.note(tally)
    return replace(
        part,
        names=[names[place] for place in kept],
        labels=None if labels is None else [_clean(labels[place], False, source).strip() for place in kept],
        weights=None if weights is None else [weights[place] for place in kept],
        notes=[*part.notes, *([] if folded is None else [f"{source}: {folded}"])],
    )


def _joined(parts: Sequence[Names], sources: Sequence[str], reading: Reading, kind: Kind | None) -> Corpus:
    """The corpus of what was read from each source."""
    texts = [part.plain_text for part in parts if part.plain_text is not None]
    notes = tuple(note for part in parts for note in part.notes)
    if len(texts) == len(parts):
        format = kind if kind is not None and reading.format == "auto" else reading.format
        corpus = _plain(texts, format, sources, reading.labels, reading.lowercase)
        if corpus.kind == "names" and corpus.labels is None:
            notes += tuple(remark for part in parts for remark in part.remarks)
        others: list[str] = []
        if len(texts) > 1 and format == "auto":
            others = [source for text, source in zip(texts, sources, strict=True) if guess_kind([text]) != corpus.kind]
        if others:
            looks, learnt = ("a list", "a text") if corpus.kind == "text" else ("a text", "a list")
            doubt = f"looks like {looks}, but learnt as {learnt}, like the rest (`format` to choose)"
            notes += (f"{few(others, NAMED, 300)}: {doubt}",)
        elif corpus.kind == "text" and format == "auto":
            unknown = (pair for pair in zip(texts, sources, strict=True) if pair[1] not in ENTRIES)
            short = [source for text, source in unknown if _of_short_lines(text)]
            taken = "taken for one text (`format` 'names' takes each line for a name)"
            notes += (f"{few(short, NAMED, 300)}: {taken}",) if short else ()
        return replace(corpus, notes=notes, blank=max(0, corpus.blank + sum(part.blank for part in parts)))
    parts = [_as_names(part, source, reading) for part, source in zip(parts, sources, strict=True)]
    documents = tuple(name for part in parts for name in part.names)
    if not documents:
        raise CorpusError(f"{', '.join(sources)} is empty: there is no name to learn from")
    lacking = [source for part, source in zip(parts, sources, strict=True) if part.labels is None]
    if 0 < len(lacking) < len(parts):
        raise CorpusError(f"{lacking[0]} has names without labels, and other files have some; read them one by one")
    weights: tuple[int, ...] | None = None
    if any(part.weights is not None for part in parts):
        weights = tuple(weight for part in parts for weight in part.weights or [1] * len(part.names))
    cases = {part.case for part in parts}
    return Corpus(
        documents,
        "text" if any("\n" in document for document in documents) else "names",
        tuple(sources),
        sum(part.blank for part in parts),
        reading.lowercase,
        None if lacking else tuple(label for part in parts for label in part.labels or ()),
        weights,
        notes,
        case=cases.pop() if len(cases) == 1 else None,
    )


def _of_short_lines(text: str) -> bool:
    """Whether a text may be a list of titles: it has several lines, not very many, and none is long."""
    lines = [line for line in text.split("\n", SOME_LINES) if line.strip()]
    return 1 < len(lines) <= SOME_LINES and max(map(len, lines)) <= LONGEST_TITLE


def _as_names(part: Names, source: str, reading: Reading) -> Names:
    """The names of a source, if it is plain, beside a table or another list. Raises CorpusError for a text."""
    from mangosaurus.data.tables import Names

    if part.plain_text is None:
        return part
    corpus = _plain([part.plain_text], reading.format, [source], reading.labels, reading.lowercase)
    if corpus.kind == "text":
        raise CorpusError(f"{source} is a text, and other files are lists of names; read them one by one")
    labels = None if corpus.labels is None else [*corpus.labels]
    return Names([*corpus.documents], labels, None, corpus.blank + part.blank, part.notes, case=corpus.case)


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
    return make_corpus(["\n".join(map(_on_one_line, documents))], "names", lowercase, ["a list"], labels=False)


def _on_one_line(name: str) -> str:
    """A name with spaces in place of line breaks of other kinds, so that it stays one."""
    from mangosaurus.data.invisible import BREAKS

    return name if name.isprintable() else re.sub(f"[{BREAKS}]", " ", name)


def as_corpus(
    corpus: CorpusLike,
    format: Format = "auto",
    lowercase: Lowering = False,
    *,
    labels: Labels | Iterable[str] = None,
    weights: Iterable[int] | None = None,
    column: str | int | None = None,
    label_column: str | Iterable[str] | None = None,
    weight_column: str | int | None = None,
    sheet: str | int | None = None,
    records: str | None = None,
    encoding: str | None = None,
    skip_bad_lines: bool = False,
    kind: Kind | None = None,
    encoded_from: int | None = None,
    memory: int | None = None,
) -> Corpus:
    """The corpus that `corpus` stands for: see CorpusLike. A list of strings has names unless `format` is "text".

    A Corpus is returned as it is. `labels` is a label for every string of a list, or else what `read_corpus` takes, as
    are all other options; `weights` says how often each string of a list counts. Raises what `read_corpus` and
    `corpus_of` raise.
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
    options: dict[str, Any] = {
        "column": column,
        "label_column": label_column,
        "weight_column": weight_column,
        "sheet": sheet,
        "records": records,
        "encoding": encoding,
    }
    if paths:
        options |= {"labels": labels, "skip_bad_lines": skip_bad_lines, "kind": kind}
        options |= {"encoded_from": encoded_from, "memory": memory}
        return read_corpus([] if corpus is None else items, format, lowercase, **options)
    tokens = bool(items) and all(isinstance(item, list) for item in items)
    if tokens:
        items = [_tokens(number, item) for number, item in enumerate(items, start=1)]
    for number, item in enumerate(items, start=1):
        if not isinstance(item, str):
            raise CorpusError(
                f"a corpus is a list of strings or of paths, and its item number {number:,} is {shown(item)}"
            )
    for option, value in options.items():
        if value:
            given = ", ".join(value) if isinstance(value, list | tuple) else value
            raise OptionError(Option(option), f" is {given!r}, and the corpus is a list: the option is of files")
    if labels is True:
        raise CorpusError.of("{labels} is True, but the corpus is a plain list: pass the labels as a list")
    theirs = None if weights is None else [*weights]
    read = corpus_of(items, "text" if "text" in (format, kind) else "names", lowercase, own, theirs)
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
    texts: Sequence[str], format: Format, lowercase: Lowering, sources: Sequence[str], labels: Labels = None
) -> Corpus:
    """The corpus of texts that need no look: names one a line, or texts. The options are those of `read_corpus`.

    Raises CorpusError if there is nothing in them, or if labels are missing.
    """
    from mangosaurus.data.invisible import note

    tally: Counter[str] = Counter()
    cleaned = [_clean(text, False, source, tally) for text, source in zip(texts, sources, strict=True)]
    folded = note(tally)
    notes = () if folded is None else (f"{', '.join(dict.fromkeys(sources))}: {folded}",)
    return replace(_plain(cleaned, format, sources, labels, lowercase), notes=notes)


def _plain(texts: Sequence[str], format: Format, sources: Sequence[str], labels: Labels, lowercase: Lowering) -> Corpus:
    """The corpus of clean texts: names one a line, perhaps with labels, or one text a file.

    Names and texts are lower-cased if asked for, and labels are not.
    """
    from mangosaurus.data.labelled_lines import looks_labelled

    if format != "text" and (labels is True or (labels is not False and looks_labelled(texts, labels == "any"))):
        return _labelled(texts, sources, lowercase)
    written = texts
    texts = [normalize(lower(text, lowercase)) for text in texts] if lowercase else texts
    kind = guess_kind(texts) if format == "auto" else format
    blank = 0
    if kind == "text":
        documents = [text for text in texts if text.strip()]
    else:
        # Only line feeds end a name: splitlines() would also cut at characters that some scripts use inside lines.
        lines = [line.strip() for text in texts for line in text.split("\n")]
        documents = [line for line in lines if line]
        blank = len(lines) - len(documents) - sum(text.endswith("\n") or not text for text in texts)
    if not documents:
        named = ", ".join(sources) or "the corpus"
        raise CorpusError(f"{named} is empty: there is no {'name' if kind == 'names' else 'text'} to learn from")
    case = None
    if lowercase and kind == "names":
        case = shape_of([line.strip() for text in written for line in text.split("\n")], lowercase)
    return Corpus(tuple(documents), kind, tuple(sources), max(blank, 0), lowercase, case=case)


def _labelled(texts: Sequence[str], sources: Sequence[str], lowercase: Lowering) -> Corpus:
    """The corpus of lines of a name, a TAB and a label."""
    from mangosaurus.data.labelled_lines import read_lines

    read = read_lines(texts, sources)
    if not read.names:
        raise CorpusError(f"{', '.join(sources) or 'the corpus'} is empty: there is no name to learn from")
    names = [normalize(lower(name, lowercase)) for name in read.names] if lowercase else read.names
    case = shape_of(read.names, lowercase) if lowercase else None
    return Corpus(tuple(names), "names", tuple(sources), read.blank, lowercase, tuple(read.labels), case=case)


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
            has = f"{counted(len(names), 'name')} and {counted(len(values), what.removesuffix('s'))}"
            raise CorpusError(f"there {'is' if len(names) == 1 else 'are'} {has}; every name needs one")
    for what, values in (("name", names), ("label", beside["labels"])):
        for number, value in enumerate(values, start=1):
            if not isinstance(value, str) or not value.strip() or "\n" in value or "\r" in value:
                raise CorpusError(f"the {what} number {number:,} is {value!r}; it must be text on one line")
    for number, value in enumerate(beside["weights"], start=1):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise CorpusError(f"the weight number {number:,} is {value!r}; it must be a whole number, 1 or more")
    from mangosaurus.data.invisible import note

    tally: Counter[str] = Counter()
    cleaned = tuple(_clean(_on_one_line(name), lowercase, "a list", tally).strip() for name in names)
    cleaned_labels = tuple(normalize(_whole(label, "a list")).strip() for label in beside["labels"])
    if not cleaned:
        raise CorpusError("a list is empty: there is no name to learn from")
    if "" in cleaned:
        place = cleaned.index("")
        raise CorpusError(f"the name number {place + 1:,} is {names[place]!r}, which has no visible character")
    folded = note(tally)
    return Corpus(
        cleaned,
        "names",
        ("a list",),
        lowercased=lowercase,
        labels=None if labels is None else cleaned_labels,
        weights=None if weights is None else tuple(map(int, beside["weights"])),
        notes=() if folded is None else (f"a list: {folded}",),
        case=shape_of(names, lowercase) if lowercase else None,
    )


def read_text(path: str | Path) -> str:
    """What is in one file, or on standard input ("-"), character by character. Raises CorpusError as `read_corpus`."""
    from mangosaurus.data.encodings import without_options

    with without_options():
        return read_decoded(path)[0]


def read_decoded(
    path: str | Path, encoding: str | None = None, skip_bad_lines: bool = False
) -> tuple[str, Sequence[str]]:
    """The same, and notes of how it was decoded. Raises OptionError for an unknown encoding."""
    from mangosaurus.data.encodings import check_encoding

    check_encoding(encoding)
    if path == "":
        raise CorpusError("the path of a file is empty; name a file, or - for standard input")
    if Path(path).is_dir():
        raise CorpusError(f"{path} is a folder; name a file in it")
    with ExitStack() as stack:
        (source,) = resolve([path], False, stack)
        text, decoding = source.text(encoding, skip_bad_lines)
        return text, decoding.notes()


def _clean(text: str, lowercase: Lowering, source: str, tally: Counter[str] | None = None) -> str:
    """`clean` of a text that may come from Python. Raises CorpusError as `_whole`."""
    return clean(_whole(text, source).removeprefix("\ufeff"), lowercase, tally)


def _whole(text: str, source: str) -> str:
    """The text itself. Raises CorpusError if half of a surrogate pair is in it."""
    found = None if text.isascii() else SURROGATE.search(text)
    if found:
        raise CorpusError(f"{source} has half of a surrogate pair, U+{ord(found[0]):04X}, which is no character")
    return text
