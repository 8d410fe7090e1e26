"""The bar that `fit` shows in a notebook, and that there is none elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from examples import NAMES, small_ngram, so_far
from patience import PATIENCE

import mangosaurus
from mangosaurus.api import notebook
from mangosaurus.api.notebook import Bar, watching
from mangosaurus.training.settings import Settings
from mangosaurus.training.status import Progress, Status


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the kernel of a notebook; tqdm finds none, and draws its bar on standard error."""
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)


def drawn(printed: str) -> list[str]:
    """The states of a bar one after the other, each without its bar."""
    states = [state for state in printed.replace("\n", "\r").split("\r") if state.strip()]
    return [state.split("|")[0] + "|" + state.split("|")[-1].strip() for state in states]


def wait(clock: Callable[[], float], seconds: float) -> None:
    for _ in range(round(seconds * 100)):
        clock()


def test_there_is_none_outside_a_notebook(capfd: pytest.CaptureFixture[str]) -> None:
    with watching() as watch:
        assert not isinstance(watch, Bar)
    mangosaurus.fit(NAMES, budget=0)
    assert capfd.readouterr() == ("", "")


def test_it_goes_with_the_budget(kernel: None, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]) -> None:
    status = Status("counting", clock(), Settings(budget=10))
    with watching() as watch:
        watch(status)
        assert capsys.readouterr().err == "", "a short fit has no bar"
        wait(clock, 1)
        watch(status)
        status.stage, status.progress, status.so_far = "training", Progress(step=5), so_far(small_ngram(), 2.25)
        wait(clock, 4)
        watch(status)
    first, *_, trained, last, end = drawn(capsys.readouterr().err)
    assert first.startswith("counting: ")
    assert "training network 1: " in trained or "training network 1: " in last
    assert "held-out loss 2.250; " in last
    assert end.startswith("trained: 100%")


def test_with_steps_it_goes_with_the_steps(
    kernel: None, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    status = Status("training", clock(), Settings(steps=200), progress=Progress(step=50, steps=200))
    with watching() as watch:
        wait(clock, 1)
        watch(status)
    assert "training network 1:  25%" in capsys.readouterr().err


def test_a_failed_fit_leaves_its_bar_where_it_was(
    kernel: None, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> None:
        with watching() as watch:
            wait(clock, 1)
            watch(Status("training", clock(), Settings(steps=4), progress=Progress(step=1, steps=4)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert drawn(capsys.readouterr().err)[-1].startswith("training network 1:  25%")


def test_one_who_watches_sees_no_bar(kernel: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "Bar", None)
    seen: list[str] = []
    mangosaurus.fit(NAMES, budget=0, watch=lambda status: seen.append(status.stage))
    assert seen


def test_without_tqdm_there_is_none(kernel: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "find_spec", lambda name: None)
    with watching() as watch:
        assert not isinstance(watch, Bar)


CELLS = [
    "import mangosaurus; from mangosaurus.api import notebook; notebook.SECONDS_A_REFRESH = 0",  # even a short fit
    "model = mangosaurus.fit(['Anna', 'Hanna', 'Johanna', 'Susanna'], budget=0); model",
    "samples = model.sample(4, seed=1); samples.star(samples[1])",
    "mangosaurus.like(samples.starred).sample(2, seed=1, allow_known=True)",
]
EXECUTE = f"""
import json, nbclient, nbformat
from nbformat.v4 import new_code_cell, new_notebook
book = new_notebook(cells=[new_code_cell(cell) for cell in {CELLS!r}])
nbclient.NotebookClient(book, timeout={PATIENCE}, kernel_name="python3").execute()
print(json.dumps(book))
"""


@pytest.mark.slow
def test_a_real_notebook_shows_the_bar_and_the_results(tmp_path: Path) -> None:
    for package in ("nbclient", "ipykernel", "ipywidgets"):
        pytest.importorskip(package)
    paths = {"PYTHONPATH": str(ROOT / "src")} if (ROOT / "src") in Path(mangosaurus.__file__).parents else {}
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | paths,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    book = json.loads(done.stdout)
    _, first, starred, liked = (cell["outputs"] for cell in book["cells"])
    assert any("application/vnd.jupyter.widget-view+json" in each.get("data", {}) for each in first)
    (widgets,) = book["metadata"]["widgets"].values()
    bars = [each["state"] for each in widgets["state"].values() if each["model_name"] == "FloatProgressModel"]
    assert bars
    assert {(bar["value"], bar["max"], bar["bar_style"]) for bar in bars} == {(1.0, 1.0, "success")}
    shown = [outputs[-1]["data"] for outputs in (first, starred, liked)]
    assert all("text/html" in each for each in shown)
    assert "★" in shown[1]["text/html"]
    assert shown[0]["text/plain"].startswith("<Model of names")
