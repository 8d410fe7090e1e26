"""Exported pages, opened from the disk in a browser without a network. What they write is tested in `test_engine`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from browser import ROOT, Watched, screenshot, violations
from examples import NAMES, endless_ngram, small_labelled, small_ngram, small_window_model

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import OptionError
from mangosaurus.formats import pages
from mangosaurus.formats.webpage import webpage, write_webpage
from mangosaurus.models.blend import Product
from mangosaurus.models.interface import CharModel

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LARGEST = 1_620_000
Opened = Callable[..., AbstractContextManager["Visited"]]


def model_of(distribution: CharModel, kind: Any = "names", known: list[str] = NAMES) -> Model:
    return Model(distribution, kind, DocumentHashes.of(known), {"longest": 9, "documents": len(known)})


class Visited(Watched):
    """A page that was exported."""

    page: Page


@pytest.fixture
def opened(chrome: Browser, tmp_path: Path) -> Opened:
    """Exports a model and opens the page offline; it may ask for nothing else and complain of nothing."""

    @contextmanager
    def open_page(model: Model, name: str = "some-names.html", before: str = "", **options: Any) -> Iterator[Visited]:
        path = tmp_path / name
        write_webpage(model, path, overwrite=True)
        visited = Visited(chrome)
        visited.page = visited.open(offline=True, **options)
        if before:
            visited.page.add_init_script(before)
        visited.page.goto(path.as_uri())
        yield visited
        visited.page.context.close()
        assert visited.complaints == []
        fetched = [address for address in visited.requests if not address.startswith("blob:")]
        assert set(fetched) == {path.as_uri()}

    return open_page


def sample(visited: Visited, **options: Any) -> Any:
    return visited.page.evaluate("options => mangosaurus.sample(options)", options)


def ask(page: Page, **fields: str) -> list[str]:
    """The names that the form gets when these fields of it are filled, by their options."""
    page.evaluate("document.getElementById('rules').open = true")
    for option, value in fields.items():
        page.fill(f"#ask [data-option={option}]", value)
    page.evaluate("document.getElementById('remarks').textContent = ''")
    page.click("#ask .primary")
    page.wait_for_selector("#results:not([aria-busy])", state="attached")
    return page.locator("#results .name").all_text_contents()


def test_a_label_is_chosen_in_the_form(opened: Opened) -> None:
    model = model_of(small_labelled())
    with opened(model) as visited:
        page = visited.page
        page.select_option("#label", "girl")
        assert ask(page, seed="4") == list(model.with_label("girl").sample(20, seed=4))
        assert violations(page) == []


def test_programs_get_an_error_for_what_is_refused(opened: Opened) -> None:
    with opened(model_of(small_ngram())) as visited, pytest.raises(Exception, match="there is no option 'sufix'"):
        sample(visited, sufix="x")


def test_a_search_that_was_given_up_is_said(opened: Opened) -> None:
    with opened(Model(endless_ngram(), "names", DocumentHashes.of([]), {"longest": 500})) as visited:
        ask(visited.page, n="1")
        assert "the search stopped at its limit" in (visited.page.text_content("#remarks") or "")


def test_what_the_guide_shows_to_programs_runs(opened: Opened) -> None:
    guide = (ROOT / "docs" / "guides" / "one-html-file.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```js\n(.*?)```", guide, re.DOTALL)
    of_names, of_texts = shown.split("const { text }")
    model = model_of(small_ngram(4, ["San Remo", "San Rocco", "Savona", "Siena", "Sanremo", "Salerno", "San Siro"]))
    with opened(model) as visited:
        names, seed, places = visited.page.evaluate(
            f"(async () => {{ {of_names}\n return [names, seed, [first, ...next].length]; }})()"
        )
        assert names == list(model.sample(10, prefix="San", max_length=9, seed=7))
        assert (seed, places) == (7, 4)
    model = model_of(small_ngram(4, ["It was late.", "It was so."]), "text")
    with opened(model) as visited:
        text = visited.page.evaluate(f"(async () => {{ const {{ text }} {of_texts}\n return text; }})()")
        assert text == "".join(model.stream("It was ", length=200, seed=7))


def test_a_text_is_written_on_the_page_and_stopped(opened: Opened) -> None:
    sonnets = mangosaurus.load("sonnets")
    with opened(sonnets, "sonnets.html", viewport={"width": 1280, "height": 900}) as visited:
        page = visited.page
        page.fill("#prompt", "Shall I compare thee to ")
        page.fill("#seed", "5")
        page.click(".primary")
        page.wait_for_selector("#more:enabled")
        wanted = "Shall I compare thee to " + "".join(
            sonnets.stream("Shall I compare thee to ", seed=5, length=400, temperature=0.7)
        )
        assert page.text_content("#results") == wanted
        assert violations(page) == []
        screenshot(page, "export-text")
        page.fill("#length", "100000")
        page.click(".primary")
        page.wait_for_selector("#results:text-matches('.{200}', 's')")
        page.click("#stop")
        page.wait_for_selector("#stop", state="hidden")
        assert 200 < len(page.text_content("#results") or "") < 100_000
        assert page.evaluate("document.activeElement.textContent") == "Write"


def test_it_does_without_a_worker(opened: Opened) -> None:
    model = mangosaurus.load()
    with opened(model, "dinosaurs.html", before="delete window.Worker;") as visited:
        assert sample(visited, n=30, seed=1)["names"] == list(model.sample(30, seed=1))
        assert ask(visited.page, seed="2") == list(model.sample(20, seed=2))


def test_the_form_asks_and_shows(opened: Opened) -> None:
    model = mangosaurus.load()
    with opened(model, "dinosaurs.html", viewport={"width": 1280, "height": 900}) as visited:
        page = visited.page
        page.wait_for_selector("#results li >> nth=19")  # some are there without asking
        assert page.title() == page.text_content("h1") == "Dinosaurs"
        fields = {"prefix": "A", "suffix": "don", "min_length": "7", "max_length": "11", "seed": " 6 ", "n": "12"}
        names = ask(page, **fields, temperature="1.1")
        wanted = model.sample(12, prefix="A", suffix="don", min_length=7, max_length=11, seed=6, temperature=1.1)
        assert names == list(wanted)
        assert page.input_value("#temperature") == "1.1"
        told = page.text_content("#remarks") or ""
        assert re.match(r"[\d.]+ % of the model's names that begin so fit the other rules\. .*Seed 6\.", told)
        page.wait_for_selector("#status:text-matches('^12 names')", state="attached")
        with page.expect_download() as download:
            page.click("#results-save")
        assert download.value.suggested_filename == "Dinosaurs-names.txt"
        assert Path(download.value.path()).read_text(encoding="utf-8") == "".join(f"{name}\n" for name in wanted)
        page.locator("#results .star").nth(2).click()
        page.reload()
        assert page.locator("#favourites .name").all_text_contents() == [wanted[2]]
        assert violations(page) == []
        screenshot(page, "export-names")


IMPOSSIBLE = (
    ({"prefix": "¿"}, "prefix", "never seen the character '¿'"),
    ({"min_length": "9", "max_length": "8"}, "min_length", "no name has both"),
    ({"pattern": "(a"}, "pattern", "“Pattern”"),
)


def test_what_cannot_be_is_told_at_its_field(opened: Opened) -> None:
    with opened(mangosaurus.load(), "dinosaurs.html") as visited:
        page = visited.page
        for fields, field, words in IMPOSSIBLE:
            page.evaluate("document.getElementById('ask').reset()")
            ask(page, **fields)
            page.wait_for_selector(f"#ask .at-field:has-text({json.dumps(words, ensure_ascii=False)})")
            assert page.evaluate("document.activeElement.dataset.option") == field
        assert violations(page) == []
        page.evaluate("document.getElementById('ask').reset()")
        ask(page, seed="no")
        assert page.evaluate("document.activeElement.matches('[data-option=seed]:invalid')")
        assert len(ask(page, seed="")) == 20
        assert page.locator("#ask .at-field").count() == 0


def test_what_an_engine_cannot_do_is_not_offered(opened: Opened) -> None:
    with opened(mangosaurus.load(), "dinosaurs.html") as visited:
        page = visited.page
        names = ask(page, contains="a", avoid="Tyrannosaurus", max_repeat="1", seed="3")
        assert names == list(mangosaurus.sample(20, contains="a", avoid=["Tyrannosaurus"], max_repeat=1, seed=3))
        for hidden in ("[data-option=clean]", "[name=how]", "#steering", "#results a"):
            assert page.locator(hidden).locator("visible=true").count() == 0


GERMAN = {"make-names": "Namen machen", "n-names": {"one": "{n} Name", "other": "{n} Namen"}, "random": "zufällig"}


def test_a_page_speaks_the_language_of_its_reader(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = pages.words_tables()
    monkeypatch.setattr(pages, "words_tables", lambda: tables | {"de": GERMAN})
    with opened(mangosaurus.load(), "dinosaurs.html", locale="de-AT") as visited:
        page = visited.page
        ask(page, n="1")
        assert page.inner_text("#results-title") == "1 Name"
        assert page.inner_text("#ask .primary") == "Namen machen"
        assert page.get_attribute("[data-option=seed]", "placeholder") == "zufällig"
        assert page.get_attribute("html", "lang") == "de"
        assert page.inner_text("#results-copy") == "Copy all"
    with opened(mangosaurus.load(), "dinosaurs.html", locale="fr") as visited:
        assert len(ask(visited.page)) == 20
        assert visited.page.get_attribute("html", "lang") == "en"


HOSTILE = [
    "</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "'\"`{{model}}",
    "\u2028\u2029\0\x1b",
    "\u202egnp.exe",
]
HOSTILE += ["😀👩‍🚀", "&lt;b&gt;", "]]>${1}\\u003c", "עברית", "\ufeff\ufffe"]


def test_no_character_breaks_the_page(opened: Opened) -> None:
    model = model_of(small_ngram(3, HOSTILE), known=["other"])
    labelled = small_labelled()
    labelled.labels = ("</script><script>alert(1)//", "\"'><img src=x onerror=alert(2)>")
    name = "<b>&amp; {{facts}}'.html"
    with opened(model, name) as visited:
        for seed in range(3):
            told = sample(visited, n=50, seed=seed)
            assert told["names"] == list(model.sample(50, seed=seed))
        characters = visited.page.evaluate("mangosaurus.characters")
        assert characters == ["", *model.vocabulary.characters]
        assert visited.page.text_content("h1") == "<b>&amp; {{facts}}'"
        assert ask(visited.page, seed="1") == list(model.sample(20, seed=1))
        assert visited.page.locator("#results .name *").count() == 0
    with opened(model_of(labelled)) as visited:
        assert visited.page.locator("#label option").count() == 3
        assert sample(visited, n=5, seed=1, label=labelled.labels[0])["names"]


def test_neither_fetching_nor_foreign_scripts_are_allowed(opened: Opened) -> None:
    with opened(model_of(small_ngram())) as visited:
        refused = visited.page.evaluate(
            """() => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
                fetch("https://example.org/").catch(() => {});
            })"""
        )
        assert refused == "connect-src"
        markup = "<img src=x onerror='window.ran = true'><script>window.ran = true</script>"
        visited.page.evaluate(
            """markup => new Promise((resolve) => {
                document.addEventListener("error", () => setTimeout(resolve, 100), true);  // of the image
                document.body.insertAdjacentHTML("beforeend", markup);
            })""",
            markup,
        )
        assert visited.page.evaluate("window.ran") is None
        assert visited.complaints  # the browser's, about just these
        visited.complaints.clear()
        del visited.requests[1:]


def test_it_fits_every_width_and_both_schemes(opened: Opened) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    with opened(mangosaurus.load(), "dinosaurs.html", reduced_motion="reduce") as visited:
        page = visited.page
        page.wait_for_selector("#results li >> nth=19")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 375, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                screenshot(page, f"export-names-{scheme}-{width}")
            assert violations(page) == []


@pytest.mark.parametrize("name", ["dinosaurs", "sonnets"])
def test_the_page_of_a_bundled_model_is_small_and_whole(name: str) -> None:
    page = webpage(mangosaurus.load(name), "A title")
    assert len(page.encode()) < LARGEST
    assert page == webpage(mangosaurus.load(name), "A title")
    addresses = set(re.findall(r"https?://[^\s\"']+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert page.count("<script") == page.count("</script>") == 6
    assert page.count("'sha256-") == 4
    assert "{{" not in re.sub(r'<script id="(engine|model|facts|words)".*?</script>', "", page, flags=re.DOTALL)


def test_facts_are_safe_json() -> None:
    model = model_of(small_ngram(2, HOSTILE))
    found = re.search(r'<script id="facts" type="application/json">(.*?)</script>', webpage(model, "x"), re.DOTALL)
    assert found
    assert "<" not in found[1]
    assert found[1].isascii()
    assert json.loads(found[1])["characters"] == list(model.vocabulary.characters)


def test_what_cannot_be_exported_is_said() -> None:
    window = model_of(small_window_model(), "text")
    for model in (window, model_of(Product([small_window_model(), small_ngram()], [0.5, 0.5]), "text")):
        with pytest.raises(OptionError, match="with a window of 5 characters, which no page can run; n-grams, their"):
            webpage(model, "x")
    with pytest.raises(OptionError, match="one label of a model; export the whole model"):
        webpage(model_of(small_labelled()).with_label("boy"), "x")


def test_the_heading_is_the_file_s_name(tmp_path: Path) -> None:
    page = tmp_path / "a-b__c.html"
    (note,) = write_webpage(model_of(small_ngram()), page)
    megabytes = page.stat().st_size / 1e6
    assert note == f"4-gram, as a page of {megabytes:.1f} MB that writes names in any browser, without a network"
    assert "<title>A b c</title>" in page.read_text(encoding="utf-8")
    write_webpage(model_of(small_ngram()), tmp_path / "-.html")
    assert "<title>Names</title>" in (tmp_path / "-.html").read_text(encoding="utf-8")
