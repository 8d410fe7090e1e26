"""Whatever is sent that the description allows, and much that it does not, is answered as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from applications import Client, problem, running
from hypothesis import HealthCheck, settings
from patience import PATIENCE
from serving import Served, serving

from mangosaurus.server.app import create_app
from mangosaurus.server.middleware import UPLOADS, Address
from mangosaurus.server.models import ModelRegistry


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """It gives a request little time, as some of those that are made up would take all of the usual ten seconds."""
    with serving(tmp_path_factory.mktemp("schema"), limits={"work_seconds": 0.3}) as served:
        yield served


DESCRIBED = create_app(ModelRegistry(Path("unused"), 1), Address("127.0.0.1", 8000)).openapi()
TEXT = {"Content-Type": "text/plain"}
REFUSED = [400, 403, 404, 405, 409, 413, 415, 422, 429, 503]
"""413 among them: what has too many parts may be too large as well."""
ANSWERED = ["2xx", *REFUSED]
"""The description cannot say all: which characters a model knows, or which constraints no name satisfies."""
CHECKS = {
    "negative_data_rejection": {"expected-statuses": REFUSED},
    "positive_data_acceptance": {"expected-statuses": ANSWERED},
}
# Not the thousands of cases that cover each call's every field: each process that runs tests would make them up when it
# collects these. The fields are covered below.
PHASES = {"coverage": {"enabled": False}}
schema = schemathesis.openapi.from_dict(
    DESCRIBED, config=schemathesis.Config.from_dict({"checks": CHECKS, "phases": PHASES})
)
quick = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


CALLS = [
    (method, path.replace("{id}", "dinosaurs"), call)
    for path, calls in DESCRIBED["paths"].items()
    for method, call in calls.items()
    if path.startswith("/api")
]


def named(call: dict[str, Any]) -> dict[str, Any] | None:
    """The description of the JSON that a call reads; None if it reads none."""
    content = call.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    shape: dict[str, Any] = DESCRIBED["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return shape


@pytest.mark.parametrize(("method", "path", "call"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
def test_what_a_call_does_not_know_is_refused(client: Client, method: str, path: str, call: dict[str, Any]) -> None:
    shape = named(call)
    good: dict[str, Any] = {"content": b"Anna\n", "headers": TEXT} if path in UPLOADS else {}
    good = {"json": shape["examples"][0]} if shape else good
    refused = client.ask(method.upper(), path, **good, params={"heat": 2})
    problem(refused, 422, "unknown query parameter heat")
    if shape:
        problem(client.post(path, shape["examples"][0] | {"heat": 2}), 422, "heat: there is no such option")
    elif "requestBody" not in call:
        problem(client.ask(method.upper(), path, json={"heat": 2}), 422, "this call takes no body")


def test_what_is_given_twice_is_refused(client: Client) -> None:
    path = "/api/corpora?format=names&format=text"
    problem(client.ask("POST", path, content=b"Anna\n", headers=TEXT), 422, "format is given twice")
    for body in (b'{"n": 1, "seed": 1, "n": 2}', b'{"label": {"elf": 1, "elf": 2}}'):
        headers = {"Content-Type": "application/json"}
        refused = client.ask("POST", "/api/models/dinosaurs/sample", content=body, headers=headers)
        problem(refused, 422, " is given twice")


@schema.parametrize()
@quick
def test_every_call_answers_as_it_is_described(case: schemathesis.Case[Any], server: Served) -> None:
    case.call_and_validate(base_url=server.address, timeout=PATIENCE)


@schema.include(method="POST", path_regex="/(sample|top|write|score|predict)$").parametrize()
@quick
def test_and_so_does_every_call_of_a_model_that_there_is(case: schemathesis.Case[Any], server: Served) -> None:
    case.path_parameters["id"] = "sonnets" if case.path.endswith("write") else "dinosaurs"
    case.call_and_validate(base_url=server.address, timeout=PATIENCE)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("hurried") / "kept", work_seconds=0.3) as client:
        yield client


@pytest.mark.parametrize("value", [None, True, -1, 10**30, 1.5, "", "ʘ\n", [], ["", 3], {}], ids=repr)
@pytest.mark.parametrize(
    ("path", "call"), [(path, call) for _, path, call in CALLS if path.startswith("/api/models/") and named(call)]
)
def test_whatever_a_field_holds_the_answer_is_one_that_is_described(
    hurried: Client, path: str, call: dict[str, Any], value: object
) -> None:
    shape = named(call)
    assert shape is not None
    path = path.replace("dinosaurs", "sonnets") if path.endswith("write") else path
    good = shape["examples"][0] | ({"n": 1} if "n" in shape["properties"] else {})
    for field in shape["properties"]:
        answer = hurried.post(path, good | {field: value})
        assert str(answer.status_code) in call["responses"], (field, answer.text)
        if answer.status_code != 200:
            assert answer.status_code in REFUSED, (field, answer.text)
            problem(answer, answer.status_code)
