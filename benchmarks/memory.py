"""Memory on large corpora: `python -m benchmarks.memory [--megabytes 1000] [--budget 120s] [--memory 2GB]
[--only text] [--record]`.

Trains by the command line on so many megabytes of text and of names, and on a line of 50 MB, and samples from what
comes out, each in a process of its own, whose highest resident memory is printed; mapped files count in it.

The text is tinyshakespeare's training part over and over, from another line each time and with every tenth word
replaced by another one, so that it goes on having contexts that were not there before; the names are those of dinosaurs
with letters replaced likewise. The cache is an empty folder: reading the files is part of the time.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.record import Figure, figure, record_if, record_option
from benchmarks.reference import data_folder, machine

# Linux's own count: that of getrusage begins with the highest memory of the process that began this one.
COMMAND = (
    "import re, sys; from mangosaurus.cli.app import main\n"
    "try: main()\n"
    "finally: print('PEAK', int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1000,"
    " file=sys.stderr)"
)


def peak(*words: str, cache: Path) -> tuple[int, float, str]:
    """The highest resident memory of a command, in megabytes, the seconds that it took, and its standard error."""
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
    """So many bytes of text."""
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
    """So many bytes of names, one a line: these over and over, with one letter in `share` replaced by another."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        while size > 0:
            part = list("\n".join(draw.sample(names, len(names))))
            for place in draw.sample(range(len(part)), len(part) // share):
                part[place] = part[place] if part[place] == "\n" else draw.choice("aeioulnrst")
            size -= file.write("".join(part)[: size - 1] + "\n")


def measure(what: str, path: Path, format: str, options: Sequence[str], folder: Path, limit: str) -> dict[str, Figure]:
    """Trains on a file and samples from the model; prints what each takes, and returns it."""
    model = folder / f"{path.stem}.safetensors"
    train = ("train", str(path), "--format", format, "--out", str(model), *options)
    used, seconds, said = peak(*train, cache=folder / "cache")
    print(f"training on {what}: {used:,} MB (must {limit}), {seconds:.0f} s")
    figures = {"peak": figure([used], "MB"), "seconds": figure([seconds], "s")}
    if loss := re.search(r"held-out loss: (\S+) nats", said):
        figures["held_out"] = figure([float(loss[1])], "nats per symbol")
    used, seconds, _ = peak("sample", str(model), "-n", "1", "--seed", "1", cache=folder / "cache")
    size = model.stat().st_size / 1e6
    print(f"sampling from its model, {size:.0f} MB: {used:,} MB (must 1,000), {seconds:.1f} s", flush=True)
    sampling = {"sample.peak": figure([used], "MB"), "sample.seconds": figure([seconds], "s")}
    return figures | sampling | {"model": figure([size], "MB"), "corpus": figure([path.stat().st_size / 1e6], "MB")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--budget", default="120s")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--only", choices=["text", "names", "line"])
    record_option(parser)
    options = parser.parse_args()
    given = ("--budget", options.budget, "--memory", options.memory)
    figures: dict[str, Figure] = {}

    def kept(name: str, what: str, path: Path, format: str, options: Sequence[str], limit: str) -> None:
        found = measure(what, path, format, options, folder, limit)
        figures.update({f"{name}.{key}": each for key, each in found.items()})

    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "corpus.txt"
        if options.only in (None, "text"):
            write_text(path, options.megabytes * 10**6)
            kept("text", f"{options.megabytes} MB of text", path, "text", given, options.memory)
        if options.only in (None, "names"):
            names = (data_folder() / "dinos.train.txt").read_text(encoding="utf-8").split()
            write_names(path, options.megabytes * 10**6, names)
            kept("names", f"{options.megabytes} MB of names", path, "names", given, options.memory)
        if options.only in (None, "line"):
            write_text(path, 50 * 10**6)
            path.write_text(path.read_text(encoding="utf-8").replace("\n", " "), encoding="utf-8")
            for format in ("names", "text"):
                given = ("--budget", "20s", "--memory", options.memory)
                lines = folder / f"{format}.txt"
                lines.write_text(path.read_text(encoding="utf-8") + "\nAnna\n", encoding="utf-8")
                kept(f"line_as_{format}", f"one line of 50 MB as {format}", lines, format, given, options.memory)
    record_if(options.record, "large", figures)


if __name__ == "__main__":
    main()
