"""Charts as parts of a page: what they show, in the page's colours, and their alternative text."""

from __future__ import annotations

import re
import sys
from importlib import util

import pytest
from pages_read import read_page

from mangosaurus.core.errors import MissingExtraError
from mangosaurus.html.charts import check_matplotlib, curves_chart, lengths_chart, letters_chart

CURVES = {
    "Network 1": [(10, 3.0, 2.5), (20, 2.0, 1.75), (30, 1.5, 1.9)],
    "Network 2": [(10, 3.1, 2.6), (20, 2.1, 1.8)],
}


def test_the_alternative_text_says_what_the_chart_shows() -> None:
    (alt,) = read_page(curves_chart(CURVES)).having("aria-label")
    assert "Network 1: held-out loss from 2.50 at step 10 to its lowest, 1.75, at step 20; " in alt
    assert "training loss at the end 2.10." in alt
    (alt,) = read_page(lengths_chart("names", {4: 0.5, 6: 0.5}, {4: 0.75, 8: 0.25})).having("aria-label")
    assert "Of the samples, the mean is 5.0 characters, and 4 the most frequent, 50%." in alt
    assert "Of the data, the mean is 5.0 characters, and 4 the most frequent, 75%." in alt
    (alt,) = read_page(letters_chart({"a": 0.25, " ": 0.75}, None)).having("aria-label")
    assert "In the samples the most frequent are ␣ 75.0%, a 25.0%." in alt


def test_colours_are_those_of_the_page() -> None:
    for svg in (
        curves_chart(CURVES),
        lengths_chart("names", {1: 1.0}, {2: 1.0}),
        letters_chart({"a": 1.0}, {"b": 1.0}),
    ):
        assert {"var(--samples)", "var(--data)", "var(--ink)"} <= set(re.findall(r"var\(--\w+\)", svg))
        assert not re.findall(r"#[0-9a-f]{6}\b", svg)
        assert "<style" not in svg
        assert read_page(svg).tags("svg")[0]["role"] == "img"


def test_charts_share_a_page_and_are_the_same_each_time() -> None:
    both = curves_chart(CURVES) + lengths_chart("names", {1: 1.0}, None) + letters_chart({"a": 1.0}, None)
    page = read_page(both)  # which checks that no id is there twice
    ids = set(page.having("id"))
    assert {target[1:] for target in page.having("href")} <= ids
    assert set(re.findall(r"url\(#([^)]+)\)", both)) <= ids
    assert curves_chart(CURVES) == curves_chart(CURVES)


def test_any_character_may_be_in_a_corpus(recwarn: pytest.WarningsRecorder) -> None:
    shares = dict.fromkeys(("<", "$", "&", "中", "क", "\x00", "\n", "\\", "_", "}"), 0.1)
    page = read_page(letters_chart(shares, shares))
    assert page.having("aria-label")[0].count("<") == 2  # once of each series
    quoted = read_page(letters_chart({'"': 0.75, "<": 0.25}, None)).having("aria-label")
    assert quoted == [
        'Bar chart of the frequencies of characters. In the samples the most frequent are " 75.0%, < 25.0%.'
    ]
    labels = [text.strip() for text in page.texts if text.strip()]
    assert {"<", "$", "&", "中", "क", "\ufffd", "↵", "\\", "_", "}"} <= set(labels)
    assert not recwarn.list


def test_the_most_frequent_forty(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = {chr(0x4E00 + i): (100 - i) / 5050 for i in range(100)}
    page = read_page(letters_chart({}, shares))
    shown = [text.strip() for text in page.texts if text.strip() in shares]
    assert shown == list(shares)[:40]


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    check_matplotlib()
    find = util.find_spec
    monkeypatch.setattr("mangosaurus.html.charts.find_spec", lambda name: None if name == "matplotlib" else find(name))
    with pytest.raises(MissingExtraError, match=r'pip install "mangosaurus\[report\]"'):
        check_matplotlib()
    assert "matplotlib.pyplot" not in sys.modules
