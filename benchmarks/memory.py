"""Memory on large corpora: `python -m benchmarks.memory [--megabytes 1000] [--budget 120s] [--memory 2GB]
[--only text] [--record]`.

Trains with the command line on this much text, on this much of names, and on a line of 50 MB, and samples from the
models. Each runs in a process of its own. Prints its highest resident memory, with mapped files.

The text repeats tinyshakespeare's training part, from another line each time and with every tenth word replaced: new
contexts never end. The names are those of dinosaurs with letters replaced. The cache is an empty folder: reading the
files is part of the time.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.record import Figure, data_folder, figure, machine, record_if, recording_parser

# Linux's own count. getrusage starts from the highest memory of the parent process.
COMMAND = (
    "import re, sys; from mangosaurus.__main__ import main\n"
    "try: main()\n"
    "finally: print('PEAK', int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1000,"
    " file=sys.stderr)"
)


def peak(*words: str, cache: Path) -> tuple[int, float, str]:
    """The highest resident memory of a command in megabytes, its seconds, and its standard error."""
    begun = time.monotonic()
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", COMMAND, *words]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment)
    notes = done.stderr.splitlines()
    for line in notes:
        if line.startswith(("note:", "held-out")):
            print(f"    {line}")
    return int(notes[-1].removeprefix("PEAK ")), time.monotonic() - begun, done.stderr


def write_text(path: Path, size: int, seed: int = 0) -> None:
    """Writes `size` bytes of text."""
    lines = (data_folder() / "tinyshakespeare.train.txt").read_text(encoding="utf-8").splitlines()
    words = " ".join(lines).split()
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        while size > 0:
            first = draw.randrange(len(lines))
            part = "\n".join(lines[first : first + 3000]).split(" ")
            for place in draw.sample(range(len(part)), len(part) // 10):
                part[place] = draw.choice(words)
            size -= file.write(" ".join(part)[:size])


def write_names(path: Path, size: int, names: Sequence[str], share: int = 5, seed: int = 0) -> None:
    """Writes `size` bytes of names, one a line: these again and again, with one letter in `share` replaced."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        while size > 0:
            part = list("\n".join(draw.sample(names, len(names))))
            for place in draw.sample(range(len(part)), len(part) // share):
                part[place] = part[place] if part[place] == "\n" else draw.choice("aeioulnrst")
            size -= file.write("".join(part)[: size - 1] + "\n")


def measure(name: str, path: Path, format: str, budget: str, memory: str) -> dict[str, Figure]:
    """Trains on a file and samples from the model. Prints and returns the memory and the seconds of each."""
    model, cache = path.with_suffix(".safetensors"), path.parent / "cache"
    words = ("--format", format, "--out", str(model), "--force", "--budget", budget, "--memory", memory)
    used, seconds, messages = peak("train", str(path), *words, cache=cache)
    print(f"{name}: training, {used:,} MB (must {memory}), {seconds:.0f} s")
    figures = {"peak": figure([used], "MB"), "seconds": figure([seconds], "s")}
    if loss := re.search(r"held-out loss: (\S+) nats", messages):
        figures["held_out"] = figure([float(loss[1])], "nats per symbol")
    used, seconds, _ = peak("sample", str(model), "-n", "1", "--seed", "1", cache=cache)
    size = model.stat().st_size / 1e6
    print(f"{name}: sampling from its model of {size:.0f} MB, {used:,} MB (must 1,000), {seconds:.1f} s", flush=True)
    figures |= {"sample.peak": figure([used], "MB"), "sample.seconds": figure([seconds], "s")}
    figures |= {"model": figure([size], "MB"), "corpus": figure([path.stat().st_size / 1e6], "MB")}
    return {f"{name}.{key}": each for key, each in figures.items()}


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--budget", default="120s")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--only", choices=["text", "names", "line"])
    options = parser.parse_args()
    figures: dict[str, Figure] = {}
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.txt"
        if options.only in (None, "text"):
            write_text(path, options.megabytes * 10**6)
            figures |= measure("text", path, "text", options.budget, options.memory)
        if options.only in (None, "names"):
            names = (data_folder() / "dinos.train.txt").read_text(encoding="utf-8").split()
            write_names(path, options.megabytes * 10**6, names)
            figures |= measure("names", path, "names", options.budget, options.memory)
        if options.only in (None, "line"):
            write_text(path, 50 * 10**6)
            path.write_text(path.read_text(encoding="utf-8").replace("\n", " ") + "\nAnna\n", encoding="utf-8")
            for format in ("names", "text"):
                figures |= measure(f"line_as_{format}", path, format, "20s", options.memory)
    record_if(options.record, "large", figures)


if __name__ == "__main__":
    main()
