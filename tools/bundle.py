"""Rebuilds every bundled model from its corpus: `python tools/bundle.py`.

By steps, not by seconds, so that the same machine makes the same file again; `--check` compares instead of writing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import mangosaurus

BUNDLED = Path(__file__).resolve().parent.parent / "src" / "mangosaurus" / "bundled"


def build(path: Path) -> None:
    """Trains the model of the bundled dinosaurs and writes it to `path`."""
    model = mangosaurus.fit(steps=480, members=1, hidden=96, order=6, seed=1)
    model.save(path, overwrite=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes, held-out {model.training['held_out']:.4f} nats per symbol")


def main() -> None:
    target = BUNDLED / "dinosaurs.safetensors"
    if "--check" not in sys.argv[1:]:
        build(target)
        return
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / target.name
        build(again)
        if again.read_bytes() != target.read_bytes():
            sys.exit(f"{target} is not what its corpus gives; run python tools/bundle.py")


if __name__ == "__main__":
    main()
