"""Held-out loss for the seconds given: `python -m benchmarks.quality [--seeds 3] [--only dinos] [--longest 120]
[--record]`.

Fits the training part of each reference corpus within its budget, with several seeds, and prints the median loss of the
test part. Nothing is chosen by the test parts.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import mangosaurus
from benchmarks.record import Figure, data_folder, figure, machine, record_if, recording_parser


@dataclass(frozen=True)
class Goal:
    """A corpus, a budget in seconds, and the nats per symbol to reach."""

    corpus: str
    budget: float
    must: float
    aim: float


GOALS = (
    Goal("dinos", 0, 1.475, 1.45),
    Goal("dinos", 10, 1.40, 1.38),
    Goal("sonnets", 30, 1.51, 1.48),
    Goal("tinyshakespeare", 120, 1.415, 1.38),
    Goal("tinyshakespeare", 1200, 1.34, 1.31),
)


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--longest", type=float, default=120, help="leave out larger budgets, in seconds")
    options = parser.parse_args()
    record_if(options.record, "quality", measure(options.seeds, options.only, options.longest))


def measure(seeds: int, only: str, longest: float) -> dict[str, Figure]:
    """Prints a line for each goal, and returns losses and seconds, as `dinos.10.loss` and `dinos.10.seconds`."""
    data, figures = data_folder(), {}
    print(machine())
    columns = (
        f"{'corpus':16} {'budget':>7} {'nats':>7} {'spread':>14} {'must':>6} {'aim':>5} {'wall s':>7} {'slowest':>8}"
    )
    print(f"{columns}  model")
    for goal in GOALS:
        if goal.budget > longest or only not in ("", goal.corpus):
            continue
        losses, walls = [], []
        for seed in range(seeds):
            started = time.perf_counter()
            model = mangosaurus.fit(data / f"{goal.corpus}.train.txt", budget=goal.budget, seed=seed)
            walls.append(time.perf_counter() - started)
            losses.append(model.evaluate(data / f"{goal.corpus}.test.txt").nats_per_symbol)
        spread = f"{min(losses):.3f}-{max(losses):.3f}"
        print(
            f"{goal.corpus:16} {goal.budget:6.0f}s {statistics.median(losses):7.4f} {spread:>14} {goal.must:6.3f} "
            f"{goal.aim:5.2f} {statistics.median(walls):7.2f} {max(walls):8.2f}  {model.info()['model']}",
            flush=True,
        )
        figures[f"{goal.corpus}.{goal.budget:g}.loss"] = figure(losses, "nats per symbol")
        figures[f"{goal.corpus}.{goal.budget:g}.seconds"] = figure(walls, "s")
    return figures


if __name__ == "__main__":
    main()
