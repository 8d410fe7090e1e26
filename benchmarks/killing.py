"""A training that is killed: `python -m benchmarks.killing [--kills 30] [--corpus FILE] [--record]
[-- OPTIONS OF train]`.

Runs `mangosaurus train --steps` once from beginning to end. Then again with checkpoints, and ends it with SIGKILL at a
random moment, anywhere from the start of the process to its end, resumes it, ends that, and so on; a run that comes to
its end is compared with the first byte by byte, and another one is begun. Before every kill, and at a few moments in
between, the process is held still, and there must be a checkpoint that loads, unless there has never been one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.record import figure, record_if, record_option
from mangosaurus.errors import MangosaurusError
from mangosaurus.training.checkpoint import latest

OPTIONS = ["--steps", "200", "--members", "3", "--hidden", "64", "--seed", "5"]
LOOKS = 3
"""Moments at which the folder is looked at, of every process."""


class Failure(Exception):
    """What must not happen."""


def train(corpus: list[str], out: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mangosaurus", "train", *corpus, "--out", str(out), "--force", "--quiet", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def checkpoint_of(folder: Path, was: str) -> str:
    """Where the checkpoint that would be resumed is; `was` is where one has been, "" if there has been none."""
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
    """Kills it after so many seconds; returns where it then was, or None if it had ended, and where it was last."""
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--every", default="0.1s")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    record_option(parser)
    parser.add_argument("options", nargs="*", default=OPTIONS)
    asked = parser.parse_args()
    random.seed(asked.seed)
    with tempfile.TemporaryDirectory() as place:
        whole, out, folder = Path(place) / "whole", Path(place) / "out", Path(place) / "checkpoints"
        started = time.monotonic()
        if train(asked.corpus, whole, *asked.options).wait():
            raise Failure("the uninterrupted run failed")
        length = time.monotonic() - started
        print(f"an uninterrupted run takes {length:.1f} s and makes {whole.stat().st_size:,} bytes", flush=True)
        kills, compared, was = Counter[str](), 0, ""
        while kills.total() < asked.kills or was:
            words = ["--resume", str(folder)] if was else ["--checkpoint", str(folder), *asked.options]
            process = train(asked.corpus, out, *words, "--every", asked.every)
            seconds = random.uniform(0, length) if kills.total() < asked.kills else 1e6
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
        print(f"{compared} runs came to their end, each with the same file bit for bit (must: all)")
        print("a checkpoint that loads was there at every moment looked at, after the first (must)")
        figures = {"kills": figure([kills.total()]), "compared": figure([compared])}
        record_if(asked.record, "killing", figures | {"uninterrupted": figure([length], "s")})


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"failed: {failure}")
