"""Names in lines of items, `Anna, Bo, Cy`: in one line, in wrapped lines, in brackets, in quotes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence

from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.data.marked_lines import unquoted
from mangosaurus.data.rows import WORDS
from mangosaurus.data.tables import Names, is_number

SEPARATORS = ",;、，；،؛|•·\t"
"""What may be between items in one line."""
BETWEEN = re.compile("[,;|\n\t、，；،؛]")
"""What is between names that are typed: a comma or semicolon of any script, a bar, a line break or a TAB."""
SPELLED = {**WORDS, "•": "bullets", "·": "points", "、": "commas", "，": "commas", "،": "commas"}
ITEMS_A_LINE = 3
"""Items, on average, that a line of them has at least."""
BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}][;.,]?")
NAMED = re.compile(r"([^:：;|]{1,80})[:：](?!//)\s*(?=\S)")
"""What the items are called, at the beginning of their line."""
SENTENCE = 5
"""Words that it has at least if it has a comma."""
LOCANTS = re.compile(r"\d{1,2}['′]*(?:,\d{1,2}['′]*){1,9}-|[A-Z](?:,[A-Z]){1,9}-")
"""Places in the name of a chemical, as in 2,4-dinitrophenol or N,N-dimethylaniline: their commas part nothing."""
HELD = "\x00"
"""In place of such a comma; no clean text has it."""
CAPITALS = range(5, 51)
"""Words of a single line that may be names, if each has a capital."""


class UnclearItemsError(CorpusError):
    """It is not clear whether lines have several names each."""


def items_of(lines: Sequence[str], everything: Callable[[], list[str]], source: str) -> Names | None:
    """The names of one line of items, or of a few such lines; None if there are none.

    `lines` are the first ones, stripped and without empty ones. Raises CorpusError where it is not clear whether commas
    part names.
    """
    found = _in_brackets(lines, everything, source)
    if found is not None:
        return found
    named = NAMED.match(lines[0])
    if named and "," in named[1] and len(named[1].split()) < SENTENCE:
        named = None
    flow = BRACKETED.fullmatch(lines[0], named.end()) if named and len(lines) == 1 else None
    if named and flow:  # of YAML
        items = split(flow[1], separator_of([flow[1]]))
        note = f"{source}: {len(items):,} names in brackets; {named[1]!r} at the beginning left out"
        return Names(items, notes=[note]) if len(items) > 1 and are_items(items) else None
    lines = [lines[0][named.end() :] if named else lines[0], *lines[1:]]
    separator = separator_of(lines)
    if separator not in lines[0]:
        return None
    rows = [split(line, separator) for line in lines]
    items = [item for row in rows for item in row]
    least = 2 if len(lines) == 1 and (named or _quoted(lines[0], separator)) else 3
    if len(items) < least or not are_items(items):
        return None
    wrapped = len(lines) > 1 and all(line.endswith(separator) for line in lines[:-1])
    widths = Counter(map(len, rows))
    ragged = len(lines) > 1 and len(widths) > 1 and min(map(len, rows[:-1])) > 1
    if len(items) < (2 if wrapped else ITEMS_A_LINE) * len(lines) and least == 3:
        if not ragged:
            return None
        if widths.most_common(1)[0][0] < ITEMS_A_LINE:
            raise UnclearItemsError(
                f"{source} has {SPELLED.get(separator, 'semicolons')} in its lines, such as {plain(lines[0], 40)!r}, "
                "and it is not clear whether they part names: put each name on a line of its own, or learn whole lines "
                "by ",
                Option("format", "names"),
                ", or one text by ",
                Option("format", "text"),
            )
    every = [line.strip() for line in everything() if line.strip()]
    every[0] = every[0][named.end() :] if named else every[0]
    items = [item for line in every for item in split(line, separator)]
    note = f"{source}: {len(items):,} names in {'one line' if len(every) == 1 else f'{len(every):,} lines'}"
    if named:
        note += f"; {named[1]!r} at the beginning left out"
    items[-1] = re.sub(r"^(and|und|et|y|e|i|и|or) ", "", items[-1])
    if not any(item.endswith(".") for item in items[:-1]):
        items[-1] = items[-1].removesuffix(".")
    return Names(items, notes=[f"{note}, parted by {SPELLED.get(separator, 'semicolons')}"])


def _in_brackets(lines: Sequence[str], everything: Callable[[], list[str]], source: str) -> Names | None:
    """The names of a list in brackets, without quotes: data/json_lists.py reads strings."""
    if lines[0][0] not in "[({":
        return None
    found = BRACKETED.fullmatch(" ".join(line.strip() for line in everything() if line.strip()))
    items = split(found[1], separator_of([found[1]])) if found else []
    if len(items) < ITEMS_A_LINE or not are_items(items):
        return None
    return Names(items, notes=[f"{source}: {len(items):,} names in brackets"])


def _quoted(line: str, separator: str) -> bool:
    """Whether all items of a line stand in quotes of the same kind."""
    strings = r'"[^"]*"'
    parted = re.fullmatch(rf"{strings}(?:\s*{re.escape(separator)}\s*{strings})+[,;.]?", line) is not None
    return parted or unquoted([item.strip() for item in line.split(separator) if item.strip()]) is not None


def check_one_line(lines: Sequence[str], source: str) -> None:
    """Raises CorpusError for a single line that may be a list of names as well as one name or a text."""
    line = lines[0]
    if len(lines) > 1 or line[-1] in '.!?:。！？…"”»':
        return
    separator = separator_of(lines)
    items = split(line, separator)
    parted = len(items) > 1 and separator != "\t" and are_items(items)  # of a TAB, a remark tells
    words = line.split()
    signs = {word for word in words if not any(map(str.isalnum, word))}
    capitals = len(words) in CAPITALS and all(word[:1].isupper() or word in signs for word in words)
    escapes = "\\n" in line and not any(map(str.isspace, line))
    if not (parted or capitals or escapes):
        return
    token = "\\n" if escapes else separator if parted else next(iter(signs)) if len(signs) == 1 else " "
    raise UnclearItemsError(
        f"{source} is one line, {plain(line, 40)!r}, and it is not clear whether it is a list: part it by ",
        Option("records", token),
        ", or learn it as one name by ",
        Option("format", "names"),
        ", or as a text by ",
        Option("format", "text"),
    )


def separator_of(lines: Sequence[str]) -> str:
    """What parts items most often."""
    text = LOCANTS.sub("", "\n".join(lines))
    return max(SEPARATORS, key=text.count)


def split(line: str, separator: str) -> list[str]:
    """The items of a line; quotes around them are left out."""
    if '"' in line and separator in ",;|\t":
        try:
            (row,) = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
            return [item.strip() for item in row if item.strip()]
        except (csv.Error, ValueError):
            pass
    items = [item for part in parts_of(line, re.escape(separator)) if (item := part.strip())]
    return unquoted(items) or items


def parts_of(text: str, separators: str | re.Pattern[str]) -> list[str]:
    """What stands between separators; commas between LOCANTS are none."""
    held = LOCANTS.sub(lambda found: found[0].replace(",", HELD), text)
    return [part.replace(HELD, ",") for part in re.split(separators, held)]


def are_items(items: Sequence[str]) -> bool:
    """Whether they are names, and no parts of sentences."""
    words = [len(item.split()) for item in items]
    lengths = sorted(map(len, items))
    sentences = sum(map(_is_sentence, items[:-1]))
    numbers = sum(map(is_number, items))
    long = lengths[min(len(lengths) - 1, len(lengths) * 19 // 20)]
    wordy = 10 * sum(count > 3 for count in words) > len(items) or sum(words) > 2.5 * len(items)
    return not wordy and long <= 40 and 10 * sentences <= len(items) and 2 * numbers <= len(items)


def _is_sentence(item: str) -> bool:
    """Whether an item ends as a sentence does, and not in an abbreviation such as Jr. or D.C."""
    if not item.endswith((".", "!", "?")):
        return False
    last = item.split()[-1]
    return not (last.endswith(".") and len(last.split(".")[-2]) <= 3)
