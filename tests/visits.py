"""The served page in a real browser on a real server: the fixtures of its tests, and what one does on it.

The page may ask no other host for anything, and nobody may have anything to complain of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from browser import Watched
from patience import PATIENCE
from serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Site:
    """A server that runs."""

    address: str
    """With a / at its end."""
    kept: Path
    """The folder of the models that it keeps."""


@contextmanager
def started(folder: Path, *words: str | Path) -> Iterator[Site]:
    """`mangosaurus serve` with these words, until the end of the `with`."""
    with serving(folder, *map(str, words)) as served:
        yield Site(served.address, folder / "kept")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the bundled models and one of names with labels, `people`."""
    pytest.importorskip("uvicorn")
    import mangosaurus

    folder = tmp_path_factory.mktemp("site")
    elves = ["Galadhel", "Galadan", "Mirdan", "Mirdhel", "Galamir", "Elgala", "Elmir", "Elrandir"]
    dwarves = ["Naragan", "Throgi", "Throgan", "Narogi", "Grunar", "Grogan", "Durnar", "Durogi"]
    labels = ["elf"] * len(elves) + ["dwarf"] * len(dwarves)
    mangosaurus.fit(elves + dwarves, labels=labels, budget=0).save(folder / "people.safetensors")
    with started(folder, "dinosaurs", "sonnets", folder / "people.safetensors") as running:
        yield running


@dataclass
class Visits(Watched):
    """Opens pages of the site, and watches them."""

    site: Site = field(kw_only=True)
    headers: dict[str, str] = field(default_factory=dict)
    """What the server wants of those who ask."""

    def __call__(self, path: str = "", width: int = 1280, height: int = 800, **options: Any) -> Page:
        page = self.open(viewport={"width": width, "height": height}, **options)
        page.goto(self.site.address + path)
        return page

    def end(self) -> None:
        for context in self.browser.contexts:
            context.close()
        self._end_trainings()
        assert not self.complaints
        host = urlsplit(self.site.address).netloc
        assert self.requests
        assert {urlsplit(url).netloc for url in self.requests if not url.startswith(("blob:", "data:"))} == {host}

    def _end_trainings(self) -> None:
        """A test that failed leaves none for the next one to wait for."""
        address = f"{self.site.address}api/trainings"
        with httpx.Client(headers=self.headers, timeout=PATIENCE, trust_env=False) as client:
            for training in client.get(address).json()["trainings"]:
                if training["state"] in ("queued", "running"):
                    client.delete(f"{address}/{training['id']}")


@pytest.fixture
def visit(chrome: Browser, site: Site) -> Iterator[Visits]:
    """Call it with what stands behind the address and with options of a Playwright context to open a page."""
    visits = Visits(chrome, site=site)
    yield visits
    visits.end()


def names_in(page: Page, list_id: str = "results") -> list[str]:
    """The names that a list shows, once it shows any."""
    page.wait_for_selector(f"#{list_id} li")
    return page.locator(f"#{list_id} li .name").all_text_contents()


def ask(page: Page, **fields: str | int) -> list[str]:
    """Fills the fields of the form by their options, submits it, and gives back the names that come.

    The page asks for names by itself when it is opened: their answer would be taken for that of the form.
    """
    page.wait_for_selector("#results-title:text-matches('[0-9]')")
    page.evaluate("() => { document.getElementById('rules').open = true; }")
    for name, value in fields.items():
        page.fill(f"#ask [data-option={name}]", str(value))
    with page.expect_response(lambda answer: answer.url.endswith(("/sample", "/top"))):
        page.click("#ask button.primary")
    page.wait_for_selector("#results:not([aria-busy])", state="attached")  # a list without names is not visible
    return page.locator("#results li .name").all_text_contents()


def mark_names(page: Page) -> None:
    """So that one can tell those that the page asks for by itself, once it has learnt a list."""
    page.evaluate("() => document.querySelectorAll('#results li').forEach((name) => { name.dataset.before = ''; })")


def learnt(page: Page) -> None:
    """Waits until a list is learnt and the names of its model stand in place of those that `mark_names` marked."""
    page.wait_for_selector("#training-close:not([hidden])")
    page.wait_for_selector("#results:not([data-model^=here-]) li:not([data-before])")


def train(page: Page, names: str, seconds: float | str = 0) -> None:
    """Pastes a list and has it learnt, which `learnt` waits for."""
    mark_names(page)
    page.fill("#list", names)
    page.fill("#seconds ~ input", str(seconds))
    page.click("#teach button.primary")
