"""The tutorial notebook runs from top to bottom, with fewer iterations, and draws its figures."""

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import mangosaurus

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorials" / "dinosaurs-from-scratch.ipynb"
SHORTENED = {
    "ITERATIONS = 35_000": "ITERATIONS = 6_000",
    # Steps, not seconds: as good a model on a slow machine as on a fast one.
    'fit(training, budget=\\"10s\\")': "fit(training, steps=150)",
}
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def test_tutorial(tmp_path: Path) -> None:
    for package in ("nbclient", "ipykernel", "matplotlib", "torch"):
        pytest.importorskip(package)
    if not (resources.files("mangosaurus") / "corpora" / "dinosaurs.txt").is_file():
        pytest.skip("the bundled list of dinosaurs is not in this checkout")
    text = NOTEBOOK.read_text(encoding="utf-8")
    for long, short in SHORTENED.items():
        assert text.count(long) == 1
        text = text.replace(long, short)
    copy = tmp_path / NOTEBOOK.name
    copy.write_text(text, encoding="utf-8")
    # In a process of its own, whose warnings are not ours.
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(copy)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(mangosaurus.__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr

    cells: list[dict[str, Any]] = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) == 5
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    assert "same memory: True   same probabilities: True" in printed
    assert "vowel  unit" in printed
    losses = {who: float(loss) for who, loss in re.findall(r"^(.+?) +([\d.]+) nats a symbol, .* below", printed, re.M)}
    assert list(losses) == ["from scratch", "n-gram alone", "network alone", "mixture"]
    assert losses["mixture"] < 0.9 * losses["from scratch"]
    assert losses["mixture"] < min(losses["n-gram alone"], losses["network alone"])


def test_tutorial_is_kept_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert len(cells) > 20
    assert not [cell for cell in cells if cell.get("outputs")]
