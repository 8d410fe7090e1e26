"""Shaded pages: well-formed, escaped, and every symbol with its shade and its nats."""

from __future__ import annotations

import re

import numpy as np
import pytest
from examples import NAMES, small_ngram
from pages_read import read_page

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.evaluation.surprisal import Scored, Surprisal, surprisal
from mangosaurus.html.notebook import MOST_ROWS
from mangosaurus.html.page import escape, showable
from mangosaurus.html.shading import STEPS, shaded

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style><b>&amp;",
    "a\u202eb\x00\x1bc",
    "' onmouseover='x",
]


def spans(html: str) -> list[dict[str, str]]:
    return [each for each in read_page(html).tags("span") if "title" in each]


def test_every_symbol_has_its_shade_and_its_nats() -> None:
    nats = np.array([0.0, 0.49, 0.5, 1.5, 2.0, 3.3, 4.9, 6.0, 7.0, 20.0, np.inf, 1.0])
    entry = Scored("abcdefghijk", nats, (10,), False)
    found = spans(shaded(entry))
    assert [each["class"] for each in found] == [
        *("s0", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s7", "none", "end s2")
    ]
    assert [each["title"] for each in found[:3]] == ["0.00 nats", "0.49 nats", "0.50 nats"]
    assert found[-2]["title"] == "infinitely many nats"
    assert found[-1]["title"] == "the end: 1.00 nats"
    assert len(STEPS) == 7
    page = read_page(shaded(entry))
    assert page.text == "abcdefghijk"
    assert page.having("aria-label") == ["abcdefghijk: infinitely many nats per symbol"]


def test_the_odd_one_is_underlined() -> None:
    entry = Scored("abc", np.array([1.0, 9.0, 2.0, 0.1]), (), False, marked=True)
    assert [each["class"] for each in spans(shaded(entry))] == ["s2", "s7 outlier", "s3", "end s0"]
    entry = Scored("abc", np.array([1.0, 1.0, 2.0, 9.0]), (), False, marked=True)
    assert spans(shaded(entry))[-1]["class"] == "end s7 outlier"


def test_line_breaks_of_a_text_are_kept() -> None:
    entry = Scored("ab\n\nc", np.ones(6), (), False)
    page = read_page(shaded(entry))
    assert page.text == "ab↵\n↵\nc"
    assert page.having("aria-hidden") == ["true", "true"]
    assert not page.having("role")  # a screen reader reads the text itself
    assert "break" in page.having("class")[3]


@pytest.mark.parametrize("kind", ["names", "text"])
def test_what_comes_from_a_corpus_is_escaped(kind: str) -> None:
    found = surprisal(small_ngram(), [*HOSTILE, *NAMES], kind, DocumentHashes.of([]))  # type: ignore[arg-type]
    for html in (found.html("<script>&\"'"), found._repr_html_()):
        page = read_page(html)
        for text in HOSTILE:
            assert showable(text) in page.text
        assert "\x00" not in page.text
        assert "\u202e" not in html
    page = read_page(found.html("<script>&\"'"))
    assert page.text.count("<script>&\"'") == 2  # the title and the heading
    assert [tag for tag, _ in page.elements[:2]] == ["html", "head"]
    assert found.html() == found.html()


def test_the_page_follows_light_and_dark_and_has_a_legend() -> None:
    html = mangosaurus.load().surprisal(["Tyrannosaurus"]).html()
    assert "@media (prefers-color-scheme: dark)" in html
    page = read_page(html)
    assert [each["lang"] for each in page.tags("html")] == ["en"]
    (policy,) = [each["content"] for each in page.tags("meta") if "http-equiv" in each]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "0 to 0.5" in page.text
    assert "7 and more" in page.text
    assert "Nothing is marked: only a list of 10 names or more" in page.text


def test_a_notebook_shows_so_many() -> None:
    entries = tuple(Scored(f"name{i}", np.ones(8), (), False) for i in range(MOST_ROWS + 3))
    found = Surprisal(entries, "names", 3.0)
    (style,) = re.findall("<style>(.*?)</style>", found._repr_html_(), re.DOTALL)
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", style.replace("@media (prefers-color-scheme: dark) {", ""))
    assert len(rules) > 20
    assert all(".mangosaurus" in rule for rule in rules)  # the rest of the notebook stays as it is
    page = read_page(found._repr_html_())
    assert len(page.tags("tr")) == MOST_ROWS + 1
    assert "3 more are not shown." in page.text
    assert len(read_page(found.html()).tags("tr")) == len(entries) + 1


def test_escape() -> None:
    assert escape('<a href="x">&\'\ud800\x07') == "&lt;a href=&quot;x&quot;&gt;&amp;&#x27;\ufffd\ufffd"
    for kept in ("नमस्ते", "می\u200cخواهم", "日本\u3000語", "e\u0301", "a\nb\tc"):
        assert showable(kept) == kept
