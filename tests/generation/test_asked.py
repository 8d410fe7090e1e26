"""Wishes as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangosaurus.errors import CorpusError, OptionError
from mangosaurus.generation.asked import wishes_of
from mangosaurus.generation.constraint import Wishes


def test_texts_and_lists_mean_the_same() -> None:
    assert wishes_of({}) == Wishes()
    assert wishes_of({"contains": "ab", "pattern": "a.*"}) == Wishes(contains=("ab",), patterns=("a.*",))
    assert wishes_of({"contains": ["ab", "c"], "pattern": ["x", "y"]}) == Wishes(
        contains=("ab", "c"), patterns=("x", "y")
    )
    assert wishes_of({"prefix": "e\u0301"}).prefix == "é"


@pytest.mark.parametrize(
    ("length", "ends"),
    [
        ("6..12", (6, 12)),
        (" 6 .. 12 ", (6, 12)),
        ("6..", (6, None)),
        ("..12", (None, 12)),
        ("8", (8, 8)),
        (8, (8, 8)),
        ((6, None), (6, None)),
    ],
)
def test_lengths(length: str | int | tuple[int | None, int | None], ends: tuple[int | None, int | None]) -> None:
    wishes = wishes_of({"length": length})
    assert (wishes.min_length, wishes.max_length) == ends


@pytest.mark.parametrize(
    "length", ["", "..", "6-12", "-3", "a..b", "6...12", "9" * 5000, "1.." + "9" * 5000, "٩٩٩٩", "1..９"]
)
def test_lengths_that_cannot_be_read(length: str) -> None:
    with pytest.raises(OptionError, match=r"length is '.*'; write 6\.\.12"):
        wishes_of({"length": length})


def test_length_comes_alone() -> None:
    with pytest.raises(OptionError, match="leave out min-length and max-length"):
        wishes_of({"length": "6..12", "max_length": 12})


def test_names_to_avoid_are_a_list_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "taken.txt"
    file.write_text("Anna\nHanna\n", encoding="utf-8")
    for avoid in (["Anna", "Hanna"], str(file), file):
        assert wishes_of({"avoid": avoid}).avoid == ("Anna", "Hanna")
    with pytest.raises(CorpusError, match="does not exist"):
        wishes_of({"avoid": tmp_path / "no"})
