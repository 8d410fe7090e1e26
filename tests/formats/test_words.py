"""All words that users read on pages come from the table of words, and nothing in it is left over."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import ROOT

from mangosaurus.formats.pages import ENGINES, words_tables

BROWSER = ROOT / "src/mangosaurus/browser"
FOLDERS = ("controls", "served", "exported", "workshop", *ENGINES)
FILES = [file for folder in FOLDERS for file in sorted((BROWSER / folder).glob("*")) if file.suffix in (".html", ".js")]
PLACES = re.compile(r"\{(\w+)[}=]")
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,}|^[A-Z][a-z]{2,}$")
CODE = re.compile(r"^(#|\.|use strict)|[#[=>:]|(?:class(?:Name)?|import|from|type|icon)\W*$", re.IGNORECASE)
NOT_WORDS = {"Home", "End", "Enter", "Escape", "Bearer", "Infinity", "Latin", "Greek", "Cyrillic", "Tab", "Backspace"}
NOT_WORDS |= {"Hebrew", "Arabic", "Thai", "Hiragana", "Katakana", "Han", "Hangul"}  # scripts, as patterns name them
NOT_WORDS |= {"SQLite format 3", "True", "False", "first name", "last name", "given name"}  # what is met in files
NAMES = {"Mangosaurus", "UTF-8", "UTF-16", "CSV"}


def english_in(script: str) -> list[str]:
    """The literals of a script that look like English."""
    found = []
    script = re.sub(r"^\s*(//|/?\*).*$|\s// .*$", "", script, flags=re.MULTILINE)
    for literal in LITERAL.finditer(script):
        text = re.sub(r"\$\{[^}]*\}", "0", literal[0][1:-1])
        if (
            re.search(r"className: [^,]*$", script[max(0, literal.start() - 40) : literal.start()])
            or CODE.search(text)
            or text in NOT_WORDS | NAMES
        ):
            continue
        if ENGLISH.search(text):
            found.append(literal[0])
    return found


class Texts(HTMLParser):
    """What a page shows, besides places that are filled."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.element = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.element = tag
        given = dict(attrs)
        self.found += [given[name] or "" for name in ("aria-label", "title", "alt", "data-empty") if name in given]

    def handle_data(self, data: str) -> None:
        if self.element not in ("script", "style", "textarea"):
            self.found.append(data)


def test_what_looks_like_english_is_found() -> None:
    assert english_in('a("Make names"); // b("not this")\nb(`${n} names of it`, "Copied", "a-key", className: "x yy")')
    assert english_in('f("Home", "div > a b", words("key"), "use strict", `api/${a}`)') == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_english_is_left_in_pages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        assert english_in(text) == []
        return
    texts = Texts()
    texts.feed(text)
    left = [re.sub(r"\{\{[^}]*\}\}", "", each).strip(" ·\n") for each in texts.found]
    assert {each for each in left if re.search(r"[A-Za-z]{2}", each)} <= NAMES


def flat(table: dict[str, Any]) -> dict[str, Any]:
    """All words of a language, with those that the engine says."""
    return {key: words for key, words in table.items() if key not in ENGINES} | {
        key: words for folder in ENGINES for key, words in table.get(folder, {}).items()
    }


BUILT = re.compile(
    r"is-(not-)?(dis)?liked|(example|workshop|holds|list-by|without|(several|no)-columns?)-.*|(n-)?(character|token|phoneme)s?"
    r"|(percent|once)-.*|(not_)?pattern-uses|(never-seen|or)-(one|of)"
)
"""Keys that scripts build from parts."""


def test_every_entry_is_used_and_none_is_missing() -> None:
    table = flat(words_tables()["en"])
    pages = [file for end in ("html", "js") for file in BROWSER.glob(f"*/*.{end}")]
    everything = "\n".join(file.read_text(encoding="utf-8") for file in pages)
    used = set(re.findall(r"\{\{words\.([\w.-]+)\}\}", everything)) | set(re.findall(r'"([\w.-]+)"', everything))
    assert {key for key in set(table) - used if not BUILT.fullmatch(key)} == set()
    calls = r"\b(?:words|say|textOf|new Refusal|refusalOf|noText|ofLines|this\.fail)"
    asked = set(re.findall(rf'\{{\{{words\.([\w.-]+)\}}\}}|{calls}\("([\w.-]+)"', everything))
    assert {one or other for one, other in asked} <= set(table)
    for key, text in table.items():
        forms = [text] if isinstance(text, str) else list(text.values())
        if not isinstance(text, str):
            assert set(text) == {"one", "other"}, key
        places = [set(PLACES.findall(form)) - {"n"} for form in forms]
        assert all(each == places[0] for each in places), key


def test_other_languages_have_no_other_keys() -> None:
    tables = words_tables()
    for table in tables.values():
        assert set(flat(table)) <= set(flat(tables["en"]))
