"""All figures of README in one run: `python -m benchmarks.readme --lists FILE`.

Runs what measures short lists, losses and speeds, one after the other, and records each: its figures replace those in
benchmarks/recorded/, and README and the charts in docs/images/ are drawn anew. Let the machine do nothing else: it
takes about an hour. If one of them fails, the others go on, and the exit status is 1.

FILE is what tools/prior_lists.py writes. The other corpora are looked for as in the tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.record import load, where

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ("short", "loss", "quality", "sampling", "start", "prior")
"""The records that README reads."""


def commands(lists: Path, folder: Path) -> list[list[str]]:
    """What is run, as `python -m` takes it; `folder` is for what nobody keeps."""
    page = str(folder / "benchmarks.html")
    return [
        ["benchmarks", "--only", "loss,sampling,start,prior", "--record", "--out", page],
        ["benchmarks.quality", "--record"],
        ["benchmarks.short_lists", "--lists", str(lists), "--out", str(folder / "short.jsonl"), "--record"],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=Path, required=True, help="the file that tools/prior_lists.py writes")
    lists = parser.parse_args().lists.resolve()
    if not lists.is_file():
        parser.error(f"--lists is {lists}, which is no file; tools/prior_lists.py writes it")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for command in commands(lists, Path(folder)):
            started = time.monotonic()
            done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
            print(f"python -m {command[0]}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            failed += [command[0]] if done.returncode else []
    subprocess.run([sys.executable, "-m", "cogapp", "-r", "README.md"], cwd=ROOT, check=True)
    for name in RECORDS:
        print(f"{name}: {where(load(name))}")
    if failed:
        sys.exit(f"error: {', '.join(failed)} failed")


if __name__ == "__main__":
    main()
