"""How soon the page is seen, and how large it is: `python -m benchmarks.page [--runs 5] [--record]`.

Each run starts `mangosaurus serve` and a headless Chromium with an empty profile, and opens the page as soon as the
address is printed. The figures are the browser's own, in milliseconds from the start of the navigation: the first byte,
the first contentful paint, and the first names. Then come the bytes of the page's files.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from shutil import which

import mangosaurus
from benchmarks.record import figure, record_if, recording_parser
from benchmarks.server import served
from mangosaurus.server.routes import FOLDERS

MEASURE = """() => ({
  byte: performance.getEntriesByType("navigation")[0].responseStart,
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  names: performance.now(),
})"""
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def visit(program: str) -> dict[str, float]:
    """Visits a cold server with a new browser. Returns milliseconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page()
        with served() as address:
            page.goto(address)
            page.wait_for_selector("#results li")
            measured: dict[str, float] = page.evaluate(MEASURE)
            browser.close()
    return measured


def chromium() -> str:
    """The path of the browser; the program ends if there is none."""
    program = which("chromium")
    if program is None:
        sys.exit("chromium is not on this machine: apt-get install chromium")
    return program


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    program = chromium()
    visits = [visit(program) for _ in range(options.runs)]
    figures = {key: figure([each[key] for each in visits], "ms") for key in ("byte", "paint", "names")}
    for key, each in figures.items():
        print(f"{key}: median {each.median:.0f} ms, {each.lowest:.0f} to {each.highest:.0f} ms")
    page = files("mangosaurus.browser")
    sizes = [len(file.read_bytes()) for folder in FOLDERS for file in page.joinpath(folder).iterdir()]
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "dinosaurs.html"
        mangosaurus.export("dinosaurs", exported)
        megabytes = exported.stat().st_size / 1e6
    print(f"{sum(sizes):,} bytes in {len(sizes)} files; the bundled dinosaurs are exported to {megabytes:.2f} MB")
    figures |= {"bytes": figure([sum(sizes)], "bytes"), "files": figure([len(sizes)])}
    record_if(options.record, "page", figures | {"exported": figure([megabytes], "MB")})


if __name__ == "__main__":
    main()
