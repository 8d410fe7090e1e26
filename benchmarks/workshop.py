"""How large and how quick the workshop is: `python -m benchmarks.workshop [--runs 5] [--record]`.

Each run opens the file from the disk in a headless Chromium with an empty profile. The figures are the page's own, in
milliseconds: the first contentful paint and the first names, from the start of the navigation; then, from the moment
when a list is pasted, the first names of 100 names and of 1,000; and 1,000 new names with a suffix and a length, from
the click. The status is 1 if the median of a figure is above its limit.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import mangosaurus
from benchmarks.page import FLAGS, chromium
from benchmarks.record import figure, record_if, recording_parser

LIMITS = {"bytes": 5.0, "paint": 500, "pasted": 1000, "learnt": 2000, "constrained": 2000}
"""Megabytes of the file, and milliseconds."""
LIST = Path(__file__).resolve().parents[1] / "tests/sample_files/towns.txt"
WATCH = """([least, event]) => {
  const list = document.getElementById("results");
  let begun = null;
  window.took = null;
  window.watcher?.disconnect();  // what it began with is long ago
  addEventListener(event, () => { begun = performance.now(); }, { once: true, capture: true });
  window.watcher = new MutationObserver(() => {
    if (begun !== null && list.children.length >= least) window.took ??= performance.now() - begun;
  });
  window.watcher.observe(list, { childList: true });
}"""
"""Measures the milliseconds from an event until at least so many names are shown."""
STARTED = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  names: performance.now(),
})"""


def visit(program: str, workshop: Path, names: list[str]) -> dict[str, float]:
    """Visits the workshop with a new browser. Returns milliseconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
        page.goto(workshop.as_uri())
        page.wait_for_selector("#results li")
        measured: dict[str, float] = page.evaluate(STARTED)

        def pasted(names: list[str]) -> Any:
            page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(names))
            page.evaluate(WATCH, [1, "paste"])
            page.focus("#list")
            page.keyboard.press("Control+a")
            page.keyboard.press("Control+v")
            return took()

        def took() -> Any:
            page.wait_for_function("() => window.took !== null")
            return page.evaluate("() => window.took")

        measured["pasted"], measured["learnt"] = pasted(names[:100]), pasted(names)
        page.evaluate("() => { document.getElementById('rules').open = true; }")
        for option, value in {"suffix": "a", "min_length": "5", "max_length": "9"}.items():
            page.fill(f"[data-option={option}]", value)
        page.fill("#count", "1000")
        page.wait_for_function("() => document.querySelectorAll('#results li').length === 1000")  # as it is typed
        page.evaluate(WATCH, [1000, "click"])
        page.click("#ask .primary")
        measured["constrained"] = took()
        browser.close()
    return measured


def thousand_names() -> list[str]:
    """Towns, and invented ones of their kind."""
    towns = LIST.read_text(encoding="utf-8").splitlines()
    model = mangosaurus.fit(towns, budget=0)
    return [*towns, *model.sample(1000 - len(towns), seed=1)]


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    program = chromium()
    names = thousand_names()
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder) / "workshop.html"
        mangosaurus.export_workshop(workshop)
        visits = [visit(program, workshop, names) for _ in range(options.runs)]
        figures = {"bytes": figure([workshop.stat().st_size / 1e6], "MB")}
    figures |= {key: figure([each[key] for each in visits], "ms") for key in visits[0]}
    for key, each in figures.items():
        limit = f", limit {LIMITS[key]:g}" if key in LIMITS else ""
        print(f"{key}: median {each.median:.4g} {each.unit}, {each.lowest:.4g} to {each.highest:.4g}{limit}")
    record_if(options.record, "workshop", figures)
    above = [key for key, limit in LIMITS.items() if figures[key].median > limit]
    if above:
        sys.exit(f"above the limit: {', '.join(above)}")


if __name__ == "__main__":
    main()
