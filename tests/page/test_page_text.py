"""The text view: the text grows, stops at once, and continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from browser import screenshot
from patience import soon
from visits import Visits

import mangosaurus

if TYPE_CHECKING:
    from playwright.sync_api import Page

DONE = "#write-stop:disabled"
PROMPT = "Shall I compare thee to "


def write(page: Page, length: int, **fields: str) -> None:
    page.wait_for_selector("#text-about:not(:empty)")
    page.fill("#write-length ~ input", str(length))
    for name, value in fields.items():
        page.fill(f"#{name.replace('_', '-')}", value)
    page.click("#write button.primary")


def sheet(page: Page) -> str:
    return page.locator("#sheet").text_content() or ""


def test_a_text_is_that_of_python_for_the_seed(visit: Visits) -> None:
    page = visit("#text")
    write(page, 120, text_seed="4")
    page.wait_for_selector("#sheet-state:text('as many as you asked for')")
    model = mangosaurus.load("sonnets")
    assert sheet(page) == model.write(PROMPT, length=120, temperature=0.7, seed=4)
    screenshot(page, "text-desktop-light")


def test_a_text_grows_and_is_stopped(visit: Visits) -> None:
    page = visit("#text")
    slow = {"offline": False, "latency": 0, "downloadThroughput": 4_000, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)  # bytes per second
    write(page, 10_000)
    lengths: list[int] = []
    for _ in range(3):
        longer = lengths[-1] if lengths else len(PROMPT)
        assert soon(lambda longer=longer: len(sheet(page)) > longer)  # type: ignore[misc]
        lengths.append(len(sheet(page)))
    assert lengths == sorted(set(lengths))
    assert page.get_attribute("#sheet", "aria-busy") == "true"
    page.click("#write-stop")
    page.wait_for_selector(DONE)
    stopped = sheet(page)
    assert lengths[-1] <= len(stopped) < 10_000
    assert "then stopped" in page.inner_text("#sheet-state")
    page.wait_for_timeout(300)
    assert sheet(page) == stopped


def test_it_goes_on_from_where_it_ended(visit: Visits) -> None:
    page = visit("#text")
    write(page, 30)
    page.wait_for_selector("#sheet-more:enabled")
    first = sheet(page)
    page.click("#sheet-more")
    page.wait_for_selector(DONE)
    page.wait_for_selector("#sheet-more:enabled")
    assert sheet(page).startswith(first)
    assert len(sheet(page)) == len(first) + 30
    with page.expect_download() as begun:
        page.click("#sheet-save")
    assert begun.value.path().read_text(encoding="utf-8") == sheet(page)


def test_it_stops_after_the_text_to_stop_after(visit: Visits) -> None:
    page = visit("#text")
    write(page, 2000, until="\\n")
    page.wait_for_selector("#sheet-state:text('text to stop after')")
    assert sheet(page).count("\n") == 1
    assert sheet(page).endswith("\n")


def test_an_unknown_character_is_told_or_read_as_another(visit: Visits) -> None:
    visit.refusals.add(422)
    page = visit("#text")
    page.uncheck("#fold")
    write(page, 20, prompt="Thou café ")
    page.wait_for_selector("#write .at-field:text('é')")
    page.check("#fold")
    write(page, 20)
    page.wait_for_selector("#sheet-state:text('as many as you asked for')")
    assert page.locator("#write .at-field").count() == 0
    assert sheet(page).startswith("Thou café ")


def test_a_character_that_nothing_replaces_is_told_at_the_prompt(visit: Visits) -> None:
    visit.refusals.add(422)
    page = visit("#text", height=720)
    write(page, 20, prompt="Привет")
    told = page.locator("#write .at-field:text('nothing replaces it')")
    told.wait_for()
    assert "nearest that it knows" not in told.inner_text()
    assert page.get_attribute("#prompt", "aria-invalid") == "true"
    page.wait_for_function(
        "() => document.querySelector('#write .at-field').getBoundingClientRect().bottom < innerHeight"
    )
