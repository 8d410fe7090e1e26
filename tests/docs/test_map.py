"""CONTRIBUTING's map of the house against the house: what it names is there, and what is there it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "mangosaurus"
FILE = re.compile(r"[\w*./-]*(?:\.(?:py|js|css|html|md|toml)\b|(?<=\w)/(?!\w))")
DEEPEST = 16
"""More spaces than this before a line: it goes on with the one before."""


def the_map() -> str:
    """The tree under the heading `The house`."""
    return re.split(r"\n(?=\S)", CONTRIBUTING.split("## The house\n\n")[1])[0]


def entries() -> Iterator[tuple[str, list[Path]]]:
    """Every file or folder that the map names, and where: a name is looked up in its folder, and in those above."""
    folders = [(-1, ROOT)]  # with the indentation of the line that opened each
    for line in the_map().splitlines():
        text = line.strip()
        indentation = len(line) - len(line.lstrip())
        begins = FILE.match(text) if indentation <= DEEPEST else None
        if begins:
            while folders[-1][0] >= indentation:
                folders.pop()
            if begins[0].endswith("/"):
                folders.append((indentation, folders[-1][1] / begins[0]))
        for name in FILE.findall(text):
            above = [folder for _, folder in reversed(folders)]
            places = above[1:] if begins and name == begins[0] and name.endswith("/") else [*above, SOURCE]
            yield name, next((found for place in places if (found := sorted(place.glob(name)))), [])


def modules() -> set[Path]:
    """All of the package but what only makes a folder a package or a command."""
    return {path for path in SOURCE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")}


def test_the_map_names_no_file_that_is_not_there() -> None:
    named = list(entries())
    assert len(named) > 150
    assert [name for name, found in named if not found] == []


def test_the_map_misses_no_module() -> None:
    named = {path for _, found in entries() for path in found}
    assert sorted(str(path.relative_to(ROOT)) for path in modules() - named) == []


def test_the_map_misses_no_folder() -> None:
    named = {path for _, found in entries() for path in found}
    packages = {path.parent for path in SOURCE.rglob("__init__.py")}
    assert packages - named == set()
    top = {ROOT / name for name in ("src", "tests", "benchmarks", "tools", "docs")}
    assert top - {parent for path in named for parent in (path, *path.parents)} == set()


def test_what_the_rest_of_the_page_names_is_there() -> None:
    rest = CONTRIBUTING.replace(the_map(), "")
    named = {
        name for quoted in re.findall(r"`([^`\n]+)`", rest) for name in re.findall(r"^[\w*./-]+\.(?:py|md|js)$", quoted)
    }
    assert len(named) > 30
    missing = [
        name
        for name in sorted(named)
        if not (list(ROOT.glob(name)) or list(SOURCE.glob(name)) or list(SOURCE.glob(f"server/page/{name}")))
    ]
    assert missing == []


def test_the_names_in_code_that_the_page_gives_are_in_the_files_that_it_names() -> None:
    table = CONTRIBUTING.split("## Ten questions")[1].split("\n## ")[0]
    for name, path in re.findall(r"`([\w.]+)` in `([\w/.]+\.py)`", table):
        source = (ROOT / path if (ROOT / path).exists() else SOURCE / path).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(?:def|class) {name.split('.')[-1]}\b", source, re.MULTILINE), (name, path)
