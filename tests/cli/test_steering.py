"""`--like`, `--unlike` and `--strength` of a model, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import one_line, run

import mangosaurus

LIKED = "Zumoraptor, Hevingaceratops"
SEED = ("-n", "5", "--seed", "1")


def test_a_model_is_steered_as_in_python() -> None:
    model = mangosaurus.load()
    asked = run("sample", "dinosaurs", "--like", LIKED, "--unlike", "Macrodon", "--strength", "0.3", *SEED)
    wanted = model.sample(5, seed=1, like=LIKED, unlike=["Macrodon"], strength=0.3)
    assert asked.stdout.splitlines() == list(wanted) != list(model.sample(5, seed=1))
    best = run("top", "dinosaurs", "--like", LIKED, "--new", "-n", "3")
    assert [line.split("\t")[0] for line in best.stdout.splitlines()] == list(model.top(3, like=LIKED, new=True))
    own = run("sample", "--like", LIKED, "--unlike", "Zamor", *SEED)
    assert own.stdout.splitlines() == list(mangosaurus.like(LIKED).sample(5, seed=1, unlike=["Zamor"]))


def test_strength_0_changes_nothing() -> None:
    steered = run("sample", "dinosaurs", "--like", LIKED, "--strength", "0", *SEED)
    assert steered.stdout == run("sample", "dinosaurs", *SEED).stdout


def test_names_are_scored_by_what_is_liked(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Rexaraptor\nMicrocephalus\n", encoding="utf-8")
    plain, steered = (
        [
            float(line.split("\t")[1])
            for line in run("score", "dinosaurs", tmp_path / "names.txt", *given).stdout.split("\n")[:2]
        ]
        for given in ((), ("--like", "Zumoraptor, Oviraptor, Sciraptor"))
    )
    assert steered[0] - steered[1] < plain[0] - plain[1]


def test_a_file_of_names(tmp_path: Path) -> None:
    table = tmp_path / "liked.csv"
    table.write_text("name,why\nZumoraptor,short\nHevingaceratops,long\n", encoding="utf-8")
    read = run("sample", "dinosaurs", "--like", table, "--column", "name", *SEED)
    assert read.stdout == run("sample", "dinosaurs", "--like", LIKED, *SEED).stdout


def test_a_column_is_that_of_the_tables_that_have_it(tmp_path: Path) -> None:
    names = ["Zumoraptor", "Abo", "Hevingaceratops", "Lambo"]
    (tmp_path / "list.txt").write_text("\n".join(names), encoding="utf-8")
    (tmp_path / "plain.txt").write_text("Rexaraptor\nMicrocephalus\n", encoding="utf-8")
    table = tmp_path / "products.csv"
    table.write_text("made in,product\n" + "".join(f"Peru,{name}\n" for name in names), encoding="utf-8")
    model = tmp_path / "model.safetensors"
    mangosaurus.like(names).save(model)
    best = run(
        "sample", model, "--like", "Abo, Lambo", "--best", "2", *SEED, "--training", table, "--column", "Product"
    )
    wanted = run("sample", model, "--like", "Abo, Lambo", "--best", "2", *SEED, "--training", tmp_path / "list.txt")
    assert best.stdout == wanted.stdout != ""
    given = ("--allow-known", "--temperature", "0.3", *SEED)
    kept = run("sample", model, *given, "--avoid", table, "--column", "product", "--unlike", tmp_path / "plain.txt")
    assert (
        kept.stdout
        == run("sample", model, *given, "--avoid", tmp_path / "list.txt", "--unlike", tmp_path / "plain.txt").stdout
    )
    assert not {*kept.stdout.split()} & {*names}
    one_line(
        run("sample", model, "--avoid", table, "--column", "produc"),
        f"{table} has no column 'produc' in its first line; it has made in, product; did you mean 'product'?",
    )
    one_line(
        run("sample", model, "--like", "Abo, Lambo", "--column", "product"),
        "--column is 'product', and no table is given",
    )


@pytest.mark.parametrize("command", ["sample", "top"])
def test_unknown_characters_are_said(command: str) -> None:
    done = run(command, "dinosaurs", "--like", "Zoë, Zumoraptor", "-n", "2")
    assert "the names to resemble have 'ë' (U+00EB" in done.stderr
    assert done.returncode == 0


def test_refused() -> None:
    one_line(run("sample", "dinosaurs", "--strength", "0.4"), "--strength has no effect without names: give --like or")
    one_line(
        run("sample", "--like", LIKED, "--strength", "0.4"), "--strength is used with --unlike, or with --like and"
    )
    one_line(
        run("sample", "dinosaurs", "--like", LIKED, "--strength", "1.5"), "--strength is 1.5; it must be from 0 to 1"
    )
    one_line(run("sample", "dinosaurs", "--unlike", " , "), "--unlike has no name")
    one_line(run("sample", "sonnets", "--like", LIKED), "this model writes texts; --like and --unlike steer models of")
    one_line(run("sample", "dinosaurs", "--column", "name"), "--column needs --like or --unlike or --training or")


def test_a_name_is_not_on_both_sides() -> None:
    one_line(run("sample", "--like", "Ada,Bo", "--unlike", "Bo,Cy"), "--like and --unlike both have 'Bo'; leave it out")


def test_the_model_that_is_taken_for_want_of_one_is_named() -> None:
    assert "the model is dinosaurs, since none is named" in run("sample", "-n", "1", "--unlike", "Rex").stderr
