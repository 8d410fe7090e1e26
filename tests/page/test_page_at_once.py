"""Names of a pasted list come at once, from the browser's own engine; the server's model then takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visits import Visits, learnt, names_in, train

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIST = "Anna\nHannah\nJohanna\nSusanna\nMarianna\n"
FAKE = """
let begun = false, lists = 0, called = "";
const names = (model) => ["Alanna", "Rohanna"].map((text) => ({ text: text + model, nats_per_symbol: 1 }));
const calls = {
  read: ({ text }) => {
    const names = text.trim().split("\\n"), first = names.map((name) => ({ text: name }));
    return { corpus: { kind: "names", documents: names.length, first }, problem: null, columns: [], names };
  },
  learn: ({ names, called }) => ({ id: String(++lists), name: called, kind: "names", documents: names.length,
    characters: "ahnjo", symbols: null, held_out: null, longest: 9, labels: {}, unit: "character" }),
  sample: ({ model, n, seed }) => ({ samples: names(model), asked: n, drawn: 2, seed: Number(seed), remark_parts: [] }),
  file: () => new Uint8Array([1, 2, 3]),
};
onmessage = ({ data }) => {
  if (!begun) postMessage(data.prior.length > 100_000 ? { ready: begun = true } : { broken: "no prior" });
  else if (!data.stop) postMessage({ id: data.id, result: calls[data.call](data.options) });
};
"""
"""A worker that keeps to the contract of pages and engine, and learns nothing."""


def with_engine(page: Page, script: str) -> None:
    page.route("**/page/engine.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))


def test_names_come_at_once_and_the_server_s_take_their_place(visit: Visits) -> None:
    page = visit()
    with_engine(page, FAKE)
    names_in(page)
    page.fill("#list", LIST)
    page.wait_for_selector("#results[data-model='here-1'] li")
    assert names_in(page) == ["Alanna1", "Rohanna1"]
    # Another test may have trained on this list before: its name has a number then.
    assert page.locator("#names-model option:checked").inner_text().startswith("Anna, Hannah, …")
    assert "5 names" in page.inner_text("#names-about")
    assert not page.is_visible("input[name=how][value=top]")
    assert not page.is_visible("#model-page, #model-keep")
    assert page.locator("[data-can=clean][hidden]").count() == 0
    with page.expect_download() as begun:
        page.click("#model-download")
    assert begun.value.path().read_bytes() == b"\1\2\3"
    page.locator("#results .star").first.click()
    page.fill("#list", LIST + "Joanna\n")
    page.wait_for_selector("#results[data-model='here-2'] li")
    assert names_in(page, "favourites") == ["Alanna1"]
    train(page, LIST)
    learnt(page)
    assert page.locator("#names-model optgroup[label='Learnt in this browser']").count() == 0
    assert len(names_in(page)) > 2
    assert names_in(page, "favourites") == ["Alanna1"]


def test_without_an_engine_the_page_works_as_ever(visit: Visits) -> None:
    page = visit()
    with_engine(page, "onmessage = () => postMessage({ broken: 'out of memory' });")
    before = names_in(page)
    page.fill("#list", LIST)
    page.wait_for_selector("#preview-summary:text('5 names')")
    assert names_in(page) == before
    train(page, LIST)
    learnt(page)


def test_a_list_that_the_engine_refuses_is_left_to_the_server(visit: Visits) -> None:
    page = visit()
    with_engine(page, FAKE.replace("result: calls[data.call](data.options)", "refusal: 'there are too few names'"))
    before = names_in(page)
    page.fill("#list", LIST)
    page.wait_for_selector("#preview-summary:text('5 names')")
    train(page, LIST)
    learnt(page)
    assert names_in(page) != before
