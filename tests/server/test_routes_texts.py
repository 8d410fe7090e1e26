"""Texts as they stream, the surprisal of characters, and what the model expects."""

from __future__ import annotations

import json
from typing import Any

import httpx
import numpy as np
import pytest
from applications import Client, problem

from mangosaurus import load
from mangosaurus.models.interface import predict

WRITE, SCORE, PREDICT = (
    "/api/models/sonnets/write",
    "/api/models/dinosaurs/score",
    "/api/models/dinosaurs/predict",
)


def events(answer: httpx.Response) -> list[tuple[str, Any]]:
    """The events of a stream, each with its data."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"prompt": "Shall I ", "length": 50}, "length"),
        ({"prompt": "Shall I ", "length": 400, "until": "\n", "temperature": 0.5}, "until"),
        ({"prompt": "Shall we “dine”?", "length": 30, "fold": True}, "length"),
    ],
)
def test_a_text_streams_as_python_writes_it(client: Client, asked: dict[str, Any], reason: str) -> None:
    *pieces, (last, end) = events(client.post(WRITE, {"seed": 3, **asked}))
    assert {kind for kind, _ in pieces} == {"text"}
    written = "".join(data["text"] for _, data in pieces)
    assert asked["prompt"] + written == load("sonnets").write(**{"seed": 3, **asked})
    assert (last, end) == ("end", {"seed": 3, "reason": reason})
    assert len(pieces) >= len(written) / 8  # a few characters each


def test_a_name_ends_where_the_model_ends_it(client: Client) -> None:
    *pieces, end = events(client.post("/api/models/dinosaurs/write", {"prompt": "Tyranno", "seed": 1}))
    assert end == ("end", {"seed": 1, "reason": "ended"})
    assert "".join(data["text"] for _, data in pieces) == "".join(load().stream("Tyranno", seed=1))


def test_what_cannot_be_written_has_a_status(client: Client) -> None:
    problem(client.post(WRITE, {"prompt": "“"}), 422, "fold")
    problem(client.post(WRITE, {"length": 0}), 422, "length is 0")
    problem(client.post(WRITE, {"length": 10_001}), 422, "length: ")
    problem(client.post(WRITE, {"prompt": "a" * 10_001}), 422, "prompt: ")
    problem(client.post("/api/models/none/write", {}), 404)
    assert client.app.state.shared.pool._texts == 0


def test_every_character_has_its_surprisal(client: Client) -> None:
    names = ["Tyrannosaurus", "Xqß"]
    scores = client.post(SCORE, {"texts": names}).json()["scores"]
    surprisal = load().surprisal(names)
    for score, expected in zip(scores, surprisal, strict=True):
        assert [symbol["character"] for symbol in score["symbols"]] == [*expected.text, ""]
        finite = [symbol["nats"] for symbol in score["symbols"] if symbol["nats"] is not None]
        assert finite == pytest.approx(expected.counted.tolist(), abs=1e-5)
    assert scores[1]["symbols"][2]["nats"] is None
    assert "unknown: 'ß'" in scores[1]["remark"]
    assert scores[0]["known"]
    problem(client.post(SCORE, {"texts": []}), 422, "texts: ")
    problem(client.post(SCORE, {"texts": ["a" * 10_001] * 2}), 422, "texts: they have more than 20,000")


def test_every_place_has_what_the_model_expects(client: Client) -> None:
    positions = client.post(PREDICT, {"text": "Tyr", "most": 4}).json()["positions"]
    model = load()
    expected = np.exp(predict(model.distribution, [model.vocabulary.encode("Tyr")])[0])
    assert [(each["before"], each["character"]) for each in positions] == [
        ("", "T"),
        ("T", "y"),
        ("Ty", "r"),
        ("Tyr", ""),
    ]
    for position, p in zip(positions, expected, strict=True):
        shown = [each["probability"] for each in position["next"]]
        assert shown == pytest.approx(sorted(p, reverse=True)[:4], rel=1e-4)
        assert sum(shown) + position["rest"] == pytest.approx(1)
    characters = ("", *model.vocabulary.characters)
    assert positions[1]["next"][0]["character"] == characters[int(expected[1].argmax())]
    problem(client.post(PREDICT, {"text": "ß"}), 422, "'ß'")
    problem(client.post(PREDICT, {"text": "a" * 201}), 422, "text: ")
