"""Standard input, output and error: their encoding, readers that leave, closed ones, and what a terminal would obey."""

from __future__ import annotations

import errno
import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from commands import RUN, one_line, run
from examples import NAMES
from patience import PATIENCE
from rich.console import Console
from terminals import written_on

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.api.progress import Reading
from mangosaurus.cli import progress as display
from mangosaurus.cli.streams import shown
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Kind
from mangosaurus.training.ngram_counts import build_ngram

THAI = ["กรุงเทพ", "เชียงใหม่", "ขอนแก่น", "ภูเก็ต", "สงขลา", "นครปฐม", "อุดรธานี", "ชลบุรี"]
TITLE = "\x1b]0;title\x07"
"""Sets the title of a terminal's window."""
HOSTILE = [f"{TITLE}a", "b\x9b2Jb", "c\u202ec", "d\x08d", "e\x7fe", "f\u2066f", f"{TITLE}g"]
OBEYED = ("\x1b", "\x07", "\x08", "\x7f", "\x9b", "\u202e", "\u2066")
UNBUFFERED = [{"PYTHONUNBUFFERED": ""}, {"PYTHONUNBUFFERED": "1"}]


def model_of(folder: Path, documents: list[str], kind: Kind = "names") -> Path:
    """A model of documents as they are, such as no file is read: its file may come from anywhere."""
    vocabulary = Vocabulary.of(documents)
    ngram = build_ngram(vocabulary.encode_all(documents), vocabulary, 5)
    path = folder / "model.safetensors"
    Model(ngram, kind, DocumentHashes.of(documents), {"longest": 50}).save(path)
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of names that a terminal would obey."""
    return model_of(tmp_path_factory.mktemp("hostile"), HOSTILE)


def apart(*words: str | bytes | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own; the options are those of `subprocess.run`."""
    given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": PATIENCE} | options
    given["env"] = os.environ | given.get("env", {})
    return subprocess.run([*RUN, *words], check=False, **given)


@contextmanager
def unread() -> Iterator[int]:
    """A pipe to write to, whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


def on_a_terminal(*words: str | Path, stream: str) -> tuple[str, str]:
    """What the command prints on the terminal that `stream` is, and on the other stream, which is a pipe."""
    terminal, theirs = pty.openpty()
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: theirs}
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "200"}
    with subprocess.Popen([*RUN, *words], stdin=subprocess.DEVNULL, env=environment, **streams) as process:
        os.close(theirs)
        try:
            said = b"".join(written_on(terminal))
            other = process.communicate(timeout=PATIENCE)[stream == "stdout"]
        finally:
            process.kill()
            os.close(terminal)
    assert process.returncode == 0, (said, other)
    return said.decode().replace("\r\n", "\n"), other.decode()


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii:strict"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_utf_8_whatever_the_environment(environment: dict[str, str], tmp_path: Path) -> None:
    path = model_of(tmp_path, THAI)
    expected = run("sample", path, "-n", "5", "--seed", "1").stdout.encode()
    done = apart("sample", path, "-n", "5", "--seed", "1", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
    done = apart("train", "-", "--format", "names", "--budget", "0s", "--json", input=expected * 3, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["samples"]
    done = apart("sample", path, "--prefix", "x", env=environment)
    assert done.returncode == 2
    assert "ก" in done.stderr.decode()


@pytest.mark.parametrize("command", ["top MODEL", "write", "info", "--help", "--version", "serve"])
def test_results_without_a_reader_end_as_with_sigpipe(command: str, model: Path, tmp_path: Path) -> None:
    words = [*command.replace("MODEL", str(model)).split(), *(["--port", "0"] if command == "serve" else [])]
    with unread() as writing:
        done = apart(*words, stdout=writing, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == 141
    assert done.stderr == b"" or command.startswith("top")  # it says how much it looked at


@pytest.mark.parametrize("environment", UNBUFFERED)
def test_a_reader_that_leaves_in_the_middle(environment: dict[str, str], model: Path) -> None:
    words = [*RUN, "sample", str(model), "-n", "30000", "--allow-duplicates", "--allow-known"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 141


@contextmanager
def full() -> Iterator[int]:
    """A device that is full."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    writing = os.open("/dev/full", os.O_WRONLY)
    try:
        yield writing
    finally:
        os.close(writing)


@pytest.mark.parametrize("environment", UNBUFFERED)
@pytest.mark.parametrize("failing", [unread, full])
def test_a_training_needs_no_reader(
    failing: Callable[[], Any], environment: dict[str, str], names: Path, tmp_path: Path
) -> None:
    command = ("train", names, "--budget", "0s")
    with failing() as writing:
        done = apart(*command, "--out", tmp_path / "m", stderr=writing, env=environment)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 10
    mangosaurus.load(tmp_path / "m")
    with failing() as writing:
        done = apart(*command, "--out", tmp_path / "n", stdout=writing, stderr=subprocess.STDOUT, env=environment)
    assert done.returncode == (141 if failing is unread else 2)
    mangosaurus.load(tmp_path / "n")


def closed(redirection: str, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """The command with a stream closed, as a shell does."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *RUN, *words]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)


@pytest.mark.parametrize("command", ["sample", "info", "--version", "train --budget 0s --quiet"])
def test_a_closed_standard_output_is_one_line(command: str) -> None:
    done = closed(">&-", *command.split())
    assert done.returncode == 2
    assert done.stderr == b"error: the output cannot be written: Bad file descriptor\n"


def test_closed_streams_otherwise(names: Path, tmp_path: Path) -> None:
    done = closed("<&-", "train", "-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: standard input cannot be read: Bad file descriptor\n"
    done = closed("<&-", "write", "--length", "20", "--seed", "1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout
    done = closed("2>&-", "train", names, "--budget", "0s", "--out", tmp_path / "m")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 10  # no remark has taken the place of results
    done = closed("<&- >&- 2>&-", "train", names, "--budget", "0s", "--out", tmp_path / "n")
    assert done.returncode == 2
    mangosaurus.load(tmp_path / "n")


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (MemoryError(), "not enough memory: "),
        (MemoryError("Unable to allocate 74.5 GiB"), "not enough memory (Unable to allocate 74.5 GiB)"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "not enough memory ("),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            "not enough memory",
        ),
        (ImportError("libtorch.so: failed to map segment from shared object"), "not enough memory"),
        (OSError(errno.EIO, "Input/output error", "a\nfile"), r"a\nfile: Input/output error"),
    ],
)
def test_no_memory_is_one_line(error: Exception, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(path: object) -> None:
        raise error

    monkeypatch.setattr("mangosaurus.api.verbs.load", load)
    one_line(run("sample"), part)


def test_what_is_shown() -> None:
    assert shown("a\tb\nc\r\nd") == "a\tb\nc\r\nd"
    assert shown("a\rb\x00\x1b\x7f\x9b\u202e\u2069\udcff") == r"a\rb\x00\x1b\x7f\x9b\u202e\u2069\udcff"
    assert shown("می\u200cخواهم ไทย 👩\u200d👧 Łódź") == "می\u200cخواهم ไทย 👩\u200d👧 Łódź"


COMMANDS = {
    "sample": ("sample", "MODEL", "-n", "30", "--allow-known", "--allow-duplicates", "--scores", "--seed", "1"),
    "json": ("sample", "MODEL", "-n", "30", "--allow-known", "--allow-duplicates", "--json", "--seed", "1"),
    "top": ("top", "MODEL", "-n", "10"),
    "score": ("score", "MODEL", "NAMES"),
    "train": ("train", "NAMES", "--budget", "0s", "--no-prior"),
    "write": ("write", "MODEL", "--prompt", "b", "--length", "50"),
    "evaluate": ("evaluate", "MODEL", "NAMES", "--samples", "30"),
    "classic": ("classic", "NAMES", "--iterations", "200", "--every", "100", "--no-compiled"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_shows_what_is_in_a_name(command: str, hostile: Path, tmp_path: Path) -> None:
    path = hostile
    if command == "write":
        path = model_of(tmp_path, ["".join(HOSTILE) * 20], "text")
    listed = tmp_path / "names.txt"
    listed.write_text("\n".join(HOSTILE), encoding="utf-8")
    words = [str({"MODEL": path, "NAMES": listed}.get(word, word)) for word in COMMANDS[command]]
    printed, said = on_a_terminal(*words, stream="stdout")
    assert not [character for character in OBEYED if character in printed]
    if command not in ("score", "train", "classic"):  # what is read from a file has no control characters
        assert r"\x1b" in printed or r"\u001b" in printed
    assert not [character for character in OBEYED if character in said]
    if command in ("sample", "top", "score"):
        piped = run(*words).stdout
        assert command == "score" or "\x1b" in piped
        assert shown(piped) == printed


def test_help_on_a_terminal_has_its_colours() -> None:
    printed, _ = on_a_terminal("sample", "--help", stream="stdout")
    assert "\x1b[" in printed


def test_progress_on_a_terminal_obeys_no_name(tmp_path: Path) -> None:
    listed = tmp_path / f"{TITLE}.txt"
    listed.write_text("\n".join(HOSTILE), encoding="utf-8")
    said, _ = on_a_terminal("train", listed, "--steps", "2", "--hidden", "4", "--order", "2", stream="stderr")
    assert "\x1b[" in said  # the display itself
    assert r"\x1b]0;title\x07.txt: 7 names" in said
    assert "\x1b]" not in said
    drawn, picture = StringIO(), display.Picture()
    picture.show(Reading("training", 1.0), None, HOSTILE)
    Console(file=drawn, force_terminal=True, width=200).print(picture)
    assert "\x1b]" not in drawn.getvalue()
    assert drawn.getvalue().count(r"\x1b]0;title") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("sample", f"{TITLE}\nnone"),
        ("train", f"{TITLE}none"),
        ("sample", "--label", TITLE),
        ("sample", "--prefix", TITLE),
        (f"--{TITLE}",),
        (TITLE,),
        ("train", "--budget", TITLE),
    ],
)
def test_an_error_shows_what_was_typed(words: tuple[str, ...]) -> None:
    done = run(*words)
    one_line(done)
    assert "\x1b" not in done.stderr


def test_remarks_show_file_names_in_one_line(names: Path, tmp_path: Path) -> None:
    done = run("train", names, "--budget", "0s", "--out", tmp_path / f"a\n{TITLE}")
    assert done.returncode == 0
    assert f"the model is in {tmp_path}/a\\n\\x1b]0;title\\x07\n" in done.stderr


BYTES = b"\xff"


@pytest.mark.parametrize(
    "command",
    [
        "train LIST --budget 0s --json --out \xff.m",
        "sample MODEL --avoid LIST --json",
        "score MODEL LIST --html \xff.html",
        "evaluate MODEL LIST --samples 2",
        "evaluate MODEL LIST --json",
        "report MODEL --out \xff.html --holdout LIST --training LIST",
        "blend MODEL dinosaurs --out \xff.m --json",
        "export MODEL --out \xff.html",
        "classic LIST --iterations 2 --no-compiled --out \xff.npz --json",
        "info MODEL --json",
        "info MODEL",
    ],
)
def test_a_file_name_that_is_not_utf_8(command: str, tmp_path: Path) -> None:
    listed, path = (os.fsencode(tmp_path / "x") + BYTES + end for end in (b".txt", b".safetensors"))
    try:
        Path(os.fsdecode(listed)).write_text("\n".join(NAMES), encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    mangosaurus.fit(Path(os.fsdecode(listed)), budget=0).save(os.fsdecode(path))
    given = [{"LIST": listed, "MODEL": path}.get(word, word.encode("latin-1")) for word in command.split()]
    done = apart(*given, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if "--json" in command:
        json.loads(done.stdout.decode())
    if command.startswith("train"):
        info = json.loads(apart("info", tmp_path / os.fsdecode(b"\xff.m"), "--json").stdout)
        assert info["training"]["corpus"].startswith(f"{tmp_path}/x\\xff.txt: ")


def test_half_of_a_surrogate_pair_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON names it as Python's backslashes do."""
    monkeypatch.setattr("mangosaurus.api.model.Model.info", lambda model: {"\udcff": "\ud800"})
    printed = run("info", "--json").stdout
    assert json.loads(printed) == {"\udcff": "\ud800"}
    assert "\\udcff" in printed
