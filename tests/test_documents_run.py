"""The code in README and `docs/` runs, and their commands print what stands below them."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copytree
from textwrap import dedent
from typing import Any

import pytest
from conftest import ROOT
from keras_files import dense, layer, lstm, write
from patience import PATIENCE
from serving import Served, launched

from mangosaurus import __main__ as app

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "tests" / "sample_files"
FENCE = re.compile(r"^( *)```(.*?)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
PROGRESS = re.compile(r"^[a-z -]+, \d+ s\b.*\n", re.MULTILINE)
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")
NOT_RUN = ("js", "json", "text", "html", "mermaid", "yaml", "toml")
"""Languages of blocks."""
MADE = "assets/workshop.html"
"""A file that is made with the site."""
SHELL = set("|&;<>$`*?(){}")
"""What only a shell understands, outside of quotation marks."""
PAGES = pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)


class Reader:
    """Runs what stands on a page, in a folder with all of `tests/sample_files` and a Keras network, `book.h5`.

    - Each command of `sh` and `console` must succeed, or end with status 2 where the page shows an error. One that
      needs no shell runs in this process, which is quicker.
    - All blocks of `python` share a namespace.
    - Trainings are shortened. `pip install` and benchmarks are not run. Of `torchrun`, one process runs.
    - `mangosaurus serve` listens at a free port until the page ends or another server starts; addresses are changed to
      that port. The word ID stands for the `id` of the latest response that had one.

    Below a command of `console` stands all that it prints on both streams; a line of … stands for any number of lines.
    Lines of progress are left out, and times may differ. Of a command without a seed, of one that was shortened, and
    of one that reads what a shortened command wrote, only whether it prints anything is compared.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "page"
        copytree(SAMPLES, self.folder)
        symbols = len(set((SAMPLES / "book.txt").read_text(encoding="utf-8").lower()))
        layers = [
            layer("LSTM", "lstm", units=3, activation="tanh", batch_input_shape=[None, 8, symbols]),
            layer("Dense", "dense", units=symbols, activation="softmax"),
        ]
        write(self.folder / "book.h5", layers, {"lstm": lstm(symbols, 3), "dense": dense(3, symbols)})
        programs = folder / "bin"
        programs.mkdir()
        for name, words in (("mangosaurus", "-m mangosaurus"), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
            (programs / name).chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.shortened: set[str] = set()
        """Files that a shortened command wrote."""
        self.id = "ID"
        self.served: Served | None = None
        self.stack = ExitStack()

    def follow(self, page: str) -> None:
        for match in FENCE.finditer(page):
            language, line, text = match[2].split()[0], page.count("\n", 0, match.start(3)), dedent(match[3])
            if language == "python":
                code = re.sub(r'\bbudget="[^"]*"', "budget=0", text)
                exec(compile("\n" * line + code, "the page", "exec"), self.namespace)
            elif language == "sh":
                for command in text.replace("\\\n", "").splitlines():
                    self.run(command, None)
            elif language == "console":
                assert text.startswith("$ ")
                for command in re.split(r"^\$ ", text.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
                    self.run(*command.split("\n", 1))
            else:
                assert language in NOT_RUN, f"blocks of {language} are not run"

    def run(self, command: str, shown: str | None) -> None:
        words = runnable(command)
        if not words:
            return
        short = self.here(shorten(words))
        exactly = short == self.here(words) and repeatable(words) and not self.shortened & set(shlex.split(short))
        status, printed = self.serve(short) if "mangosaurus serve" in short else self.output(short)
        if not exactly:
            self.shortened.update(re.findall(r"--out (\S+)", short))
        refused = shown is not None and re.search("^error: ", shown, re.MULTILINE)
        assert status == (2 if refused else 0), f"{command} ended with status {status}\n{printed}"
        if shown is not None:
            assert bool(shown) == bool(printed), command
            if exactly:
                assert_same(shown, printed)

    def output(self, words: str) -> tuple[int, str]:
        """Exit status, and both streams as a terminal shows them."""
        if words.startswith("mangosaurus ") and not SHELL & set(re.sub("'[^']*'", "", words)):
            return in_this_process(shlex.split(words))
        done = subprocess.run(
            ["sh", "-c", re.sub("^curl ", "curl -sS --fail-with-body ", words)],
            cwd=self.folder,
            env=os.environ | {"PATH": self.path, "PYTHONUNBUFFERED": "1", "no_proxy": "*"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE,
        )
        if words.startswith("curl ") and done.stdout.startswith('{"id"'):
            self.id = json.loads(done.stdout)["id"]
        return done.returncode, done.stdout

    def serve(self, words: str) -> tuple[int, str]:
        self.stack.close()
        words = re.sub(r" --port \d+", "", words) + " --port 0"
        started = launched(["sh", "-c", f"exec {words}"], self.folder, {"PATH": self.path})
        self.served = self.stack.enter_context(started)
        return 0, self.served.address + "\n"

    def here(self, words: str) -> str:
        """With the address of the server that runs, and with the latest id."""
        if self.served:
            words = re.sub(r"http://[\w.-]+:\d+/", self.served.address, words)
        return re.sub(r"\bID\b", self.id, words)


def runnable(words: str) -> str:
    """What is left to be run of a command."""
    first, _, rest = words.partition(" && ")
    if first.startswith("pip install "):
        return runnable(rest)
    if first.startswith("torchrun "):
        from torch.distributed.run import get_args_parser

        read = get_args_parser().parse_args(shlex.split(first)[1:])
        return f"{read.training_script} {shlex.join(read.training_script_args)}"
    return "" if first == "pytest" or first.startswith("python -m benchmarks") else words


def shorten(words: str) -> str:
    """The command with budgets of 0 s, or 1 s where it has options of networks; and few iterations and epochs."""
    networks = re.search(r"--(checkpoint|hidden|members|batch)\b", words)
    budget = f"--budget {1 if networks else 0}s"
    words = re.sub(r'"budget": *"[^"]*"', '"budget": 0', words)
    words = re.sub(r"--budget [1-9]\S*", budget, words)
    words = re.sub(r"--iterations \d+", "--iterations 100", words)
    words = re.sub(r"--epochs \d+", "--epochs 1", words)
    if not re.search(r"--(budget|from|resume)\b", words):
        words = words.replace("mangosaurus train", f"mangosaurus train {budget}")
    return words


def repeatable(words: str) -> bool:
    """Whether a command prints the same each time."""
    if "curl " in words:
        return '"seed":' in words
    return not re.search(r"\bmangosaurus (sample|write)\b", words) or "--seed" in words


def in_this_process(words: list[str]) -> tuple[int, str]:
    """Exit status of a command of `mangosaurus`, and both streams in one."""
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        patch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            app.main()
    printed.seek(0)
    assert isinstance(ended.value.code, int | None)
    return ended.value.code or 0, printed.read()


def assert_same(shown: str, printed: str) -> None:
    """Numbers may differ by half a per cent, seconds and ports by anything."""
    shown, printed = (
        re.sub(r":\d{4,5}/", ":PORT/", re.sub(r"\b\d+(\.\d+)? s\b", "SECONDS", PROGRESS.sub("", text.rstrip() + "\n")))
        for text in (shown, printed)
    )
    if "…\n" not in shown:
        assert NUMBER.sub("#", printed) == NUMBER.sub("#", shown)
        numbers, expected = ([float(number) for number in NUMBER.findall(text)] for text in (printed, shown))
        assert numbers == pytest.approx(expected, rel=5e-3)
    pattern = re.escape(NUMBER.sub("#", shown)).replace("…\\\n", "(?s:.*)")
    assert re.fullmatch(pattern, NUMBER.sub("#", printed)), f"{shown}is shown, and printed was\n{printed}"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    def no_download(*_: object, **__: object) -> None:
        pytest.skip("the rest of the page needs a download")

    reader, data = Reader(tmp_path), ROOT.parent / "shared" / "data"
    monkeypatch.chdir(reader.folder)
    monkeypatch.setattr("requests.Session.request", no_download)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    if data.is_dir() and "MANGOSAURUS_DATA" not in os.environ:
        monkeypatch.setenv("MANGOSAURUS_DATA", str(data))
    with reader.stack:
        yield reader


@PAGES
def test_everything_on_a_page_runs(page: Path, reader: Reader) -> None:
    reader.follow(page.read_text(encoding="utf-8"))


@PAGES
def test_every_option_and_command_named_exists(page: Path) -> None:
    group = app.app
    known = {
        name: {"--help", "-h"}.union(*(each.opts + each.secondary_opts for each in command.params))
        for name, command in group.commands.items()
    }
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    if page.parent.name == "guides" or page.name in ("README.md", "index.md"):  # others name other programs' options
        every = set().union(*known.values()) | {"--version"}
        assert set(re.findall(r"`(--[a-z-]+)", text)) <= every
    for line in re.findall(r"`mangosaurus ([a-z-][^`]*)`", text):
        command, *words = line.split()
        assert command in known or command in {"--help"}.union(*(each.opts for each in group.params)), line
        assert {word for word in words if word.startswith("--")} <= known.get(command, set()), line


def test_commands_of_readme_are_for_every_shell() -> None:
    """cmd, PowerShell and POSIX shells agree on words in double quotes, and on little else."""
    for match in FENCE.finditer((ROOT / "README.md").read_text(encoding="utf-8")):
        lines = match[3].splitlines() if match[2] == "sh" else []
        lines += re.findall(r"^\$ (.*)", match[3], re.MULTILINE) if match[2] == "console" else []
        for command in lines:
            assert not re.search(r"['`$;&|<>^%!\\]|\"\"", command), command


@PAGES
def test_no_link_is_broken(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text(encoding="utf-8"))):
        if not re.match("[a-z]+:", target) and target != MADE:
            assert (page.parent / target.partition("#")[0]).exists(), target
