"""The names view: every constraint holds, and favourites stay."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

from visits import Visits, ask, names_in

import mangosaurus

if TYPE_CHECKING:
    from playwright.sync_api import Route


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
        names = ask(page, n=12, **fields)
        assert len(names) == len(set(names)) == 12, fields
        assert [name for name in names if not re.fullmatch(expression, name)] == [], fields
        for name in fields:
            page.fill(f"#ask [data-option={name}]", "")


def test_how_often_the_model_satisfies_the_constraints_is_said(visit: Visits) -> None:
    page = visit()
    ask(page, suffix="raptor", n=5)
    assert re.search(
        r"(About 1 in [\d,]+|[\d.]+ %) of the model's own names fit the rules\.", page.inner_text("#remarks")
    )
    page.fill("#ask [data-option=suffix]", "")
    assert len(ask(page, pattern="[TB]yra(nyx|don)")) <= 4
    told = page.inner_text("#remarks")
    assert "were drawn before" in told
    assert "--" not in told


def test_the_same_seed_gives_the_names_of_python(visit: Visits) -> None:
    page = visit()
    page.click("#rules summary")
    page.fill("#temperature ~ input", "0.7")
    expected = mangosaurus.sample(12, seed=5, temperature=0.7, prefix="Br")
    assert ask(page, seed=5, n=12, prefix="Br") == list(expected)


def test_the_most_probable_names_are_those_of_python(visit: Visits) -> None:
    page = visit()
    page.check("input[name=how][value=top]")
    assert not page.is_visible("#temperature")
    assert ask(page, n=5, suffix="don") == list(mangosaurus.top(5, suffix="don", new=True))
    assert re.search(r"1 in [\d,]+|%", page.locator("#results .odds").first.inner_text())
    page.check("#known")
    assert ask(page, n=5) == list(mangosaurus.top(5, suffix="don"))


def test_labels_are_offered_where_the_model_has_them(visit: Visits) -> None:
    page = visit()
    names_in(page)
    assert not page.is_visible("#label")
    page.select_option("#names-model", label="people")
    page.wait_for_selector("#results[data-model=people]:not([aria-busy])")
    assert page.locator("#label option").all_text_contents()[1:] == ["dwarf (8)", "elf (8)"]
    page.click("#rules summary")
    page.check("#known")
    page.select_option("#label", "dwarf")
    page.fill("#temperature ~ input", "0.3")
    dwarves = mangosaurus.load(visit.site.kept.parent / "people.safetensors").with_label("dwarf")
    assert ask(page, n=5, seed=1) == list(dwarves.sample(5, seed=1, temperature=0.3, allow_known=True))


def test_what_cannot_be_is_said_at_its_field_in_words(visit: Visits) -> None:
    visit.refusals.add(422)
    page = visit()
    before = names_in(page)
    after = ask(page, prefix="Tyr", max_length=2)
    assert after == before
    assert page.inner_text("#ask .problem.at-field") == "“Starts with” has 3 characters, and “Longest length” is 2."
    assert page.evaluate("document.activeElement.dataset.option") == "prefix"
    described = page.get_attribute("[data-option=prefix]", "aria-describedby")
    assert described == page.get_attribute("#ask .problem.at-field", "id")
    ask(page, max_length="", contains="qué")
    told = page.inner_text("#rules .problem")
    assert "“Contains all of” 'qué'" in told
    assert "U+" not in told
    assert page.locator("#ask [aria-invalid]").count() == 1
    ask(page, contains="")
    assert page.locator("#ask .problem.at-field").count() == 0


def test_an_invalid_hidden_field_is_shown(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.click("#rules summary")
    page.fill("[data-option=seed]", "1.5")
    page.click("#rules summary")
    assert not page.is_visible("[data-option=seed]")
    page.click("#ask button.primary")
    page.wait_for_selector("[data-option=seed]:focus")
    page.check("input[name=how][value=top]")
    assert ask(page, n=3) == list(mangosaurus.load().top(3, new=True))


def test_favourites_survive_a_reload_and_belong_to_the_list_that_made_them(visit: Visits) -> None:
    page = visit()
    names = names_in(page)
    for place in (0, 3):
        page.locator("#results .star").nth(place).click()
    page.locator("#results .no").nth(1).click()
    page.reload()
    assert names_in(page, "favourites") == [names[0], names[3]]
    assert names_in(page, "disliked") == [names[1]]
    with page.expect_download() as begun:
        page.click("#favourites-save")
    assert begun.value.path().read_text(encoding="utf-8") == f"{names[0]}\n{names[3]}\n"
    names = names_in(page)
    page.route("**/sample", lambda route: route.abort())  # the names of the other model never come
    page.select_option("#names-model", label="people")
    page.wait_for_selector("#ask-problem:not(:empty)")
    page.locator("#results .star").first.click()
    assert page.locator("#favourites li").count() == 0
    page.select_option("#favourites-of", "dinosaurs")
    assert names_in(page, "favourites")[2:] == [names[0]]
    page.locator("#favourites .star").first.click()
    assert names_in(page, "favourites")[1:] == [names[0]]
    visit.complaints.clear()  # of the aborted request


def test_more_like_my_stars_sends_them(visit: Visits) -> None:
    page = visit()
    names = names_in(page)
    assert page.is_disabled("#more-like")
    page.locator("#results .star").nth(2).click()
    page.locator("#results .no").nth(5).click()
    asked: list[Any] = []
    answer = {
        "samples": [{"text": "Zzz", "nats_per_symbol": 2}],
        "asked": 1,
        "drawn": 1,
        "seed": 1,
        "remarks": [],
        "remark_parts": [],
    }

    def reply(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json=answer)

    page.route("**/sample", reply)
    page.fill("[data-option=prefix]", "A, L")
    page.focus("#more-like")
    page.keyboard.press("Enter")
    page.wait_for_selector("#results-title:text('1 name like those you like')")
    assert asked[-1]["like"] == [names[2]]
    assert asked[-1]["unlike"] == [names[5]]
    assert asked[-1]["strength"] == 0.5
    assert asked[-1]["prefix"] == ["A", "L"]
    page.click("#ask button.primary")
    page.wait_for_selector("#results-title:text-is('1 name')")
    assert "like" not in asked[-1]


def test_the_best_come_with_reasons_and_go_out_as_csv(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.check("input[name=how][value=best]")
    page.click("#ask button.primary")
    page.wait_for_selector("#results .odds")
    first = page.locator("#results li").first
    name, why = first.locator(".name").inner_text(), first.locator(".odds").inner_text()
    assert re.match(r"\d+ edits? from \w+$", why)
    with page.expect_download() as begun:
        page.click("#results-csv")
    with begun.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert rows[0]["name"] == name
    assert why.startswith(f"{rows[0]['edits']} edit")
    assert rows[0]["nearest"] in why


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


def test_a_search_that_takes_long_shows_that_it_runs(visit: Visits) -> None:
    page = visit()
    names_in(page)
    page.route("**/sample", lambda route: None)  # it is never answered
    page.click("#results-more")
    page.wait_for_selector("#results-title:text-is('Looking for names…')")
    assert page.locator("#results.earlier").count() == 1
    page.click("#ask-stop")
    page.wait_for_selector("#results-title:text-is('20 earlier names')")


def test_a_thousand_names_are_shown(visit: Visits) -> None:
    page = visit()
    assert len(set(ask(page, n=1000))) == 1000
    assert page.locator("#results [tabindex='0']").count() == 1


def test_slider_and_number_follow_each_other(visit: Visits) -> None:
    page = visit()
    page.fill("#temperature", "0.6")
    assert page.input_value("#temperature ~ input") == "0.6"
    page.fill("#temperature ~ input", "1.5")
    assert page.input_value("#temperature") == "1.5"


def test_remarks_and_refusals_use_the_words_of_the_form(visit: Visits) -> None:
    visit.refusals.add(422)
    page = visit()
    ask(page, prefix="a", avoid="Anna", without="S", n=3, seed=1)  # names with an s
    told = page.inner_text("#remarks")
    assert re.search(
        r"'A' \d+ times as often as with what “Starts with” says; “Capitals and small letters .*” takes", told
    )
    assert "Capitals count apart in “Without the letters”" in told
    assert not re.search("prefix|ignore_case|effective", told)
    ask(page, prefix="🦖")
    problem = page.inner_text("#ask .at-field")
    assert "never seen" in problem
    assert "nearest" not in problem
    refused = {"detail": "this was ended after 10 seconds; ask for less at once", "status": 422}
    page.route("**/sample", lambda route: route.fulfill(status=422, json=refused))
    ask(page, prefix="", min_length=40, avoid="", without="")
    assert page.inner_text("#results-title") == "3 earlier names"
    told = page.inner_text("#rules .at-field")
    assert told.startswith(
        "No names were found in 10 seconds. It is hard to keep to “Shortest length: 40”; the longest"
    )
