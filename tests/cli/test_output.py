"""How results are given: the same options on every command that prints some."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from commands import one_line, run
from examples import LABELS, NAMES

import mangosaurus

MODEL = "dinosaurs"
LISTED = [
    *("Brachqiosaurus", "susanna", "=1+1", 'leo, "leon"', "Ceratosaurus", "Diplodocus", "Gallimimus", "Iguanodon"),
    *("Spinosaurus", "Stegosaurus", "Triceratops", "Utahraptor", "Velociraptor", "Archaeopteryx"),
]
EVALUATION = (
    "source nats_per_symbol bits_per_character perplexity symbols characters documents unknown_characters accuracy "
    "nats_per_symbol_by_name known"
)
COLUMNS = {
    "sample people.safetensors -n 3 --seed 1": "text nats_per_symbol",
    "sample people.safetensors -n 3 --seed 1 --method gumbel": "text nats_per_symbol inclusion",
    "sample dinosaurs --best 2 -n 9 --seed 1": "text score nats_per_symbol nearest edits prior_nats_per_symbol length",
    "top people.safetensors -n 2 --prefix han": "text probability log_probability nats_per_symbol",
    "write --prompt Thou --length 9 --seed 1 -n 2": "prompt text",
    "score dinosaurs list.txt": "text nats_per_symbol total_nats known marked remark",
    "score people.safetensors list.txt --unit bits": "text bits_per_symbol total_bits known marked remark",
    "score people.safetensors list.txt --symbols --unit bits": "number text position symbol bits",
    "classify people.safetensors list.txt": "number text label probability",
    "evaluate dinosaurs list.txt": EVALUATION,
    "evaluate people.safetensors list.txt --samples 2": f"{EVALUATION} samples new distinct",
    "evaluate people.safetensors list.txt other.txt": f"{EVALUATION} difference low high",
    "info": "key value",
    "corpora": "name about format size place path file sha256 address",
}
"""Commands that print results, and the columns of their tables."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    mangosaurus.fit(NAMES, labels=LABELS, budget=0).save(folder / "people.safetensors")
    (folder / "list.txt").write_text("\n".join(LISTED) + "\n")
    (folder / "other.txt").write_text("anna\nbob\nceratosaurus\n")
    return folder


def rows_of(printed: str, delimiter: str = ",") -> list[list[str]]:
    return [*csv.reader(io.StringIO(printed, newline=""), delimiter=delimiter)]


@pytest.mark.parametrize("words", COLUMNS)
def test_a_table_has_a_header_and_every_manner_can_be_a_file(words: str, folder: Path, tmp_path: Path) -> None:
    done = run(*words.split(), "--csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout)
    assert rows[0] == COLUMNS[words].split()
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    written = {}
    for ending in ("txt", "TSV", "json"):
        out = tmp_path / f"results.{ending}"
        done = run(*words.split(), "--out", out, cwd=folder)
        assert (done.returncode, done.stdout) == (0, "")
        assert f"the results are in {out}" in done.stderr
        written[ending] = out.read_text(encoding="utf-8")
    assert written["txt"] == run(*words.split(), cwd=folder).stdout
    assert rows_of(written["TSV"], "\t") == rows
    assert isinstance(json.loads(written["json"]), dict)


@pytest.mark.parametrize("words", [words for words in COLUMNS if words.split()[0] in ("write", "info", "corpora")])
def test_a_file_is_replaced_only_by_force_and_its_ending_must_fit(words: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.csv"
    out.write_text("old")
    one_line(run(*words.split(), "--out", out, cwd=folder), "exists already; choose another name, or --force")
    for given, part in (
        (["--csv", "--json"], "--json and --csv are both given; choose one"),
        (["--out", out, "--json"], "which does not end like --json: leave one of them out"),
        (["--out", tmp_path / "results.xlsx"], "and no results end in .xlsx: end it in .txt, .json, .csv or .tsv"),
        (["--force"], "--force needs "),
        (["--out", tmp_path / "none" / "a.csv"], "cannot be written"),
    ):
        one_line(run(*words.split(), *given, cwd=folder), part)
    assert out.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["results.csv"]
    done = run(*words.split(), "--out", out, "--force", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert out.read_text().startswith(COLUMNS[words].split()[0] + ",")


def test_a_named_manner_needs_no_ending_and_no_ending_is_text(folder: Path, tmp_path: Path) -> None:
    for name, manner in (("results.dat", ["--tsv"]), ("results", [])):
        assert run("info", *manner, "--out", tmp_path / name, cwd=folder).returncode == 0
        assert (tmp_path / name).read_text() == run("info", *manner).stdout


@pytest.mark.parametrize(
    "words",
    [
        "score dinosaurs list.txt",
        "classify people.safetensors list.txt",
        "evaluate dinosaurs other.txt list.txt",
        "sample people.safetensors --training list.txt --not-like 2",
        "top people.safetensors --training list.txt --not-like 2",
        "write --prompt-file list.txt",
    ],
)
def test_what_is_read_is_not_written(words: str, folder: Path) -> None:
    before = (folder / "list.txt").read_bytes()
    done = run(*words.split(), "--out", "list.txt", "--force", cwd=folder)
    one_line(done, "list.txt is read by this command; name another file")
    assert (folder / "list.txt").read_bytes() == before


def test_cells_are_names_as_they_are(folder: Path) -> None:
    rows = rows_of(run("score", MODEL, "list.txt", "--csv", cwd=folder).stdout)
    assert [row[0] for row in rows[1:]] == LISTED
    assert rows[3][1] == "inf"  # the model does not know =


def test_numbers_of_tables_are_those_of_json(folder: Path) -> None:
    words = "sample", "-n", "3", "--seed", "1"
    rows = rows_of(run(*words, "--csv").stdout)
    samples = json.loads(run(*words, "--json").stdout)["samples"]
    assert [[each["text"], repr(each["nats_per_symbol"])] for each in samples] == rows[1:]
    one_line(run("sample", "--scores", "--csv"), "--scores has no effect with --csv")
    one_line(run("sample", "--scores", "--out", folder / "new.json"), "--scores has no effect with --json")


def score(folder: Path, *more: str) -> Any:
    return json.loads(run("score", MODEL, "list.txt", "--json", *more, cwd=folder).stdout)


def test_bits_are_nats_by_log_2(folder: Path) -> None:
    nats, bits = score(folder), score(folder, "--unit", "bits")
    assert (nats["unit"], bits["unit"]) == ("nats", "bits")
    one = 0.6931471805599453
    assert bits["threshold"] * one == pytest.approx(nats["threshold"])
    for a, b in zip(nats["entries"], bits["entries"], strict=True):
        for name in ("{}_per_symbol", "total_{}"):
            if a[name.format("nats")] is None:
                assert b[name.format("bits")] is None
            else:
                assert b[name.format("bits")] * one == pytest.approx(a[name.format("nats")])
        assert [x is None for x in a["nats"]] == [x is None for x in b["bits"]]
    done = run("score", MODEL, "list.txt", "--unit", "bits", cwd=folder)
    assert "unlikely: " in done.stdout
    assert " nats" not in done.stdout + done.stderr
    one_line(
        run("score", MODEL, "list.txt", "--unit", "bans", cwd=folder), "--unit is 'bans'; it must be one of nats, bits"
    )


def test_symbols_are_lines_of_their_own(folder: Path) -> None:
    (folder / "spaced.txt").write_text("a b\n")
    lines = [
        line.split("\t") for line in run("score", "sonnets", "spaced.txt", "--symbols", cwd=folder).stdout.splitlines()
    ]
    assert [line[:3] for line in lines] == [
        ["a b", "1", "a"],
        ["a b", "2", "U+0020"],
        ["a b", "3", "b"],
        ["a b", "4", "U+000A"],
        ["a b", "5", "END"],
    ]


def test_several_lists_are_compared(folder: Path) -> None:
    words = "evaluate", MODEL, "list.txt", "other.txt", "list.txt"
    done = run(*words, cwd=folder)
    header, first, other, same = done.stdout.splitlines()
    assert header.split("  ")[0] == "file"
    assert first.split()[0] == same.split()[0] == "list.txt"
    assert first.split()[1:] == same.split()[1 : len(first.split())]
    assert "+0.0000 [+0.0000, +0.0000]" in same
    assert "bootstrap over distinct names" in done.stderr
    result = json.loads(run(*words, "--json", cwd=folder).stdout)
    low, high = (result["evaluations"][1][name] for name in ("low", "high"))
    assert low < result["evaluations"][1]["difference"] < high
    assert f"[{low:+.4f}, {high:+.4f}]" in other
    again = json.loads(run(*words, "--json", "--seed", "1", cwd=folder).stdout)
    assert again["evaluations"][1]["low"] != low
    alone = json.loads(run("evaluate", MODEL, "other.txt", "--json", cwd=folder).stdout)
    assert alone.items() <= result["evaluations"][1].items()
    one_line(run(*words, "--samples", "3", cwd=folder), "--samples needs a single file, and 3 are given")
    one_line(run("evaluate", MODEL, "-", "-", cwd=folder), "standard input can be read once")


def test_how_labels_agree_is_told_beside_a_table(folder: Path) -> None:
    lines = "\n".join(f"{name}\t{label}" for name, label in zip(NAMES, LABELS, strict=True)) + "\n"
    done = run("classify", "people.safetensors", "-", "--csv", "--top", "1", input=lines, cwd=folder)
    assert len(rows_of(done.stdout)) == 1 + len(NAMES)
    assert "names have their most probable label" in done.stderr
