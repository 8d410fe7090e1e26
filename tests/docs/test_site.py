"""The documentation builds without a warning, loads nothing from elsewhere, and leads nowhere that is not there."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import Watched, screenshot, violations
from built_site import BuiltPage, broken, fetched_by_css, foreign, read_site
from conftest import ROOT

import mangosaurus
from mangosaurus.__main__ import app

NEEDED = ("mkdocs_macros", "material", "mkdocstrings_handlers", "math_core", "fastapi")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f'{MISSING} are not installed: pip install ".[docs]"'),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built strictly: a warning is an error."""
    folder = tmp_path_factory.mktemp("site") / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[str, BuiltPage]:
    return read_site(built)


def test_every_page_is_there(pages: dict[str, BuiltPage]) -> None:
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {path.as_posix() for path in sources} == set(pages) - {"404.html", "assets/workshop.html"}


def test_nothing_is_loaded_from_another_host(built: Path, pages: dict[str, BuiltPage]) -> None:
    assert sum(len(page.loaded) for page in pages.values()) > 100
    for page in pages.values():
        assert not foreign(page, page.loaded), page.name
    for sheet in built.rglob("*.css"):
        style = BuiltPage(sheet.relative_to(built).as_posix())
        assert not foreign(style, fetched_by_css(sheet.read_text(encoding="utf-8"))), sheet


def test_links_lead_somewhere(built: Path, pages: dict[str, BuiltPage]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 500
    assert broken(pages, built) == []
    outward = {link for page in pages.values() for link in foreign(page, page.links)}
    for link in outward:
        parts = urlsplit(link)
        assert parts.scheme == "https", link
        assert re.fullmatch(r"([\w-]+\.)+[a-z]{2,}", parts.netloc), link
        assert not re.search(r"[\s<>\"]", link), link


def test_every_command_and_option_is_in_the_reference(pages: dict[str, BuiltPage]) -> None:
    page = pages["reference/command-line.html"]
    text = "".join(page.text)
    group: Any = app
    assert len(group.commands) >= 15
    for name, command in group.commands.items():
        assert f"mangosaurus-{name}" in page.anchors
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or all(option in text for option in parameter.opts)


def test_every_public_name_is_in_the_reference(pages: dict[str, BuiltPage]) -> None:
    assert {f"mangosaurus.{name}" for name in mangosaurus.__all__} <= pages["reference/python.html"].anchors


def test_every_call_of_the_server_is_in_the_reference(pages: dict[str, BuiltPage]) -> None:
    from mangosaurus.server.app import create_app
    from mangosaurus.server.middleware import Address
    from mangosaurus.server.models import ModelRegistry

    page = pages["reference/http.html"]
    described = create_app(ModelRegistry(Path("unused"), 1), Address("127.0.0.1", 8000)).openapi()
    text = " ".join("".join(page.text).split())
    for path, calls in described["paths"].items():
        assert all(f"{method.upper()} {path}" in text for method in calls)
    for schema in described["components"]["schemas"].values():
        for name, each in schema["properties"].items():
            assert name in text
            assert " ".join(each.get("description", "").replace("`", "").split()) in text


@pytest.mark.parametrize("latex", [r"\foo x", "{x", r"\begin{foo}a\end{foo}", "a &amp; b", r"\frac{a}", "a_b_c"])
def test_a_formula_that_cannot_be_converted_fails_the_build(monkeypatch: pytest.MonkeyPatch, latex: str) -> None:
    from mkdocs.exceptions import PluginError

    monkeypatch.syspath_prepend(ROOT / "tools" / "site")
    hooks = importlib.import_module("hooks")
    page = SimpleNamespace(file=SimpleNamespace(src_uri="how-it-works/n-gram.md"))
    html = f'<p><span class="arithmatex">\\({latex}\\)</span></p>'
    with pytest.raises(PluginError, match=r"how-it-works/n-gram\.md: the formula"):
        hooks.on_page_content(html, page=page, config=None, files=None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_in_a_browser(built: Path, pages: dict[str, BuiltPage], chrome: Any, scheme: str) -> None:
    """Formulas are drawn, nothing overflows on a phone, and only the site's own files are requested."""
    watched = Watched(chrome)
    page = watched.open(color_scheme=scheme, viewport={"width": 390, "height": 844})
    for name in ("index.html", "tutorials/dinosaurs-from-scratch.html", "reference/command-line.html"):
        page.goto((built / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        screenshot(page, f"docs-{Path(name).stem}-{scheme}")
    page.goto((built / "tutorials/dinosaurs-from-scratch.html").as_uri())
    assert page.locator("math").count() > 10
    width, height = page.locator('math[display="block"]').first.evaluate("e => [e.scrollWidth, e.clientHeight]")
    assert width > 100
    assert height > 15
    prose = page.evaluate("[...document.querySelectorAll('article p, article li')].map(e => e.innerText).join()")
    assert not re.search(r"\\[a-z]+|\$", prose)
    # The theme's own: the navigation of every section is a landmark, and some have the same name.
    assert [each for each in violations(page) if not each.startswith("landmark-unique")] == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(250, 252, 246)", "dark": "rgb(13, 23, 19)"}[scheme]
    assert all(address.startswith((built.as_uri(), "data:", "blob:")) for address in watched.requests)
