"""What is typed on the command line counts, or is refused: options given again, misspelt, or without effect."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from commands import one_line, run

import mangosaurus
from mangosaurus.__main__ import app
from mangosaurus.cli.command import GOES_WITH, REPLACES, spelled
from mangosaurus.core.errors import Option, in_json

COMMANDS: Any = app.commands
OPTIONS = [
    (name, option)
    for name, command in COMMANDS.items()
    for option in command.params
    if option.param_type_name == "option" and not option.is_eager
]


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, option in OPTIONS
        if not option.multiple and (not option.is_flag or option.secondary_opts)
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_an_option_that_counts_once_is_refused_when_given_twice(name: str, option: Any) -> None:
    values = [] if option.is_flag else ["1"]
    for first in option.opts:
        for second in option.opts + option.secondary_opts:
            done = run(name, first, *values, second, *values)
            one_line(
                done, f"{'/'.join(option.opts + option.secondary_opts)} is given 2 times", f"mangosaurus {name} --help"
            )


LISTS = ("contains", "pattern", "not_pattern", "prefix", "suffix")


def test_what_may_be_repeated_counts_each_time() -> None:
    assert {(name, option.name) for name, option in OPTIONS if option.multiple} == {
        *((name, option) for name in ("sample", "top") for option in LISTS),
        ("serve", "allow_origin"),
        *((name, "label_column") for name in ("train", "evaluate", "score", "classify")),
    }
    words = "sample -n 9 --seed 1 --contains a --contains z --pattern .{5,} --pattern .*s"
    done = run(*words.split())
    found = done.stdout.splitlines()
    assert len(found) == 9
    assert all({"a", "z"} <= {*name.lower()} and len(name) >= 5 and name.endswith("s") for name in found)
    assert run("corpora", "--json", "--json").stdout == run("corpora", "--json").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_abbreviations_and_what_is_too_much_are_refused(name: str) -> None:
    longest = max((opt for each, option in OPTIONS if each == name for opt in option.opts), key=len)
    for words in ([longest[:-1]], [f"{longest[:-1]}=1"], ["--no-such-option"]):
        one_line(run(name, *words), f"there is no option {words[0].split('=')[0]}")
    arguments = [each for each in COMMANDS[name].params if each.param_type_name == "argument"]
    if all(each.nargs == 1 for each in arguments):
        needed = [word for each in OPTIONS if each[0] == name and each[1].required for word in (each[1].opts[0], "x")]
        one_line(run(name, *["x"] * len(arguments), "more", *needed), "nothing is expected in the place of more;")


def test_the_tables_name_options_that_there_are() -> None:
    tables: list[dict[str, dict[str, Any]]] = [dict(GOES_WITH), dict(REPLACES)]
    for name, rules in (rule for table in tables for rule in table.items()):
        there = {option.name for each, option in OPTIONS if each == name}
        for option, others in rules.items():
            assert {option, *([others] if isinstance(others, str) else others)} <= there


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("train names --force", "--force needs --out"),
        ("train names --epochs 3", "--epochs needs --from"),
        ("train names --from m --budget 3s", "--budget has no effect with --from"),
        ("train names --from m --steps 20", "--steps has no effect with --from"),
        ("train names --from m --checkpoint kept", "--checkpoint has no effect with --from"),
        ("train names --from m --resume kept", "--resume has no effect with --from"),
        ("train --from m", "--from needs a corpus to train on: mangosaurus train CORPUS --from MODEL"),
        ("train names --from names.safetensors", "only a network that reads windows"),
        ("train names --from m --no-labels", "--labels/--no-labels has no effect with --from"),
        ("train names --from m --label-column x", "--label-column has no effect with --from"),
        ("train names --budget 3s --steps 5", "--budget is 3 s and --steps is 5"),
        ("train names --budget 10s --steps 5", "--budget is 10 s and --steps is 5"),
        ("train names --budget 0s --hidden 8", "--hidden is 8, but --budget 0"),
        ("train names --steps 0 --cell lstm", "--cell is 'lstm', but --steps 0"),
        ("train names --steps 0 --device auto", "--device is 'auto', but --steps 0"),
        ("train names --every 5s", "every is '5s'"),
        ("train names --column x", "has no column 'x'"),
        ("train names --no-labels --label-column x", "label-column is 'x'"),
        ("sample --training names", "--training FILE is used only with --not-like or --best"),
        ("sample --avoid-parts", "--avoid-parts needs --avoid"),
        ("sample --scores --json", "--scores has no effect with --json"),
        ("sample --scores --best 3", "--scores has no effect with --best"),
        ("sample --best 3 -n 2", "--best is 3 of --n, 2"),
        ("sample --method gumbel --allow-duplicates", "--allow-duplicates has no effect"),
        ("sample --not-like 2 --allow-known", "--allow-known keeps"),
        ("sample --temperature 0 --top-k 3", "--top-k is 3, but --temperature 0"),
        ("sample sonnets --allow-known", "allow-known has no effect: this model writes texts"),
        ("sample sonnets --allow-duplicates", "allow-duplicates has no effect: this model writes texts"),
        ("sample --max-length 100000000", "max-length is 100000000; it must be from 1 to 10,000"),
        ("sample --max-length 100000000 --suffix a", "max-length is 100000000; it must be from 1 to 10,000"),
        ("top --new --not-like 2", "--new has no effect: --not-like leaves out"),
        ("top --training names", "--training FILE is used only with --not-like or --best"),
        ("top --avoid-parts", "--avoid-parts needs --avoid"),
        ("write --temperature 0 --top-p 0.5", "--top-p is 0.5, but --temperature 0"),
        ("evaluate dinosaurs names --seed 3", "--seed needs --samples or several files"),
        ("evaluate dinosaurs names --training names", "--training needs --samples"),
        ("evaluate dinosaurs names --stride 3", "stride is 3 without a window"),
        (
            "evaluate sonnets names --samples 1 --training names",
            "--training FILE is a list of names, but this model writes texts",
        ),
        ("score dinosaurs names --force", "--force needs --html or --out"),
        ("classic names --force", "--force needs --out"),
    ],
)
def test_an_option_without_effect_is_refused_by_name(words: str, part: str, names: Path, model: Path) -> None:
    one_line(run(*words.replace("names ", f"{names.name} ").split(), cwd=model.parent), part)


def test_options_that_agree_are_taken(names: Path, tmp_path: Path) -> None:
    assert "of 2 samples 100.0% are new" in run("evaluate", "sonnets", names, "--samples", "2").stdout
    words = f"--steps 2 --hidden 4 --lowercase --format names --no-labels --out {tmp_path}/m"
    done = run("train", names, *words.split())
    assert done.returncode == 0, done.stderr
    training = mangosaurus.load(tmp_path / "m").training
    assert (training["lowercased"], training["steps"], training["plan"]["hidden"]) == (True, 2, 4)


@pytest.mark.parametrize(
    "words", ["train", "train names.txt --holdout", "score dinosaurs", "sample --avoid", "write --prompt-file"]
)
def test_an_empty_path_is_refused(words: str, names: Path) -> None:
    one_line(run(*words.split(), "", cwd=names.parent), "is empty; name a file")


@pytest.mark.parametrize(
    "words",
    [
        "train names.txt --budget 0s --force --out",
        "train --holdout names.txt --budget 0s --force --out",
        "score dinosaurs names.txt --force --html",
        "report --holdout names.txt --force --out",
        "import-keras m --corpus names.txt --force --out",
        "classic names.txt --iterations 1 --force --out",
    ],
)
def test_what_is_read_is_not_written(words: str, names: Path) -> None:
    before = names.read_bytes()
    one_line(run(*words.split(), "names.txt", cwd=names.parent), "names.txt is read by this command; name another file")
    assert names.read_bytes() == before
    one_line(run(*words.split(), "-", cwd=names.parent), "- is standard output, which gets the results")


def test_a_run_by_steps_is_resumed_without_a_budget(names: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert run("train", names, "--steps", "3", "--hidden", "4", "--order", "2", "--checkpoint", kept).returncode == 0
    for budget in ("3s", "10s"):  # 10 s is what it is if it is not given
        one_line(run("train", names, "--resume", kept, "--budget", budget), "is of 3 steps: leave it out")


def test_ctrl_c_while_the_command_line_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting:
        @staticmethod
        def find_spec(name: str, path: object, target: object = None) -> None:
            if name == "mangosaurus.cli.command":
                raise KeyboardInterrupt

    for name in ("mangosaurus.__main__", "mangosaurus.cli.command"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Interrupting, *sys.meta_path])
    with pytest.raises(SystemExit) as left:
        import_module("mangosaurus.__main__")
    assert left.value.code == 130


@pytest.mark.parametrize(
    ("command", "option", "typed"),
    [
        ("sample", Option("max_length"), "--max-length"),
        ("sample", Option("n"), "--n"),
        ("sample", Option("training"), "--training FILE"),
        ("evaluate", Option("labels", False), "--no-labels"),
        ("evaluate", Option("model"), "MODEL"),
        ("train", Option("overwrite"), "--force"),
        ("train", Option("cell", "lstm"), "--cell lstm"),
        ("blend", Option("allow_known"), "--allow-known"),
        ("sample", Option("index"), "index"),
    ],
)
def test_options_are_spelled_as_they_are_typed(
    command: str, option: Option, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangosaurus.cli.command._running", [COMMANDS[command], app])
    assert spelled(option) == typed
    assert in_json(Option("labels", False)) == "labels=false"
