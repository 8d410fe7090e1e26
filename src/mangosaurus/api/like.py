"""The names that `like` and steering are given: a list, a string with commas, or a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace

from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.core.options import is_file
from mangosaurus.data.corpus import Corpus, NamesLike
from mangosaurus.data.items import BETWEEN, UnclearItemsError, parts_of
from mangosaurus.data.labelled_lines import looks_labelled
from mangosaurus.data.read import corpus_from, make_corpus, read_corpus, read_part
from mangosaurus.data.reading import Reading

LEADS = re.compile(r"\s*(\w+):\s+(?=\S)")
"""What names are called, at the beginning."""
AND = re.compile(r"(?:(\S+) )?(?:and|und|et|or) (\S+)$")
"""Two names, the last of a list."""
AS_A_FILE = re.compile(r".*[\[\]{}<>\"“”„«»「」『』《》]|\(|\W+\s|\W?\d+[.)\]:]")
"""What a string has or begins with that is a list of another kind, such as one of Python, or with bullets."""
TYPED = "what was typed"


def names_of(names: NamesLike, column: str | None = None, option: str = "like") -> Corpus:
    """The names that an option, such as `like`, is given, each once; `column` is theirs in a table. Raises what `like`
    raises."""
    if isinstance(names, os.PathLike) or (isinstance(names, str) and is_file(names)):
        from mangosaurus.data.encodings import without_options

        with without_options():
            read = read_corpus(names, quiet=True, column=column, kind="names")
    elif isinstance(names, Corpus):
        read = names
    else:
        read = _typed(names, column, option) if isinstance(names, str) else _listed(names, option)
    once = dict.fromkeys(zip(read.documents, read.labels or [""] * len(read.documents), strict=True))
    documents, labels = zip(*once, strict=True)
    return replace(read, documents=documents, labels=None if read.labels is None else labels, weights=None)


def _typed(text: str, column: str | None, option: str) -> Corpus:
    """The corpus of names in a string: a list as a file has it, or names with separators between them."""
    if not BETWEEN.search(text) and re.search(r"/|\\|^\S+\.[a-z]{2,4}$", text):
        raise CorpusError(f"there is no file {plain(text)}; if it is a name, write a comma after it")
    names = [name for name in parts_of(text, BETWEEN) if name.strip()]
    if column is not None or (names and ("\n" in text.strip() or AS_A_FILE.match(text.strip()))):
        try:
            return _as_a_file(text, column, option)
        except UnclearItemsError:  # separators part names here
            pass
    return _listed(names, option) if names == [text] else _spoken(text, option)


def _spoken(text: str, option: str) -> Corpus:
    """The corpus of names in a sentence such as `Names: Anna, Bob and Carl`; a note says what is left out."""
    found = LEADS.match(text) if BETWEEN.search(text) else None
    names = [name.strip() for name in parts_of(text[found.end() :] if found else text, BETWEEN)]
    names = [name for name in names if name]
    last = AND.match(names[-1]) if len(names) > 1 else None
    if last:
        names[-1:] = [name for name in last.groups() if name]
    notes = [f"{TYPED}: {found[1]!r} at the beginning left out"] if found else []
    notes += [f"{TYPED}: {last[0]!r} is {'two names' if last[1] else 'a name after its first word'}"] if last else []
    listed = _listed(names, option)
    return replace(listed, notes=(*listed.notes, *notes))


def _as_a_file(text: str, column: str | None, option: str) -> Corpus:
    """The corpus of a string that is read as a file is, but that separators part plain lines."""
    reading = Reading(column=column)
    part = read_part(text.encode("utf-8", "surrogatepass"), TYPED, reading, "names")
    if part.plain_text is None or looks_labelled([part.plain_text]):
        return corpus_from(text.encode(), TYPED, reading, "names")
    return replace(_listed(parts_of(part.plain_text, BETWEEN), option), notes=tuple(part.notes))


def _listed(names: Iterable[str], option: str) -> Corpus:
    """The corpus of a list of names. Raises CorpusError for one that has a line break or a TAB in it."""
    names = [*names]
    for number, name in enumerate(names, start=1):
        found = re.search("[\n\r\t]", name.strip())
        if found:
            what = "a TAB" if found[0] == "\t" else "a line break"
            raise CorpusError(f"the name number {number:,} has {what} in it, {plain(name, 40)!r}: give each name alone")
    text = "\n".join(names)
    if not text.strip():
        raise OptionError.of("{} has no name; give one or more, such as 'Galadriel, Elrond, Legolas'", Option(option))
    return make_corpus([text], "names", False, ["a list"], labels=False)
