"""A model that cannot be written where it should: the old file is intact, one line says what is, nothing is lost."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import HELD, RUN, one_line, run, said_until
from examples import NAMES
from held import AT

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.cli.train import keep
from mangosaurus.core.errors import OutputError

TRAIN = ("--budget", "0s", "--quiet")


@pytest.fixture(scope="module")
def model() -> Model:
    return mangosaurus.fit(NAMES, budget=0, order=3)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, where nothing is yet."""
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def mounted(place: Path, options: str) -> Iterator[Path]:
    """A small file system of its own, where this user may mount one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "small", "size=64k")


@pytest.fixture
def readable(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "readable", "size=64k,ro")


def test_a_full_disk(small: Path, names: Path, home: Path) -> None:
    out = small / "m"
    out.write_bytes(b"the old file")
    (small / "filler").write_bytes(bytes(57_000))
    done = run("train", names, *TRAIN, "--out", out, "--force", cwd=home)
    one_line(done, f"{out} cannot be written: No space left on device; the model is in {home / 'm'} instead")
    assert out.read_bytes() == b"the old file"
    assert {path.name for path in small.iterdir()} == {"m", "filler"}
    mangosaurus.load(home / "m")


def test_a_full_disk_for_checkpoints(small: Path, names: Path, home: Path) -> None:
    (small / "filler").write_bytes(bytes(60_000))
    words = ("--steps", "20", "--hidden", "32", "--checkpoint", small / "kept", "--every", "0s")
    done = run("train", names, *words, "--out", "m", cwd=home)
    assert done.returncode == 2
    assert "note: a checkpoint could not be written: " in done.stderr
    assert "the last one is checkpoint-00000001.safetensors; the training goes on" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: a checkpoint could not be written")
    assert last.endswith("No space left on device; the training itself finished")
    mangosaurus.load(home / "m")
    assert [path.name for path in (small / "kept").iterdir()] == ["checkpoint-00000001.safetensors"]
    (small / "filler").unlink()
    resumed = run("train", names, "--resume", small / "kept", "--out", "n", "--quiet", cwd=home)
    assert resumed.returncode in (0, 2)  # the file system may be too small for the last checkpoint, too
    assert (home / "m").read_bytes() == (home / "n").read_bytes()


def test_a_folder_that_is_for_reading_only(readable: Path, names: Path) -> None:
    one_line(run("train", names, *TRAIN, "--out", readable / "m"), "m cannot be written: Read-only file system")
    done = run("train", names, *TRAIN, "--checkpoint", readable / "kept")
    one_line(done, "kept cannot be made: Read-only file system")
    done = run("train", names, *TRAIN, "--checkpoint", readable)
    one_line(done, "cannot be written: Read-only file system")


@pytest.mark.usefixtures("unmeasured")
def test_a_file_that_may_not_grow(names: Path, home: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    (home / "m").write_bytes(b"the old file")
    command = [*RUN, "train", str(names), *TRAIN, "--out", "m", "--force"]
    done = subprocess.run(command, cwd=home, preexec_fn=limit, capture_output=True, encoding="utf-8", check=False)
    one_line(done, "m cannot be written: File too large, nor anything elsewhere: the model is lost")
    assert [path.name for path in home.iterdir()] == ["m"]
    assert (home / "m").read_bytes() == b"the old file"


def test_folders_that_vanish(tmp_path: Path, home: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    words = ("--steps", "15", "--hidden", "8", "--out", place / "m", "--checkpoint", place / "kept", "--every", "0s")
    command = [*HELD, "9", "train", *map(str, words)]
    with subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE, encoding="utf-8") as process:
        said_until(process.stderr, AT)
        place.rename(tmp_path / "elsewhere")
        process.send_signal(signal.SIGUSR1)
        said = said_until(process.stderr, "note: a checkpoint could not be written")
        assert "No such file or directory; none is left; the training goes on" in said
        last = said_until(process.stderr, "error: ")
    assert process.returncode == 2
    expected = f"{place / 'm'} cannot be written: No such file or directory; the model is in {home / 'm'} instead\n"
    assert last.endswith(expected)
    assert mangosaurus.load(home / "m").training["steps"] > 9


def test_elsewhere_nothing_is_replaced(model: Model, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "m").write_bytes(b"another file")
    (home / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(home / "temporary"))
    with pytest.raises(OutputError, match=r"the model is in .*temporary/m instead"):
        keep(model, home / "gone" / "m", force=True)
    assert (home / "m").read_bytes() == b"another file"
    with pytest.raises(OutputError, match="the model is lost"):
        keep(model, home / "gone" / "m", force=True)
