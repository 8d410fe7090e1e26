"""A corpus: documents, and what was done to get them.

A corpus is either *names*, one document a line, or *text*, one document a file.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np

from mangosaurus.core.briefly import few
from mangosaurus.core.casing import Lowering, Shape
from mangosaurus.core.errors import CorpusError
from mangosaurus.core.segmentation import CHARACTERS, LONGEST_SYMBOL, Segmentation
from mangosaurus.core.units import counted

Kind = Literal["names", "text"]
Format = Literal["names", "text", "auto"]
FORMATS = ("names", "text", "auto")
Labels = bool | Literal["any"] | None
"""Whether lines are `name<TAB>label`: see `read_corpus`."""
MOST_NAMED = 8
"""Labels that a summary names."""
PIECE = 1_000_000
"""Characters of a text that are hashed at once."""
LARGEST_TOTAL = 2**53
"""The sum of all weights stays below this, and so exact in float64."""


class Advice(str):
    """A note that recommends a separator; where there is one, it is dropped."""

    __slots__ = ()


@dataclass(frozen=True)
class Corpus:
    """Documents, and what was done to get them."""

    documents: Sequence[str]
    """In the order read; a name that stands there twice is there twice. `once` has each name once. A tuple; a large
    corpus reads each from a file."""
    kind: Kind
    sources: tuple[str, ...]
    """Names of the files read, or of registered corpora."""
    blank: int = 0
    """Empty lines that were dropped."""
    lowercased: Lowering = False
    """Whether all is lower-cased; a language: by its rules."""
    labels: tuple[str, ...] | None = None
    """The label of each document, where they have one."""
    weights: tuple[int, ...] | None = None
    """How often each document counts, 1 or more; None: all count once. `once` adds up those of repeated names."""
    notes: tuple[str, ...] = ()
    """What the files were taken for, and what was left out: a line each."""
    segmentation: Segmentation = CHARACTERS
    """How documents are cut into symbols."""
    case: Shape | None = None
    """Of names that are lower-cased: the case in which nearly all of them were written."""

    @property
    def characters(self) -> int:
        """The number of symbols in all documents: characters, or what `segmentation` makes of them."""
        return sum(len(self._split(document)) for document in self.documents)

    @property
    def distinct(self) -> int:
        """The number of different symbols."""
        return len(self._symbols())

    @property
    def duplicates(self) -> int:
        """How many documents repeat an earlier one."""
        return len(self.documents) - len(set(self.documents))

    @property
    def longest(self) -> int:
        """Symbols of the longest document."""
        return max(len(self._split(document)) for document in self.documents)

    def _split(self, document: str) -> Sequence[str]:
        return document if self.segmentation.plain else self.segmentation.split(document)

    def _symbols(self) -> set[str]:
        return set().union(*map(self._split, self.documents))

    def with_symbols(self, segmentation: Segmentation) -> Corpus:
        """The same, cut into other symbols; tokens have one separator between them then, and no note recommends one.

        Raises CorpusError for a document without a symbol, or with one that is too long.
        """
        cut = [self._split(document) if self.segmentation.separator else (document,) for document in self.documents]
        symbols = (segmentation.text_of(each) for each in cut)
        documents = tuple(segmentation.canonical(text) for text in symbols)
        if segmentation.separator:
            for number, document in enumerate(documents, start=1):
                longest = max(segmentation.split(document), key=len, default="")
                if not 0 < len(longest) <= LONGEST_SYMBOL:
                    has = f"a token of {len(longest):,} characters" if longest else "no token"
                    message = (
                        "document number {:,} has {}; {separator} is {!r}, and a token has from 1 to {} characters"
                    )
                    raise CorpusError.of(message, number, has, segmentation.separator, LONGEST_SYMBOL)
        notes = tuple(note for note in self.notes if not (segmentation.separator and isinstance(note, Advice)))
        return replace(self, documents=documents, segmentation=segmentation, notes=notes)

    @cached_property
    def once(self) -> Corpus:
        """Each name once, where it stands first, with the sum of its weights; under two labels, once with each.

        `fit` and `evaluate` read names like this. Texts stay as they are, and so do the names of a large corpus.
        """
        if self.kind == "text" or (self.weights is None and not self._repeats()):
            return self
        sums: dict[tuple[str, str], int] = {}
        for key, weight in zip(self._keys(), self.weights or [1] * len(self.documents), strict=True):
            sums[key] = sums.get(key, 0) + weight
        names, labels = zip(*sums, strict=True)
        weights = None if set(sums.values()) == {1} else (*sums.values(),)
        return replace(self, documents=names, labels=None if self.labels is None else labels, weights=weights)

    def reduced(self) -> Corpus:
        """`once` with weights divided by their greatest common divisor: a list repeated three times is the list.

        Raises CorpusError for weights of texts, and for weights whose sum is LARGEST_TOTAL or more.
        """
        once = self.once
        if once.weights is not None and self.kind == "text":
            raise CorpusError("weights belong to names, and this is a text: leave them out")
        if once.weights is None:
            return once
        divisor = math.gcd(*once.weights)
        weights = tuple(weight // divisor for weight in once.weights)
        if sum(weights) >= LARGEST_TOTAL:
            raise CorpusError(
                f"the weights are too large: the largest is {max(once.weights):,}; divide them, so that their sum is "
                f"below {LARGEST_TOTAL:,}"
            )
        return replace(once, weights=None if max(weights) == 1 else weights)

    def _keys(self) -> Sequence[tuple[str, str]]:
        """What makes two names the same: the name and its label."""
        return list(zip(self.documents, self.labels or [""] * len(self.documents), strict=True))

    def _repeats(self) -> bool:
        found = self.documents if self.labels is None else self._keys()
        return len(set(found)) < len(found)

    def digest(self) -> str:
        """A hash of what training reads, in hex: the kind, the documents in their order, their labels and weights."""
        hashed = blake2b(self.kind.encode(), digest_size=32)
        if not self.segmentation.plain:
            symbols = self.segmentation.separator, *sorted(self.segmentation.inventory)
            hashed.update("\0".join(symbols).encode("utf-8", "surrogatepass"))
        read = self.reduced()
        if read.weights is not None:
            hashed.update(np.array(read.weights, dtype="<u8").tobytes())
        for texts in (read.documents, read.labels or ()):
            hashed.update(np.array([len(text) for text in texts], dtype="<u8").tobytes())
            for text in texts if self.kind == "text" else ("".join(texts),):
                for first in range(0, len(text), PIECE):
                    hashed.update(text[first : first + PIECE].encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    def summary(self) -> str:
        """What was read, in one line."""
        source = self.sources[0] if len(self.sources) == 1 else f"{len(self.sources)} sources"
        once = self.once
        unit = "character" if self.segmentation.plain else self.segmentation.unit(self._symbols())
        document = "text" if self.kind == "text" else "word" if unit == "phoneme" else "name"
        what = counted(len(once.documents), document)
        parts = [f"{what}, {counted(once.characters, unit)}, {self.distinct} distinct"]
        if self.segmentation.plain:
            parts = [what, f"{once.characters:,} characters, {self.distinct} distinct"]
        if self.segmentation.clusters:
            parts.append("a letter with its marks, and an emoji of several parts, count as one character")
        if once.labels is not None:
            counts = Counter(once.labels).most_common()
            named = few([f"{label} {count:,}" for label, count in counts], MOST_NAMED, 300)
            parts.append(f"{counted(len(counts), 'label')} ({named})")
        if self.lowercased:
            by = "" if self.lowercased is True else f" by the rules of {self.lowercased}"
            parts.append(f"lower-cased{by}")
        if self.blank:
            parts.append(f"{counted(self.blank, 'blank line')} dropped")
        if once.weights is not None:
            parts.append(_repeated(once.documents, once.weights))
        return f"{source}: {'; '.join(parts)}"


def _repeated(names: Sequence[str], weights: Sequence[int]) -> str:
    """How often names count, for the summary."""
    most = max(weights)
    if min(weights) == most:
        return f"each of them {most:,} times, which changes nothing"
    more = sum(weight > 1 for weight in weights)
    often = f"most often {names[weights.index(most)]!r}, {most:,} times"
    return f"{more:,} of them {'counts' if more == 1 else 'count'} more than once ({often})"


def guess_kind(texts: Sequence[str]) -> Kind:
    """Whether texts look like lists of names: short lines of few words, and few end like sentences.

    Words of one or two characters are phonemes or other parts of names.
    """
    lines = [line.strip() for text in texts for line in text.split("\n", 20_000)[:20_000] if line.strip()]
    if not lines:
        return "names"
    lengths = sorted(len(line) for line in lines)
    usual, long = lengths[len(lengths) // 2], lengths[min(len(lengths) - 1, len(lengths) * 19 // 20)]
    words = sum(len(line.split()) for line in lines) / len(lines)
    sentences = sum(line[-1] in ".,;:!?”\"'" for line in lines) / len(lines)
    parts = sum(len(line) - line.count(" ") for line in lines) <= 2 * words * len(lines)
    looks_like_names = usual <= 30 and long <= 60 and (words <= 4 or parts) and sentences <= 0.25
    return "names" if looks_like_names else "text"


def source_of(path: str | Path) -> str:
    r"""The name of a file as models and pages record it: a byte that is not UTF-8 is written as \xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


NamesLike = Corpus | str | os.PathLike[str] | Iterable[str]
"""The names that `like` and steering are given: a list, a string with commas between, or a file."""
