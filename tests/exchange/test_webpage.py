"""Exported pages, opened from the disk in a browser without a network: they say what Python says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from browser import ROOT, Watched, screenshot, violations
from examples import (
    NAMES,
    endless_ngram,
    random_network,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
)
from rounding import rounding

import mangosaurus
from mangosaurus.errors import OptionError, OutputError
from mangosaurus.exchange.webpage import ENGINE, webpage, write_webpage
from mangosaurus.known import Known
from mangosaurus.model import Model
from mangosaurus.models.blend import DocumentMixture, Product
from mangosaurus.models.interface import CharModel, predict
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.training.kneser_ney import build_ngram
from mangosaurus.vocabulary import Vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LARGEST = 1_500_000
TOLERANCE = rounding(np.float32, 40 * 24, size=4)
"""Of natural logarithms, in networks of 24 units that have read 40 symbols. The page may differ by 1e-3 nats."""

Opened = Callable[..., AbstractContextManager["Visited"]]


def _gru_and_rnn() -> Mixture:
    """Networks of every depth and cell that `small_mixture` has not."""
    ngram = small_ngram(5)
    networks = [
        random_network(ngram.vocabulary, "gru", 7, 2, seed=1),
        random_network(ngram.vocabulary, "rnn", 9, 3, seed=2, scale=0.3),
        random_network(ngram.vocabulary, "lstm", 5, 2, seed=3),
    ]
    return Mixture(ngram, networks, np.random.default_rng(3).uniform(0, 0.5, (8, 2)))


def _ngram_of(names: list[str], order: int = 4) -> NGram:
    vocabulary = Vocabulary.of(names)
    return build_ngram([vocabulary.encode(name) for name in names], vocabulary, order)


SCRIPTS = ["Ångström", "é́tude", "𝒜da", "𝒜𐍈a", "😀ñandú", "さくら", "שלום", "Ελένη", "a\u200db", "ﬁn"]

COMPOSING = ["q\u0301ea", "bq\u0301e", "eq\u0323\u0301a", "leq\u0301", "ebq\u0323", "ne", "ela", "bel", "tele", "lena"]
"""Of their samples many are not in NFC: e and a mark make another letter."""

MODELS: dict[str, Callable[[], CharModel]] = {
    "an n-gram": lambda: small_ngram(4),
    "a unigram": lambda: small_ngram(1),
    "a mixture": small_mixture,
    "other cells": _gru_and_rnn,
    "labels": small_labelled,
    "labels without networks": lambda: small_labelled(networks=0),
    "a product": lambda: Product([small_mixture(), _ngram_of(["Zoë", "leo", "noé"])], [0.7, 0.3]),
    "a mixture of documents": lambda: DocumentMixture([small_mixture(), _ngram_of(["Zoë", "leo", "noé"])], [0.6, 0.4]),
    "a blend with labels": lambda: Product([small_labelled(), small_ngram(3)], [0.5, 0.5]),
    "scripts": lambda: _ngram_of(SCRIPTS),
    "marks": lambda: _ngram_of(COMPOSING, 2),
}


def model_of(distribution: CharModel, kind: Any = "names", known: list[str] = NAMES) -> Model:
    return Model(distribution, kind, Known.of(known), {"longest": 9, "documents": len(known)})


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
        assert fetched == [path.as_uri()]

    return open_page


def sample(visited: Visited, **options: Any) -> Any:
    return visited.page.evaluate("options => mangosaurus.sample(options)", options)


def write(visited: Visited, **options: Any) -> Any:
    return visited.page.evaluate("options => mangosaurus.write(options)", options)


def log_probabilities(visited: Visited, text: str, **options: Any) -> np.ndarray[Any, Any]:
    rows = visited.page.evaluate(
        """([text, options]) => mangosaurus.logProbabilities(text, options).then(
            (rows) => rows.map((row) => Array.from(row, (log) => (log === -Infinity ? -1e300 : log))))""",
        [text, options],
    )
    found = np.array(rows)
    return np.where(found == -1e300, -np.inf, found)


def in_javascript(asked: dict[str, Any]) -> dict[str, Any]:
    """Python's options as the page spells them."""
    return {re.sub(r"_(\w)", lambda place: place[1].upper(), name): value for name, value in asked.items()}


def same(found: list[str], wanted: list[str]) -> int:
    assert len(found) == len(wanted)
    return sum(a == b for a, b in zip(found, wanted, strict=True))


WISHES: list[dict[str, Any]] = [
    {},
    {"temperature": 0.6},
    {"suffix": "a"},
    {"min_length": 6, "max_length": 8},
    {"max_length": 3},
]


@pytest.mark.parametrize("name", MODELS)
def test_log_probabilities_and_names_are_python_s(name: str, opened: Opened) -> None:
    distribution = MODELS[name]()
    model = model_of(distribution)
    texts = [*(SCRIPTS if name == "scripts" else NAMES[::5]), ""]
    texts += [] if name == "scripts" else ["zo" if name == "a product" else "nnnnnnnnn", "lllaaaeeemmm"]
    texts = [text for text in texts if set(text) <= set(model.vocabulary.characters)]
    with opened(model) as visited:
        for text in texts:
            wanted = predict(distribution, [model.vocabulary.encode(text)])[0]
            found = log_probabilities(visited, text)
            assert found.shape == wanted.shape
            np.testing.assert_allclose(np.exp(found), np.exp(wanted), atol=TOLERANCE)
            kept = wanted > -100
            np.testing.assert_allclose(found[kept], wanted[kept], atol=TOLERANCE)
        for seed, asked in enumerate(WISHES):
            if name == "scripts" and "suffix" in asked:
                asked = {"prefix": "𝒜", "suffix": "a"}
            told = sample(visited, n=15, seed=seed, **in_javascript(asked))
            names = model.sample(15, seed=seed, **asked)
            assert same(told["names"], list(names)) == len(names), asked
            counts = (names.drawn, names.known, names.repeated, names.too_long, names.empty, names.unmet)
            assert tuple(told[key] for key in ("drawn", "known", "repeated", "tooLong", "empty", "unmet")) == counts
            assert told["exact"] == names.exact
        assert names.too_long > 0


def test_the_bundled_model_writes_the_same_names_for_every_seed_and_wish(opened: Opened) -> None:
    model = mangosaurus.load()
    wishes: list[tuple[int, dict[str, Any]]] = [
        (100, {"seed": 1}),
        (100, {"seed": 2**64 - 1}),
        (100, {"seed": 7, "temperature": 1.3}),
        (100, {"seed": 7, "temperature": 0.5}),
        (5, {"seed": 1, "temperature": 0}),
        (100, {"seed": 3, "prefix": "Tyr"}),
        (50, {"seed": 3, "max_length": 6}),
        (20, {"seed": 11, "min_length": 16}),  # which little more than a tenth of its names have
        (10, {"seed": 11, "suffix": "n"}),  # and this little less
        (10, {"seed": 11, "min_length": 25}),  # where some proposals weigh more than the ceiling
        (100, {"seed": 4, "suffix": "saurus", "min_length": 10}),
        (40, {"seed": 6, "prefix": "A", "suffix": "don", "min_length": 7, "max_length": 11}),
        (10, {"seed": 9, "prefix": "Quet", "suffix": "xix", "temperature": 1.2}),
    ]
    with opened(model, "dinosaurs.html") as visited:
        for n, asked in wishes:
            names = model.sample(n, **asked)
            told = sample(visited, n=n, **in_javascript(asked | {"seed": str(asked["seed"])}))
            assert same(told["names"], list(names)) == len(names), asked
            assert told["drawn"] == names.drawn
            assert told["exact"] == names.exact
            if names.probability is not None and told["probability"] is not None:
                assert told["probability"] == pytest.approx(names.probability, rel=1e-4)
            if names.effective is not None:
                assert told["effective"] == pytest.approx(names.effective, rel=1e-4)
        found = log_probabilities(visited, "Tyrannosaurus")
        assert np.abs(found - predict(model.distribution, [model.vocabulary.encode("Tyrannosaurus")])[0]).max() < 1e-5


def test_labels_are_chosen_and_blended(opened: Opened) -> None:
    model = model_of(small_labelled())
    assert isinstance(model.distribution, Labelled)
    with opened(model) as visited:
        for label in ("boy", "girl", {"boy": 0.6, "girl": 1.4}):
            of_label = model.with_label(label)
            found = log_probabilities(visited, "manuela", label=label)
            wanted = predict(of_label.distribution, [model.vocabulary.encode("manuela")])[0]
            np.testing.assert_allclose(found, wanted, atol=TOLERANCE)
            for asked in WISHES[1:3]:
                names = of_label.sample(5, seed=4, **asked)
                assert same(sample(visited, n=5, seed=4, label=label, **asked)["names"], list(names)) == len(names)
        with pytest.raises(Exception, match="no label “cat”"):
            sample(visited, label="cat")
        visited.page.select_option("#label", "girl")
        visited.page.fill("#seed", "4")
        visited.page.click(".primary")
        visited.page.wait_for_selector("#stop", state="hidden")
        shown = visited.page.locator("#results li").all_text_contents()
        assert shown == list(model.with_label("girl").sample(20, seed=4))
        assert violations(visited.page) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('sample({sufix: "x"})', "there is no option “sufix”; the options are n, prefix,"),
        ("sample({n: 2, max_length: 3})", "there is no option “max_length”"),
        ("write({promt: 'a'})", "there is no option “promt”; the options are prompt,"),
        ("logProbabilities('a', {lable: 'x'})", "there is no option “lable”; the options are label"),
    ],
)
def test_an_option_that_there_is_not_is_refused_by_name(opened: Opened, call: str, message: str) -> None:
    with opened(model_of(small_ngram())) as visited, pytest.raises(Exception, match=message):
        visited.page.evaluate(f"mangosaurus.{call}")


def test_a_model_whose_names_never_end_is_given_up(opened: Opened) -> None:
    model = Model(endless_ngram(), "names", Known.of([]), {"longest": 500})
    with opened(model) as visited:
        found, told = model.sample(1, seed=3), sample(visited, n=1, seed=3)
        assert found.given_up
        assert told["names"] == []
        assert (told["drawn"], told["tooLong"], told["givenUp"]) == (found.drawn, found.too_long, True)
        visited.page.fill("#count", "1")
        visited.page.click(".primary")
        visited.page.wait_for_selector("#stop", state="hidden")
        assert "the search stopped at its limit" in (visited.page.text_content("#remarks") or "")


def test_what_the_guide_shows_to_programs_runs(opened: Opened) -> None:
    guide = (ROOT / "docs" / "guides" / "one-html-file.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```js\n(.*?)```", guide, re.DOTALL)
    of_names, of_texts = shown.split("const { text }")
    model = model_of(_ngram_of(["San Remo", "San Rocco", "Savona", "Siena", "Sanremo", "Salerno", "San Siro"]))
    with opened(model) as visited:
        names, seed, places = visited.page.evaluate(
            f"(async () => {{ {of_names}\n return [names, seed, [before, ...behind].length]; }})()"
        )
        assert names == list(model.sample(10, prefix="San", max_length=9, seed=7))
        assert (seed, places) == (7, 4)
    model = model_of(_ngram_of(["It was late.", "It was so."]), "text")
    with opened(model) as visited:
        text = visited.page.evaluate(f"(async () => {{ const {{ text }} {of_texts}\n return text; }})()")
        assert text == "".join(model.stream("It was ", length=200, seed=7))


def test_texts_go_on_as_in_python(opened: Opened) -> None:
    sonnets = mangosaurus.load("sonnets")
    with opened(sonnets, "sonnets.html") as visited:
        texts: list[dict[str, Any]] = [
            {"prompt": "Shall I compare thee to ", "length": 300, "seed": 5},
            {"prompt": "", "length": 100, "seed": 6, "temperature": 0.5},
            {"prompt": "O “thou”,\r\nmy lovely", "length": 200, "seed": 7, "fold": True, "until": "\n"},
            {"prompt": "And", "length": 30, "seed": 8, "temperature": 0},
        ]
        for asked in texts:
            assert write(visited, **asked)["text"] == "".join(sonnets.stream(**asked))
        with pytest.raises(Exception, match="never seen the character “ß”"):
            write(visited, prompt="ß")
        found = log_probabilities(visited, "Thou art")
        np.testing.assert_allclose(
            found, predict(sonnets.distribution, [sonnets.vocabulary.encode("Thou art")])[0], atol=TOLERANCE
        )
    books = model_of(small_mixture(), "text")  # several texts, which end
    with opened(books) as visited:
        for seed in range(5):
            told = write(visited, prompt="an", seed=seed, length=60)
            assert told["text"] == "".join(books.stream("an", seed=seed, length=60))
        assert told["reason"] == "ended"
    marks = model_of(_ngram_of(COMPOSING, 1), "text")
    with opened(marks) as visited:
        for seed in range(20):
            assert write(visited, prompt="e", seed=seed)["text"] == "".join(marks.stream("e", seed=seed))


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


@pytest.mark.parametrize(
    "lacking",
    ["delete window.Worker;", "delete window.Worker; delete window.WebAssembly;"],
    ids=["a worker", "WebAssembly"],
)
def test_it_does_without(lacking: str, opened: Opened) -> None:
    model = mangosaurus.load()
    with opened(model, "dinosaurs.html", before=lacking) as visited:
        assert sample(visited, n=30, seed=1)["names"] == list(model.sample(30, seed=1))
        visited.page.fill("#seed", "2")
        visited.page.click(".primary")
        visited.page.wait_for_selector("#stop", state="hidden")
        assert visited.page.locator("#results li").all_text_contents() == list(model.sample(20, seed=2))


def test_the_form_asks_and_shows(opened: Opened) -> None:
    model = mangosaurus.load()
    with opened(model, "dinosaurs.html", viewport={"width": 1280, "height": 900}) as visited:
        page = visited.page
        page.wait_for_selector("#results li >> nth=19")  # some are there without asking
        assert page.title() == page.text_content("h1") == "Dinosaurs"
        for field, value in (("prefix", "A"), ("suffix", "don"), ("min-length", "7"), ("max-length", "11")):
            page.fill(f"#{field}", value)
        for field, value in (("seed", " 6 "), ("count", "12"), ("temperature-number", "1.1")):
            page.fill(f"#{field}", value)
        page.press("#seed", "Enter")
        page.wait_for_selector("#stop", state="hidden")
        wanted = model.sample(12, prefix="A", suffix="don", min_length=7, max_length=11, seed=6, temperature=1.1)
        assert page.locator("#results li").all_text_contents() == list(wanted)
        assert page.input_value("#temperature") == "1.1"
        assert "Seed 6. One name in about" in (page.text_content("#remarks") or "")
        page.wait_for_selector("#status:text-matches('^12 names')", state="attached")
        with page.expect_download() as download:
            page.click("#save")
        assert download.value.suggested_filename == "dinosaurs.txt"
        assert Path(download.value.path()).read_text(encoding="utf-8") == "".join(f"{name}\n" for name in wanted)
        assert violations(page) == []
        screenshot(page, "export-names")


IMPOSSIBLE: list[tuple[dict[str, str], str]] = [
    ({"prefix": "¿"}, "never seen the character “¿”"),
    ({"suffix": "x😀"}, "never seen the character “😀”"),
    ({"min-length": "9", "max-length": "8"}, "9 characters or more and at most 8"),
    ({"prefix": "Tyr", "suffix": "saurus", "max-length": "8"}, "9 characters, and at most 8"),
    ({"prefix": "Tyranno", "max-length": "3"}, "7 characters, and at most 3"),
    ({"count": "0"}, "from 1 to 1,000"),
    ({"count": "2.5"}, "from 1 to 1,000"),
    ({"seed": "-1"}, "from 0 to 18446744073709551615"),
    ({"seed": "18446744073709551616"}, "from 0 to 18446744073709551615"),
    ({"seed": "no"}, "from 0 to 18446744073709551615"),
    ({"temperature-number": "-1"}, "a number from 0 upwards"),
    ({"max-length": "1001"}, "from 1 to 1,000"),
]


def test_what_cannot_be_is_told_in_a_sentence(opened: Opened) -> None:
    with opened(mangosaurus.load(), "dinosaurs.html") as visited:
        page = visited.page
        for fields, words in IMPOSSIBLE:
            page.evaluate("document.getElementById('ask').reset()")
            for field, value in fields.items():
                page.fill(f"#{field}", value)
            page.click(".primary")
            page.wait_for_selector(f"#problem:has-text({json.dumps(words, ensure_ascii=False)})")
            assert page.locator("#results li").count() == 0
        assert violations(page) == []
        page.evaluate("document.getElementById('ask').reset()")
        page.click(".primary")
        page.wait_for_selector("#results li >> nth=19")
        assert page.text_content("#problem") == ""


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
    model = model_of(_ngram_of(HOSTILE, 3), known=["other"])
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
        visited.page.fill("#seed", "1")
        visited.page.click(".primary")
        visited.page.wait_for_selector("#stop", state="hidden")
        shown = visited.page.evaluate(
            "Array.from(document.querySelectorAll('#results li'), (item) => item.textContent)"
        )
        assert shown == list(model.sample(20, seed=1))
        assert visited.page.locator("#results li *").count() == 0
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
            for width in (1280, 360):
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
    assert page.count("<script") == page.count("</script>") == 4
    assert page.count("'sha256-") == 3
    assert "{{" not in re.sub(r'<script id="(engine|model|facts)".*?</script>', "", page, flags=re.DOTALL)


def test_every_file_of_the_engine_is_in_the_page() -> None:
    folder = Path(mangosaurus.__file__).parent / "exchange" / "browser" / "engine"
    assert {path.stem for path in folder.iterdir()} == set(ENGINE)


def test_facts_are_safe_json() -> None:
    model = model_of(_ngram_of(HOSTILE, 2))
    found = re.search(r'<script id="facts" type="application/json">(.*?)</script>', webpage(model, "x"), re.DOTALL)
    assert found
    assert "<" not in found[1]
    assert found[1].isascii()
    assert json.loads(found[1])["characters"] == list(model.vocabulary.characters)


def test_what_cannot_be_exported_is_said() -> None:
    window = model_of(small_window_model(), "text")
    for model in (window, model_of(Product([small_window_model(), small_ngram()], [0.5, 0.5]), "text")):
        with pytest.raises(OptionError, match="reading 5 characters afresh, which no page can run; n-grams, their"):
            webpage(model, "x")
    with pytest.raises(OptionError, match="one label of a model; export the whole model"):
        webpage(model_of(small_labelled()).with_label("boy"), "x")


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    model, path = model_of(small_ngram()), tmp_path / "a-b__c.html"
    (note,) = write_webpage(model, path)
    assert note == "4-gram, as a page of 0.1 MB that writes names in any browser, without a network"
    first = path.read_bytes()
    assert b"<title>A b c</title>" in first
    with pytest.raises(OutputError, match="exists already"):
        write_webpage(model_of(small_ngram(3)), path)
    assert path.read_bytes() == first
    write_webpage(model_of(small_ngram(3)), path, overwrite=True)
    assert path.read_bytes() != first
    assert [each.name for each in tmp_path.iterdir()] == ["a-b__c.html"]
    write_webpage(model, tmp_path / "-.html")
    assert "<title>Names</title>" in (tmp_path / "-.html").read_text(encoding="utf-8")
