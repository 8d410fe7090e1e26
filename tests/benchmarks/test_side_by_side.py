"""`python -m benchmarks`: who runs when, what it prints and writes, what it refuses, when it fails."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pages_read import Page

from benchmarks import classic, growth, sampling, start
from benchmarks.__main__ import main
from benchmarks.charts import standalone, start_chart
from benchmarks.floors import FLOORS, check
from benchmarks.listing import PARTS, loss_cells, markdown
from benchmarks.memory import peak
from benchmarks.parts import Given, Result, interleaved
from benchmarks.record import Figure, Record, figure
from mangosaurus.corpus import corpus_of, read_corpus


def run_of(figures: dict[str, Figure], name: str = "loss") -> Record:
    return Record(name, "2026-11-22", "a machine", figures)


def test_contenders_take_turns_and_only_counted_rounds_count() -> None:
    order: list[tuple[str, int]] = []

    def run(name: str, number: int) -> list[Result]:
        order.append((name, number))
        return [Result(f"{name}.rate", len(order), "names/s")]

    figures = interleaved({"a": partial(run, "a"), "b": partial(run, "b")}, 3, warm=True)
    assert order == [("a", 0), ("b", 0), ("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert figures == {"a.rate": Figure(5, 3, 7, 3, "names/s"), "b.rate": Figure(6, 4, 8, 3, "names/s")}


def good() -> dict[str, dict[str, Figure]]:
    """Figures as a quiet machine has them, by part."""
    values = {
        "loss": {"mixture.3.nats": 1.47, "torch.3.nats": 2.0, "ngram.nats": 1.54},
        "sampling": {"batch.rate": 17_000.0, "single.rate": 170.0},
        "start": {"numpy": 0.1, "sample": 0.4},
        "classic": {"compiled.rate": 35_000.0, "numpy.rate": 2_700.0},
        "growth": {"0.25.peak": 100.0, "1.peak": 200.0},
    }
    return {part: {key: figure([value]) for key, value in each.items()} for part, each in values.items()}


@pytest.mark.parametrize(
    ("part", "key", "bad"),
    [
        ("loss", "mixture.3.nats", 1.95),
        ("loss", "mixture.3.nats", 1.57),
        ("loss", "mixture.3.nats", float("nan")),
        ("sampling", "batch.rate", 200.0),
        ("start", "sample", 1.5),
        ("classic", "compiled.rate", 2_700.0),
        ("growth", "1.peak", 2_000.0),
    ],
)
def test_a_ratio_below_its_floor_is_named(part: str, key: str, bad: float) -> None:
    figures = good()
    table, fallen = check(run_of(each, name) for name, each in figures.items())
    assert fallen == []
    assert "BELOW" not in table
    figures[part][key] = figure([bad])
    table, fallen = check(run_of(each, name) for name, each in figures.items())
    assert fallen
    assert table.count("BELOW") == len(fallen)
    below = [floor for floor in FLOORS if any(line.startswith(f"{floor.what} is") for line in fallen)]
    assert {floor.part for floor in below} == {part}
    assert check([run_of(figures[part], part)])[1] == fallen, "parts that were not run are not looked at"


def test_every_floor_is_reached_where_it_was_measured() -> None:
    for floor in FLOORS:
        assert floor.measured > floor.least


def test_some_parts_really_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(classic, "SMALL", 100)
    monkeypatch.setattr(growth, "SMALL", (0.01, 0.1))
    floors = [replace(floor, least=0) for floor in FLOORS]  # so short a run says nothing of ratios
    monkeypatch.setattr("benchmarks.__main__.check", partial(check, floors=floors))
    out = tmp_path / "page.html"
    main(["--small", "--only", "classic,growth", "--runs", "1", "--out", str(out)])
    printed = capsys.readouterr().out
    for words in ("classic: the loop in NumPy", "growth: 0.1 MB of text: memory", "compiled loop / NumPy loop"):
        assert words in printed
    read = Page(out.read_text(encoding="utf-8"))
    assert read.errors == []
    assert "The exercise's loop" in read.texts
    assert sum(name == "svg" for name, _ in read.elements) == 2


def test_starting_really_runs(tmp_path: Path) -> None:
    (result,) = PARTS["start"].contenders(Given(read_corpus(), tmp_path))["help"](0)
    assert (result.key, result.unit) == ("help", "s")
    assert 0 < result.value < 60


def test_corpora_of_a_size_are_of_that_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "SMALL", (0.01,))
    assert list(growth.contenders(Given(read_corpus(), tmp_path, small=True))) == ["0.01 MB"]
    assert (tmp_path / "0.01.txt").stat().st_size == 10_000


def test_the_memory_of_a_command_is_its_own(tmp_path: Path) -> None:
    held = b"1" * 400_000_000  # which Linux counts as a child's too, until that has its own program
    used, seconds, _ = peak("--version", cache=tmp_path)
    assert len(held) > 0
    assert 10 < used < 300
    assert seconds > 0


def test_exit_status_1_names_what_fell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = good()["start"] | {"sample": figure([9.0], "s")}
    monkeypatch.setattr("benchmarks.__main__.measure", lambda options: ([run_of(figures, "start")], "Of names.", []))
    with pytest.raises(SystemExit) as ended:
        main(["--small", "--only", "start", "--out", str(tmp_path / "page.html")])
    assert ended.value.code == 1
    assert "error: import numpy / mangosaurus sample is 0.0111, and its floor 0.08\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "exists"),
        (["towns.txt", "--record"], "what is recorded is the whole run on the bundled list"),
        (["--small", "--record"], "what is recorded is the whole run on the bundled list"),
        (["--only", "loss,speed"], "only is speed; it must be some of loss, sampling"),
        (["--runs", "0"], "runs is 0; it must be 1 or more"),
    ],
)
def test_refusals(words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    out.write_text("kept", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--out", str(out)])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert out.read_text(encoding="utf-8") == "kept"


def test_too_small_a_corpus_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "two.txt").write_text("Anna\nHannah\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "two.txt"), "--only", "loss", "--out", str(tmp_path / "page.html")])
    assert ended.value.code == 2
    assert "give ten names or more" in capsys.readouterr().err


def test_sampling_really_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BATCH", "SINGLE", "WISHED", "TOP", "CHARACTERS"):
        monkeypatch.setattr(sampling, name, 2)
    runs = PARTS["sampling"].contenders(Given(read_corpus(), tmp_path))
    found = [result for run in runs.values() for result in run(0)]
    assert [result.key for result in found] == list(sampling.NAMES)
    assert all(result.value > 0 for result in found)


def test_every_contender_of_a_part_has_words() -> None:
    given = Given(corpus_of(["Anna"] * 20), Path())
    assert list(PARTS["start"].contenders(given)) == list(start.NAMES)
    assert PARTS["loss"].label("mixture.5.nats") == "mixture, 5 s: loss"
    assert PARTS["loss"].label("torch.best.seconds") == "plain torch LSTM, at its best: seconds taken"
    assert PARTS["growth"].label("10.peak") == "10 MB of text: memory"


def test_the_table_of_losses_says_where_a_contender_was_late() -> None:
    losses = {
        "ngram.nats": figure([1.5, 1.5], "nats per symbol"),
        "ngram.seconds": figure([0.4], "s"),
        "torch.1.nats": figure([3.0, 3.5, 3.25], "nats per symbol"),
        "torch.1.seconds": figure([1.02], "s"),
        "keras.1.nats": figure([2.5], "nats per symbol"),
        "keras.1.seconds": figure([3.4], "s"),
    }
    head, *rows = loss_cells(losses)
    assert head[1:] == ["1 s", "at its best"]
    assert rows == [
        ["n-gram", "", "1.500 (1.500–1.500) after 0.4 s"],
        ["plain torch LSTM", "3.250 (3.000–3.500)", ""],
        ["Keras 3, its example", "2.500 (2.500–2.500) after 3.4 s", ""],
    ]
    assert "| plain torch LSTM | 3.250 (3.000–3.500) |  |\n" in markdown(run_of(losses))


def test_a_chart_alone_is_well_formed_the_same_each_time_and_has_paper() -> None:
    figures = {"numpy": figure([0.1, 0.2], "s"), "sample": figure([0.4], "s")}
    svg = [standalone(start_chart(figures)) for _ in range(2)]
    assert svg[0] == svg[1]
    root = ElementTree.fromstring(svg[0])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].attrib["fill"].startswith("#")
    assert "var(" not in svg[0]
