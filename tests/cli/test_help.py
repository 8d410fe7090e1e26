"""`mangosaurus` alone, the help and its examples, and completion in shells."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commands import RUN, WIDTH, one_line, run
from patience import PATIENCE

from mangosaurus import cli
from mangosaurus.__main__ import app
from mangosaurus.cli.help import COMMANDS, EXAMPLES, GROUPED, LEARN, LONG, ORDER, OUT, RARE, READ, RULES, group_of
from mangosaurus.cli.pages import paragraphs
from mangosaurus.core.options import option
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.training.settings import Settings

GROUP: Any = app


def test_alone_it_says_the_three_most_useful_commands() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    said = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert said == [["mangosaurus", "sample"], ["mangosaurus", "train"], ["mangosaurus", "serve"]]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_command_is_in_one_group() -> None:
    listed = [name for group in COMMANDS.values() for name in group]
    begins = [path.read_text("utf-8")[:40] for path in Path(cli.__file__).parent.glob("*.py")]
    files = [each.split("`")[1].split()[1] for each in begins if each.startswith('"""`mangosaurus ')]
    assert sorted(listed) == sorted(["serve", *files])


def test_the_list_of_commands_has_the_beginnings_of_their_helps() -> None:
    for group in COMMANDS.values():
        for name, about in group.items():
            assert about == paragraphs(GROUP.commands[name])[0]


@pytest.mark.parametrize("name", GROUPED)
def test_every_option_of_a_long_help_is_in_a_group(name: str) -> None:
    command = GROUP.commands[name]
    groups = [each.group for each in command.params if each.param_type_name != "argument"]
    assert None not in groups
    assert groups == sorted(groups, key=ORDER.index)


def test_the_help_of_train() -> None:
    done = run("train", "--help")
    places = [done.stdout.index(f"─ {title} ─") for title in (LEARN, LONG, OUT, RARE)]
    assert places == sorted(places)
    assert done.stdout.rstrip().endswith("\n".join(f"   {example}" for example in EXAMPLES["train"]))
    for words in ("SECONDS", "NUMBER", "FILE", "[default: 10]"):
        assert words in done.stdout
    for words in ("<", "INTEGER", "RANGE", "BOOLEAN", "bool"):
        assert words not in done.stdout


@pytest.mark.parametrize("command", sorted(EXAMPLES))
def test_examples_can_be_typed(command: str) -> None:
    assert len(EXAMPLES[command]) == 3
    for example in EXAMPLES[command]:
        assert len(example) <= 76
        program, name, *words = shlex.split(example)
        assert program == "mangosaurus"
        assert command in ("", name)
        GROUP.commands[name].make_context(name, words, parent=GROUP.make_context("mangosaurus", [name]))


def test_an_option_of_a_record_falls_into_its_group() -> None:
    @dataclass(frozen=True)
    class Steering:
        new: str = option("", "New.")

    assert group_of(Steering, "new") == "More like these"
    assert group_of(Constraints, "prefix") == RULES
    assert (group_of(Settings, "column"), group_of(Settings, "steps")) == (READ, LONG)
    assert group_of(Settings, "device") == RARE


def environment_of(home: Path, **more: str) -> dict[str, str]:
    """A fresh home, and `mangosaurus` on the path."""
    program = home / "mangosaurus"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(RUN)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return os.environ | {"HOME": str(home), "PATH": f"{home}{os.pathsep}{os.environ['PATH']}"} | more


@pytest.mark.skipif(sys.platform == "win32", reason="bash")
def test_completion_is_installed_in_a_new_home_and_completes(tmp_path: Path) -> None:
    environment = environment_of(tmp_path)

    def bash(script: str) -> list[str]:
        words = ["bash", "--norc", "-c", script]
        done = subprocess.run(
            words, env=environment, check=True, capture_output=True, encoding="utf-8", timeout=PATIENCE
        )
        return done.stdout.split("\n")

    assert "completion installed" in bash("mangosaurus --install-completion bash")[0]
    tried = (
        'source ~/.bashrc; COMP_WORDS=({words}); COMP_CWORD={place}; _mangosaurus_completion mangosaurus "" ""; '
        'echo "${{COMPREPLY[*]}}"'
    )
    assert bash(tried.format(words="mangosaurus tr", place=1))[0] == "train"
    assert bash(tried.format(words="mangosaurus train --ste", place=2))[0] == "--steps"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_completion_of_every_shell_is_shown(shell: str) -> None:
    done = run("--show-completion", shell)
    assert done.returncode == 0
    assert re.search(f'_MANGOSAURUS_COMPLETE ?= ?["]?{shell}_complete', done.stdout)


def test_completion_takes_the_shell_that_is_running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    done = run("--install-completion")
    path = tmp_path / ".config" / "fish" / "completions" / "mangosaurus.fish"
    assert str(path) in done.stdout
    assert path.read_text("utf-8").strip() == run("--show-completion", "fish").stdout.strip()
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    one_line(run("--install-completion"), "the shell is not known; name it: bash, zsh, fish or powershell")
    one_line(run("--show-completion", "tcsh"), "the shell is 'tcsh'; it must be")


def test_powershell_gets_commands_options_and_no_files(tmp_path: Path) -> None:
    def asked(words: str, last: str) -> list[str]:
        environment = environment_of(
            tmp_path, _MANGOSAURUS_COMPLETE="powershell_complete", COMP_WORDS=words, COMP_CWORD=last
        )
        return subprocess.run(
            RUN, env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE
        ).stdout.split()

    assert asked("mangosaurus tr", "tr") == ["train"]
    assert asked("mangosaurus sample --pre", "--pre") == ["--prefix"]
    assert asked("mangosaurus sample dino", "dino") == []


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_of_a_help_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WIDTH, "COLUMNS", str(columns))
    for name in ("", *GROUP.commands):
        said = run(*[name][: len(name)], "--help").stdout
        assert max(len(line) for line in said.partition(" Examples:")[0].splitlines()) <= max(columns, 48)
        for each in GROUP.commands[name].params if name else []:
            assert each.param_type_name == "argument" or all(flag in said for flag in each.opts + each.secondary_opts)


def test_help_imports_no_command_and_sample_only_what_it_needs() -> None:
    def imported(*words: str) -> set[str]:
        code = (
            "import sys\nfrom mangosaurus.__main__ import app\n"
            f"app({[*words]}, standalone_mode=False)\nprint(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        return {*done.stderr.split()}

    never = {"numpy", "rich", "requests", "pooch", "regex", "rapidfuzz", "chardet", "torch", "numba"}
    found = imported("--help")
    assert not never & found
    assert not {name for name in found if name.startswith(("mangosaurus.api", "mangosaurus.data", "mangosaurus.gen"))}
    assert not never & imported("sample", "--help")
    found = imported("sample", "-n", "10")
    assert not (never - {"numpy"}) & found
