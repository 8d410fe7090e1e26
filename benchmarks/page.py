"""How soon the page is seen, and how large it is.

    python -m benchmarks.page [--runs 5] [--record]

Each run starts `mangosaurus serve` and a headless Chromium with an empty profile, opens the page as soon as the address
is printed, and prints the browser's own figures, in milliseconds from the beginning of the navigation: the first byte,
the first contentful paint, and when the first names had come. Then the bytes of the page's files.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from shutil import which

import mangosaurus
from benchmarks.record import figure, record_if, record_option

FIGURES = """() => ({
  byte: performance.getEntriesByType("navigation")[0].responseStart,
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  names: performance.now(),
})"""
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def visit(program: str) -> dict[str, float]:
    """One visit to a cold server with a new browser; milliseconds."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page()
        command = [sys.executable, "-m", "mangosaurus", "serve", "--port", "0", "--keep", str(Path(folder) / "kept")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
            assert server.stdout is not None
            page.goto(server.stdout.readline().strip())
            page.wait_for_selector("#results li")
            figures: dict[str, float] = page.evaluate(FIGURES)
            browser.close()
            server.terminate()
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    record_option(parser)
    options = parser.parse_args()
    program = which("chromium")
    if program is None:
        sys.exit("chromium is not on this machine: apt-get install chromium")
    all_figures = [visit(program) for _ in range(options.runs)]
    for figures in all_figures:
        print(
            f"first byte {figures['byte']:.0f} ms, painted {figures['paint']:.0f} ms, names {figures['names']:.0f} ms"
        )
    painted = [figures["paint"] for figures in all_figures]
    print(f"first contentful paint of {len(painted)}: median {statistics.median(painted):.0f} ms", end=", ")
    print(f"worst {max(painted):.0f} ms")
    page = files("mangosaurus.server").joinpath("page")
    sizes = {file.name: len(file.read_bytes()) for file in page.iterdir() if file.is_file()}
    print(f"{sum(sizes.values()):,} bytes in {len(sizes)} files: {', '.join(f'{k} {v:,}' for k, v in sizes.items())}")
    kept = {key: figure([figures[key] for figures in all_figures], "ms") for key in ("byte", "paint", "names")}
    kept |= {"bytes": figure([sum(sizes.values())], "bytes"), "files": figure([len(sizes)])}
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "dinosaurs.html"
        mangosaurus.export("dinosaurs", exported)
        kept |= {"exported": figure([exported.stat().st_size / 1e6], "MB")}
    print(f"{kept['exported'].median:.2f} MB: the page that the bundled dinosaurs are exported to")
    record_if(options.record, "page", kept)


if __name__ == "__main__":
    main()
