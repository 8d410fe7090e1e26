"""`mangosaurus blend`, and the verb of the same name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import one_line, run
from examples import NAMES

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.errors import OptionError
from mangosaurus.formats.native.contents import parts_in_words

TOWNS = ["Łódź", "Gdańsk", "Gdynia", "Toruń", "Kłodzko", "Poznań"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    made = {
        "names": mangosaurus.fit(NAMES, budget=0, prior=False),
        "towns": mangosaurus.fit(TOWNS, budget=0, prior=False),
        "text": mangosaurus.fit(["to be, or not to be, that is the question"], format="text", budget=0),
    }
    for name, model in made.items():
        model.save(folder / name)
    return {name: folder / name for name in made}


def test_a_blend_is_a_model_like_any_other(models: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "both.safetensors"
    done = run("blend", models["names"], models["towns"], "--weights", "3,1", "--out", out)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 10
    assert done.stderr == f"the blend is in {out}; more: mangosaurus sample {out} -n 100\n"
    info = run("info", out).stdout
    assert "product of 0.75 × (7-gram), 0.25 × (7-gram), of names" in info
    assert f"0.25 × 7-gram, trained on a list: {len(TOWNS)} names" in info
    assert run("sample", out, "-n", "5", "--seed", "0").stdout.splitlines() == done.stdout.splitlines()[:5]
    names = tmp_path / "names.txt"
    names.write_text("Łanna\nGdynia\n", encoding="utf-8")
    assert json.loads(run("evaluate", out, names, "--json").stdout)["unknown_characters"] == 0
    again = tmp_path / "again.safetensors"
    done = run("blend", out, models["towns"], "--how", "mixture", "--out", again, "--json", "--quiet")
    assert done.stderr == ""
    described = json.loads(done.stdout)
    assert (
        described["info"]["model"] == "mixture of 0.5 × (product of 0.75 × (7-gram), 0.25 × (7-gram)), 0.5 × (7-gram)"
    )
    assert described["info"]["training_documents"] == len(NAMES) + len(TOWNS)
    assert len(described["samples"]) == 10


def test_how_much_of_each_part_is_the_prior(names: Path) -> None:
    model = mangosaurus.fit(names, budget=0)
    shares = model.training["shares"]
    (part, _) = parts_in_words(mangosaurus.blend([model, model]).training)
    said = f"(n-gram {shares['n-gram']:.0%}, prior {shares['prior']:.0%}), trained on {names}"
    assert part.startswith(f"0.5 × 7-gram mixed with the prior of names {said}")


def test_in_python(models: dict[str, Path]) -> None:
    names = mangosaurus.load(models["names"])
    blended = mangosaurus.blend([names, models["towns"]], weights=[np.float32(2), 6], how="mixture")  # type: ignore[list-item]
    assert isinstance(blended, Model)
    assert blended.vocabulary.characters == tuple(sorted({*"".join(NAMES), *"".join(TOWNS)}))
    assert all(name in blended.known for name in (*NAMES, *TOWNS))
    assert "Krakau" not in blended.known
    parts = blended.training["blend"]["parts"]
    assert [part["weight"] for part in parts] == [0.25, 0.75]
    assert parts[0]["training"] == names.training
    assert blended.default_length == max(names.default_length, 20)
    towns = mangosaurus.load(models["towns"])
    for text in ("anna", "anda"):  # characters of both
        both = [float(np.exp(model.score([text])[0].sum())) if set(text) <= set(model.vocabulary.characters) else 0.0
                for model in (names, towns)]  # fmt: skip
        expected = 0.25 * both[0] + 0.75 * both[1]
        assert float(np.exp(blended.score([text])[0].sum())) == pytest.approx(expected)
    assert mangosaurus.blend([names, names]).training["blend"]["how"] == "product"


def test_curves_are_not_shown_and_records_may_say_anything(models: dict[str, Path]) -> None:
    names = mangosaurus.load(models["names"])
    names.training["curves"] = [[[1, 2.0, 2.0]]]
    inner = mangosaurus.blend([names, models["towns"]])
    outer = mangosaurus.blend([inner, names])
    assert "curves" in outer.training["blend"]["parts"][1]["training"]
    assert "curves" not in json.dumps(outer.info())
    for strange in (3, {"parts": 4}, {"parts": [7]}, {"parts": [{"weight": "x"}]}):
        names.training["blend"] = strange
        assert names.info()["training"]["blend"] == strange or names.info()["training"]["blend"]["parts"] == []


def test_a_blend_of_single_texts_writes_on() -> None:
    texts = ["to be, or not to be. ", "the lark, the herald of the morn. "]
    models = [mangosaurus.fit([text * 2], format="text", budget=0) for text in texts]
    blended = mangosaurus.blend([mangosaurus.blend(models), models[0]])
    assert len(blended.known) == 2
    assert len(blended.write("to ", length=2000, seed=1)) == 2003
    ending = mangosaurus.blend([mangosaurus.fit(["to be. ", "the lark. "], format="text", budget=0), models[0]])
    assert len(ending.write("to ", length=2000, seed=1)) < 2003
    assert len(mangosaurus.blend([ending, models[0]]).write("to ", length=2000, seed=1)) < 2003


def test_one_line_for_what_cannot_be_blended(models: dict[str, Path], tmp_path: Path) -> None:
    names, towns, out = models["names"], models["towns"], tmp_path / "out"
    one_line(run("blend", names, "--out", out), "two models or more, and 1 is given")
    one_line(run("blend", names, towns, "--weights", "1,2,3", "--out", out), "there are 2 models and 3 weights")
    one_line(run("blend", names, towns, "--weights", "1,-2", "--out", out), "a weight is -2.0; it must be a positive")
    one_line(run("blend", names, towns, "--weights", "nan,1", "--out", out), "a weight is nan")
    one_line(run("blend", names, towns, "--weights", "1;2", "--out", out), "--weights is '1;2'", "0.7,0.3")
    one_line(run("blend", names, towns, "--how", "sum", "--out", out), "--how is 'sum'", "product, mixture")
    one_line(run("blend", names, tmp_path / "none", "--out", out), "none does not exist")
    one_line(run("blend", names, models["text"], "--out", out), "the first is of names and number 2 of text")
    one_line(run("blend", names, towns, "--out", towns), "exists already")
    one_line(run("blend", names, towns), "--out")
    assert not out.exists()
    with pytest.raises(OptionError, match="item number 1 of weights is 'a'; each must be a number"):
        mangosaurus.blend([names, towns], weights=["a", "b"])  # type: ignore[list-item]
    assert mangosaurus.blend([names, towns], weights=[1e308, 1e308]).training["blend"]["parts"][0]["weight"] == 0.5
