"""LSTMs and transformers on two cores: `python -m benchmarks.cells [--budget 35] [--record]`.

Each is trained on the training part of the sonnets within the budget, a tenth of it held out. The held-out loss is of
the network alone, without its n-gram.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import mangosaurus
from benchmarks.record import Figure, data_folder, figure, machine, record_if, recording_parser

RUNS: dict[str, dict[str, Any]] = {
    "lstm_256": {"cell": "lstm", "hidden": 256},
    "transformer_4_96": {"cell": "transformer", "hidden": 96, "layers": 4},
    "transformer_2_128": {"cell": "transformer", "hidden": 128, "layers": 2},
}


def measure(budget: float) -> dict[str, Figure]:
    """Prints and returns the loss of each, and the processor time of its training."""
    figures = {"budget": figure([budget], "s")}
    for key, settings in RUNS.items():
        begun = time.process_time()
        trained = mangosaurus.fit(data_folder() / "sonnets.train.txt", budget=budget, members=1, **settings)
        seconds, info = time.process_time() - begun, trained.info()
        loss = info["training"].get("held_out_network")
        if loss is None:
            sys.exit(f"--budget {budget:g} is too short for a network: give more")
        print(f"{loss:.4f} nats per symbol, {seconds:.0f} s of processor time: {info['model']}", flush=True)
        figures |= {f"{key}.loss": figure([loss], "nats per symbol"), f"{key}.seconds": figure([seconds], "s")}
    return figures


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--budget", type=float, default=35, help="seconds of each")
    options = parser.parse_args()
    print(machine())
    record_if(options.record, "cells", measure(options.budget))


if __name__ == "__main__":
    main()
