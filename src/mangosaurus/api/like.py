"""The names that `like` and steering are given: a list, a string with commas, or a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import make_corpus, read_corpus

NamesLike = Corpus | str | os.PathLike[str] | Iterable[str]
SEPARATORS = re.compile("[,;\n、，；،؛]")
"""What is between names that are typed: a comma or semicolon of any script, or a line break."""


def names_of(names: NamesLike, column: str | None = None, option: str = "like") -> Corpus:
    """The names that an option, such as `like`, is given, each once; `column` is theirs in a table. Raises what `like`
    raises."""
    # Path.exists raises an error for a list that is longer than a path may be.
    if isinstance(names, str) and (names == "-" or os.path.exists(names)):  # noqa: PTH110
        read = read_corpus(names, quiet=True, column=column, kind="names")
    elif isinstance(names, os.PathLike):
        read = read_corpus(Path(names), quiet=True, column=column, kind="names")
    elif isinstance(names, Corpus):
        read = names
    else:
        read = _typed(names, option)
    once = dict.fromkeys(zip(read.documents, read.labels or [""] * len(read.documents), strict=True))
    documents, labels = zip(*once, strict=True)
    return replace(read, documents=documents, labels=None if read.labels is None else labels, weights=None)


def _typed(names: str | Iterable[str], option: str) -> Corpus:
    """The corpus of names in a string or a list."""
    if isinstance(names, str):
        if not SEPARATORS.search(names) and re.search(r"/|\\|\.(txt|csv|tsv)$", names):
            raise CorpusError(f"there is no file {plain(names)}; if it is a name, write a comma after it")
        names = SEPARATORS.split(names)
    text = "\n".join(names)
    if not text.strip():
        raise OptionError.of("{} has no name; give one or more, such as 'Galadriel, Elrond, Legolas'", Option(option))
    return make_corpus([text], "names", False, ["a list"], labels=False)
