"""The list of models, one of them, its file; what may be kept and removed."""

from __future__ import annotations

from pathlib import Path

from applications import Client, problem, running

from mangosaurus import Model, load
from mangosaurus.server.limits import Limits


def test_the_server_tells_its_limits(client: Client) -> None:
    about = client.get("/api/about").json()
    assert about["limits"]["names"] == Limits().names
    assert about["limits"].keys() == vars(Limits()).keys()


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
