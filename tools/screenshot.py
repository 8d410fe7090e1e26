"""Takes the screenshots of the page for README and the site: `python tools/screenshot.py`.

Starts `mangosaurus serve` with the bundled models on a free port, opens each view in headless Chromium (the executable
in `$MANGOSAURUS_CHROMIUM`, or the one on the PATH) and writes page.png, page-text.png and page-surprise.png to
docs/images/. The seeds are fixed: the same options give what a picture shows.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.server import served  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WIDTH = 1280
"""Pixels of a finished picture; each is made of four of the browser's."""
HEIGHT = 826
"""Pixels of the window, from the form for names to the end of the page."""
STARRED = (2, 11)
"""The positions of the starred names, from 0."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


def names(page: Page) -> None:
    """New names under constraints, two of them starred. The view starts below the training form."""
    page.wait_for_selector("#results-title:text-matches('[0-9]')")  # the page requests names by itself first
    page.click("#rules summary")
    values = {"prefix": "Ty, Br", "without": "wz", "min_length": "7", "max_length": "12", "seed": "1", "n": "20"}
    for option, value in values.items():
        page.fill(f"#ask [data-option={option}]", value)
    with page.expect_response(lambda response: response.url.endswith("/sample")):
        page.click("#ask button.primary")
    page.wait_for_selector("#results:not([aria-busy])")
    for place in STARRED:
        page.locator("#results .star").nth(place).click()
    page.click("#rules summary")
    page.evaluate("scrollTo(0, document.getElementById('ask').offsetTop - 18)")


def text(page: Page) -> None:
    """A continued sonnet."""
    for field, value in {"#text-seed": "3", "#write-length ~ input": "640", "#text-temperature ~ input": "0.6"}.items():
        page.fill(field, value)
    page.click("#write button.primary")
    page.wait_for_selector("#sheet-more:enabled")


def surprise(page: Page) -> None:
    """A detected typing error."""
    page.wait_for_selector("#bars li")


VIEWS = {"page": ("#names", names), "page-text": ("#text", text), "page-surprise": ("#surprise", surprise)}


def finish(path: Path) -> None:
    """Reduces a picture to `WIDTH` pixels and 256 colours."""
    with Image.open(path) as picture:
        height = round(picture.height * WIDTH / picture.width)
        reduced = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    # Pillow's default breaks the sliders' gradients into bands.
    few = reduced.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {WIDTH} x {height} pixels, {path.stat().st_size:,} bytes")


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("MANGOSAURUS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is not on this machine; MANGOSAURUS_CHROMIUM can name its executable")
    IMAGES.mkdir(exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (view, prepare) in VIEWS.items():
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2, color_scheme="light"
            )
            page.goto(f"{address}{view}")
            prepare(page)
            page.mouse.move(0, 0)
            page.screenshot(path=IMAGES / f"{name}.png", full_page=name != "page")
            page.close()
            finish(IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
