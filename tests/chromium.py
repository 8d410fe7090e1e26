"""A real browser for tests: headless Chromium, driven by Playwright, with nothing of the machine's own in it.

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

def test_page() -> None:
    with chromium() as browser, visit(browser, offline=True) as visited:
        visited.page.goto(address)
        ...
        assert not visited.complaints and violations(visited.page) == []
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
"""Where tests leave what they saw; git ignores it."""

EXECUTABLE = os.environ.get("MANGOSAURUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _missing() -> str:
    """Why there is no browser here; empty if there is one."""
    for package in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed"
    return "" if EXECUTABLE else "Chromium is not on this machine; MANGOSAURUS_CHROMIUM can name its executable"


MISSING = _missing()


@dataclass
class Visited:
    """A page and what happened in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    """The addresses that it asked for, its own first."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of its console, uncaught exceptions, requests that failed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a new, empty profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, offline: bool = False, **options: Any) -> Iterator[Visited]:
    """An empty page of its own context, whose `options` are Playwright's (viewport, color_scheme and so on)."""
    context = browser.new_context(**options)
    try:
        context.set_offline(offline)
        context.set_default_timeout(30_000)
        page = context.new_page()
        visited = Visited(page)
        page.on("request", lambda request: visited.requests.append(request.url))
        page.on("requestfailed", lambda request: visited.complaints.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: visited.complaints.append(f"exception: {error}"))
        page.on(
            "console",
            lambda message: (
                visited.complaints.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        yield visited
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, one line each: its rule and the element."""
    import axe_playwright_python

    source = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(source)  # not as a script element, which the page's policy would refuse
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def screenshot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keeps a picture of the page as `screenshots/NAME.png`."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)
