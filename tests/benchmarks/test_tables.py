"""Tables made from records, and what docs/scaling.md reckons, against values worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.record import Figure, Record, figure
from benchmarks.scaling import (
    RATE,
    WEIGHTS,
    derived,
    machines_table,
    of_machines,
    of_processors,
    processors_table,
    size,
    span,
)
from benchmarks.tables import TABLES


def made(name: str, **figures: Figure) -> dict[str, Record]:
    return {name: Record(name, "2026-01-01", "a machine", {key.replace("__", "."): figures[key] for key in figures})}


def cells_of(table: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in table.splitlines()]


def test_a_step_by_hand() -> None:
    step = of_machines(rate=50_000, machines=8, symbols=2_000, ethernet=1e9)
    assert WEIGHTS == 1_214_784
    assert step.working == pytest.approx(2_000 / 8 / 50_000)  # 5 ms
    assert step.moved == 7 * 1_214_784
    assert step.exchange == pytest.approx(0.008503488 + 0.001)
    assert step.at_work == pytest.approx(5 / (5 + 9.503488))
    assert step.overlapped == pytest.approx(5 / 9.503488)
    assert step.rate == pytest.approx(2_000 / 0.014503488)
    assert of_machines(50_000, 1, 2_000).at_work == 1


def test_a_step_on_graphics_processors_by_hand() -> None:
    step = of_processors(8)
    assert step.symbols == 64 * 16_384
    assert step.working == pytest.approx(6 * 24 * 10 * 2048**2 * 16_384 / 3e13)
    assert step.exchange == pytest.approx(8 * 24 * 10 * 2048**2 * 63 / 64 / 25e9)


def test_half_the_time_is_work_where_the_page_says_so() -> None:
    records = {"distributed": Record("distributed", "", "", {RATE: figure([40_000, 50_000, 60_000])})}
    half = derived(records)["half"]
    assert half.lowest < half.median < half.highest
    share = 1 / (1 + 4 / 3 * derived(records)["operations"].median / 1.25e9 / half.median)
    assert share == pytest.approx(0.5)


def test_the_table_of_machines_follows_the_rate() -> None:
    slow, fast = (
        cells_of(machines_table({"distributed": Record("distributed", "", "", {RATE: figure([rate])})}))
        for rate in (10_000, 57_000)
    )
    assert fast[4][1:] == ["57,000", "370,000", "2,900,000"]
    assert slow[4][1] == "10,000"
    assert fast[2][1:] == ["100 %", "37 %", "6 %"]
    assert fast[5][1:] == ["5 h", "44 min", "6 min"]
    assert all(len(row) == 4 for row in fast[2:])


def test_the_table_of_processors_needs_no_record() -> None:
    assert cells_of(processors_table({}))[3] == ["at work", "99 %", "91 %", "91 %"]


def test_spans_and_sizes_have_two_digits() -> None:
    spans = [30, 119, 3_600, 7_200, 86_400 * 3, 86_400 * 20, 86_400 * 300, 86_400 * 3_000]
    assert [span(each) for each in spans] == [
        "30 s",
        "2 min",
        "60 min",
        "2 h",
        "3 days",
        "3 weeks",
        "10 months",
        "8 years",
    ]
    assert [size(each) for each in (0, 1.2e6, 12e6, 120e6, 7.05e9)] == ["0", "1.2 MB", "12 MB", "120 MB", "7 GB"]


def test_the_least_loss_is_bold_whoever_has_it() -> None:
    for given, apart in ((1.5, 1.6), (1.6, 1.5)):
        one = {"names": figure([11_470]), "labels": figure([12]), "given": figure([given]), "apart": figure([apart])}
        one |= {"without": figure([1.8]), "bayes": figure([0.812]), "regression": figure([0.9])}
        records = made("labels", **{f"{corpus}__{key}": one[key] for corpus in ("surnames", "names") for key in one})
        row = cells_of(TABLES["labels"](records))[2]
        assert row[0] == "11,470 surnames, 12 languages"
        assert row[1:3] == (["**1.500**", "1.600"] if given < apart else ["1.600", "**1.500**"])
        assert row[4:] == ["81.2 %", "**90.0 %**"]


def test_the_table_of_losses_has_a_row_for_each_record() -> None:
    loss, wall = figure([1.41, 1.43, 1.42], "nats per symbol"), figure([9.0], "s")
    table = TABLES["quality"](made("quality", dinos__10__loss=loss, dinos__10__seconds=wall))
    assert cells_of(table)[2:] == [["dinosaur names, makemore's split", "10 s", "1.420", "1.410 to 1.430", "3"]]


def test_exchanges_are_shown_by_their_sizes() -> None:
    records = made(
        "distributed",
        exchange__1=figure([0.2]),
        exchange__3000000=figure([8.0, 9.0, 8.5], "ms"),
        exchange__30000000=figure([281.0], "ms"),
    )
    assert cells_of(TABLES["distributed.exchanges"](records))[3] == ["3,000,000", "12 MB", "8.5 ms", "1.4 GB"]
    assert cells_of(TABLES["distributed.exchanges"](records))[4] == ["30,000,000", "120 MB", "280 ms", "0.4 GB"]
