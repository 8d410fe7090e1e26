"""The report: what it says, what it leaves out and why, and that nothing in it is taken for HTML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examples import NAMES
from pages_read import read_page

import mangosaurus
from mangosaurus.api import report as module
from mangosaurus.api.facts import curves_of
from mangosaurus.api.model import Model
from mangosaurus.data.read import corpus_of

HOSTILE = ["<script>alert(1)</script>", "<b>", "</td>&amp;", '"onload="', "a$b_{c}"]


@pytest.fixture(scope="module")
def model() -> Model:
    """An n-gram of the names, with a record of curves."""
    made = mangosaurus.fit(NAMES, budget=0)
    made.training["curves"] = [[[10, 3.0, 2.5], [20, 2.0, 1.75]]]
    return made


def test_the_bundled_model_has_its_list() -> None:
    html = mangosaurus.report(seed=3)
    page = read_page(html)
    assert "compared with" in page.text
    assert "Left out" not in page.text
    assert [each["aria-label"].split(".")[0] for each in page.tags("svg")] == [
        "Line chart of the training",
        "Chart of the lengths of names",
        "Bar chart of the frequencies of characters",
    ]
    assert "Of 1,000 samples " in page.text
    assert "The most surprising names of the training list" in page.text
    samples = mangosaurus.sample(50, seed=3)
    assert all(name in page.text for name in samples)
    nearest = mangosaurus.novelty(samples, mangosaurus.load().known, mangosaurus.read_corpus().documents).nearest
    assert len(nearest) == 50
    assert all(f'<td dir="auto">{near}</td><td class="number">{edits}</td>' in html for _, near, edits in nearest)
    assert mangosaurus.report(seed=3) == html


def test_without_the_list_the_page_says_why(model: Model) -> None:
    page = read_page(mangosaurus.report(model))
    assert page.text.count("Left out: a model file holds only hashes") == 3
    assert "--training FILE" in page.text
    assert "compared with" not in page.text
    assert "Total variation" not in page.text
    assert len(page.tags("svg")) == 3


def test_with_the_list_and_a_holdout(model: Model) -> None:
    held_out = ["anna", "nolena", "sabel"]
    page = read_page(mangosaurus.report(model, holdout=held_out, training=NAMES))
    assert "Left out" not in page.text
    for documents in (held_out, held_out[1:]):  # with and without the one that was learnt from
        assert f"{model.evaluate(documents).nats_per_symbol:.4f}" in page.text
    assert "without training documents" in page.text
    assert "The most surprising names of the training list" in page.text
    assert "The most surprising names of what was held out" in page.text
    assert page.text.count("Legend") == 0
    assert page.text.count("0 to 0.5") == 1  # one legend is enough
    other = read_page(mangosaurus.report(model, training=["anna", "mabella"]))
    assert "only 1 of these 2 names are in the model's training list" in other.text


def test_the_distance_by_hand() -> None:
    """|0.5 - 0.25| + |0.5 - 0| + |0 - 0.75|, halved."""
    first, second = module._shares("ab"), module._shares("accc")
    assert (first, second) == ({"a": 0.5, "b": 0.5}, {"a": 0.25, "c": 0.75})
    assert module._difference(first, second).endswith(": 75.0%.")
    assert module._difference(first, None) == ""


def test_stretches_of_a_text_by_hand() -> None:
    data = corpus_of(["0123456789abcdefghijKLM"], "text")
    assert module._copied(["0123456789abcdefghijK"], data) == 1  # two stretches of 20, both in it
    assert module._copied(["x123456789abcdefghijK"], data) == 0.5
    assert module._copied(["short"], data) == 0


def test_what_is_marked_comes_first() -> None:
    found = mangosaurus.load().surprisal(mangosaurus.read_corpus()).sorted()
    marked = [entry.text for entry in found if entry.marked]
    assert marked
    assert marked != [entry.text for entry in found][: len(marked)]
    labels = read_page(mangosaurus.report()).having("aria-label")
    shown = [label.split(":")[0] for label in labels if label.endswith("nats per symbol")]
    assert shown[: len(marked)] == marked
    others = [entry.text for entry in found if not entry.marked]
    assert shown[len(marked) :] == others[: len(shown) - len(marked)]
    assert len(shown) == module.MOST_SURPRISING


def test_a_text() -> None:
    text = "the lark, the herald of the morn,\nno nightingale: look, love, what envious streaks\n" * 30
    model = mangosaurus.fit([text], format="text", budget=0)
    page = read_page(mangosaurus.report(model, training=[text]))
    assert "Of all stretches of 20 characters in the samples, " in page.text
    assert "The most surprising lines of the training text" in page.text
    assert "Chart of the lengths of words." in page.tags("svg")[0]["aria-label"]
    assert "".join(model.sample(1, seed=0)) in page.text
    assert "No training curve was recorded" in page.text
    assert "stretches" not in read_page(mangosaurus.report(model)).text


def test_a_blend_has_the_curves_of_its_parts(model: Model) -> None:
    page = read_page(mangosaurus.report(mangosaurus.blend([model, mangosaurus.load()], weights=[3, 1])))
    alt = page.tags("svg")[0]["aria-label"]
    assert "Network 1 of part 1: held-out loss from 2.50 at step 10" in alt
    assert "Network 1 of part 2: " in alt
    assert "0.25 × 6-gram mixed with LSTM of 96 units, trained on the bundled list of dinosaurs" in page.text


def test_nothing_is_taken_for_html(tmp_path: Path) -> None:
    names = [*HOSTILE, *NAMES]
    model = mangosaurus.fit(names, budget=0)
    model.training["corpus"] = model.training["note"] = "<script>x</script>"
    page = read_page(mangosaurus.report(model, holdout=HOSTILE, training=names))
    for name in HOSTILE:
        assert name in page.text
    assert page.text.count("<script>x</script>") == 2


@pytest.mark.parametrize(
    "curves",
    [3, "abc", [3], [[]], [[[1, 2]]], [[["a", 1, 2]]], [[[1, float("nan"), 2.0]]], [[[1, 1e400, 2.0]]], {"a": 1}],
)
def test_a_record_may_say_anything(model: Model, curves: object) -> None:
    training = json.loads(json.dumps(model.training)) | {"curves": curves, "held_out": "?", "blend": {"parts": 3}}
    assert curves_of(training) == []
    assert "held-out loss" not in module._opening(Model(model.distribution, "names", model.known, training), None)
    assert "No training curve was recorded" in module._training(training)
