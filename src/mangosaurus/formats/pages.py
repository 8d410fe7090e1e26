"""Pages made of the files in `browser/`: HTML whose places are filled, and modules joined to one script.

A place in HTML is `{{controls/names.html}}`, another file, whose places are filled too, or `{{name}}`, a part that is
given. What is given is filled in as it is, and nothing is looked for in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from posixpath import dirname, join, normpath

FOLDER = files("mangosaurus.browser")
PLACE = re.compile(r"\{\{([\w./-]+)\}\}")
IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE)
DECLARED = re.compile(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def text_of(name: str) -> str:
    """The text of a file of `browser/`, such as "style/base.css"."""
    return FOLDER.joinpath(name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """The HTML of a file of `browser/` whose places are filled. Raises KeyError for a part that is not given."""

    def fill(place: re.Match[str]) -> str:
        what = place[1]
        return filled(what, parts).rstrip("\n") if "/" in what else parts[what]

    return PLACE.sub(fill, text_of(name))


def joined(entry: str) -> str:
    """The modules that a page needs, from `entry` on, as one script, each after those that it imports.

    They share their names, as the files of `engine/` do. Raises ValueError if two of them have the same name.
    """
    modules = [IMPORT.sub("", text_of(name)) for name in modules_of(entry)]
    script = "\n".join(re.sub(r"^export ", "", module, flags=re.MULTILINE) for module in modules)
    names = DECLARED.findall(script)
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{entry} and what it imports have these names twice: {', '.join(sorted(twice))}")
    return "\n".join(["(() => {", '"use strict";', script, "})();"])


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
