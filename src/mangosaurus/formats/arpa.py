r"""A model's n-gram in the ARPA format, which SRILM, KenLM and others read.

The format (Doug Paul; described in SRILM's ngram-format(5)) lists n-grams by length, each with log10 p of its last word
given the others, and the log10 of its back-off weight:

    \data\
    ngram 1=28
    ngram 2=301

    \1-grams:
    -1.4	a	-0.3

An n-gram that is not listed has the weight of its context times the probability without the oldest word. That is how
interpolated Kneser-Ney (models/ngram.py) can be written without loss: each listed probability is the interpolated one,
and the weight of a context u is backoff(u). Words are those of `formats.words`. There is no <unk>: the model gives
probability to the characters of its vocabulary alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.files import write
from mangosaurus.core.vocabulary import END
from mangosaurus.formats.native import Contents
from mangosaurus.formats.words import START, STOP, word_of
from mangosaurus.models.describe import describe
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram

CELLS = 4_000_000
"""Probabilities computed at once."""
KENLM = 6
"""The highest order that KenLM reads, unless it is compiled for more."""
NEVER = "-99"
"""What stands for the logarithm of zero, by convention: <s> is never predicted."""


def write_arpa(model: Contents, path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the n-gram of a model, of names with labels that of all names; returns what to know of it, a line each.

    Raises OptionError for a model without an n-gram, and OutputError as `write` does.
    """
    ngram = _ngram_of(model)
    lines = list(arpa_lines(ngram))
    order = lines.index("\n\\1-grams:\n") - 1  # that of the model may be longer than its names
    write(path, "".join(lines).encode(), overwrite)
    notes = [
        f"the {order}-gram in the ARPA format: a word is a {ngram.vocabulary.unit}, white space is its code, "
        "<U+0020>; it has no <unk>"
    ]
    if order > KENLM:
        notes.append(f"KenLM, as it is usually built, reads n-grams of {KENLM} at most: train with an order of {KENLM}")
    if ngram is not model.distribution:
        line = "the n-gram alone, without what is mixed with it"
        alone, mixed = model.training.get("held_out_ngram"), model.training.get("held_out")
        if isinstance(alone, float) and isinstance(mixed, float):  # a record from a file may hold anything
            line += f": it has a held-out loss of {alone:.3f} nats per symbol, the whole model {mixed:.3f}"
        notes.append(line)
    if isinstance(model.distribution, Labelled):
        notes.append("it is that of all names, whatever their labels; train on the names of one label for its own")
    return tuple(notes)


def _ngram_of(model: Contents) -> NGram:
    distribution = model.distribution
    if isinstance(distribution, NGram):
        return distribution
    if isinstance(distribution, Mixture):
        return distribution.ngram
    if isinstance(distribution, Labelled):
        return distribution.common
    if isinstance(distribution, LabelBlend):
        raise OptionError("a model with a label chosen is part of another; export the one with all its labels")
    raise OptionError(f"an ARPA file holds an n-gram, and this model is {describe(distribution)}, which has none")


def arpa_lines(ngram: NGram) -> Iterator[str]:
    """The lines of the file, each with its line feed."""
    counts = ngram.counts
    symbol, target = counts.symbol.astype(np.int64), counts.target.astype(np.int64)
    degree, levels = counts.degree.astype(np.int64), counts.levels.astype(np.int64)
    ends = np.cumsum(degree)
    depth = np.repeat(np.arange(ngram.order), np.diff(levels))
    words = [STOP, *map(word_of, ngram.vocabulary.characters)]
    weight = np.log10(ngram.backoff)
    log_p = np.log10(_probabilities(ngram, degree)).clip(max=0)
    written: list[str | None] = [None] * len(degree)
    """The words of each context; a context that no n-gram leads to is never met."""
    written[0] = ""
    start = int(target[0]) if depth[target[0]] else None  # after END, which is the first arc of the empty context
    first = [f"{NEVER}\t{START}" + ("" if start is None else f"\t{weight[start]:.9g}") + "\n"]
    if start is not None:
        written[start] = f"{START} "
    sections = [[*first, *_unseen(ngram, words)]] + [[] for _ in range(ngram.order - 1)]
    for node in range(len(degree)):
        context = written[node]
        if context is None:
            continue
        level = int(depth[node])
        for arc in range(int(ends[node] - degree[node]), int(ends[node])):
            after, gram = int(target[arc]), f"{context}{words[symbol[arc]]}"
            longer = symbol[arc] != END and depth[after] == level + 1
            if longer:
                written[after] = f"{gram} "
            sections[level].append(f"{log_p[arc]:.9g}\t{gram}" + (f"\t{weight[after]:.9g}\n" if longer else "\n"))
    while not sections[-1]:  # the order may be longer than the names
        sections.pop()
    yield "\\data\\\n"
    yield from (f"ngram {length}={len(section)}\n" for length, section in enumerate(sections, 1))
    for length, section in enumerate(sections, 1):
        yield f"\n\\{length}-grams:\n"
        yield from section
    yield "\n\\end\\\n"


def _unseen(ngram: NGram, words: list[str]) -> Iterator[str]:
    """The symbols that the n-gram has not counted, such as those of held-out names alone."""
    seen = ngram.counts.symbol[: int(ngram.counts.degree[0])]
    probability = ngram.probabilities(np.zeros(1, dtype=np.int64))[0]
    for symbol in np.setdiff1d(np.arange(len(words)), seen).tolist():
        yield f"{np.log10(probability[symbol]):.9g}\t{words[symbol]}\n"


def _probabilities(ngram: NGram, degree: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
    """p(w | u) of every arc, interpolated: shape (arcs,)."""
    found = []
    step = max(1, CELLS // len(ngram.vocabulary))
    ends = np.cumsum(degree)
    for first in range(0, len(degree), step):
        nodes = np.arange(first, min(first + step, len(degree)))
        arcs = slice(int(ends[first] - degree[first]), int(ends[nodes[-1]]))
        rows = np.repeat(np.arange(len(nodes)), degree[nodes])
        found.append(ngram.probabilities(nodes)[rows, ngram.counts.symbol[arcs].astype(np.int64)])
    return np.concatenate(found)
