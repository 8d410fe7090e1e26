"""Runs a tutorial notebook from top to bottom, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from patience import PATIENCE

import mangosaurus

FOLDER = ROOT / "docs" / "tutorials"
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=int(sys.argv[2]), kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def cells_of(name: str) -> list[dict[str, Any]]:
    """The cells of a notebook as they are stored."""
    cells: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
    return cells


def outputs_of(
    name: str, shortened: Mapping[str, str], folder: Path, environment: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """What the code cells put out, of a copy in `folder` where each key of `shortened`, which occurs once, is replaced.

    Skips the test where what executes notebooks is not installed; fails if a cell does, or writes on standard error.
    """
    for package in ("nbclient", "ipykernel", "matplotlib", "torch"):
        pytest.importorskip(package)
    text = (FOLDER / name).read_text(encoding="utf-8")
    for long, short in shortened.items():
        assert text.count(long) == 1, long
        text = text.replace(long, short)
    copy = folder / name
    copy.write_text(text, encoding="utf-8")
    # In a process of its own, whose warnings are not ours.
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(copy), str(PATIENCE)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(mangosaurus.__file__).parents[1])} | (environment or {}),
    )
    assert done.returncode == 0, done.stderr

    cells: list[dict[str, Any]] = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    return outputs


def figures_in(outputs: list[dict[str, Any]]) -> int:
    """How many pictures there are."""
    return sum("image/png" in output.get("data", {}) for output in outputs)


def printed_in(outputs: list[dict[str, Any]]) -> str:
    """All that was printed."""
    return "".join("".join(output.get("text", "")) for output in outputs)
