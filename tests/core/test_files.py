"""What a result replaces: nothing unasked, however many write at once; regular files alone; and those as they were."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from commands import one_line, run, run_apart
from patience import PATIENCE

from mangosaurus.core import files
from mangosaurus.core.errors import OutputError, OutputExistsError
from mangosaurus.core.files import check_writable, write

WRITERS = 8


def no_links(source: Path, name: Path) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
def test_of_many_that_write_to_one_name_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """All have found the name free before the first one writes."""
    path, barrier, sync = tmp_path / "result", threading.Barrier(WRITERS), os.fsync
    written: list[bytes] = []
    refused: list[OutputExistsError] = []

    def synced(descriptor: int) -> None:
        sync(descriptor)
        barrier.wait(timeout=PATIENCE)

    def writer(data: bytes) -> None:
        try:
            write(path, data)
            written.append(data)
        except OutputExistsError as error:
            refused.append(error)

    monkeypatch.setattr(files, "_flush_folder", lambda folder: None)  # which syncs too
    monkeypatch.setattr(os, "fsync", synced)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    threads = [threading.Thread(target=writer, args=(bytes([number]),)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert [path.read_bytes()] == written
    assert [str(error) for error in refused] == [
        f"{path} exists already; choose another name, or overwrite=True to replace it"
    ] * (WRITERS - 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_without_links_is_given_up_if_the_file_cannot_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write(tmp_path / "result", b"new")
    assert list(tmp_path.iterdir()) == []


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(os.path.relpath(path))  # the name of a socket must be short


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX has these")
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("made", ["pipe", "socket", os.devnull, "nowhere", "result"])
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path, made: str, force: bool) -> None:
    """A pipe, a socket, and links to a device, to nothing and to itself."""
    if made == "pipe":
        os.mkfifo(tmp_path / "result")
    elif made == "socket":
        listening(tmp_path / "result")
    else:
        (tmp_path / "result").symlink_to(made)
    before = (tmp_path / "result").lstat()
    refusal = r"is a device, a pipe or a socket|is a link to a file|cannot be written"
    with pytest.raises(OutputError, match=refusal):
        check_writable(tmp_path / "result", force)
    with pytest.raises(OutputError, match=refusal):
        write(tmp_path / "result", b"new", force)
    after = (tmp_path / "result").lstat()
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert list(tmp_path.iterdir()) == [tmp_path / "result"]


def test_behind_a_link_the_file_is_replaced_and_the_link_is_kept(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(Path("folder", "file"))
    with pytest.raises(OutputExistsError):
        write(link, b"new")
    write(link, b"new", overwrite=True)
    assert link.is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "link"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX has these")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "result"
    path.write_bytes(b"old")
    path.chmod(mode)
    write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_replaced_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    write(path, b"new", overwrite=True)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


@pytest.mark.skipif(os.name == "nt", reason="POSIX has these")
def test_every_command_refuses_a_device(tmp_path: Path) -> None:
    """Behind a link, so that a version that would replace it harms nothing."""
    names, out = tmp_path / "names.txt", tmp_path / "out.html"
    names.write_text("Anna\nBerta\n", encoding="utf-8")
    out.symlink_to(os.devnull)
    commands: list[tuple[str | Path, ...]] = [
        ("train", names, "--budget", "0s", "--out", out),
        ("report", "--out", out),
        ("blend", "dinosaurs", "dinosaurs", "--out", out),
        ("export", "dinosaurs", "--out", out),
        ("import-keras", names, "--corpus", names, "--out", out),
        ("classic", names, "--iterations", "1", "--out", out),
        ("score", "dinosaurs", names, "--html", out),
    ]
    for words in commands:
        one_line(run(*words, "--force"), f"{out} is a device, a pipe or a socket")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="POSIX has it")
def test_standard_output_is_not_replaced(tmp_path: Path) -> None:
    one_line(run_apart("report", "--out", "/dev/stdout"), "/dev/stdout is a device, a pipe or a socket")
    with (tmp_path / "log").open("w+b") as log, pytest.MonkeyPatch.context() as patch:
        status = os.fstat(log.fileno())
        patch.setattr(os, "fstat", lambda descriptor: status)  # as if the program's output went there
        with pytest.raises(OutputError, match="is where the output of this program goes"):
            check_writable(tmp_path / "log", overwrite=True)
