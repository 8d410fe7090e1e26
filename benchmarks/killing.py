"""Kills a training, again and again: `python -m benchmarks.killing [--kills 30] [--record] [-- OPTIONS OF train]`.

Runs `mangosaurus train --steps` once from start to end. Then runs it with checkpoints, kills it with SIGKILL at any
moment between its start and its end, resumes it, kills it, and so on. A run that reaches its end is compared with the
first byte by byte, and another one starts. The process is stopped before every kill and at a few moments in between:
a checkpoint that loads must then be there, unless there never was one.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.record import figure, record_if, recording_parser
from mangosaurus.core.errors import MangosaurusError
from mangosaurus.training.checkpoint import latest

OPTIONS = ["--steps", "200", "--members", "3", "--hidden", "64", "--seed", "5"]
LOOKS = 3
"""Moments of every process at which the checkpoints are checked."""


class Failure(Exception):
    """A requirement is not met."""


def train(corpus: list[str], out: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mangosaurus", "train", *corpus, "--out", str(out), "--force", "--quiet", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def checkpoint_of(folder: Path, was: str) -> str:
    """The stage of the training's latest checkpoint, "" if there is none; `was` is the stage of the one before."""
    if not was and not (folder.is_dir() and any(folder.glob("checkpoint-*"))):
        return ""
    try:
        found = latest(folder)
    except MangosaurusError as error:
        raise Failure(f"there is no checkpoint that loads: {error}") from None
    if found.notes:
        raise Failure(f"a checkpoint is damaged: {found.notes}")
    if found.training is None:
        return "counting"
    group = found.training["group"]
    return f"network {len(found.training['members']) + 1}" if group is not None else "between networks"


def until_killed(process: subprocess.Popen[bytes], seconds: float, folder: Path, was: str) -> tuple[str | None, str]:
    """Kills it after some seconds. Returns its stage (None if it had ended), and the last checkpoint's stage."""
    started = time.monotonic()
    for moment in sorted([*(random.uniform(0, seconds) for _ in range(LOOKS)), seconds]):
        try:
            process.wait(max(0.0, started + moment - time.monotonic()))
            return None, was
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGSTOP)
            was = checkpoint_of(folder, was)
            process.send_signal(signal.SIGCONT if moment < seconds else signal.SIGKILL)
    process.wait()
    return was or "before the first checkpoint", was


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--every", default="0.1s")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("training", nargs="*", default=OPTIONS)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as place:
        whole, out, folder = Path(place) / "whole", Path(place) / "out", Path(place) / "checkpoints"
        started = time.monotonic()
        if train(options.corpus, whole, *options.training).wait():
            raise Failure("the uninterrupted run failed")
        length = time.monotonic() - started
        print(f"an uninterrupted run takes {length:.1f} s and writes {whole.stat().st_size:,} bytes", flush=True)
        kills, compared, was = Counter[str](), 0, ""
        while kills.total() < options.kills or was:
            words = ["--resume", str(folder)] if was else ["--checkpoint", str(folder), *options.training]
            process = train(options.corpus, out, *words, "--every", options.every)
            seconds = random.uniform(0, length) if kills.total() < options.kills else 1e6
            where, was = until_killed(process, seconds, folder, was)
            if where is not None:
                kills[where] += 1
                continue
            if process.returncode:
                raise Failure(f"a resumed run ended with status {process.returncode}")
            if out.read_bytes() != whole.read_bytes():
                raise Failure("the final file is not that of the uninterrupted run")
            compared += 1
            was = ""
            out.unlink()
            shutil.rmtree(folder)
        print(f"{kills.total()} kills: {', '.join(f'{number} at {where}' for where, number in sorted(kills.items()))}")
        print(f"{compared} runs reached their end, each with the same file bit for bit (must: all)")
        print("a checkpoint that loads was there at every check after the first (must)")
        figures = {"kills": figure([kills.total()]), "compared": figure([compared])}
        record_if(options.record, "killing", figures | {"uninterrupted": figure([length], "s")})


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"failed: {failure}")
