"""The live display of a training on terminals of several widths, and the question where to keep the model."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pyte
import pytest
from commands import HELD, run
from examples import NAMES
from held import AT
from rich.cells import cell_len
from rich.console import Console
from terminals import written_on

import mangosaurus
from mangosaurus.api.progress import Reading
from mangosaurus.cli import offer
from mangosaurus.cli.progress import MARGIN, Picture, as_many, done, watching
from mangosaurus.cli.signals import Stop
from mangosaurus.training.settings import Settings
from mangosaurus.training.status import Progress, Status

WIDTHS = (40, 80, 120)
BAR = "━"


class Screen(pyte.Screen):
    """A terminal that remembers what the live display, during which the cursor is hidden, wrote beyond a line's end."""

    def __init__(self, columns: int) -> None:
        super().__init__(columns, 30)
        self.beyond: list[str] = []
        self.bars: list[list[str]] = []
        """The colours of every bar that was drawn."""

    def draw(self, data: str) -> None:
        if self.cursor.hidden and self.cursor.x + cell_len(data) > self.columns:
            self.beyond.append(data)
        super().draw(data)
        cells = [self.buffer[self.cursor.y][place] for place in range(self.columns)]
        bar = [cell.fg for cell in cells if cell.data == BAR]
        line = "".join(cell.data for cell in cells)
        if bar and ("stopping" in line or " s" in line.rpartition(BAR)[2]):  # what follows the bar
            self.bars.append(bar)

    @property
    def written(self) -> list[str]:
        return [line.rstrip() for line in self.display if line.strip()]


def on_terminal(
    command: list[str], columns: int, folder: Path, answer: Callable[[str], str] = lambda said: ""
) -> tuple[Screen, str, int]:
    """The terminal after the command, all that was written to it, and the exit status. `answer` is what to type."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        environment = {key: os.environ[key] for key in os.environ if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        os.execve(sys.executable, command, environment | {"TERM": "xterm-256color"})
    screen = Screen(columns)
    stream, said = pyte.ByteStream(screen), b""
    try:
        for part in written_on(terminal):
            said += part
            stream.feed(part)
            os.write(terminal, answer(said.decode(errors="replace")).encode())
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return screen, said.decode(), status


@pytest.mark.parametrize("columns", [40, *(pytest.param(each, marks=pytest.mark.slow) for each in (80, 120))])
def test_the_display_fits_and_leaves_nothing_behind(columns: int, tmp_path: Path) -> None:
    """Ctrl-C comes in the middle; then the user says where to keep the model."""
    (tmp_path / "towns.txt").write_text("\n".join(NAMES), encoding="utf-8")
    typed: list[str] = []

    def answer(said: str) -> str:
        if not typed and AT.strip() in said:
            typed.append("\x03")
        elif typed == ["\x03"] and "or n] " in said:
            typed.append("\r")
        else:
            return ""
        return typed[-1]

    command = [*HELD, "5", "train", "towns.txt", "--steps", "20", "--hidden", "8", "--order", "3"]
    screen, said, status = on_terminal(command, columns, tmp_path, answer)
    assert status == 130
    assert screen.beyond == []
    assert not screen.cursor.hidden
    assert BAR in said
    first, *_, last = screen.bars
    assert len(last) > columns - 30
    assert len({*last}) == 1  # it is of one colour: it has reached its end
    assert "stopping…" in said
    assert len({*first}) == 1
    assert first[0] != last[0]
    assert "held-out loss" in said
    assert not [line for line in screen.written if BAR in line]
    assert "the model is in towns.safetensors" in " ".join(screen.written)
    assert mangosaurus.load(tmp_path / "towns.safetensors").training["interrupted"]


@pytest.mark.parametrize("columns", [*WIDTHS, 20])
def test_a_picture_is_no_wider_than_the_terminal(columns: int) -> None:
    names = ["Llanfairpwllgwyngyll", "東京都千代田区丸の内一丁目", "🦕🦖" * 6, "e\u0301" * 12, "A" * 40]
    readings = [
        Reading("counting", 1.0),
        Reading("training", 1234.0, 98765.0, 12, 1_234_567, 2_345_678, 2.5, 1.5, 1.25, 1_234_567.0),
    ]
    for reading in readings:
        for share in (None, 0.0, 0.5, 1.0):
            for start in range(len(names)):
                drawn, picture = StringIO(), Picture()
                picture.show(reading, share, names[start:])
                Console(file=drawn, force_terminal=True, width=columns, color_system=None).print(picture)
                lines = drawn.getvalue().splitlines()
                assert len(lines) == 3
                assert max(cell_len(line.rstrip()) for line in lines) <= max(1, columns - MARGIN)


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_picture_says_that_it_stops_or_finishes(columns: int) -> None:
    def drawn(picture: Picture, left: float) -> str:
        picture.show(Reading("training", 3.0, left, 1, 5, 9, 2.5, 1.5), 0.5, ["Aarhus"])
        Console(file=(file := StringIO()), width=columns, color_system=None).print(picture)
        return file.getvalue()

    picture = Picture()
    assert " s left" in drawn(picture, 100.0)
    assert "finishing" in drawn(picture, 0.0)
    picture.stopping = True
    said = drawn(picture, 100.0)
    assert "stopping…" in said
    assert "Ctrl-C again loses the model" in said
    assert " s left" not in said


def test_the_lines_of_a_file_say_once_that_the_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    stop = Stop()
    with watching(False, stop) as watch:
        watch(status := Status("training", 0.0, Settings(budget=1), "list", progress=Progress(step=1)))
        for status.stage in ("mixing", "training", "counting"):
            status.progress = Progress(step=1)
            watch(status)
        stop.receive(signal.SIGINT, None)
        status.stage = "training"
        watch(status)
    *said, last = capsys.readouterr().err.splitlines()
    assert len(said) == 5
    assert ["finishing" in line for line in said] == [False, True, False, False, False]
    assert not [line for line in said if "0 s left" in line]
    assert last == "stopping…; Ctrl-C again loses the model"


def test_as_many_parts_as_have_room() -> None:
    assert as_many(["one", "two", "three"], ", ", 8) == "one, two"
    assert as_many(["one", "two"], ", ", 7) == "one"
    assert as_many(["東京"], ", ", 3) == ""


def test_the_share_that_is_done() -> None:
    def share(reading: Reading, **settings: Any) -> float | None:
        return done(reading, Status(reading.stage, 0.0, Settings(**settings)))

    assert share(Reading("counting", 2.5), budget=10) == 0.25
    assert share(Reading("mixing", 12.5), budget=10) == 1.0
    assert share(Reading("counting", 2.5), budget=0) is None
    assert share(Reading("counting", 2.5), steps=100) == 0.0
    assert share(Reading("training", 2.5, network=2, step=50, steps=100), steps=100, members=2) == 0.75
    assert share(Reading("mixing", 2.5), steps=100) == 1.0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """`train towns.txt`, as if its streams were a terminal, with these answers typed."""
    monkeypatch.setattr("mangosaurus.cli.train.can_ask", lambda: True)
    (tmp_path / "towns.txt").write_text("\n".join(NAMES), encoding="utf-8")

    def train(answers: str, *words: str) -> Any:
        return run("train", "towns.txt", "--budget", "0", *words, input=answers, cwd=tmp_path)

    return train


def test_a_model_that_nobody_said_where_to_keep_is_offered(asked: Callable[..., Any], tmp_path: Path) -> None:
    done = asked("\n")
    assert done.returncode == 0
    assert done.stdout.count("\n") == 10
    assert done.stderr.endswith(
        "Keep it as towns.safetensors? [Enter, another path, or n] the model is in towns.safetensors\n"
        "more: mangosaurus sample towns.safetensors -n 100\n"
    )
    done = asked(f"towns.txt\n{tmp_path / 'no' / 'm'}\nb b.safetensors\n")
    assert "Keep it as towns-2.safetensors?" in done.stderr
    assert "error: towns.txt exists already\n" in done.stderr
    assert "cannot be written" in done.stderr
    assert done.stderr.endswith("more: mangosaurus sample 'b b.safetensors' -n 100\n")
    for no in ("n\n", ""):
        assert asked(no).stderr.endswith("the model is not saved\n")
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"towns.txt", "towns.safetensors", "b b.safetensors"}
    for name in kept - {"towns.txt"}:
        mangosaurus.load(tmp_path / name)


@pytest.mark.parametrize("words", [("--quiet",), ("--json",), ("--out", "m")])
def test_nobody_is_asked(words: tuple[str, ...], asked: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Keep" not in asked("", *words).stderr
    monkeypatch.undo()
    assert not offer.can_ask()  # pytest's own standard input is no terminal
    assert asked("").stderr.endswith("the model is not saved: train with --out names.safetensors to save it\n")


def test_the_name_that_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(offer.suggested([])) == "dinosaurs.safetensors"
    assert str(offer.suggested(["../lists/my towns.csv", "b.txt"])) == "my towns.safetensors"
    for number in (2, 3):
        offer.suggested([]).touch()
        assert str(offer.suggested([])) == f"dinosaurs-{number}.safetensors"
