"""Constraints as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.core.options import made
from mangosaurus.generation.constraints.options import Constraints, Length


def test_texts_and_lists_mean_the_same() -> None:
    assert made(Constraints, {}) == Constraints()
    assert made(Constraints, {"contains": "ab", "pattern": "a.*"}) == Constraints(contains=("ab",), pattern=("a.*",))
    assert made(Constraints, {"contains": ["ab", "c"], "pattern": ["x", "y"]}) == Constraints(
        contains=("ab", "c"), pattern=("x", "y")
    )
    assert made(Constraints, {"prefix": "e\u0301"}).prefix == ("é",)
    assert made(Constraints, {"prefix": ["A", "", "L", "A"], "suffix": ""}) == Constraints(prefix=("A", "L"))


ENDS = {"6..12": (6, 12), " 6 .. 12 ": (6, 12), "6..": (6, None), "..12": (None, 12), "8": (8, 8), 8: (8, 8)}


@pytest.mark.parametrize(("length", "ends"), [*ENDS.items(), ((6, None), (6, None))])
def test_lengths(length: Length, ends: tuple[int | None, int | None]) -> None:
    constraints = made(Constraints, {"length": length})
    assert (constraints.min_length, constraints.max_length) == ends


BAD = ["", "..", "6-12", "-3", "a..b", "6...12", "9" * 5000, "1.." + "9" * 5000, "٩٩٩٩", "1..９"]


@pytest.mark.parametrize("length", BAD)
def test_lengths_that_cannot_be_read(length: str) -> None:
    with pytest.raises(OptionError, match=r"length is '.*'; write 6\.\.12"):
        made(Constraints, {"length": length})


def test_names_to_avoid_are_a_list_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "taken.txt"
    file.write_text("\ufeffanna\r\n\r\n  hanna \nRene\u0301\n", encoding="utf-8")
    for avoid in (["anna", "hanna", "Rene\u0301"], str(file), file):
        assert made(Constraints, {"avoid": avoid}).avoid == ("anna", "hanna", "René")
    with pytest.raises(CorpusError, match="does not exist"):
        made(Constraints, {"avoid": tmp_path / "no"})
    assert made(Constraints, {"avoid": "anna, hanna;René"}).avoid == ("anna", "hanna", "René")
    assert made(Constraints, {"avoid": "2,4-xylenol | Bo"}).avoid == ("2,4-xylenol", "Bo")
    with pytest.raises(CorpusError, match="there is no file anna; if it is a name to avoid, write a comma after it"):
        made(Constraints, {"avoid": "anna"})
    (empty := tmp_path / "empty").touch()
    with pytest.raises(CorpusError, match="is empty: there is no name to avoid"):
        made(Constraints, {"avoid": empty})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"min_length": 9, "max_length": 5}, "min_length is 9 and max_length is 5; no name has both"),
        ({"min_length": -1}, "min_length is -1; it must be from 0 to 10,000"),
        ({"max_length": 0}, "max_length is 0; it must be from 1 to 10,000"),
        ({"length": "6..12", "max_length": 12}, "length sets both ends; leave out min_length and max_length"),
        ({"not_like": 0}, "not_like is 0; it must be 1 or more edits"),
        ({"avoid_parts": True}, "avoid_parts needs avoid, the names to look for"),
        ({"exact": True}, "exact needs avoid, the names to look for"),
        ({"ignore_case": True}, "ignore_case has no effect here: it goes with prefix, suffix and other texts"),
        ({"max_repeat": 0}, "max_repeat is 0; it must be 1 or more"),
    ],
)
def test_what_contradicts_itself_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as error:
        made(Constraints, asked)
    assert str(error.value) == message
