"""A real browser for tests: headless Chromium, driven by Playwright, with nothing of the machine's own in it.

Every page that a test opens is watched: which addresses it asks for, whether a script fails, and whether the browser
has anything to complain of, such as a breach of the Content-Security-Policy.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
"""Where tests leave what they saw, for people to look at; git ignores it."""

EXECUTABLE = os.environ.get("MANGOSAURUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def launched() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """The browser with a new, empty profile, one for all tests, and the event loop in which Playwright runs it."""
    for package in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if not EXECUTABLE:
        pytest.skip("Chromium is not on this machine; MANGOSAURUS_CHROMIUM can name its executable")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def chrome(launched: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser. Playwright's loop counts as running during these tests only, as no other may run beside it."""
    browser, loop = launched
    asyncio._set_running_loop(loop)
    yield browser
    for context in browser.contexts:
        context.close()
    asyncio._set_running_loop(None)


@dataclass
class Watched:
    """Opens pages, and watches them."""

    browser: Browser
    requests: list[str] = field(default_factory=list)
    """The addresses that were asked for."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, and uncaught exceptions."""
    refusals: set[int] = field(default_factory=set)
    """The statuses that the test provokes: Chromium notes each failed answer in its console."""

    def open(self, **options: Any) -> Page:
        """An empty page of its own context, whose options are Playwright's (viewport, color_scheme and so on)."""
        context = self.browser.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        refused = any(f"status of {status}" in message.text for status in self.refusals)
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, one line each: its rule and the element."""
    if not page.evaluate("typeof axe === 'object'"):
        # Not as a script element, which the page's policy would refuse.
        page.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def screenshot(page: Page, name: str) -> None:
    """Keeps a picture of the page as `screenshots/NAME.png`."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
