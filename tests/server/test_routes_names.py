"""Names over HTTP are those of Python and of the command line; what cannot be met is told in the library's words."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from applications import Client, problem, running
from examples import LABELS, NAMES

from mangosaurus import fit, load
from mangosaurus.data.read import corpus_of

SAMPLE, TOP = "/api/models/dinosaurs/sample", "/api/models/dinosaurs/top"


def texts(answer: Any) -> list[str]:
    return [each["text"] for each in answer.json()["samples"]]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"n": 70},
        {"temperature": 0.6, "top_k": 5, "min_p": 0.05},
        {"prefix": "Tyr", "length": "6..12", "allow_known": True},
        {"contains": ["raptor"], "without": "z", "avoid": ["Velociraptor"], "avoid_parts": True},
        {"pattern": ["[A-M].*", ".*saurus"], "method": "gumbel"},
        {"not_like": 3, "n": 5},
    ],
)
def test_the_same_seed_gives_the_names_that_python_draws(client: Client, asked: dict[str, Any]) -> None:
    answer = client.post(SAMPLE, {"seed": 7, **asked})
    drawn = load().sample(**{"seed": 7, **asked})
    assert texts(answer) == list(drawn)
    assert (answer.json()["seed"], answer.json()["drawn"]) == (7, drawn.drawn)
    losses = [-float(score.mean()) for score in load().score(drawn)]
    assert [each["nats_per_symbol"] for each in answer.json()["samples"]] == pytest.approx(losses, abs=1e-5)
    assert ("probability" in answer.json()) == (drawn.probability is not None)


def test_without_a_seed_the_one_that_was_drawn_gives_the_same_again(client: Client) -> None:
    first = client.post(SAMPLE, {"n": 5})
    assert texts(client.post(SAMPLE, {"n": 5, "seed": first.json()["seed"]})) == texts(first)
    assert texts(client.post(SAMPLE, {"n": 5})) != texts(first)


def test_the_best_are_ranked(client: Client) -> None:
    best = client.post(SAMPLE, {"n": 50, "best": 3, "seed": 2}).json()["best"]
    expected = load().best(3, 50, seed=2)
    assert [(each["text"], each["nearest"], each["edits"]) for each in best] == [
        (each.text, each.nearest, each.edits) for each in expected
    ]


def test_the_most_probable_names_come_with_their_probabilities(client: Client) -> None:
    answer = client.post(TOP, {"n": 3, "suffix": "raptor", "new": True}).json()
    found = load().top(3, suffix="raptor", new=True)
    assert [each["text"] for each in answer["names"]] == list(found)
    assert [each["probability"] for each in answer["names"]] == pytest.approx([math.exp(p) for p in found.log_probs])
    assert answer["summary"] == found.summary()


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ({"temperature": -1}, ["temperature is -1; it must be 0"]),
        ({"temperature": "warm"}, ["temperature: ", "number"]),
        ({"temperature": True}, ["temperature: "]),
        ({"n": 0}, ["n: "]),
        ({"n": 1001}, ["best: without it, n is at most 1,000"]),
        ({"n": 10_001, "best": 5}, ["n: "]),
        ({"top_k": 0}, ["top_k is 0"]),
        ({"seed": 2**64}, ["seed is 18446744073709551616; it must be from 0 to"]),
        ({"prefix": "ß"}, ["'ß'"]),
        ({"prefix": "x" * 201}, ["prefix: "]),
        ({"pattern": ["a("]}, ["pattern 'a('"]),
        ({"prefix": "Tyr", "max_length": 2}, ["max_length"]),
        ({"pattern": ["(a|b)*a(a|b){18}"]}, ["explodes"]),
        ({"pattern": "a.*"}, ["pattern: ", "list"]),
        ({"contains": ["a"] * 11}, ["contains: "]),
        ({"length": "2000"}, ["length: ", "1,000"]),
        ({"length": "٩٩٩٩"}, ["length is '٩٩٩٩'"]),
        ({"max_length": 5, "length": "6"}, ["length"]),
        ({"prefix": "A", "without": "A"}, ["cannot be met together"]),
        ({"label": "elf"}, ["label"]),
        ({"heat": 2}, ["heat: there is no such option"]),
        ({"sufix": "raptor"}, ["sufix: there is no such option"]),
        ({"avoid_parts": True}, ["avoid_parts needs avoid, the names to look for"]),
        ({"training": "dinosaurs"}, ["training is used only with not_like or best"]),
        ({"method": "gumbel", "allow_duplicates": True}, ["allow_duplicates has no effect"]),
        ({"temperature": 0, "top_k": 3}, ["top_k is 3, but temperature 0"]),
        ({"method": "magic"}, ["method: "]),
        ([], ["the body is not a JSON object"]),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(client: Client, asked: Any, parts: list[str]) -> None:
    problem(client.post(SAMPLE, asked), 422, *parts)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b'{"n": NaN}', 422),
        (b'{"temperature": Infinity}', 422),
        (b'{"temperature": 1e400}', 422),
        (b'{"n": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b'{"n": 1, "n": 2, "seed": 1}', 422),
        (b'{"prefix": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
    ],
)
def test_no_body_is_a_mistake_of_the_server(client: Client, body: bytes, status: int) -> None:
    problem(client.ask("POST", SAMPLE, content=body, headers={"Content-Type": "application/json"}), status)


def test_labels_are_chosen_as_in_python(tmp_path: Path) -> None:
    model = fit(NAMES, labels=LABELS, budget=0)
    with running(tmp_path) as client:
        client.app.state.shared.models.add(model, "own", "given")
        assert client.get("/api/models/own").json()["labels"] == model.labels
        for label in ("boy", {"boy": 0.5, "girl": 0.5}):
            answer = client.post("/api/models/own/sample", {"label": label, "seed": 1, "n": 5})
            assert texts(answer) == list(model.sample(5, seed=1, label=label))
        problem(client.post("/api/models/own/top", {"label": "elf"}), 422, "elf")
        # Of this model the names are not known, and what was not uploaded cannot be named.
        problem(client.post("/api/models/own/sample", {"not_like": 2}), 422, "needs the names")
        problem(client.post("/api/models/own/sample", {"not_like": 2, "training": "none"}), 404, "no corpus 'none'")


def test_of_models_and_lists_that_a_process_does_not_hold_it_is_sent_the_bytes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangosaurus.server.pool.HELD", 2)
    model = fit(NAMES, budget=0)
    expected = list(model.sample(3, seed=1, not_like=1, training=NAMES))
    with running(tmp_path) as client:
        client.app.state.shared.models.add(model, "own", "trained", corpus_of(NAMES))
        for _ in range(2):
            answer = client.post("/api/models/own/sample", {"seed": 1, "n": 3, "not_like": 1})
            assert texts(answer) == expected
            for other in ("dinosaurs", "sonnets"):
                assert client.post(f"/api/models/{other}/predict", {"text": "T"}).status_code == 200
