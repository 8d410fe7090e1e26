"""Checkpoints: a folder from which a training goes on, whatever ended it.

A checkpoint is one file, `checkpoint-00000012.safetensors` the twelfth. It is written beside, flushed and renamed, so
that a file of such a name is whole; the last two are kept. Nothing in it is executed. Its metadata has two entries,
`checksum` and `mangosaurus-checkpoint`, a JSON object with the keys

    format      FORMAT, the version of this layout
    heading     which run it is: see identity.py
    every       seconds between two checkpoints
    decided     sizes that were chosen when the run began, and that time had a say in: order, counted, groups,
                hidden
    seconds     how long the run had taken, all its parts together
    training    what training/capture.py says of the networks, null before there are any; {"@": name} is an array

The checksum is BLAKE2b over that object and every array, in the order of their names: name, type, shape, content.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from mangosaurus.errors import CheckpointError, OutputError, plain
from mangosaurus.storage.checks import Arrays, hashed
from mangosaurus.storage.files import alone, write
from mangosaurus.training.identity import check_heading
from mangosaurus.training.ranks import agreed, rank

FORMAT = 1
ENTRY, CHECKSUM = "mangosaurus-checkpoint", "checksum"
NAME = re.compile(r"checkpoint-([0-9]{8})\.safetensors")
KEPT = 2
LOCK = ".lock"
LARGEST = {"order": 32, "counted": 2**53, "groups": 2**53, "hidden": 8192}
"""What may have been decided."""
DAMAGED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, RuntimeError)
"""What reading something may raise that is not what it says it is."""

Tree = Any
"""What JSON can hold, and arrays: dictionaries with words for keys, lists, numbers, strings, None."""


@dataclass(frozen=True)
class Found:
    """A checkpoint that was read."""

    path: Path
    heading: dict[str, Any]
    every: float
    decided: dict[str, int]
    seconds: float
    training: Tree
    notes: list[str] = field(default_factory=list)
    """Which newer ones were passed over, and why."""


class Checkpoints:
    """The checkpoints of one run: the one that it resumes, and those that it writes, on a thread of their own."""

    def __init__(self, folder: Path, every: float, found: Found | None) -> None:
        self.folder: Path = folder
        self.every: float = every
        self.found: Found | None = found
        self.notes: list[str] = [] if found is None else list(found.notes)
        """What the user should be told, a line each, the latest last."""
        self.problem: str | None = None
        """Why the last checkpoint could not be written."""
        self._started = time.monotonic()
        self._heading: dict[str, Any] = {}
        self._decided: dict[str, int] = {} if found is None else found.decided
        self._good = [] if found is None else [found.path]
        self._number = max((number for number, _ in _numbered(folder)), default=0)
        self._next = time.monotonic() + every
        self._thread = ThreadPoolExecutor(1)
        self._job: Future[None] | None = None

    def begin(self, heading: dict[str, Any]) -> dict[str, Any]:
        """Says which run it is: of a new one, this writes the first checkpoint. Returns the heading as it began.

        Raises CheckpointError if it is not the run that is to be resumed, and OutputError if nothing can be written.
        """
        if self.found is not None:
            check_heading(heading, self.found.heading, self.folder)
            heading = self.found.heading  # with the corpus under the name that it had
        self._heading = heading
        if self.found is None:
            self.save(None)
            self.close()
            self._thread = ThreadPoolExecutor(1)
            if self.problem is not None:
                raise OutputError(self.problem)
        return heading

    def decide(self, name: str, value: int) -> int:
        """What was decided on `name` when the run began; `value` if it begins now."""
        return self._decided.setdefault(name, value)

    def decided(self, name: str) -> int | None:
        """What was decided on `name` before, or None."""
        return self._decided.get(name)

    def count_from(self, started: float) -> float:
        """From when seconds are counted, by `time.monotonic()`: of a run that goes on, those before are added.

        `started` is when a new run began. Called when all that was learnt before has been taken up again.
        """
        self._started = (
            started if self.training is None or self.found is None else time.monotonic() - self.found.seconds
        )
        return self._started

    @property
    def training(self) -> Tree:
        """Of the checkpoint that is resumed, what capture.py said; None if there is none."""
        return None if self.found is None else self.found.training

    def due(self) -> bool:
        """Whether it is time for the next one, and the last one is written."""
        return time.monotonic() >= self._next and (self._job is None or self._job.done())

    def save(self, training: Tree) -> None:
        """Writes a checkpoint beside what goes on; nothing may change the arrays of `training` any more.

        What goes wrong does not end the training: it is noted, and tried again when the next one is due.
        """
        if self._job is not None:
            self._job.result()
        self._number += 1
        described = {
            "format": FORMAT,
            "heading": self._heading,
            "every": self.every,
            "decided": dict(self._decided),
            "seconds": time.monotonic() - self._started,
        }
        self._job = self._thread.submit(self._write, self._number, described, training)
        self._next = time.monotonic() + self.every

    def close(self) -> None:
        """Waits for the last one."""
        self._thread.shutdown()

    def _write(self, number: int, described: dict[str, Any], training: Tree) -> None:
        path = self.folder / f"checkpoint-{number:08}.safetensors"
        arrays: Arrays = {}
        entry = json.dumps(described | {"training": take_apart(training, "training", arrays)}, sort_keys=True)
        try:
            write(path, serialize(arrays, {ENTRY: entry, CHECKSUM: checksum(entry, arrays)}))
        except OutputError as error:
            self.problem = f"a checkpoint could not be written: {error}"
            last = (
                f"the last one is {self._good[-1].name}" if self._good and self._good[-1].exists() else "none is left"
            )
            self.notes.append(
                f"{self.problem}; {last}; the training goes on, and the next is tried after {self.every:g} s"
            )
            return
        self.problem = None
        self._good = [*self._good, path][-KEPT:]
        for _, older in _numbered(self.folder):
            if older not in self._good:
                with suppress(OSError):
                    older.unlink()


class Follower(Checkpoints):
    """Those that another process writes: this one goes on from them too, and writes none."""

    def begin(self, heading: dict[str, Any]) -> dict[str, Any]:
        if self.found is None:
            return heading
        check_heading(heading, self.found.heading, self.folder)
        return self.found.heading

    def due(self) -> bool:
        return False

    def save(self, training: Tree) -> None:
        pass


@contextmanager
def opened(folder: Path, resume: bool, every: float | None) -> Iterator[Checkpoints]:
    """The checkpoints in `folder`, which is made if it is missing and no run is to be resumed; `every` in seconds.

    Raises OutputError if another process writes there, if nothing can be written, or if there are checkpoints of an
    earlier run; CheckpointError as `latest` if there are none to resume. Of several processes, the first writes, and
    the folder of a run that is resumed must be in the sight of all.
    """
    if rank():
        yield Follower(folder, every or 0.0, _same_as_first(folder) if resume else None)
        return
    made = False
    if not resume and not folder.exists():
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise OutputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
        made = True
    if resume and not folder.is_dir():
        raise CheckpointError(f"there is no folder {folder} to resume from; train --checkpoint makes one")
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file; name a folder for the checkpoints")
    try:
        with alone(folder / LOCK, f"another training writes its checkpoints to {folder}; choose another folder"):
            if not resume and _numbered(folder):
                raise OutputError(
                    f"{folder} holds the checkpoints of an earlier run; go on with --resume {folder}, or delete them"
                )
            for left_behind in folder.glob(".checkpoint-*"):  # by a process that was killed while it wrote
                with suppress(OSError):
                    left_behind.unlink()
            found = latest(folder) if resume else None
            if found is not None:
                agreed(_number_of(found.path), patient=True)
            kept = Checkpoints(folder, every if every is not None else found.every if found else 60.0, found)
            try:
                yield kept
            finally:
                kept.close()
    finally:
        if made:
            with suppress(OSError):  # it goes again if nothing has come into it
                folder.rmdir()


def _same_as_first(folder: Path) -> Found:
    """The checkpoint that the first process goes on from. Raises CheckpointError if this one cannot read it."""
    (number,) = agreed(0, patient=True)
    path = folder / f"checkpoint-{int(number):08}.safetensors"
    try:
        return _read(path)
    except (OSError, SafetensorError, *DAMAGED) as error:
        raise CheckpointError(
            f"the first process goes on from {path}, and process {rank()} cannot read it ({error}): the folder must be "
            "in the sight of all"
        ) from error


def latest(folder: str | os.PathLike[str]) -> Found:
    """The last checkpoint in `folder`, or if it is damaged the one before, with a note.

    Raises CheckpointError if there is none, if all are damaged, or if they are of a newer version.
    """
    folder = Path(folder)
    numbered = _numbered(folder)
    if not numbered:
        raise CheckpointError(f"{folder} has no checkpoint to resume from; train --checkpoint writes them")
    notes: list[str] = []
    reason = ""
    for _, path in reversed(numbered):
        try:
            found = _read(path)
        except OSError as error:
            reason = f"{path.name} cannot be read: {error.strerror or error}"
        except SafetensorError as error:
            reason = f"{path.name} is damaged: {plain(error)}"
        except DAMAGED as error:
            if isinstance(error, CheckpointError):
                raise
            reason = f"{path.name} is damaged: {plain(error)}"
        else:
            notes += [f"{note}; {path.name}, the one before, takes its place" for note in [reason] if note]
            return Found(**{**vars(found), "notes": notes})
    raise CheckpointError(f"no checkpoint in {folder} can be resumed: {reason}; begin a new run in another folder")


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """The checkpoints of a folder by number, none if it cannot be read."""
    with suppress(OSError):
        matches = [(NAME.fullmatch(path.name), path) for path in folder.iterdir()]
        return sorted((int(match[1]), path) for match, path in matches if match and path.is_file())
    return []


def _number_of(path: Path) -> int:
    return next(number for number, each in _numbered(path.parent) if each == path)


def _read(path: Path) -> Found:
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    entry = metadata[ENTRY]
    if metadata[CHECKSUM] != checksum(entry, arrays):
        raise ValueError("its checksum is not that of what it holds")
    described = json.loads(entry)
    if described["format"] > FORMAT:
        raise CheckpointError(
            f"{path} has format {described['format']}, and this version of Mangosaurus reads up to {FORMAT}; "
            "upgrade it: pip install --upgrade mangosaurus"
        )
    decided, every, seconds = described["decided"], float(described["every"]), float(described["seconds"])
    for name, value in decided.items():
        whole(value, LARGEST[name], least=1)
    if not (0 <= every < 1e9 and 0 <= seconds < 1e9):
        raise ValueError(f"every is {every} and seconds is {seconds}")
    training = put_together(described["training"], arrays)
    return Found(path, dict(described["heading"]), every, dict(decided), seconds, training)


def take_apart(tree: Tree, name: str, arrays: Arrays) -> Tree:
    """The tree as JSON can hold it; its arrays go into `arrays`, named by where they stand."""
    if isinstance(tree, np.ndarray):
        arrays[name] = np.array(tree, order="C")
        return {"@": name}
    if isinstance(tree, dict):
        return {key: take_apart(value, f"{name}.{key}", arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [take_apart(value, f"{name}.{place}", arrays) for place, value in enumerate(tree)]
    return tree


def put_together(tree: Tree, arrays: Arrays) -> Tree:
    """The tree of `take_apart`, lists in the place of tuples."""
    if isinstance(tree, dict):
        if set(tree) == {"@"}:
            return arrays[tree["@"]]
        return {key: put_together(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [put_together(value, arrays) for value in tree]
    return tree


def checksum(entry: str, arrays: Arrays) -> str:
    """See above; hexadecimal."""
    return hashed(blake2b(digest_size=32), entry, arrays)


def whole(value: object, most: int, least: int = 0) -> int:
    """`value`, if it is a whole number from `least` to `most`. Raises ValueError if it is not."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{value!r} is no whole number from {least} to {most}")
    return value
