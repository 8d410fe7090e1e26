"""Damaged input: `python -m benchmarks.fuzzing [models …] [--count 10000] [--seed 0]`.

Makes damaged inputs of each kind, and reads each in a subprocess. None may take more than two seconds of the processor
or 500 MB of memory, run code, write a file, end the process, or raise anything but an error of one line. A model that
was read must predict. The same seed makes the same inputs (for checkpoints, the same damage to another run). `--only
N` makes input N alone.

A finding is printed, and its input is kept in the folder `--keep`. The exit status is 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from functools import partial
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / name) for name in (".", "fuzzing")]

from fuzz_targets import TARGETS, Target  # noqa: E402
from fuzz_uses import ExecutedError, before_drawing, nothing_executed  # noqa: E402

DRAWING = 10.0
"""Seconds of the processor for a search that finds no names."""
MOST_FINDINGS = 50
PATIENCE = 60
"""Seconds without output from the subprocess, after which it is killed."""


class TooSlowError(BaseException):
    """An input took too long."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help=f"some of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--count", type=int, help="inputs of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one input")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "mangosaurus-fuzzing")
    parser.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        read_all(options.targets[0], options.seed, range(*options.worker))
        return
    findings = 0
    for name in options.targets or TARGETS:
        count = options.count or TARGETS[name].usual
        numbers = range(count) if options.only is None else range(options.only, options.only + 1)
        findings += watch(name, options.seed, numbers, options.keep)
    sys.exit(1 if findings else 0)


def watch(name: str, seed: int, numbers: range, keep: Path) -> int:
    """Reads all inputs in one subprocess after the other, prints a summary, and returns the number of findings."""
    outcomes: Counter[str] = Counter()
    slowest: tuple[float, int] = (0.0, -1)
    largest: tuple[int, int] = (0, -1)
    begun, spent, following, findings = time.perf_counter(), 0.0, numbers.start, 0
    while following < numbers.stop:
        command = [sys.executable, "-m", "benchmarks.fuzzing", name, "--seed", str(seed)]
        command += ["--worker", str(following), str(numbers.stop)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            if not process.stdout.readline():
                sys.exit(f"{name}: good inputs are not read:\n{process.stderr.read().decode()}")
            while select.select([process.stdout], [], [], PATIENCE)[0] and (line := process.stdout.readline()):
                report = json.loads(line)
                outcome = report["outcome"]
                outcomes[outcome.split(":")[0]] += 1
                spent += report["seconds"]
                slowest = max(slowest, (report["seconds"], following))
                largest = max(largest, (report["bytes"], following))
                if not outcome.startswith(("fine", "refused")):
                    findings += 1
                    print(f"{name} {following}, {report['what']}: {outcome}", flush=True)
                    keep_input(keep, name, seed, following)
                following += 1
                if findings == MOST_FINDINGS:
                    sys.exit(f"{name}: stopped after {findings} findings")
            process.kill()
            complaint = process.stderr.read().decode("utf-8", "replace").strip().splitlines()[-3:]
        if following < numbers.stop and process.returncode:
            findings += 1
            outcomes["ended the process"] += 1
            ended = f"the process ended with {process.returncode}: {' / '.join(complaint)}"
            print(f"{name} {following}: {ended}", flush=True)
            keep_input(keep, name, seed, following)
            following += 1
    taken = time.perf_counter() - begun
    print(
        f"{name}: {len(numbers):,} inputs, {', '.join(f'{count:,} {what}' for what, count in outcomes.most_common())}; "
        f"{1000 * taken / len(numbers):.1f} s a thousand, {1000 * spent / len(numbers):.1f} s of the processor; "
        f"slowest {slowest[0]:.2f} s (number {slowest[1]}), most memory {largest[0] / 1e6:.0f} MB (number {largest[1]})"
    )
    return findings


def keep_input(keep: Path, name: str, seed: int, number: int) -> None:
    """Writes the input to a file in the folder `keep`."""
    keep.mkdir(parents=True, exist_ok=True)
    _, data = make(name, seed, number)
    (keep / f"{name}-{seed}-{number}").write_bytes(data)


def make(name: str, seed: int, number: int) -> tuple[str, bytes]:
    """The kind of damage, and the input."""
    return TARGETS[name].make(random.Random(f"{name} {seed} {number}"))


def read_all(name: str, seed: int, numbers: range) -> None:
    """Reads the inputs, in the subprocess, and writes a line of JSON about each."""
    target = TARGETS[name]
    warnings.simplefilter("error")
    signal.signal(signal.SIGPROF, too_slow)
    before_drawing.append(partial(start_clock, DRAWING))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        for data in target.good():  # imports what is imported late
            path.write_bytes(data)
            target.use(path)
        before = status("VmRSS")
        resource.setrlimit(resource.RLIMIT_AS, (status("VmSize") + target.memory,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        print(flush=True)
        for number in numbers:
            what, data = make(name, seed, number)
            path.write_bytes(data)
            Path("/proc/self/clear_refs").write_text("5")  # the highest resident memory counts from here
            started = time.process_time()
            outcome = outcome_of(target, path)
            seconds = time.process_time() - started
            peak = max(0, status("VmHWM") - before)
            if peak > target.memory:
                outcome = f"memory: {peak:,} bytes; {outcome}"
            report = {"what": what, "outcome": outcome, "seconds": seconds, "bytes": peak}
            print(json.dumps(report), flush=True)


def outcome_of(target: Target, path: Path) -> str:
    """Reads one input, and returns the outcome in words."""
    try:
        start_clock(target.seconds)
        with nothing_executed(target.forbidden):
            said = target.use(path)
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if isinstance(error, KeyboardInterrupt):
            raise
        last = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in last if "src" in Path(frame.filename).parts]
        where = (own or last)[-1]
        kind = {TooSlowError: "slow", ExecutedError: "executed"}.get(type(error), type(error).__name__)
        return f"{kind}: {str(error)[:300]!r} at {Path(where.filename).name}:{where.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return said


def start_clock(seconds: float) -> None:
    """Raises TooSlowError after this many seconds of the processor."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlowError


def status(entry: str) -> int:
    """Bytes, from Linux's status of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{entry}:"))


if __name__ == "__main__":
    main()
