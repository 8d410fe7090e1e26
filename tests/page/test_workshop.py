"""The workshop in a browser: lists are learnt as they are pasted and typed, kept, shared and taken away, offline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browser import Watched, screenshot, violations
from conftest import ROOT

import mangosaurus

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.slow

TOWNS = (ROOT / "tests/sample_files/towns.txt").read_text(encoding="utf-8").splitlines()[:60]
FIRST = json.loads((ROOT / "src/mangosaurus/browser/workshop/examples.json").read_text(encoding="utf-8"))[0]
HOSTILE = ["<img src=x onerror=alert(1)>", "</script><b>Bold", "Anna & {{facts}}", "Emma<!--", "Ida' onclick='x"] * 2
SHIFTS = """
window.shifts = [];
const called = (node) => `${node?.nodeName}#${node?.id} in #${node?.parentElement?.closest("[id]")?.id}`;
const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
new PerformanceObserver((list) => {
  for (const { hadRecentInput, sources } of list.getEntries()) {
    if (hadRecentInput) continue;
    window.shifts.push(...sources.map((source) =>
      `${called(source.node)}: ${place(source.previousRect)} -> ${place(source.currentRect)}`));
  }
}).observe({ type: "layout-shift", buffered: true });
"""
"""Notes what moves unasked: each element, with its place (x, y, width, height) before and after."""
PASTE = """(text) => {
  document.getElementById("list").focus();
  document.execCommand("insertText", false, text);
}"""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workshop") / "workshop.html"
    mangosaurus.export_workshop(path)
    return path


Open = Callable[..., "Page"]


@pytest.fixture
def visit(workshop: Path, chrome: Browser) -> Iterator[Open]:
    """Opens the workshop in a browser that knows nothing of it. It may ask for nothing, and complain of nothing."""
    watched = Watched(chrome)

    def open_workshop(hash: str = "", **options: Any) -> Page:
        page = watched.open(**options)
        page.add_init_script(SHIFTS)
        page.goto(workshop.as_uri() + hash)
        names(page)
        return page

    yield open_workshop
    assert watched.complaints == []
    asked = [address for address in watched.requests if not address.startswith(("blob:", "data:"))]
    assert all(address.startswith(workshop.as_uri()) for address in asked), asked


def names(page: Page, unlike: list[str] | None = None) -> list[str]:
    """The names that are shown, once there are others than `unlike`."""
    shown = "() => [...document.querySelectorAll('#results li .name')].map((name) => name.firstChild.data)"
    idle = "!document.getElementById('results').ariaBusy"
    page.wait_for_function(
        f"(before) => {{ const now = ({shown})(); return now.length && {idle} && String(now) !== String(before); }}",
        arg=unlike or [],
    )
    found: list[str] = page.evaluate(shown)
    return found


def paste(page: Page, lines: list[str]) -> list[str]:
    """The names after a list was pasted in place of an example, or after the open one."""
    before = names(page)
    page.evaluate(PASTE, "\n".join(lines))
    return names(page, before)


def test_a_list_is_learnt_as_it_is_pasted_and_typed(visit: Open) -> None:
    page = visit()
    first = names(page)
    assert len(first) == 20
    pasted = paste(page, TOWNS)
    assert not set(pasted) & {*TOWNS, *first}
    assert page.text_content("#preview-summary") == "60 names."
    assert page.input_value("#shelf") == "My list"
    page.locator("#list").press_sequentially("\nZzyzxville")
    names(page, pasted)
    assert page.text_content("#preview-summary") == "61 names."
    assert page.evaluate("() => document.activeElement.id") == "list"


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_moves_while_the_page_opens(visit: Open, width: int) -> None:
    page = visit(viewport={"width": width, "height": 3000})  # all of it is in sight
    assert page.evaluate("() => window.shifts") == []
    paste(page, [town for town in TOWNS if len(town) < 8])  # whose names fit on a line of a phone
    page.locator("#results .star").nth(2).click()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 2})  # each step is seen
    page.reload()
    names(page)
    assert page.locator("#favourites li").count() == 1
    assert page.evaluate("() => window.shifts") == []


def test_the_first_names_are_there_at_once(visit: Open) -> None:
    page = visit()
    ready = names(page)
    assert page.text_content("#remarks") == f"Seed {FIRST['ready']['seed']}."
    page.locator("#results .star").first.click()
    page.click("#results-more")  # which waits until the list is learnt
    others = names(page, ready)
    assert not set(others) & set(ready)
    page.evaluate("() => { document.getElementById('rules').open = true; }")
    page.fill("[data-option=seed]", FIRST["ready"]["seed"])
    assert names(page, others) == ready
    assert page.locator("#favourites li .name").inner_text() == ready[0]


def test_python_makes_the_same_first_names() -> None:
    made = mangosaurus.fit(FIRST["names"], budget=0).sample(20, seed=int(FIRST["ready"]["seed"]))
    assert list(made) == FIRST["ready"]["names"]


def test_constraints_hold_as_they_are_typed(visit: Open) -> None:
    page = visit()
    before = paste(page, TOWNS)
    page.fill("[data-option=suffix]", "o")
    found = names(page, before)
    assert len(found) == 20
    assert all(name.endswith("o") for name in found)
    page.click("#rules summary")
    page.fill("[data-option=max_length]", "6")
    assert all(name.endswith("o") and len(name) <= 6 for name in names(page, found))


def test_a_rule_that_the_list_cannot_meet_is_said_at_its_field_and_at_the_names(visit: Open) -> None:
    page = visit()
    page.fill("[data-option=prefix]", "9")
    page.wait_for_selector("#remarks.problem")
    told = page.inner_text("#remarks")
    assert told.endswith("; change the rule, or add a name with “9” to the list.")
    assert page.inner_text("#ask .at-field") == told
    page.click("#shelf-new")
    assert page.input_value("[data-option=prefix]") == ""
    assert page.locator("#ask .at-field").count() == 0
    page.evaluate(PASTE, "Anna")
    assert len(names(page)) == 20
    assert page.locator("#remarks.problem").count() == 0
    assert page.inner_text("#preview-notes").startswith("1 name says too little")
    page.fill("[data-option=suffix]", "a")
    page.select_option("#shelf", " example-stars")
    assert page.input_value("[data-option=suffix]") == ""


def test_a_seed_says_what_it_does_and_what_it_is(visit: Open) -> None:
    page = visit()
    before = names(page)
    page.click("#rules summary")
    page.fill("[data-option=seed]", "5")
    found = names(page, before)
    assert "again" not in page.inner_text("#remarks")
    page.click("#results-more")
    says(page, "#remarks", "These are the same names again, because “Seed” is filled in")
    assert names(page) == found
    page.fill("[data-option=seed]", "hello")
    page.click("#results-more")
    says(page, "#ask .at-field", "“Seed”: A whole number")
    assert page.inner_text("#remarks") == page.inner_text("#ask .at-field")


def place(part: Locator) -> list[float]:
    box = part.bounding_box()
    assert box
    return [*box.values()]  # type: ignore[list-item]


@pytest.mark.parametrize("width", [375, 1280])
def test_no_name_moves_when_one_is_starred(visit: Open, width: int) -> None:
    page = visit(viewport={"width": width, "height": 700})
    page.wait_for_selector("#model-download:enabled")
    if width > 1000:  # where the names and the favourites stand on the page's foot
        page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    for mark in (".star >> nth=-1", ".star >> nth=-2", ".star >> nth=-1", ".star >> nth=-2", ".no >> nth=-2"):
        button = page.locator(f"#results {mark}")
        before = place(button)
        button.evaluate("(button) => button.click()")  # which scrolls nothing
        page.evaluate("() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")
        assert np.abs(np.subtract(place(button), before)).max() < 1, mark  # pages scroll by whole pixels


def test_rude_words_are_kept_out(visit: Open) -> None:
    page = visit()
    before = paste(page, ["Fucka", "Fuckina", "Fucking", "Kuckina", "Kucking"])
    page.click("#rules summary")
    page.check("[data-option=clean]")
    assert not any(name.casefold().startswith("fuck") for name in names(page, before))


def test_without_lists_of_rude_words_none_are_promised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chrome: Browser
) -> None:
    monkeypatch.setattr("mangosaurus.formats.workshop.rude_words_file", lambda: b"")
    *_, note = mangosaurus.export_workshop(tmp_path / "workshop.html")
    assert 'pip install "mangosaurus[clean]"' in note
    page = Watched(chrome).open()
    page.goto((tmp_path / "workshop.html").as_uri())
    names(page)
    page.click("#rules summary")
    assert page.is_visible("[data-option=ignore_case]")
    assert not page.is_visible("[data-option=clean]")


def test_lists_and_stars_outlive_a_reload(visit: Open) -> None:
    page = visit()
    paste(page, TOWNS)
    page.click("#shelf-more summary")
    page.fill("#called", "Towns by the sea")
    page.locator("#called").blur()
    page.locator("#results .star").nth(2).click()
    starred = page.locator("#favourites li .name").inner_text()
    page.reload()
    names(page)
    page.wait_for_selector("#favourites li .name")
    assert page.input_value("#shelf") == "Towns by the sea"
    assert page.input_value("#list").splitlines() == TOWNS
    assert page.locator("#favourites li .name").all_inner_texts() == [starred]
    page.click("#shelf-new")
    page.wait_for_selector("#model-download:disabled")  # the earlier list's model is not this one's
    assert page.locator("#results li").count() == 0
    page.evaluate(PASTE, "\n".join(["Anna", "Hanna", "Johanna", "Susanna"]))
    names(page, [])
    page.select_option("#shelf", "Towns by the sea")
    page.wait_for_selector(f"#favourites li .name:text-is('{starred}')")
    assert page.locator("#favourites li").count() == 1
    page.click("#shelf-more summary")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#shelf-remove")
    assert page.locator("#shelf option", has_text="Towns by the sea").count() == 0
    assert page.input_value("#shelf") == "My list"


def rename(page: Page, name: str) -> None:
    page.evaluate("() => { document.getElementById('shelf-more').open = true; }")
    page.fill("#called", name)
    page.locator("#called").blur()


def says(page: Page, part: str, text: str) -> None:
    """Waits until a part of the page has a text."""
    page.wait_for_function(
        "([part, text]) => document.querySelector(part).textContent.includes(text)", arg=[part, text]
    )


def test_tabs_do_not_write_over_each_other(visit: Open) -> None:
    page = visit()
    paste(page, TOWNS)
    other = page.context.new_page()
    other.goto(page.url)
    assert other.input_value("#list").splitlines() == TOWNS
    other.locator("#list").press_sequentially("\nZzyzxville")
    page.wait_for_function("() => document.getElementById('list').value.endsWith('\\nZzyzxville')")
    says(page, "#list-told", "another tab")
    says(page, "#preview-summary", "61 names.")
    rename(other, "Towns")
    says(page, "#list-told", "renamed or removed in another tab")
    page.locator("#list").press_sequentially("ton")
    other.wait_for_selector("#shelf option[value='My list']", state="attached")
    assert other.input_value("#shelf") == "Towns"
    assert other.input_value("#list").endswith("\nZzyzxville")


def test_a_full_browser_loses_nothing_in_silence(visit: Open) -> None:
    page = visit()
    paste(page, TOWNS)
    page.locator("#results .star").first.click()
    page.evaluate("""() => {
      for (let size = 1 << 22, part = 0; size >= 1; part += 1) {
        try { localStorage.setItem(`fill${part}`, "x".repeat(size)); } catch { size = Math.floor(size / 2); }
      }
    }""")
    rename(page, "M" * 60)
    says(page, "#kept-told", "no room for this name")
    assert page.input_value("#called") == "My list"
    assert page.locator("#shelf optgroup").first.locator("option").all_inner_texts() == ["My list"]
    assert page.locator("#favourites li").count() == 1
    assert page.text_content("#kept-problem") == ""
    page.locator("#list").press_sequentially("\nZzyzxville")
    says(page, "#kept-problem", "lost when you close the page")
    page.reload()
    assert page.input_value("#list").splitlines()[: len(TOWNS)] == TOWNS
    assert page.locator("#favourites li").count() == 1


def test_a_list_goes_round_in_a_link(visit: Open) -> None:
    page = visit()
    paste(page, HOSTILE[:5] + TOWNS)
    page.click("#shelf-more summary")
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    page.click("#share")
    page.wait_for_function("() => window.copied")
    link = page.evaluate("() => window.copied")
    assert link.startswith("#list=")  # nobody else has a file's address
    other = visit(link)
    assert other.input_value("#list").splitlines() == HOSTILE[:5] + TOWNS
    assert "#" not in other.url
    other.locator("#list").press_sequentially("Mine")
    dialogs = []

    def refuse(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    other.on("dialog", refuse)
    other.evaluate("(link) => { location.hash = link; }", link)
    other.wait_for_function("() => document.getElementById('shelf').value === 'My list (2)'")
    assert "My list" in dialogs[0]
    assert other.locator("#shelf option[value='My list']").count() == 1
    damaged = link[:-9] + "AAAAA"
    other.evaluate("(link) => { location.hash = link; }", damaged)
    other.wait_for_function("() => document.getElementById('list-told').textContent.includes('damaged')")


def test_what_is_taken_away_works(visit: Open, chrome: Browser, tmp_path: Path) -> None:
    page = visit(accept_downloads=True)
    paste(page, HOSTILE[:5] + TOWNS)
    page.click("#shelf-more summary")
    page.fill("#called", "A & <b>B</b>")
    page.locator("#called").blur()
    files = {}
    for what in ("download", "page"):
        with page.expect_download() as download:
            page.click(f"#model-{what}")
        files[what] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[what])
    says(page, "#model-told", "is in your downloads")
    page.click("#shelf-new")
    page.wait_for_selector("#model-told:empty", state="attached")
    model = mangosaurus.load(files["download"])
    assert len(model.sample(5, seed=1)) == 5
    assert model.info()["training_documents"] == 65
    fitted = mangosaurus.fit(HOSTILE[:5] + TOWNS, budget=0)
    others = ["".join(reversed(town)) for town in TOWNS[:20]]
    assert np.abs(np.subtract(model.losses(others), fitted.losses(others))).max() < 1e-4
    watched = Watched(chrome)
    own = watched.open()
    own.goto(files["page"].as_uri())
    own.wait_for_selector("#results li")
    assert own.locator("h1").inner_text() == "A & <b>B</b>"
    assert watched.complaints == []


def test_text_is_text_and_reads_from_both_sides(visit: Open) -> None:
    page = visit()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    paste(page, HOSTILE)
    page.click("#shelf-more summary")
    page.fill("#called", HOSTILE[0])
    page.locator("#called").blur()
    assert page.locator("main :is(img, b)").count() == 0
    page.select_option("#shelf", " example-arabic")
    page.wait_for_function("() => /^[\\u0600-\\u06ff]/.test(document.querySelector('#results .name').textContent)")
    assert page.evaluate("() => getComputedStyle(document.querySelector('#results .name')).direction") == "rtl"


def test_every_example_makes_names(visit: Open) -> None:
    page = visit()
    seen = names(page)
    examples = page.locator("#shelf optgroup:last-of-type option")
    assert examples.count() == 10
    for value in examples.evaluate_all("(options) => options.map((option) => option.value)")[1:]:
        page.select_option("#shelf", value)
        seen = names(page, seen)
        assert len(seen) == 20, value
        assert page.text_content("#list-problem") == "", value


def test_what_is_wrong_with_a_list_is_said_where_the_names_would_be(visit: Open) -> None:
    page = visit()
    page.evaluate(PASTE, "It was the best of times, it was the worst of times, it was the age of wisdom.\n" * 5)
    page.wait_for_selector("#remarks.problem")
    assert "one name on each line" in page.inner_text("#remarks")
    assert page.inner_text("#remarks") == page.inner_text("#teach .problem:not(:empty)")
    assert not page.is_visible("#results-empty")
    assert page.locator("#teach-options[open]").count() == 1
    assert page.locator("#teach [data-option=format] option[value=text]").count() == 0
    page.fill("#list", "\n".join(TOWNS))
    names(page)
    assert page.locator("#remarks.problem").count() == 0
    assert page.locator("#teach-options[open]").count() == 0


def test_what_cannot_be_learnt_gets_a_sentence(visit: Open, tmp_path: Path) -> None:
    page = visit()
    problem = page.locator("#teach .problem:not(:empty)")
    huge, broken = tmp_path / "huge.txt", tmp_path / "broken.txt"
    huge.write_bytes(b"".join(b"%d\n" % number for number in range(10_000_000)))
    page.set_input_files("#file", huge)
    problem.wait_for()
    told = problem.inner_text()
    assert re.search(r"\d", told)
    assert len(told) < 300
    broken.write_bytes(bytes(range(256)) * 40)
    page.set_input_files("#file", broken)
    page.wait_for_function(
        "(before) => document.querySelector('#teach .problem:not(:empty)')?.innerText !== before",
        arg=told,
    )
    assert len(problem.inner_text()) < 300
    page.select_option("#shelf", " example-stars")
    page.wait_for_function("() => document.getElementById('preview-summary').textContent === '60 names.'")
    assert problem.count() == 0


@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(visit: Open, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    for place in (1, 4):
        page.locator("#results .star").nth(place).click()
    page.locator("#results .no").nth(2).click()
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        screenshot(page, f"workshop-{width}-{scheme}")
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
