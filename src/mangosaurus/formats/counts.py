"""A model from a file of n-gram counts, as SRILM's ngram-count and KenLM's count_ngrams write them.

A line is an n-gram, its words parted by spaces, then a TAB or a space, and how often it was counted:

    <s> a	12
    a n n	7
    n a </s>	9

Words are those of `formats.words`: characters, or where any has several, tokens, which a space parts in names. The file
needs the n-grams of the highest order, and those that begin with <s> of
all orders. Kneser-Ney takes nothing else from counts, and other shorter n-grams may stand in the file or not. Several
<s> at the beginning count as one, as KenLM pads. An n-gram that stands there twice has the sum of its counts. N-grams
with <unk> are left out.

Without the names themselves no discount can be fitted on held-out ones. The discounts are those of Chen and Goodman
1998, section 2.7, from the numbers n1 to n4 of n-grams with counts of 1 to 4 at each order:

    Y = n1 / (n1 + 2 n2),   D(c) = c - (c + 1) Y n(c + 1) / n(c)

or where these are not between 0 and c, the usual ones.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, plain
from mangosaurus.core.segmentation import LONGEST_SYMBOL, Segmentation, clusters_of
from mangosaurus.core.vocabulary import END, Vocabulary, normalize
from mangosaurus.formats.native import Contents
from mangosaurus.formats.native.kinds import LEAST_PROBABILITY
from mangosaurus.formats.words import START, STOP, UNKNOWN, symbol_of
from mangosaurus.models.ngram import LARGEST_DISCOUNTS, LARGEST_ORDER, LARGEST_SUM, NGram, NGramCounts
from mangosaurus.training.ngram_counts import USUAL, joined

Gram = tuple[int, ...]
"""The ids of an n-gram: END first is <s>, if others follow, and END last is </s>."""
NOTE = "from counts of n-grams: which names were counted is not known, and no held-out loss"


def model_of(text: str, source: str) -> Contents:
    """The model of the content of a file of counts; `source` is its name.

    Raises CorpusError, with the number of the line, for one that cannot be read; and for counts that say nowhere how
    names begin or end.
    """
    lines, unknown = _lines(text, source)
    if not lines:
        raise CorpusError(f"{source} is empty: there are no n-grams in it")
    symbols = {word for words in lines for word in words} - {START, STOP}
    vocabulary = Vocabulary(symbols, _segmentation(symbols, source))
    order = max(map(len, lines))
    grams: list[dict[Gram, int]] = [{} for _ in range(order)]
    ids = {symbol: place for place, symbol in enumerate(vocabulary.characters, 1)} | {START: END, STOP: END}
    for words, count in lines.items():
        grams[len(words) - 1][tuple(ids[word] for word in words)] = count
    if not any(gram[-1] == END for level in grams for gram in level):
        raise CorpusError(f"{source} has no n-gram that ends in {STOP}: it does not say where names end")
    if order > 1 and not any(gram[0] == END for level in grams[1:] for gram in level):
        raise CorpusError(f"{source} has no n-gram that begins with {START}: it does not say how names begin")
    if sum(lines.values()) * order >= LARGEST_SUM:
        raise CorpusError(f"{source} has counts that are larger than those of any corpus")
    counts = automaton_of(grams, len(vocabulary))
    ngram = NGram(vocabulary, counts, discounts_of(counts))
    if ngram.least() < LEAST_PROBABILITY:
        raise CorpusError(f"{source} has counts so large that nothing is left for what was not counted")
    left_out = f"; {unknown:,} with {UNKNOWN} left out" if unknown else ""
    training: dict[str, Any] = {
        "corpus": f"{source}: {len(lines):,} n-grams of up to {order} symbols, {len(symbols):,} distinct{left_out}",
        "format": "names",
        "order": order,
        "note": NOTE,
    }
    return Contents(ngram, "names", DocumentHashes.of([]), training)


def _lines(text: str, source: str) -> tuple[dict[tuple[str, ...], int], int]:
    """The n-grams of a file, as symbols, with their counts; and how many have <unk>."""
    found: dict[tuple[str, ...], int] = defaultdict(int)
    unknown = 0
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.strip(" \t\r").replace("\t", " ").split(" ")
        *words, count = [each for each in fields if each] or [""]
        if not count:
            continue
        where = f"{source}, line {number:,}"
        if not words or not (count.isascii() and count.isdigit() and int(count[:20])):
            raise CorpusError(
                f"{where}: '{plain(line.strip(), 60)}' is no n-gram with a count; write symbols parted by spaces, a "
                "TAB, and a whole number above 0"
            )
        while words[:2] == [START, START]:
            del words[0]
        if START in words[1:] or STOP in words[:-1]:
            raise CorpusError(f"{where}: {START} can only be the first symbol of an n-gram, and {STOP} the last")
        if len(words) > LARGEST_ORDER:
            raise CorpusError(f"{where} has {len(words):,} symbols; n-grams of {LARGEST_ORDER} at most are read")
        if UNKNOWN in words:
            unknown += 1
        elif words != [START]:
            found[tuple(_symbol(word, where) for word in words)] += int(count[:20])
    return found, unknown


def _symbol(word: str, where: str) -> str:
    """The symbol of a word, in NFC; <s> and </s> stay."""
    if word in (START, STOP):
        return word
    try:
        symbol = normalize(symbol_of(word))
    except (ValueError, OverflowError):
        symbol = ""
    if not 1 <= len(symbol) <= LONGEST_SYMBOL or any(0xD800 <= ord(each) <= 0xDFFF for each in symbol):
        raise CorpusError(
            f"{where}: '{plain(word, 60)}' is no symbol: a character, or a token of {LONGEST_SYMBOL} at most"
        )
    return symbol


def _segmentation(symbols: set[str], source: str) -> Segmentation:
    """What a symbol is: a character; a grapheme cluster; or if others have several characters, a token.

    Raises CorpusError for white space among tokens, which stands between them in a name.
    """
    several = sorted(symbol for symbol in symbols if len(symbol) > 1)
    clusters = clusters_of(several)
    if all(clusters.split(symbol) == [symbol] for symbol in several):
        return clusters
    for symbol in sorted(symbols):
        if any(map(str.isspace, symbol)):
            raise CorpusError(
                f"{source} has the symbol {symbol!r} and the token '{plain(several[0], 60)}': white space cannot be a "
                "symbol where it parts tokens"
            )
    return Segmentation(separator=" ")


def automaton_of(grams: list[dict[Gram, int]], symbols: int) -> NGramCounts:
    """The automaton of n-grams with their counts, those of k + 1 symbols in `grams[k]`; `symbols` is V.

    It adds to `grams` what is missing of their parts. The result is that of `training.ngram_counts.count_ngrams` on
    the documents that were counted.
    """
    order = len(grams)
    for level in range(order - 1, 0, -1):
        _add_parts(grams[level], grams[level - 1])
    levels = [0, 1]
    node: dict[Gram, int] = {(): 0}
    suffix, oldest = [0], [0]
    for level in range(1, order):
        contexts = {gram[:-1] for gram in grams[level]}
        for context in sorted(contexts, key=lambda each: (node[each[1:]], each[0])):
            node[context] = len(suffix)
            suffix.append(node[context[1:]])
            oldest.append(context[0])
        levels.append(len(suffix))
    start = node.get((END,), 0)
    degree, arcs = np.zeros(len(suffix), dtype=np.int64), []
    for level, (shorter, longer) in enumerate(pairwise([*grams, {}])):
        before: dict[Gram, int] = defaultdict(int)
        for gram in longer:
            before[gram[1:]] += 1
        for gram in sorted(shorter, key=lambda each: (node[each[:-1]], each[-1])):
            context, symbol = gram[:-1], gram[-1]
            raw = level == order - 1 or context[:1] == (END,) or gram not in before
            longest = next((gram[first:] for first in range(len(gram)) if gram[first:] in node), ())
            degree[node[context]] += 1
            arcs.append((symbol, start if symbol == END else node[longest], shorter[gram] if raw else before[gram]))
    symbol_of_arc, target, count = np.array(arcs, dtype=np.uint64).T
    per_level = ([np.array(each)] for each in (suffix, oldest, degree, symbol_of_arc, target, count))
    counts = joined(np.array(levels), *per_level)
    counts.check(symbols)
    return counts


def _add_parts(longer: dict[Gram, int], shorter: dict[Gram, int]) -> None:
    """Adds to n-grams those without the last or the first symbol of longer ones, with the sum of their counts."""
    last: dict[Gram, int] = defaultdict(int)
    first: dict[Gram, int] = defaultdict(int)
    for gram, count in longer.items():
        last[gram[:-1]] += count
        first[gram[1:]] += count
    last.pop((END,), None)  # <s> alone is a context, and never predicted
    for gram in (*last, *first):
        if gram not in shorter:
            shorter[gram] = max(last.get(gram, 0), first.get(gram, 0))


def discounts_of(counts: NGramCounts) -> FloatArray:
    """The discounts of each order from its counts of counts, (order, 3): see the formula above."""
    discounts = np.tile(USUAL, (counts.order, 1))
    ends = np.cumsum(counts.degree, dtype=np.int64)[counts.levels[1:].astype(np.int64) - 1]
    for level, some in enumerate(np.split(counts.count, ends[:-1])):
        n = np.bincount(np.minimum(some, 5).astype(np.int64), minlength=6)[1:5].astype(np.float64)
        if not n.all():
            continue
        kind = np.arange(1, 4)
        found = kind - (kind + 1) * n[0] / (n[0] + 2 * n[1]) * n[1:] / n[:3]
        if ((found > 0) & (found < LARGEST_DISCOUNTS)).all():
            discounts[level] = found
    return discounts
