"""Training in the page: it is watched, stopped, cancelled and kept; names are never markup."""

from __future__ import annotations

import re
from pathlib import Path

from browser import screenshot
from conftest import ROOT
from visits import Visits, ask, learnt, mark_names, names_in, train

import mangosaurus

LINES = (ROOT / "src/mangosaurus/data/dinosaurs.txt").read_text(encoding="utf-8").splitlines(keepends=True)
SOME = "".join(LINES[:200])
MARKUP = "".join(f'<img src=x onerror="document.title={n}">\n<script>document.title={n}</script>\n' for n in range(8))
SCRIPTS = "محمد\nأحمد\nمحمود\nשלמה\nשלום\nสมชาย\nสมหญิง\n🦕🦖\n🦖🥭\n" + "Lopado" * 12 + "\n"
OVER = "#training-close:not([hidden])"


def test_a_list_is_learnt_while_one_watches_and_the_next_one_waits(visit: Visits) -> None:
    page, other = visit(), visit()
    names_in(page)
    train(page, SOME, 600)
    page.wait_for_selector("#training-stop:not([hidden])")
    train(other, "Anna\nHannah\nJohanna\n", 0)
    other.wait_for_selector("#training-state:text('Waiting: 1 training before it')")
    assert not other.is_visible("#training-stop")
    page.wait_for_selector("#chart path[d*=L]", state="attached")
    page.wait_for_selector("#snapshots li")  # on a busy machine few looks fit into the training
    screenshot(page, "training")
    told = re.search(r"fell from (.*) to (.*) nats per symbol", page.get_attribute("#chart", "aria-label") or "")
    assert told
    assert float(told[1]) >= float(told[2])
    assert page.locator("#chart path").count() == 1
    page.wait_for_selector("#training-state:text-matches(', loss [0-9.]+: [0-9]+ seconds left')")
    page.reload()  # it is found again
    page.wait_for_selector("#snapshots li")
    page.click("#training-stop")
    page.wait_for_selector(OVER)
    # The figure comes with the list of models, which is asked for anew.
    page.wait_for_selector(r"#training-state:text-matches('Stopped; .* is kept: \\d\\.\\d\\d nats')")
    page.wait_for_selector("#names-model option:checked:text('Aachenosaurus, Aardonyx, …')", state="attached")
    page.wait_for_selector("#results:not([aria-busy])")
    assert len(names_in(page)) == 20
    page.click("#training-close")
    assert not page.is_visible("#training")
    other.wait_for_selector(OVER)
    assert other.inner_text("#training-state").startswith("Trained")


def test_a_training_is_cancelled(visit: Visits) -> None:
    page = visit()
    names_in(page)
    models = page.locator("#names-model option").count()
    train(page, SOME, 600)
    page.wait_for_selector("#training-stop:not([hidden])")
    page.click("#training-cancel")
    page.wait_for_selector("#training-state:text('Cancelled')")
    assert page.is_visible(OVER)
    assert page.inner_text("#training-state") == "Cancelled; no model is kept"
    page.reload()
    names_in(page)
    assert page.locator("#names-model option").count() == models
    assert not page.is_visible("#training")


def test_a_text_is_told_from_a_list(visit: Visits) -> None:
    page = visit()
    names_in(page)
    train(page, "It was late, and it was the lark that sang, as the larks do when it is late in summer. " * 9)
    page.wait_for_selector(OVER)
    assert "one text" in page.inner_text("#preview-summary")
    page.click("#training-state a")
    assert page.locator("#text-model option:checked").inner_text() == "It was late, and it was, …"


def test_a_model_is_kept_on_the_server_and_forgotten(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.click("summary:text('Options')")
    page.fill("#called", "Städte & <b>Dörfer</b>")
    train(page, "Aachen\nAalen\nAhlen\nAhaus\nAurich\n" * 3)
    learnt(page)
    assert page.locator("#names-model option:checked").inner_text() == "Städte & <b>Dörfer</b>"
    page.click("#model-keep")
    page.wait_for_selector("#model-told:text('kept on the server')")
    assert not page.is_visible("#model-keep")
    assert page.evaluate("document.activeElement.id") == "names-model"
    (kept,) = visit.site.kept.glob("*.safetensors")
    assert len(mangosaurus.load(kept).known) == 5
    options = page.locator("#names-model option").count()
    page.select_option("#names-model", label="dinosaurs")
    assert not page.is_visible("#model-forget")
    train(page, "Anna\nHannah\nJohanna\n")
    page.wait_for_selector("#names-about:text('3 names')")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#model-forget")
    page.wait_for_selector("#model-told:text('is removed')")
    assert page.locator("#names-model option").count() == options


def test_a_list_of_markup_is_shown_as_text_and_nothing_runs(visit: Visits) -> None:
    page = visit()
    images = page.locator("img").count()
    names_in(page)
    page.click("summary:text('Options')")
    page.select_option("#format", "names")
    page.fill("#called", "<img src=x onerror=alert(1)>")
    train(page, MARKUP)
    learnt(page)
    page.click("#rules summary")
    page.check("#known")
    names = ask(page, n=30, contains="=x onerror=")
    assert any(name.startswith("<img src=x onerror=") for name in names)
    page.locator("#results .star").first.click()
    page.locator("#results a").first.click()
    page.wait_for_selector("#bars li")
    assert page.inner_text("#shaded").startswith("<")
    assert page.title() == "Surprise – Mangosaurus"
    assert page.locator("img").count() == images
    assert page.locator("main script").count() == 0


def test_names_of_all_scripts_and_lengths_fit(visit: Visits) -> None:
    page = visit(width=360, height=740)
    names_in(page)
    page.click("summary:text('Options')")
    page.select_option("#format", "names")
    train(page, SCRIPTS)
    learnt(page)
    page.click("#rules summary")
    page.check("#known")
    names = ask(page, n=60)
    assert any("\u0600" <= name[0] <= "\u06ff" for name in names)
    arabic = page.locator("#results li a", has_text=re.compile("^[\u0600-\u06ff]")).first
    assert arabic.evaluate("link => getComputedStyle(link).direction") == "rtl"
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    screenshot(page, "scripts-phone")


def test_a_press_counts_though_what_is_found_moves_the_button(visit: Visits) -> None:
    page = visit(height=1200)
    names_in(page)
    button = page.locator("#teach button.primary")
    before = button.bounding_box()
    assert before
    page.mouse.move(before["x"] + 20, before["y"] + before["height"] / 2)
    page.mouse.down()
    page.evaluate("""() => {
        document.querySelector("#seconds ~ input").value = 0;
        document.getElementById("list").value = "Anna\\nHannah\\nJohanna";
        document.getElementById("list").dispatchEvent(new Event("input"));
    }""")
    page.wait_for_selector("#preview-summary:text('3 names')")
    after = button.bounding_box()
    assert after
    assert after["y"] > before["y"] + before["height"]
    page.mouse.up()
    page.wait_for_selector(OVER)


def test_a_file_is_sent_as_it_is(visit: Visits, tmp_path: Path) -> None:
    visit.refusals.update({400, 422})
    page = visit()
    names_in(page)
    (tmp_path / "broken.txt").write_bytes(b"Anna\n\xff\xfe\xfa\n")
    (tmp_path / "towns.txt").write_text("San Marino\nSan Remo\nSavona\nSienna\n" * 3, encoding="utf-8")
    page.fill("#seconds ~ input", "0")
    page.set_input_files("#file", tmp_path / "broken.txt")
    page.click("#teach button.primary")
    page.wait_for_selector("#teach-options .problem:text('“Encoding')")
    page.set_input_files("#file", tmp_path / "towns.txt")
    assert page.inner_text("#chosen-name") == "towns.txt"
    page.wait_for_selector("#preview-summary:text('4 names, counted 12 times')")
    assert page.locator("#teach-options .problem").count() == 0
    mark_names(page)
    page.click("#teach button.primary")
    learnt(page)
    assert page.locator("#names-model option:checked").inner_text() == "towns"
    page.click("#unchoose")
    assert page.is_visible("#list")


def test_a_separator_that_is_not_there_is_said_at_its_field(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.click("#teach-options summary")
    page.fill("#separator", "~")
    train(page, "k a t\nt a k\np a t\nt ʃ i p\n")
    page.wait_for_selector("#teach .at-field:text('“Symbols are parted by”')")
    page.fill("#separator", "space")
    page.click("#teach button.primary")
    page.wait_for_selector("#names-about:text('4 names, 6 phonemes')")
    assert page.locator("#teach .at-field").count() == 0


def test_a_long_list_that_is_pasted_does_not_stop_the_page(visit: Visits) -> None:
    page = visit()
    page.fill("#list", "Anna\nBert")
    words = "\n".join(f"{'abcdefghij'[i % 10]}o{'klmnopqrst'[i // 10 % 10]}a{i}" for i in range(20_000))
    paste = """words => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text", words);
        const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
        document.getElementById("list").dispatchEvent(pasted);
    }"""
    page.evaluate(paste, words)
    page.wait_for_selector("#chosen-name:text('a pasted list')")
    page.fill("#seconds ~ input", "0")
    page.click("#teach button.primary")
    page.wait_for_selector("#preview-summary:text('20,002 names')")
    page.wait_for_selector("#training-close")


def test_nothing_to_learn_from_is_said(visit: Visits) -> None:
    page = visit()
    page.click("#teach button.primary")
    assert page.inner_text("#teach-problem") == "Paste names or choose a file first."
    assert page.evaluate("() => document.activeElement.id") == "list"
