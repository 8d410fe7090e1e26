"""Files of names, of text, of names with labels and of tables, damaged; and those encoded into the cache."""

from __future__ import annotations

import random
import zlib
from pathlib import Path
from typing import Any

from examples import LABELS, NAMES
from fuzz_uses import FINE, REFUSED, message_of
from fuzz_values import damaged_bytes

from mangosaurus.core.errors import MangosaurusError
from mangosaurus.core.vocabulary import Vocabulary, normalize
from mangosaurus.data.read import read_corpus
from mangosaurus.training.ngram_counts import build_ngram

LINES = "\n".join(NAMES)
LABELLED = "\n".join(f"{name}\t{label}" for name, label in zip(NAMES, LABELS, strict=True))
TABLES = ['name,label\n"anna, b",girl\nbob,boy\n', "label;x;name\nboy;1;bob\n", 'name\tlabel\n"an""na"\tgirl\n']
DRAWN = [
    "+--+--+\n| name | x |\n+--+--+\n| anna | 3 |\n+--+--+\n",
    "sep=;\nname;x\nanna;3,5\nbob\n",
    '// a\n{"a": {"name": ["anna", "bob"], "x": [1, 2]}}\n',
    'vec!["anna", // a\n"b\\tob"];\n',
    "elf: anna, bob\norc: cy\n",
]
GOOD = [
    *(LINES, LABELLED, *TABLES, *DRAWN, "A rose.\n" * 40, "Ωμέγα\nÅngström\nनमस्ते\n", "a" * 5000),
    *("\r\n".join(NAMES), "\ufeffanna"),
]
STRANGE = [
    *("\0", "\ud800", "\U0010ffff", "\u0301", "\u202e", "\x85", "\u2028", "\t", "\t\t", '"', '""', ",", ";", "\n\n"),
    *("\r", "a" * 70_000, "\n" * 5000, "\t\n" * 500, "İ", "ﬃ", "가", "e" + "\u0301" * 400, "name", "label", "\ufeff"),
    "\x1a",
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"format": "names"},
    {"format": "text"},
    {"lowercase": True},
    {"labels": True},
    {"labels": "any"},
    {"labels": False, "format": "names"},
    {"label_column": "label"},
    {"label_column": "label", "column": "x", "lowercase": True},
    {"column": "1"},
    {"column": "name", "weight_column": "x"},
    {"records": "blank"},
    {"skip_bad_lines": True},
    {"encoding": "cp1252"},
]


def corpus(random: random.Random) -> tuple[str, bytes]:
    """The content of a file."""
    text = random.choice(GOOD)
    for _ in range(random.choice((0, 1, 1, 3))):
        place = random.randrange(len(text) + 1)
        text = text[:place] + random.choice(STRANGE) + text[place:]
    data = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.1:
        data = text.encode(random.choice(("utf-16", "utf-8-sig", "utf-32", "cp1252")), "replace")
    if random.random() < 0.5:
        data = damaged_bytes(random, data)
    return f"{options_for(data)}", data


def options_for(data: bytes) -> dict[str, Any]:
    """How a file of this content is read: one of OPTIONS."""
    return OPTIONS[zlib.crc32(data) % len(OPTIONS)]


def use_corpus(path: Path) -> str:
    """Reads it as users do and counts an n-gram of it."""
    try:
        read = read_corpus([path], **options_for(path.read_bytes()))
    except MangosaurusError as error:
        return f"{REFUSED}: {message_of(error)}"
    assert read.documents
    assert read.labels is None or len(read.labels) == len(read.documents)
    for text in (*read.documents, *(read.labels or ())):
        text.encode()
        assert text == normalize(text), "it is not composed"
        assert text.strip(), "an empty document"
    assert "\n" not in read.summary(), "a summary of more than one line"
    vocabulary = Vocabulary.of(read.documents)
    documents = vocabulary.encode_all(read.documents)
    assert [vocabulary.decode(document) for document in documents] == list(read.documents)
    ngram = build_ngram([document for document in documents if len(document)], vocabulary, 3)
    assert abs(ngram.probabilities(ngram.start(2)[0]).sum() - 2) < 1e-6
    return FINE
