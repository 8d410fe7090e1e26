"""Folders of checkpoints, damaged: as bytes, and in what they describe, under a checksum that is right again.

The damage is the same for the same seed; the run is another each time, for it tells how many seconds it took.
"""

from __future__ import annotations

import json
import random
import struct
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from examples import NAMES
from fuzz_uses import FINE, REFUSED, message_of, predicts
from fuzz_values import damaged_bytes, damaged_json, nested, packed, unpacked
from safetensors.numpy import load, save

import mangosaurus
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.training.checkpoint import CHECKSUM, ENTRY, checksum
from mangosaurus.training.status import Status

STEPS, ENOUGH = 8, 12


class EnoughError(BaseException):
    """The training has gone on for long enough."""


def _ending(steps: int) -> Callable[[Status], None]:
    """Ends a training after so many steps."""
    left = iter(range(steps))

    def watch(status: Status) -> None:
        if status.stage == "training" and next(left, None) is None:
            raise EnoughError

    return watch


@cache
def good_folder() -> bytes:
    """A run that was broken off, as an archive of its files."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        options: dict[str, Any] = {"steps": STEPS, "hidden": 4, "order": 2, "checkpoint": kept, "every": 0}
        with suppress(EnoughError):
            mangosaurus.fit(NAMES * 2, watch=_ending(STEPS // 2), **options)
        return packed({path.name: path.read_bytes() for path in sorted(kept.glob("checkpoint-*"))})


def damaged_folder(random: random.Random) -> tuple[str, bytes]:
    """(what was done, the folder)."""
    files = unpacked(good_folder())
    last = max(files)
    how = random.randrange(6)
    if how == 0:
        files = {name: damaged_bytes(random, data) for name, data in files.items()}
    elif how == 1:
        files[last] = damaged_bytes(random, files[last])
    elif how == 2:
        name = random.choice(("checkpoint-99999999.safetensors", "checkpoint-x", ".checkpoint-1", ".lock"))
        files[name] = files[last]
    else:
        files = {name: _described_anew(random, data, arrays=how == 5) for name, data in files.items()}
    return ("all as bytes", "last as bytes", "more files", "described", "described", "arrays")[how], packed(files)


def _described_anew(random: random.Random, data: bytes, arrays: bool) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + length])["__metadata__"][ENTRY]
    kept = load(data)
    if arrays:
        name = random.choice(sorted(kept))
        array = kept[name]
        with np.errstate(all="ignore"):
            whole = array.dtype.kind in "iub"
            other = array[:0] if whole else array * random.choice((1e30, -1.0, np.nan, 1e5))
            kept[name] = random.choice((array.reshape(-1)[:1], array.astype("f8"), array[None], other, array.T.copy()))
    elif random.random() < 0.1:
        entry = nested(random)
    else:
        changed: Any = json.loads(entry)
        part = random.choice(("training", "training", "manifest", "decided", None))
        if part is None:
            changed = damaged_json(random, changed)
        else:
            changed[part] = damaged_json(random, changed[part])
        entry = json.dumps(changed)
    entry = entry.encode("utf-8", "replace").decode()
    kept = {name: np.ascontiguousarray(array) for name, array in kept.items()}
    return save(kept, {ENTRY: entry, CHECKSUM: checksum(entry, kept)})


def use_folder(path: Path) -> str:
    """Resumes the run, for some steps at most."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in unpacked(path.read_bytes()).items():
            (Path(folder) / name).write_bytes(data)
        try:
            model = mangosaurus.fit(NAMES * 2, resume=folder, watch=_ending(ENOUGH))
        except EnoughError:
            return FINE
        except MangosaurusError as error:
            return f"{REFUSED}: {message_of(error)}"
        predicts(model.distribution)
        return FINE
