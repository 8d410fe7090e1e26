"""Where the reference corpora are, and what machine this is."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def data_folder() -> Path:
    """`$MANGOSAURUS_DATA`, or `../shared/data` beside the project."""
    return Path(os.environ.get("MANGOSAURUS_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))


def machine() -> str:
    """Processors and versions, in one line."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch"))
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, {versions}"
