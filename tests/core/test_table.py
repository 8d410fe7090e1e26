"""Tables as CSV, TSV and data frames."""

from __future__ import annotations

import csv
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mangosaurus
from mangosaurus.core.table import Table

CELLS = st.text(st.sampled_from("ab,\t\"'\r\n;=+-@ \0é\u2028\U0001f995"), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(",\t"))
def test_every_cell_is_read_back_as_it_was(rows: list[tuple[str, str]], delimiter: str) -> None:
    written = "".join(Table(("text", "remark"), rows).lines(delimiter))
    assert [*csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)] == [
        ["text", "remark"],
        *map(list, rows),
    ]
    assert written.endswith("\n")


def test_numbers_have_all_digits_and_nothing_is_altered_for_spreadsheets() -> None:
    rows = [("=1+1", 0.1 + 0.2, None, True), ("", float("inf"), 3, False)]
    lines = [*Table(("text", "nats", "edits", "known"), rows).lines()]
    assert lines == ["text,nats,edits,known\n", "=1+1,0.30000000000000004,,True\n", ",inf,3,False\n"]


def test_columns_that_a_record_lacks_are_empty() -> None:
    assert Table.of(["a", "b"], [{"a": 1, "c": 2}, {"b": 3}]).rows == [(1, None), (None, 3)]


def test_results_as_data_frames() -> None:
    pytest.importorskip("pandas")
    model = mangosaurus.load()
    samples = model.sample(3, seed=1)
    assert list(samples.to_frame()["text"]) == list(samples)
    frame = samples.to_frame(model.losses(samples))
    assert list(frame.columns) == ["text", "nats_per_symbol"]
    assert list(frame["nats_per_symbol"]) == model.losses(samples)
    assert list(model.sample(2, seed=1, method="gumbel").to_frame().columns) == ["text", "inclusion"]
    top = model.top(2)
    assert list(top.to_frame()["log_probability"]) == list(top.log_probs)
    scored = model.surprisal(["Allosaurus", "B"])
    assert list(scored.to_frame()["nats_per_symbol"]) == [each.nats_per_symbol for each in scored]
    symbols = scored.to_frame(symbols=True)
    assert list(symbols["symbol"]) == [*"Allosaurus", "", "B", ""]
    assert list(symbols["number"]) == [1] * 11 + [2] * 2
    assert symbols["nats"].sum() == pytest.approx(sum(each.total_nats for each in scored))
    measured = model.evaluate(["Allosaurus", "Bo"])
    assert measured.to_frame().iloc[0]["symbols"] == measured.symbols == 14
    compared = mangosaurus.compare(measured, model.evaluate(["Xu", "Qa"])).to_frame()
    assert list(compared["documents"]) == [2, 2]
    assert compared["difference"].isna().tolist() == [True, False]
    empty = Table(("text",), []).to_frame()
    assert (len(empty), list(empty.columns)) == (0, ["text"])


def test_without_pandas_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(mangosaurus.MissingExtraError, match="needs pandas, which is not installed: run pip install"):
        Table(("a",), []).to_frame()
