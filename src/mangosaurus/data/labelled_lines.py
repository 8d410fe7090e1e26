"""Names and their labels from files: lines of `name<TAB>label`. Columns of tables are in data/tables.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mangosaurus.core.errors import CorpusError, Option
from mangosaurus.core.vocabulary import shorten

TAB = "\t"


@dataclass
class LabelledNames:
    """Names in the order read, and the label of each."""

    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    blank: int = 0
    """Empty lines that were dropped."""


def looks_labelled(texts: Sequence[str], any_tab: bool = False) -> bool:
    """Whether the lines of `texts` are names with labels.

    They are if more than half of the lines that are not empty have exactly one TAB, with something on both sides, if
    each label comes twice or more on average, unlike translations, and if most labels are no numbers, unlike counts.
    With `any_tab`, a single TAB is enough: for files that a model with labels reads.
    """
    if not any(TAB in text for text in texts):
        return False
    lines = [line for text in texts for line in map(str.strip, text.split("\n")) if line]
    if any_tab:
        return any(TAB in line for line in lines)
    labels = [line.split(TAB)[1].strip() for line in lines if line.count(TAB) == 1]
    if 2 * sum(label[:1].isdecimal() for label in labels) > len(labels):
        return False  # counts, under a header perhaps
    return 2 * len(labels) > len(lines) and 2 * len(set(labels)) <= len(labels)


def read_lines(texts: Sequence[str], sources: Sequence[str]) -> LabelledNames:
    """The names and labels of lines `name<TAB>label`, both stripped; empty lines are dropped.

    Raises CorpusError, with the line's number, for a line without exactly one TAB.
    """
    read = LabelledNames()
    for text, source in zip(texts, sources, strict=True):
        for number, line in enumerate(map(str.strip, text.removesuffix("\n").split("\n")), start=1):
            if not line:
                read.blank += bool(text)
                continue
            tabs = line.count(TAB)
            if tabs != 1:
                raise CorpusError(
                    f"{source}, line {number:,}: {shorten(line)!r} has {f'{tabs} TABs' if tabs else 'no label'}; in a "
                    "list with labels, every line is a name, a TAB and a label (",
                    Option("labels", False),
                    " takes TABs for characters)",
                )
            name, label = line.split(TAB)
            read.names.append(name.strip())
            read.labels.append(label.strip())
    return read
