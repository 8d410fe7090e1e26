"""Memory on a large text: `python -m benchmarks.memory [--megabytes 100] [--budget 120]`.

Trains on tinyshakespeare's training part, repeated to so many megabytes with its lines in another order each time, and
then samples from the model, each in a process of its own, whose highest resident memory is printed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.reference import data_folder, machine

PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)"
TRAIN = (
    "import sys, mangosaurus; mangosaurus.fit(sys.argv[1], format='text', budget=sys.argv[3]).save(sys.argv[2]);" + PEAK
)
SAMPLE = "import sys, mangosaurus; mangosaurus.load(sys.argv[2]).sample(1, seed=1);" + PEAK


def peak(code: str, *words: str) -> int:
    """The highest resident memory of a process that runs `code`, in megabytes."""
    done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, encoding="utf-8")
    return int(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--budget", default="120s")
    options = parser.parse_args()
    lines = (data_folder() / "tinyshakespeare.train.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        text, model = str(Path(folder) / "large.txt"), str(Path(folder) / "large.safetensors")
        shuffle, left = random.Random(0), options.megabytes * 10**6
        with Path(text).open("w", encoding="utf-8") as file:
            while left > 0:
                shuffle.shuffle(lines)
                left -= file.write("".join(lines)[:left])
        print(
            f"training on {options.megabytes} MB of text: {peak(TRAIN, text, model, options.budget):,} MB (must 1,500)"
        )
        print(f"sampling from its model: {peak(SAMPLE, text, model, options.budget):,} MB (must 1,000)")


if __name__ == "__main__":
    main()
