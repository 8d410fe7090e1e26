"""Checkpoints: a folder from which an interrupted training run is resumed.

A checkpoint is one file, such as `checkpoint-00000012.safetensors`. It is written under another name, flushed and
renamed, so that a file of this name is complete; the last two are kept. Nothing in it is executed. Its metadata has two
entries, `checksum` and `mangosaurus-checkpoint`, a JSON object with the keys

    format      FORMAT, the version of this layout
    manifest    identifies the run (manifest.py)
    every       seconds between two checkpoints
    decided     sizes chosen when the run began, which depend on the time: order, counted, groups, hidden
    seconds     how long the run had taken
    training    the state of the networks (training_state.py), null before there are any; {"@": name} is an array

The checksum is BLAKE2b over that object and every array, in the order of their names: name, type, shape, content.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from mangosaurus.core.arrays import Arrays, hashed
from mangosaurus.core.errors import CheckpointError, Option, OptionError, OutputError, plain
from mangosaurus.core.files import alone, write
from mangosaurus.core.units import parse_duration
from mangosaurus.training.distributed import broadcast, rank
from mangosaurus.training.manifest import check_manifest

FORMAT = 2
ENTRY, CHECKSUM = "mangosaurus-checkpoint", "checksum"
KEPT = 2
LOCK, LOCKED = ".lock", "another training writes its checkpoints to {}; choose another folder"
LARGEST = {"order": 32, "counted": 2**53, "groups": 2**53, "hidden": 8192}
"""The largest values of `decided`."""
DAMAGED = (SafetensorError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RuntimeError)
"""What reading a damaged checkpoint may raise."""

Tree = Any
"""JSON with arrays: dictionaries with string keys, lists, numbers, strings, None, arrays."""


@dataclass(frozen=True)
class Found:
    """A checkpoint as it was read."""

    path: Path
    manifest: dict[str, Any]
    every: float
    decided: dict[str, int]
    seconds: float
    training: Tree
    notes: list[str] = field(default_factory=list)
    """Which newer ones were skipped, and why."""


class Checkpoints:
    """The checkpoints of one run: the one that it resumes, and those that it writes, on a separate thread.

    Only the first of several processes writes them.
    """

    def __init__(self, folder: Path, every: float, found: Found | None) -> None:
        self.folder = folder
        self.every = every
        self.found = found
        self.notes: list[str] = [] if found is None else list(found.notes)
        """Lines for the user, the latest last."""
        self.problem: str | None = None
        """Why the last checkpoint could not be written."""
        self._started = time.monotonic()
        self._manifest: dict[str, Any] = {} if found is None else found.manifest
        self.decided: dict[str, int] = {} if found is None else found.decided
        """Values chosen when the run began."""
        self._good = [] if found is None else [found.path]
        self._number = max(map(_number_of, _paths(folder)), default=0)
        self._next = time.monotonic() + every
        self._thread = ThreadPoolExecutor(1)
        self._job: Future[None] = self._thread.submit(lambda: None)

    def begin(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Writes the first checkpoint of a new run; returns the manifest that the run began with.

        Raises CheckpointError if this is not the run to resume, and OutputError if nothing can be written.
        """
        if self.found is not None:
            check_manifest(manifest, self._manifest, self.folder)
            return self._manifest  # with the corpus's earlier name
        self._manifest = manifest
        if not rank():
            self.save(None)
            self._job.result()
            if self.problem is not None:
                raise OutputError(self.problem)
        return manifest

    def decide(self, name: str, value: int) -> int:
        """The value of `name` chosen when the run began; if it begins now, `value`."""
        return self.decided.setdefault(name, value)

    def count_from(self, started: float) -> float:
        """The `time.monotonic()` from which the run's seconds count: `started`, or earlier for a resumed run."""
        self._started = started
        if self.found is not None and self.training is not None:
            self._started = time.monotonic() - self.found.seconds
        return self._started

    @property
    def training(self) -> Tree:
        """The networks' state in the resumed checkpoint; None if there is none."""
        return None if self.found is None else self.found.training

    def due(self) -> bool:
        """Whether the next one is due and the last one is written."""
        return not rank() and time.monotonic() >= self._next and self._job.done()

    def save(self, training: Tree) -> None:
        """Starts writing a checkpoint. The arrays of `training` must not change afterwards.

        A failure does not end the training: `notes` says so, and the next checkpoint is tried when it is due.
        """
        if rank():
            return
        self._job.result()
        self._number += 1
        described = {
            "format": FORMAT,
            "manifest": self._manifest,
            "every": self.every,
            "decided": dict(self.decided),
            "seconds": time.monotonic() - self._started,
        }
        self._job = self._thread.submit(self._write, self._number, described, training)
        self._next = time.monotonic() + self.every

    def close(self) -> None:
        """Waits until the last one is written."""
        self._thread.shutdown()

    def _write(self, number: int, described: dict[str, Any], training: Tree) -> None:
        path = _path(self.folder, number)
        arrays: Arrays = {}
        entry = json.dumps(described | {"training": take_apart(training, "training", arrays)}, sort_keys=True)
        try:
            write(path, serialize(arrays, {ENTRY: entry, CHECKSUM: checksum(entry, arrays)}))
        except OutputError as error:
            self.problem = f"a checkpoint could not be written: {error}"
            left = [each.name for each in self._good if each.exists()]
            last = f"the last one is {left[-1]}" if left else "none is left"
            after = f"the training goes on, and the next is tried after {self.every:g} s"
            self.notes.append(f"{self.problem}; {last}; {after}")
            return
        self.problem = None
        self._good = [*self._good, path][-KEPT:]
        for older in _paths(self.folder):
            if older not in self._good:
                with suppress(OSError):
                    older.unlink()


@contextmanager
def opened(
    checkpoint: str | os.PathLike[str] | None,
    resume: str | os.PathLike[str] | None = None,
    every: float | str | None = None,
) -> Iterator[Checkpoints | None]:
    """The checkpoints of a new run, or of one to resume; None without a folder. The options are those of `fit`.

    Raises OptionError if they contradict each other; OutputError if another process writes to the folder, if nothing
    can be written, or if there are checkpoints of an earlier run; CheckpointError, as `latest`, if there are none to
    resume. Process 0 writes, and the folder of a resumed run must be on storage shared by all processes.
    """
    seconds = None if every is None else parse_duration(every, "every")
    if checkpoint is None and resume is None:
        if every is not None:
            raise OptionError.of(
                "{every} is {!r}, and there is no folder for checkpoints: it goes with {checkpoint}", every
            )
        yield None
        return
    if checkpoint is not None and resume is not None and Path(checkpoint) != Path(resume):
        raise OptionError.of(
            "{resume} is {}, where the checkpoints go too: leave {checkpoint}, {}, out", resume, checkpoint
        )
    folder = Path(resume if resume is not None else checkpoint)  # type: ignore[arg-type]
    if rank():
        yield Checkpoints(folder, seconds or 0.0, _same_as_first(folder) if resume is not None else None)
        return
    with _folder(folder, resume is not None), alone(folder / LOCK, LOCKED.format(folder)):
        if resume is None and _paths(folder):
            message = "{} holds the checkpoints of an earlier run; go on with {resume} {}, or delete them"
            raise OutputError.of(message, folder, folder)
        for unfinished in folder.glob(".checkpoint-*"):  # of a killed process
            with suppress(OSError):
                unfinished.unlink()
        found = None if resume is None else latest(folder)
        if found is not None:
            broadcast(_number_of(found.path), patient=True)
        kept = Checkpoints(folder, seconds if seconds is not None else found.every if found else 60.0, found)
        try:
            yield kept
        finally:
            kept.close()


@contextmanager
def _folder(folder: Path, resume: bool) -> Iterator[None]:
    """Makes the folder of a new run; removes what it made at the end if it is empty."""
    made = [] if resume else [each for each in (folder, *folder.parents) if not each.exists()]
    if made:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise OutputError(f"the folder {folder} cannot be made: {error.strerror or error}") from error
    if resume and not folder.is_dir():
        raise CheckpointError(f"there is no folder {folder} to resume from; ", Option("checkpoint"), " makes one")
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file; name a folder for the checkpoints")
    try:
        yield
    finally:
        with suppress(OSError):
            for each in made:
                each.rmdir()


def _same_as_first(folder: Path) -> Found:
    """The checkpoint that process 0 resumes. Raises CheckpointError if this process cannot read it."""
    (number,) = broadcast(0, patient=True)
    path = _path(folder, int(number))
    try:
        return _read(path)
    except (OSError, *DAMAGED) as error:
        raise CheckpointError(
            f"the first process goes on from {path}, and process {rank()} cannot read it ({error}): the folder must be "
            "on storage shared by all processes"
        ) from error


def latest(folder: str | os.PathLike[str]) -> Found:
    """The last checkpoint in `folder`, or if it is damaged the one before, with a note.

    Raises CheckpointError if there is none, if all are damaged, or if they are of a newer version.
    """
    folder = Path(folder)
    paths = _paths(folder)
    if not paths:
        raise CheckpointError(f"{folder} has no checkpoint to resume from; ", Option("checkpoint"), " writes them")
    reason = ""
    for path in reversed(paths):
        try:
            found = _read(path)
        except CheckpointError:
            raise
        except OSError as error:
            reason = f"{path.name} cannot be read: {error.strerror or error}"
        except DAMAGED as error:
            reason = f"{path.name} is damaged: {plain(error)}"
        else:
            return replace(found, notes=[f"{reason}; {path.name}, the one before, takes its place"] if reason else [])
    raise CheckpointError(f"no checkpoint in {folder} can be resumed: {reason}; begin a new run in another folder")


def _path(folder: Path, number: int) -> Path:
    return folder / f"checkpoint-{number:08}.safetensors"


def _number_of(path: Path) -> int:
    return int(path.stem[-8:])


def _paths(folder: Path) -> list[Path]:
    """The checkpoints of a folder, the oldest first; none if it cannot be read."""
    return sorted(folder.glob(f"checkpoint-{'[0-9]' * 8}.safetensors"))


def _read(path: Path) -> Found:
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    entry = metadata[ENTRY]
    if metadata[CHECKSUM] != checksum(entry, arrays):
        raise ValueError("its checksum is not that of what it holds")
    described = json.loads(entry)
    if described["format"] != FORMAT:
        raise CheckpointError(
            f"{path} has format {described['format']}, and this version of Mangosaurus reads {FORMAT}; resume the run "
            "with the version that began it, or begin a new run"
        )
    decided, every, seconds = described["decided"], float(described["every"]), float(described["seconds"])
    for name, value in decided.items():
        whole(value, LARGEST[name], least=1)
    if not (0 <= every < 1e9 and 0 <= seconds < 1e9):
        raise ValueError(f"every is {every} and seconds is {seconds}")
    training = put_together(described["training"], arrays)
    return Found(path, dict(described["manifest"]), every, dict(decided), seconds, training)


def take_apart(tree: Tree, name: str, arrays: Arrays) -> Tree:
    """The tree as JSON; its arrays go into `arrays`, named by their place in the tree."""
    if isinstance(tree, np.ndarray):
        arrays[name] = np.array(tree, order="C")
        return {"@": name}
    if isinstance(tree, dict):
        return {key: take_apart(value, f"{name}.{key}", arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [take_apart(value, f"{name}.{place}", arrays) for place, value in enumerate(tree)]
    return tree


def put_together(tree: Tree, arrays: Arrays) -> Tree:
    """The tree given to `take_apart`, with lists instead of tuples."""
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
        raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
    return value
