"""Names of a large list that stand in it more than once are not held out."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from mangosaurus.data.decoding import Source
from mangosaurus.data.sources import bundled
from mangosaurus.data.symbol_file import Encoded, encode
from mangosaurus.training.large import unseen as searching
from mangosaurus.training.large.documents import Mapped, documents_of
from mangosaurus.training.large.unseen import hashes_of, unseen


def encoded(folder: Path, names: list[str]) -> Encoded:
    text = "\n".join(names)
    return encode([Source("a list", lambda: io.BytesIO(text.encode()))], "names", False, folder)


def test_what_is_held_out_stands_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SLICE", 100)  # of many slices, all are searched to their ends
    names = bundled().split()
    rng = np.random.default_rng(2)
    lines = [*names, *names[::3], *names[::5]]
    made = encoded(tmp_path, [lines[place] for place in rng.permutation(len(lines))])
    (before,) = Mapped.whole(made, made.vocabulary).split(seed=1)
    after = unseen(before)
    train = {name.tobytes() for piece in after.train for name in documents_of(piece)}
    held_out = [name.tobytes() for name in after.held_out]
    assert len(train) > 1500
    assert len(set(held_out)) == len(held_out) < len(before.held_out)
    assert held_out == [*dict.fromkeys(n for n in (name.tobytes() for name in before.held_out) if n not in train)]
    monkeypatch.setattr(searching, "MOST_SEARCHED", 10)
    assert unseen(before) is before


def test_a_list_of_which_all_is_repeated_or_nothing_is_held_out_as_before(tmp_path: Path) -> None:
    names = bundled().split()[:400]
    for number, lines in enumerate((names, names * 3)):
        made = encoded(tmp_path / str(number), lines)
        (fold,) = Mapped.whole(made, made.vocabulary).split(seed=1)
        assert unseen(fold) is fold


def test_hashes_tell_names_apart() -> None:
    found = hashes_of(np.array([1, 2, 0, 2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 0, 1, 0]))
    assert found[0] == found[3]
    assert len(set(found.tolist())) == len(found) - 1
