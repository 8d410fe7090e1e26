"""What a list is taken for, in the page: a preview, the columns of a table, and problems at their fields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from browser import screenshot, violations
from visits import Visits, names_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOWNS = "town;land;souls\nAalen;north;30\nBorken;south;12\nCelle;north;7\nDülmen;east;9\n"


def read_as(page: Page) -> tuple[str, list[str], list[str]]:
    """The summary, the notes and the first names of the preview."""
    texts = (page.locator(f"#preview-{each} li").all_inner_texts() for each in ("notes", "first"))
    notes, first = texts
    return page.inner_text("#preview-summary"), notes, first


def test_what_is_typed_is_read_and_what_is_stale_is_dropped(visit: Visits) -> None:
    page = visit()
    names_in(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if "/preview?" in request.url else None)
    page.type("#list", "Anna, Bob, Carl")
    page.wait_for_selector("#preview-summary:text('3 names')")
    assert read_as(page) == ("3 names.", ["3 names in one line, parted by commas."], ["Anna", "Bob", "Carl"])
    assert len(asked) < len("Anna, Bob, Carl")
    assert asked[-1] == "Anna, Bob, Carl"
    page.fill("#list", "It was late, and it was the lark that sang, as the larks do when it is late in summer. " * 9)
    page.fill("#list", "Anna\nBob\n")
    page.wait_for_selector("#preview-summary:text('2 names')")
    page.fill("#list", "")
    page.wait_for_selector("#preview", state="hidden")


def test_the_columns_of_a_table_are_chosen_by_keyboard(visit: Visits) -> None:
    page = visit(width=375)
    names_in(page)
    page.fill("#list", TOWNS)
    page.wait_for_selector("#columns .problem:text('choose it by “Names”')")
    assert "--" not in page.inner_text("#columns .problem")
    assert page.get_attribute("#column", "aria-describedby") == page.get_attribute("#columns .problem", "id")
    page.focus("#column")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#preview-summary:text('4 names')")
    assert page.locator("#columns .problem").count() == 0
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("#preview-summary:text('counted 58 times')")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("#preview-summary:text('3 labels')")
    _, notes, first = read_as(page)
    assert notes == ["A table of town, land, souls."]
    assert first == ["Aalen north × 30", "Borken south × 12", "Celle north × 7", "Dülmen east × 9"]
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
        assert violations(page) == []
        screenshot(page, f"preview-{width}")
    page.fill("#seconds ~ input", "0")
    page.click("#teach button.primary")
    page.wait_for_selector("#label option:nth-child(2)", state="attached")  # the model comes after the training
    assert page.locator("#label option").all_inner_texts()[1:] == ["east (9)", "north (37)", "south (12)"]
    page.fill("#list", "Anna\nBob\n")  # the columns were those of another list
    page.wait_for_selector("#preview-summary:text('2 names')")
    assert not page.is_visible("#columns")


def test_a_problem_stands_at_its_field_and_nothing_is_sent_to_be_learnt(visit: Visits, tmp_path: Path) -> None:
    page = visit()
    names_in(page)
    page.fill("#list", "<ul>\n<li>Anna</li>\n<li>Bob</li>\n</ul>\n")
    page.wait_for_selector("#teach-options .problem:text('“The list is: a list of names”')")
    page.click("#teach button.primary")
    page.wait_for_selector("#teach button.primary:enabled")
    assert not [url for url in visit.requests if "/api/corpora" in url]
    page.select_option("#format", "names")
    page.wait_for_selector("#preview-summary:text('4 names')")
    assert page.locator("#teach-options .problem").count() == 0
    (tmp_path / "towns.csv").write_bytes("name,souls\nDülmen,9\nLübbecke,25\nMünster,300\n".encode("cp1252"))
    page.select_option("#format", "")
    assert not page.is_visible("#file-encoding")
    page.set_input_files("#file", tmp_path / "towns.csv")
    page.select_option("#file-encoding", "cp1252")
    page.wait_for_selector("#preview-first bdi:text('Dülmen')")
    assert read_as(page)[2] == ["Dülmen", "Lübbecke", "Münster"]
    page.select_option("#file-encoding", "utf-8")
    page.wait_for_selector(".problem:text('line 2')")


def test_ten_megabytes_that_are_pasted_do_not_stop_the_page(visit: Visits) -> None:
    page = visit()
    names_in(page)
    paste = """lines => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text", "Annabella\\n".repeat(lines));
        const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
        document.getElementById("list").dispatchEvent(pasted);
    }"""
    page.evaluate(paste, 990_000)
    assert page.inner_text("#chosen-size") == "9.9 MB"
    page.click("summary:text('Options')")
    page.fill("#called", "large")  # while the server reads
    page.wait_for_selector("#preview-summary:not(:empty)")
    page.click("#unchoose")
    page.evaluate(paste, 1_010_000)
    page.wait_for_selector("#list-problem:text('10,000,000 at most')")
