"""The whole page: accessible in every view, light and dark, narrow and wide, by keyboard alone, and small."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from browser import ROOT, screenshot, violations
from visits import Visits, learnt, mark_names, names_in, started, train

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BROWSER = ROOT / "src/mangosaurus/browser"
FILES = [file for folder in ("controls", "served", "style") for file in (BROWSER / folder).iterdir()]
FILES.remove(BROWSER / "style/workshop.css")


def open_view(visit: Visits, view: str, **options: Any) -> Page:
    """A view with something in it."""
    page = visit(f"#{view}", **options)
    names = page.locator("#results li a")
    names.first.wait_for(state="attached")
    if view == "names":
        for place in (1, 4, 8):
            page.locator("#results .star").nth(place).click()
    if view == "text":
        page.fill("#text-seed", "4")
        page.click("#write button.primary")
        page.wait_for_selector("#sheet-more:enabled")
    if view == "surprise":
        page.wait_for_selector("#bars li")
    return page


@pytest.mark.parametrize("view", ["names", "text", "surprise"])
def test_axe_finds_nothing_and_on_a_phone_nothing_sticks_out(visit: Visits, view: str) -> None:
    page = open_view(visit, view, reduced_motion="reduce")
    page.mouse.move(0, 0)
    for width in (360, 320, 400):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, width
        if width == 360:
            screenshot(page, f"{view}-phone")
    page.set_viewport_size({"width": 1280, "height": 800})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        screenshot(page, f"{view}-desktop-{scheme}")
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true })")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


def test_by_keyboard_alone(visit: Visits) -> None:
    page = visit()
    names_in(page)

    def focused() -> str:
        return str(page.evaluate("() => document.activeElement.id || document.activeElement.textContent.trim()"))

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if focused() == name:
                outline = "() => getComputedStyle(document.activeElement).outlineStyle"
                assert page.evaluate(outline) == "solid", name
                return
        pytest.fail(f"{name} is not reached with the Tab key")

    page.keyboard.press("Tab")
    assert focused() == "Skip to the content"
    page.keyboard.press("Enter")
    assert focused() == "main"
    tab_to("list")
    page.keyboard.type("Anna\nHannah\nJohanna\nSusanna\nMarianna\n")
    tab_to("seconds")
    page.keyboard.press("Home")
    assert page.input_value("#seconds ~ input") == "0"
    tab_to("Train")
    mark_names(page)
    page.keyboard.press("Enter")
    learnt(page)
    tab_to("training-close")
    page.keyboard.press("Enter")
    assert focused() == "Make names"
    tab_to("More rules")
    page.keyboard.press("Enter")
    tab_to("known")
    page.keyboard.press("Space")
    tab_to("count")
    with page.expect_response(lambda answer: answer.url.endswith("/sample")):
        page.keyboard.press("Enter")
    page.wait_for_selector("#results:not([aria-busy])")
    names = names_in(page)
    tab_to(names[0])
    page.keyboard.press("ArrowDown")
    assert focused() == names[1]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert names_in(page, "favourites") == [names[1]]
    page.keyboard.press("Shift+Tab")
    assert focused() == "results-csv"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused() == "favourites-copy"


def test_going_to_a_view_moves_the_focus_to_its_heading(visit: Visits) -> None:
    page = visit()
    page.click("nav a:text('A text')")
    page.wait_for_selector("#text-title:focus")
    assert page.title() == "A text – Mangosaurus"
    assert page.locator("nav [aria-current=page]").all_text_contents() == ["A text"]
    assert page.locator("h1:visible").count() == 1


def test_a_theme_is_chosen_and_stays(visit: Visits) -> None:
    page = visit(color_scheme="light")
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.click("#theme")
    assert page.evaluate(background) == light
    page.click("#theme")
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    assert page.inner_text("#theme") == "Theme: dark"


def test_the_token_goes_with_every_request_and_a_server_that_is_gone_is_told(chrome: Browser, tmp_path: Path) -> None:
    with started(tmp_path, "dinosaurs", "--token", "some secret words") as site:
        visits = Visits(chrome, site=site, refusals={401}, headers={"Authorization": "Bearer some secret words"})
        page = visits()
        page.wait_for_selector("#banner:text('token')")
        page.goto(f"{site.address}?token=some+secret+words#names")
        assert len(names_in(page)) == 20
        assert page.url == f"{site.address}#names"
        page.reload()
        assert len(names_in(page)) == 20
        with page.expect_download() as begun:
            page.click("#model-download")
        assert begun.value.path().stat().st_size > 100_000
        visits.end()
        page = visits("?token=some+secret+words")
        names_in(page)
    page.click("#ask button.primary")
    page.wait_for_selector("#ask-problem:text('The server does not answer. Is it still running?')")
    page.context.close()


def test_a_server_that_is_gone_amid_a_training_is_told_at_once(chrome: Browser, tmp_path: Path) -> None:
    with started(tmp_path, "dinosaurs") as site:
        visits = Visits(chrome, site=site)
        page = visits()
        train(page, "Anna\nBert\nClara\nDora\n", 600)
        page.wait_for_selector("#training-state:text('raining')")
    page.wait_for_selector("#training-problem:text('was lost')")
    page.context.close()


def test_all_files_together_are_small() -> None:
    assert len(FILES) > 10
    assert sum(path.stat().st_size for path in FILES) <= 152_000


def test_every_file_is_loaded_and_none_is_missing(visit: Visits) -> None:
    page = visit()
    names_in(page)
    loaded = {url.rsplit("/", 1)[1] for url in visit.requests if "/page/" in url}
    needed = {path.name for path in FILES if path.suffix != ".html"}
    assert loaded == needed - {"docs.css"}  # which is of /docs
    shadowed = (
        "form => [...form.elements].map(each => each.id || each.name).filter(id => id in HTMLFormElement.prototype)"
    )
    assert page.locator("form").evaluate_all(f"forms => forms.flatMap({shadowed})") == []
    index = page.request.get(visit.site.address).text()
    assert "{{" not in index
    assert not re.search(r"\sstyle=|\son\w+=|<style|https?://", index)
    everything = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert not re.search(r"[\"'`]/(api|page)", everything)  # so that it works under any path
