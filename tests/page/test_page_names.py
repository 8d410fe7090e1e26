"""The names view: every constraint holds, and favourites stay."""

from __future__ import annotations

import re

from visits import Visits, ask, names_in

import mangosaurus


def test_it_opens_with_names_of_the_bundled_model(visit: Visits) -> None:
    page = visit()
    assert len(names_in(page)) == 20
    assert page.locator("#names-model optgroup").evaluate_all("groups => groups.map(group => group.label)")
    assert page.input_value("#names-model") != ""
    assert "1,733 names" in page.inner_text("#names-about")


CONSTRAINTS = (
    ({"prefix": "Tyr"}, "Tyr.*"),
    ({"suffix": "raptor"}, ".*raptor"),
    ({"contains": "quo, sau"}, "(?=.*quo)(?=.*sau).*"),
    ({"pattern": "[XZ].*[aeiou]"}, "[XZ].*[aeiou]"),
    ({"without": "sr"}, "[^sr]*"),
    ({"min_length": 6, "max_length": 8}, ".{6,8}"),
    ({"min_length": 22}, ".{22,}"),
)


def test_every_constraint_holds(visit: Visits) -> None:
    page = visit()
    for fields, expression in CONSTRAINTS:
        names = ask(page, count=30, **fields)
        assert len(names) == len(set(names)) == 30, fields
        assert [name for name in names if not re.fullmatch(expression, name)] == [], fields
        for name in fields:
            page.fill(f"#{name.replace('_', '-')}", "")


def test_how_often_the_model_satisfies_the_constraints_is_said(visit: Visits) -> None:
    page = visit()
    ask(page, suffix="raptor", count=5)
    assert re.search(
        r"About 1 in \d+ unconstrained samples satisfies the constraints; .*\.", page.inner_text("#remarks")
    )
    page.fill("#suffix", "")
    assert len(ask(page, pattern="[TB]yra(nyx|don)")) <= 4
    told = page.inner_text("#remarks")
    assert "were drawn before" in told
    assert "--" not in told


def test_the_same_seed_gives_the_names_of_python(visit: Visits) -> None:
    page = visit()
    page.click("summary:text('More')")
    page.fill("#temperature ~ input", "0.7")
    expected = mangosaurus.sample(12, seed=5, temperature=0.7, prefix="Br")
    assert ask(page, seed=5, count=12, prefix="Br") == list(expected)


def test_the_most_probable_names_are_those_of_python(visit: Visits) -> None:
    page = visit()
    page.check("input[name=how][value=top]")
    assert not page.is_visible("#temperature")
    assert ask(page, count=5, suffix="don") == list(mangosaurus.top(5, suffix="don", new=True))
    assert re.search(r"1 in [\d,]+|%", page.locator("#results .odds").first.inner_text())
    page.click("summary:text('More')")
    page.check("#known")
    assert ask(page, count=5) == list(mangosaurus.top(5, suffix="don"))


def test_labels_are_offered_where_the_model_has_them(visit: Visits) -> None:
    page = visit()
    names_in(page)
    assert not page.is_visible("#label")
    page.select_option("#names-model", label="people")
    assert page.locator("#label option").all_text_contents()[1:] == ["dwarf (8)", "elf (8)"]
    page.click("summary:text('More')")
    page.check("#known")
    page.select_option("#label", "dwarf")
    page.fill("#temperature ~ input", "0.3")
    names = ask(page, count=5)
    assert names
    assert [name for name in names if name.startswith(("Gal", "El", "Mir"))] == []


def test_what_cannot_be_is_said_beside_the_form(visit: Visits) -> None:
    visit.refusals.add(422)
    page = visit()
    before = names_in(page)
    after = ask(page, prefix="Tyr", max_length=2)
    assert after == before
    told = page.inner_text("#ask-problem")
    assert told.endswith(".")
    assert "max" in told
    assert page.get_attribute("#ask-problem", "role") == "status"
    ask(page, max_length="")
    assert page.inner_text("#ask-problem") == ""
    ask(page, pattern="[")
    assert "pattern '['" in page.inner_text("#ask-problem")
    assert "--" not in page.inner_text("#ask-problem")


def test_an_invalid_hidden_field_is_shown(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.click("summary:text('More')")
    page.fill("#seed", "1.5")
    page.click("summary:text('More')")
    assert not page.is_visible("#seed")
    page.click("#ask button.primary")
    page.wait_for_selector("#seed:focus")
    page.check("input[name=how][value=top]", force=True)
    assert ask(page, count=3) == list(mangosaurus.load().top(3, new=True))


def test_favourites_survive_a_reload_and_belong_to_their_model(visit: Visits) -> None:
    page = visit()
    names = names_in(page)
    for place in (0, 3):
        page.locator("#results .star").nth(place).click()
    assert names_in(page, "favourites") == [names[0], names[3]]
    page.reload()
    assert names_in(page, "favourites") == [names[0], names[3]]
    with page.expect_download() as begun:
        page.click("#favourites-save")
    assert begun.value.path().read_text(encoding="utf-8") == f"{names[0]}\n{names[3]}\n"
    page.select_option("#names-model", label="people")
    assert page.locator("#favourites li").count() == 0
    page.select_option("#names-model", label="dinosaurs")
    page.locator("#favourites .star").first.click()
    assert names_in(page, "favourites") == [names[3]]


def test_names_are_copied_and_downloaded(visit: Visits) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    names = names_in(page)
    page.locator("#results .copy").nth(2).click()
    page.wait_for_selector("#results .copy[data-copied]")
    assert page.evaluate("() => navigator.clipboard.readText()") == names[2]
    page.click("#results-copy")
    page.wait_for_selector("#results-copy[data-copied]")
    assert page.evaluate("() => navigator.clipboard.readText()").split("\n") == names
    with page.expect_download() as begun:
        page.click("#results-save")
    assert begun.value.suggested_filename == "dinosaurs-names.txt"
    assert begun.value.path().read_text(encoding="utf-8").splitlines() == names
    with page.expect_download() as begun:
        page.click("#model-download")
    assert begun.value.suggested_filename == "dinosaurs.safetensors"
    assert mangosaurus.load(begun.value.path()).kind == "names"


def test_a_thousand_names_are_shown(visit: Visits) -> None:
    page = visit()
    assert len(set(ask(page, count=1000))) == 1000
    assert page.locator("#results [tabindex='0']").count() == 1


def test_slider_and_number_follow_each_other(visit: Visits) -> None:
    page = visit()
    page.fill("#temperature", "0.6")
    assert page.input_value("#temperature ~ input") == "0.6"
    page.fill("#temperature ~ input", "1.5")
    assert page.input_value("#temperature") == "1.5"
