"""The page of the course's values says what the other tests compute."""

from __future__ import annotations

import re

import course_values as values
from conftest import ROOT

PAGE = (ROOT / "docs" / "course" / "values.md").read_text(encoding="utf-8")


def table(heading: str, number: int = 0) -> list[list[str]]:
    """The cells of a table under a heading, without its first two lines."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[number].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def numbers(rows: list[list[str]], column: int = 1) -> dict[str, float]:
    return {row[0]: float(row[column]) for row in rows if row[column]}


def test_single_functions() -> None:
    assert numbers(table("clip")) == values.CLIPPED[10]
    assert numbers(table("clip"), 2) == values.CLIPPED[5]
    assert numbers(table("optimize")) == values.OPTIMIZED
    (drawn,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert [int(index) for index in drawn.split(",")] == values.INDICES
    assert len(values.INDICES) == 43, "the page says from where on rounding decides"


def test_trainings() -> None:
    losses = table("model")
    for column, expected in ((1, values.FUNCTIONAL_LOSSES), (2, values.OBJECTS_LOSSES)):
        assert numbers(losses, column) == {str(2000 * place): loss for place, loss in enumerate(expected)}
    assert all(re.fullmatch(r"\d+\.\d{6}|", cell) for row in losses for cell in row[1:])
    names = [list(pair) for pair in zip(values.FUNCTIONAL_NAMES, values.OBJECTS_NAMES, strict=True)]
    assert table("model", 1) == names


def test_the_poem_model() -> None:
    assert numbers(table("The poem model")) == values.POEM
