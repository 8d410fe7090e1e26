"""What README shows is run: every command, with budgets shortened, and the Python example."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from applications import Client
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOWNS = "San Marino\nSan Remo\nSanta Cruz\nSan Felice\nSalerno\nSavona\nSan Severo\nSienna\nTrento\nTrieste\nTurin\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_first_two_commands_set_everything_up() -> None:
    first, second = blocks("sh")[:2]
    assert first.startswith("pip install '.[train]' && mangosaurus train")
    assert second == "pip install '.[test]' && pytest\n"


def test_every_command_runs(tmp_path: Path) -> None:
    (tmp_path / "towns.txt").write_text(TOWNS, encoding="utf-8")
    people = "Galadhel\telf\nMirdan\telf\nNaragan\tdwarf\nThrogi\tdwarf\n"
    (tmp_path / "people.tsv").write_text(people, encoding="utf-8")
    (tmp_path / "more-people.tsv").write_text("Galadan\telf\nThrogan\tdwarf\n", encoding="utf-8")
    (tmp_path / "other-towns.txt").write_text("San Rocco\nSorrento\n", encoding="utf-8")
    (tmp_path / "book.txt").write_text("It was late. It was the lark, and it was not.\n" * 20, encoding="utf-8")
    commands = [
        line.split("&& ")[-1] for block in blocks("sh") for line in block.splitlines() if "mangosaurus " in line
    ]
    assert len(commands) >= 5
    for command in commands:
        shortened = re.sub(r"--budget \S+", "", command.split("mangosaurus ", 1)[1])
        if shortened.startswith("train"):
            shortened += " --budget 0s"
        done = subprocess.run(
            [sys.executable, "-m", "mangosaurus", *shlex.split(shortened)],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout or re.search("the (report|export) is in", done.stderr)


def test_every_option_named_exists() -> None:
    shown = ""
    for command in ("sample", "train", "top", "write", "evaluate", "serve"):
        shown += subprocess.run(
            [sys.executable, "-m", "mangosaurus", command, "--help"], capture_output=True, encoding="utf-8", check=True
        ).stdout
    for option in set(re.findall(r"`(--[a-z-]+)", README)):
        assert option in shown, option


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = (block for block in blocks("python") if "mangosaurus.fit" in block)
    exec(compile(example.replace('"5s"', "0"), "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert (tmp_path / "names.safetensors").is_file()


def test_the_example_for_onnxruntime_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (command,) = (line for block in blocks("sh") for line in block.splitlines() if line.endswith(".onnx"))
    words = shlex.split(command)[1:]
    subprocess.run([sys.executable, "-m", "mangosaurus", *words], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    (example,) = (block for block in blocks("python") if "onnxruntime" in block)
    exec(compile(example, "README.md", "exec"), {})
    assert re.fullmatch(r"[A-Z][a-z]{3,}\n", capsys.readouterr().out)


def test_the_text_shown_is_what_the_command_writes() -> None:
    (shown,) = (block for block in blocks("console") if "mangosaurus write" in block)
    command, _, text = shown.partition("\n")
    words = shlex.split(command.removeprefix("$ mangosaurus "))
    done = subprocess.run(
        [sys.executable, "-m", "mangosaurus", *words], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == text


def test_the_answer_shown_is_what_the_server_gives(client: Client) -> None:
    (shown,) = (block for block in blocks("console") if "curl" in block)
    _, path, asked, answer = re.findall(r"^\$ curl -s http://([^/]+)(\S+).*?-d '(.*?)'\n(.*)", shown, re.DOTALL)[0]
    given = client.post(path, json.loads(asked)).json()
    names = [each["text"] for each in json.loads(answer)["samples"]]
    assert [each["text"] for each in given["samples"]] == names
    assert given.keys() == json.loads(answer).keys()


def test_no_link_is_broken() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
