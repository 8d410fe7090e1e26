"""A second language needs only a second table: where all words of the table are marked, all that the page says is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import Watched

import mangosaurus
from mangosaurus.formats import pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

NAMES = ["Xavi", "Xaviera", "Xaver", "Quentin", "Quintus", "Quin"]
"""The only words that are no words of the table, besides those that are typed."""
OWN = {"Mangosaurus", "UTF", *NAMES}
SAID = """() => {
  const hidden = ["#results", "#favourites", "#shelf", "#preview-first", "noscript", "script", "style", "textarea"];
  for (const part of document.querySelectorAll(hidden.join())) part.remove();
  const told = [...document.querySelectorAll("*")].flatMap((each) => (
    ["aria-label", "title", "alt", "data-empty"].map((name) => each.getAttribute(name) ?? "")));
  return [document.body.textContent, ...told].join("\\n");
}"""
WISHES: dict[str, dict[str, str]] = {
    "an unknown letter": {"prefix": "¿"},
    "no expression": {"pattern": "[ab"},
    "an expression without an end": {"pattern": "(a"},
    "look-around": {"pattern": "(?=X).*"},
    "what the list never has": {"pattern": "Z.*"},
    "lengths that exclude each other": {"min_length": "9", "max_length": "3"},
    "no name of the length": {"suffix": "Xaviera", "max_length": "4"},
    "what cannot be together": {"suffix": "r", "without": "r"},
    "too few": {"prefix": "Q", "max_length": "3"},
    "names to avoid": {"avoid": "Xavi\nQuin", "max_length": "5"},
}
LISTS = {
    "HTML": "<ul>\n<li>Xavi</li>\n<li>Quin</li>\n</ul>",
    "one line": "Xavi, Quin, Xaver",
    "bullets": "* Xavi\n* Quin\n* Xaver",
    "broken JSON": '["Xavi", "Quin"',
    "a table": "name,count\nXavi,3\nQuin,4\nXaver,9",
    "two columns": "Xavi,Quin\nQuin,Xaver\nXaver,Xavi\nQuentin,Quin",
    "a text": "Xavi quin xaver xavi quin xaver xavi quin xaver xavi quin.\n" * 8,
    "years": "Xavi\t1990\nQuin\t1991\nXaver\t1994",
    "invisible": "Xa\u00advi\nQuin\u200b\nXaver",
}


def marked(words: Any) -> Any:
    """Words of the table, in brackets."""
    return f"⟦{words}⟧" if isinstance(words, str) else {key: marked(each) for key, each in words.items()}


def unmarked(said: str) -> list[str]:
    """The words that are in no brackets."""
    while said != (said := re.sub("⟦[^⟦⟧]*⟧", " ", said)):
        pass
    return sorted({word for word in re.findall(r"[A-Za-z]{2,}", said) if word not in OWN})


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marked") / "workshop.html"
    tables = pages.words_tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "words_tables", lambda: marked(tables))
        mangosaurus.export_workshop(path)
    return path


@pytest.fixture
def page(workshop: Path, chrome: Browser) -> Iterator[Page]:
    watched = Watched(chrome)
    page = watched.open()
    page.goto(workshop.as_uri())
    page.wait_for_selector("#results li")
    yield page
    assert watched.complaints == []


def settled(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")


def test_all_that_the_page_has_is_of_the_table(page: Page) -> None:
    page.fill("#list", "\n".join(NAMES))
    page.wait_for_selector("#preview-summary:has-text('6')")
    settled(page)
    assert unmarked(page.evaluate(SAID)) == []


def test_all_that_the_engine_says_is_of_the_table(page: Page) -> None:
    page.fill("#list", "\n".join(NAMES))
    page.wait_for_selector("#preview-summary:has-text('6')")
    settled(page)
    page.evaluate("document.getElementById('rules').open = true")
    left = {}
    for what, wishes in WISHES.items():
        page.evaluate("document.getElementById('ask').reset()")
        for option, value in wishes.items():
            page.fill(f"[data-option={option}]", value)
        page.fill("#count", "40")
        page.click("#ask .primary")
        settled(page)
        said = [
            *page.locator(".at-field").all_inner_texts(),
            page.inner_text("#ask-problem"),
            page.inner_text("#remarks"),
        ]
        assert "⟦" in "".join(said), what
        left[what] = unmarked("\n".join(said))
    assert {what: words for what, words in left.items() if words} == {}


def test_all_that_is_said_of_lists_is_of_the_table(page: Page) -> None:
    left = {}
    places = "#list-problem, #teach .at-field, #preview-notes"
    shown = f"() => [...document.querySelectorAll('{places}')].map((place) => place.innerText).join('\\n')"
    another = f"(before) => {{ const now = ({shown})(); return now.trim() && now !== before; }}"
    said = ""
    for what, text in LISTS.items():
        page.fill("#list", text)
        page.wait_for_function(another, arg=said)
        said = page.evaluate(shown)
        assert "⟦" in said, what
        left[what] = unmarked(said)
    assert {what: words for what, words in left.items() if words} == {}
