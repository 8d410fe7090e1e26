"""`mangosaurus` alone, the help and its examples, and completion in shells."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from commands import RUN, run

from mangosaurus import __main__ as app
from mangosaurus.cli.help import COMMANDS, EXAMPLES, GROUPED, LEARN, LONG, ORDER, OUT, RARE, READ, RULES, group_of
from mangosaurus.core.options import option
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.training.settings import Settings

GROUP: Any = typer.main.get_command(app.app)


def test_alone_it_says_the_three_most_useful_commands() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    said = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert said == [["mangosaurus", "sample"], ["mangosaurus", "train"], ["mangosaurus", "serve"]]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_command_is_in_one_group() -> None:
    assert sorted(" ".join(COMMANDS.values()).split()) == sorted(GROUP.commands)


@pytest.mark.parametrize("name", GROUPED)
def test_every_option_of_a_long_help_is_in_a_group(name: str) -> None:
    command = GROUP.commands[name]
    groups = [each.rich_help_panel for each in command.params if each.param_type_name != "argument"]
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
    environment = environment_of(tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")

    def bash(script: str) -> list[str]:
        words = ["bash", "--norc", "-c", script]
        done = subprocess.run(words, env=environment, check=True, capture_output=True, encoding="utf-8", timeout=120)
        return done.stdout.split("\n")

    assert "completion installed" in bash("mangosaurus --install-completion bash")[0]
    tried = (
        'source ~/.bashrc; COMP_WORDS=({words}); COMP_CWORD={place}; _mangosaurus_completion mangosaurus "" ""; '
        'echo "${{COMPREPLY[*]}}"'
    )
    assert bash(tried.format(words="mangosaurus tr", place=1))[0] == "train"
    assert bash(tried.format(words="mangosaurus train --ste", place=2))[0] == "--steps"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_every_shell_is_shown(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    done = run("--show-completion", shell)
    assert done.returncode == 0
    assert f"_MANGOSAURUS_COMPLETE=complete_{shell}" in done.stdout
