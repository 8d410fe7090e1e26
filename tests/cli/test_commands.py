"""The command line as its users meet it: what is printed where, exit statuses, and one line for every bad input."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from commands import one_line, run, run_apart
from examples import NAMES

import mangosaurus
from mangosaurus.training.settings import WITHOUT_TORCH


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "train names --budget 0s --seed 2 --out OUT",
        "train names --steps 3 --hidden 4 --order 2 --seed 2 --quiet",
        "sample model -n 3 --seed 1 --suffix a --contains n",
        "top model -n 3 --prefix h",
        "write sonnets --prompt Thou --length 30 --seed 1",
        "evaluate model names",
        "score model -",
        "classify model -",
        "report model --out OUT --holdout names",
        "info model",
        "blend model dinosaurs --out OUT",
        "export model --out OUT.html",
        "import-keras names --corpus names --out OUT",
        "import-counts names --out OUT",
        "corpora",
        "classic names --iterations 2 --names 1 --no-compiled --json",
        "sample --bogus",
        "",
    ],
)
def test_in_this_process_as_in_one_of_its_own(words: str, model: Path, names: Path, tmp_path: Path) -> None:
    """Nothing is missing that other tests have imported, and nothing more is said when a process ends."""
    (tmp_path / "names").write_bytes(names.read_bytes())
    (tmp_path / "model").write_bytes(model.read_bytes())
    here, apart = (
        function(*words.replace("OUT", out).split(), input="anna\n", cwd=tmp_path)
        for function, out in ((run, "out-1"), (run_apart, "out-2"))
    )
    assert apart.returncode == here.returncode
    assert without_seconds(apart.stdout) == without_seconds(here.stdout)
    assert without_seconds(apart.stderr).replace("out-2", "out-1") == without_seconds(here.stderr)


def without_seconds(printed: str) -> str:
    """Nor lines of progress: how many there are depends on how long it takes."""
    printed = re.sub(r"^[a-z -]+, \d+ s\b.*\n", "", printed, flags=re.MULTILINE)
    return re.sub(r"[\d.]+ s\b|\"seconds\": [\d.]+", "some seconds", printed)


def test_train_prints_ten_names_and_says_the_rest_elsewhere(names: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    done = run("train", names, "--steps", "20", "--hidden", "8", "--out", out)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(set(done.stdout.splitlines())) == 10
    assert not set(done.stdout.splitlines()) & set(NAMES)
    for part in (
        f"{names}: {len(NAMES)} names",
        "held-out loss: ",
        f"the model is in {out}",
        f"mangosaurus sample {out}",
    ):
        assert part in done.stderr
    assert out.is_file()


def test_train_quiet_and_json(names: Path, tmp_path: Path) -> None:
    done = run("train", names, "--budget", "0", "--quiet", "--json", "--out", tmp_path / "m")
    assert done.stderr == ""
    result = json.loads(done.stdout)
    assert result["out"] == str(tmp_path / "m")
    assert len(result["samples"]) == 10
    assert result["training"]["note"] == "the n-gram and the prior alone, as asked"


def test_train_without_torch(names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.training.settings.find_spec", lambda name: None)
    done = run("train", names)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 10)
    assert [line for line in done.stderr.splitlines() if "torch" in line] == [f"note: {WITHOUT_TORCH}"]
    for asked in ("--budget 10s", "--steps 3", "--cell lstm"):
        one_line(run("train", names, *asked.split()), "needs torch, which is not installed: run pip install")


def test_train_from_standard_input_and_folders(tmp_path: Path) -> None:
    done = run("train", "-", "--format", "names", "--budget", "0", input="Łódź\nGdańsk\nGdynia\nToruń\nKłodzko\n")
    assert done.returncode == 0
    assert "standard input: 5 names" in done.stderr
    assert "the model is not saved" in done.stderr
    (tmp_path / "a.txt").write_text("To be, or not to be, that is the question.\n" * 20, encoding="utf-8")
    done = run("train", tmp_path, "--budget", "0", "--out", tmp_path / "m")
    assert "1 text;" in done.stderr


def test_train_on_a_large_file_within_some_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 100_000)
    (tmp_path / "large.txt").write_text("\n".join(f"{name}{number}" for number in range(2_000) for name in NAMES[:9]))
    out = tmp_path / "m.safetensors"
    command = ("train", tmp_path / "large.txt", "--memory", "1GB", "--budget", "0s", "--out", out)
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert "into a file in" in done.stderr
    assert len(done.stdout.splitlines()) == 10
    assert "into a file in" not in run(*command, "--force").stderr  # it has been made
    one_line(run(*command[:2], "--memory", "64MB"), "memory is '64MB'; training takes 1,000MB or more")


def test_train_by_name(tmp_path: Path) -> None:
    quick = ("--budget", "0s", "--no-prior", "--seed", "3")
    done = run("train", "dinosaurs", *quick, cwd=tmp_path)
    assert done.returncode == 0
    assert "the bundled list of dinosaurs: 1,733 names" in done.stderr
    assert done.stdout == run("train", *quick).stdout
    one_line(run("train", "dinosours", cwd=tmp_path), "dinosours does not exist; did you mean dinosaurs?")
    one_line(run("train", "sonnets-keras", cwd=tmp_path), "is a Keras model and no corpus")


def test_sample_prints_names_and_nothing_else(model: Path, tmp_path: Path) -> None:
    done = run("sample", model, "-n", "25", "--seed", "4", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(set(done.stdout.splitlines())) == 25
    assert run("sample", model, "-n", "7", "--seed", "4").stdout.splitlines() == done.stdout.splitlines()[:7]


def test_sample_options(model: Path) -> None:
    done = run("sample", model, "-n", "5", "--prefix", "han", "--max-length", "9", "--seed", "1", "--scores")
    for line in done.stdout.splitlines():
        name, score = line.split("\t")
        assert name.startswith("han")
        assert len(name) <= 9
        assert float(score) > 0
    done = run("sample", model, "-n", "4", "--json", "--seed", "9", "--top-k", "3", "--top-p", "0.9", "--min-p", "0.05")
    result = json.loads(done.stdout)
    assert result["seed"] == 9
    assert [set(sample) for sample in result["samples"]] == [{"text", "nats_per_symbol"}] * 4
    loaded = mangosaurus.load(model)
    texts = [sample["text"] for sample in result["samples"]]
    expected = [-float(scores.mean()) for scores in loaded.score(texts)]
    assert [sample["nats_per_symbol"] for sample in result["samples"]] == pytest.approx(expected)


def test_a_shortfall_is_told_on_standard_error(model: Path) -> None:
    done = run("sample", model, "-n", "50", "--max-length", "1", "--seed", "1")
    assert done.returncode == 0
    assert 0 < len(done.stdout.splitlines()) < 50
    assert "of the 50 asked for" in done.stderr


def test_evaluate(model: Path, names: Path, tmp_path: Path) -> None:
    done = run("evaluate", model, names, "--json")
    result = json.loads(done.stdout)
    symbols = sum(len(name) + 1 for name in NAMES)
    assert (result["documents"], result["symbols"], result["unknown_characters"]) == (len(NAMES), symbols, 0)
    nats = -sum(float(scores.sum()) for scores in mangosaurus.load(model).score(NAMES))
    assert result["nats_per_symbol"] == pytest.approx(nats / symbols)
    assert result["bits_per_character"] == pytest.approx(nats / 0.6931471805599453 / (symbols - len(NAMES)))
    other = tmp_path / "other.txt"
    other.write_text("hanna\nжanne\n", encoding="utf-8")
    done = run("evaluate", model, other)
    assert "nats per symbol" in done.stdout
    assert "1 character is not in the model's vocabulary" in done.stderr
    assert "'ж'" in done.stderr
    done = run("evaluate", model, other, "--samples", "8", "--training", names, "--json")
    result = json.loads(done.stdout)
    assert result["new"] == sum(near["text"] not in NAMES for near in result["nearest"]) / 8
    assert result["distinct"] == len({near["text"] for near in result["nearest"]}) / 8
    assert all(near["nearest"] in NAMES for near in result["nearest"])
    assert "of 8 samples" in run("evaluate", model, other, "--samples", "8").stdout


def test_info(model: Path) -> None:
    done = run("info", model)
    assert "7-gram mixed with the prior of names, of names" in done.stdout
    assert re.search(r"experts: +n-gram \d+%, prior \d+%", done.stdout)
    assert json.loads(run("info", model, "--json").stdout)["training_documents"] == len(set(NAMES))
    assert "LSTM" in run("info").stdout
    assert "repeat it with --steps 480 --members 1 --cell lstm --hidden 96" in run("info").stdout


def test_help_and_version() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("train", "sample", "evaluate", "info", "corpora"):
        assert command in done.stdout
    assert run("--version").stdout == f"mangosaurus {mangosaurus.__version__}\n"


def test_bad_corpora(tmp_path: Path) -> None:
    one_line(run("train", tmp_path / "no.txt"), "no.txt does not exist")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    one_line(run("train", tmp_path / "empty.txt", "--out", tmp_path / "m"), "empty.txt is empty")
    assert not (tmp_path / "m").exists()
    (tmp_path / "latin.txt").write_bytes("Anna\nZoë\n".encode("latin-1"))
    one_line(run("train", tmp_path / "latin.txt"), "is not UTF-8: the byte 0xeb at position 7, in line 2")
    (tmp_path / "folder").mkdir()
    one_line(run("train", tmp_path / "folder"), "has no .txt files")


def test_bad_model_files(model: Path, names: Path, tmp_path: Path) -> None:
    one_line(run("sample", tmp_path / "no.safetensors"), "no.safetensors does not exist")
    one_line(run("sample", names), "is text, not a model file: mangosaurus train", "--like")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(model.read_bytes()[:1000])
    one_line(run("sample", cut), "truncated")
    newer = tmp_path / "newer.safetensors"
    data = model.read_bytes()
    assert data.count(b'\\"format\\": 4') == 1
    newer.write_bytes(data.replace(b'\\"format\\": 4', b'\\"format\\": 9'))
    one_line(run("evaluate", newer, names), "has format 9, and this version of Mangosaurus reads format 4")


def test_bad_options_of_train(names: Path, tmp_path: Path) -> None:
    one_line(run("train", names, "--budget", "soon"), "budget is 'soon'")
    one_line(run("train", names, "--cell", "tree"), "cell is 'tree'; it must be one of rnn, gru, lstm, transformer")
    one_line(run("train", names, "--device", "tpu"), "device is 'tpu'; it must be one of auto, cpu, cuda, mps")
    one_line(run("train", names, "--format", "csv"), "format is 'csv'; it must be one of names, text, auto")
    one_line(run("train", names, "--nonsense"), "there is no option --nonsense; see", "see mangosaurus train --help")
    one_line(run("sample", "-n", "many"), "-n is 'many'; it must be a whole number; see mangosaurus sample --help")
    one_line(run("evaluate"), "Missing argument")
    one_line(run("bogus"), "there is no command bogus; see mangosaurus --help")
    one_line(run("trian"), "there is no command trian; did you mean train?")
    one_line(run("sample", "--prefix", "San", "dinosaurs", "Marino"), "in the place of Marino; text with spaces needs")


def test_an_output_that_cannot_be_written_is_noticed_before_training(names: Path, model: Path, tmp_path: Path) -> None:
    before = model.read_bytes()
    one_line(run("train", names, "--out", model), "exists already", "--force")
    assert model.read_bytes() == before
    # Not before one step of a training has been made: that would not end.
    words = ("--steps", "100000000", "--out", tmp_path / "no" / "m")
    one_line(run("train", names, *words), "cannot be written")
    assert run("train", names, "--budget", "0", "--out", model, "--force").returncode == 0


def test_a_short_budget_falls_back_and_says_so(names: Path) -> None:
    done = run("train", names, "--budget", "1s")
    assert done.returncode == 0
    assert "the budget of 1 s is too short for a network: the n-gram and the prior alone" in done.stderr


def test_info_of_a_strange_record_is_one_line_a_fact(model: Path, tmp_path: Path) -> None:
    loaded = mangosaurus.load(model)
    record = {"corpus": "a\nlist\x1b[2J", "held_out": 1.5, "finished": True, "plan": {"cell": "lstm"}, "seconds": None}
    replace(loaded, training=record).save(tmp_path / "strange.safetensors")
    done = run("info", tmp_path / "strange.safetensors")
    assert done.returncode == 0, done.stderr
    assert r"a\nlist\x1b[2J" in done.stdout
    assert done.stdout.count("\n") == 3
