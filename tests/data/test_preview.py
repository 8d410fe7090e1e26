"""A look at a source, before anything is learnt: the columns of a table, and which are read."""

from __future__ import annotations

import pytest

from mangosaurus.data.read import preview
from mangosaurus.data.reading import Reading


@pytest.mark.parametrize("column", [None, "town"])
def test_the_columns_are_known_where_there_is_a_problem_too(column: str | None) -> None:
    found = preview(
        b"town;land\nAalen;north\nBorken;\nCelle;east\n", "towns", Reading(column=column, label_column=("land",))
    )
    assert found.corpus is None
    assert found.problem is not None
    assert "line 3" in str(found.problem)
    assert [column.name for column in found.columns] == ["town", "land"]


def test_the_number_of_a_column_that_the_first_row_has_too_is_no_header() -> None:
    found = preview(b"Anna,2\nBert,3\n", "list", Reading(column="1", weight_column="2"))
    assert found.corpus is not None
    assert (found.corpus.documents, found.corpus.weights) == (("Anna", "Bert"), (2, 3))
    assert found.choice is not None
    assert (found.choice.name, found.choice.weight) == (0, 1)
    years = preview(b"town,1990\nAalen,4\nBorken,5\n", "towns", Reading(weight_column="1990"))
    assert years.corpus is not None
    assert years.corpus.weights == (4, 5)
