"""README and the pages of docs say what was measured, and nothing that was not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping

import pytest
from conftest import ROOT
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.documents import command, documents, fill, known, number, strays
from benchmarks.handwritten import handwritten
from benchmarks.marks import MarkError
from benchmarks.record import Figure, Record

PAGES = [path.relative_to(ROOT).as_posix() for path in documents()]
FORMATS = [".0f", ".2f", ",.0f", ",.1f", ".1e", ".3g", ".1%", ".0%"]


def recorded(key: str, low: float, middle: float, high: float, runs: int = 3) -> dict[str, Record]:
    return {"made": Record("made", "2026-01-01", "a machine", {key: Figure(middle, low, high, runs, "s")})}


def first(page: Mapping[str, Record]) -> str:
    return f"| s |\n| --- |\n| {page['made'].figures['up'].median:.2f} |\n"


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_what_was_measured(page: str) -> None:
    assert list(strays((ROOT / page).read_text(encoding="utf-8"), known(), page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_figure_is_written_by_hand(page: str) -> None:
    assert list(handwritten((ROOT / page).read_text(encoding="utf-8"), page)) == []


@given(
    st.lists(st.floats(1e-3, 1e7), min_size=3, max_size=3).map(sorted),
    st.sampled_from(FORMATS),
    st.sampled_from(["", "@lowest", "@highest", "@median", "@runs"]),
)
@example([0.4, 0.45, 0.5], ".2f", "")
def test_a_filled_page_has_no_strays(ends: list[float], format: str, part: str) -> None:
    low, middle, high = ends
    records = recorded("start.up", low, middle, high)
    page = f"It takes <!-- figure: made.start.up{part} {format} -->?<!-- end --> s.\n"
    filled = fill(page, records)
    assert "?" not in filled
    assert list(strays(filled, records)) == []
    assert fill(filled, records) == filled


@given(st.lists(st.floats(1, 1e6), min_size=3, max_size=3).map(sorted), st.sampled_from(FORMATS), st.booleans())
def test_a_figure_outside_the_spread_is_found(ends: list[float], format: str, above: bool) -> None:
    low, middle, high = ends
    shown = f"{high * 1.2 + 2 if above else low / 1.2 - 2:{format}}"
    page = f"It takes <!-- figure: made.up {format} -->{shown}<!-- end --> s."
    (stray,) = strays(page, recorded("up", low, middle, high), "page.md")
    assert stray.startswith("page.md:1: made.up")
    assert shown in stray


def test_a_figure_within_the_spread_is_none() -> None:
    records = recorded("up", 0.404, 0.45, 0.52)
    for shown, fine in (("0.40", True), ("0.52", True), ("0.39", False), ("0.53", False), ("soon", False)):
        page = f"It takes <!-- figure: made.up .2f -->{shown}<!-- end --> s."
        assert (list(strays(page, records)) == []) == fine, shown


def test_numbers_are_read_as_they_are_shown() -> None:
    shown = ["1,234.5", "81.2 %", "81.2%", "1.2e-07", "-3", "−3"]
    assert [number(each) for each in shown] == pytest.approx([1234.5, 0.812, 0.812, 1.2e-7, -3, -3])


def test_a_table_is_made_anew_and_compared_whole() -> None:
    page = "Before.\n\n<!-- table: first -->\n| s |\n| --- |\n| 0.50 |\n<!-- end -->\n\nBehind 3 names.\n"
    (stray,) = strays(page, recorded("up", 0.4, 0.45, 0.5), "page.md", {"first": first})
    assert stray.startswith("page.md:3: the table first")
    filled = fill(page, recorded("up", 0.4, 0.45, 0.5), tables={"first": first})
    assert filled == page.replace("0.50", "0.45")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nb <!-- figure: made.down .2f -->1<!-- end -->", "page.md:2: no figure made.down is recorded: run python"),
        ("b <!-- figure: other.up .2f -->1<!-- end -->", "page.md:1: no figure other.up is recorded: run python"),
        ("b <!-- figure: made.up -->1<!-- end -->", "page.md:1: a figure is BENCHMARK.KEY FORMAT"),
        ("b <!-- figure: made.up .2f -->1\n\nand more", "page.md:1: the mark of figure made.up .2f has no"),
        ("b <!-- figure: made.up .2f -->1 <!-- quoted: x -->2<!-- end -->", "page.md:1: the mark of figure made.up"),
        ("b\n1<!-- end -->", "page.md:2: <!-- end --> where no mark is open"),
        ("b\n<!-- figure: made.up .2f -->1<!-- end -->", "page.md:2: a line begins with the mark"),
        ("b\n\n<!-- table: second -->\n<!-- end -->", "page.md:3: there is no table second"),
        ("b <!-- table: first --> | s |\n<!-- end -->", "page.md:1: the mark of table first needs a line of its own"),
    ],
)
def test_a_mark_that_is_none_is_an_error(text: str, said: str) -> None:
    with pytest.raises(MarkError) as caught:
        fill(text, recorded("up", 1, 1, 1), "page.md", {"first": first})
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_table_without_its_record_is_an_error() -> None:
    with pytest.raises(MarkError, match=r"page\.md:1: made of table first is not recorded"):
        fill("<!-- table: first -->\n<!-- end -->", {}, "page.md", {"first": first})


def test_the_command_for_a_record_is_that_of_the_script_that_writes_it() -> None:
    assert command("quality") == "python -m benchmarks.quality --record"
    assert command("large") == "python -m benchmarks.memory --record"
    assert command("loss") == "python -m benchmarks --record"


@pytest.mark.parametrize(
    "text",
    [
        "It takes 0.6 s.",
        "It takes 3 s.",
        "a loss of 1.586",
        "| **1.586** |",
        "89 % of them",
        "89% of them",
        "1.2e-07 apart",
        "with 4e11 operations",
        "55 MB",
        "55MB",
        "1,200 names a second",
        "1,200 names/s",
        "three in 20 minutes",
        "10\nseconds",
        "5 times faster",
        "- a list\n\n    of 3 seconds",
        "`code` and 0.6 more",
        "<!-- quoted: x -->0.5<!-- end --> and 0.6",
    ],
)
def test_a_figure_written_by_hand_is_found(text: str) -> None:
    (found,) = handwritten(text, "page.md")
    assert re.match(r"page\.md:\d: \S.* is written by hand", found)


@pytest.mark.parametrize(
    "text",
    [
        "1,733 names, in 1998, of 12 languages",
        "Python 3.11, NumPy 2.4 and torch 2.13; version 0.1.0",
        "`--budget 20s` and ``0.5 s``",
        "```sh\nsleep 3 s # 0.5\n```",
        "~~~\n0.5\n~~~",
        "As so:\n\n    0.5 s\n\n    0.7 s\n",
        "with $p = 0.5$ and\n\n$$\n0.25 s\n$$\n",
        "[a link](https://example.org/1.5) and https://example.org/2.5",
        "<!-- quoted: a paper, 1998 -->1.5 nats<!-- end -->",
        "up <!-- figure: made.up .2f -->0.45<!-- end --> more",
        "`up` <!-- figure: made.up .2f -->7<!-- end --> with `--memory 2GB` and `3 s`",
        "files of more\nthan 16 MB",
        "HTTP/1.1, 127.0.0.1:8000, 2026-11-22",
    ],
)
def test_what_is_no_figure_is_let_through(text: str) -> None:
    assert list(handwritten(text, "page.md")) == []


def test_marks_in_code_are_examples() -> None:
    page = "`<!-- figure: made.up .2f -->`, so:\n\n    here <!-- figure: nothing -->0.45\n\n```\n<!-- end -->\n```\n"
    assert fill(page, {}) == page
    assert list(handwritten(page, "page.md")) == []


def test_the_command_checks_all_pages() -> None:
    words = [sys.executable, "-m", "benchmarks.documents", "--check"]
    before = [path.read_bytes() for path in documents()]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.read_bytes() for path in documents()] == before
