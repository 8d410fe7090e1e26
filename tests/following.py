"""A page of the documentation followed by its reader, who runs everything that stands on it; see `Reader`."""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Container
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from conftest import ROOT
from fences import Block, Command, blocks, commands
from keras_files import dense, layer, lstm, write
from serving import Served, launched

from mangosaurus.cli import app
from mangosaurus.corpora import registry

SAMPLES = ROOT / "tests" / "sample_files"
PROGRESS = re.compile(r"^[a-z -]+, \d+ s\b.*\n", re.MULTILINE)
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")
Remembered = dict[str, dict[str, tuple[Any, dict[Any, Any] | None]]]
SHELL = set("|&;<>$`*?(){}")
"""What only a shell understands, outside of quotation marks."""


class Reader:
    """Follows one page, in a folder that holds all of `tests/sample_files`, and `book.h5`: a network of `book.txt` as
    Keras wrote them.

    - `sh` and `console`: each command is run by a shell, on whose path `mangosaurus` and `python` are those under test.
      One that needs no shell, as most, runs in this process: the same function, without the time to start it. It has
      to succeed, or to end with status 2 where the page shows an error.
    - `python` is run, and `pycon` as doctest does it, all blocks of a page in one namespace. What they set in modules
      of the package that they import, or in dicts there, is put back when the page ends.
    - Nobody waits for a training: see `shortened`.
    - `pip install` is not run, but its extras exist; what stands behind `&&` is run. Of `torchrun`, torch's own parser
      reads the options, and one process does the work. Of `python -m benchmarks`, the module and its options exist.
    - `mangosaurus serve` is started at a free port, and serves until the page ends or another is started; the page's
      addresses are changed to that port. The word ID stands for the `id` of the latest answer that had one.
    - A corpus that would have to be downloaded is read from the reference files; without them, the page ends there.

    Below a command of `console`, its output stands: all that it prints on both streams. A line of … stands for any
    number of lines. Lines of progress are left out, times in seconds may differ, and so may numbers with decimals by
    a thousandth. Only whether there is output, and into how many columns its first line is parted, is compared

    - of `sample` and `write` without `--seed`, and of answers of the server without one,
    - of a command that had to be shortened,
    - of a command that reads a file which such a command wrote.
    """

    def __init__(self, folder: Path, not_run: Container[str] = ()) -> None:
        self.folder = folder / "page"
        self._not_run = not_run  # commands, word for word
        copytree(SAMPLES, self.folder)
        keras_network(self.folder / "book.h5", len(set((SAMPLES / "book.txt").read_text(encoding="utf-8").lower())))
        self._bin = folder / "bin"
        self._bin.mkdir()
        for name, words in (("mangosaurus", ["-m", "mangosaurus"]), ("python", [])):
            script = self._bin / name
            script.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *words])} "$@"\n')
            script.chmod(0o755)
        self._namespace = {"__name__": "__main__"}
        self._unlike: set[str] = set()  # files that are others here than for the page's author
        self._id = "ID"
        self._served: Served | None = None
        self._stack = ExitStack()
        self._package: Remembered = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        restore_package(self._package)

    def follow(self, page: str) -> None:
        """Runs all blocks of a page."""
        for line in re.findall(r"^(?:from|import) mangosaurus.*", page, re.MULTILINE):
            exec(line, {})
        self._package = remember_package()
        for block in blocks(page):
            if block.language == "python":
                self.execute(block)
            elif block.language == "pycon":
                self._converse(block)
            elif block.language in ("sh", "console"):
                for command in commands(block):
                    self.run(command)

    def run(self, command: Command) -> None:
        where = f"line {command.line}: {command.text}\n"
        words = without_checked(command.text)
        if not words or words in self._not_run:
            return
        short = self._here(shortened(words))
        if wanting := to_be_downloaded(short):
            pytest.skip(f"from line {command.line} on: {wanting} is not on this machine")
        exactly = short == self._here(words) and repeatable(words) and not self._reads_unlike(short)
        before = self._files()
        status, output = self._serve(short) if "mangosaurus serve" in short else self._do(short)
        if not exactly:
            self._unlike |= {name for name, written in self._files().items() if before.get(name) != written}
        refused = command.output is not None and re.search("^error: ", command.output, re.MULTILINE)
        assert status == (2 if refused else 0), f"{where}ended with status {status}\n{output}"
        if command.output is not None:
            difference = compare(command.output, output, exactly)
            assert not difference, f"{where}{difference}"

    def execute(self, block: Block) -> None:
        """Runs a block of Python in the page's folder and namespace."""
        code = self._here(shortened_python(block.text))
        exec(compile("\n" * (block.line - 1) + code, "the page", "exec"), self._namespace)

    def _converse(self, block: Block) -> None:
        code = self._here(shortened_python(block.text))
        test = doctest.DocTestParser().get_doctest(code, self._namespace, "page", "the page", block.line - 1)
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        failed = runner.run(test, out=report.append, clear_globs=False).failed
        self._namespace |= test.globs
        assert not failed, "".join(report)

    def _do(self, words: str) -> tuple[int, str]:
        """Exit status, and both streams as a terminal shows them."""
        if words.startswith("curl "):
            words = "curl -sS --fail-with-body" + words.removeprefix("curl")
        elif words.startswith("mangosaurus ") and not SHELL & set(re.sub("'[^']*'", "", words)):
            return in_this_process(shlex.split(words)[1:])
        done = subprocess.run(
            ["sh", "-c", words],
            cwd=self.folder,
            env=os.environ | {"PATH": f"{self._bin}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1", "no_proxy": "*"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        if words.startswith("curl "):
            self._note_id(done.stdout)
        return done.returncode, done.stdout

    def _serve(self, words: str) -> tuple[int, str]:
        self._stack.close()
        words = re.sub(r" --port \d+", "", words) + " --port 0"
        environment = {"PATH": f"{self._bin}:{os.environ['PATH']}"}
        self._served = self._stack.enter_context(launched(["sh", "-c", f"exec {words}"], self.folder, environment))
        return 0, self._served.address + "\n"

    def _note_id(self, answer: str) -> None:
        try:
            content = json.loads(answer)
        except ValueError:
            return
        if isinstance(content, dict) and "id" in content:
            self._id = str(content["id"])

    def _here(self, words: str) -> str:
        """With the address of the server that is running, and with the latest id."""
        if self._served:
            port = self._served.address.strip("/").rpartition(":")[2]
            words = re.sub(r"http://[\w.-]+:\d+", f"http://127.0.0.1:{port}", words)
            words = re.sub(r"\bID\b", self._id, words)
        return words

    def _reads_unlike(self, words: str) -> bool:
        return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", words) for name in self._unlike)

    def _files(self) -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir()}


def remember_package() -> Remembered:
    """What the modules of the package hold by now, with copies of their dicts."""
    return {
        name: {key: (value, dict(value) if isinstance(value, dict) else None) for key, value in vars(module).items()}
        for name, module in sys.modules.items()
        if name.split(".")[0] == "mangosaurus"
    }


def restore_package(remembered: Remembered) -> None:
    for name, content in remembered.items():
        module = vars(sys.modules[name])
        for key, (value, copied) in content.items():
            module[key] = value
            if copied is not None and value != copied:
                value.clear()
                value.update(copied)


def shortened(words: str) -> str:
    """The command with budgets of 0 s, or 1 s where it has options of networks, 2 steps, 100 iterations, one epoch."""
    budget = "--budget " + (
        "1s" if re.search(r"--(checkpoint|cell|hidden|layers|members|batch|device)\b", words) else "0s"
    )
    words = re.sub(r'"budget": *"[^"]*"', '"budget": 0', words)
    words = re.sub(r'"steps": *\d+', '"steps": 2', words)
    words = re.sub(r"--budget [1-9]\S*", budget, words)
    words = re.sub(r"--steps \d+", "--steps 2", words)
    words = re.sub(r"--iterations \d+", "--iterations 100", words)
    words = re.sub(r"--epochs \d+", "--epochs 1", words)
    if not re.search(r"--(budget|steps|from|resume|help)\b", words):
        words = re.sub(r"\bmangosaurus train\b", f"mangosaurus train {budget}", words)
    return re.sub(r"\bmangosaurus classic\b(?!.*--iterations)", "mangosaurus classic --iterations 100", words)


def shortened_python(code: str) -> str:
    """With budgets of 0 s. Steps stay: whoever gives their number may need what comes of them."""
    return re.sub(r'\bbudget="[^"]*"', "budget=0", code)


def without_checked(words: str) -> str:
    """What is left to be run, behind what is checked in another way."""
    first, _, rest = words.partition(" && ")
    if re.match(r"(python -m )?pip install ", first):
        known = extras()
        for named in re.findall(r"\[([\w,]+)\]", first):
            assert set(named.split(",")) <= known, f"{first}: the extras are {sorted(known)}"
        return without_checked(rest)
    if found := re.match(r"python -m (benchmarks[\w.]*)", first):
        path = ROOT.joinpath(*found[1].split("."))
        program = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        sources = [each.read_text(encoding="utf-8") for each in (program, ROOT / "benchmarks" / "record.py")]
        for option in re.findall(r" (--[a-z-]+)", first):
            assert any(f'"{option}"' in source for source in sources), f"{first}: there is no {option}"
        return without_checked(rest)
    if first.startswith("torchrun "):
        from torch.distributed.run import get_args_parser

        read = get_args_parser().parse_args(shlex.split(first)[1:])
        assert read.module
        return f"{read.training_script} {shlex.join(read.training_script_args)}" + (rest and f" && {rest}")
    return words


def extras() -> set[str]:
    """The package's, by pyproject.toml."""
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(declared["project"]["optional-dependencies"])


def to_be_downloaded(words: str) -> str:
    """The corpus that a command would have to download, or ""."""
    if not re.match("mangosaurus (train|evaluate|import-keras|report)", words):
        return ""
    for word in shlex.split(words):
        entry = registry.ENTRIES.get(word)
        if entry and not Path(word).exists() and registry.whereabouts(entry)[0] == "web":
            return word
    return ""


def repeatable(words: str) -> bool:
    """Whether a command prints the same each time."""
    if "curl " in words:
        return '"seed":' in words
    return not re.search(r"\bmangosaurus (sample|write)\b", words) or "--seed" in words


def keras_network(path: Path, symbols: int) -> None:
    """An untrained LSTM of three units that reads the latest eight of so many different characters."""
    layers = [
        layer("LSTM", "lstm", units=3, activation="tanh", batch_input_shape=[None, 8, symbols]),
        layer("Dense", "dense", units=symbols, activation="softmax"),
    ]
    write(path, layers, {"lstm": lstm(symbols, 3), "dense": dense(3, symbols)})


def in_this_process(words: list[str]) -> tuple[int, str]:
    """`mangosaurus` with these words: exit status, and both streams in one."""
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    former = sys.argv
    sys.argv = ["mangosaurus", *words]
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            app.main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0
    finally:
        sys.argv = former
    printed.seek(0)
    return status, printed.read()


def compare(shown: str, printed: str, exactly: bool) -> str:
    """What is different, or ""."""
    printed += "" if not printed or printed.endswith("\n") else "\n"
    shown, printed = (PROGRESS.sub("", text) for text in (shown, printed))
    different = f"is shown as\n{shown}but printed was\n{printed}"
    if not exactly:
        columns = [text.partition("\n")[0].count("\t") for text in (shown, printed)]
        return "" if bool(shown) == bool(printed) and columns[0] == columns[1] else different
    pattern = ""
    for line in shown.splitlines(keepends=True):
        pattern += "(?s:.*)" if line == "…\n" else re.escape(_bare(line))
    if not re.fullmatch(pattern, _bare(printed)):
        return different
    if "…\n" in shown:
        return ""
    pairs = zip(NUMBER.findall(_timeless(shown)), NUMBER.findall(_timeless(printed)), strict=True)
    near = (abs(float(one) - float(other)) <= 1e-3 * max(1, abs(float(other))) for one, other in pairs)
    return "" if all(near) else different


def _bare(text: str) -> str:
    """Without numbers that have decimals."""
    return NUMBER.sub("#", _timeless(text))


def _timeless(text: str) -> str:
    return re.sub(r":\d{4,5}/", ":PORT/", re.sub(r"\b\d+(\.\d+)? s\b", "SECONDS s", text))
