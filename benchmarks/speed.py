"""Speeds beside those of another checkout, such as 0.1.0: `python -m benchmarks.speed ../mangosaurus-0.1.0 [--runs 9]`.

Starts are CPU seconds of a new process, as ratios to `python -c "import numpy"`. Sampling is a rate by CPU seconds of a
process of its own, as a ratio to the other checkout's in the same round. The two take turns, so that what else the
machine does slows both. Bytecode is written before. `--check` fails below what must be reached.

`--many 1000000` also writes so many names to a file, on one core and on two: names a second, CPU seconds by seconds
(how many cores are busy), and the highest memory, that of the processes which draw them included. Only on a quiet
machine are the cores those of this process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
STARTS = {"--help": ["--help"], "sample -n 10": ["sample", "-n", "10"], "write": ["write", "--length", "1"]}
MOST = {"--help": 1.5, "sample -n 10": 2.6}
"""Ratios to `import numpy` that must be reached."""
LEAST = {"names": 1.5, "text": 1.8}
"""Ratios to the other checkout's rates that must be reached."""
MOST_MEMORY = 400
"""Megabytes that many names may take."""
RATES = {
    "names": "model = mangosaurus.load()\nmodel.sample(600, seed=0)\nrun = lambda: model.sample(10_000, seed=1)",
    "text": "model = mangosaurus.load('sonnets')\nrun = lambda: ''.join(model.write('Shall I', length=10_000, seed=1))",
}
"""What makes 10,000 new names and 10,000 characters."""
RATE = """import time, mangosaurus
{}
run()
begun = time.process_time()
run()
print(10_000 / (time.process_time() - begun))"""


MANY = """import os, re, resource, sys, time
os.cpu_count = lambda: {cores}
from mangosaurus.__main__ import main
begun = time.monotonic()
try:
    main()
finally:
    seconds = time.monotonic() - begun
    own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
    others = {cores} * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(seconds, sum(os.times()[:4]) / seconds, (own + others) / 1000)"""
"""Writes names, and prints its seconds, how many cores were busy, and the highest memory, Linux's own count, in MB."""


def environment(checkout: Path) -> dict[str, str]:
    """That of a process that imports a checkout. One thread a product: what is measured is the work."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(checkout / "src"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def cpu_seconds(words: list[str], checkout: Path) -> float:
    """Of a new process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], env=environment(checkout), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def rate(name: str, checkout: Path) -> float:
    """Names or characters a CPU second."""
    words = [sys.executable, "-c", RATE.format(RATES[name])]
    done = subprocess.run(words, env=environment(checkout), check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def many(n: int, cores: int) -> tuple[float, float, float]:
    """Names a second, how many cores were busy, and the highest memory in MB, of names written to a file."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["sample", "-n", str(n), "--seed", "1", "--out", f"{folder}/names.txt"]
        command = [sys.executable, "-c", MANY.format(cores=cores), *words]
        done = subprocess.run(command, env=environment(HERE), check=True, stdout=subprocess.PIPE, text=True)
    seconds, busy, peak = map(float, done.stdout.split())
    return n / seconds, busy, peak


def shown(values: list[float], unit: str = "") -> str:
    return f"{statistics.median(values):10,.2f} ({min(values):,.2f} to {max(values):,.2f}){unit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, nargs="?", help="another checkout of the project")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--many", type=int, default=0, metavar="N", help="write so many names to a file as well")
    parser.add_argument("--check", action="store_true", help="exit status 1 if a ratio is worse than it must be")
    options = parser.parse_args()
    failed = []
    for name, words in STARTS.items():
        command = ["-m", "mangosaurus", *words]
        cpu_seconds(command, HERE)
        pairs = [(cpu_seconds(command, HERE), cpu_seconds(["-c", "import numpy"], HERE)) for _ in range(options.runs)]
        ratio = statistics.median(own for own, _ in pairs) / statistics.median(numpy for _, numpy in pairs)
        print(f"{name:14}{shown([own for own, _ in pairs], ' s')}; {ratio:.2f} times import numpy", flush=True)
        failed += [name] if ratio > MOST.get(name, ratio) else []
    for name in RATES if options.other is not None else ():
        both = [(rate(name, HERE), rate(name, options.other)) for _ in range(options.runs)]
        ratios = [own / theirs for own, theirs in both]
        print(f"{name:14}{shown([own for own, _ in both], '/s')}; {shown(ratios)} times the other's", flush=True)
        failed += [name] if statistics.median(ratios) < LEAST[name] else []
    for cores in (1, 2) if options.many else ():
        rates, busy, peaks = zip(*(many(options.many, cores) for _ in range(max(1, options.runs // 3))), strict=True)
        of_machine = f"{shown(list(busy))} cores busy, {max(peaks):.0f} MB"
        print(f"many, {cores} core{'s' * (cores > 1):5}{shown(list(rates), '/s')}; {of_machine}", flush=True)
        failed += ["memory"] if max(peaks) > MOST_MEMORY else []
    if options.check and failed:
        sys.exit(f"worse than it must be: {', '.join(failed)}")


if __name__ == "__main__":
    main()
