"""A second language needs only a second table: where all words of the table are marked, all that the page says is."""

from __future__ import annotations

import re
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


def settled(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")


def said_of_lists(page: Page) -> dict[str, str]:
    """What the page says of each list."""
    places = "#list-problem, #teach .at-field, #preview-notes"
    shown = f"() => [...document.querySelectorAll('{places}')].map((place) => place.innerText).join('\\n')"
    another = f"(before) => {{ const now = ({shown})(); return now.trim() && now !== before; }}"
    found: dict[str, str] = {}
    before = ""
    for what, text in LISTS.items():
        page.fill("#list", text)
        page.wait_for_function(another, arg=before)
        before = found[what] = page.evaluate(shown)
    return found


def said_of_wishes(page: Page) -> dict[str, str]:
    """What the engine says of each form that is filled in."""
    page.fill("#list", "\n".join(NAMES))
    page.wait_for_selector("#preview-summary:has-text('6')")
    settled(page)
    page.evaluate("document.getElementById('rules').open = true")
    found = {}
    for what, wishes in WISHES.items():
        page.evaluate("document.getElementById('ask').reset()")
        for option, value in wishes.items():
            page.fill(f"[data-option={option}]", value)
        page.click("#ask .primary")
        settled(page)
        said = [*page.locator(".at-field").all_inner_texts(), page.inner_text("#ask-problem")]
        found[what] = "\n".join([*said, page.inner_text("#remarks")])
    return found


def test_all_that_is_said_is_of_the_table(chrome: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = pages.words_tables()
    monkeypatch.setattr(pages, "words_tables", lambda: marked(tables))
    mangosaurus.export_workshop(tmp_path / "workshop.html")
    watched = Watched(chrome)
    page = watched.open()
    page.goto((tmp_path / "workshop.html").as_uri())
    page.wait_for_selector("#results li")
    found = said_of_lists(page) | said_of_wishes(page)
    assert [what for what, said in found.items() if "⟦" not in said] == []
    found["the page"] = page.evaluate(SAID)
    left = {what: unmarked(said) for what, said in found.items()}
    assert {what: words for what, words in left.items() if words} == {}
    assert watched.complaints == []
