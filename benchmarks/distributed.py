"""Two processes against one: `python -m benchmarks.distributed [--processes 2] [--steps 100] [--record]`.

Trains with torchrun on this machine and with one process, on the same batches. Prints the largest difference of their
losses in any step (must: within 1e-4) and how many symbols a second each reads. Then it kills one of the processes in
the middle of a training that writes checkpoints, times the end (must: within 30 s, with a non-zero status), resumes,
and compares the model with that of an uninterrupted training.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

import mangosaurus
from benchmarks.record import Figure, data_folder, figure, machine, record_if, recording_parser
from mangosaurus.training.distributed import all_reduce, rank
from mangosaurus.training.status import Status

RUNS: dict[str, dict[str, Any]] = {
    "sonnets_lstm": {"corpus": "sonnets.train.txt", "hidden": 256},
    "sonnets_lstm_512": {"corpus": "sonnets.train.txt", "hidden": 512},
    "sonnets_lstm_512_32": {"corpus": "sonnets.train.txt", "hidden": 512, "precision": "32"},
    "sonnets_transformer": {"corpus": "sonnets.train.txt", "cell": "transformer", "hidden": 128},
    "dinosaurs_lstm_32": {"corpus": "dinos.train.txt", "precision": "32"},
    "dinosaurs_lstm": {"corpus": "dinos.train.txt"},
}
"""The arguments of `fit`, by the key of the figures."""
NUMBERS = (1, 300_000, 3_000_000, 30_000_000)
EXCHANGES = 9
WARMING_UP = 10
"""Steps before the clock starts."""


def command(processes: int, *words: str) -> list[str]:
    """The command that runs a module in this many processes."""
    if processes == 1:
        return [sys.executable, "-m", *words]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--standalone"]
    return [*launcher, "-m", *words]


def train(name: str, steps: int, out: Path) -> None:
    """Trains, in each of the processes. The first writes the losses, the rate and its memory."""
    means: list[float] = []
    times: list[float] = []
    symbols: list[int] = []

    def watch(status: Status) -> None:
        if status.progress is not None and status.progress.step > len(means):
            means.append(status.progress.loss)
            times.append(time.monotonic())
            symbols.append(status.progress.symbols)

    settings = dict(RUNS[name])
    corpus = data_folder() / settings.pop("corpus")
    mangosaurus.fit(corpus, steps=steps, order=2, watch=watch, **settings)
    # The progress has a running mean. What a step added to it is the step's own loss.
    losses = [means[0], *((after - 0.98 * before) / 0.02 for before, after in pairwise(means))]
    rate = (symbols[-1] - symbols[WARMING_UP - 1]) / (times[-1] - times[WARMING_UP - 1])
    if rank() == 0:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        out.write_text(json.dumps({"losses": losses, "rate": rate, "peak": peak}), encoding="utf-8")


def exchange(out: Path) -> None:
    """Times the sum of arrays over all processes, in each of them. The first writes the seconds."""
    times = {}
    for numbers in NUMBERS:
        values, taken = torch.zeros(numbers), []
        for _ in range(EXCHANGES):
            begun = time.monotonic()
            all_reduce(values)
            taken.append(time.monotonic() - begun)
        times[numbers] = taken
    if rank() == 0:
        out.write_text(json.dumps({"times": times}), encoding="utf-8")


def compare(processes: int, steps: int, folder: Path) -> dict[str, Figure]:
    """Prints and returns the difference between one process and several, and how fast each is."""
    figures = {}
    for name in RUNS:
        found = []
        for count in (1, processes):
            out = folder / "seen.json"
            words = ("benchmarks.distributed", "--train", name, "--steps", str(steps), "--out", str(out))
            subprocess.run(command(count, *words), check=True, capture_output=True, encoding="utf-8")
            found.append(json.loads(out.read_text(encoding="utf-8")))
        one, several = found
        difference = max(abs(a - b) for a, b in zip(one["losses"], several["losses"], strict=True))
        print(
            f"{name}: {len(one['losses'])} steps, losses at most {difference:.1e} apart (must 1e-04); "
            f"{one['rate']:,.0f} symbols/s in one process, {several['rate']:,.0f} in {processes}; "
            f"{one['peak']:,} MB at most in one, {several['peak']:,} MB in each",
            flush=True,
        )
        figures[f"{name}.difference"] = figure([difference], "nats per symbol")
        for kind, seen in (("one", one), ("several", several)):
            figures[f"{name}.{kind}.rate"] = figure([seen["rate"]], "symbols/s")
            figures[f"{name}.{kind}.peak"] = figure([seen["peak"]], "MB")
    return figures


def time_exchanges(processes: int, folder: Path) -> dict[str, Figure]:
    """Prints and returns the time of a step's exchange, for networks of several sizes."""
    out = folder / "exchanged.json"
    words = ("benchmarks.distributed", "--train", "exchange", "--out", str(out))
    subprocess.run(command(processes, *words), check=True, capture_output=True, encoding="utf-8")
    figures = {}
    for numbers, seconds in json.loads(out.read_text(encoding="utf-8"))["times"].items():
        figures[f"exchange.{numbers}"] = taken = figure([1000 * each for each in seconds], "ms")
        print(f"gradients of {int(numbers):,} weights summed up over {processes} processes: {taken.median:.1f} ms")
    return figures


def process_of(rank: int, launcher: int) -> int:
    """The process of this rank that `launcher` started."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            environment = (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == launcher and f"RANK={rank}".encode() in environment:
            return int(path.name)
    raise RuntimeError(f"no process of rank {rank} is running")


def kill_one(processes: int, steps: int, folder: Path) -> dict[str, Figure]:
    """Kills the last process in the middle, and resumes. `killed.same` is 1 if the model is the same, else 0."""
    corpus, checkpoints = str(data_folder() / "sonnets.train.txt"), folder / "checkpoints"
    common = ("mangosaurus", "train", corpus, "--quiet")
    options = ("--format", "text", "--order", "2", "--hidden", "64", "--steps", str(steps))
    whole, resumed = folder / "whole.safetensors", folder / "resumed.safetensors"
    begun = time.monotonic()
    subprocess.run(command(processes, *common, *options, "--out", str(whole)), check=True, capture_output=True)
    print(f"uninterrupted: {time.monotonic() - begun:.0f} s", flush=True)
    words = command(processes, *common, *options, "--checkpoint", str(checkpoints), "--every", "0.5s")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as job:
        while len(list(checkpoints.glob("checkpoint-*"))) < 2:
            time.sleep(0.1)
        time.sleep(2)
        killed = time.monotonic()
        os.kill(process_of(processes - 1, job.pid), signal.SIGKILL)
        status = job.wait()
    ended = time.monotonic() - killed
    print(f"one of {processes} killed: the job ended after {ended:.1f} s (must 30) with {status}")
    words = command(processes, *common, "--resume", str(checkpoints), "--out", str(resumed))
    subprocess.run(words, check=True, capture_output=True)
    same = whole.read_bytes() == resumed.read_bytes()
    print(f"resumed: the model is {'' if same else 'NOT '}that of the uninterrupted training")
    return {"killed.ended": figure([ended], "s"), "killed.status": figure([status]), "killed.same": figure([same])}


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--train", choices=["exchange", *RUNS], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train is not None:
        exchange(options.out) if options.train == "exchange" else train(options.train, options.steps, options.out)
        return
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        figures = {"steps": figure([options.steps]), "processes": figure([options.processes])}
        figures |= time_exchanges(options.processes, Path(folder))
        figures |= compare(options.processes, options.steps, Path(folder))
        figures |= kill_one(options.processes, 6 * options.steps, Path(folder))
    record_if(options.record, "distributed", figures)


if __name__ == "__main__":
    main()
