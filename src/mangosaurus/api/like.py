"""`like`: a model of a handful of names, at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mangosaurus.api.fit import fit
from mangosaurus.api.model import Model
from mangosaurus.core.arguments import checked
from mangosaurus.core.errors import CorpusError, OptionError, plain
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import make_corpus, read_corpus

SEPARATORS = re.compile("[,;\n、，；،؛]")
"""What is between names that are typed: a comma or semicolon of any script, or a line break."""


@checked
def like(names: Corpus | str | os.PathLike[str] | Iterable[str]) -> Model:
    """A model of names like these, made at once without torch: `fit` with a budget of 0.

    `names` is a list of them, or one string with commas, semicolons or line breaks between them. A Path, and a string
    that is the path of a file, stands for the names in the file, read as `read_corpus` does; "-" is standard input.
    Names are put into NFC, white space around them is removed, and each counts once.

        >>> model = mangosaurus.like(["Galadriel", "Elrond", "Legolas"])

    Raises OptionError if there is no name, and CorpusError for a file that cannot be read.
    """
    return fit(names_of(names), budget=0)


def names_of(names: Corpus | str | os.PathLike[str] | Iterable[str], column: str | None = None) -> Corpus:
    """The names that `like` is given, each once; `column` is theirs in a table. Raises what `like` raises."""
    # Path.exists raises an error for a list that is longer than a path may be.
    if isinstance(names, str) and (names == "-" or os.path.exists(names)):  # noqa: PTH110
        read = read_corpus(names, quiet=True, column=column, kind="names")
    elif isinstance(names, os.PathLike):
        read = read_corpus(Path(names), quiet=True, column=column, kind="names")
    elif isinstance(names, Corpus):
        read = names
    else:
        read = _typed(names)
    once = dict.fromkeys(zip(read.documents, read.labels or [""] * len(read.documents), strict=True))
    documents, labels = zip(*once, strict=True)
    return replace(read, documents=documents, labels=None if read.labels is None else labels, weights=None)


def _typed(names: str | Iterable[str]) -> Corpus:
    """The corpus of names in a string or a list."""
    if isinstance(names, str):
        if not SEPARATORS.search(names) and re.search(r"/|\\|\.(txt|csv|tsv)$", names):
            raise CorpusError(f"there is no file {plain(names)}; if it is a name, write a comma after it")
        names = SEPARATORS.split(names)
    text = "\n".join(names)
    if not text.strip():
        raise OptionError.of("{like} has no name; give one or more, such as 'Galadriel, Elrond, Legolas'")
    return make_corpus([text], "names", False, ["a list"], labels=False)
