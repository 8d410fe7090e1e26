"""Rebuilds every bundled model from its corpus: `python tools/bundle.py`.

It trains by steps, not by seconds, so the same machine makes the same files again. `--check` compares them and writes
nothing. The sonnets come from $MANGOSAURUS_DATA, the cache or a download, as for `mangosaurus train sonnets`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import mangosaurus

BUNDLED = Path(__file__).resolve().parent.parent / "src" / "mangosaurus" / "bundled"


def build(name: str, path: Path) -> None:
    """Trains the model of a bundled or registered corpus and writes it to `path`."""
    if name == "dinosaurs":
        model = mangosaurus.fit(steps=480, members=1, hidden=96, order=6, seed=1, prior=False)
    else:
        model = mangosaurus.fit(name, steps=1400, members=1, hidden=192, order=6, seed=1)
    model.save(path, overwrite=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes, held-out {model.training['held_out']:.4f} nats per symbol")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dinosaurs", "sonnets"):
            target = BUNDLED / f"{name}.safetensors"
            if "--check" not in sys.argv[1:]:
                build(name, target)
                continue
            again = Path(folder) / target.name
            build(name, again)
            if again.read_bytes() != target.read_bytes():
                sys.exit(f"{target} differs from a new training; run python tools/bundle.py")


if __name__ == "__main__":
    main()
