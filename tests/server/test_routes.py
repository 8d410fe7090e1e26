"""The routes: the page, models, names, texts and corpora. They return what Python and the command line return."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from applications import Client, problem, running
from examples import LABELS, NAMES
from pydantic import ValidationError
from serving import serving

from mangosaurus import Model, export, fit, like, load
from mangosaurus.data.read import corpus_of
from mangosaurus.data.reading import Reading
from mangosaurus.html.shading import STEPS
from mangosaurus.models.interface import predict
from mangosaurus.server.corpora import Corpora
from mangosaurus.server.limits import Limits
from mangosaurus.server.problems import ProblemError
from mangosaurus.server.requests import TrainingRequest

SAMPLE, TOP = "/api/models/dinosaurs/sample", "/api/models/dinosaurs/top"
WRITE, SCORE, PREDICT = "/api/models/sonnets/write", "/api/models/dinosaurs/score", "/api/models/dinosaurs/predict"


@pytest.mark.parametrize("path", ["/", "/page/served/main.js", "/api/about", "/api/models/dinosaurs", "/openapi.json"])
def test_head_is_answered_as_get(client: Client, path: str) -> None:
    got, headed = client.get(path), client.ask("HEAD", path)
    assert got.status_code == headed.status_code == 200
    assert headed.headers == got.headers
    assert int(headed.headers["content-length"]) == len(got.content)


def test_head_is_refused_as_get_and_no_other_method_is_taken_for_it(client: Client) -> None:
    assert client.ask("HEAD", "/page/nothing.js").status_code == 404
    refused = client.ask("HEAD", "/api/models/dinosaurs/top")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    for path, allowed in (("/", "GET, HEAD"), ("/api/trainings/x", "DELETE, GET, HEAD")):
        answer = client.ask("PUT", path)
        problem(answer, 405)
        assert answer.headers["allow"] == allowed
    # Events have no end that one could wait for.
    events = client.ask("HEAD", "/api/trainings/x/events")
    assert (events.status_code, events.headers["allow"]) == (405, "GET")


def test_head_has_no_body(tmp_path: Path) -> None:
    with serving(tmp_path) as served, served.client() as client:
        size = len(client.get("/").content)
        for _ in range(2):  # bytes that came too many would be taken for the next answer
            headed = client.head("/")
            assert (headed.status_code, headed.content, int(headed.headers["content-length"])) == (200, b"", size)
        assert client.get("/api/about").status_code == 200


def test_the_server_tells_its_limits_and_shades(client: Client) -> None:
    about = client.get("/api/about").json()
    assert about["limits"]["names"] == Limits().names
    assert about["limits"].keys() == vars(Limits()).keys()
    assert about["shades"] == list(STEPS)


def test_the_bundled_models_are_listed(client: Client) -> None:
    models = client.get("/api/models").json()["models"]
    assert [(model["id"], model["kind"], model["source"]) for model in models] == [
        ("dinosaurs", "names", "bundled"),
        ("sonnets", "text", "bundled"),
    ]
    dinosaurs = load()
    assert models[0]["characters"] == "".join(dinosaurs.vocabulary.characters)
    assert models[0]["documents"] == len(dinosaurs.known)
    assert models[0]["held_out"] == dinosaurs.training["held_out"]
    detail = client.get("/api/models/dinosaurs").json()
    assert detail["training"]["corpus"] == dinosaurs.training["corpus"]
    assert "curves" not in detail["training"]
    problem(client.get("/api/models/nothing"), 404, "no model 'nothing'", "/api/models")


def test_a_model_is_downloaded_as_the_file_that_it_is(client: Client, tmp_path: Path) -> None:
    answer = client.get("/api/models/dinosaurs/file")
    assert answer.headers["content-disposition"] == 'attachment; filename="dinosaurs.safetensors"'
    path = tmp_path / "copy.safetensors"
    path.write_bytes(answer.content)
    assert list(Model.load(path).sample(5, seed=1)) == list(load().sample(5, seed=1))


def test_a_model_is_downloaded_as_a_page(client: Client, tmp_path: Path) -> None:
    answer = client.get("/api/models/dinosaurs/page")
    assert answer.headers["content-disposition"] == 'attachment; filename="dinosaurs.html"'
    path = tmp_path / "dinosaurs.html"
    export("dinosaurs", path)
    assert answer.content == path.read_bytes()
    problem(client.get("/api/models/nothing/page"), 404)


def test_a_link_draws_what_is_posted(client: Client) -> None:
    query = "?n=3&contains=a&contains=s&length=6..12&temperature=0.8&avoid=Abc&not_like=1&seed=4"
    asked = {"n": 3, "contains": ["a", "s"], "length": "6..12", "temperature": 0.8, "avoid": ["Abc"], "not_like": 1}
    got, posted = client.get(SAMPLE + query), client.post(SAMPLE, asked | {"seed": 4})
    assert got.json() == posted.json()
    assert got.headers["cache-control"] == "private, max-age=3600"
    assert posted.headers["cache-control"] == client.get(SAMPLE).headers["cache-control"] == "no-store"
    assert (
        client.get(f"{SAMPLE}?best=2&n=20&seed=1").json() == client.post(SAMPLE, {"best": 2, "n": 20, "seed": 1}).json()
    )
    models = client.app.state.shared.models
    trained = models.add(load(), "trained", "trained")  # its id may stand for another model later
    assert client.get(f"/api/models/{trained.id}/sample?n=1&seed=1").headers["cache-control"] == "no-store"
    models.remove(trained.id)
    for query, part in (
        ("n=x", "n: input should be"),
        ("n=1&n=2", "n is given twice"),
        ("heat=2", "unknown query parameter heat"),
        ("&".join(["avoid=a"] * 11), "avoid"),
        ("temperature=-1", "temperature"),
    ):
        problem(client.get(f"{SAMPLE}?{query}"), 422, part)


def test_what_was_not_trained_here_is_neither_kept_nor_removed(client: Client) -> None:
    problem(client.ask("POST", "/api/models/dinosaurs/keep"), 409, "trained here")
    problem(client.ask("DELETE", "/api/models/dinosaurs"), 409, "trained here")


def test_a_trained_model_is_kept_under_a_name_of_the_servers_own(tmp_path: Path) -> None:
    with running(tmp_path / "kept") as client:
        models = client.app.state.shared.models
        entry = models.add(load(), "../../etc/Ünïcode <b>", "trained")
        assert entry.id == "etc-n-code-b"
        assert not (tmp_path / "kept").exists()
        kept = client.ask("POST", f"/api/models/{entry.id}/keep")
        assert (kept.status_code, kept.json()["source"]) == (201, "kept")
        assert client.ask("POST", f"/api/models/{entry.id}/keep").status_code == 201
        assert len(list((tmp_path / "kept").iterdir())) == 1
        assert len(list(tmp_path.iterdir())) == 1
        assert client.ask("DELETE", f"/api/models/{entry.id}").status_code == 204
        problem(client.get(f"/api/models/{entry.id}"), 404)
        assert len(list((tmp_path / "kept").iterdir())) == 1
        # The same id again is another model: what it draws is its own.
        again = models.add(load("sonnets"), "../../etc/Ünïcode <b>", "trained")
        assert again.id == entry.id
        problem(client.post(f"/api/models/{again.id}/top", {}), 422, "writes texts")
        # A folder that takes no more files, as on a full disk.
        models.folder = tmp_path / "kept" / "no folder"
        models.folder.write_bytes(b"")
        full = models.add(load(), "full", "trained")
        problem(client.ask("POST", f"/api/models/{full.id}/keep"), 507, str(models.folder))


def test_a_model_that_cannot_be_saved_is_an_error_of_the_server(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        models = client.app.state.shared.models
        whole = load()
        broken = Model(whole.distribution, whole.kind, whole.known, whole.training | {"note": "\ud800"})
        models.add(broken, "broken", "trained")
        problem(client.get("/api/models/broken/file"), 500, "the model cannot be saved")
        problem(client.ask("POST", "/api/models/broken/keep"), 500, "the model cannot be saved")
        problem(client.post("/api/models/broken/sample", {"n": 1}), 500, "the model cannot be saved")


def texts(answer: Any) -> list[str]:
    return [each["text"] for each in answer.json()["samples"]]


def test_names_steer_a_model(client: Client) -> None:
    model = load()
    asked: dict[str, Any] = {"like": ["Zumoraptor"], "unlike": ["Macrodon"], "strength": 0.3}
    drawn = client.post("/api/models/dinosaurs/sample", {"n": 4, "seed": 1, **asked})
    assert texts(drawn) == list(model.sample(4, seed=1, **asked))
    best = client.post("/api/models/dinosaurs/top", {"n": 3, "like": ["Zumoraptor"]}).json()["names"]
    assert [each["text"] for each in best] == list(model.top(3, like=["Zumoraptor"]))
    own = client.post("/api/sample", {"like": ["Anna", "Hanna"], "unlike": ["Anna"], "n": 4, "seed": 1})
    assert texts(own) == list(like(["Anna", "Hanna"]).sample(4, seed=1, unlike=["Anna"]))
    told = client.post("/api/models/dinosaurs/sample", {"like": ["Zoë"], "n": 1}).json()
    assert "names to resemble have 'ë'" in told["remarks"][0]
    for path, bad, part in (
        ("/api/models/dinosaurs/sample", {"strength": 0.5}, "strength has no effect without names"),
        ("/api/models/dinosaurs/sample", {"like": ["Anna"], "strength": 2}, "strength"),
        ("/api/models/dinosaurs/sample", {"like": []}, "like has no name"),
        ("/api/models/dinosaurs/top", {"unlike": ["a"] * 1001}, "unlike"),
        ("/api/models/sonnets/sample", {"like": ["Anna"]}, "this model writes texts"),
        ("/api/sample", {"like": ["Anna"], "strength": 0.5}, "strength is used with unlike here"),
    ):
        problem(client.post(path, bad), 422, part)


def test_names_like_those_sent(client: Client) -> None:
    """Whatever is asked for; they are those of the command for the seed, and the list is at hand where it is needed."""
    elves = ["Galadriel", "Elrond", "Legolas"]
    model = like(elves)
    wanted: list[dict[str, Any]] = [{}, {"prefix": "E", "length": "3..9"}, {"method": "gumbel"}, {"not_like": 3}]
    for asked in wanted:
        drawn = model.sample(4, seed=1, training=elves if "not_like" in asked else None, **asked)
        assert texts(client.post("/api/sample", {"like": elves, "n": 4, "seed": 1, **asked})) == list(drawn)
    best = client.post("/api/sample", {"like": elves, "best": 3, "n": 30, "seed": 1}).json()["best"]
    assert {each["nearest"] for each in best} <= set(elves)
    assert len(texts(client.post("/api/sample", {"like": ["Anna"]}))) == 20
    for bad, part in (
        ({}, "like"),
        ({"like": []}, "like"),
        ({"like": [" "]}, "like has no name"),
        ({"like": "Anna"}, "like"),
        ({"like": ["a" * 201]}, "like"),
        ({"like": ["Anna"], "label": "elf"}, "label"),
        ({"like": ["Anna"], "prefix": "x"}, "'x'"),
    ):
        problem(client.post("/api/sample", bad), 422, part)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"prefix": "Tyr", "length": "6..12", "allow_known": True},
        {"contains": ["raptor"], "without": "z", "avoid": ["Velociraptor"], "avoid_parts": True},
        {"pattern": ["[A-M].*", ".*saurus"], "method": "gumbel"},
        {"not_like": 3, "n": 5},
        {"prefix": ["A", "L"], "suffix": ["us", "don"], "not_pattern": [".*o.*n"], "max_repeat": 1},
        {"prefix": "ve", "ignore_case": True, "avoid": ["RAPTOR"], "avoid_parts": True, "case": "upper", "n": 5},
    ],
)
def test_the_same_seed_gives_the_names_that_python_draws(client: Client, asked: dict[str, Any]) -> None:
    answer = client.post(SAMPLE, {"seed": 7, **asked})
    drawn = load().sample(**{"seed": 7, **asked})
    assert texts(answer) == list(drawn)
    assert (answer.json()["seed"], answer.json()["drawn"]) == (7, drawn.drawn)
    losses = [-float(score.mean()) for score in load().score(drawn.documents)]
    assert answer.json().get("avoided") == drawn.avoided
    assert [each["nats_per_symbol"] for each in answer.json()["samples"]] == pytest.approx(losses, abs=1e-5)
    assert ("probability" in answer.json()) == (drawn.probability is not None)


def test_without_a_seed_the_one_that_was_drawn_gives_the_same_again(client: Client) -> None:
    first = client.post(SAMPLE, {"n": 5})
    assert texts(client.post(SAMPLE, {"n": 5, "seed": first.json()["seed"]})) == texts(first)
    assert texts(client.post(SAMPLE, {"n": 5})) != texts(first)


def test_the_best_are_ranked(client: Client) -> None:
    best = client.post(SAMPLE, {"n": 50, "best": 3, "seed": 2}).json()["best"]
    expected = load().best(3, 50, seed=2)
    assert best == [pytest.approx(vars(each)) for each in expected]


def test_diverse_names_are_those_of_python_and_fewer_are_explained(client: Client) -> None:
    asked = {"n": 40, "seed": 2, "max_length": 6, "diverse": True}
    answer = client.post(SAMPLE, asked).json()
    assert texts(client.post(SAMPLE, asked)) == list(load().sample(40, seed=2, max_length=6, diverse=True))
    assert texts(client.post(SAMPLE, {**asked, "diverse": False})) != [each["text"] for each in answer["samples"]]
    best = client.post(SAMPLE, {**asked, "best": 40}).json()
    assert best["best"] == [
        pytest.approx(vars(each)) for each in load().best(40, 40, seed=2, max_length=6, diverse=True)
    ]
    assert len(best["best"]) < 40
    assert [remark for remark in best["remarks"] if "are 3 edits or more from each other (diverse)" in remark]


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
        ({"diverse": True, "method": "gumbel"}, ['method="gumbel" would not hold: choose one']),
        ({"diverse": True, "allow_duplicates": True}, ["allow_duplicates keeps repeated names, and diverse leaves"]),
        ({"n": 0}, ["n: "]),
        ({"n": 1001}, ["best: without it, n is at most 1,000"]),
        ({"seed": 2**64}, ["seed is 18446744073709551616; it must be from 0 to"]),
        ({"prefix": "ß"}, ["'ß'"]),
        ({"prefix": "x" * 201}, ["prefix.0: "]),
        ({"pattern": "a.*"}, ["pattern: ", "list"]),
        ({"contains": ["a"] * 11}, ["contains: "]),
        ({"length": "2000"}, ["length: ", "1,000"]),
        ({"length": "٩٩٩٩"}, ["length is '٩٩٩٩'"]),
        ({"heat": 2}, ["heat: there is no such option"]),
        ({"avoid_parts": True}, ["avoid_parts needs avoid, the names to look for"]),
        ({"training": "dinosaurs"}, ["training is used only with not_like or best"]),
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
    in_bits = client.post(SCORE, {"texts": names, "unit": "bits"}).json()["scores"]
    for score, bits in zip(scores, in_bits, strict=True):
        assert {"nats_per_symbol", "bits_per_symbol"} & bits.keys() == {"bits_per_symbol"}
        for of_nats, of_bits in zip(score["symbols"], bits["symbols"], strict=True):
            assert of_bits.keys() == {"character", "bits"}
            if of_nats["nats"] is not None:
                assert of_bits["bits"] == pytest.approx(of_nats["nats"] / math.log(2))
    problem(client.post(SCORE, {"texts": names, "unit": "bans"}), 422, "unit: ")
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


SMALL = Limits(corpus_bytes=1000, corpora=3, corpora_bytes=1500, uploads=2)


@contextmanager
def refused(status: int, *parts: str) -> Iterator[None]:
    """What is raised has this status, and all of `parts` in its sentence."""
    with pytest.raises(ProblemError) as found:
        yield
    assert found.value.status == status
    assert all(part in found.value.detail for part in parts), found.value.detail


def test_names_and_labels_are_read_as_elsewhere() -> None:
    corpora = Corpora(SMALL)
    id, corpus = corpora.add("\ufeffAnna\r\nÉva\n\nAnna\n".encode())
    assert corpora.get(id) is corpus
    assert corpus.documents == ("Anna", "Éva", "Anna")
    assert corpora.add(b"anna\tgirl\nleon\tboy\n", Reading(labels=True))[1].labels == ("girl", "boy")
    assert corpora.add(b"a\tb\n", Reading(labels=False, format="names"))[1].documents == ("a\tb",)
    assert corpora.add(b"Anna\n", Reading(format="text"))[1].kind == "text"


def test_the_oldest_make_way() -> None:
    corpora = Corpora(SMALL)
    first, *others = [corpora.add(b"Anna\nBo\n")[0] for _ in range(4)]
    with refused(404, "send it again"):
        corpora.get(first)
    for id in others:
        corpora.get(id)
    large = [corpora.add(b"a" * 900)[0] for _ in range(2)]
    with refused(404):
        corpora.get(large[0])
    corpora.get(large[1])
    with refused(404):
        corpora.get(others[2])


def test_the_bundled_list_is_always_there() -> None:
    corpora = Corpora(SMALL)
    assert len(corpora.get("dinosaurs").documents) == 1733
    with refused(409):
        corpora.remove("dinosaurs")
    id, _ = corpora.add(b"Anna\nBo\n")
    corpora.remove(id)
    with refused(404):
        corpora.remove(id)


def upload(content: Any, kind: str = "text/plain", **query: Any) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/api/corpora", {"content": content, "headers": {"Content-Type": kind}, "params": query}


def test_an_upload_over_http(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        content = "Ánna\tgirl\nLeon\tboy\n".encode()
        (answer,) = client.together(upload(content, lowercase="true", labels="true"))
        assert answer.status_code == 201
        found = answer.json()
        assert found.pop("summary").startswith("the list or text sent: 2 names; 8 characters, 6 distinct; 2 labels")
        place = f"/api/corpora/{found.pop('id')}"
        labels = {"girl": 1, "boy": 1}
        first = [{"text": "ánna", "label": "girl", "weight": None}, {"text": "leon", "label": "boy", "weight": None}]
        counts = {"documents": 2, "characters": 8, "distinct": 6, "labels": labels, "weight": None}
        assert found == {"kind": "names", "first": first, "notes": [], **counts}
        assert client.ask("DELETE", place).status_code == 204
        problem(client.ask("DELETE", place), 404, "there is no corpus")
        (turkish,) = client.together(upload("İZMİR\nIĞDIR\n".encode(), lowercase="true", language="tr"))
        assert turkish.json()["summary"].endswith("7 distinct; lower-cased by the rules of tr")


TABLE = b"name,sex,n\nAnna,f,3\nBert,m,4\nCarl,m,0\n"


def previewed(client: Client, content: bytes, **query: Any) -> dict[str, Any]:
    """A preview; an upload of the same body with the same options is read as it says, or refused as it says."""
    method, path, options = upload(content, **query)
    answer = client.ask(method, "/api/preview", **options)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    uploaded = client.ask(method, path, **options)
    if found["problem"] is None:
        assert uploaded.json() == {**found["corpus"], "id": uploaded.json()["id"]}
    else:
        problem(uploaded, found["problem"]["status"], found["problem"]["detail"])
    return found


def test_a_preview_is_what_an_upload_is_read_as(client: Client) -> None:
    found = previewed(client, b"Anna, Bob, Carl")
    assert found["corpus"]["notes"] == ["3 names in one line, parted by commas"]
    assert [each["text"] for each in found["corpus"]["first"]] == ["Anna", "Bob", "Carl"]
    assert (found["problem"], found["columns"]) == (None, [])
    chosen = {"column": "name", "label_column": ["sex", "n"], "skip_bad_lines": "true"}
    found = previewed(client, TABLE, **chosen, weight_column="n")
    anna = {"text": "Anna", "label": "f/3", "weight": 3}
    assert (found["corpus"]["first"][0], found["corpus"]["weight"]) == (anna, 7)
    assert [each["learnt"] for each in found["columns"]] == ["name", "label", "label"]
    assert found["columns"][1]["examples"] == ["f", "m"]
    assert previewed(client, "Ærø\nBornholm\n".encode("cp1252"), encoding="cp1252")["corpus"]["documents"] == 2
    clusters = previewed(client, "e\u0332a\nae\u0332e\u0332\n".encode())["corpus"]
    assert (clusters["characters"], clusters["distinct"]) == (5, 2)
    assert "a letter with its marks" in clusters["summary"]
    many = previewed(client, "\n".join(f"Ann{'abcdefghij'[i % 10] * (1 + i // 10)}" for i in range(40)).encode())
    twice = previewed(client, b"Anna\nBo\nAnna\n")["corpus"]
    assert (twice["documents"], twice["weight"], twice["first"][0]["weight"]) == (2, 3, 2)
    assert (len(many["corpus"]["first"]), many["corpus"]["documents"]) == (10, 40)


def test_a_preview_says_what_is_wrong_and_with_which_option(client: Client) -> None:
    found = previewed(client, b"a,b\nAnna,x\nBert,y\nCarl,z\n")
    assert found["corpus"] is None
    assert [each["option"] for each in found["problem"]["parts"] if each["option"]] == ["column", "format", "format"]
    assert [each["learnt"] for each in found["columns"]] == [None, None]
    bad = previewed(client, TABLE, weight_column="n")
    assert "line 4" in bad["problem"]["detail"]
    assert [each["name"] for each in bad["columns"]] == ["name", "sex", "n"]
    assert previewed(client, b"Anna\n", encoding="foo")["problem"]["parts"][0]["option"] == "encoding"
    assert previewed(client, b"Anna\n\xc3")["problem"]["status"] == 400
    assert previewed(client, b" \n")["problem"]["status"] == 422
    contradictory = previewed(client, TABLE, column="name", format="text")
    assert contradictory["problem"]["parts"][0]["option"] == "column"


def test_a_preview_has_the_limits_of_an_upload(tmp_path: Path) -> None:
    with running(tmp_path, corpus_bytes=1000) as client:
        options = {"content": b"a" * 1001, "headers": {"Content-Type": "text/plain"}}
        problem(client.ask("POST", "/api/preview", **options), 413, "1,000 bytes")
        problem(client.ask("POST", "/api/preview"), 422, "the body is empty")
        options = {"content": b"{}", "headers": {"Content-Type": "application/json"}}
        problem(client.ask("POST", "/api/preview", **options), 415, "text/plain")
    with running(tmp_path, work_seconds=0.0) as client:
        options = {"content": b"Anna\n", "headers": {"Content-Type": "text/plain"}}
        problem(client.ask("POST", "/api/preview", **options), 422, "ended after 0 seconds")


def test_refusals_over_http(tmp_path: Path) -> None:
    async def slowly(count: int = 3, pause: float = 0.05) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"Anna\n" * 80
            await asyncio.sleep(pause)

    with running(tmp_path, **vars(SMALL)) as client:
        (in_chunks,) = client.together(upload(slowly(4, 0)))  # without a length
        problem(in_chunks, 413, "1,000 bytes")
        method, path, options = upload(b"a" * 1200)
        problem(client.ask(method, path, **options | {"headers": {"Content-Length": "5"}}), 413)
        together = client.together(*(upload(slowly(2)) for _ in range(3)))
        assert sorted(answer.status_code for answer in together) == [201, 201, 429]
        for content, kind, query, status, part in REFUSED:
            method, path, options = upload(content, kind, **query)
            problem(client.ask(method, path, **options), status, part)


REFUSED: list[tuple[bytes, str, dict[str, str], int, str]] = [
    (b"Anna\n\xc3", "text/plain", {}, 400, "0xc3 at position 5"),
    (b" \n\n", "text/plain", {}, 422, "is empty: there is no name to learn from"),
    (b"Anna\n", "application/json", {}, 415, "text/plain"),
    (b"Anna\n", "text/plain", {"language": "tr"}, 422, "language is 'tr', and nothing is lower-cased"),
    (b"Anna\n", "text/plain", {"language": "de", "lowercase": "true"}, 422, "language"),
    (b"Anna\n", "text/plain", {"format": "text", "labels": "true"}, 422, "labels belong to names"),
    (b"Anna\n", "text/plain", {"format": "books"}, 422, "format"),
    (b"Anna\n", "text/plain", {"labels": "true"}, 422, "TAB"),
]


def test_a_table_is_uploaded_and_its_columns_are_chosen(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        table = b"given,people,sex\nAna,elf,f\nBu,orc,m\n"
        unclear, chosen = client.together(
            upload(table), upload(table, column="given", label_column="people", encoding="utf-8")
        )
        assert unclear.status_code == 422
        assert "not clear which column has the names: choose it by column" in unclear.json()["detail"]
        assert chosen.json()["labels"] == {"elf": 1, "orc": 1}
        assert [each["text"] for each in chosen.json()["first"]] == ["Ana", "Bu"]
        assert "a table of given, people, sex" in chosen.json()["notes"][0]


def test_an_inventory_over_http_is_a_list_and_never_a_file() -> None:
    asked = TrainingRequest.model_validate({"corpus": "dinosaurs", "inventory": ["au", "ph"], "join": "-"})
    assert (asked.inventory, asked.join, asked.separator) == (["au", "ph"], "-", "")
    for wrong in ("/etc/hostname", ["a" * 101], 7):
        with pytest.raises(ValidationError):
            TrainingRequest.model_validate({"corpus": "dinosaurs", "inventory": wrong})
