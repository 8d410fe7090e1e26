"""The surprise view: the numbers are the library's, and the arrow keys move between characters."""

from __future__ import annotations

import math

import pytest
from visits import Visits, names_in

import mangosaurus
from mangosaurus.html.shading import STEPS


def test_shades_and_table_are_those_of_python(visit: Visits) -> None:
    page = visit("#surprise")
    page.wait_for_selector("#bars li")
    (scored,) = mangosaurus.load("dinosaurs").surprisal(["Tyranosuarus"])
    shown = page.locator("#values .number").all_text_contents()
    assert shown == [f"{nats:.2f}" for nats in scored.nats]
    assert f"{scored.nats_per_symbol:.2f} nats per symbol" in page.inner_text("#shaded-summary")
    shades = page.locator("#shaded [role=option]").evaluate_all("all => all.map(one => Number(one.classList[0][1]))")
    assert shades == [sum(nats >= step for step in STEPS) for nats in scored.nats]


def test_one_walks_with_the_arrow_keys_and_sees_what_was_expected(visit: Visits) -> None:
    page = visit("#surprise")
    page.wait_for_selector("#bars li")
    page.fill("#looked", "Tyrex")
    page.click("#look button.primary")
    page.wait_for_selector("#values tr:nth-child(6):last-child")
    page.focus("#shaded")
    page.keyboard.press("Home")
    page.wait_for_selector("#expected-after:text('At the beginning')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#expected-after bdi:text-is('“Ty”')")
    model = mangosaurus.load("dinosaurs")
    expected = {name: math.exp(-model.surprisal([name]).entries[0].nats[2]) for name in ("Tyran", "Tyo", "Tye")}
    letters = page.locator("#bars .letter").all_text_contents()
    assert letters[-1] == "others"
    assert page.locator("#bars .actual .letter").inner_text() == "r"
    (share,) = page.locator("#bars .actual .share").all_text_contents()
    assert float(share.rstrip(" %")) == pytest.approx(100 * expected["Tyran"], rel=0.05)
    selected = page.get_attribute("#shaded", "aria-activedescendant")
    assert page.locator(f"#{selected}").get_attribute("aria-selected") == "true"
    page.keyboard.press("End")
    page.wait_for_selector("#bars .actual .letter:text('end')")
    page.locator("#shaded [role=option]").nth(1).click()
    page.wait_for_selector("#bars .actual .letter:text('y')")


def test_what_the_model_has_never_seen_surprises_most(visit: Visits) -> None:
    page = visit("#surprise?text=Tyra%3Fnosuarus")
    page.wait_for_selector("#shaded .none[aria-selected=true]")
    assert page.inner_text("#shaded .none") == "?"
    assert page.inner_text("#shaded-summary") == "Most surprising: ?, impossible."
    page.wait_for_selector("#bars .actual .letter:text('?')")
    assert page.inner_text("#expected-after bdi") == "“Tyra”"


def test_from_right_to_left_the_arrows_turn_round(visit: Visits) -> None:
    page = visit("#surprise?text=שלום")
    page.wait_for_selector("#shaded .none")
    assert page.inner_text("#shaded").startswith("שלום")
    page.focus("#shaded")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("#shaded", "aria-activedescendant") == "symbol-1"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#shaded", "aria-activedescendant") == "symbol-0"


def test_of_a_long_text_each_place_is_asked_for(visit: Visits) -> None:
    page = visit("#surprise")
    page.wait_for_selector("#bars li")
    page.select_option("#surprise-model", label="sonnets")
    text = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n" * 4
    page.fill("#looked", text)
    page.click("#look button.primary")
    page.wait_for_selector("#shaded .break")
    page.focus("#shaded")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#bars .actual .letter:text(':')")
    assert page.locator("#values tr").count() == len(text) + 1


def test_a_name_of_the_list_leads_here(visit: Visits) -> None:
    page = visit()
    name = names_in(page)[4]
    page.locator("#results a").nth(4).click()
    page.wait_for_selector("#bars li")
    assert page.locator("#shaded [role=option]:not(.end)").all_text_contents() == list(name)
    assert page.evaluate("() => document.activeElement.id") == "surprise-title"
    page.go_back()
    assert names_in(page)[4] == name


def test_a_model_of_names_takes_one_line(visit: Visits) -> None:
    page = visit("#surprise")
    page.wait_for_selector("#bars li")
    page.fill("#looked", "Tyrex\nRex")
    page.click("#look button.primary")
    page.wait_for_selector("#look-problem:text('one at a time')")
