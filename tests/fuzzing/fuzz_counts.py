"""Files of n-gram counts, damaged."""

from __future__ import annotations

import random
from pathlib import Path

from fuzz_corpora import STRANGE
from fuzz_uses import FINE, REFUSED, message_of
from fuzz_values import damaged_bytes

import mangosaurus

GOOD = [
    "<s>\t3\n<s> a\t2\n<s> b\t1\na n\t3\nn a\t2\nb a\t1\na </s>\t3\n",
    "<s> <s> a 1\n<s> a <U+0020> 1\na <U+0020> b 2\n<U+0020> b </s> 2\n",
]


def counts(random: random.Random) -> tuple[str, bytes]:
    """The content of a file."""
    text = random.choice(GOOD)
    for _ in range(random.choice((0, 1, 2))):
        place = random.randrange(len(text) + 1)
        text = text[:place] + random.choice([*STRANGE, "9" * 30, "<unk>", " </s> ", " <s>"]) + text[place:]
    data = text.encode("utf-8", "surrogatepass")
    return "counts", damaged_bytes(random, data) if random.random() < 0.3 else data


def use_counts(path: Path) -> str:
    """Makes a model of it, keeps it and draws from it."""
    try:
        model = mangosaurus.import_counts(path)
    except mangosaurus.MangosaurusError as error:
        return f"{REFUSED}: {message_of(error)}"
    again = mangosaurus.Model.from_bytes(model.to_bytes())
    again.sample(1, seed=1, max_length=20, allow_duplicates=True)
    return FINE
