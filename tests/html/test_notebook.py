"""What a notebook, and `print`, show of results: short, escaped, bounded, and with the stars."""

from __future__ import annotations

import re

import pytest
from examples import small_ngram
from pages_read import read_page

import mangosaurus
from mangosaurus import Model, OptionError, Samples
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.generation.ranking import Enough, Ranked, Ranking
from mangosaurus.generation.search import Top
from mangosaurus.html.notebook import LONGEST_CELL, MOST_ROWS

NAMES = ["Anna", "Hanna", "Johanna", "Susanna", "Marianna", "Rosanna"]
HOSTILE = "<script>alert(1)</script>\" onmouseover='x' \x1b[2J\u202e</style>"
RANKED = Ranked(HOSTILE, -1.5, 1.25, HOSTILE, 3, None, 9)


@pytest.fixture(scope="module")
def model() -> Model:
    return mangosaurus.like(NAMES)


def samples(*names: str) -> Samples:
    return Samples(names, len(names), len(names), 1)


def everything(name: str, model: Model) -> list[object]:
    """A result of every kind in which a name or a file is called `name`."""
    known = DocumentHashes.of([name])
    return [
        samples(name, "Anna").star(name),
        Top((name,), (-1.0,), 1, 1, False, False),
        Ranking((Ranked(name, -1.5, 1.25, name, 3, None, 9),), 1, samples(name), Enough(1.0, None)),
        mangosaurus.evaluate(model, mangosaurus.Corpus([name], "names", sources=(name,))),
        Model(model.distribution, "names", known, {"corpus": name, "format": "names"}),
        model.surprisal([name]),
    ]


def test_each_is_told_in_one_short_line(model: Model) -> None:
    long = "a" * 500
    for name in ("Anna", HOSTILE, long):
        for each in everything(name, model)[:-1]:
            for text in (repr(each), str(each)):
                assert len(text) < 260
                assert text.isprintable()
    many = repr(samples(*(f"name{i}" for i in range(10_000))))
    assert len(many) < 150
    assert many.startswith("<Samples: 10,000, seed 1: 'name0', 'name1', ")
    assert many.endswith(", …>")
    assert repr(samples("Anna", "Otto")) == "<Samples: 2, seed 1: 'Anna', 'Otto'>"
    assert repr(model).startswith("<Model of names: ")
    assert "6 names" in repr(model)
    assert repr(model.top(2)).startswith("<Top: the 2 most probable names: '")
    assert repr(model.evaluate(NAMES)) == str(model.evaluate(NAMES))
    assert re.match(
        r"<Evaluation: \d\.\d{4} nats per symbol, \d\.\d{4} bits per character, 6 ", repr(model.evaluate(NAMES))
    )
    assert repr(Ranking((RANKED,), 3, samples(*"abcdefg"), Enough(1.0, None))).startswith("<Ranking: the best 1 of 7: ")


def test_nothing_in_a_name_is_markup(model: Model) -> None:
    for each in everything(HOSTILE, model):
        shown = each._repr_html_()  # type: ignore[attr-defined]
        page = read_page(shown)
        assert not page.tags("script")
        assert not page.having("onmouseover")
        assert len(page.tags("style")) == shown.count("</style>") == 1
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "alert(1)" in page.text


def test_ten_thousand_samples_stay_small() -> None:
    many = samples(*(f"name{i}" for i in range(10_000)))
    shown = many._repr_html_()
    assert len(read_page(shown).tags("tr")) == MOST_ROWS
    assert f"{10_000 - MOST_ROWS:,} more are not shown." in shown
    assert len(shown) < 100_000
    long = samples("x" * 1_000_000)._repr_html_()
    assert "x" * LONGEST_CELL + "…" in long
    assert len(long) < 10_000
    best = Ranking((RANKED,) * 10_000, 10_000, samples(*["x"] * 10_000), Enough(1.0, None))
    assert len(read_page(best._repr_html_()).tags("tr")) == MOST_ROWS + 1
    top = Top(("a",) * 10_000, (-1.0,) * 10_000, 10_000, 1, False, False)
    assert len(read_page(top._repr_html_()).tags("tr")) == MOST_ROWS + 1


def test_the_tables_have_what_the_results_have(model: Model) -> None:
    drawn = model.sample(5, seed=1)
    text = read_page(drawn._repr_html_()).text
    assert all(name in text for name in drawn)
    assert "Seed 1." in text
    found = model.top(3)
    text = read_page(found._repr_html_()).text
    assert all(name in text for name in found)
    assert found.summary()[1:] in text
    best = model.best(3, 50, seed=1, training=NAMES)
    text = read_page(best._repr_html_()).text
    for each in best:
        assert all(
            part in text for part in (each.text, each.nearest, f"{each.score:.2f}", f"{each.nats_per_symbol:.2f}")
        )
    measured = model.evaluate(NAMES)
    text = read_page(measured._repr_html_()).text
    assert all(part in text for part in (f"{measured.nats_per_symbol:.4f}", f"{measured.perplexity:.2f}"))
    unknown = model.evaluate(["Anna", "Ωttω"])
    assert "'Ω'" in read_page(unknown._repr_html_()).text
    few = Samples(("Anna",), 5, 9, 1, too_long=8)
    assert "were longer than max_length" in read_page(few._repr_html_()).text


def test_a_model_shows_a_chart_of_its_loss_if_it_has_one(model: Model) -> None:
    assert not read_page(model._repr_html_()).tags("svg")
    curves = [[[100, 3.0, 2.5], [200, 2.0, 2.2]]]
    both = [
        Model(model.distribution, "names", model.known, {**model.training, "curves": each})
        for each in (curves, [[[100, 3.0, 2.4]]])
    ]
    pages = [read_page(each._repr_html_()) for each in both]
    assert all(len(page.tags("svg")) == 1 for page in pages)
    assert "held-out loss from 2.50 at step 100 to its lowest, 2.20" in pages[0].having("aria-label")[0]
    ids = [set(page.having("id")) for page in pages]
    assert ids[0]
    assert not ids[0] & ids[1], "one notebook shows both"


def test_without_matplotlib_a_model_shows_its_facts(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.api.facts.find_spec", lambda name: None)
    trained = Model(model.distribution, "names", model.known, {**model.training, "curves": [[[1, 3.0, 2.5]]]})
    page = read_page(trained._repr_html_())
    assert not page.tags("svg")
    assert "trained on" in page.text


def test_the_block_follows_the_notebooks_theme(model: Model) -> None:
    shown = model._repr_html_()
    assert shown.startswith('<div class="mangosaurus block"><style>')
    assert "prefers-color-scheme: dark" in shown
    assert '[data-jp-theme-light="false"], .vscode-dark' in shown


def test_stars_are_kept_shown_and_can_be_learnt_from() -> None:
    drawn = samples("Saco", "Voner", "Mito", "Zoe\u0301".replace("e\u0301", "é"))
    assert not drawn.starred
    assert drawn.star("Voner", "Saco") is drawn
    drawn.star("Saco", "Zoe\u0301")  # in another normal form
    assert drawn.starred == ("Voner", "Saco", "Zoé")
    page = read_page(drawn._repr_html_())
    assert page.text.count("★") == len(page.having("aria-label")) == 3
    assert "Starred: Voner, Saco, Zoé." in page.text
    assert drawn.unstar("Saco").starred == ("Voner", "Zoé")
    liked = mangosaurus.like(drawn.starred)
    assert len(liked.known) == 2
    assert drawn == samples("Saco", "Voner", "Mito", "Zoé"), "a star changes no sample"


def test_only_samples_can_be_starred() -> None:
    drawn = samples("Saco", "Voner")
    with pytest.raises(OptionError, match=r"^'Nero' is not among these samples; star one that is: 'Saco', 'Voner'$"):
        drawn.star("Saco", "Nero")
    assert not drawn.starred
    with pytest.raises(OptionError, match=r"^'Saco' has no star; these have one: 'Voner'$"):
        drawn.star("Voner").unstar("Voner", "Saco")
    assert drawn.starred == ("Voner",)


def test_stars_are_of_names_as_they_are_written() -> None:
    model = mangosaurus.fit([["k", "a"], ["t", "a", "n"]], budget=0, join="")
    drawn = model.sample(3, seed=1, allow_known=True)
    assert " " not in drawn[0]
    assert drawn.star(drawn[0]).starred == (drawn[0],)


def test_a_model_with_no_record_has_a_line_too() -> None:
    bare = Model(small_ngram(), "names", DocumentHashes.of([]), {})
    assert re.fullmatch(r"<Model of names: \d-gram>", repr(bare))
    assert "gram" in read_page(bare._repr_html_()).text
