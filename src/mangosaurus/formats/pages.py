"""Pages made of the files in `browser/`: HTML whose places are filled, and modules joined to one script.

A place in HTML is one of these. Nothing is looked for in what is filled in.

    {{controls/names.html}}   another file, whose own places are filled
    {{words.make-names}}      English words of words/en.json, escaped
    {{words}}                 the words of all languages, as JSON, for controls/words.js; without those of the engine
    {{name}}                  a part that the page's maker gives, as it is
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from posixpath import dirname, join, normpath
from typing import Any

from mangosaurus.html.page import escape

FOLDER = files("mangosaurus.browser")
ENGINES = ("engine", "learning")
"""Folders of `browser/` whose scripts are joined to one that runs in a worker."""
PLACE = re.compile(r"\{\{([\w./-]+)\}\}")
IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/)\n", re.MULTILINE)
DECLARED = re.compile(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def text_of(name: str) -> str:
    """The text of a file of `browser/`, such as "style/base.css"."""
    return FOLDER.joinpath(name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """The HTML of a file of `browser/` whose places are filled. Raises KeyError where there is nothing for one."""
    tables = words_tables()

    def fill(place: re.Match[str]) -> str:
        what = place[1]
        if "/" in what:
            return filled(what, parts).rstrip("\n")
        if what == "words":
            return json_in_html(_without_engines(tables))
        return escape(tables["en"][what.removeprefix("words.")]) if what.startswith("words.") else parts[what]

    return PLACE.sub(fill, text_of(name))


def words_tables() -> dict[str, dict[str, Any]]:
    """All words of pages: {"en": {"make-names": "Make names", …}}, for each language that has a file in words/.

    Words that depend on a number are an object of their forms, such as {"one": "{n} name", "other": "{n} names"}. Those
    that the scripts of a folder of ENGINES say are in a table of their own, by the folder's name.
    """
    found = sorted(FOLDER.joinpath("words").iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8")) for file in found}


def words_of_engine(folders: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the scripts of these of ENGINES say, for each language."""
    tables = words_tables().items()
    return {
        language: {key: words for folder in folders for key, words in table.get(folder, {}).items()}
        for language, table in tables
    }


def _without_engines(tables: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        language: {key: words for key, words in table.items() if key not in ENGINES}
        for language, table in tables.items()
    }


def json_in_html(value: Any) -> str:
    """JSON that cannot end a script element of HTML: ASCII without "<"."""
    return json.dumps(value).replace("<", "\\u003c")


def joined(entry: str) -> str:
    """The modules that a page needs, from `entry` on, as one script, each after those that it imports.

    They share their names, as the files of `engine/` do. Raises ValueError if two of them have the same name.
    """
    script = "\n".join(map(bare, modules_of(entry)))
    names = DECLARED.findall(script)
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{entry} and what it imports have these names twice: {', '.join(sorted(twice))}")
    return one_script(script)


def bare(module: str) -> str:
    """The text of a module without its imports and exports."""
    return re.sub(r"^export ", "", IMPORT.sub("", text_of(module)), flags=re.MULTILINE)


def one_script(*texts: str) -> str:
    """Scripts that share their names as one, which has them for itself, without indents and lines that are comments.

    This saves a fifth. No text in the scripts may go over lines.
    """
    short = (re.sub(r"^[ \t]+", "", COMMENT.sub("", text), flags=re.MULTILINE) for text in texts)
    return "\n".join(["(() => {", '"use strict";', *short, "})();"])


def modules_of(entry: str) -> list[str]:
    """A module of `browser/` and those that it imports, directly or not: each after those that it needs."""
    found: list[str] = []

    def visit(name: str, within: tuple[str, ...]) -> None:
        if name in found or name in within:  # modules may import each other: they run when all are there
            return
        for address in IMPORT.findall(text_of(name)):
            visit(normpath(join(dirname(name), address)), (*within, name))
        found.append(name)

    visit(entry, ())
    return found
